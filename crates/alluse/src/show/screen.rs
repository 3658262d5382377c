//! What standard output is: how wide, and whether it has colours.

use std::io::{self, IsTerminal};

use crate::home::variable;

/// Lines longer than this are hard to read, however wide the terminal.
const WIDEST: usize = 120;
/// A narrower terminal gets lines of this width: below it tables are unreadable anyway.
const NARROWEST: usize = 40;

/// What output goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Columns; `None` for a pipe or a file, where nothing is wrapped.
    width: Option<usize>,
    colour: bool,
}

impl Screen {
    /// Standard output. An exported COLUMNS counts as its width, as in other programs.
    pub(crate) fn stdout() -> Screen {
        let terminal = io::stdout().is_terminal();
        let told = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let found = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        let width = told.or(found).or(terminal.then_some(80));
        Screen { width: width.map(|w| w.clamp(NARROWEST, WIDEST)), colour: terminal && wants_colour() }
    }

    /// A pipe or a file.
    #[cfg(test)]
    pub(super) const fn pipe() -> Screen {
        Screen { width: None, colour: false }
    }

    /// Columns, if lines are to be kept within any.
    pub(crate) const fn width(self) -> Option<usize> {
        self.width
    }

    /// Bold, where there are colours.
    pub(crate) fn bold(self, text: &str) -> String {
        self.painted("1", text)
    }

    /// What must not be overlooked: yellow, where there are colours.
    pub(crate) fn warning(self, text: &str) -> String {
        self.painted("1;33", text)
    }

    /// What may be overlooked: dim, where there are colours.
    pub(crate) fn dim(self, text: &str) -> String {
        self.painted("2", text)
    }

    fn painted(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text` in lines of the screen's width, those after the first begun with `hang` spaces. Line breaks in it stay.
    pub(crate) fn wrap(self, text: &str, hang: usize) -> String {
        match self.width {
            None => text.to_owned(),
            Some(width) => text.lines().map(|line| wrapped(line, width, hang)).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// Whether colour is wanted at all (<https://no-color.org>; a dumb terminal has none).
pub(crate) fn wants_colour() -> bool {
    variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb")
}

fn wrapped(line: &str, width: usize, hang: usize) -> String {
    let lead = line.chars().take_while(|c| *c == ' ').count();
    let mut out = " ".repeat(lead);
    let (mut used, mut empty) = (lead, true);
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if !empty && used + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(lead + hang));
            used = lead + hang;
        } else if !empty {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
        empty = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_behind_their_dash() {
        let text = "- one two three four";
        assert_eq!(wrapped(text, 11, 2), "- one two\n  three\n  four");
        assert_eq!(wrapped("  indented and long", 12, 2), "  indented\n    and long");
        assert_eq!(wrapped("averylongwordthatdoesnotfit", 5, 2), "averylongwordthatdoesnotfit");
        let pipe = Screen::pipe();
        assert_eq!((pipe.wrap(text, 2), pipe.bold("x")), (text.to_owned(), "x".to_owned()));
    }

    #[test]
    fn colour_is_put_around_text_only_where_there_is_any() {
        let screen = Screen { width: Some(80), colour: true };
        assert_eq!(screen.bold("x"), "\x1b[1mx\x1b[0m");
    }
}
