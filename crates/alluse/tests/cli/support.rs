//! Runs of the real binary, and a folder of made-up price history in the form of a real one.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use market::history::History;
use market::time::{Calendar, Date};
use market::value::{Price, UNITS_PER_DOLLAR};
use serde_json::Value;
use simulation::generator::{Parameters, generate};
use tempfile::TempDir;

/// A user's machine: an empty folder for journals, and nothing set that changes output.
pub(crate) struct Home {
    folder: TempDir,
}

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alluse"));
        command.args(arguments).env("ALLUSE_HOME", self.folder.path()).stdin(Stdio::null());
        command.env_remove("COLUMNS").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs the program; what it prints must be free of colour, since it goes to a pipe.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.out.contains('\x1b') && !ran.err.contains('\x1b'), "{arguments:?}: colour in a pipe");
        ran
    }

    /// What a run prints that must succeed, and say nothing on standard error.
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let Ran { code, out, err } = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}:\n{out}");
        out
    }

    /// The same as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.prints(arguments)).unwrap()
    }

    /// A run that must fail with `code`, print nothing on standard output, and say all of `says` on standard error.
    pub(crate) fn refuses(&self, arguments: &[&str], code: i32, says: &[&str]) {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}:\n{}{}", ran.out, ran.err);
        for said in says {
            assert!(ran.err.contains(said), "{arguments:?}: expected {said:?} in:\n{}", ran.err);
        }
    }

    /// Changes a file of SQLite as another program would.
    pub(crate) fn sqlite(&self, file: &Path, sql: &str) {
        rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
    }

    /// The files of the folder, rising.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Lines that a screen of `width` columns would break, other than those that hold one long word: a path, a digest.
pub(crate) fn too_wide(text: &str, width: usize) -> Vec<String> {
    let wide = |line: &&str| {
        line.chars().count() > width && !line.split_whitespace().any(|word| word.len() > 50 && !word.starts_with('─'))
    };
    text.lines().filter(wide).map(str::to_owned).collect()
}

/// The folder of real price history; `None`, and a line that says so, where it is absent.
pub(crate) fn shared(test: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "where the shared data lies is the environment's to say")]
    let told = std::env::var_os("ALLUSE_SHARED");
    let shared = told.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = shared.join("data");
    if data.is_dir() {
        return Some(data.display().to_string());
    }
    println!("SKIPPED {test}: ../shared is absent");
    None
}

/// Writes price history of half a year, and the warm-up before it, to `dir`. It lies after the last split of any
/// symbol.
pub(crate) fn write_history(dir: &Path) {
    let calendar = Calendar::nyse();
    let first = calendar.on_or_after(Date::constant(2025, 9, 2)).unwrap();
    let history = generate(&Parameters::shipped(), 1, first, 80, &calendar);
    for folder in ["bars", "volatility", "rates", "events"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    bars(dir, &history);
    events(dir, &history);
    series(dir, &history);
}

fn dollars(price: Price) -> String {
    let (whole, part) = (price.units() / UNITS_PER_DOLLAR, price.units() % UNITS_PER_DOLLAR);
    format!("{whole}.{part:04}")
}

fn bars(dir: &Path, history: &History) {
    for (symbol, own) in &history.symbols {
        let mut text = "date,open,high,low,close,volume\n".to_owned();
        for bar in &own.bars {
            let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(dollars);
            writeln!(text, "{},{open},{high},{low},{close},{}", bar.day, bar.volume).unwrap();
        }
        fs::write(dir.join(format!("bars/{symbol}.csv")), text).unwrap();
    }
}

fn events(dir: &Path, history: &History) {
    let mut dividends = "symbol,ex_date,amount_split_adjusted\n".to_owned();
    let mut earnings = "symbol,report_date\n".to_owned();
    for (symbol, own) in &history.symbols {
        for dividend in &own.dividends {
            writeln!(dividends, "{symbol},{},{}", dividend.ex_date, dollars(dividend.amount)).unwrap();
        }
        for date in own.earnings.iter().flatten() {
            writeln!(earnings, "{symbol},{date}").unwrap();
        }
    }
    let splits = "symbol,effective_date,new_shares_per_old\n";
    for (name, text) in [("dividends", dividends.as_str()), ("earnings", &earnings), ("splits", splits)] {
        fs::write(dir.join(format!("events/{name}.csv")), text).unwrap();
    }
}

fn series(dir: &Path, history: &History) {
    let shown = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2}"));
    let mut vix = "date,close\n".to_owned();
    let mut indices = "date,VIX9D,VIX3M,VXAP,VXAZ,VXGO\n".to_owned();
    for day in &history.volatility {
        writeln!(vix, "{},{:.2}", day.date, day.vix).unwrap();
        writeln!(indices, "{},{},{},,,", day.date, shown(day.vix9d), shown(day.vix3m)).unwrap();
    }
    let mut rates = "date,DGS1MO,DGS3MO,DGS6MO,DGS1,DGS2\n".to_owned();
    for day in &history.rates {
        writeln!(rates, "{},{}", day.date, day.yields.map(shown).join(",")).unwrap();
    }
    fs::write(dir.join("volatility/VIX.csv"), vix).unwrap();
    fs::write(dir.join("volatility/indices.csv"), indices).unwrap();
    fs::write(dir.join("rates/treasury.csv"), rates).unwrap();
}
