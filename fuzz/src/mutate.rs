//! Mutations of a corpus that follow from a seed: the same on every machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::targets::Target;

/// Pieces that mean something to one reader or another.
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    ",",
    "\"",
    "-",
    ".",
    "=",
    "[",
    "]",
    "<",
    "</",
    ">",
    "&#0;",
    "0",
    "-1",
    "9",
    "NaN",
    "1e308",
    "99999999999999999999",
    "9999-12-31",
    "2024-02-30",
    "99991231",
    "\u{feff}",
    "\u{0}",
    "é",
    "<OFX>",
    "</OFX>",
    "<INVSTMTRS>",
    "<UNITS>",
    "[columns]\n",
    "position",
    "TSLA  240614P00180000",
    "(1.00)",
    "$",
    "_S",
    "true",
    "\"\"",
];

/// Longest input.
const LONGEST: usize = 64 * 1024;

/// Numbers that follow from a seed (Steele, Lea and Flood 2014, SplitMix64).
pub struct Draws(u64);

impl Draws {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Draws(seed)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap_or(0)
    }
}

/// What lies in a target's folder of the corpus and where it points, in the order of names; hexadecimal files as bytes.
pub fn corpus(root: &Path, target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let own = root.join("fuzz/corpus").join(target.name);
    for place in std::iter::once(own).chain(target.seeds.iter().map(|seed| root.join(seed))) {
        match fs::read_dir(&place) {
            Ok(entries) => files.extend(entries.filter_map(Result::ok).map(|entry| entry.path())),
            Err(_) => files.push(place),
        }
    }
    files.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).ok()?;
        let hex = path.extension().is_some_and(|e| e == "hex");
        Some((path, if hex { unhexed(&bytes) } else { bytes }))
    };
    files.into_iter().filter_map(read).collect()
}

fn unhexed(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().filter_map(|b| char::from(*b).to_digit(16)).map(|d| d as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

/// One to five changes of an input; now and then a piece of another one.
pub fn mutated(draws: &mut Draws, all: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = all.get(draws.below(all.len())).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    for _ in 0..=draws.below(5) {
        let at = draws.below(bytes.len() + 1);
        match draws.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << draws.below(8),
            1 if at < bytes.len() => bytes[at] = draws.below(256) as u8,
            2 => {
                let piece = PIECES[draws.below(PIECES.len())].as_bytes();
                bytes.splice(at..at, piece.iter().copied());
            }
            3 => {
                let end = (at + draws.below(80)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => bytes.truncate(at),
            5 => {
                let end = (at + draws.below(200)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                let place = draws.below(bytes.len() + 1);
                bytes.splice(place..place, again);
            }
            6 => {
                if let Some((_, other)) = all.get(draws.below(all.len())) {
                    let from = draws.below(other.len() + 1);
                    let to = (from + draws.below(200)).min(other.len());
                    bytes.splice(at..at, other[from..to].iter().copied());
                }
            }
            _ => number(draws, &mut bytes),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Changes a number that stands somewhere.
fn number(draws: &mut Draws, bytes: &mut Vec<u8>) {
    let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
    let Some(at) = digits.get(draws.below(digits.len())).copied() else { return };
    let end = (at..bytes.len()).find(|i| !bytes[*i].is_ascii_digit()).unwrap_or(bytes.len());
    let new = ["0", "-0", "1", "65536", "4294967296", "9223372036854775808", "0.00001", "1e9", ""][draws.below(9)];
    bytes.splice(at..end, new.bytes());
}
