//! Input that cannot be right: each names file, line and field, and what was expected, and leaves nothing behind.

use std::fs;
use std::path::Path;

use crate::support::{Home, write_history};

/// Replaces the field `column` of line `line` (from 1, the header included) by `text`.
fn set(file: &Path, line: usize, column: &str, text: &str) {
    let whole = fs::read_to_string(file).unwrap();
    let mut lines: Vec<Vec<String>> = whole.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
    let at = lines[0].iter().position(|name| name == column).unwrap();
    lines[line - 1][at] = text.to_owned();
    let lines: Vec<String> = lines.into_iter().map(|fields| fields.join(",")).collect();
    fs::write(file, lines.join("\n") + "\n").unwrap();
}

/// Changes the lines of a file.
fn edit(file: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> = fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(file, lines.join("\n") + "\n").unwrap();
}

struct Case {
    what: &'static str,
    file: &'static str,
    spoil: fn(&Path),
    says: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        what: "a missing file",
        file: "bars/NVDA.csv",
        spoil: |file| fs::remove_file(file).unwrap(),
        says: &["NVDA", "expected"],
    },
    Case {
        what: "a missing table",
        file: "rates/treasury.csv",
        spoil: |file| fs::remove_file(file).unwrap(),
        says: &["there is no such file", "expected"],
    },
    Case {
        what: "a wrong column",
        file: "bars/TSLA.csv",
        spoil: |file| edit(file, |lines| lines[0] = lines[0].replace("close", "last")),
        says: &["there is no column \"close\"", "expected it by that name"],
    },
    Case {
        what: "text for a number",
        file: "bars/TSLA.csv",
        spoil: |file| set(file, 5, "low", "cheap"),
        says: &["line 5", "low", "\"cheap\"", "expected"],
    },
    Case {
        what: "not a number",
        file: "bars/TSLA.csv",
        spoil: |file| set(file, 7, "close", "NaN"),
        says: &["line 7", "close", "\"NaN\"", "expected"],
    },
    Case {
        what: "a negative price",
        file: "bars/TSLA.csv",
        spoil: |file| set(file, 9, "open", "-1.00"),
        says: &["line 9", "open", "expected"],
    },
    Case {
        what: "a high below the close",
        file: "bars/TSLA.csv",
        spoil: |file| set(file, 11, "high", "0.01"),
        says: &["line 11", "high"],
    },
    Case {
        what: "a bar twice",
        file: "bars/MSFT.csv",
        spoil: |file| edit(file, |lines| lines.insert(6, lines[5].clone())),
        says: &["line 7", "date", "stands twice", "expected"],
    },
    Case {
        what: "bars out of order",
        file: "bars/MSFT.csv",
        spoil: |file| edit(file, |lines| lines.swap(5, 6)),
        says: &["line 7", "date", "rising order"],
    },
    Case {
        what: "a hole in the sessions",
        file: "bars/MSFT.csv",
        spoil: |file| edit(file, |lines| drop(lines.remove(9))),
        says: &["line 10", "date", "the session of", "is missing"],
    },
    Case {
        what: "a bar on a holiday",
        file: "bars/MSFT.csv",
        spoil: |file| set(file, 2, "date", "2024-07-04"),
        says: &["line 2", "date"],
    },
    Case {
        what: "an unknown symbol",
        file: "events/dividends.csv",
        spoil: |file| edit(file, |lines| lines.push("ZZZZ,2025-10-01,0.10".to_owned())),
        says: &["ZZZZ", "expected"],
    },
    Case {
        what: "a volatility of nothing",
        file: "volatility/VIX.csv",
        spoil: |file| set(file, 4, "close", "0"),
        says: &["line 4", "close", "expected"],
    },
    Case {
        what: "a yield that is none",
        file: "rates/treasury.csv",
        spoil: |file| set(file, 4, "DGS1MO", "n/a"),
        says: &["line 4", "DGS1MO", "\"n/a\"", "expected"],
    },
    Case {
        what: "half a split",
        file: "events/splits.csv",
        spoil: |file| edit(file, |lines| lines.push("TSLA,2025-10-01,1.5".to_owned())),
        says: &["line 2", "new_shares_per_old", "\"1.5\"", "expected"],
    },
    Case {
        what: "a split that the bars are not adjusted for",
        file: "bars/AAPL.csv",
        spoil: |file| {
            edit(file, |lines| {
                for line in lines.iter_mut().skip(1).take(100) {
                    let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
                    let four = |i: usize| format!("{:.4}", fields[i].parse::<f64>().unwrap() * 4.0);
                    *line = format!("{},{},{},{},{},{}", fields[0], four(1), four(2), four(3), four(4), fields[5]);
                }
            });
        },
        says: &["line 102", "looks like a split of 4 for 1", "events/splits.csv"],
    },
    Case {
        what: "no file but a folder",
        file: "events/earnings.csv",
        spoil: |file| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
        says: &["cannot be read", "expected"],
    },
];

#[test]
fn price_history_that_cannot_be_right_is_refused_at_its_place() {
    let home = Home::new();
    let data = home.path("prices");
    for case in CASES {
        write_history(&data);
        let file = data.join(case.file);
        (case.spoil)(&file);
        let folder = data.to_str().unwrap();
        let name = Path::new(case.file).file_name().unwrap().to_str().unwrap();
        let name = if case.says[0] == "NVDA" { "NVDA" } else { name };
        let says: Vec<&str> = [&[name], case.says].concat();
        println!("{}", case.what);
        home.refuses(&["backtest", "--data", folder], 3, &says);
        assert_eq!(home.files(), ["prices"], "{}: nothing is left behind", case.what);
        if case.says[0] != "NVDA" {
            let looked = home.run(&["data", "inspect", folder]);
            assert_eq!(looked.code, 3, "{}:\n{}", case.what, looked.err);
            for said in &says {
                assert!(looked.err.contains(said), "{}: expected {said:?} in:\n{}", case.what, looked.err);
            }
        }
        fs::remove_dir_all(&data).unwrap();
    }
    home.refuses(
        &["backtest", "--data", "/no/such/folder"],
        3,
        &["/no/such/folder", "expected a folder of price history"],
    );
}

#[test]
fn a_policy_that_cannot_be_right_is_refused_with_every_problem() {
    let home = Home::new();
    let file = home.path("mine.toml");
    let name = file.to_str().unwrap();
    let data = home.path("prices");
    write_history(&data);
    for (text, says) in [
        (
            "extends = \"all-use\"\n[buffer]\nshare = 150\n[band]\nfalback = 3\n",
            &[
                "mine.toml:3: buffer.share = 150",
                "expected",
                "mine.toml:5: band.falback",
                "did you mean band.fallback?",
            ][..],
        ),
        ("extends = \"nothing\"\n", &["mine.toml:1: extends = \"nothing\" names no policy"]),
        ("extends = \"all-use\"\n[buffer\n", &["mine.toml:2: this is not TOML"]),
        ("name = \"short\"\n", &["mine.toml: ", "is missing; expected"]),
    ] {
        fs::write(&file, text).unwrap();
        home.refuses(&["policy", "check", name], 3, says);
        home.refuses(&["policy", "show", "--policy", name], 3, says);
        home.refuses(&["backtest", "--data", data.to_str().unwrap(), "--policy", name], 3, says);
    }
    fs::write(&file, "extends = \"all-use\"\nname = \"mine\"\n[universe]\ngen = [\"ZZZZ\"]\n").unwrap();
    let run = ["backtest", "--data", data.to_str().unwrap(), "--policy", name];
    home.refuses(&run, 3, &["ZZZZ has no bars in prices", "the policy trades it"]);
    home.refuses(
        &["policy", "show", "--policy", "all-used"],
        3,
        &["all-used", "expected all-use, as-written, or a policy file"],
    );
    assert_eq!(home.files(), ["mine.toml", "prices"]);
}

#[test]
fn a_policy_that_is_right_is_shown_with_what_it_changes() {
    let home = Home::new();
    let file = home.path("mine.toml");
    let name = file.to_str().unwrap();
    fs::write(&file, "extends = \"all-use\"\nname = \"mine\"\n[band]\nfallback = 5\n").unwrap();
    let checked = home.prints(&["policy", "check", name]);
    assert!(checked.contains("the policy \"mine\" is sound") && checked.contains("band.fallback"), "{checked}");
    let shown = home.prints(&["policy", "show", "--policy", name, "--changes"]);
    assert!(shown.contains("1 keys that differ") && shown.contains("band.fallback = 5"), "{shown}");
    let all = home.json(&["policy", "show", "--json"]);
    assert!(all["keys"].as_array().unwrap().len() > 150);
    let letter = home.prints(&["policy", "show", "--policy", "as-written", "--changes"]);
    for key in ["fork.rebase", "fork.wait_for_contract", "tax.reserve", "calls.below_basis", "roll.max_delta"] {
        assert!(letter.contains(key), "{key}:\n{letter}");
    }
}
