//! Tax: what the books say, to the cent; input that cannot be right; nothing half-written.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use adapters::store::SqliteStore;
use engine::event::{Body, Event};
use engine::journal::{self, Chain};
use market::time::Calendar;
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use report::Book;
use report::tax::owner::Owner;
use report::tax::{Asset, Rules, Side, View};
use runtime::MemoryStore;
use serde_json::Value;
use simulation::replay::{Run, replay_asking};
use simulation::story::Scenario;

use crate::support::{Home, too_wide};

/// Two simulated years, 2024 and 2025: the first is over for T-3 too.
fn two_years() -> Home {
    let home = Home::new();
    home.prints(&["demo", "--years", "2"]);
    home
}

fn money(value: &Value) -> Money {
    value.as_str().unwrap_or_else(|| panic!("{value} is an amount")).parse().unwrap()
}

fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> Money {
    values.into_iter().map(money).sum()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is a list"))
}

/// The answer on a page, which must say what every tax page says.
fn answer(home: &Home, arguments: &[&str]) -> Value {
    let page = home.json(&[arguments, &["--json"]].concat());
    assert_eq!(page["notice"], "A record and an estimate, not advice.");
    assert!(page["other_accounts"].as_str().unwrap().contains("unknown"), "{page}");
    page["answer"].clone()
}

/// The fields of a line of CSV, some of them between quotation marks.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            _ => out.last_mut().unwrap().push(c),
        }
    }
    out
}

#[test]
fn years_sum_their_accounts_and_say_what_is_not_known() {
    let home = two_years();
    let shown = home.prints(&["tax", "year"]);
    for said in ["SIMULATED", "A record and an estimate, not advice.", "2025 *", "unknown", "Publication 550", "T-7"] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let years = answer(&home, &["tax", "year"]);
    let numbers: Vec<i64> = list(&years).iter().map(|year| year["year"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [2024, 2025]);
    assert_eq!((&years[0]["complete"], &years[1]["complete"]), (&true.into(), &false.into()));
    for year in list(&years) {
        for of in ["short_term", "long_term"] {
            let gains = list(&year["accounts"]).iter().map(|account| &account[of]["gain"]);
            assert_eq!(money(&year["total"][of]["gain"]), sum(gains), "{year}");
            let total = &year["total"][of];
            let parts = money(&total["proceeds"]) - money(&total["basis"]) + money(&total["adjustment"]);
            assert_eq!(parts, money(&total["gain"]), "(d) − (e) + (g) is (h)");
        }
    }
    let full = home.prints(&["tax", "year", "2024"]);
    assert!(full.contains("capital gain of the year") && !full.contains("not final"), "{full}");
    let narrow = home.command(&["tax", "year", "2024"]).env("COLUMNS", "80").output().unwrap();
    assert_eq!(too_wide(&String::from_utf8(narrow.stdout).unwrap(), 80), [""; 0]);
    home.refuses(&["tax", "year", "2019"], 2, &["nothing was disposed of or paid in 2019; there are 2024, 2025"]);
    home.refuses(&["tax", "year", "last"], 2, &["last"]);
    let nowhere = home.path("nowhere.journal");
    home.refuses(&["tax", "year", "--journal", nowhere.to_str().unwrap()], 4, &["nowhere.journal", "no such file"]);
    fs::write(home.path("notes.txt"), "dear").unwrap();
    let notes = home.path("notes.txt");
    home.refuses(&["tax", "year", "--journal", notes.to_str().unwrap()], 4, &["notes.txt", "not an ALL-USE journal"]);
    assert_eq!(home.files(), ["demo.journal", "last", "notes.txt"], "questions write nothing");
}

#[test]
fn the_form_sums_to_the_year_and_is_written_whole() {
    let home = two_years();
    let table = home.prints(&["tax", "form-8949", "2024"]);
    let rows: Vec<Vec<String>> = table.lines().skip(1).map(fields).collect();
    assert!(table.starts_with("part,box,(a) description of property,(b) date acquired,"), "{table}");
    assert!(rows.len() > 50 && rows.iter().all(|row| row.len() == 11), "{} rows", rows.len());
    let cell = |text: &str| if matches!(text, "" | "EXPIRED") { Money::ZERO } else { text.parse().unwrap() };
    for row in &rows {
        assert_eq!(cell(&row[5]) - cell(&row[6]) + cell(&row[8]), cell(&row[9]), "(d) − (e) + (g) is (h): {row:?}");
        assert_eq!(row[7] == "W", cell(&row[8]).is_positive(), "{row:?}");
        assert!(["C", "F"].contains(&row[1].as_str()), "no broker reported it: {row:?}");
    }
    let year = answer(&home, &["tax", "year", "2024"])[0]["total"].clone();
    let json = answer(&home, &["tax", "form-8949", "2024"]);
    assert_eq!(list(&json["form_8949"]).len(), rows.len());
    for (part, of) in [("I", "short_term"), ("II", "long_term")] {
        let here = rows.iter().filter(|row| row[0] == part);
        let gain: Money = here.map(|row| cell(&row[9])).sum();
        let waits: Money = list(&json["form_6781_part_ii"])
            .iter()
            .filter(|line| line["long_term"] == (part == "II") && line["carried_from"].is_null())
            .map(|line| money(&line["loss"]))
            .sum();
        assert_eq!(gain - waits, money(&year[of]["gain"]), "{of}: what waits stands on Form 6781");
    }
    let out = home.path("8949.csv");
    let file = out.to_str().unwrap();
    fs::write(&out, "an older table").unwrap();
    let said = home.prints(&["tax", "form-8949", "2024", "--out", file]);
    assert!(said.contains(&format!("8949.csv: {} lines", rows.len())), "{said}");
    assert_eq!(fs::read_to_string(&out).unwrap(), table);
    // What fails leaves what was there, and nothing beside it.
    home.refuses(&["tax", "form-8949", "2019", "--out", file], 2, &["nothing was disposed of or paid in 2019"]);
    let nowhere = home.path("no/such/8949.csv");
    home.refuses(&["tax", "form-8949", "2024", "--out", nowhere.to_str().unwrap()], 5, &["8949.csv"]);
    let broken = home.path("1099b.csv");
    fs::write(&broken, "description,acquired\n").unwrap();
    let broken = broken.to_str().unwrap();
    let broker = ["tax", "form-8949", "2024", "--out", file, "--broker", broken];
    home.refuses(&broker, 3, &["1099b.csv", "there is no column \"sold\""]);
    assert_eq!(fs::read_to_string(&out).unwrap(), table);
    assert_eq!(home.files(), ["1099b.csv", "8949.csv", "demo.journal", "last"]);
}

/// What a broker who reports this journal as one account would send for a year.
fn form_1099b(journal: &Path, year: i16) -> String {
    let rows = SqliteStore::open_read_only(journal).unwrap().rows(1).unwrap();
    let (events, _) = journal::read(1, &rows).unwrap();
    let book = Book::fold(&events, &Arc::new(Calendar::nyse())).unwrap();
    let mut owner = Owner::default();
    owner.journal(&book);
    let books = owner.books(Rules::of(book.policy(), View::Broker)).unwrap();
    let plain = |amount: Money| amount.to_string().replace(['$', ','], "");
    let mut text = "description,acquired,sold,quantity,proceeds,basis,wash,term\n".to_owned();
    for d in books.disposals().iter().filter(|d| d.closed.year() == year) {
        let (what, quantity) = match d.asset {
            Asset::Shares(symbol) => (symbol.to_string(), d.units),
            Asset::Option(s, Side::Long | Side::Short) => {
                (format!("{} {} {} {}", s.underlying, s.expiration.0, s.strike, s.right), d.units / 100)
            }
        };
        let term = if d.long_term { "long" } else { "short" };
        let amounts = [d.proceeds, d.basis(), d.disallowed].map(plain).join(",");
        text += &format!("{},{},{},{quantity},{amounts},{term}\n", what.replace('$', ""), d.acquired, d.closed);
    }
    text
}

#[test]
fn a_brokers_form_is_compared_to_the_cent() {
    let home = two_years();
    let text = form_1099b(&home.path("demo.journal"), 2024);
    let lines = text.lines().count() - 1;
    let file = home.path("1099b.csv");
    let name = file.to_str().unwrap().to_owned();
    fs::write(&file, &text).unwrap();
    let check = ["tax", "check-1099b", "2024", &name];
    let said = home.prints(&check);
    assert!(said.contains(&format!("{lines} lines of")) && said.contains(&format!("{lines} agree")), "{said}");
    assert_eq!(list(&answer(&home, &check)["differences"]).len(), 0);
    // What the broker reported is in boxes A and D.
    let form = home.prints(&["tax", "form-8949", "2024", "--broker", &name]);
    let boxes: Vec<String> = form.lines().skip(1).map(|line| fields(line)[1].clone()).collect();
    assert!(boxes.iter().filter(|b| ["A", "D"].contains(&b.as_str())).count() > boxes.len() / 2, "{boxes:?}");

    let mut spoiled: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut fields: Vec<String> = spoiled[4].split(',').map(str::to_owned).collect();
    fields[4] = (fields[4].parse::<Money>().unwrap() + Money::cents(1)).to_string().replace(['$', ','], "");
    spoiled[4] = fields.join(",");
    spoiled.remove(9);
    fs::write(&file, spoiled.join("\n") + "\n").unwrap();
    let ran = home.run(&check);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("differences from the books"), "{}", ran.err);
    assert!(ran.out.contains("proceeds (1d)"), "{}", ran.out);
    let json: Value = serde_json::from_str(&home.run(&[&check[..], &["--json"]].concat()).out).unwrap();
    let about: Vec<&str> = list(&json["answer"]["differences"]).iter().map(|d| d["about"].as_str().unwrap()).collect();
    assert!(about.contains(&"proceeds (1d)"), "{about:?}");

    for (line, says) in [
        ("TSLA,2024-01-02,2024-02-30,100,1,1,,short", "line 2, sold: found \"2024-02-30\""),
        ("TSLA,2024-01-02,2024-02-01,a few,1,1,,short", "line 2, quantity: found \"a few\"; expected a whole number"),
        ("TSLA,2024-01-02,2024-02-01,100,lots,1,,short", "line 2, proceeds: found \"lots\"; expected dollars"),
        ("TSLA,2024-01-02,2024-02-01,100,1,1,,middle", "line 2, term: found \"middle\"; expected short, long"),
        ("TSLA 2024-02-16 call,,2024-02-01,1,1,1,,", "line 2, description: found"),
        ("TSLA,2024-01-02,2024-02-01,100,1", "line 2"),
    ] {
        fs::write(&file, format!("description,acquired,sold,quantity,proceeds,basis,wash,term\n{line}\n")).unwrap();
        home.refuses(&check, 3, &["1099b.csv", says]);
    }
    fs::write(&file, "description,acquired,sold,quantity,proceeds,basis,wash,term\n").unwrap();
    home.refuses(&check, 3, &["1099b.csv", "expected a sale in each line"]);
    home.refuses(&["tax", "check-1099b", "2024", "missing.csv"], 3, &["missing.csv", "there is no such file"]);
    fs::write(&file, &text).unwrap();
    home.refuses(&["tax", "check-1099b", "2019", &name], 2, &["nothing was disposed of or paid in 2019"]);
    assert_eq!(home.files(), ["1099b.csv", "demo.journal", "last"]);
}

#[test]
fn a_loss_is_washed_across_accounts_and_lost_to_a_retirement_account() {
    let home = two_years();
    let washed = answer(&home, &["tax", "wash"]);
    let years = answer(&home, &["tax", "year"]);
    let adjusted: Money = list(&years)
        .iter()
        .map(|y| money(&y["total"]["short_term"]["adjustment"]) + money(&y["total"]["long_term"]["adjustment"]))
        .sum();
    assert!(adjusted.is_positive(), "two years without a wash sale test nothing");
    assert_eq!(sum(list(&washed).iter().map(|w| &w["disallowed"])), adjusted);
    for w in list(&washed) {
        assert_eq!(sum(list(&w["replaced_by"]).iter().map(|r| &r["amount"])), money(&w["disallowed"]), "{w}");
    }
    // A loss on shares that nothing washed, and the same shares bought by an IRA on that day.
    let form = answer(&home, &["tax", "form-8949", "2024"]);
    let loss = list(&form["form_8949"])
        .iter()
        .find(|line| line["description"].as_str().unwrap().contains(" sh. ") && money(&line["gain"]).is_negative());
    let loss = loss.expect("a loss on shares that nothing washed");
    let mut words = loss["description"].as_str().unwrap().split(" sh. ");
    let (n, symbol, sold) = (words.next().unwrap(), words.next().unwrap(), loss["sold"].as_str().unwrap());
    let ira = home.path("ira.csv");
    let header = "account,kind,date,action,symbol,expiration,right,strike,quantity,amount,fees";
    fs::write(&ira, format!("{header}\nIRA,retirement,{sold},buy,{symbol},,,,{n},1000,\n")).unwrap();
    let with = ["tax", "wash", "2024", "--outside", ira.to_str().unwrap()];
    let shown = home.prints(&with);
    assert!(shown.contains("lost: a retirement account (IRA)"), "{shown}");
    let found = answer(&home, &with);
    let lost = list(&found).iter().flat_map(|w| list(&w["replaced_by"])).find(|r| r["account"] == "IRA").unwrap();
    assert_eq!((money(&lost["amount"]), &lost["in_its_basis"]), (money(&loss["gain"]).abs(), &false.into()));
    assert!(shown.contains("IRA (retirement)"), "the accounts that are counted are named: {shown}");

    home.refuses(&["tax", "wash", "2019"], 2, &["nothing was disposed of or paid in 2019"]);
    for (line, says) in [
        (format!("IRA,roth,{sold},buy,{symbol},,,,{n},1000,"), "line 2, kind: found \"roth\"; expected taxable"),
        (format!("IRA,retirement,{sold},bought,{symbol},,,,{n},1000,"), "line 2, action: found \"bought\""),
        (format!("IRA,retirement,{sold},sell,{symbol},,,,{n},1000,"), "IRA"),
    ] {
        fs::write(&ira, format!("{header}\n{line}\n")).unwrap();
        home.refuses(&with, 3, &[says]);
    }
    home.refuses(&["tax", "wash", "--outside", "none.csv"], 3, &["none.csv", "there is no such file"]);
}

#[test]
fn three_views_of_a_basis_stand_side_by_side() {
    let home = two_years();
    let positions = answer(&home, &["tax", "basis"]);
    let of = |text: &str| list(&positions).iter().filter(|p| p["what"].as_str().unwrap().contains(text)).count();
    assert!(of(" shares") > 0, "two years that end without shares test nothing: {positions}");
    for position in list(&positions) {
        let held = position["what"].as_str().unwrap().ends_with("shares");
        assert_eq!(held, !position["cash"].is_null(), "the cash view is of shares: {position}");
        let (broker, tax) = (money(&position["broker"]), money(&position["tax"]));
        assert!(tax >= broker || !held, "the owner's view adds losses of other series and accounts: {position}");
    }
    let shown = home.prints(&["tax", "basis"]);
    assert!(shown.contains("Basis in three views") && shown.contains("cash") && shown.contains("broker"), "{shown}");
    let symbol = positions[0]["what"].as_str().unwrap().split(' ').next().unwrap().to_owned();
    let one = answer(&home, &["tax", "basis", &symbol]);
    assert!(!list(&one).is_empty() && list(&one).iter().all(|p| p["what"].as_str().unwrap().starts_with(&symbol)));
    home.refuses(&["tax", "basis", "ZZZ"], 2, &["ZZZ was never traded here; there are AAPL"]);
    home.refuses(&["tax", "basis", "not a ticker"], 2, &["not a ticker"]);
}

#[test]
fn losses_to_harvest_are_those_of_the_day() {
    let home = two_years();
    let form = answer(&home, &["tax", "form-8949", "2024"]);
    let shares = |line: &&Value| line["description"].as_str().unwrap().contains(" sh. ");
    let mut seen = 0;
    for sale in list(&form["form_8949"]).iter().filter(shares) {
        let found = answer(&home, &["tax", "harvest", "--on", sale["acquired"].as_str().unwrap()]);
        for candidate in list(&found) {
            seen += 1;
            assert!(money(&candidate["loss"]).is_negative(), "{candidate}");
            let disallowed = money(&candidate["disallowed"]);
            assert!(disallowed >= Money::ZERO && disallowed <= money(&candidate["loss"]).abs(), "{candidate}");
        }
    }
    assert!(seen > 0, "no shares ever stood at a loss");
    home.refuses(&["tax", "harvest", "--on", "2019-01-02"], 2, &["nothing is on record up to 2019-01-02"]);
    home.refuses(&["tax", "harvest", "--on", "soon"], 2, &["soon"]);
}

#[test]
fn an_order_is_tried_before_it_is_sent() {
    let home = two_years();
    let shown = home.prints(&["tax", "warn"]);
    assert!(shown.contains("would disallow"), "two years without a warning test nothing: {shown}");
    let warned = answer(&home, &["tax", "warn"]);
    for warning in list(&warned) {
        assert!(warning["order"].is_string() && warning["proposal"].is_null(), "{warning}");
        let losses = list(&warning["losses"]).iter().map(|loss| &loss["amount"]);
        assert_eq!(sum(losses), money(&warning["amount"]), "{warning}");
        assert!(list(&warning["losses"]).iter().all(|loss| loss["replaced_by"].is_string()), "{warning}");
    }
    // The put of the first warning, asked about on its day in words.
    let first = &warned[0];
    let text = first["warning"].as_str().unwrap();
    let words: Vec<&str> = text.split(' ').collect();
    let strike = words[3].trim_start_matches('$');
    let order = format!("sell to open {} {} {} {strike} put at 1", words[0], words[1], words[2]);
    let day = first["day"].as_str().unwrap();
    let eve: market::time::Date = day.parse().unwrap();
    let eve = market::time::date_of_number(market::time::day_number(eve) - 1).unwrap().to_string();
    let asked = answer(&home, &["tax", "warn", &order, "--on", &eve]);
    assert_eq!(money(&asked[0]["amount"]), money(&first["amount"]), "{asked}");
    let none = home.prints(&["tax", "warn", "buy to open 1 ZZZ 2030-01-18 100 call at 1"]);
    assert!(none.contains("No loss would be disallowed."), "{none}");
    home.refuses(&["tax", "warn", "sell 100 ZZZ at 1"], 2, &["no sleeve and no account holds that much of it"]);
    home.refuses(&["tax", "warn", "buy 100 TSLA at 170"], 2, &["is not an order; expected an order such as"]);
    home.refuses(&["tax", "warn", "--on", "2019-01-02"], 2, &["nothing is on record up to 2019-01-02"]);
}

#[test]
fn estimates_add_up_to_the_cent() {
    let home = two_years();
    let rates = home.path("rates.toml");
    let file = rates.to_str().unwrap().to_owned();
    fs::write(&rates, "ordinary = 32.5\nlong_term = \"18.8\"\ncarried_short = 1000\n").unwrap();
    let found = answer(&home, &["tax", "estimate", "--rates-file", &file]);
    assert_eq!((&found["ordinary_rate"], &found["long_term_rate"]), (&"32.5%".into(), &"18.8%".into()));
    let years = answer(&home, &["tax", "year"]);
    for (estimate, year) in list(&found["years"]).iter().zip(list(&years)) {
        let (lines, accounts) = (list(&estimate["lines"]), list(&estimate["accounts"]));
        assert!(lines.len() > 50);
        assert_eq!(sum(lines.iter().map(|l| &l["tax"])), sum(accounts.iter().map(|a| &a["tax"])));
        let total = sum(accounts.iter().map(|a| &a["tax"])) + money(&estimate["netting_tax"]);
        assert_eq!(total, money(&estimate["total"]));
        let capital = sum(lines.iter().flat_map(|l| [&l["short_term"], &l["long_term"]]));
        let of = |name: &str| money(&year["total"][name]);
        let terms = money(&year["total"]["short_term"]["gain"]) + money(&year["total"]["long_term"]["gain"]);
        assert_eq!(capital, terms + of("section_1256") - of("deferred") + of("released"), "{}", estimate["year"]);
        assert_eq!(sum(lines.iter().map(|l| &l["ordinary"])), of("interest") + of("other_dividends"));
        for line in lines {
            let at = |name: &str, ppm: i64| i128::from(money(&line[name]).units()) * i128::from(ppm);
            let ordinary = at("short_term", 325_000) + at("ordinary", 325_000);
            let exact = ordinary + at("long_term", 188_000) + at("qualified", 188_000);
            let apart = exact - i128::from(money(&line["tax"]).units()) * 1_000_000;
            assert!(apart.abs() < 100 * 1_000_000, "a cent or more from its rate: {line}");
        }
    }
    assert_eq!(money(&found["years"][0]["netting"]["brought"]["short_term"]), Money::dollars(1_000));
    let shown = home.prints(&["tax", "estimate", "2024", "--rates", "32/15"]);
    for said in ["account by account", "terms netted", "as Schedule D nets them", "32% on short-term", "1211(b)"] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    assert!(home.prints(&["tax", "estimate", "2024", "--rates", "32/15", "--by-trade"]).contains("trade by trade"));

    home.refuses(&["tax", "estimate"], 2, &["--rates <SHORT/LONG>|--rates-file <FILE.toml>"]);
    home.refuses(&["tax", "estimate", "--rates", "32/15", "--rates-file", &file], 2, &["cannot be used with"]);
    home.refuses(&["tax", "estimate", "--rates", "32"], 2, &["expected two rates in percent such as 32/15"]);
    home.refuses(&["tax", "estimate", "2019", "--rates", "32/15"], 2, &["nothing was disposed of or paid in 2019"]);
    home.refuses(&["tax", "estimate", "--rates-file", "none.toml"], 3, &["none.toml", "there is no such file"]);
    for (text, says) in [
        ("ordinary = 32", "rates.toml, long_term: is missing; expected a percentage"),
        ("ordinary = 132\nlong_term = 15", "rates.toml, ordinary: found \"132\"; expected a percentage"),
        ("ordinary = 32\nlong_term == 15", "rates.toml, line 2"),
    ] {
        fs::write(&rates, text).unwrap();
        home.refuses(&["tax", "estimate", "--rates-file", &file], 3, &[says]);
    }
    assert_eq!(home.files(), ["demo.journal", "last", "rates.toml"]);
}

const SCENARIO: &str = include_str!("../../../../scenarios/tax/proposed-wash-sale.toml");
const PREMIUM: &str = include_str!("../../../simulation/tests/scenarios/premium-model.toml");

/// The scenario's journal up to the proposal that would disallow a loss, which waits.
fn asked_people(home: &Home) -> (String, u64) {
    let calendar = Arc::new(Calendar::nyse());
    let scenario = Scenario::parse("proposed-wash-sale", SCENARIO, &calendar).unwrap();
    let premium = PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap();
    let policy: &Policy = &scenario.policy;
    let run = Run {
        history: &scenario.history,
        policy,
        premium: &premium,
        premium_text: "the scenarios' own",
        from: Some(scenario.from),
        to: Some(scenario.to),
        deposit: scenario.deposit,
        script: &scenario.script,
        liquidity: &scenario.liquidity,
        quotes: None,
    };
    let human = scenario.human.as_ref();
    let (_, store) = replay_asking(&run, human, &calendar, MemoryStore::default(), |_, _| {}).unwrap();
    let (events, _) = journal::read(1, &store.rows).unwrap();
    let proposes = |event: &Event| match &event.body {
        Body::Proposed(p) if event.at.to_string().starts_with("2024-07-03") => Some(p.id),
        _ => None,
    };
    let (at, id) = events.iter().enumerate().find_map(|(at, event)| Some((at, proposes(event)?))).unwrap();
    let mut chain = Chain::new(1);
    let rows: Vec<_> = events[..=at].chunks(1024).filter_map(|events| chain.seal(events)).collect();
    let file = home.path("asked.journal");
    let mut store = SqliteStore::create(&file).unwrap();
    store.append(&rows).unwrap();
    store.finish().unwrap();
    (file.to_str().unwrap().to_owned(), id)
}

#[test]
fn a_proposal_that_waits_carries_its_warning() {
    let home = Home::new();
    let (file, id) = asked_people(&home);
    let warned = answer(&home, &["tax", "warn", "--journal", &file]);
    let proposed: Vec<&Value> = list(&warned).iter().filter(|w| !w["proposal"].is_null()).collect();
    assert_eq!(proposed.len(), 1, "{warned}");
    assert_eq!((&proposed[0]["proposal"], money(&proposed[0]["amount"])), (&id.into(), Money::cents(227_378)));
    let loss = &proposed[0]["losses"][0];
    assert_eq!((&loss["sold"], &loss["in_its_basis"]), (&"2024-06-28".into(), &true.into()));
    assert_eq!((&loss["what"], &loss["replaced_by"]), (&"300 sh. TSLA".into(), &"300 sh. TSLA in Gen".into()));
    let shown = home.prints(&["tax", "warn", "--journal", &file]);
    for said in ["Proposals that wait", &format!("proposal {id}"), "$2,273.78 into 300 sh. TSLA in Gen"] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    // Where the proposal itself is shown.
    let explained = home.prints(&["explain", "2024-07-03", "--journal", &file]);
    let line = explained.lines().find(|line| line.contains("tax warning")).unwrap_or_else(|| panic!("{explained}"));
    assert!(line.contains("would disallow $2,273.78 of losses") && line.contains("into 300 sh. TSLA"), "{line}");
    let json = home.json(&["explain", "2024-07-03", "--journal", &file, "--json"]);
    assert!(json.to_string().contains("tax warning: 3 TSLA 2024-07-05"), "{json}");
}
