//! Answers that are not as expected are refused with source, line, field and what was expected.

use std::fs;

use adapters::files::SystemFiles;
use adapters::folder::{DateForm, Kind, Mapping, Origin, Piece, Put, translate};
use adapters::pull::Wanted;
use market::instrument::Symbol;
use serde_json::{Value, json};

use super::server::{Server, ok};
use super::{Bench, bars, everything, options, vendor};

/// How a pull of `wanted` is refused where every answer is changed by `bend`; the folder stays empty.
fn refused(wanted: &Wanted, bend: impl Fn(String) -> String + Send + 'static) -> String {
    let server = Server::start(move |request, _| ok(&bend(vendor::answer(&request.path).unwrap_or_default())));
    let bench = Bench::new();
    let error = match bench.pull(&vendor::sources(&server.address), wanted) {
        Err(error) => error.to_string(),
        Ok(pulled) => bench.put(pulled, false).expect_err("refused").to_string(),
    };
    assert!(bench.snapshot().is_empty(), "the folder stays as it is: {:?}", bench.snapshot().keys());
    error
}

fn refused_chart(bend: impl Fn(&mut Value) + Send + 'static) -> String {
    refused(&bars(&["SPY"]), move |body| {
        let mut chart: Value = serde_json::from_str(&body).unwrap();
        bend(&mut chart["chart"]["result"][0]);
        chart.to_string()
    })
}

fn list<'a>(result: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    result["indicators"]["quote"][0][key].as_array_mut().unwrap()
}

#[test]
fn charts() {
    let of = |error: String, said: &[&str]| {
        for said in said {
            assert!(error.contains(said), "{said}: {error}");
        }
    };
    of(refused_chart(|r| list(r, "close")[3] = Value::Null), &["/chart/SPY", "close[3] of 2024-04-18", "null"]);
    of(refused_chart(|r| list(r, "low")[3] = json!(-2.5)), &["low[3] of 2024-04-18", "-2.5", "a price above zero"]);
    of(refused_chart(|r| list(r, "open")[0] = json!(0)), &["open[0] of 2024-04-15", "a price above zero"]);
    of(refused_chart(|r| drop(list(r, "volume").pop())), &["volume: found 38 values; expected 39"]);
    of(refused_chart(|r| r["meta"]["symbol"] = json!("SPYG")), &["meta.symbol", "SPYG", "expected SPY"]);
    of(refused_chart(|r| r["meta"]["dataGranularity"] = json!("1wk")), &["meta.dataGranularity", "expected 1d"]);
    of(refused_chart(|r| r["timestamp"].as_array_mut().unwrap().swap(4, 5)), &["2024-04-19 after 2024-04-22"]);
    of(refused_chart(|r| r["timestamp"] = json!("none")), &["timestamp", "a list with a value for each session"]);
    of(
        refused_chart(|r| {
            let closes = list(r, "close").clone();
            r["indicators"]["adjclose"][0]["adjclose"] = Value::from(closes);
        }),
        &["adjclose", "adjusted for dividends"],
    );
    of(
        refused_chart(|r| {
            let times = r["timestamp"].as_array_mut().unwrap();
            times.remove(10);
            r["indicators"]["adjclose"][0]["adjclose"].as_array_mut().unwrap().remove(10);
            for key in ["open", "high", "low", "close", "volume"] {
                list(r, key).remove(10);
            }
        }),
        &["bars/SPY.csv", "2024-04-29", "the rows are from http://127.0.0.1:"],
    );
    of(
        refused_chart(|r| {
            let at = r["timestamp"][20].clone();
            r["events"]["splits"] = json!({ "x": { "date": at, "numerator": 3, "denominator": 2 } });
        }),
        &["events/splits.csv", "1.5", "a whole number of shares"],
    );
    let gone = r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}"#;
    of(refused(&bars(&["SPY"]), |_| gone.to_owned()), &["chart.error", "No data found"]);
}

/// Every price of a table lowered by a share, to four decimals.
fn adjusted_for_dividends(body: String) -> String {
    let lowered = |field: &str| match field.parse::<f64>() {
        Ok(price) if field.contains('.') => format!("{:.4}", price * 0.98765),
        _ => field.to_owned(),
    };
    let row = |row: &str| row.split(',').map(lowered).collect::<Vec<_>>().join(",") + "\n";
    body.lines().map(row).collect()
}

#[test]
fn tables() {
    let table = Wanted { source: Some("stooq".to_owned()), ..bars(&["SPY"]) };
    let yields = Wanted { symbols: Vec::new(), volatility: false, ..everything(&[]) };
    let indices = Wanted { symbols: Vec::new(), rates: false, ..everything(&[]) };
    let line = |n: usize, change: fn(&str) -> String| {
        move |body: String| {
            let lines = body.split_inclusive('\n').enumerate();
            lines.map(|(i, row)| if i + 1 == n { change(row) } else { row.to_owned() }).collect::<String>()
        }
    };
    type Bend = Box<dyn Fn(String) -> String + Send>;
    let cases: Vec<(&Wanted, Bend, &[&str])> = vec![
        (&table, Box::new(|_| "<!DOCTYPE html><title>Sorry</title>\n".to_owned()), &["<!DOCTYPE", "this is no table"]),
        (&table, Box::new(|_| String::new()), &["the file is empty"]),
        (&table, Box::new(|body| body.lines().next().unwrap().to_owned() + "\n"), &["nothing below the header"]),
        (&table, Box::new(|body| body.replace("Close", "Last")), &["line 1, close", "there is no column"]),
        (&table, Box::new(line(5, |row| row.replace("4000000", "NaN"))), &["line 5, volume", "NaN", "whole number"]),
        (
            &table,
            Box::new(line(5, |row| row.replace(",20", ",-20"))),
            &["line 5, high", "a price in dollars above zero"],
        ),
        (
            &table,
            Box::new(line(5, |_| "2024-04-15,1,1,1,1,1\n".into())),
            &["line 5, date", "2024-04-15 follows 2024-04-17"],
        ),
        (&table, Box::new(line(5, |_| String::new())), &["bars/SPY.csv", "2024-04-18"]),
        (&table, Box::new(line(5, |row| row.replace(",4000000", ""))), &["line 5", "5 fields", "6, as in the header"]),
        (
            &table,
            Box::new(adjusted_for_dividends),
            &["bars/SPY.csv, close", "no whole cents", "adjusted for dividends"],
        ),
        (&yields, Box::new(|body| body.replace("1 Mo", "1 Month")), &["line 1, 1 Mo", "there is no column"]),
        (
            &yields,
            Box::new(line(3, |row| row.replace("5.48", "high"))),
            &["line 3, DGS1MO", "high", "a yield in percent"],
        ),
        (&yields, Box::new(line(3, |row| row.replace('/', " "))), &["line 3, date", "month, day and year"]),
        (
            &indices,
            Box::new(line(4, |row| row.replace("/2024,", "/2024,-"))),
            &["VIX_History", "line 4, open", "above zero"],
        ),
    ];
    for (wanted, bend, said) in cases {
        let error = refused(wanted, bend);
        for said in said {
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}

fn put(bench: &Bench, kind: Kind, text: &str, mapping: &Mapping) -> Result<usize, String> {
    let now = "2024-06-09T12:00:00Z".parse().unwrap();
    let sheet = translate("mine.csv".into(), text.into(), kind, mapping).map_err(|error| error.to_string())?;
    let origin = Some(Origin::imported("mine.csv".to_owned(), text.as_bytes(), now));
    let (dir, options) = (bench.dir(), options());
    let put =
        Put { dir: &dir, files: &SystemFiles, accept_revisions: false, options: &options, calendar: &bench.calendar };
    let written = put.write(vec![Piece { kind, sheet, origin }]).map_err(|error| error.to_string())?;
    Ok(written[0].added)
}

#[test]
fn tables_of_ones_own_are_imported_by_names_and_dates_as_they_are() {
    let bench = Bench::new();
    let spy = Symbol::new("SPY").unwrap();
    let named = |pairs: &[(&str, &str)], dates| Mapping {
        dates,
        columns: pairs.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect(),
        ..Mapping::default()
    };
    let falling =
        "Day,Last,High,Low,First,Shares,close\n6/4/2024,520.1,521,515,516,9,?\n6/3/2024,516.2,517,510,511,8,?\n";
    let mapping = named(&[("date", "Day"), ("close", "Last"), ("open", "First"), ("volume", "Shares")], DateForm::Mdy);
    assert_eq!(put(&bench, Kind::Bars(spy), falling, &mapping), Ok(2));
    let text = fs::read_to_string(bench.dir().join("bars/SPY.csv")).unwrap();
    assert_eq!(
        text,
        "date,open,high,low,close,volume\n2024-06-03,511,517,510,516.2,8\n2024-06-04,516,521,515,520.1,9\n"
    );

    let own = Mapping { symbol: Some(spy), ..Mapping::default() };
    assert_eq!(put(&bench, Kind::Dividends, "ex_date,amount_split_adjusted\n2024-03-15,1.59\n", &own), Ok(1));
    let both =
        "symbol,ex_date,amount_split_adjusted\nQQQ,2024-03-18,0.57\nSPY,2024-03-15,1.5900\nSPY,2023-12-15,1.91\n";
    assert_eq!(put(&bench, Kind::Dividends, both, &own), Ok(1), "of two symbols the one asked for");
    let stranger = put(
        &bench,
        Kind::Dividends,
        "symbol,ex_date,amount_split_adjusted\nQQQ,2024-03-18,0.57\n",
        &Mapping::default(),
    );
    assert!(stranger.unwrap_err().contains("a symbol that has bars: SPY"));
    assert_eq!(
        put(&bench, Kind::Index("VIX9D"), "20240603,x\n", &named(&[], DateForm::Compact)).map_err(|e| e.len() > 9),
        Err(true)
    );
    assert_eq!(put(&bench, Kind::Index("VIX9D"), "date,close\n20240603,12.5\n", &named(&[], DateForm::Compact)), Ok(1));
    assert_eq!(put(&bench, Kind::Index("VXAP"), "date,VXAP\n03.06.2024,24.5\n", &named(&[], DateForm::Dmy)), Ok(0));
    let text = fs::read_to_string(bench.dir().join("volatility/indices.csv")).unwrap();
    assert_eq!(text, "date,VIX9D,VIX3M,VIX1D,VVIX,VXAP,VXAZ,VXGO\n2024-06-03,12.5,,,,24.5,,\n");

    let chains = "symbol,session,expiration,right,strike,bid,ask\nSPY,2024-06-03,2024-06-07,P,500.0,0.41,0.42\n";
    assert_eq!(put(&bench, Kind::Chains, chains, &Mapping::default()), Ok(1));
    assert_eq!(put(&bench, Kind::Chains, &chains.replace(",P,500.0", ",put,500"), &Mapping::default()), Ok(0));
    let dead = put(&bench, Kind::Chains, &chains.replace("06-07", "06-01"), &Mapping::default()).unwrap_err();
    assert!(dead.contains("lies before the session"), "{dead}");
}
