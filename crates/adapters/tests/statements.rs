//! Brokers' statements: one written by us reads as it was, one of anybody else's through a mapping, and a bad one is
//! refused with its place.

use std::path::Path;

use adapters::statement::{Mapping, ofx, parse, plain};
use ledger::account::Instrument;
use market::instrument::Series;
use market::value::Money;
use report::Statement;
use report::reconcile::reconcile;
use report::statement::{Activity, Kind};

const PLAIN: &str = "\
date,settles,kind,instrument,quantity,price,fees,amount,id,text
2024-06-10,,begins,,,,,,,
2024-06-10,,deposit,,,,0.00,300000.00,1,\"pays in, at once\"
2024-06-13,2024-06-14,sell to open,TSLA  240614P00180000,-5,1.23,3.40,611.60,2,
2024-06-14,,assigned,TSLA  240614P00180000,5,,0.00,0.00,3,
2024-06-14,2024-06-17,buy,TSLA,500,180.00,0.00,-90000.00,3,
2024-06-14,,dividend,TSLA,,,0.00,12.3456,4,
2024-06-17,2024-06-18,sell to open,TSLA  240621C00185000,-5,1.50,3.41,746.59,5,
2024-06-18,,split,TSLA,1000,,0.00,0.00,6,
2024-06-18,,transfer,TSLA  240621C00185000,5,,0.00,0.00,6,
2024-06-18,,transfer,TSLA  240621C00061670,-15,,0.00,0.00,6,
2024-06-19,,interest,,,,0.00,8.00,7,
2024-06-20,,withdrawal,,,,0.00,-500.00,8,
2024-06-20,,transfer,,,,0.00,-250.00,9,
2024-06-21,,position,TSLA,1500,61.20,,,,
2024-06-21,,position,TSLA  240621C00061670,-15,0.10,,,,
2024-06-21,,cash,,,,,210628.5356,,
2024-06-21,,ends,,,,,,,
";

fn read(text: &str) -> Result<Statement, String> {
    let all = parse(Path::new("s"), text.as_bytes().to_vec(), &Mapping::default()).map_err(|e| e.to_string())?;
    let [one] = <[Statement; 1]>::try_from(all).unwrap();
    Ok(one)
}

/// What is compared of a statement: neither where it stood nor what the broker called it. OFX has a name for all money
/// that moves, which is the kind's own word where there is no other.
fn told(statement: &Statement) -> Vec<Activity> {
    let plainly = |a: &Activity| {
        let text = Some(a.text.clone()).filter(|text| text != a.kind.word()).unwrap_or_default();
        Activity { place: String::new(), id: String::new(), text, ..a.clone() }
    };
    statement.activities.iter().map(plainly).collect()
}

#[test]
fn a_statement_reads_as_it_was_written() {
    let first = read(PLAIN).unwrap();
    assert_eq!(first.activities.len(), 12);
    assert_eq!(plain::write(&first).replace("\r\n", "\n"), PLAIN);
    let xml = ofx::write(&first);
    let second = read(&xml).unwrap();
    assert_eq!(told(&second), told(&first));
    assert_eq!((&second.positions, second.cash, second.span()), (&first.positions, first.cash, first.span()), "{xml}");
    assert!(reconcile(&first, &second).agrees());
    assert_eq!(xml, ofx::write(&first), "the same bytes each time");
}

const SGML: &str = "\
OFXHEADER:100\r
DATA:OFXSGML\r
VERSION:102\r
SECURITY:NONE\r
ENCODING:USASCII\r
CHARSET:1252\r
\r
<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>
<DTSERVER>20240621<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>
<INVSTMTMSGSRSV1><INVSTMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<INVSTMTRS><DTASOF>20240621120000.000[-5:EST]
<CURDEF>USD<INVACCTFROM><BROKERID>b<ACCTID>77</INVACCTFROM>
<INVTRANLIST><DTSTART>20240610<DTEND>20240621
<SELLOPT><INVSELL><INVTRAN><FITID>a1<DTTRADE>20240613103000<MEMO></INVTRAN>
<SECID><UNIQUEID>99X<UNIQUEIDTYPE>OTHER</SECID><UNITS>-5.0000<UNITPRICE>1.23<COMMISSION>3.25<FEES>0.15<TOTAL>611.60
<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INVSELL><OPTSELLTYPE>SELLTOOPEN<SHPERCTRCT>100</SELLOPT>
<INCOME><INVTRAN><FITID>a2<DTTRADE>20240614</INVTRAN><SECID><UNIQUEID>88160R101<UNIQUEIDTYPE>CUSIP</SECID>
<INCOMETYPE>DIV<TOTAL>12.34<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INCOME>
<INVBANKTRAN><STMTTRN><TRNTYPE>SRVCHG<DTPOSTED>20240615
<TRNAMT>-5.00<FITID>a3<NAME>Caf\u{e9} &amp; co</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>
</INVTRANLIST>
<INVPOSLIST><POSOPT><INVPOS><SECID><UNIQUEID>99X<UNIQUEIDTYPE>OTHER</SECID><HELDINACCT>CASH<POSTYPE>SHORT<UNITS>5
<UNITPRICE>0.4<MKTVAL>-200<DTPRICEASOF>20240621</INVPOS></POSOPT></INVPOSLIST>
<INVBAL><AVAILCASH>1,618.94<MARGINBALANCE>0<SHORTBALANCE>0</INVBAL></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>
<SECLISTMSGSRSV1><SECLIST>
<STOCKINFO><SECINFO><SECID><UNIQUEID>88160R101<UNIQUEIDTYPE>CUSIP</SECID>
<SECNAME>Tesla<TICKER>TSLA</SECINFO></STOCKINFO>
<OPTINFO><SECINFO><SECID><UNIQUEID>99X<UNIQUEIDTYPE>OTHER</SECID><SECNAME>TSLA put<TICKER>TSLA 240621P</SECINFO>
<OPTTYPE>PUT<STRIKEPRICE>180<DTEXPIRE>20240621<SHPERCTRCT>100
<SECID><UNIQUEID>88160R101<UNIQUEIDTYPE>CUSIP</SECID></OPTINFO>
</SECLIST></SECLISTMSGSRSV1></OFX>
";

#[test]
fn sgml_without_closing_tags_is_read() {
    for bytes in [SGML.as_bytes().to_vec(), SGML.chars().map(|c| c as u8).collect()] {
        let all = parse(Path::new("s.ofx"), bytes, &Mapping::default()).unwrap();
        let [statement] = all.as_slice() else { panic!("one statement") };
        let put = Instrument::Option(Series::from_occ("TSLA  240621P00180000").unwrap());
        let sold = &statement.activities[0];
        assert_eq!((sold.kind, sold.instrument, sold.quantity), (Kind::SellToOpen, Some(put), -5));
        assert_eq!((sold.fees, sold.amount), (Money::cents(340), Money::cents(61_160)));
        assert_eq!(statement.activities[1].amount, Money::cents(1_234));
        let charge = &statement.activities[2];
        assert_eq!((charge.kind, charge.text.as_str()), (Kind::Withdrawal, "Café & co"));
        let position = statement.positions.as_ref().unwrap()[0];
        assert_eq!((position.instrument, position.quantity), (put, -5));
        assert_eq!((statement.cash, statement.account.as_str()), (Some(Money::cents(161_894)), "77"));
        assert_eq!(statement.activities[0].place, "line 14");
    }
}

const MAPPING: &str = r#"
skip_lines = 2
dates = "mdy"
unsigned = ["quantity", "amount"]
[columns]
date = "Run Date"
kind = "Action"
underlying = "Root"
instrument = "Symbol"
expiration = "Expires"
right = "Type"
strike = "Strike"
quantity = "Qty"
price = "Price ($)"
fees = ["Commission", "Fees"]
amount = "Amount"
[kinds]
"You Sold Opening" = "sell to open"
"Cash In Lieu" = "skip"
"#;

#[test]
fn anybodys_table_is_read_through_a_mapping() {
    let mapping = Mapping::parse(Path::new("m.toml"), MAPPING).unwrap();
    let table = "Brokerage\n\nRun Date,Action,Symbol,Root,Expires,Type,Strike,Qty,Price ($),Commission,Fees,Amount\n\
        6/13/2024,YOU SOLD OPENING,x,TSLA,06/14/2024,Put,$180.00,5,$1.23,$3.25,0.15,\"$611.60\"\n\
        06/14/2024,cash in lieu,,,,,,,,,,1.00\n\
        06/14/2024,Buy,TSLA,,,,,500,180,,,\"$90,000.00\"\n";
    let all = parse(Path::new("t.csv"), table.as_bytes().to_vec(), &mapping).unwrap();
    let [sold, bought] = all[0].activities.as_slice() else { panic!("two rows") };
    let put = Instrument::Option(Series::from_occ("TSLA  240614P00180000").unwrap());
    assert_eq!((sold.instrument, sold.quantity, sold.fees), (Some(put), -5, Money::cents(340)));
    assert_eq!((bought.quantity, bought.amount), (500, Money::dollars(-90_000)));
    assert_eq!((sold.place.as_str(), all[0].positions.is_none()), ("line 4", true));
    let wrong = table.replace("06/14/2024,Buy", "14/06/2024,Buy");
    let error = parse(Path::new("t.csv"), wrong.into_bytes(), &mapping).unwrap_err().to_string();
    assert_eq!(error, "t.csv, line 6, date: found \"14/06/2024\"; expected a date such as 06/14/2024");
}

#[test]
fn bad_statements_are_refused_with_their_place() {
    for (from, to, says) in [
        ("sell to open,TSLA  240614P", "sold,TSLA  240614P", "s, line 4, kind: found \"sold\"; expected a kind"),
        ("TSLA  240614P00180000,-5", "TSLA  240614P0018,-5", "line 4, instrument: found \"TSLA  240614P0018\""),
        (",-5,1.23", ",-5.5,1.23", "line 4, quantity: found \"-5.5\"; expected a whole number"),
        (",1.23,", ",-1.23,", "line 4, price: found \"-1.23\"; expected dollars a share"),
        (",611.60,", ",6l1.60,", "line 4, amount: found \"6l1.60\"; expected dollars"),
        ("2024-06-17,sell", "x,sell", "found"),
        ("date,settles", "day,settles", "there is no column \"date\""),
    ] {
        let error = read(&PLAIN.replacen(from, to, 1)).map(|s| s.activities.len());
        if let Err(error) = &error {
            assert!(error.contains(says), "{error}");
        }
        assert!(error.is_err() || !PLAIN.contains(from), "{from} as {to}");
    }
    let xml = ofx::write(&read(PLAIN).unwrap());
    for (from, to, says) in [
        ("<UNITS>-5<", "<UNITS>five<", ", UNITS: found \"five\"; expected a whole number of shares or contracts"),
        ("<DTTRADE>20240613<", "<DTTRADE>20241313<", ", DTTRADE: found \"20241313\"; expected a day"),
        ("<OPTSELLTYPE>SELLTOOPEN", "<OPTSELLTYPE>SELL", ", OPTSELLTYPE: found \"SELL\"; expected one of SELLTOOPEN"),
        ("<TOTAL>611.60</TOTAL>", "", ", INVSELL: found no TOTAL; expected TOTAL in it"),
        ("<SPLIT>", "<JRNL>", ", INVTRANLIST: found \"JRNL\""),
        ("</OFX>", "", "found an <OFX> that is not closed"),
    ] {
        assert!(xml.contains(from), "{from}");
        let spoiled =
            xml.replacen(from, to, 1).replace("</SPLIT>", if to == "<JRNL>" { "</JRNL>" } else { "</SPLIT>" });
        let error = read(&spoiled).unwrap_err();
        assert!(error.starts_with("s, line ") && error.contains(says), "{error}");
    }
    for (text, says) in [
        ("dates = \"ymd\"", "m.toml, dates: found \"\\\"ymd\\\"\"; expected iso, mdy, dmy or compact"),
        ("[columns]\nday = \"Day\"", "m.toml, columns.day: "),
        ("[kinds]\nX = \"sold\"", "m.toml, kinds.X: "),
        ("a = ", "m.toml, line 1: "),
        ("colour = 1", "expected nothing of that name: skip_lines, dates, unsigned, columns or kinds"),
    ] {
        let error = Mapping::parse(Path::new("m.toml"), text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// A hundred lines of a statement changed by hand: each is found, whichever form the statement has.
#[test]
fn what_is_changed_in_a_file_is_found() {
    let ours = read(PLAIN).unwrap();
    let xml = ofx::write(&ours);
    let mut found = 0;
    for (form, text) in [("csv", PLAIN.to_owned()), ("ofx", xml)] {
        for (from, to) in [
            ("611.60", "611.06"),
            ("746.59", "764.59"),
            ("-500.00", "500.00"),
            ("300000.00", "30000.00"),
            ("12.3456", "12.3465"),
            ("3.41", "3.14"),
            ("210628.5356", "210628.53"),
            ("1500", "1400"),
            ("TSLA  240614P00180000", "TSLA  240614P00185000"),
            ("TSLA  240614P00180000", "TSLA  240614C00180000"),
            ("20240619", "20240618"),
            ("2024-06-19", "2024-06-18"),
        ] {
            for at in text.match_indices(from).map(|(at, _)| at) {
                let mut changed = text.clone();
                changed.replace_range(at..at + from.len(), to);
                let Ok(theirs) = read(&changed) else { continue };
                if (told(&theirs), &theirs.positions, theirs.cash) == (told(&ours), &ours.positions, ours.cash) {
                    continue;
                }
                assert!(!reconcile(&ours, &theirs).agrees(), "{form}: {from} as {to} at {at}");
                found += 1;
            }
        }
    }
    assert!(found >= 25, "only {found} were planted");
}
