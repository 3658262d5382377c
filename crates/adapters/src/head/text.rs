//! A signed head as text, a line for each figure, so that a person can read it and a printer keep it.
//!
//! ```text
//! all-use head 1
//! taken 2026-01-02T21:00:00Z
//! portfolio 1 rows 12 events 345 digest 0f… chain 1e… root 2d…
//! key 3c…
//! signature 4b…
//! ```

use std::fmt::Write;

use engine::proof::{Head, PortfolioHead, SignedHead};
use jiff::Timestamp;

use super::key::{hex, unhex};

const TITLE: &str = "all-use head 1";

/// Why text is no signed head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {found:?}; expected {expected}")]
pub struct TextError {
    /// Which line, from 1.
    pub line: usize,
    /// What stands there, shortened.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

/// The text of a signed head.
#[must_use]
pub fn write(signed: &SignedHead) -> String {
    let mut text = format!("{TITLE}\ntaken {}\n", signed.head.taken);
    for head in &signed.head.portfolios {
        let PortfolioHead { portfolio, rows, events, digest, chain, root } = head;
        let (digest, chain, root) = (hex(digest), hex(chain), hex(root));
        let written = writeln!(
            text,
            "portfolio {portfolio} rows {rows} events {events} digest {digest} chain {chain} root {root}"
        );
        written.expect("writing to memory cannot fail");
    }
    text + &format!("key {}\nsignature {}\n", hex(&signed.key), hex(&signed.signature))
}

/// Lines with their numbers.
struct Lines<'a> {
    lines: std::iter::Peekable<std::str::Lines<'a>>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> &'a str {
        self.line += 1;
        self.lines.next().unwrap_or("")
    }

    fn wrong<T>(&self, found: &str, expected: &'static str) -> Result<T, TextError> {
        Err(TextError { line: self.line, found: found.chars().take(80).collect(), expected })
    }

    fn after<T>(
        &mut self,
        word: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, TextError> {
        let line = self.next();
        let found = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')).and_then(read);
        found.map_or_else(|| self.wrong(line, expected), Ok)
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    unhex(text)?.try_into().ok()
}

/// Reads a signed head. Whether its signature holds is not asked here.
///
/// # Errors
/// [`TextError`] naming the line.
pub fn read(text: &str) -> Result<SignedHead, TextError> {
    let mut lines = Lines { lines: text.lines().peekable(), line: 0 };
    let title = lines.next();
    if title != TITLE {
        return lines.wrong(title, "\"all-use head 1\", the title of a signed head");
    }
    let taken: Timestamp = lines.after("taken", "taken TIME, such as 2026-01-02T21:00:00Z", |t| t.parse().ok())?;
    let mut portfolios: Vec<PortfolioHead> = Vec::new();
    while lines.lines.peek().is_some_and(|line| line.starts_with("portfolio ")) {
        let line = lines.next();
        let expected = "portfolio N rows N events N digest HASH chain HASH root HASH, portfolios rising";
        let head = portfolio(line).filter(|head| portfolios.last().is_none_or(|l| l.portfolio < head.portfolio));
        portfolios.push(head.map_or_else(|| lines.wrong(line, expected), Ok)?);
    }
    let key = lines.after("key", "key and 64 hexadecimal digits", bytes)?;
    let signature = lines.after("signature", "signature and 128 hexadecimal digits", bytes)?;
    let rest = lines.next();
    if !rest.is_empty() || lines.lines.peek().is_some() {
        return lines.wrong(rest, "the end of the head");
    }
    Ok(SignedHead { head: Head { taken, portfolios }, key, signature })
}

fn portfolio(line: &str) -> Option<PortfolioHead> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["portfolio", portfolio, "rows", rows, "events", events, "digest", digest, "chain", chain, "root", root] =
        words[..]
    else {
        return None;
    };
    Some(PortfolioHead {
        portfolio: portfolio.parse().ok()?,
        rows: rows.parse().ok()?,
        events: events.parse().ok()?,
        digest: bytes(digest)?,
        chain: bytes(chain)?,
        root: bytes(root)?,
    })
}
