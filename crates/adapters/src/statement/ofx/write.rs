//! A statement as OFX 2.2.

use std::collections::BTreeMap;

use ledger::account::Instrument;
use market::instrument::Right;
use market::time::Date;
use market::value::{MULTIPLIER, Money, Price};
use report::Statement;
use report::statement::{Activity, Kind, Position};

use super::{OCC, TICKER};
use crate::books::dollars;
use crate::statement::identifier;

const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
    <?OFX OFXHEADER=\"200\" VERSION=\"220\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" NEWFILEUID=\"NONE\"?>\n";
/// Who keeps the account; a statement of our own books names nobody.
const BROKER: &str = "alluse.invalid";

/// Writes a statement; the same statement gives the same bytes.
#[must_use]
pub fn write(statement: &Statement) -> String {
    let mut xml = Xml { out: HEADER.to_owned(), depth: 0 };
    let (from, to) = statement.span().unwrap_or((Date::ZERO, Date::ZERO));
    xml.within("OFX", |xml| {
        xml.within("SIGNONMSGSRSV1", |xml| {
            xml.within("SONRS", |xml| {
                status(xml);
                xml.leaf("DTSERVER", &day(to));
                xml.leaf("LANGUAGE", "ENG");
            });
        });
        xml.within("INVSTMTMSGSRSV1", |xml| {
            xml.within("INVSTMTTRNRS", |xml| {
                xml.leaf("TRNUID", "0");
                status(xml);
                xml.within("INVSTMTRS", |xml| body(xml, statement, from, to));
            });
        });
        let held = instruments(statement);
        if !held.is_empty() {
            xml.within("SECLISTMSGSRSV1", |xml| {
                xml.within("SECLIST", |xml| held.iter().for_each(|held| security(xml, held)));
            });
        }
    });
    xml.out
}

fn status(xml: &mut Xml) {
    xml.within("STATUS", |xml| {
        xml.leaf("CODE", "0");
        xml.leaf("SEVERITY", "INFO");
    });
}

fn body(xml: &mut Xml, statement: &Statement, from: Date, to: Date) {
    xml.leaf("DTASOF", &day(to));
    xml.leaf("CURDEF", "USD");
    xml.within("INVACCTFROM", |xml| {
        xml.leaf("BROKERID", BROKER);
        xml.leaf("ACCTID", &statement.account);
    });
    xml.within("INVTRANLIST", |xml| {
        xml.leaf("DTSTART", &day(from));
        xml.leaf("DTEND", &day(to));
        let ids = ids(&statement.activities);
        let held = held_after(statement);
        for ((activity, id), held) in statement.activities.iter().zip(&ids).zip(held) {
            happened(xml, activity, id, held);
        }
    });
    if let Some(positions) = statement.positions.as_ref().filter(|all| !all.is_empty()) {
        xml.within("INVPOSLIST", |xml| positions.iter().for_each(|p| position(xml, p, to)));
    }
    if let Some(cash) = statement.cash {
        xml.within("INVBAL", |xml| {
            xml.leaf("AVAILCASH", &dollars(cash));
            xml.leaf("MARGINBALANCE", &dollars(Money::ZERO));
            xml.leaf("SHORTBALANCE", &dollars(Money::ZERO));
        });
    }
}

/// Names that no two transactions share.
fn ids(activities: &[Activity]) -> Vec<String> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let name = |a: &Activity, n: u32| match (a.id.as_str(), n) {
        ("", n) => format!("x{n}"),
        (id, 1) => id.to_owned(),
        (id, n) => format!("{id}-{n}"),
    };
    let mut out = Vec::new();
    for activity in activities {
        let n = seen.entry(&activity.id).and_modify(|n| *n += 1).or_insert(1);
        out.push(name(activity, *n));
    }
    out
}

/// What is held of each activity's instrument after it, counted back from the positions at the end.
fn held_after(statement: &Statement) -> Vec<i64> {
    let mut held: BTreeMap<Instrument, i64> = BTreeMap::new();
    for p in statement.positions.iter().flatten() {
        *held.entry(p.instrument).or_insert(0) += p.quantity;
    }
    let mut out = Vec::new();
    for a in statement.activities.iter().rev() {
        let after = a.instrument.map(|i| held.entry(i).or_insert(0));
        out.push(after.as_ref().map_or(0, |n| **n));
        after.into_iter().for_each(|n| *n -= a.quantity);
    }
    out.reverse();
    out
}

fn happened(xml: &mut Xml, a: &Activity, id: &str, held: i64) {
    let Some(instrument) = a.instrument else { return moved(xml, a, id) };
    match a.kind {
        Kind::Buy => xml.within("BUYSTOCK", |xml| {
            trade(xml, "INVBUY", a, id, &instrument);
            xml.leaf("BUYTYPE", "BUY");
        }),
        Kind::Sell => xml.within("SELLSTOCK", |xml| {
            trade(xml, "INVSELL", a, id, &instrument);
            xml.leaf("SELLTYPE", "SELL");
        }),
        Kind::BuyToOpen | Kind::BuyToClose => xml.within("BUYOPT", |xml| {
            trade(xml, "INVBUY", a, id, &instrument);
            xml.leaf("OPTBUYTYPE", if a.kind == Kind::BuyToOpen { "BUYTOOPEN" } else { "BUYTOCLOSE" });
            xml.leaf("SHPERCTRCT", &MULTIPLIER.to_string());
        }),
        Kind::SellToOpen | Kind::SellToClose => xml.within("SELLOPT", |xml| {
            trade(xml, "INVSELL", a, id, &instrument);
            xml.leaf("OPTSELLTYPE", if a.kind == Kind::SellToOpen { "SELLTOOPEN" } else { "SELLTOCLOSE" });
            xml.leaf("SHPERCTRCT", &MULTIPLIER.to_string());
        }),
        Kind::Assigned | Kind::Exercised | Kind::Expired => xml.within("CLOSUREOPT", |xml| {
            about(xml, a, id);
            security_id(xml, &instrument);
            let action = match a.kind {
                Kind::Assigned => "ASSIGN",
                Kind::Exercised => "EXERCISE",
                _ => "EXPIRE",
            };
            xml.leaf("OPTACTION", action);
            xml.leaf("UNITS", &a.quantity.to_string());
            xml.leaf("SHPERCTRCT", &MULTIPLIER.to_string());
            xml.leaf("SUBACCTSEC", "CASH");
        }),
        Kind::Dividend | Kind::Interest | Kind::Deposit | Kind::Withdrawal => xml.within("INCOME", |xml| {
            about(xml, a, id);
            security_id(xml, &instrument);
            xml.leaf("INCOMETYPE", if a.kind == Kind::Dividend { "DIV" } else { "INTEREST" });
            xml.leaf("TOTAL", &dollars(a.amount));
            xml.leaf("SUBACCTSEC", "CASH");
            xml.leaf("SUBACCTFUND", "CASH");
        }),
        Kind::Transfer => xml.within("TRANSFER", |xml| {
            about(xml, a, id);
            security_id(xml, &instrument);
            xml.leaf("SUBACCTSEC", "CASH");
            xml.leaf("UNITS", &a.quantity.abs().to_string());
            // Of what is short, more comes in where the quantity falls.
            let short = held < 0 || held - a.quantity < 0;
            let coming = (a.quantity > 0) != short;
            xml.leaf("TFERACTION", if coming { "IN" } else { "OUT" });
            xml.leaf("POSTYPE", if short { "SHORT" } else { "LONG" });
        }),
        Kind::Split => xml.within("SPLIT", |xml| {
            about(xml, a, id);
            security_id(xml, &instrument);
            xml.leaf("SUBACCTSEC", "CASH");
            let (old, new) = (held - a.quantity, held);
            let common = gcd(old.unsigned_abs(), new.unsigned_abs()).max(1);
            xml.leaf("OLDUNITS", &old.to_string());
            xml.leaf("NEWUNITS", &new.to_string());
            xml.leaf("NUMERATOR", &(new.unsigned_abs() / common).to_string());
            xml.leaf("DENOMINATOR", &(old.unsigned_abs() / common).to_string());
        }),
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Money that moves without a security.
fn moved(xml: &mut Xml, a: &Activity, id: &str) {
    let kind = match a.kind {
        Kind::Interest => "INT",
        Kind::Dividend => "DIV",
        Kind::Transfer => "XFER",
        _ if a.amount.is_negative() => "DEBIT",
        _ => "CREDIT",
    };
    xml.within("INVBANKTRAN", |xml| {
        xml.within("STMTTRN", |xml| {
            xml.leaf("TRNTYPE", kind);
            xml.leaf("DTPOSTED", &day(a.date));
            xml.leaf("TRNAMT", &dollars(a.amount));
            xml.leaf("FITID", id);
            xml.leaf("NAME", a.kind.word());
            memo(xml, a);
        });
        xml.leaf("SUBACCTFUND", "CASH");
    });
}

fn memo(xml: &mut Xml, a: &Activity) {
    if !a.text.is_empty() {
        let short: String = a.text.chars().take(255).collect();
        xml.leaf("MEMO", &short);
    }
}

fn about(xml: &mut Xml, a: &Activity, id: &str) {
    xml.within("INVTRAN", |xml| {
        xml.leaf("FITID", id);
        xml.leaf("DTTRADE", &day(a.date));
        if let Some(settles) = a.settles {
            xml.leaf("DTSETTLE", &day(settles));
        }
        memo(xml, a);
    });
}

fn trade(xml: &mut Xml, name: &str, a: &Activity, id: &str, held: &Instrument) {
    xml.within(name, |xml| {
        about(xml, a, id);
        security_id(xml, held);
        xml.leaf("UNITS", &a.quantity.to_string());
        xml.leaf("UNITPRICE", &price(a.price.unwrap_or_default()));
        xml.leaf("FEES", &dollars(a.fees));
        xml.leaf("TOTAL", &dollars(a.amount));
        xml.leaf("SUBACCTSEC", "CASH");
        xml.leaf("SUBACCTFUND", "CASH");
    });
}

fn position(xml: &mut Xml, p: &Position, asof: Date) {
    let option = matches!(p.instrument, Instrument::Option(_));
    xml.within(if option { "POSOPT" } else { "POSSTOCK" }, |xml| {
        xml.within("INVPOS", |xml| {
            security_id(xml, &p.instrument);
            xml.leaf("HELDINACCT", "CASH");
            xml.leaf("POSTYPE", if p.quantity < 0 { "SHORT" } else { "LONG" });
            xml.leaf("UNITS", &p.quantity.to_string());
            let unit = p.price.unwrap_or_default();
            xml.leaf("UNITPRICE", &price(unit));
            let per = if option { MULTIPLIER } else { 1 };
            let value = i128::from(unit.units()) * i128::from(p.quantity) * i128::from(per);
            let bounded = i64::try_from(value).unwrap_or(if p.quantity < 0 { -i64::MAX } else { i64::MAX });
            xml.leaf("MKTVAL", &dollars(Money::from_units(bounded)));
            xml.leaf("DTPRICEASOF", &day(asof));
        });
    });
}

/// Everything that is named, shares before options: an option names its underlying.
fn instruments(statement: &Statement) -> Vec<Instrument> {
    let happened = statement.activities.iter().filter_map(|a| a.instrument);
    let held = statement.positions.iter().flatten().map(|p| p.instrument);
    let mut all: Vec<Instrument> = happened.chain(held).collect();
    let underlying = all.iter().map(|held| Instrument::Shares(held.symbol())).collect::<Vec<_>>();
    all.extend(underlying);
    all.sort_unstable();
    all.dedup();
    all
}

fn security_id(xml: &mut Xml, held: &Instrument) {
    xml.within("SECID", |xml| {
        xml.leaf("UNIQUEID", &identifier(held));
        xml.leaf("UNIQUEIDTYPE", if matches!(held, Instrument::Option(_)) { OCC } else { TICKER });
    });
}

fn security(xml: &mut Xml, held: &Instrument) {
    let info = |xml: &mut Xml| {
        xml.within("SECINFO", |xml| {
            security_id(xml, held);
            xml.leaf("SECNAME", &held.to_string());
            xml.leaf("TICKER", &identifier(held));
        });
    };
    match held {
        Instrument::Shares(_) => xml.within("STOCKINFO", info),
        Instrument::Option(series) => xml.within("OPTINFO", |xml| {
            info(xml);
            xml.leaf("OPTTYPE", if series.right == Right::Put { "PUT" } else { "CALL" });
            xml.leaf("STRIKEPRICE", &price(series.strike));
            xml.leaf("DTEXPIRE", &day(series.expiration.0));
            xml.leaf("SHPERCTRCT", &MULTIPLIER.to_string());
            security_id(xml, &Instrument::Shares(series.underlying));
        }),
    }
}

fn price(price: Price) -> String {
    dollars(price.times(1))
}

fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Elements, each on a line of its own.
struct Xml {
    out: String,
    depth: usize,
}

impl Xml {
    fn leaf(&mut self, name: &str, text: &str) {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.out.push_str(&format!("{}<{name}>{escaped}</{name}>\n", "  ".repeat(self.depth)));
    }

    fn within(&mut self, name: &str, inner: impl FnOnce(&mut Xml)) {
        let indent = "  ".repeat(self.depth);
        self.out.push_str(&format!("{indent}<{name}>\n"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.out.push_str(&format!("{indent}</{name}>\n"));
    }
}
