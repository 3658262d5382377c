//! Whatever bytes a folder holds, reading it ends with a history or an error that names a file of it.

mod folder;

use adapters::history::{WarmUp, inspect, read_history};
use folder::{FILES, calendar, folder, options};
use proptest::prelude::*;

/// One change of one file.
#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Swap(usize, usize),
    Truncate(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Change::Flip(at, mask) => bytes[at % length] ^= mask,
            Change::Insert(at, new) => {
                let at = at % length;
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Remove(at, count) => {
                let at = at % length;
                bytes.drain(at..(at + count).min(length));
            }
            Change::Swap(one, other) => bytes.swap(one % length, other % length),
            Change::Truncate(at) => bytes.truncate(at % length),
        }
    }
}

/// Pieces that mean something to such a file, among others that mean nothing.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = ["\n", "\r\n", ",", "\"", "-", ".", "9", "NaN", "0", "9999-12-31", "2024-06-04", "1e308", "\u{feff}"];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 1..6),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0usize..4096;
    prop_oneof![
        (at.clone(), 1u8..).prop_map(|(at, mask)| Change::Flip(at, mask)),
        (at.clone(), piece()).prop_map(|(at, new)| Change::Insert(at, new)),
        (at.clone(), 1usize..80).prop_map(|(at, count)| Change::Remove(at, count)),
        (at.clone(), at.clone()).prop_map(|(one, other)| Change::Swap(one, other)),
        at.prop_map(Change::Truncate),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(
        changes in proptest::collection::vec((0..FILES.len(), change()), 1..6),
    ) {
        let dir = folder(|name, content| {
            let mut bytes = content.as_bytes().to_vec();
            for (file, change) in &changes {
                if FILES[*file].0 == name {
                    change.apply(&mut bytes);
                }
            }
            Some(bytes)
        });
        let calendar = calendar();
        let read = read_history(dir.path(), &options(), &calendar);
        let found = inspect(dir.path(), &options(), WarmUp { symbol_bars: 2, vix_closes: 2 }, &calendar);
        prop_assert_eq!(read.is_ok(), found.problems.is_empty(), "the two ways to read agree");
        for error in read.iter().map(|_| None).chain(found.problems.iter().map(Some)).flatten() {
            prop_assert!(error.file.starts_with(dir.path()));
            prop_assert!(error.line.is_none_or(|line| line >= 1));
        }
        if let Ok(history) = read {
            for (symbol, own) in &history.symbols {
                prop_assert!(own.check(*symbol, &calendar).is_ok());
                prop_assert!(own.factor(market::time::Date::constant(1900, 1, 1)) <= 1_000_000);
            }
        }
    }
}
