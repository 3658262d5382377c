//! Data of one's own: pulled from a host on this machine, imported, inspected, and run on.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use market::time::{Calendar, Date};
use serde_json::json;

use crate::server::{Reply, Server, ok, status};
use crate::support::{Home, write_history};

fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Half a cent up.
fn cents(text: &str) -> f64 {
    (text.parse::<f64>().unwrap() * 100.0).round() / 100.0
}

/// A symbol of the made-up folder as a chart.
fn chart(made: &Path, symbol: &str) -> Option<String> {
    let file = made.join(format!("bars/{symbol}.csv"));
    let bars = rows(file.is_file().then_some(&file)?);
    let calendar = Calendar::nyse();
    let at = |day: &str| calendar.opens_at(calendar.session(date(day)).unwrap()).as_second();
    let list = |place: usize| bars[1..].iter().map(|row| cents(&row[place])).collect::<Vec<_>>();
    let dividends = rows(&made.join("events/dividends.csv"));
    let own = dividends.iter().filter(|row| row[0] == symbol).map(|row| {
        let time = at(&row[1]);
        (time.to_string(), json!({ "date": time, "amount": row[2].parse::<f64>().unwrap() }))
    });
    let quote = json!({
        "open": list(1), "high": list(2), "low": list(3), "close": list(4),
        "volume": bars[1..].iter().map(|row| row[5].parse::<u64>().unwrap()).collect::<Vec<_>>(),
    });
    let result = json!({
        "meta": { "symbol": symbol, "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d" },
        "timestamp": bars[1..].iter().map(|row| at(&row[0])).collect::<Vec<_>>(),
        "events": { "dividends": own.collect::<serde_json::Map<_, _>>() },
        "indicators": { "quote": [quote] },
    });
    Some(json!({ "chart": { "result": [result], "error": null } }).to_string())
}

/// A column of a table of the made-up folder, by day, months first.
fn index(made: &Path, name: &str) -> String {
    let (file, column) = if name == "VIX" { ("VIX.csv", "close") } else { ("indices.csv", name) };
    let all = rows(&made.join("volatility").join(file));
    let place = all[0].iter().position(|own| own == column);
    let mut text = "DATE,CLOSE\n".to_owned();
    for row in &all[1..] {
        let day = date(&row[0]);
        let value = place.map(|place| row[place].clone()).filter(|value| !value.is_empty());
        let value = value.unwrap_or_else(|| "20.00".to_owned());
        writeln!(text, "{:02}/{:02}/{},{value}", day.month(), day.day(), day.year()).unwrap();
    }
    text
}

fn yields(made: &Path, year: i16) -> String {
    let mut text = "Date,\"1 Mo\",\"3 Mo\",\"6 Mo\",\"1 Yr\",\"2 Yr\"\n".to_owned();
    for row in rows(&made.join("rates/treasury.csv"))[1..].iter().rev() {
        let day = date(&row[0]);
        if day.year() == year {
            writeln!(text, "{:02}/{:02}/{year},{}", day.month(), day.day(), row[1..].join(",")).unwrap();
        }
    }
    // A year that has not begun to be told has one old day, which lies before all that is asked for.
    if text.lines().count() == 1 { text + "01/02/1998,5.1,5.1,5.1,5.1,5.1\n" } else { text }
}

fn answer(made: &Path, path: &str) -> Option<String> {
    match path.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["chart", symbol] => chart(made, &symbol.replace("%5EGSPC", "SPX"))
            .map(|text| if symbol.starts_with("%5E") { text.replace("\"SPX\"", "\"^GSPC\"") } else { text }),
        ["index", name] => {
            let ours = [("VXAPL", "VXAP"), ("VXAZN", "VXAZ"), ("VXGOG", "VXGO")];
            Some(index(made, ours.iter().find(|(theirs, _)| theirs == name).map_or(name, |(_, ours)| ours)))
        }
        ["yields", year] => Some(yields(made, year.parse().ok()?)),
        _ => None,
    }
}

/// The sources that ship, at another host.
fn sources(home: &Home, host: &str) -> String {
    let mut paths = ["chart/{symbol}", "table/{symbol}", "index/{symbol}", "yields/{year}"].into_iter();
    let shipped = home.prints(&["data", "pull", "--list"]);
    let moved = shipped.lines().map(|line| match line.split_once(" = ") {
        Some(("base", _)) => format!("base = \"{host}/\""),
        Some(("path", _)) => format!("path = \"{}\"", paths.next().unwrap()),
        _ => line.to_owned(),
    });
    let text = moved.collect::<Vec<_>>().join("\n");
    let file = home.path("sources.toml");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// A host with the made-up folder; it never answers the first question about yields, and says so.
fn hanging(made: &Path, told: Sender<()>) -> Server {
    let (made, told) = (made.to_owned(), Mutex::new(Some(told)));
    Server::start(move |request, _| {
        if request.path.starts_with("/yields/")
            && let Some(told) = told.lock().unwrap().take()
        {
            told.send(()).unwrap();
            return Reply::Hang(Vec::new());
        }
        answer(&made, &request.path).map_or_else(|| status(404, ""), |body| ok(&body))
    })
}

#[test]
fn a_folder_is_pulled_inspected_and_run_on_and_a_killed_pull_leaves_nothing() {
    let home = Home::new();
    let made = home.path("made");
    write_history(&made);
    let (told, hears) = channel();
    let server = hanging(&made, told);
    let (sources, prices) = (sources(&home, &server.address), home.path("prices").display().to_string());
    let options = ["--into", &prices, "--sources", &sources, "--gap", "0", "--from", "2024-01-01"];
    let bars = fs::read_dir(made.join("bars")).unwrap().flatten().map(|entry| entry.path());
    let symbols: Vec<String> = bars.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let pull = [&["data", "pull"], &symbols[..], &options[..]].concat();
    let mut killed = home.command(&pull).spawn().unwrap();
    hears.recv_timeout(Duration::from_secs(120)).expect("it comes to the yields");
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!Path::new(&prices).exists(), "nothing was written");
    let before = server.asked().len();

    let said = home.prints(&pull);
    for expected in ["at hand", "fetched", "bars/SPY.csv", "volatility/indices.csv", "alluse data inspect"] {
        assert!(said.contains(expected), "{expected}:\n{said}");
    }
    assert!(server.asked()[before..].iter().all(|request| request.path.starts_with("/yields/")), "the rest is at hand");
    let asked = server.asked().len();
    let again = home.json(&[&pull[..], &["--json"]].concat());
    assert_eq!((again["requests"].as_u64(), server.asked().len()), (Some(0), asked));
    assert!(again["files"].as_array().unwrap().iter().all(|file| file["new"] == 0), "{again}");

    let found = home.prints(&["data", "inspect", &prices]);
    for expected in [
        "Nothing is wrong with it.",
        "No earnings dates, so nothing is entered in: AAPL, AMZN, MSFT, NVDA, TSLA.",
        "Supported. From ",
        "Missing: option chains",
        "bars/SPY.csv",
        "a header alone: no source gives it",
    ] {
        assert!(found.contains(expected), "{expected}:\n{found}");
    }
    let earnings = made.join("events/earnings.csv").display().to_string();
    home.prints(&["data", "import", "--from", &earnings, "--kind", "earnings", "--into", &prices]);
    let found = home.json(&["data", "inspect", &prices, "--json"]);
    assert_eq!(found["problems"], json!([]));
    assert_eq!(found["commands"][0]["missing"], json!([]), "{}", found["commands"]);
    assert!(!found["commands"][0].to_string().contains("No earnings"), "{}", found["commands"]);
    let run = home.prints(&["backtest", "--data", &prices]);
    assert!(run.contains("Replayed twice, one digest") && run.contains("to 2025-12-1"), "{run}");
    let journal = home.path("backtest.journal").display().to_string();
    assert!(home.prints(&["check", &journal]).contains("Everything holds."));
}

#[test]
fn wrong_usage_and_silent_hosts_are_told() {
    let home = Home::new();
    let gone = Server::start(|_, _| status(404, ""));
    let (sources, prices) = (sources(&home, &gone.address), home.path("prices").display().to_string());
    let pull = ["data", "pull", "--into", &prices, "--sources", &sources];
    home.refuses(&[&pull[..], &["SPY"]].concat(), 5, &["/chart/SPY: the host answered 404; expected 200"]);
    home.refuses(&[&pull[..], &["--only", "bars"]].concat(), 2, &["bars of which symbols?"]);
    home.refuses(&[&pull[..], &["SPY", "--source", "nobody"]].concat(), 2, &["no source called \"nobody\""]);
    home.refuses(&["data", "pull", "SPY"], 2, &["--into"]);
    fs::write(home.path("mine.csv"), "date,open,high,low,close,volume\n2024-06-03,1,1,1,0,1\n").unwrap();
    let mine = home.path("mine.csv").display().to_string();
    let import = ["data", "import", "--from", &mine, "--into", &prices];
    home.refuses(&[&import[..], &["--kind", "bars"]].concat(), 2, &["say --symbol"]);
    home.refuses(&[&import[..], &["--kind", "index", "--symbol", "VIX8D"]].concat(), 2, &["VIX, VIX9D"]);
    let spy = ["--kind", "bars", "--symbol", "SPY"];
    home.refuses(&[&import[..], &spy[..]].concat(), 3, &["mine.csv, line 2, close: found \"0\""]);
    home.refuses(&[&import[..], &spy[..], &["--column", "x=close"]].concat(), 2, &["expected date, open, high"]);
    assert!(!Path::new(&prices).exists(), "nothing was written");
}
