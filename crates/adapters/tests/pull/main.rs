//! Pulling from a host on this machine that sends made-up figures in the vendors' shapes, and what becomes of a folder.

mod faults;
mod server;
mod shapes;
mod vendor;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use adapters::clock::Clock;
use adapters::files::SystemFiles;
use adapters::folder::{FolderError, Provenance, Put, Written, provenance};
use adapters::history::{HistoryOptions, WarmUp, inspect, read_history};
use adapters::pull::{Cache, Client, How, PullError, Pulled, Sources, Wanted, pull};
use jiff::Timestamp;
use market::instrument::Symbol;
use market::time::{Calendar, Date};
use tempfile::TempDir;

use server::{Server, ok, status, with_headers};

/// A clock that stands still but for what is waited, and remembers that.
#[derive(Clone)]
struct Told {
    now: Rc<Cell<Timestamp>>,
    waits: Rc<RefCell<Vec<Duration>>>,
}

impl Told {
    /// Sunday after the last session that the vendors know.
    fn new() -> Told {
        let now = "2024-06-09T12:00:00Z".parse().unwrap();
        Told { now: Rc::new(Cell::new(now)), waits: Rc::default() }
    }

    fn pass(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    fn seconds_waited(&self) -> Vec<u64> {
        self.waits.borrow().iter().map(Duration::as_secs).collect()
    }
}

impl Clock for Told {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn wait(&mut self, how_long: Duration) {
        self.pass(how_long);
        self.waits.borrow_mut().push(how_long);
    }
}

/// A folder, a cache and a clock.
struct Bench {
    home: TempDir,
    clock: Told,
    calendar: Calendar,
}

impl Bench {
    fn new() -> Bench {
        Bench { home: tempfile::tempdir().unwrap(), clock: Told::new(), calendar: Calendar::nyse() }
    }

    fn dir(&self) -> std::path::PathBuf {
        self.home.path().join("prices")
    }

    fn pull(&self, sources: &Sources, wanted: &Wanted) -> Result<Pulled, PullError> {
        let mut client = Client::new(sources.manners, "alluse/test", self.clock.clone());
        let dir = self.home.path().join("fetched");
        pull(sources, wanted, Cache { dir: &dir, files: &SystemFiles }, &mut client, &self.calendar, |_, _, _| {})
    }

    fn put(&self, pulled: Pulled, accept_revisions: bool) -> Result<Vec<Written>, FolderError> {
        let (dir, options) = (self.dir(), options());
        Put { dir: &dir, files: &SystemFiles, accept_revisions, options: &options, calendar: &self.calendar }
            .write(pulled.pieces)
    }

    /// Every file of the folder with its bytes.
    fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        walk(&self.dir(), &mut files);
        files.retain(|name, _| !name.ends_with(".lock"));
        files
    }
}

fn walk(dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
}

fn options() -> HistoryOptions {
    HistoryOptions::new(Date::constant(2016, 1, 1))
}

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::new(name).unwrap()).collect()
}

fn everything(names: &[&str]) -> Wanted {
    let from = Date::constant(2024, 4, 15);
    Wanted { symbols: symbols(names), volatility: true, rates: true, from, source: None }
}

fn bars(names: &[&str]) -> Wanted {
    Wanted { volatility: false, rates: false, ..everything(names) }
}

/// A host that answers everything in the vendors' shapes.
fn sound() -> Server {
    Server::start(|request, _| vendor::answer(&request.path).map_or_else(|| status(404, ""), |body| ok(&body)))
}

#[test]
fn what_is_pulled_can_be_read_and_says_where_it_came_from() {
    let (server, bench) = (sound(), Bench::new());
    let sources = vendor::sources(&server.address);
    let pulled = bench.pull(&sources, &everything(&["SPY", "SPX"])).unwrap();
    assert!(pulled.asked.iter().all(|asked| asked.how == How::Fetched));
    let files = bench.put(pulled, false).unwrap();
    assert_eq!(files.iter().map(|file| file.revised.len()).sum::<usize>(), 0);
    let asked = server.asked();
    assert_eq!(asked.len(), 2 + 8 + 1, "{asked:?}");
    assert!(asked.iter().all(|request| request.headers.contains("user-agent: alluse/test")), "{asked:?}");
    assert!(asked.iter().all(|request| request.headers.contains("accept-encoding: identity")), "{asked:?}");

    let history = read_history(&bench.dir(), &options(), &bench.calendar).unwrap();
    let spy = history.symbol(Symbol::new("SPY").unwrap()).unwrap();
    let closes: Vec<f64> = spy.bars.iter().map(|bar| bar.close.to_f64()).collect();
    assert_eq!(closes, vendor::closes(), "to the cent, out of single precision");
    assert_eq!(spy.dividends.len(), 1);
    assert_eq!(spy.dividends[0].ex_date, vendor::sessions()[vendor::DIVIDEND.0].date());
    assert_eq!(history.volatility.len(), closes.len());
    assert!(history.volatility.iter().all(|day| day.vix9d.is_some() && day.vix3m.is_some()));
    assert_eq!(history.rates[0].yields, [Some(5.48), Some(5.46), Some(5.40), Some(5.17), Some(4.89)]);

    let found = inspect(&bench.dir(), &options(), WarmUp { symbol_bars: 1, vix_closes: 1 }, &bench.calendar);
    assert_eq!(found.problems, []);
    for (file, told) in &found.files {
        let name = file.display().to_string();
        let known = matches!(told, Provenance::Told { sources, .. } if !sources.is_empty());
        // No source gave a word on earnings or splits.
        assert!(known || name.contains("earnings") || name.contains("splits"), "{name}: {told:?}");
    }
    let note = fs::read_to_string(bench.dir().join("bars/SPY.csv.provenance.json")).unwrap();
    for said in ["\"source\": \"yahoo\"", "/chart/SPY", "2024-06-09T12:00:0", "\"status\": 200", "\"rows\": 39"] {
        assert!(note.contains(said), "{said}:\n{note}");
    }
    fs::write(bench.dir().join("bars/SPY.csv"), "date\n").unwrap();
    assert_eq!(provenance(&bench.dir().join("bars/SPY.csv")), Provenance::Changed);
}

#[test]
fn a_second_pull_asks_nobody_and_a_later_one_asks_whether_anything_changed() {
    let server = Server::start(|request, _| match vendor::answer(&request.path) {
        _ if request.headers.contains("if-none-match: \"v1\"") => status(304, ""),
        Some(body) => with_headers(&body, "etag: \"v1\"\r\n"),
        None => status(404, ""),
    });
    let bench = Bench::new();
    let (sources, wanted) = (vendor::sources(&server.address), everything(&["SPY"]));
    bench.put(bench.pull(&sources, &wanted).unwrap(), false).unwrap();
    let (first, before) = (server.asked().len(), bench.snapshot());

    let again = bench.pull(&sources, &wanted).unwrap();
    assert!(again.asked.iter().all(|asked| asked.how == How::AtHand));
    assert_eq!(server.asked().len(), first, "nobody was asked");
    assert!(bench.put(again, false).unwrap().iter().all(|file| !file.is_changed()));

    bench.clock.pass(Duration::from_secs(13 * 3600));
    let later = bench.pull(&sources, &wanted).unwrap();
    assert!(later.asked.iter().all(|asked| asked.how == How::Unchanged));
    assert_eq!(server.asked().len(), 2 * first);
    bench.put(later, false).unwrap();
    assert_eq!(bench.snapshot(), before, "nothing changed, notes neither");
    assert!(bench.pull(&sources, &wanted).unwrap().asked.iter().all(|asked| asked.how == How::AtHand));
}

/// An answer of an hour that has not come yet is not fresh: it is asked for again (bar R12).
#[test]
fn a_clock_that_was_set_back_makes_no_answer_fresh_for_ever() {
    let (server, bench) = (sound(), Bench::new());
    let (sources, wanted) = (vendor::sources(&server.address), bars(&["SPY"]));
    bench.put(bench.pull(&sources, &wanted).unwrap(), false).unwrap();
    let first = server.asked().len();
    for (hours, how) in [(1, How::AtHand), (-2, How::Fetched), (1, How::AtHand)] {
        bench.clock.now.set(bench.clock.now.get() + jiff::SignedDuration::from_hours(hours));
        let pulled = bench.pull(&sources, &wanted).unwrap();
        assert!(pulled.asked.iter().all(|asked| asked.how == how), "{hours}: {:?}", pulled.asked);
        bench.put(pulled, false).unwrap();
    }
    assert_eq!(server.asked().len(), 2 * first);
}

#[test]
fn one_host_is_left_alone_for_a_second_between_two_requests() {
    let (server, bench) = (sound(), Bench::new());
    bench.pull(&vendor::sources(&server.address), &bars(&["SPY", "QQQ", "AAPL"])).unwrap();
    assert_eq!(bench.clock.seconds_waited(), [1, 1]);
}

#[test]
fn a_session_whose_last_word_is_not_said_is_left_out() {
    let (server, bench) = (sound(), Bench::new());
    // Six hours after a close at 20:00 the vendor has said its last word.
    for (now, last) in [
        ("2024-06-07T21:00:00Z", "2024-06-06"),
        ("2024-06-08T01:59:59Z", "2024-06-06"),
        ("2024-06-08T02:00:00Z", "2024-06-07"),
    ] {
        let sources = vendor::sources(&server.address);
        bench.clock.now.set(now.parse().unwrap());
        let bench =
            Bench { home: tempfile::tempdir().unwrap(), clock: bench.clock.clone(), calendar: Calendar::nyse() };
        let files = bench.put(bench.pull(&sources, &everything(&["SPY"])).unwrap(), false).unwrap();
        for file in files.iter().filter(|file| !file.file.starts_with("events")) {
            assert_eq!(file.span.as_ref().map(|(_, last)| last.as_str()), Some(last), "{now}: {file:?}");
        }
    }
}

#[test]
fn a_revision_is_told_and_taken_only_when_accepted() {
    let server = Server::start(|request, before| match vendor::answer(&request.path) {
        Some(body) if before == 0 => ok(&body),
        Some(body) => ok(&body.replace("200.0,", "200.5,")),
        None => status(404, ""),
    });
    let (bench, wanted) = (Bench::new(), bars(&["SPY"]));
    let sources = vendor::sources(&server.address);
    bench.put(bench.pull(&sources, &wanted).unwrap(), false).unwrap();
    let before = bench.snapshot();
    bench.clock.pass(Duration::from_secs(13 * 3600));
    let refused = bench.put(bench.pull(&sources, &wanted).unwrap(), false).unwrap_err().to_string();
    for said in
        ["1 values differ", "bars/SPY.csv, 2024-04-15, close: 200 in the folder, 200.5 now", "--accept-revisions"]
    {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    assert_eq!(bench.snapshot(), before);
    let files = bench.put(bench.pull(&sources, &wanted).unwrap(), true).unwrap();
    assert_eq!(files.iter().map(|file| file.revised.len()).sum::<usize>(), 1);
    let text = fs::read_to_string(bench.dir().join("bars/SPY.csv")).unwrap();
    assert!(text.contains("2024-04-15,199.75,201.5,198.25,200.5,40000000"), "{text}");
}

#[test]
fn another_source_gives_the_same_bars() {
    let (server, bench) = (sound(), Bench::new());
    let sources = vendor::sources(&server.address);
    bench.put(bench.pull(&sources, &bars(&["SPY"])).unwrap(), false).unwrap();
    let other = Wanted { source: Some("stooq".to_owned()), ..bars(&["QQQ"]) };
    bench.put(bench.pull(&sources, &other).unwrap(), false).unwrap();
    let closes = |name: &str| {
        let text = fs::read_to_string(bench.dir().join(format!("bars/{name}.csv"))).unwrap();
        text.lines().skip(1).map(|row| row.split(',').nth(4).unwrap().parse::<f64>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(closes("SPY"), closes("QQQ"));
    let nobody = Wanted { source: Some("nobody".to_owned()), ..bars(&["QQQ"]) };
    let refused = bench.pull(&sources, &nobody).unwrap_err().to_string();
    assert!(refused.contains("no source called \"nobody\""), "{refused}");
}

#[test]
fn a_folder_of_ones_own_keeps_its_other_columns_and_gains_rows() {
    let (server, bench) = (sound(), Bench::new());
    fs::create_dir_all(bench.dir().join("bars")).unwrap();
    let own = "note,date,open,high,low,close,volume\n\"mine, own\",2024-04-15,199.75,201.5,198.25,200.000,40000000\n";
    fs::write(bench.dir().join("bars/SPY.csv"), own).unwrap();
    let files = bench.put(bench.pull(&vendor::sources(&server.address), &bars(&["SPY"])).unwrap(), false).unwrap();
    let bars = files.iter().find(|file| file.file.ends_with("SPY.csv")).unwrap();
    assert_eq!((bars.rows, bars.added, bars.revised.len()), (39, 38, 0));
    let text = fs::read_to_string(bench.dir().join("bars/SPY.csv")).unwrap();
    let rows: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(rows[0], "date,note,open,high,low,close,volume");
    assert_eq!(rows[1], "2024-04-15,\"mine, own\",199.75,201.5,198.25,200.000,40000000");
    assert!(rows[2].starts_with("2024-04-16,,"), "{}", rows[2]);
    let note = fs::read_to_string(bench.dir().join("bars/SPY.csv.provenance.json")).unwrap();
    assert!(note.contains("\"source\": \"unknown\""), "{note}");
}

#[test]
fn one_writes_at_a_time_and_what_a_killed_one_left_goes() {
    let (server, bench) = (sound(), Bench::new());
    let pulled = bench.pull(&vendor::sources(&server.address), &bars(&["SPY"])).unwrap();
    fs::create_dir_all(bench.dir().join(".staged/bars")).unwrap();
    fs::write(bench.dir().join(".staged/bars/OLD.csv"), "half a fi").unwrap();
    let lock = fs::File::create(bench.dir().join(".lock")).unwrap();
    lock.lock().unwrap();
    let busy = bench.put(pulled.clone(), false).unwrap_err();
    assert!(matches!(busy, FolderError::Busy(_)), "{busy}");
    drop(lock);
    bench.put(pulled, false).unwrap();
    let names: Vec<String> = bench.snapshot().into_keys().collect();
    assert!(names.iter().all(|name| !name.contains(".staged") && !name.contains("OLD")), "{names:?}");
}
