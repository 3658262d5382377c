//! A page of the book as prose and blocks.

const OPENS: &str = "<!-- book: ";
const CLOSES: &str = " -->";
const END: &str = "<!-- /book -->";

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// What somebody wrote.
    Prose {
        /// Its first line, counted from 1.
        line: usize,
        /// The text.
        text: &'a str,
    },
    /// What is written by `cargo xtask book`.
    Block {
        /// The line of its first marker, counted from 1.
        line: usize,
        /// Where it comes from.
        source: &'a str,
        /// What stands between the markers.
        text: &'a str,
    },
}

/// The parts of a page in order; an error begins with `:line: `.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut out = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(at) = opening(rest) {
        let (prose, block) = rest.split_at(at);
        out.push(Piece::Prose { line, text: prose });
        line += prose.lines().count();
        let (first, body) = block.split_once('\n').unwrap_or((block, ""));
        let source = first.strip_prefix(OPENS).and_then(|s| s.strip_suffix(CLOSES));
        let source = source.ok_or_else(|| format!(":{line}: a marker fills its line and ends in `{CLOSES}`"))?;
        let end = body.find(END).filter(|end| opening(&body[..*end]).is_none());
        let end = end.ok_or_else(|| format!(":{line}: the block has no `{END}`"))?;
        out.push(Piece::Block { line, source, text: &body[..end] });
        line += 1 + body[..end].lines().count();
        rest = &body[end + END.len()..];
    }
    out.push(Piece::Prose { line, text: rest });
    Ok(out)
}

fn opening(text: &str) -> Option<usize> {
    if text.starts_with(OPENS) { Some(0) } else { text.find(&format!("\n{OPENS}")).map(|at| at + 1) }
}

/// A block as it stands in a page.
pub(crate) fn block(source: &str, body: &str) -> String {
    format!("{OPENS}{source}{CLOSES}\n\n{}\n\n{END}", body.trim_end())
}

/// A fenced block of text.
pub(crate) fn fenced(text: &str) -> String {
    format!("```text\n{}\n```", text.trim_end())
}

/// The lines that stand in no fence, with their numbers counted from 1.
pub(crate) fn outside_fences(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(i, line)| {
        let mark = line.trim_start().starts_with("```");
        fenced ^= mark;
        (!fenced && !mark).then_some((i + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_taken_apart_and_put_together() {
        let text = format!("# One\n\n{}\nTwo\n{}\n", block("rules: X", "a\nb"), block("links", "c"));
        let parts = pieces(&text).expect("a sound page");
        let sources: Vec<(usize, &str, &str)> = parts
            .iter()
            .filter_map(|p| match p {
                Piece::Block { line, source, text } => Some((*line, *source, text.trim())),
                Piece::Prose { .. } => None,
            })
            .collect();
        assert_eq!(sources, [(3, "rules: X", "a\nb"), (10, "links", "c")]);
        let put = parts.iter().map(|p| match p {
            Piece::Prose { text, .. } => (*text).to_owned(),
            Piece::Block { source, text, .. } => block(source, text.trim()),
        });
        assert_eq!(put.collect::<String>(), text);
    }

    #[test]
    fn markers_come_in_pairs() {
        for wrong in [
            "<!-- book: rules -->\n",
            "<!-- book: rules\n<!-- /book -->",
            "a\n<!-- book: a -->\n<!-- book: b -->\n<!-- /book -->",
        ] {
            assert!(pieces(wrong).is_err(), "{wrong}");
        }
        assert_eq!(pieces("plain"), Ok(vec![Piece::Prose { line: 1, text: "plain" }]));
    }
}
