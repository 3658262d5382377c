//! Statements out of OFX elements.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::account::Instrument;
use market::instrument::{Right, Series, Symbol};
use market::time::{Date, Expiration};
use market::value::{Money, Price};
use report::Statement;
use report::statement::{Activity, Kind, Position};

use super::scan::{Node, scan};
use crate::fault::{DataError, Fault, quoted};
use crate::statement::amount::{money, units};
use crate::statement::instrument;
use crate::text;

/// Reads every statement in a file.
///
/// # Errors
/// [`DataError`] naming line and element.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Statement>, DataError> {
    let root = scan(path, bytes)?;
    let mut file = File { path, known: BTreeMap::new() };
    let mut listed = Vec::new();
    ["STOCKINFO", "OPTINFO", "MFINFO", "OTHERINFO"].iter().for_each(|name| root.all(name, &mut listed));
    for info in listed {
        file.know(info)?;
    }
    let (mut invested, mut banked) = (Vec::new(), Vec::new());
    root.all("INVSTMTRS", &mut invested);
    ["STMTRS", "CCSTMTRS"].iter().for_each(|name| root.all(name, &mut banked));
    let invested = invested.into_iter().map(|node| file.invested(node));
    let all: Vec<Statement> =
        invested.chain(banked.into_iter().map(|node| file.banked(node))).collect::<Result<_, _>>()?;
    if all.is_empty() {
        let (what, expected) = ("there is no statement in it", "an INVSTMTRS or a STMTRS");
        return Err(DataError::of_file(path, Fault::Empty { what, expected: expected.into() }));
    }
    Ok(all)
}

struct File<'a> {
    path: &'a Path,
    /// Securities by their identifiers.
    known: BTreeMap<String, Instrument>,
}

/// Trades in shares and in other things that are held in whole units.
const BUYS: [&str; 3] = ["BUYSTOCK", "BUYMF", "BUYOTHER"];
const SELLS: [&str; 3] = ["SELLSTOCK", "SELLMF", "SELLOTHER"];

impl File<'_> {
    fn wrong(&self, node: &Node, expected: &str) -> DataError {
        let fault = Fault::Found { found: quoted(&node.text), expected: expected.to_owned().into() };
        DataError::new(self.path, Some(node.line), Some(node.name.clone().into()), fault)
    }

    fn need<'n>(&self, node: &'n Node, name: &str) -> Result<&'n Node, DataError> {
        node.child(name).ok_or_else(|| {
            let fault = Fault::Found { found: format!("no {name}"), expected: format!("{name} in it").into() };
            DataError::new(self.path, Some(node.line), Some(node.name.clone().into()), fault)
        })
    }

    fn date(&self, node: &Node) -> Result<Date, DataError> {
        let digits = node.text.get(..8).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
        let date = digits.and_then(|t| text::date(&format!("{}-{}-{}", &t[..4], &t[4..6], &t[6..])));
        date.ok_or_else(|| self.wrong(node, "a day such as 20240614"))
    }

    fn money(&self, node: &Node) -> Result<Money, DataError> {
        money(&node.text).ok_or_else(|| self.wrong(node, "dollars such as -1234.50"))
    }

    fn units(&self, node: &Node) -> Result<i64, DataError> {
        units(&node.text).ok_or_else(|| self.wrong(node, "a whole number of shares or contracts"))
    }

    fn price(&self, node: &Node) -> Result<Price, DataError> {
        let price = money(&node.text).filter(|price| !price.is_negative());
        price.map(|p| Price::from_units(p.units())).ok_or_else(|| self.wrong(node, "dollars a share such as 1.23"))
    }

    /// Learns what an identifier stands for.
    fn know(&mut self, info: &Node) -> Result<(), DataError> {
        let about = self.need(info, "SECINFO")?;
        let id = self.need(self.need(about, "SECID")?, "UNIQUEID")?;
        let ticker = about.child("TICKER").map(|t| t.text.clone());
        let held = if info.name == "OPTINFO" {
            match instrument(&id.text).filter(|held| matches!(held, Instrument::Option(_))) {
                Some(held) => held,
                None => Instrument::Option(self.series(info, ticker.as_deref())?),
            }
        } else {
            let named = ticker.as_deref().unwrap_or(&id.text);
            Instrument::Shares(Symbol::new(named).map_err(|_| self.wrong(id, "a TICKER of 1 to 6 capital letters"))?)
        };
        self.known.insert(id.text.clone(), held);
        Ok(())
    }

    /// An option by its parts.
    fn series(&self, info: &Node, ticker: Option<&str>) -> Result<Series, DataError> {
        let kind = self.need(info, "OPTTYPE")?;
        let right = match kind.text.to_ascii_uppercase().as_str() {
            "PUT" => Right::Put,
            "CALL" => Right::Call,
            _ => return Err(self.wrong(kind, "PUT or CALL")),
        };
        let strike = self.price(self.need(info, "STRIKEPRICE")?)?;
        let expiration = Expiration(self.date(self.need(info, "DTEXPIRE")?)?);
        // The underlying is named by its own identifier, else by the first word of the option's ticker.
        let by_id = info.child("SECID").and_then(|id| id.child("UNIQUEID")).and_then(|id| {
            let known = self.known.get(&id.text).copied().or_else(|| instrument(&id.text));
            known.map(|held| held.symbol())
        });
        let by_ticker = || Symbol::new(ticker?.split([' ', '_']).next()?).ok();
        let underlying = by_id.or_else(by_ticker).ok_or_else(|| {
            self.wrong(info, "a SECID of the underlying that the list names, or a TICKER that begins with its ticker")
        })?;
        Ok(Series { underlying, expiration, right, strike })
    }

    fn instrument(&self, node: &Node) -> Result<Instrument, DataError> {
        let id = self.need(self.need(node, "SECID")?, "UNIQUEID")?;
        let known = self.known.get(&id.text).copied().or_else(|| instrument(&id.text));
        known.ok_or_else(|| self.wrong(id, "a security that the file's SECLIST names"))
    }

    fn statement(&self, node: &Node, account: &str, list: &str) -> Result<Statement, DataError> {
        let id = node.child(account).and_then(|from| from.child("ACCTID")).map_or(String::new(), |id| id.text.clone());
        let day = |name: &str| node.child(list).and_then(|l| l.child(name)).map(|d| self.date(d)).transpose();
        let source = self.path.display().to_string();
        Ok(Statement { source, account: id, from: day("DTSTART")?, to: day("DTEND")?, ..Statement::default() })
    }

    fn invested(&self, node: &Node) -> Result<Statement, DataError> {
        let mut out = self.statement(node, "INVACCTFROM", "INVTRANLIST")?;
        if let Some(asof) = node.child("DTASOF") {
            out.to = out.to.or(Some(self.date(asof)?));
        }
        for happened in node.child("INVTRANLIST").map_or(&[][..], |list| &list.children) {
            if !["DTSTART", "DTEND"].contains(&happened.name.as_str()) {
                out.activities.push(self.happened(happened)?);
            }
        }
        if let Some(list) = node.child("INVPOSLIST") {
            out.positions = Some(list.children.iter().map(|p| self.position(p)).collect::<Result<_, _>>()?);
        }
        if let Some(cash) = node.child("INVBAL").and_then(|b| b.child("AVAILCASH")) {
            out.cash = Some(self.money(cash)?);
            // A statement with a balance and no list of positions holds none.
            out.positions = out.positions.or(Some(Vec::new()));
        }
        Ok(out)
    }

    fn banked(&self, node: &Node) -> Result<Statement, DataError> {
        let account = if node.name == "STMTRS" { "BANKACCTFROM" } else { "CCACCTFROM" };
        let mut out = self.statement(node, account, "BANKTRANLIST")?;
        let list = node.child("BANKTRANLIST").map_or(&[][..], |list| &list.children);
        for moved in list.iter().filter(|n| n.name == "STMTTRN") {
            out.activities.push(self.moved(moved)?);
        }
        if let Some(cash) = node.child("LEDGERBAL").and_then(|b| b.child("BALAMT")) {
            out.cash = Some(self.money(cash)?);
        }
        Ok(out)
    }

    fn position(&self, node: &Node) -> Result<Position, DataError> {
        let held = self.need(node, "INVPOS")?;
        let (size, side) = (self.units(self.need(held, "UNITS")?)?, self.need(held, "POSTYPE")?);
        let quantity = match side.text.to_ascii_uppercase().as_str() {
            "LONG" => size,
            "SHORT" => -size.abs(),
            _ => return Err(self.wrong(side, "LONG or SHORT")),
        };
        let price = held.child("UNITPRICE").map(|p| self.price(p)).transpose()?;
        Ok(Position { instrument: self.instrument(held)?, quantity, price })
    }

    fn happened(&self, node: &Node) -> Result<Activity, DataError> {
        match node.name.as_str() {
            name if BUYS.contains(&name) => self.trade(node, "INVBUY", Kind::Buy),
            name if SELLS.contains(&name) => self.trade(node, "INVSELL", Kind::Sell),
            "BUYOPT" => {
                let kinds = [("BUYTOOPEN", Kind::BuyToOpen), ("BUYTOCLOSE", Kind::BuyToClose)];
                self.trade(node, "INVBUY", self.one_of(node, "OPTBUYTYPE", &kinds)?)
            }
            "SELLOPT" => {
                let kinds = [("SELLTOOPEN", Kind::SellToOpen), ("SELLTOCLOSE", Kind::SellToClose)];
                self.trade(node, "INVSELL", self.one_of(node, "OPTSELLTYPE", &kinds)?)
            }
            "CLOSUREOPT" => {
                let kinds = [("EXERCISE", Kind::Exercised), ("ASSIGN", Kind::Assigned), ("EXPIRE", Kind::Expired)];
                let kind = self.one_of(node, "OPTACTION", &kinds)?;
                let size = self.units(self.need(node, "UNITS")?)?;
                let way = kind.direction();
                let quantity = if way == 0 { size } else { size.abs() * way };
                Ok(Activity { quantity, ..self.begun(node, node, kind)? })
            }
            "TRANSFER" => self.transfer(node),
            "SPLIT" => {
                let (old, new) = (self.need(node, "OLDUNITS")?, self.need(node, "NEWUNITS")?);
                let quantity = self.units(new)?.saturating_sub(self.units(old)?);
                Ok(Activity { quantity, ..self.begun(node, node, Kind::Split)? })
            }
            "INCOME" => {
                let kinds = [
                    ("DIV", Kind::Dividend),
                    ("CGLONG", Kind::Dividend),
                    ("CGSHORT", Kind::Dividend),
                    ("INTEREST", Kind::Interest),
                    ("MISC", Kind::Interest),
                ];
                let kind = self.one_of(node, "INCOMETYPE", &kinds)?;
                let amount = self.money(self.need(node, "TOTAL")?)?;
                Ok(Activity { amount, ..self.begun(node, node, kind)? })
            }
            "INVBANKTRAN" => self.moved(self.need(node, "STMTTRN")?),
            name => {
                let fault = Fault::Found {
                    found: quoted(name),
                    expected:
                        "a trade (BUYSTOCK, SELLSTOCK, BUYOPT, SELLOPT …), CLOSUREOPT, INCOME, TRANSFER, SPLIT or \
                               INVBANKTRAN"
                            .into(),
                };
                Err(DataError::new(self.path, Some(node.line), Some("INVTRANLIST".into()), fault))
            }
        }
    }

    fn one_of(&self, node: &Node, name: &str, kinds: &[(&str, Kind)]) -> Result<Kind, DataError> {
        let said = self.need(node, name)?;
        let found = kinds.iter().find(|(word, _)| said.text.eq_ignore_ascii_case(word));
        let words: Vec<&str> = kinds.iter().map(|(word, _)| *word).collect();
        found.map(|(_, kind)| *kind).ok_or_else(|| self.wrong(said, &format!("one of {}", words.join(", "))))
    }

    /// What every investment transaction has; `inner` is where its security stands.
    fn begun(&self, node: &Node, inner: &Node, kind: Kind) -> Result<Activity, DataError> {
        let about = self.need(inner, "INVTRAN")?;
        let text = |name: &str| about.child(name).map_or(String::new(), |n| n.text.clone());
        Ok(Activity {
            place: format!("line {}", node.line),
            id: text("FITID"),
            date: self.date(self.need(about, "DTTRADE")?)?,
            settles: about.child("DTSETTLE").map(|d| self.date(d)).transpose()?,
            kind,
            instrument: Some(self.instrument(inner)?),
            quantity: 0,
            price: None,
            fees: Money::ZERO,
            amount: Money::ZERO,
            text: text("MEMO"),
        })
    }

    fn trade(&self, node: &Node, inner: &str, kind: Kind) -> Result<Activity, DataError> {
        let trade = self.need(node, inner)?;
        let begun = self.begun(node, trade, kind)?;
        let mut fees = Money::ZERO;
        for name in ["COMMISSION", "TAXES", "FEES", "LOAD"] {
            if let Some(fee) = trade.child(name) {
                fees += self.money(fee)?.abs();
            }
        }
        let size = self.units(self.need(trade, "UNITS")?)?;
        let price = Some(self.price(self.need(trade, "UNITPRICE")?)?);
        let amount = self.money(self.need(trade, "TOTAL")?)?;
        Ok(Activity { quantity: size.abs() * kind.direction(), price, fees, amount, ..begun })
    }

    fn transfer(&self, node: &Node) -> Result<Activity, DataError> {
        let size = self.units(self.need(node, "UNITS")?)?.abs();
        let way = self.need(node, "TFERACTION")?;
        let coming = match way.text.to_ascii_uppercase().as_str() {
            "IN" => size,
            "OUT" => -size,
            _ => return Err(self.wrong(way, "IN or OUT")),
        };
        let short = node.child("POSTYPE").is_some_and(|p| p.text.eq_ignore_ascii_case("SHORT"));
        Ok(Activity { quantity: if short { -coming } else { coming }, ..self.begun(node, node, Kind::Transfer)? })
    }

    /// Money that moved, as bank statements have it.
    fn moved(&self, node: &Node) -> Result<Activity, DataError> {
        let (kind, amount) = (self.need(node, "TRNTYPE")?, self.money(self.need(node, "TRNAMT")?)?);
        let kind = match kind.text.to_ascii_uppercase().as_str() {
            "INT" => Kind::Interest,
            "DIV" => Kind::Dividend,
            "XFER" => Kind::Transfer,
            _ if amount.is_negative() => Kind::Withdrawal,
            _ => Kind::Deposit,
        };
        let text = |name: &str| node.child(name).map_or(String::new(), |n| n.text.clone());
        Ok(Activity {
            place: format!("line {}", node.line),
            id: text("FITID"),
            date: self.date(self.need(node, "DTPOSTED")?)?,
            settles: None,
            kind,
            instrument: None,
            quantity: 0,
            price: None,
            fees: Money::ZERO,
            amount,
            text: if node.child("MEMO").is_some() { text("MEMO") } else { text("NAME") },
        })
    }
}
