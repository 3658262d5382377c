//! A drawing that is as wide as its page: places from left to right are shares of the width, heights are pixels.
//!
//! So letters keep their size on a telephone and on paper, and nothing is drawn twice for two widths. Lines and areas
//! lie in a layer that is stretched, whose strokes are not.

use std::fmt::Write as _;

use crate::html::escaped;
use crate::scale::{Scale, Time};

/// Thousandths of the width: the stretched layers' own unit.
const WIDE: f64 = 1000.0;

/// Where text stands from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    name: String,
    title: String,
    about: String,
    height: f64,
    body: String,
    /// Names of ticks, which lie above everything else.
    names: String,
}

impl Plot {
    /// A drawing of `height` pixels. `name` is its id in the page; `about` says in words what can be seen.
    pub(crate) fn new(
        name: impl Into<String>,
        title: impl Into<String>,
        about: impl Into<String>,
        height: f64,
    ) -> Plot {
        Plot {
            name: name.into(),
            title: title.into(),
            about: about.into(),
            height,
            body: String::new(),
            names: String::new(),
        }
    }

    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    /// Lines across at the scale's ticks, each named above its left end.
    pub(crate) fn grid(&mut self, scale: &Scale, name: impl Fn(f64) -> String) {
        for tick in scale.ticks() {
            let y = place(scale.at(*tick));
            self.put(format_args!("<line class=\"g\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"));
        }
        for tick in scale.ticks() {
            let (y, name) = (place(scale.at(*tick) - 4.0), escaped(&name(*tick)));
            let _ = writeln!(self.names, "<text class=\"t\" x=\"0\" y=\"{y}\">{name}</text>");
        }
    }

    /// The days' names below `y`, each from its line on.
    pub(crate) fn time(&mut self, time: &Time, y: f64) {
        let ticks = time.ticks();
        for (n, (x, name)) in ticks.iter().enumerate() {
            let (left, top, end) = (percent(*x), place(y), place(y + 5.0));
            self.put(format_args!("<line class=\"g\" x1=\"{left}\" x2=\"{left}\" y1=\"{top}\" y2=\"{end}\"/>"));
            // The last name would leave the drawing: it stands before its line, if there is room.
            let before = ticks.get(n.wrapping_sub(1)).map_or(0.0, |t| t.0);
            match *x > 0.93 {
                false => self.text(*x, y + 16.0, Anchor::Start, "t", name),
                true if x - before > 0.16 => self.text(*x, y + 16.0, Anchor::End, "t", name),
                true => {}
            }
        }
    }

    /// A line through points (share of the width, pixels).
    pub(crate) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let Some(path) = path(points) else { return };
        self.stretched(class, &path);
    }

    /// The area between points and a straight line at `base`.
    pub(crate) fn area(&mut self, class: &str, points: &[(f64, f64)], base: f64) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let mut edge = points.to_vec();
        edge.extend([(last.0, base), (first.0, base)]);
        if let Some(path) = path(&edge) {
            self.stretched(class, &format!("{path}z"));
        }
    }

    /// The area between two rows of points.
    pub(crate) fn band(&mut self, class: &str, upper: &[(f64, f64)], lower: &[(f64, f64)]) {
        let edge: Vec<(f64, f64)> = upper.iter().chain(lower.iter().rev()).copied().collect();
        if let Some(path) = path(&edge) {
            self.stretched(class, &format!("{path}z"));
        }
    }

    fn stretched(&mut self, class: &str, path: &str) {
        let height = place(self.height);
        self.put(format_args!(
            "<svg viewBox=\"0 0 1000 {height}\" preserveAspectRatio=\"none\" width=\"100%\" \
             height=\"{height}\"><path class=\"{class}\" d=\"{path}\"/></svg>"
        ));
    }

    /// A rectangle from one share of the width to another, and from one height to another; `row` is the row of the
    /// table that it stands for.
    pub(crate) fn rect(&mut self, class: &str, (from, to): (f64, f64), (top, bottom): (f64, f64), row: Option<usize>) {
        let (top, bottom) = if bottom < top { (bottom, top) } else { (top, bottom) };
        let (x, y, width, height) = (percent(from), place(top), percent((to - from).max(0.0)), place(bottom - top));
        let row = of_row(row);
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{row}/>"
        ));
    }

    /// A dot.
    pub(crate) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64, row: Option<usize>) {
        let (x, y, radius, row) = (percent(x), place(y), place(radius), of_row(row));
        self.put(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{row}/>"));
    }

    /// A straight line between two points.
    pub(crate) fn straight(&mut self, class: &str, from: (f64, f64), to: (f64, f64), row: Option<usize>) {
        let (x1, y1, x2, y2, row) = (percent(from.0), place(from.1), percent(to.0), place(to.1), of_row(row));
        self.put(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{row}/>"));
    }

    /// Words.
    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, text) = (percent(x), place(y), escaped(text));
        self.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"));
    }

    /// The whole drawing, with its title and description for those who cannot see it.
    pub(crate) fn svg(&self, labels: &[&str]) -> String {
        let (name, height) = (escaped(&self.name), place(self.height));
        let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
        let (title, about) = (escaped(&format!("{}{labels}", self.title)), escaped(&self.about));
        format!(
            "<svg class=\"plot\" role=\"img\" tabindex=\"0\" aria-labelledby=\"{name}-t {name}-d\" width=\"100%\" \
             height=\"{height}\">\n<title id=\"{name}-t\">{title}</title>\n\
             <desc id=\"{name}-d\">{about}</desc>\n{}{}</svg>\n",
            self.body, self.names
        )
    }
}

/// A path through points; `None` through fewer than two.
fn path(points: &[(f64, f64)]) -> Option<String> {
    if points.len() < 2 {
        return None;
    }
    let mut path = String::with_capacity(points.len() * 12);
    for (n, (x, y)) in points.iter().enumerate() {
        path.push(if n == 0 { 'M' } else { 'L' });
        let _ = write!(path, "{} {}", place(x * WIDE), place(*y));
    }
    Some(path)
}

fn of_row(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(" data-r=\"{row}\""))
}

/// A share of the width.
fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{}%", short(&text))
}

/// Pixels, to the tenth.
fn place(value: f64) -> String {
    short(&format!("{value:.1}")).to_owned()
}

fn short(text: &str) -> &str {
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" || text == "-" { "0" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        assert_eq!([percent(0.5), percent(1.0), percent(0.123_456), percent(0.0)], ["50%", "100%", "12.35%", "0%"]);
        assert_eq!([place(10.0), place(-0.04), place(3.12)], ["10", "0", "3.1"]);
    }

    #[test]
    fn a_drawing_says_what_it_shows() {
        let mut plot = Plot::new("p", "A & B", "rises", 100.0);
        plot.line("l", &[(0.0, 1.0), (1.0, 2.0)]);
        plot.line("l", &[(0.0, 1.0)]);
        plot.rect("r", (0.25, 0.5), (10.0, 5.0), Some(3));
        plot.text(0.5, 9.0, Anchor::Middle, "t", "<b>");
        let svg = plot.svg(&["SIMULATED"]);
        assert!(svg.contains("<title id=\"p-t\">A &amp; B (SIMULATED)</title>\n<desc id=\"p-d\">rises</desc>"));
        assert_eq!(svg.matches("<path").count(), 1, "no line goes through one point");
        assert!(svg.contains("d=\"M0 1L1000 2\""));
        assert!(svg.contains("<rect class=\"r\" x=\"25%\" y=\"5\" width=\"25%\" height=\"5\" data-r=\"3\"/>"));
        assert!(svg.contains("text-anchor=\"middle\">&lt;b&gt;</text>"));
    }
}
