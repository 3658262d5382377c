//! The shipped files, every key both ways, and every kind of bad input with its full message.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::rule::{Rule, RuleSet};

fn all_use() -> Policy {
    Policy::parse("policy/all-use.toml", ALL_USE, Policy::shipped).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said of a file that extends the default and holds `text` from its third line on.
fn said_of(text: &str) -> String {
    let text = format!("extends = \"all-use\"\n\n{text}\n");
    Policy::parse("mine.toml", &text, Policy::shipped).map_or_else(|error| error.to_string(), |_| "nothing".to_owned())
}

/// The file rewritten from its own values and the table of keys; `ALLUSE_BLESS=1` writes it.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test that is asked to may rewrite the file it checks")]
fn the_shipped_file_is_its_own_manual() {
    let manual = all_use().manual();
    if std::env::var_os("ALLUSE_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/all-use.toml");
        std::fs::write(path, &manual).unwrap();
    } else {
        assert!(manual == ALL_USE, "policy/all-use.toml is not in its canonical form; run with ALLUSE_BLESS=1");
    }
}

#[test]
fn the_letter_differs_in_exactly_the_keys_that_the_protocol_names() {
    let (defaults, letter) = (Policy::all_use(), Policy::as_written());
    let differences: Vec<String> = defaults
        .diff(&letter)
        .iter()
        .map(|d| format!("{}: {} -> {}", d.path, d.here.as_ref().unwrap(), d.there.as_ref().unwrap()))
        .collect();
    assert_eq!(
        differences,
        [
            "band.fallback: 10 -> 0",
            "cap.first_contract: true -> false",
            "calls.below_basis: false -> true",
            "roll.max_delta: 70 -> \"band\"",
            "fork.rebase: true -> false",
            "fork.wait_for_contract: true -> false",
            "tax.reserve: 30 -> 0",
        ]
    );
    assert_eq!((defaults.name.as_str(), letter.name.as_str()), ("all-use", "as-written"));
    assert!(letter.diff(&letter).is_empty());
    assert_eq!(
        defaults.diff(&letter)[0].to_string(),
        "band.fallback: 10 -> 0 (With no strike inside the band, the highest delta at most this far below it is taken; \
         0 skips the entry.)"
    );
}

#[test]
fn the_canonical_text_is_read_back() {
    for policy in [Policy::all_use(), Policy::as_written()] {
        let none = |_: &str| None;
        assert_eq!(Policy::parse("x", &policy.to_toml(), none).unwrap(), policy);
        assert_eq!(Policy::parse("x", &policy.manual(), none).unwrap(), policy);
        assert!(policy.to_toml().lines().all(|line| !line.starts_with('#')));
    }
}

#[test]
fn the_table_of_keys_is_sound() {
    let policy = Policy::all_use();
    let mut paths = BTreeSet::new();
    for info in policy.keys() {
        assert!(paths.insert(info.path.clone()), "{} stands twice", info.path);
        assert!(info.doc.ends_with('.') && info.doc.len() > 10, "{}: {:?}", info.path, info.doc);
        assert!(!info.allowed.is_empty() && !info.unit.is_empty(), "{}", info.path);
        assert_eq!(policy.value(&info.path).as_ref(), Some(&info.value));
    }
    let sections: BTreeSet<&str> = policy.sections().iter().map(|section| section.path()).collect();
    assert_eq!(sections.len(), policy.sections().len(), "a section stands twice");
}

/// Keys that the protocol names by path, outside the table, keep their names.
#[test]
fn the_protocols_own_keys_are_there_with_its_defaults() {
    let policy = Policy::all_use();
    for (path, value) in [
        ("fork.rebase", "true"),
        ("fork.wait_for_contract", "true"),
        ("tax.reserve", "30"),
        ("tax.straddle", "\"conservative\""),
        ("calls.below_basis", "false"),
        ("calls.max_locked_loss", "5"),
        ("calls.earnings_coverage", "50"),
        ("roll.max_delta", "70"),
        ("band.fallback", "10"),
        ("cap.first_contract", "true"),
        ("data.splits_complete_since", "2016-01-01"),
        ("iv_rank.min", "0"),
        ("gbr4.after_26_weeks", "\"reset\""),
        ("income.policy", "\"keep\""),
    ] {
        assert_eq!(policy.value(path).as_deref(), Some(value), "{path}");
    }
    assert_eq!(policy.rules.off, RuleSet::NONE);
}

/// Rules that carry a number or a named choice are cited by at least one key.
#[test]
fn every_rule_with_a_number_has_a_key() {
    let cited: BTreeSet<Rule> = Policy::all_use().keys().iter().flat_map(|info| info.rules.iter().copied()).collect();
    let without = "A-1 A-6 E-11 W-12 X-1 R-1 K-1 K-5 K-6 K-7 F-4 C-2 C-3 C-4 C-5 C-6 C-7 C-8 C-9 T-2 T-4 T-7 V-3 \
                   L-1 L-2 L-3 L-4 L-5";
    let numberless: BTreeSet<Rule> = without.split(' ').map(|id| Rule::from_id(id).unwrap()).collect();
    let missing: Vec<&str> =
        Rule::ALL.iter().filter(|r| !cited.contains(r) && !numberless.contains(r)).map(|r| r.id()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_key_can_be_set_to_its_own_value() {
    let policy = Policy::all_use();
    for info in policy.keys() {
        assert_eq!(policy.with(&info.path, &info.value).as_ref(), Ok(&policy), "{}", info.path);
    }
}

/// Values to try for a key, one of which every key must accept.
fn other_values(info: &KeyInfo) -> Vec<String> {
    let quoted = info.allowed.split('"').skip(1).step_by(2).map(|word| format!("\"{word}\""));
    let number: f64 = info.value.replace('_', "").parse().unwrap_or(0.0);
    let near = [number + 1.0, number - 1.0, number * 0.5, number + 0.01].map(|n| n.to_string());
    let fixed = ["true", "false", "2016-01-04", "SPY", "IWM QQQ", "E-4", "09:46", "11:01", "14:29", "15:31", "15:46"];
    let spans = ["85 to 97", "35 to 45", "25 to 35", "16 to 24", "1.9 to 2.1", "0.1 to 0.2", "3.1 to 3.9", "1 to 2"];
    let parts = ["50 / 30 / 20", "60 / 40", "10 / 40 / 70 / 90 / 95"];
    let tables = [
        "[{ from = 2016-01-01, days = 2 }]",
        "[{ from = 2016-01-01, rate = 1.25, source = \"x\" }]",
        "[{ below = 50, step = 1 }, { step = 5 }]",
    ];
    let all = [&fixed[..], &spans[..], &parts[..], &tables[..]].concat();
    quoted.chain(near).chain(all.into_iter().map(str::to_owned)).collect()
}

#[test]
fn every_key_can_be_set_to_another_value_and_changes_nothing_else() {
    let policy = Policy::all_use();
    for info in policy.keys() {
        let changed = other_values(&info)
            .iter()
            .filter_map(|text| policy.with(&info.path, text).ok())
            .find(|changed| *changed != policy)
            .unwrap_or_else(|| panic!("{} = {} accepts no other value", info.path, info.value));
        let differences: Vec<String> = policy.diff(&changed).into_iter().map(|d| d.path).collect();
        assert_eq!(differences, std::slice::from_ref(&info.path));
        assert_eq!(Policy::parse("x", &changed.to_toml(), |_| None).unwrap(), changed);
    }
}

/// The lowest and highest value of a numeric key, as its description prints them.
fn range_of(info: &KeyInfo) -> Option<(String, String)> {
    let text = info.allowed.rsplit_once("within ").map_or(info.allowed.as_str(), |(_, range)| range);
    let (low, rest) = text.split_once(" to ")?;
    let high = rest.split([' ', ',']).next()?;
    (low.parse::<f64>().is_ok() || low.replace('_', "").parse::<f64>().is_ok())
        .then(|| (low.to_owned(), high.to_owned()))
}

#[test]
fn every_number_outside_its_range_is_refused_with_file_line_key_and_range() {
    let mut tried = 0;
    for info in Policy::all_use().keys() {
        let Some((low, high)) = range_of(&info) else { continue };
        let below = if low.starts_with('-') {
            format!("{low}1")
        } else if low == "0" {
            "-1".into()
        } else {
            "0".into()
        };
        let above = if high == "0" { "1".to_owned() } else { format!("{}1", high.replace('_', "")) };
        for bad in [below, above] {
            let bad = if info.allowed.starts_with("a band") { format!("\"{bad} to {high}\"") } else { bad };
            let (section, key) = info.path.split_once('.').unwrap();
            if info.value.starts_with('[') {
                continue;
            }
            assert_eq!(
                said_of(&format!("[{section}]\n{key} = {bad}")),
                format!("mine.toml:4: {} = {bad} is out of range; expected {}", info.path, info.allowed)
            );
            tried += 1;
        }
    }
    assert!(tried > 300, "only {tried} values were tried");
}

#[test]
fn what_is_wrong_is_said_in_full() {
    for (text, said) in [
        (
            "[band]\nfallback = \"ten\"",
            "mine.toml:4: band.fallback = \"ten\" is not of the right kind; expected 0 to 50 points of delta",
        ),
        (
            "[band]\nfallback = nan",
            "mine.toml:4: band.fallback = nan is not a finite number; expected 0 to 50 points of delta",
        ),
        (
            "[band]\nfallback = -inf",
            "mine.toml:4: band.fallback = -inf is not a finite number; expected 0 to 50 points of delta",
        ),
        (
            "[band]\nfallback = 1e1",
            "mine.toml:4: band.fallback = 1e1 is not written in plain decimal digits; expected 0 to 50 points of delta",
        ),
        (
            "[band]\nfallback = 0x10",
            "mine.toml:4: band.fallback = 0x10 is not written in plain decimal digits; expected 0 to 50 points of \
             delta",
        ),
        (
            "[band]\nfallback = 10.005",
            "mine.toml:4: band.fallback = 10.005 has more than 2 decimals; expected 0 to 50 points of delta",
        ),
        (
            "[band]\nfallback = 99999999999999999999",
            "mine.toml:4: band.fallback = 99999999999999999999 is out of range; expected 0 to 50 points of delta",
        ),
        (
            "[band]\ngen = \"50 to 40\"",
            "mine.toml:4: band.gen = \"50 to 40\" does not rise; expected a band such as \"1 to 95\" within 1 to 95 \
             points of delta",
        ),
        ("[band]\nfalback = 5", "mine.toml:4: band.falback is not a key of the policy; did you mean band.fallback?"),
        (
            "[bands]\nfallback = 5",
            "mine.toml:4: bands.fallback is not a key of the policy; did you mean band.fallback?",
        ),
        ("[moon]\nphase = 5", "mine.toml:4: moon.phase is not a key of the policy"),
        ("colour = 5", "mine.toml:3: colour is not a key of the policy"),
        ("band = 5", "mine.toml:3: band is a section; expected [band] with its keys below"),
        (
            "[cap]\nfirst_contract = 1",
            "mine.toml:4: cap.first_contract = 1 is not of the right kind; expected true or false",
        ),
        ("[cap]\nfirst_contract = true\nfirst_contract = false", "mine.toml:5: cap.first_contract is set twice"),
        ("[cap]\nunderlying = 40\n[band]\nfloor = 6\n[cap]\nfirst_contract = true", "mine.toml:7: cap is set twice"),
        (
            "[calls]\nretry = \"monthly\"",
            "mine.toml:4: calls.retry = \"monthly\" is out of range; expected \"daily\" or \"weekly\"",
        ),
        (
            "[roll]\nmax_delta = \"sleeve\"",
            "mine.toml:4: roll.max_delta = \"sleeve\" is out of range; expected 1 to 100 points of delta, or \"band\"",
        ),
        (
            "[deposit]\nsplit = \"40 / 30 / 20\"",
            "mine.toml:4: deposit.split = \"40 / 30 / 20\" adds up to 90%; expected 3 parts between slashes, percent, \
             adding up to 100",
        ),
        (
            "[deposit]\nsplit = \"60 / 40\"",
            "mine.toml:4: deposit.split = \"60 / 40\" is not of the right kind; expected 3 parts between slashes, \
             percent, adding up to 100",
        ),
        (
            "[human]\ntrust_levels = \"20 / 40 / 30 / 90 / 95\"",
            "mine.toml:4: human.trust_levels = \"20 / 40 / 30 / 90 / 95\" does not rise; expected 5 steps between \
             slashes, percent, rising",
        ),
        (
            "[universe]\ngen = [\"TSLA\", \"TSLA\"]",
            "mine.toml:4: universe.gen = [\"TSLA\", \"TSLA\"] names TSLA twice; expected a list of tickers such as \
             [\"TSLA\", \"NVDA\"]",
        ),
        (
            "[universe]\ngen = [\"tsla\"]",
            "mine.toml:4: universe.gen = [\"tsla\"] holds \"tsla\", which is not known; expected a list of tickers \
             such as [\"TSLA\", \"NVDA\"]",
        ),
        (
            "[rules]\noff = [\"E-4\", \"E-99\"]",
            "mine.toml:4: rules.off = [\"E-4\", \"E-99\"] holds \"E-99\", which is not known; expected a list of rule \
             identifiers such as [\"E-4\", \"X-8\"]",
        ),
        (
            "[entry]\nwindow_opens = \"25:00\"",
            "mine.toml:4: entry.window_opens = \"25:00\" is out of range; expected a time of day such as \"09:45\"",
        ),
        (
            "[data]\nsplits_complete_since = \"soon\"",
            "mine.toml:4: data.splits_complete_since = \"soon\" is not of the right kind; expected a date such as \
             2016-01-01",
        ),
        (
            "[assignment]\nTSLA = \"perhaps\"",
            "mine.toml:4: assignment.TSLA = \"perhaps\" is out of range; expected \"accept\", \"avoid\" or \"never\"",
        ),
        ("[assignment]\ntesla = \"never\"", "mine.toml:4: assignment.tesla is not a key of the policy"),
        (
            "[settlement]\nshares = [{ from = 2017-09-05, days = 2 }, { from = 2016-01-01, days = 3 }]",
            "mine.toml:4: settlement.shares = [{ from = 2017-09-05, days = 2 }, { from = 2016-01-01, days = 3 }] does \
             not rise; expected rows rising by date such as { from = 2016-01-01, days = 3 }, days",
        ),
        (
            "[fees]\nsec = [{ from = 2016-01-01, rate = 21.80, sauce = \"x\" }]",
            "mine.toml:4: fees.sec = [{ from = 2016-01-01, rate = 21.80, sauce = \"x\" }] holds \"sauce\", which is \
             not known; expected rows rising by date such as { from = 2016-01-01, rate = 0.65, source = \"…\" }, dated \
             dollars a million",
        ),
        ("[band]\nfallback = ", "mine.toml:4: this is not TOML: string values must be quoted, expected literal string"),
        (
            "[week]\nbroken = 70",
            "mine.toml:4: week.broken = 70 contradicts week.strong = 60: broken support lies below strong support",
        ),
        (
            "[cap]\nunderlying = 40\n[week]\nbroken = 70",
            "mine.toml:6: week.broken = 70 contradicts week.strong = 60: broken support lies below strong support",
        ),
        ("[band]", "nothing"),
        ("[moon]", "mine.toml:3: moon is not a key of the policy"),
        (
            "band = { fallback = \"ten\", falback = 5 }",
            "mine.toml:3: band.falback is not a key of the policy; did you mean band.fallback?\n\
             mine.toml:3: band.fallback = \"ten\" is not of the right kind; expected 0 to 50 points of delta",
        ),
        (
            "[settlement]\nshares = []",
            "mine.toml:4: settlement.shares = [] is not of the right kind; expected rows rising by date such as \
             { from = 2016-01-01, days = 3 }, days",
        ),
        ("[entry]\nwindow_opens = \"00:59\"", "nothing"),
        (
            "[entry]\nwindow_opens = \"24:00\"",
            "mine.toml:4: entry.window_opens = \"24:00\" is out of range; expected a time of day such as \"09:45\"",
        ),
        (
            "[entry]\nwindow_opens = \"09:60\"",
            "mine.toml:4: entry.window_opens = \"09:60\" is out of range; expected a time of day such as \"09:45\"",
        ),
        ("[data]\nsplits_complete_since = \"2016-07-01\"", "nothing"),
        ("[vix]\ndefend = 90", "mine.toml:4: vix.defend = 90 contradicts vix.stop = 80: the guard's levels rise"),
    ] {
        assert_eq!(said_of(text), said, "{text}");
    }
}

#[test]
fn every_problem_is_reported_at_once_in_the_order_of_the_lines() {
    assert_eq!(
        said_of("[band]\nfalback = 1\nfloor = 99\n\n[cap]\nunderlying = 0"),
        "mine.toml:4: band.falback is not a key of the policy; did you mean band.fallback?\n\
         mine.toml:5: band.floor = 99 is out of range; expected 0 to 50 points of delta\n\
         mine.toml:8: cap.underlying = 0 is out of range; expected 1 to 100 percent"
    );
}

#[test]
fn a_missing_key_is_named_once_with_what_is_expected() {
    let without: String = ALL_USE.lines().filter(|l| !l.starts_with("fallback")).map(|l| format!("{l}\n")).collect();
    let error = Policy::parse("mine.toml", &without, Policy::shipped).unwrap_err();
    assert_eq!(error.to_string(), "mine.toml: band.fallback is missing; expected 0 to 50 points of delta");
    let wrong = ALL_USE.replace("fallback = 10", "fallback = 1000");
    let error = Policy::parse("mine.toml", &wrong, Policy::shipped).unwrap_err();
    assert_eq!(error.problems.len(), 1, "{error}");
    let empty = Policy::parse("mine.toml", "", Policy::shipped).unwrap_err();
    assert_eq!(empty.problems.len(), Policy::all_use().keys().len());
}

#[test]
fn what_a_file_extends_must_be_known_whole_and_right() {
    let said = |text: &str, base: Option<&'static str>| {
        Policy::parse("mine.toml", text, |_| base).map_or_else(|error| error.to_string(), |policy| policy.name)
    };
    assert_eq!(said("extends = \"x\"", Some(ALL_USE)), "mine.toml");
    assert_eq!(said("name = \"wheel\"\nextends = \"x\"", Some(ALL_USE)), "wheel");
    assert_eq!(said("extends = \"x\"", None), "mine.toml:1: extends = \"x\" names no policy that is known here");
    assert_eq!(said("extends = 5", None).lines().next().unwrap(), "mine.toml:1: extends must be a text in quotes");
    assert_eq!(
        said("extends = \"as-written\"", Some(AS_WRITTEN)),
        "mine.toml:1: extends = \"as-written\" names a policy that itself extends another; expected one that has \
         every key"
    );
    let broken = said("extends = \"x\"", Some("schema = 1\n[moon]\nphase = 1"));
    assert!(broken.starts_with("mine.toml:1: the policy that it extends is wrong: x:3: moon.phase is not"), "{broken}");
    assert_eq!(
        said("schema = 2\nextends = \"x\"", Some(ALL_USE)),
        "mine.toml:1: schema = 2 is not the version that this program reads; expected 1"
    );
}

#[test]
fn a_retired_key_is_refused_with_what_to_write_instead() {
    const RETIRED: &[(&str, &str)] = &[("band.slack", "write band.fallback")];
    let text = "extends = \"all-use\"\n[band]\nslack = 5";
    let error = read::with_retired("mine.toml", text, &Policy::shipped, RETIRED).unwrap_err();
    assert_eq!(error.to_string(), "mine.toml:3: band.slack is no longer a key of the policy; write band.fallback");
    for (key, _) in read::RETIRED {
        assert!(Policy::all_use().value(key).is_none(), "{key} is retired and a key");
    }
}

/// One violation of every demand between keys; each is refused on its own.
#[test]
fn every_contradiction_is_found() {
    let violations = [
        ("week.broken", "61"),
        ("data.warmup_index_bars", "24"),
        ("data.warmup_symbol_bars", "49"),
        ("data.warmup_vix_closes", "251"),
        ("data.warmup_atr_bars", "14"),
        ("sizing.green", "74"),
        ("sizing.chop", "76"),
        ("sizing.vix_calm", "74"),
        ("sizing.vix_far", "76"),
        ("gbr4.buffer", "4"),
        ("entry.window_opens", "11:00"),
        ("exit.watch", "1.001"),
        ("exit.propose", "1.501"),
        ("exit.profit_put", "50"),
        ("exit.first_check", "15:31"),
        ("exit.second_check", "15:46"),
        ("exit.roll_below", "-16"),
        ("types.put_limit", "-16"),
        ("types.call_roll", "-11"),
        ("vix.reduce", "66"),
        ("vix.defend", "81"),
        ("roll.max_delta", "5"),
        ("order.tick_below", "0.06"),
        ("leaps.roll_months", "15"),
        ("projection.poor", "101"),
        ("projection.good", "99"),
        ("tax.dividend_held", "121"),
        ("universe.gen", "[]"),
        ("universe.rev", "[]"),
        ("universe.com", "[]"),
    ];
    let policy = Policy::all_use().with("exit.profit_early", "60").unwrap();
    let mut found = BTreeSet::new();
    for (path, text) in violations {
        let error = policy.with(path, text).unwrap_err();
        for located in error.problems {
            assert!(matches!(located.problem, Problem::Contradiction { .. }), "{path} = {text}: {}", located.problem);
            let said = located.problem.to_string();
            assert!(said.contains(path), "{said}");
            found.insert(said.split(" contradicts ").map(|part| part.split(' ').next().unwrap()).collect::<String>());
        }
    }
    assert_eq!(found.len(), check::count(&policy), "{found:#?}");
}

#[test]
fn a_command_line_may_write_values_as_people_do() {
    let policy = Policy::all_use();
    for (path, text, value) in [
        ("roll.max_delta", "band", "\"band\""),
        ("roll.max_delta", "60", "60"),
        ("band.gen", "35-45", "\"35 to 45\""),
        ("band.gen", "35 to 45", "\"35 to 45\""),
        ("universe.gen", "TSLA,NVDA,SPY", "[\"TSLA\", \"NVDA\", \"SPY\"]"),
        ("universe.index", "QQQ", "\"QQQ\""),
        ("entry.window_opens", "09:50", "\"09:50\""),
        ("entry.gen_red", "thursday", "\"thursday\""),
        ("fork.surplus", "75000", "75_000"),
        ("fork.surplus", "75_000.50", "75_000.50"),
        ("deposit.split", "50/25/25", "\"50 / 25 / 25\""),
        ("rules.off", "X-8 E-4", "[\"E-4\", \"X-8\"]"),
        ("rules.off", "[]", "[]"),
        ("data.splits_complete_since", "2016-07-01", "2016-07-01"),
        ("assignment.TSLA", "never", "\"never\""),
    ] {
        assert_eq!(policy.with(path, text).unwrap().value(path).as_deref(), Some(value), "{path} = {text}");
    }
    assert_eq!(
        policy.with("band.falback", "5").unwrap_err().to_string(),
        "all-use: band.falback is not a key of the policy; did you mean band.fallback?"
    );
    assert_eq!(policy.with("band", "5").unwrap_err().to_string(), "all-use: band is not a key of the policy");
    assert_eq!(
        policy.with("band.fallback", "5\nfloor = 3").unwrap_err().to_string(),
        "all-use: band.fallback = 5 floor = 3 is not of the right kind; expected 0 to 50 points of delta"
    );
}

#[test]
fn a_symbol_may_have_its_own_line_on_assignment() {
    let tsla = market::instrument::Symbol::new("TSLA").unwrap();
    let policy = Policy::all_use();
    assert_eq!(policy.assignment.of(tsla), Assignment::Accept);
    let avoiding = policy.with("assignment.TSLA", "avoid").unwrap();
    assert_eq!(avoiding.assignment.of(tsla), Assignment::Avoid);
    assert_eq!(policy.diff(&avoiding)[0].to_string().split(" (").next(), Some("assignment.TSLA: not set -> \"avoid\""));
    assert_eq!(avoiding.diff(&policy)[0].there, None);
    assert_eq!(Policy::parse("x", &avoiding.to_toml(), |_| None).unwrap(), avoiding);
}

#[test]
fn the_control_universe_takes_the_place_of_the_own_one() {
    use ledger::SleeveKind;
    let policy = Policy::all_use();
    let names =
        |symbols: &[market::instrument::Symbol]| -> Vec<String> { symbols.iter().map(ToString::to_string).collect() };
    assert_eq!(names(&policy.universe.all()), ["AAPL", "AMZN", "MSFT", "NVDA", "TSLA"]);
    let control = policy.on_control_universe();
    assert_eq!(names(&control.universe.all()), ["GOOG", "META", "QQQ", "SPY"]);
    assert_eq!(names(&control.universe.of(SleeveKind::Generation).0), ["META", "GOOG"]);
    assert_eq!(names(&control.universe.of(SleeveKind::Revenue).0), ["QQQ", "SPY"]);
    assert_eq!(control.universe.control(), control.universe);
}

#[test]
fn a_policy_that_ships_is_found_by_its_name() {
    for name in ["all-use", "as-written"] {
        let text = Policy::shipped(name).unwrap();
        assert_eq!(Policy::parse("x", text, Policy::shipped).unwrap().name, name);
    }
    assert_eq!(Policy::shipped("mine"), None);
}

#[test]
fn alternatives_are_joined_as_people_do() {
    let drawn = [&["a"][..], &["a", "b"], &["a", "b", "c"]].map(setting::alternatives);
    assert_eq!(drawn, ["\"a\"", "\"a\" or \"b\"", "\"a\", \"b\" or \"c\""]);
}

#[test]
fn a_rule_is_off_only_if_the_policy_says_so() {
    let policy = Policy::all_use();
    assert!(Rule::ALL.iter().all(|rule| !policy.is_off(*rule)));
    let without = policy.with("rules.off", "E-4").unwrap();
    assert!(Rule::ALL.iter().all(|rule| without.is_off(*rule) == (*rule == Rule::E4)));
}

#[test]
fn each_kind_of_sleeve_has_its_own_figures() {
    use ledger::SleeveKind::{Compounding, Generation, Revenue};
    use unit::Ppm;
    let policy = Policy::all_use();
    let figures = [Generation, Revenue, Compounding].map(|kind| {
        let band = policy.band.of(kind);
        (band.low.0, band.high.0, policy.drawdown.of(kind), policy.target.of(kind))
    });
    assert_eq!(
        figures,
        [
            (4_000, 5_000, Ppm::percent(15), Ppm(15_000)),
            (3_000, 4_000, Ppm::percent(10), Ppm(10_000)),
            (2_000, 3_000, Ppm::percent(7), Ppm(5_000)),
        ]
    );
}

proptest! {
    /// No text makes the parser panic; what it accepts it prints and reads back.
    #[test]
    fn any_change_of_the_file_is_read_or_refused(
        at in 0usize..30_000, with in "[ -~\\n]{0,3}|é|\\PC", cut in 0usize..40,
    ) {
        let mut text: Vec<char> = ALL_USE.chars().collect();
        let at = at.min(text.len());
        text.splice(at..(at + cut).min(text.len()), with.chars());
        let text: String = text.into_iter().collect();
        match Policy::parse("mine.toml", &text, Policy::shipped) {
            Ok(policy) => prop_assert_eq!(Policy::parse("x", &policy.to_toml(), |_| None).unwrap(), policy),
            Err(error) => prop_assert!(!error.problems.is_empty() && error.to_string().starts_with("mine.toml")),
        }
    }

    #[test]
    fn any_text_for_any_key_is_taken_or_refused(key in 0usize..400, text in "\\PC{0,12}|[-0-9._/to\\[\\]{}=\"]{0,12}") {
        let policy = Policy::all_use();
        let keys = policy.keys();
        let path = &keys[key % keys.len()].path;
        if let Ok(changed) = policy.with(path, &text) {
            prop_assert_eq!(Policy::parse("x", &changed.to_toml(), |_| None).unwrap(), changed);
        }
    }
}
