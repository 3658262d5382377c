//! Option chains from files: every layout gives one shape, what cannot be read is refused at its place, and what looks
//! wrong is counted and never filled from.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use adapters::chains::quality::{Beside, quality};
use adapters::chains::{Collected, Layout, find, plain};
use market::instrument::{Right, Symbol};
use market::time::{Calendar, Date, Expiration};
use market::value::Price;
use proptest::prelude::*;

mod folder;

const PLAIN: &str = "symbol,session,expiration,right,strike,bid,ask,time,volume,open_interest\n";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, bytes: &[u8]) -> Place {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn read(&self) -> Result<Collected, String> {
        let folder = find(self.0.path()).map_err(|e| e.to_string())?;
        Collected::read(&folder, &Calendar::nyse()).map_err(|e| e.to_string())
    }

    fn refusal(&self) -> String {
        self.read().expect_err("it was read").replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn of_plain(rows: &str) -> Place {
    Place::new().with("mine.csv", format!("{PLAIN}{rows}").as_bytes())
}

fn symbol(ticker: &str) -> Symbol {
    Symbol::new(ticker).unwrap()
}

fn cents(n: i64) -> Price {
    Price::cents(n)
}

#[test]
fn the_plain_layout_gives_quotes_at_the_close() {
    let rows = "TSLA,2024-06-11,2024-06-14,put,170,1.20,1.25,,300,900\n\
                TSLA,2024-06-11,2024-06-14,P,165.5,0.50,0.55,15:59,,\n\
                TSLA,2024-06-11,2024-06-14,call,170,2,2.10,10:00,7,8\n";
    let all = of_plain(rows).read().unwrap();
    let calendar = Calendar::nyse();
    let quotes = all.quoted(&calendar, "mine");
    let day = calendar.session(Date::constant(2024, 6, 11)).unwrap();
    let expiration = Expiration(Date::constant(2024, 6, 14));
    let puts = quotes.chain(day, symbol("TSLA"), expiration, Right::Put).unwrap();
    let seen: Vec<_> = puts.quotes.iter().map(|q| (q.strike, q.bid, q.ask, q.volume, q.open_interest)).collect();
    let expected = [
        (cents(16_550), cents(50), cents(55), None, None),
        (cents(17_000), cents(120), cents(125), Some(300), Some(900)),
    ];
    assert_eq!(seen, expected);
    // A quote of the morning is not the close's.
    assert_eq!(quotes.chain(day, symbol("TSLA"), expiration, Right::Call), None);
    assert_eq!(quotes.sessions().collect::<Vec<_>>(), [day]);
}

#[test]
fn bad_rows_are_refused_with_line_and_column() {
    for (row, says) in [
        ("TSLA,2024-06-11,2024-06-14,put,170,x,1.25,,1,1", ["mine.csv, line 2", "bid"]),
        ("TSLA,2024-06-11,2024-06-14,put,170,NaN,1.25,,1,1", ["mine.csv, line 2", "bid"]),
        ("TSLA,2024-06-11,2024-06-14,put,170,-1,1.25,,1,1", ["mine.csv, line 2", "bid"]),
        ("TSLA,2024-06-11,2024-06-14,put,0,1,1.25,,1,1", ["mine.csv, line 2", "strike"]),
        ("TSLA,2024-06-11,2024-06-14,straddle,170,1,1.25,,1,1", ["mine.csv, line 2", "right"]),
        ("TSLA,2024-06-31,2024-06-14,put,170,1,1.25,,1,1", ["mine.csv, line 2", "session"]),
        ("TSLA,2024-06-17,2024-06-14,put,170,1,1.25,,1,1", ["mine.csv, line 2", "expiration"]),
        ("TSLA,2024-06-11,2024-06-14,put,170,1,1.25,25:00,1,1", ["mine.csv, line 2", "time"]),
        ("TSLA,2024-06-15,2024-06-21,put,170,1,1.25,10:00,1,1", ["mine.csv, line 2", "session"]),
        ("TSLA,2024-06-11,2024-06-14,put,170,1,1.25,,many,1", ["mine.csv, line 2", "volume"]),
        ("TSLA,2024-06-11,2024-06-14,put,170,1", ["mine.csv, line 2", "6"]),
    ] {
        let refusal = of_plain(row).refusal();
        assert!(says.iter().all(|said| refusal.contains(said)), "{row}: {refusal}");
    }
    let missing = Place::new().with("mine.csv", b"symbol,session,expiration,right,strike,bid\n").refusal();
    assert!(missing.contains("mine.csv") && missing.contains("ask"), "{missing}");
    let nothing = Place::new().with("notes.txt", b"hello").refusal();
    assert!(nothing.contains("no option chains"), "{nothing}");
}

#[test]
fn what_is_written_is_read_again() {
    let rows = "TSLA,2024-06-11,2024-06-14,put,170,1.20,1.25,,300,900\n\
                TSLA,2024-06-11,2024-06-14,call,170.5,0,2.1000,,,8\n";
    let calendar = Calendar::nyse();
    let read = |text: &str| plain::parse(PathBuf::from("x.csv"), text.as_bytes().to_vec(), &calendar).unwrap().rows;
    let first = read(&format!("{PLAIN}{rows}"));
    assert_eq!(read(&plain::write(&first)), first);
}

#[test]
fn a_file_for_each_expiration() {
    let header = "contractSymbol,type,strike,bid,ask,volume,openInterest\n";
    let name = "TSLA/2024/06/11/2024-06-14.csv";
    let text = format!("{header}TSLA240614P00170000,put,170,1.2,1.25,300,900\n");
    let all = Place::new().with(name, text.as_bytes()).read().unwrap();
    let day = &all.days[&(symbol("TSLA"), Date::constant(2024, 6, 11))];
    let seen = day.series.values().next().unwrap().row;
    assert_eq!((seen.bid, seen.ask, seen.series.strike), (Some(cents(120)), Some(cents(125)), Price::dollars(170)));
    for (row, says) in [
        ("TSLA240614P00170000,call,170,1.2,1.25,300,900\n", "type"),
        ("TSLA240614P00170000,put,171,1.2,1.25,300,900\n", "strike"),
        ("TSLA240621P00170000,put,170,1.2,1.25,300,900\n", "contractSymbol"),
        ("TSLA24061,put,170,1.2,1.25,300,900\n", "contractSymbol"),
    ] {
        let refusal = Place::new().with(name, format!("{header}{row}").as_bytes()).refusal();
        assert!(refusal.contains("2024-06-14.csv, line 2") && refusal.contains(says), "{row}: {refusal}");
    }
}

fn zipped(member: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file::<_, ()>(member, zip::write::FileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives_of_bars_take_the_last_bar_of_the_day() {
    let member = "20240611_tsla_minute_quote_american_put_1700000_20240614.csv";
    let at = |hour: i64, minute: i64| (hour * 60 + minute) * 60_000;
    let row = |ms: i64, bid: i64, ask: i64| format!("{ms},{bid},{bid},{bid},{bid},5,{ask},{ask},{ask},{ask},6\n");
    let text = row(at(9, 30), 10_000, 11_000) + &row(at(15, 59), 12_000, 12_500);
    let name = "20240611_quote_american.zip";
    let place = Place::new().with(name, &zipped(member, &text));
    assert_eq!(find(place.0.path()).unwrap().sources[0].layout, Layout::Bars);
    let all = place.read().unwrap();
    let calendar = Calendar::nyse();
    let day = calendar.session(Date::constant(2024, 6, 11)).unwrap();
    let quotes = all.quoted(&calendar, "lean");
    let chain = quotes.chain(day, symbol("TSLA"), Expiration(Date::constant(2024, 6, 14)), Right::Put).unwrap();
    assert_eq!((chain.quotes[0].bid, chain.quotes[0].ask), (cents(120), cents(125)));
    let refusal = Place::new().with(name, &zipped(member, "x,1,1,1,1,1,1,1,1,1,1\n")).refusal();
    assert!(refusal.contains(member) && refusal.contains("time"), "{refusal}");
    let cut = Place::new().with(name, &zipped(member, &text)[..60]).refusal();
    assert!(cut.contains(name), "{cut}");
}

#[test]
fn crossed_empty_and_repeated_quotes_are_counted_and_not_filled_from() {
    let mut rows = String::new();
    for day in ["2024-06-11", "2024-06-12"] {
        for strike in 150..180 {
            rows += &format!("TSLA,{day},2024-06-21,put,{strike},1.20,1.25,,5,9\n");
        }
    }
    rows += "TSLA,2024-06-13,2024-06-21,put,170,1.30,1.25,,5,9\n";
    rows += "TSLA,2024-06-13,2024-06-21,put,171,0,1.25,,5,9\nTSLA,2024-06-13,2024-06-21,put,171,0,1.25,,5,9\n";
    rows += "TSLA,2024-06-13,2024-06-21,put,172,1,0,,5,9\nTSLA,2024-06-15,2024-06-21,put,172,1,2,,5,9\n";
    let all = of_plain(&rows).read().unwrap();
    let calendar = Calendar::nyse();
    let found =
        quality(&all, None::<&Beside<'_, fn(Date, pricing::unit::Years) -> Option<pricing::unit::Rate>>>, &calendar);
    let on = |date: Date| found.days.iter().find(|d| d.date == date).unwrap();
    let (copy, bad, closed) =
        (on(Date::constant(2024, 6, 12)), on(Date::constant(2024, 6, 13)), on(Date::constant(2024, 6, 15)));
    assert_eq!(copy.copy_of, Some(Date::constant(2024, 6, 11)));
    assert_eq!((bad.crossed, bad.zero_bid, bad.zero_ask, bad.twice, bad.quoted), (1, 1, 1, 1, 1));
    assert!(!closed.session);
    let tsla = &found.symbols[0];
    assert_eq!(tsla.quoted, [Date::constant(2024, 6, 11), Date::constant(2024, 6, 13)]);
    assert_eq!(tsla.holes, [Date::constant(2024, 6, 12)]);
    let days: Vec<_> = all.quoted(&calendar, "x").sessions().map(|d| d.date()).collect();
    assert_eq!(days, tsla.quoted, "a copy and a closed day fill nothing");
}

/// The real folders are read whole; the counts are those of the archives' own rows.
#[test]
fn the_shared_chains_are_read_whole() {
    let Some(shared) = folder::shared("the_shared_chains_are_read_whole") else { return };
    let calendar = Calendar::nyse();
    let all = Collected::read(&find(&shared.join("chains")).unwrap(), &calendar).unwrap();
    let tsla: Vec<_> = all.days.iter().filter(|((s, _), _)| *s == symbol("TSLA")).collect();
    let quoted = all.quoted(&calendar, "shared");
    let sessions = quoted.sessions().count();
    println!("{} dates of TSLA, {sessions} quoted sessions of all", tsla.len());
    assert!(tsla.len() >= 77 && sessions >= 74, "{} dates, {sessions} sessions", tsla.len());
    assert!(quoted.sessions().all(|day| calendar.session(day.date()).is_some()));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let calendar = Calendar::nyse();
        let _ = plain::parse(PathBuf::from("x.csv"), bytes.clone(), &calendar);
        let with_header = [PLAIN.as_bytes(), &bytes].concat();
        let _ = plain::parse(PathBuf::from("x.csv"), with_header, &calendar);
        for name in ["20240611_quote_american.zip", "TSLA/20240611.csv", "TSLA/2024/06/11/2024-06-14.csv", "a.csv.gz"] {
            let _ = Place::new().with(name, &bytes).read();
        }
    }
}
