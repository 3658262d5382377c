//! Figures in the book's prose stand in a block of the same page, or are worked out from such figures.
//!
//! The blocks are written by `cargo xtask book`. When a run changes, so do they, and prose that still tells the old
//! run is found here. Dollars, and percentages with a decimal point, are looked for. In a fence marked `sums` each
//! line is an equation such as `3 contracts × 100 shares × $1.89 = $567.00`: words do not count, and it must hold to
//! the last digit shown.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::Tree;
use crate::book::PAGES;
use crate::book::page::{Piece, pieces};

/// Every page of the book.
pub(super) fn figures(tree: &Tree) -> Vec<Finding> {
    let pages = tree.files().filter(|(path, _)| path.starts_with(PAGES) && path.ends_with(".md"));
    pages.flat_map(|(path, text)| page(path, text)).collect()
}

fn page(path: &str, text: &str) -> Vec<Finding> {
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(e) => return vec![Finding::new(path, 0, format!("its blocks cannot be read {e}"))],
    };
    let blocks = pieces.iter().filter_map(|p| if let Piece::Block { text, .. } = p { Some(*text) } else { None });
    let mut known: BTreeSet<String> = blocks.flat_map(amounts).map(|a| a.key()).collect();
    let mut out = Vec::new();
    for piece in &pieces {
        let Piece::Prose { line, text } = piece else { continue };
        let mut fence: Option<&str> = None;
        for (i, row) in text.lines().enumerate() {
            if let Some(info) = row.trim_start().strip_prefix("```") {
                fence = if fence.is_some() { None } else { Some(info) };
            } else if matches!(fence, None | Some("sums")) {
                let faults = row_faults(row, fence.is_some(), &mut known);
                out.extend(faults.into_iter().map(|what| Finding::new(path, line + i, what)));
            }
        }
    }
    out
}

/// What is wrong in one line; the result of a sum is known from there on.
fn row_faults(row: &str, sum: bool, known: &mut BTreeSet<String>) -> Vec<String> {
    let (given, result) = if sum { row.rsplit_once('=').unwrap_or((row, "")) } else { (row, "") };
    let unknown = |a: &Amount<'_>| (a.dollars || (a.percent && a.decimals > 0 && !sum)) && !known.contains(&a.key());
    let mut out: Vec<String> = amounts(given)
        .filter(unknown)
        .map(|a| format!("`{}` stands in no block of this page: tell it as it is now", a.text))
        .collect();
    if sum && !row.trim().is_empty() {
        out.extend(equation(given, result).err());
        known.extend(amounts(result).map(|a| a.key()));
    }
    out
}

/// A number as it is written.
struct Amount<'a> {
    text: &'a str,
    value: f64,
    decimals: usize,
    dollars: bool,
    percent: bool,
}

impl Amount<'_> {
    fn key(&self) -> String {
        format!("{:.6}", self.value)
    }
}

/// The numbers of a text, without their signs. Digits within words are none.
fn amounts(text: &str) -> impl Iterator<Item = Amount<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|c: char| c.is_ascii_digit())?;
        let rest = &text[start..];
        let inner = |(i, c): &(usize, char)| {
            let digit = || rest[i + 1..].starts_with(|c: char| c.is_ascii_digit());
            c.is_ascii_digit() || (matches!(c, '.' | ',') && digit())
        };
        let end = start + rest.char_indices().take_while(inner).count();
        at = end;
        let digits = &text[start..end];
        let dollars = text[..start].ends_with('$');
        let percent = text[end..].starts_with('%');
        let decimals = digits.rsplit_once('.').map_or(0, |(_, d)| d.len());
        let value = digits.replace(',', "").parse().unwrap_or(f64::NAN);
        let from = if dollars { start - 1 } else { start };
        Some(Amount { text: &text[from..end + usize::from(percent)], value, decimals, dollars, percent })
    })
}

/// Whether the right side is the left, to the last digit shown.
fn equation(left: &str, right: &str) -> Result<(), String> {
    let Some(shown) = amounts(right).next() else { return Err("a sum is an equation with one result".to_owned()) };
    let mut parser = Parser { tokens: tokens(left)?, at: 0 };
    let value = parser.sum()?;
    if parser.at < parser.tokens.len() {
        return Err(format!("`{}` cannot be worked out", left.trim()));
    }
    let negative = right.contains(['−', '-']);
    let shown_value = if negative { -shown.value } else { shown.value };
    let value = if shown.percent { value * 100.0 } else { value };
    let half = 0.5 / raised(10.0, shown.decimals) + 1e-9;
    if (value - shown_value).abs() <= half {
        return Ok(());
    }
    Err(format!("`{}` is {value:.prec$}, not {}", left.trim(), right.trim(), prec = shown.decimals + 2))
}

fn raised(base: f64, exponent: usize) -> f64 {
    std::iter::repeat_n(base, exponent).product()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number(f64),
    Sign(char),
}

/// Numbers and signs; words, dollars and spaces do not count.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '0'..='9' => {
                let amount = amounts(rest).next().ok_or("a number was expected")?;
                out.push(Token::Number(if amount.percent { amount.value / 100.0 } else { amount.value }));
                rest = &rest[amount.text.len()..];
                continue;
            }
            '+' | '×' | '÷' | '(' | ')' | '^' => out.push(Token::Sign(c)),
            '−' => out.push(Token::Sign('-')),
            c if c.is_alphabetic() || matches!(c, ' ' | '$' | '\'' | ',') => {}
            other => return Err(format!("`{other}` is no sign of a sum: + − × ÷ ^ ( ) are")),
        }
        rest = &rest[c.len_utf8()..];
    }
    Ok(out)
}

/// Sums of products of powers.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn sign(&mut self, among: &[char]) -> Option<char> {
        match self.tokens.get(self.at) {
            Some(Token::Sign(c)) if among.contains(c) => {
                self.at += 1;
                Some(*c)
            }
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        while let Some(sign) = self.sign(&['+', '-']) {
            let next = self.product()?;
            value = if sign == '+' { value + next } else { value - next };
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.power()?;
        while let Some(sign) = self.sign(&['×', '÷']) {
            let next = self.power()?;
            value = if sign == '×' { value * next } else { value / next };
        }
        Ok(value)
    }

    fn power(&mut self) -> Result<f64, String> {
        let base = self.atom()?;
        if self.sign(&['^']).is_none() {
            return Ok(base);
        }
        match self.tokens.get(self.at) {
            // A whole exponent, since nothing else is asked for.
            Some(Token::Number(exponent)) if exponent.fract() == 0.0 => {
                self.at += 1;
                Ok(raised(base, *exponent as usize))
            }
            _ => Err("a whole exponent was expected".to_owned()),
        }
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.sign(&['-']).is_some() {
            return Ok(-self.atom()?);
        }
        if self.sign(&['(']).is_some() {
            let value = self.sum()?;
            return self.sign(&[')']).map(|_| value).ok_or_else(|| "a bracket is not closed".to_owned());
        }
        match self.tokens.get(self.at) {
            Some(Token::Number(value)) => {
                self.at += 1;
                Ok(*value)
            }
            _ => Err("a number was expected".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;

    /// Findings of a page with one block.
    fn of(prose: &str) -> Vec<String> {
        let block =
            "<!-- book: alluse tree -->\n\nGen sells 3 puts at $1.89, $564.84 after fees, up 2.50%\n\n<!-- /book -->";
        findings(figures, &[(&format!("{PAGES}one.md"), &format!("{block}\n{prose}\n"))])
    }

    #[test]
    fn figures_stand_in_a_block() {
        assert_eq!(of("It sold at $1.89 for $564.840, 2.5% of it; 15% is a rule's.\n```sh\n$9.99\n```"), [""; 0]);
        let expected = "docs/book/src/one.md:6: `$1.90` stands in no block of this page: tell it as it is now";
        assert_eq!(of("It sold at $1.90."), [expected]);
        assert_eq!(of("It rose by 2.51%.").len(), 1);
    }

    #[test]
    fn sums_are_worked_out() {
        let fence = |sum: &str| of(&format!("```sums\n{sum}\n```"));
        for right in [
            "3 contracts × 100 shares × $1.89 a share = $567.00\n$567.00 − $564.84 fees = $2.16",
            "($1.89 ÷ 2 − 1) = −5.5%",
            "(1 + 1.5%)^52 − 1 = 116.9%",
            "−3 + 2 × (4 − 1) = 3",
        ] {
            assert_eq!(fence(right), [""; 0], "{right}");
        }
        for wrong in
            ["3 × $1.89 = $5.68", "3 × $1.88 = $5.64", "3 ×", "3 × (2 = 6", "3 & 4 = 7", "3 4 = 7", "1 + 1 = two"]
        {
            assert!(!fence(wrong).is_empty(), "{wrong}");
        }
    }
}
