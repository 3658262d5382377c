//! Elements out of OFX text, SGML or XML, with their lines.

use std::path::Path;

use crate::fault::{DataError, Fault, quoted};

/// No statement nests as deep as this.
const DEEPEST: usize = 32;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    /// Line of its beginning, from 1.
    pub(super) line: u32,
    /// Its text, trimmed, entities resolved.
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|c| c.name == name)
    }

    /// Every element of that name below this one, itself included, in their order.
    pub(super) fn all<'a>(&'a self, name: &str, out: &mut Vec<&'a Node>) {
        if self.name == name {
            out.push(self);
        }
        self.children.iter().for_each(|c| c.all(name, out));
    }
}

/// Reads the `OFX` element of a file.
pub(super) fn scan(path: &Path, bytes: &[u8]) -> Result<Node, DataError> {
    let text = decoded(bytes);
    let mut scan = Scan { path, line: 1, open: Vec::new(), done: None };
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        scan.text(&rest[..at])?;
        rest = scan.tag(&rest[at..])?;
        if let Some(done) = scan.done.take() {
            return Ok(done);
        }
    }
    scan.line += newlines(rest);
    let found = if scan.open.is_empty() { "no <OFX>" } else { "an <OFX> that is not closed" };
    Err(scan.error(Fault::Found { found: found.to_owned(), expected: "<OFX> and, at the end, </OFX>".into() }))
}

/// UTF-8, or what OFX 1.x calls 1252: of that the letters, which is enough for names.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|b| *b == b'\n').count()).unwrap_or(u32::MAX)
}

struct Scan<'a> {
    path: &'a Path,
    line: u32,
    /// Elements that are not closed yet, each in the one before it.
    open: Vec<Node>,
    done: Option<Node>,
}

impl Scan<'_> {
    fn error(&self, fault: Fault) -> DataError {
        DataError::new(self.path, Some(self.line), None, fault)
    }

    fn text(&mut self, raw: &str) -> Result<(), DataError> {
        let text = raw.trim();
        if !text.is_empty()
            && let Some(node) = self.open.last_mut()
        {
            if node.children.is_empty() {
                node.text.push_str(&resolved(text));
            } else {
                let fault = Fault::Found { found: quoted(text), expected: "an element".into() };
                return Err(self.error(fault));
            }
        }
        self.line += newlines(raw);
        Ok(())
    }

    /// Takes what begins with `<`; gives what comes after it.
    fn tag<'t>(&mut self, rest: &'t str) -> Result<&'t str, DataError> {
        for (begin, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")] {
            let Some(inner) = rest.strip_prefix(begin) else { continue };
            let Some(length) = inner.find(end) else { return Err(self.unclosed(begin)) };
            if begin == "<![CDATA["
                && let Some(node) = self.open.last_mut()
            {
                node.text.push_str(inner[..length].trim());
            }
            self.line += newlines(&inner[..length]);
            return Ok(&inner[length + end.len()..]);
        }
        let Some(length) = rest.find('>') else { return Err(self.unclosed("<")) };
        let (inner, after) = (&rest[1..length], &rest[length + 1..]);
        let (closing, name) = inner.strip_prefix('/').map_or((false, inner), |name| (true, name));
        let (empty, name) = name.strip_suffix('/').map_or((false, name), |name| (true, name));
        let name = name.trim().to_ascii_uppercase();
        let sound = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !sound {
            return Err(self.error(Fault::Found { found: quoted(inner), expected: "the name of an element".into() }));
        }
        if closing {
            self.close(&name)?;
        } else {
            self.begin(name.clone())?;
            if empty {
                self.close(&name)?;
            }
        }
        Ok(after)
    }

    fn unclosed(&self, begin: &str) -> DataError {
        self.error(Fault::Found { found: format!("{begin:?} without its end"), expected: "a whole element".into() })
    }

    fn begin(&mut self, name: String) -> Result<(), DataError> {
        // What has text is a leaf, which ends here.
        if self.open.last().is_some_and(|node| !node.text.is_empty()) {
            self.end_last();
        }
        if self.open.is_empty() && name != "OFX" {
            return Err(self.error(Fault::Found { found: quoted(&name), expected: "<OFX>".into() }));
        }
        // Empty leaves of 1.x hold all that comes after them until something closes, however many there are.
        if self.open.len() >= DEEPEST {
            let found = format!("elements {DEEPEST} deep");
            return Err(self.error(Fault::Found { found, expected: "closing tags before that".into() }));
        }
        self.open.push(Node { name, line: self.line, ..Node::default() });
        Ok(())
    }

    /// Closes the nearest element of that name; what was not closed in it has no children, they come after it.
    fn close(&mut self, name: &str) -> Result<(), DataError> {
        let Some(place) = self.open.iter().rposition(|node| node.name == name) else {
            let found = format!("</{name}>");
            return Err(self.error(Fault::Found { found, expected: "the end of an element that is open".into() }));
        };
        while self.open.len() > place + 1 {
            self.end_last();
        }
        let node = self.open.pop().expect("found above");
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.done = Some(node),
        }
        Ok(())
    }

    /// Ends an element that nothing closes: it is a leaf, and what seemed to stand in it stands beside it.
    fn end_last(&mut self) {
        let Some(mut leaf) = self.open.pop() else { return };
        let Some(parent) = self.open.last_mut() else { return };
        let after = std::mem::take(&mut leaf.children);
        parent.children.push(leaf);
        parent.children.extend(after);
    }
}

fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let known = end.and_then(|end| entity(&rest[1..end]));
        match (known, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        let children: Vec<String> = node.children.iter().map(shown).collect();
        format!(
            "{}[{}]{}",
            node.name,
            node.text,
            if children.is_empty() { String::new() } else { format!("({})", children.join(" ")) }
        )
    }

    fn read(text: &str) -> Result<String, String> {
        scan(Path::new("s.ofx"), text.as_bytes()).map(|node| shown(&node)).map_err(|e| e.to_string())
    }

    #[test]
    fn both_forms_give_the_same_elements() {
        let expected = Ok("OFX[](A[](B[1] MEMO[] C[x & y]) D[2])".to_owned());
        for text in [
            "<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n\
             <OFX><A><B>1</B><MEMO></MEMO><C>x &amp; y</C></A><D>2</D></OFX>",
            "OFXHEADER:100\nVERSION:102\n\n<OFX>\n<A>\n<B>1\n<MEMO>\n<C>x &amp; y\n</A>\n<D>2\n</OFX>\n",
            "<OFX><A><B>1<MEMO/><C><![CDATA[x & y]]></C></A><!-- no -->\n<D>&#50;</OFX>",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_whole_is_refused_with_its_line() {
        for (text, says) in [
            ("", "s.ofx, line 1: found no <OFX>"),
            ("<OFX>\n<A>1\n", "s.ofx, line 3: found an <OFX> that is not closed"),
            ("<OFX>\n</A>", "s.ofx, line 2: found </A>; expected the end of an element that is open"),
            ("<OFX>\n<A", "s.ofx, line 2: found \"<\" without its end"),
            ("<HTML>", "found \"HTML\"; expected <OFX>"),
            ("<OFX><a b=1></OFX>", "expected the name of an element"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        let deep = format!("<OFX>{}", "<A>".repeat(40));
        assert!(read(&deep).unwrap_err().contains("deep"));
    }
}
