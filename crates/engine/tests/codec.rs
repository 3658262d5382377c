//! Bytes of every kind of event stand in `tests/golden`: what was written once is read for ever.

mod samples;

use engine::codec::{self, KINDS};
use engine::{Chain, JournalError, journal};
use samples::samples;

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    digits.chunks(32).map(|line| line.concat()).collect::<Vec<_>>().join("\n") + "\n"
}

fn golden(name: &str) -> String {
    format!("{}/tests/golden/{name}.hex", env!("CARGO_MANIFEST_DIR"))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a variable asks for the golden bytes to be written")]
fn every_kind_and_version_has_its_golden_bytes() {
    let samples = samples();
    let mut met = Vec::new();
    for event in &samples {
        let (number, name) = codec::kind(&event.body);
        let mut bytes = Vec::new();
        codec::encode(event, &mut bytes);
        let nth = met.iter().filter(|k| **k == number).count();
        let version = KINDS.iter().find(|(k, _, _)| *k == number).map_or(0, |(_, v, _)| *v);
        let path = golden(&format!("{number:02}-{name}.v{version}.{nth}"));
        if std::env::var_os("ALLUSE_BLESS").is_some() {
            std::fs::write(&path, hex(&bytes)).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(
            hex(&bytes),
            expected,
            "{name} is written otherwise than before; a changed kind needs a new version"
        );
        let read = codec::decode(&bytes).unwrap();
        assert_eq!((&read.0, read.1), (event, bytes.len()), "{name}");
        met.push(number);
    }
    let missing: Vec<_> = KINDS.iter().filter(|(k, _, _)| !met.contains(k)).collect();
    assert!(missing.is_empty(), "kinds without a sample: {missing:?}");
}

/// Orders and fills of version 1 knew sales to open and buy-backs alone, and are read as today's types.
#[test]
fn earlier_versions_are_read_for_ever() {
    let samples = samples();
    let nth = |number: u16, n: usize| {
        let mut of_kind = samples.iter().filter(|e| codec::kind(&e.body).0 == number);
        of_kind.nth(n).cloned().expect("a sample of every golden file")
    };
    let mut read = 0;
    let mut files: Vec<_> = std::fs::read_dir(golden("x").replace("/x.hex", "")).unwrap().flatten().collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let name = file.file_name().into_string().unwrap();
        let mut parts = name.split(['-', '.']);
        let number: u16 = parts.next().unwrap().parse().unwrap();
        let version: u16 = parts.nth(1).unwrap().trim_start_matches('v').parse().unwrap();
        let n: usize = parts.next().unwrap().parse().unwrap();
        if KINDS.contains(&(number, version, KINDS.iter().find(|k| k.0 == number).unwrap().2)) {
            continue;
        }
        let text: String = std::fs::read_to_string(file.path()).unwrap().split_whitespace().collect();
        let bytes: Vec<u8> =
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect();
        let (event, length) = codec::decode(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((event, length), (nth(number, n), bytes.len()), "{name}");
        read += 1;
    }
    assert!(read >= 21, "{read} golden files of earlier versions");
}

#[test]
fn bytes_that_are_no_event_are_refused_and_never_panic() {
    for event in samples() {
        let mut bytes = Vec::new();
        codec::encode(&event, &mut bytes);
        for cut in 0..bytes.len() {
            assert!(codec::decode(&bytes[..cut]).is_err(), "cut to {cut} bytes");
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                let _ = codec::decode(&flipped);
            }
        }
    }
}

#[test]
fn a_newer_kind_or_version_is_refused_by_name() {
    for (bytes, words) in
        [(&[0x83, 0x18, 0x63, 0x01, 0x00][..], "kind 99"), (&[0x84, 0x17, 0x02, 0x00, 0x00], "version 2")]
    {
        let error = codec::decode(bytes).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("newer"), "{error}");
    }
}

#[test]
fn the_digest_does_not_know_of_batches_and_the_chain_does() {
    let events = samples();
    let seal = |size: usize| {
        let mut chain = Chain::new(7);
        let rows: Vec<_> = events.chunks(size).filter_map(|batch| chain.seal(batch)).collect();
        (chain.digest(), chain.head(), rows)
    };
    let (whole, head, rows) = seal(events.len());
    for size in [1, 2, 3, 7] {
        let (digest, other, parts) = seal(size);
        assert_eq!(digest, whole);
        assert_ne!(other, head);
        let (read, chain) = journal::read(7, &parts).unwrap();
        assert_eq!((read, chain.head()), (events.clone(), other));
    }
    assert_eq!(rows.len(), 1);
}

#[test]
fn every_flipped_bit_of_a_row_is_found() {
    let events = samples();
    let mut chain = Chain::new(7);
    let rows: Vec<_> = events.chunks(3).filter_map(|batch| chain.seal(batch)).collect();
    for row in 0..rows.len() {
        for at in 0..rows[row].bytes.len() {
            let mut altered = rows.clone();
            altered[row].bytes[at] ^= 1 << (at % 8);
            assert!(matches!(journal::read(7, &altered), Err(JournalError::Altered { .. })), "row {row}, byte {at}");
        }
        for at in 0..32 {
            let mut altered = rows.clone();
            altered[row].chain[at] ^= 1;
            assert!(matches!(journal::read(7, &altered), Err(JournalError::Broken { .. })));
            let mut altered = rows.clone();
            altered[row].digest[at] ^= 1;
            assert!(journal::read(7, &altered).is_err());
        }
    }
    let mut dropped = rows.clone();
    dropped.remove(1);
    assert!(matches!(journal::read(7, &dropped), Err(JournalError::Gap { .. })));
    let mut swapped = rows.clone();
    swapped.swap(1, 2);
    assert!(matches!(journal::read(7, &swapped), Err(JournalError::Gap { .. })));
    assert!(matches!(journal::read(8, &rows), Err(JournalError::Gap { .. })));
    assert!(matches!(journal::read(7, &[]), Err(JournalError::Empty(7))));
}
