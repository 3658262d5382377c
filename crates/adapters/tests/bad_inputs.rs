//! Every kind of bad input, each with the whole message: file, line, column, what was found, what was expected (bar
//! R11).

mod folder;

use std::fs;

use adapters::history::read_history;
use folder::{calendar, folder, options, sound};
use market::instrument::Symbol;

const AAPL: &str = "bars/AAPL.csv";
const VIX: &str = "volatility/VIX.csv";
const INDICES: &str = "volatility/indices.csv";
const RATES: &str = "rates/treasury.csv";
const SPLITS: &str = "events/splits.csv";
const DIVIDENDS: &str = "events/dividends.csv";
const EARNINGS: &str = "events/earnings.csv";

/// The message for the folder whose files are as `change` leaves them, without the path before the folder.
fn message(change: impl Fn(&str, &str) -> Option<Vec<u8>>) -> String {
    let dir = folder(change);
    let error = read_history(dir.path(), &options(), &calendar()).expect_err("must be refused");
    error.to_string().replace(&format!("{}/", dir.path().display()), "")
}

/// The message when `from`, which must be there, stands as `to` in `file`.
fn replaced(file: &str, from: &str, to: &str) -> String {
    message(|name, content| {
        if name != file {
            return Some(content.as_bytes().to_vec());
        }
        assert!(content.contains(from), "{file} has no {from:?}");
        Some(content.replacen(from, to, 1).into_bytes())
    })
}

/// The message when `file` has this content.
fn whole(file: &str, content: &[u8]) -> String {
    message(|name, old| Some(if name == file { content.to_vec() } else { old.as_bytes().to_vec() }))
}

/// The message when `file` is not there.
fn without(file: &str) -> String {
    message(|name, content| (name != file).then(|| content.as_bytes().to_vec()))
}

#[test]
fn text_that_is_no_number_date_or_ticker() {
    let price = "expected a price in dollars above zero and at most ten million, such as 182.31";
    let percent = "expected a volatility in percent above zero, such as 17.24";
    for (file, from, to, expected) in [
        (AAPL, ",104.35,", ",abc,", format!("bars/AAPL.csv, line 3, close: found \"abc\"; {price}")),
        (AAPL, ",104.35,", ",NaN,", format!("bars/AAPL.csv, line 3, close: found \"NaN\"; {price}")),
        (AAPL, ",104.35,", ",inf,", format!("bars/AAPL.csv, line 3, close: found \"inf\"; {price}")),
        (AAPL, ",104.35,", ",-104.35,", format!("bars/AAPL.csv, line 3, close: found \"-104.35\"; {price}")),
        (AAPL, ",104.64,", ",0.00,", format!("bars/AAPL.csv, line 3, open: found \"0.00\"; {price}")),
        (AAPL, ",104.64,", ",,", format!("bars/AAPL.csv, line 3, open: found \"\"; {price}")),
        (AAPL, ",104.64,", ",1.0464e2,", format!("bars/AAPL.csv, line 3, open: found \"1.0464e2\"; {price}")),
        (AAPL, ",104.64,", ",99999999,", format!("bars/AAPL.csv, line 3, open: found \"99999999\"; {price}")),
        (
            AAPL,
            "474000",
            "-5",
            "bars/AAPL.csv, line 3, volume: found \"-5\"; expected a whole number of shares, zero or more".into(),
        ),
        (
            AAPL,
            "2024-06-04",
            "06/04/2024",
            "bars/AAPL.csv, line 3, date: found \"06/04/2024\"; expected a date such as 2024-06-10".into(),
        ),
        (
            AAPL,
            "2024-06-04",
            "2024-06-31",
            "bars/AAPL.csv, line 3, date: found \"2024-06-31\"; expected a date such as 2024-06-10".into(),
        ),
        (VIX, "16.110000", "", format!("volatility/VIX.csv, line 3, close: found \"\"; {percent}")),
        (VIX, "16.110000", "-1", format!("volatility/VIX.csv, line 3, close: found \"-1\"; {percent}")),
        (INDICES, "17.81", "nan", format!("volatility/indices.csv, line 3, VIX3M: found \"nan\"; {percent}")),
        (
            RATES,
            "3.47",
            "3,47%",
            "rates/treasury.csv, line 3: found 8 fields; expected 7, as in the header".into(),
        ),
        (
            RATES,
            "3.47",
            "3.47%",
            "rates/treasury.csv, line 3, DGS1MO: found \"3.47%\"; expected a yield in percent a year, such as 4.35, or \
             nothing"
                .into(),
        ),
        (
            SPLITS,
            "2024-06-05,2",
            "2024-06-05,1.5",
            "events/splits.csv, line 3, new_shares_per_old: found \"1.5\"; expected a whole number of shares from 1 to \
             1000; other splits cannot be applied"
                .into(),
        ),
        (
            SPLITS,
            "2024-06-05,2",
            "2024-06-05,0",
            "events/splits.csv, line 3, new_shares_per_old: found \"0\"; expected a whole number of shares from 1 to \
             1000; other splits cannot be applied"
                .into(),
        ),
        (
            DIVIDENDS,
            "0.25",
            "-0.25",
            "events/dividends.csv, line 3, amount_split_adjusted: found \"-0.25\"; expected an amount in dollars of \
             zero or more, such as 0.24"
                .into(),
        ),
        (
            DIVIDENDS,
            "AAPL,2024",
            "aapl,2024",
            "events/dividends.csv, line 3, symbol: found \"aapl\"; expected a ticker of 1 to 6 capital letters, \
             digits, '.' or '-', beginning with a letter"
                .into(),
        ),
        (
            EARNINGS,
            "2024-05-02",
            "Q1 2024",
            "events/earnings.csv, line 3, report_date: found \"Q1 2024\"; expected a date such as 2024-06-10".into(),
        ),
    ] {
        assert_eq!(replaced(file, from, to), expected);
    }
}

#[test]
fn values_that_contradict_each_other() {
    for (file, from, to, expected) in [
        (
            AAPL,
            "105.32",
            "104.3",
            "bars/AAPL.csv, line 3, open: open of 2024-06-04 is $104.64; expected it between the day's low $103.0342 \
             and high $104.30",
        ),
        (
            AAPL,
            "2024-06-06",
            "2024-06-05",
            "bars/AAPL.csv, line 5, date: 2024-06-05 stands twice; expected each day once",
        ),
        (
            AAPL,
            "2024-06-06",
            "2024-06-03",
            "bars/AAPL.csv, line 5, date: 2024-06-03 follows 2024-06-05; expected rows in rising order of date",
        ),
        (
            AAPL,
            "2024-06-05,105.4,106.9,104.87,105.87,541000\n",
            "",
            "bars/AAPL.csv, line 4, date: 2024-06-06 follows 2024-06-04; the session of 2024-06-05 is missing",
        ),
        (
            AAPL,
            "2024-06-07",
            "2024-06-08",
            "bars/AAPL.csv, line 6, date: 2024-06-08 is not an NYSE session; expected trading days only",
        ),
        (
            AAPL,
            "2024-06-07",
            "2047-06-07",
            "bars/AAPL.csv, line 6, date: 2047-06-07 lies outside the years of the exchange calendar; expected 2005 to \
             2040",
        ),
        (
            AAPL,
            "2024-06-07,104.65,106.94,104.14,106.89",
            "2024-06-07,26.05,26.23,25.93,26.22",
            "bars/AAPL.csv, line 6, open: $26.05 after a close of $104.48 looks like a split of 4 for 1 that these \
             bars are not adjusted for; expected bars adjusted for every split, and each split in events/splits.csv",
        ),
        (
            VIX,
            "2024-06-04",
            "2024-06-03",
            "volatility/VIX.csv, line 4, date: 2024-06-03 stands twice; expected each day once",
        ),
        (
            RATES,
            "2024-06-04",
            "2024-06-01",
            "rates/treasury.csv, line 4, date: 2024-06-01 follows 2024-06-03; expected rows in rising order of date",
        ),
        (
            DIVIDENDS,
            "AAPL,2020-05-08,0.105",
            "AAPL,2024-05-10,0.2500",
            "events/dividends.csv, line 4, ex_date: AAPL on 2024-05-10 stands twice; expected it once",
        ),
        (
            EARNINGS,
            "2024-05-02",
            "2024-02-01",
            "events/earnings.csv, line 4, report_date: AAPL on 2024-02-01 stands twice; expected it once",
        ),
        (
            SPLITS,
            "AAPL,2020-08-31,4",
            "AAPL,2024-06-05,3",
            "events/splits.csv, line 3, effective_date: AAPL on 2024-06-05 stands twice; expected it once",
        ),
        (
            SPLITS,
            "AAPL,2020-08-31,4",
            "APPL,2020-08-31,4",
            "events/splits.csv, line 2, symbol: found \"APPL\"; expected a symbol that has bars: AAPL, SPY",
        ),
        (
            EARNINGS,
            "GOOGL",
            "TSLA",
            "events/earnings.csv, line 2, symbol: found \"TSLA\"; expected a symbol that has bars: AAPL, SPY",
        ),
        (
            SPLITS,
            "AAPL,2024-06-05,2\n",
            "AAPL,2024-06-05,1000\nAAPL,2030-01-02,1000\n",
            "events/splits.csv, new_shares_per_old: found \"4 × 1000 × 1000\"; expected the splits of AAPL to multiply \
             to at most 1000000",
        ),
    ] {
        assert_eq!(replaced(file, from, to), expected);
    }
}

#[test]
fn a_split_table_that_is_missing_or_too_short() {
    assert_eq!(
        without(SPLITS),
        "events/splits.csv: there is no such file; expected every split, symbol,effective_date,new_shares_per_old, or \
         that header alone where there was none; without it the prices of the day cannot be known"
    );
    let year_of_the_split = "date,open,high,low,close,volume\n\
                             2020-08-28,126.01,126.44,124.58,124.81,187151000\n\
                             2020-08-31,127.58,131.0,126.0,129.04,225702700\n";
    let short = message(|name, content| match name {
        AAPL => Some(year_of_the_split.as_bytes().to_vec()),
        SPLITS => Some(b"symbol,effective_date,new_shares_per_old\n".to_vec()),
        _ => Some(content.as_bytes().to_vec()),
    });
    assert_eq!(
        short,
        "events/splits.csv, new_shares_per_old: the table is too short: the bars of AAPL begin on 2020-08-28, and its \
         split of 4 for 1 on 2020-08-31 is not here; expected a row AAPL,2020-08-31,4"
    );
    let none_needed = folder(|name, content| match name {
        SPLITS => Some(b"symbol,effective_date,new_shares_per_old\n".to_vec()),
        _ => Some(content.as_bytes().to_vec()),
    });
    assert!(read_history(none_needed.path(), &options(), &calendar()).is_ok());
}

#[test]
fn files_that_are_missing_empty_or_something_else() {
    assert_eq!(
        without(VIX),
        "volatility/VIX.csv: there is no such file; expected the VIX by day, with the columns date and close"
    );
    assert_eq!(
        without(EARNINGS),
        "events/earnings.csv: there is no such file; expected the days of earnings reports, symbol,report_date, or \
         that header alone"
    );
    assert_eq!(
        whole(RATES, b""),
        "rates/treasury.csv: the file is empty; expected Treasury yields by day in percent, with the columns \
         date,DGS1MO,DGS3MO,DGS6MO,DGS1,DGS2"
    );
    assert_eq!(
        whole(AAPL, b"date,open,high,low,close,volume\n"),
        "bars/AAPL.csv: there is nothing below the header; expected a bar for each session"
    );
    assert_eq!(
        replaced(AAPL, "close,volume", "adj close,volume"),
        "bars/AAPL.csv, line 1, close: there is no column \"close\" among \"date,open,high,low,adj close,volume\"; \
         expected it by that name, in any place"
    );
    assert_eq!(
        replaced(AAPL, "low,close", "close,close"),
        "bars/AAPL.csv, line 1, low: there is no column \"low\" among \"date,open,high,close,close,volume\"; expected \
         it by that name, in any place"
    );
    assert_eq!(
        replaced(VIX, "open,", "close,"),
        "volatility/VIX.csv, line 1, close: found 2 columns of that name; expected one"
    );
    assert_eq!(
        replaced(INDICES, "VXAP", "VXAPL"),
        "volatility/indices.csv, line 1, VXAP: there is no column \"VXAP\" among \
         \"date,VIX,VIX9D,VIX3M,VVIX,VXAPL,VXAZ,VXGO\"; expected it by that name, in any place"
    );
    assert_eq!(
        whole(AAPL, b"\x50\x4b\x03\x04\n\xff\xfe"),
        "bars/AAPL.csv, line 2: found the byte 0xFF, which is not UTF-8; expected text in UTF-8"
    );
    assert_eq!(
        whole(AAPL, "date;open;high;low;close;volume\n2024-06-03;1;1;1;1;0\n".as_bytes()),
        "bars/AAPL.csv, line 1, date: there is no column \"date\" among \"date;open;high;low;close;volume\"; expected \
         it by that name, in any place"
    );
}

#[test]
fn lines_that_are_no_rows() {
    assert_eq!(replaced(AAPL, ",474000", ""), "bars/AAPL.csv, line 3: found 5 fields; expected 6, as in the header");
    assert_eq!(
        replaced(AAPL, "2024-06-04,104.64,105.32,103.0342,104.35,474000", "404 Not Found"),
        "bars/AAPL.csv, line 3: found \"404 Not Found\"; expected 6 fields, parted by commas"
    );
    assert_eq!(
        replaced(AAPL, "2024-06-04", "\n2024-06-04"),
        "bars/AAPL.csv, line 3: found an empty line; expected a row in each line"
    );
    assert_eq!(
        replaced(AAPL, "2024-06-04", &"9".repeat(5000)),
        "bars/AAPL.csv, line 3: found a line of 5037 bytes; expected at most 4096"
    );
    assert_eq!(
        replaced(AAPL, "2024-06-04", "\"2024-06-04"),
        "bars/AAPL.csv, line 3: found \"\\\"2024-06-04,104.64,105.32,103.0342,104.3\"… (48 characters); expected a \
         closing quotation mark before the next comma or the end of the line"
    );
    assert_eq!(
        replaced(AAPL, "104.64", &"1".repeat(300)),
        format!(
            "bars/AAPL.csv, line 3, open: found \"{}\"… (300 characters); expected a price in dollars above zero and \
             at most ten million, such as 182.31",
            "1".repeat(40)
        )
    );
}

#[test]
fn folders_that_hold_no_history() {
    let dir = sound();
    let nowhere = dir.path().join("nowhere");
    let error = read_history(&nowhere, &options(), &calendar()).unwrap_err();
    let expected = "expected a folder of price history, with bars/SYMBOL.csv for each symbol";
    assert_eq!(error.to_string(), format!("{}/bars: there is no such file; {expected}", nowhere.display()));

    fs::create_dir_all(nowhere.join("bars")).unwrap();
    let error = read_history(&nowhere, &options(), &calendar()).unwrap_err();
    assert_eq!(error.to_string(), format!("{}/bars: the folder has no bars; {expected}", nowhere.display()));

    fs::write(nowhere.join("bars/aapl.csv"), "").unwrap();
    let error = read_history(&nowhere, &options(), &calendar()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}/bars/aapl.csv: found \"aapl.csv\"; expected a file named after its ticker in capital letters, such as \
             AAPL.csv",
            nowhere.display()
        )
    );

    let mut only = options();
    only.symbols = Some(vec![Symbol::new("TSLA").unwrap()]);
    let error = read_history(dir.path(), &only, &calendar()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}/bars/TSLA.csv: there is no such file; expected the daily bars of TSLA; the folder has AAPL, SPY",
            dir.path().display()
        )
    );
}
