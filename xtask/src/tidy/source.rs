//! A Rust file as the checks see it: what its code mentions, line by line, without comments and the text of strings.
//!
//! A scanner rather than a parser, so that `xtask` builds in seconds: it knows comments, strings, `use` trees, and
//! which lines are compiled for tests only. It is enough to find a mention; what it finds is checked by people.

use std::collections::BTreeSet;

/// Something that code mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A path such as `std::fs::File`, or one identifier. Groups of a `use` are written out.
    Path,
    /// The name after a dot, followed by a call: `x.exp()`.
    Method,
    /// The last name of a macro's path, as in `println!(…)`.
    Macro,
    /// What stands in `#[…]`, such as `ignore`.
    Attribute,
}

/// One mention.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// What it is.
    pub(crate) kind: Kind,
    /// The path or name.
    pub(crate) name: String,
    /// Whether it stands under `#[cfg(test)]`.
    pub(crate) test: bool,
}

impl Mention {
    /// Whether the path holds the segments of `pattern` in a row: `std::fs` is held by `std::fs::File`.
    pub(crate) fn holds(&self, pattern: &str) -> bool {
        let (path, pattern): (Vec<&str>, Vec<&str>) = (self.name.split("::").collect(), pattern.split("::").collect());
        path.windows(pattern.len()).any(|w| w == pattern)
    }
}

/// What a file's code mentions, and the modules that it declares for tests only (`#[cfg(test)] mod name;`).
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// In the order of lines.
    pub(crate) mentions: Vec<Mention>,
    /// Names of modules in files of their own that are compiled for tests only.
    pub(crate) test_modules: BTreeSet<String>,
}

impl Source {
    /// Scans the text of a Rust file.
    pub(crate) fn scan(text: &str) -> Source {
        let tokens = tokens(&mask(text));
        let (tests, test_modules) = test_spans(&tokens);
        let mut mentions = mentions(&tokens, &tests);
        mentions.sort();
        mentions.dedup();
        Source { mentions, test_modules }
    }
}

/// The text with comments and the content of strings and characters blanked, each line where it was.
pub(crate) fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (end, keep) = span(&chars, at);
        for &c in &chars[at..end] {
            out.push(if keep || c == '\n' { c } else { ' ' });
        }
        at = end;
    }
    out
}

/// Where the piece that begins at `at` ends, and whether it is code.
fn span(chars: &[char], at: usize) -> (usize, bool) {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (find(chars, at, |c| c == '\n'), false),
        '/' if next == Some('*') => (block_comment_end(chars, at), false),
        '"' => (string_end(chars, at + 1), false),
        '\'' if is_char_literal(chars, at) => (char_end(chars, at), false),
        c if is_word(c) => {
            let end = find(chars, at, |c| !is_word(c));
            let word: String = chars[at..end].iter().collect();
            let raw = matches!(word.as_str(), "r" | "br" | "cr");
            match raw.then(|| raw_string_end(chars, end)).flatten() {
                Some(string) => (string, false),
                None => (end, true),
            }
        }
        _ => (at + 1, true),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|&c| stop(c)).map_or(chars.len(), |i| from + i)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0, at);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') if depth == 1 => return i + 2,
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// The end of `#"…"#` after the `r`, with any number of `#`; nothing where no raw string begins.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let open = find(chars, at, |c| c != '#');
    let hashes = open - at;
    (chars.get(open) == Some(&'"')).then(|| {
        let closes =
            |i: &usize| chars[*i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        (open + 1..chars.len()).find(closes).map_or(chars.len(), |i| i + 1 + hashes)
    })
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn is_char_literal(chars: &[char], at: usize) -> bool {
    chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')
}

fn char_end(chars: &[char], at: usize) -> usize {
    let first = if chars.get(at + 1) == Some(&'\\') { at + 3 } else { at + 2 };
    (find(chars, first.min(chars.len()), |c| c == '\'') + 1).min(chars.len())
}

/// A word or a sign of the code, with its line; `::` is one sign.
#[derive(Clone, Debug)]
struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| is_word(c) && !c.is_ascii_digit())
    }
}

fn tokens(code: &str) -> Vec<Token> {
    let chars: Vec<char> = code.chars().collect();
    let (mut out, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let end = match chars[at] {
            c if is_word(c) => find(&chars, at, |c| !is_word(c)),
            ':' if chars.get(at + 1) == Some(&':') => at + 2,
            _ => at + 1,
        };
        match chars[at] {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            _ => out.push(Token { line, text: chars[at..end].iter().collect() }),
        }
        at = end;
    }
    out
}

fn text_at(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |t| t.text.as_str())
}

/// The index after the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i + 1;
        }
    }
    tokens.len()
}

/// For each token whether it stands under `#[cfg(test)]` or `#[test]`; and the modules declared there.
fn test_spans(tokens: &[Token]) -> (Vec<bool>, BTreeSet<String>) {
    let (mut tests, mut modules) = (vec![false; tokens.len()], BTreeSet::new());
    let mut at = 0;
    while at < tokens.len() {
        if text_at(tokens, at) != "#" || text_at(tokens, at + 1) != "[" {
            at += 1;
            continue;
        }
        let end = closing(tokens, at + 1);
        let inside: Vec<&str> = tokens[at + 2..end.max(at + 3) - 1].iter().map(|t| t.text.as_str()).collect();
        let for_tests = matches!(inside.as_slice(), ["cfg", "(", "test", ")"] | ["test"])
            || matches!(inside.as_slice(), ["cfg", "(", "all", "(", "test", ..]);
        if !for_tests {
            at = end;
            continue;
        }
        let item = item_end(tokens, end);
        tests[at..item].fill(true);
        if let Some(i) = (end..item).find(|&i| text_at(tokens, i) == "mod")
            && text_at(tokens, i + 2) == ";"
        {
            modules.insert(text_at(tokens, i + 1).to_owned());
        }
        at = item;
    }
    (tests, modules)
}

/// The end of the item that begins at `from`: its closing brace, or its semicolon where it has no body.
fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() {
        match text_at(tokens, at) {
            "{" => return closing(tokens, at),
            ";" => return at + 1,
            "(" | "[" => at = closing(tokens, at),
            _ => at += 1,
        }
    }
    tokens.len()
}

fn mentions(tokens: &[Token], tests: &[bool]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.text == "use" {
            let end = (at..tokens.len()).find(|&i| text_at(tokens, i) == ";").unwrap_or(tokens.len());
            use_tree(&tokens[at + 1..end], "", tests[at], &mut out);
            at = end;
        } else if token.text == "#" && text_at(tokens, at + 1) == "[" {
            at = attribute(tokens, at, tests[at], &mut out);
        } else if token.is_name() {
            at = name(tokens, at, tests[at], &mut out);
        } else {
            at += 1;
        }
    }
    out
}

/// An attribute is named by all of its words, so that `ignore` and `ignore =` can be told apart.
fn attribute(tokens: &[Token], at: usize, test: bool, out: &mut Vec<Mention>) -> usize {
    let end = closing(tokens, at + 1);
    let name = tokens[at + 2..end.max(at + 3) - 1].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
    out.push(Mention { line: tokens[at].line, kind: Kind::Attribute, name, test });
    end
}

/// The path that begins at `at`; what follows tells whether it is a macro, and what stood before it, a method.
fn name(tokens: &[Token], at: usize, test: bool, out: &mut Vec<Mention>) -> usize {
    let mut end = at + 1;
    while text_at(tokens, end) == "::" && tokens.get(end + 1).is_some_and(Token::is_name) {
        end += 2;
    }
    let path: String = tokens[at..end].iter().map(|t| t.text.as_str()).collect();
    let before = at.checked_sub(1).map_or("", |i| text_at(tokens, i));
    let line = tokens[at].line;
    let (kind, name) = match (before, text_at(tokens, end)) {
        (_, "!") if text_at(tokens, end + 1) != "=" => {
            (Kind::Macro, path.rsplit("::").next().unwrap_or_default().to_owned())
        }
        (".", "(" | "::") => (Kind::Method, path),
        _ => (Kind::Path, path),
    };
    out.push(Mention { line, kind, name, test });
    end
}

/// Writes out the groups of a `use`: `std::{fs, io::{self, Read}}` is `std::fs`, `std::io` and `std::io::Read`.
fn use_tree(tokens: &[Token], prefix: &str, test: bool, out: &mut Vec<Mention>) {
    let mut path = prefix.to_owned();
    let mut last = None;
    let mut at = 0;
    while at < tokens.len() {
        match text_at(tokens, at) {
            "{" => {
                let end = closing(tokens, at);
                for part in split(&tokens[at + 1..end.max(at + 2) - 1]) {
                    use_tree(part, &path, test, out);
                }
                return;
            }
            "as" => break,
            "self" if !path.is_empty() => last = Some(tokens[at].line),
            "::" if path.is_empty() => {}
            text => {
                path.push_str(text);
                last = Some(tokens[at].line);
            }
        }
        at += 1;
    }
    if let Some(line) = last {
        let name = path.trim_end_matches("::").to_owned();
        out.push(Mention { line, kind: Kind::Path, name, test });
    }
}

/// The parts between the commas of one level.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        match text_at(tokens, at) {
            "{" => at = closing(tokens, at),
            "," => {
                parts.push(&tokens[start..at]);
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    parts.push(&tokens[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is mentioned, as `line kind name`, with `test` where it is for tests only.
    fn seen(text: &str) -> Vec<String> {
        let show = |m: &Mention| format!("{} {:?} {}{}", m.line, m.kind, m.name, if m.test { " test" } else { "" });
        Source::scan(text).mentions.iter().map(show).collect()
    }

    #[test]
    fn comments_and_strings_are_blank_and_lines_stay() {
        let table = [
            ("a // std::fs\nb", "a           \nb"),
            ("/* a /* b */ c */d", "                 d"),
            (r#"x("a\"b", 'c', '\'', 'l)"#, r"x(      ,    ,     , 'l)"),
            ("r#\"a \" b\"# c", "           c"),
            ("br\"\\\"y", "     y"),
            ("&'a str + '\\u{7f}' + b'x'", "&'a str +          + b   "),
        ];
        for (text, masked) in table {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn paths_methods_macros_and_attributes_are_told_apart() {
        let text = "let a = std::time::Instant::now();\nx.exp().y != z;\nprintln!(\"std::fs\");\n#[ignore = \"no\"]";
        assert_eq!(
            seen(text),
            [
                "1 Path a",
                "1 Path let",
                "1 Path std::time::Instant::now",
                "2 Path x",
                "2 Path y",
                "2 Path z",
                "2 Method exp",
                "3 Macro println",
                "4 Attribute ignore ="
            ]
        );
    }

    #[test]
    fn groups_of_a_use_are_written_out() {
        let text = "use std::{fs as files,\n io::{self, Read}, collections::*};\npub use ::jiff::Zoned;";
        assert_eq!(
            seen(text),
            [
                "1 Path std::fs",
                "2 Path std::collections::*",
                "2 Path std::io",
                "2 Path std::io::Read",
                "3 Path jiff::Zoned",
                "3 Path pub"
            ]
        );
    }

    #[test]
    fn what_is_for_tests_only_is_known() {
        let text = "a;\n#[cfg(test)]\nmod tests {\n b;\n}\nc;\n#[cfg(test)]\nmod cases;\n#[test]\nfn d() { e }\nf";
        let source = Source::scan(text);
        let of = |name: &str| source.mentions.iter().find(|m| m.name == name).map(|m| m.test);
        assert_eq!(["a", "b", "c", "e", "f"].map(of), [Some(false), Some(true), Some(false), Some(true), Some(false)]);
        assert_eq!(source.test_modules.iter().collect::<Vec<_>>(), ["cases"]);
        let plain = Source::scan("#[cfg(not(test))]\nmod live { g }");
        assert!(plain.mentions.iter().all(|m| !m.test));
    }

    #[test]
    fn a_pattern_is_whole_segments_in_a_row() {
        let held = |path: &str, pattern: &str| {
            Mention { line: 1, kind: Kind::Path, name: path.to_owned(), test: false }.holds(pattern)
        };
        assert!(held("std::fs::File", "std::fs") && held("std::fs", "std::fs") && held("a::HashMap::new", "HashMap"));
        assert!(!held("std::fsx", "std::fs") && !held("std::io::fs", "std::fs") && !held("MyHashMap", "HashMap"));
    }

    #[test]
    fn text_cut_anywhere_is_scanned_without_a_panic() {
        let text =
            "#[cfg(test)] mod t; use a::{b, c::{d}}; r##\"x\"#\"## /* /* */ */ 'a' '\\n' \"\\\" y\" #[a(b)] fn c() {}";
        for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)) {
            let _ = Source::scan(&text[..end]);
            let _ = Source::scan(&text[end..]);
        }
    }
}
