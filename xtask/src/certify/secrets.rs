//! Secrets that nobody meant to commit, looked for in every tracked file: by the forms that keys and tokens have, by
//! passwords in addresses, and by how random a word is.

use std::fs;
use std::path::Path;

use super::page::{Line, Verdict};
use crate::cargo::{output, program, root};

/// What a secret is called, what it begins with, how many characters follow at least, and which.
type Form = (&'static str, &'static str, usize, fn(char) -> bool);

/// Forms of secrets, written in halves, so that this list does not find itself.
const FORMS: &[Form] = &[
    ("an AWS access key", concat!("AK", "IA"), 16, is_upper),
    ("an AWS session key", concat!("AS", "IA"), 16, is_upper),
    ("an age identity", concat!("AGE-SECRET", "-KEY-1"), 50, is_upper),
    ("a GitHub token", concat!("gh", "p_"), 30, is_word),
    ("a GitHub token", concat!("gh", "o_"), 30, is_word),
    ("a GitHub token", concat!("gh", "s_"), 30, is_word),
    ("a GitHub token", concat!("github", "_pat_"), 30, is_word),
    ("a GitLab token", concat!("gl", "pat-"), 20, is_word),
    ("a Slack token", concat!("xo", "xb-"), 20, is_word),
    ("a Slack token", concat!("xo", "xp-"), 20, is_word),
    ("a Stripe key", concat!("sk_", "live_"), 20, is_word),
    ("an API key", concat!("sk-", "ant-"), 20, is_word),
    ("an npm token", concat!("np", "m_"), 36, is_word),
    ("a Google API key", concat!("AI", "za"), 35, is_word),
    ("a JSON web token", concat!("ey", "J"), 40, |c| is_word(c) || c == '.'),
];

/// Lines that begin a private key, whichever kind stands between.
const PRIVATE_KEY: [&str; 2] = [concat!("-----", "BEGIN "), concat!("PRIVATE ", "KEY-----")];
/// The first line of a key file of our own.
const OWN_KEY: &str = concat!("all-use signing key", ": keep it to yourself\n");

/// Words this long that are this random are keys, unless they are known. A text of random letters and digits has about
/// 4.7 bits a character at 32 characters; a sentence run together stays below 4.2. Hexadecimal words cannot pass 4 and
/// are not judged: the project is full of digests, which are no secrets.
const RANDOM_LENGTH: usize = 32;
const RANDOM_BITS: f64 = 4.5;

/// What looks like a secret and is none: where, what it contains, and why it may stand there.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("", "hunter2", "the password that tests look for in what is printed"),
    ("crates/adapters/src/pull/http.rs", "me:mine@a.example", "a test that it is not shown"),
    ("", "user:password@", "an address as help shows it"),
    ("xtask/src/certify/secrets.rs", "", "the scanner's own tests"),
];

const fn is_upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The line of the page.
pub(super) fn line() -> Result<Line, String> {
    let listed = output(&mut program("git", &["ls-files", "-z"]))?;
    let (mut files, mut other, mut found) = (0, 0, Vec::new());
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        match fs::read(root().join(path)).map(String::from_utf8) {
            Ok(Ok(text)) => {
                files += 1;
                found.extend(scan(path, &text));
            }
            Ok(Err(_)) => other += 1,
            // Removed from the work tree, and not yet from the index.
            Err(_) => {}
        }
    }
    let verdict = if found.is_empty() { Verdict::Holds } else { Verdict::Fails };
    let said = match found.len() {
        0 => format!("none in {files} tracked files of text; {other} others hold no text and were not read"),
        n => format!("{n} in {files} tracked files of text"),
    };
    let from = format!("patterns of {} kinds and a test for random words", FORMS.len() + 3);
    Ok(Line { about: "secrets", verdict, said, from, more: found })
}

/// What looks like a secret in a file, with its line; the secret itself is not repeated.
fn scan(path: &str, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.contains(OWN_KEY) && !is_allowed(path, OWN_KEY) {
        out.push(format!("{path}: a signing key of our own"));
    }
    let locked = Path::new(path).file_name().is_some_and(|name| name == "Cargo.lock");
    for (number, line) in text.lines().enumerate() {
        let place = |what: &str| format!("{path}:{}: {what}", number + 1);
        if is_allowed(path, line) {
            continue;
        }
        out.extend(FORMS.iter().filter(|form| has_form(line, form)).map(|(what, ..)| place(what)));
        if PRIVATE_KEY.iter().all(|half| line.contains(half)) {
            out.push(place("a private key"));
        }
        if password(line) {
            out.push(place("a password in an address"));
        }
        if !locked && words(line).any(is_random) {
            out.push(place("a word that looks random"));
        }
    }
    out
}

fn is_allowed(path: &str, line: &str) -> bool {
    ALLOWED.iter().any(|(place, text, _)| path.starts_with(place) && line.contains(text))
}

fn has_form(line: &str, (_, begins, length, goes_on): &Form) -> bool {
    line.match_indices(begins).any(|(at, _)| {
        let inside = line[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let rest = line[at + begins.len()..].chars().take_while(|c| goes_on(*c)).count();
        !inside && rest >= *length
    })
}

/// `scheme://user:password@host`, where the password is more than a place to put one.
fn password(line: &str) -> bool {
    line.match_indices("://").any(|(at, _)| {
        let rest = &line[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '<' | '>'));
        let authority = &rest[..end.unwrap_or(rest.len())];
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        user.split_once(':')
            .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['{', '$', '*', '…']))
    })
}

/// Words as keys are written: letters, digits, and what base 64 has beside them.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '='))
}

fn is_random(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    word.len() >= RANDOM_LENGTH && mixed && bits(word) > RANDOM_BITS
}

/// Shannon's entropy of a word, in bits a character.
#[expect(clippy::disallowed_methods, reason = "nothing that is recorded depends on its last bits")]
fn bits(word: &str) -> f64 {
    let total = word.len() as f64;
    let mut counts = [0_u32; 256];
    word.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total);
    shares.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        scan("a.txt", line)
    }

    #[test]
    fn each_form_is_found_and_what_is_shorter_is_not() {
        for (what, begins, length, _) in FORMS {
            let whole = format!("key = {begins}{}", "Q7".repeat(length / 2 + 1));
            assert!(found(&whole).iter().any(|f| f == &format!("a.txt:1: {what}")), "{whole}: {:?}", found(&whole));
            let short = format!("key = {begins}{}", "Q".repeat(length - 1));
            assert_eq!(found(&short), [""; 0], "{short}");
            let inside = format!("key = x{begins}{}", "Q".repeat(*length));
            assert_eq!(found(&inside), [""; 0], "{inside}");
        }
    }

    #[test]
    fn private_keys_of_any_kind_are_found() {
        for kind in ["", "RSA ", "EC ", "OPENSSH "] {
            let line = format!("x\n{}{kind}{}", PRIVATE_KEY[0], PRIVATE_KEY[1]);
            assert_eq!(found(&line), ["a.txt:2: a private key"]);
        }
        assert_eq!(found(concat!("-----", "BEGIN PUBLIC ", "KEY-----")), [""; 0]);
        assert_eq!(found(&format!("{OWN_KEY}00ff\n")), ["a.txt: a signing key of our own"]);
    }

    #[test]
    fn passwords_in_addresses_are_found() {
        for line in ["postgres://ada:s3cret@db/books", "see smtps://ada:x@mail.example.org now"] {
            assert_eq!(found(line), ["a.txt:1: a password in an address"], "{line}");
        }
        for line in [
            "postgres://ada@db:5432/books",
            "https://example.org/a:b@c",
            "smtps://user:password@host",
            "postgres://ada:{password}@db",
            "postgres://ada:hunter2@db",
            "https://example.org:80/ and ada@example.org",
        ] {
            assert_eq!(found(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn words_that_look_random_are_found_and_long_names_and_digests_are_not() {
        assert_eq!(found("x = \"q8ZtR4mWv1LxK9sJ2hBnD6yGfC3pQe7U\""), ["a.txt:1: a word that looks random"]);
        for line in [
            "aLongNameOfAFunctionThatReturnsTheNumber64OfThem",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "AAAAAAAAAAAAAAAAaaaaaaaaaaaaaaaa1111111111111111",
        ] {
            assert_eq!(found(line), [""; 0], "{line}");
        }
        assert_eq!(scan("Cargo.lock", "x = \"q8ZtR4mWv1LxK9sJ2hBnD6yGfC3pQe7U\""), [""; 0]);
    }
}
