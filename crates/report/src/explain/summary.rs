//! Each symbol's week in one sleeve: sold, bought back, expired, assigned, called away, dividends, gain.

use std::collections::BTreeMap;

use engine::event::Body;
use ledger::SleeveId;
use market::instrument::{Right, Symbol};
use market::value::{Contracts, Money, Shares};

use super::Sentence;
use crate::book::{Book, WeekRecord};
use crate::words;

/// What a symbol came to in a sleeve's week.
#[derive(Default)]
struct Sum {
    puts_sold: Contracts,
    calls_sold: Contracts,
    premium: Money,
    bought_back: Contracts,
    paid: Money,
    expired: Contracts,
    taken: Shares,
    cost: Money,
    called: Shares,
    proceeds: Money,
    dividends: Money,
    gain: Option<Money>,
}

/// One sentence for each symbol that moved in the sleeve's week.
pub(super) fn sentences(
    book: &Book<'_>,
    record: &WeekRecord,
    sleeve: SleeveId,
    symbol: Option<Symbol>,
) -> Vec<Sentence> {
    let mut sums: BTreeMap<Symbol, Sum> = BTreeMap::new();
    for event in &book.events[record.events.clone()] {
        add(&mut sums, &event.body, sleeve);
    }
    let asked = sums.iter().filter(|(s, _)| symbol.is_none_or(|symbol| symbol == **s));
    asked
        .map(|(symbol, sum)| {
            let text = format!("{} in {symbol}: {}", words::sleeve(sleeve), sum.told());
            Sentence { event: 0, ..Sentence::of(record.week, text, &[], record.events.start) }
        })
        .collect()
}

fn add(sums: &mut BTreeMap<Symbol, Sum>, body: &Body, mine: SleeveId) {
    match body {
        Body::Filled { sleeve, trade, fill, .. } if *sleeve == mine => {
            let sum = sums.entry(trade.underlying()).or_default();
            let contracts = Contracts(fill.units);
            if let Some(series) = trade.writes() {
                match series.right {
                    Right::Put => sum.puts_sold += contracts,
                    Right::Call => sum.calls_sold += contracts,
                }
                let (price, fees) = fill.sold.map_or((fill.price, fill.fees), |s| (s.price, s.fees));
                sum.premium += price.of_contracts(contracts) - fees;
            }
            if trade.buys_back().is_some() {
                sum.bought_back += contracts;
                sum.paid += fill.price.of_contracts(contracts) + fill.fees;
            }
        }
        Body::Crossed(crossing) if [crossing.from, crossing.to].contains(&mine) => {
            let sum = sums.entry(crossing.series.underlying).or_default();
            if crossing.from == mine {
                (sum.bought_back, sum.paid) = (sum.bought_back + crossing.contracts, sum.paid + crossing.paid());
            } else {
                match crossing.series.right {
                    Right::Put => sum.puts_sold += crossing.contracts,
                    Right::Call => sum.calls_sold += crossing.contracts,
                }
                sum.premium += crossing.paid();
            }
        }
        Body::Expired { sleeve, series, contracts, .. } if *sleeve == mine => {
            sums.entry(series.underlying).or_default().expired += *contracts;
        }
        Body::Assigned { sleeve, series, contracts, fees, .. } if *sleeve == mine => {
            let sum = sums.entry(series.underlying).or_default();
            let value = series.strike.of_contracts(*contracts);
            match series.right {
                Right::Put => (sum.taken, sum.cost) = (sum.taken + contracts.shares(), sum.cost + value + *fees),
                Right::Call => {
                    (sum.called, sum.proceeds) = (sum.called + contracts.shares(), sum.proceeds + value - *fees);
                }
            }
        }
        Body::DividendAccrued(dividend) if dividend.sleeve == mine => {
            sums.entry(dividend.symbol).or_default().dividends += dividend.amount;
        }
        Body::PositionTyped(typed) if typed.sleeve == mine => {
            sums.entry(typed.symbol).or_default().gain = Some(typed.gain);
        }
        _ => {}
    }
}

impl Sum {
    fn told(&self) -> String {
        let none = Contracts(0);
        let mut parts: Vec<String> = Vec::new();
        let sold = [(self.puts_sold, Right::Put), (self.calls_sold, Right::Call)];
        let sold: Vec<String> =
            sold.iter().filter(|(n, _)| *n > none).map(|(n, r)| format!("{n} {}", words::rights(*r, *n))).collect();
        if !sold.is_empty() {
            parts.push(format!("sold {} for {} after fees", sold.join(" and "), words::money(self.premium)));
        }
        if self.bought_back > none {
            parts.push(format!("bought {} back for {}", self.bought_back, words::money(self.paid)));
        }
        if self.expired > none {
            parts.push(format!("{} expired worthless", self.expired));
        }
        if self.taken > Shares(0) {
            parts.push(format!("{} shares taken for {}", words::count(self.taken.0), words::money(self.cost)));
        }
        if self.called > Shares(0) {
            parts.push(format!(
                "{} shares called away for {}",
                words::count(self.called.0),
                words::money(self.proceeds)
            ));
        }
        if self.dividends > Money::ZERO {
            parts.push(format!("{} of dividends", words::money(self.dividends)));
        }
        if parts.is_empty() {
            parts.push("nothing traded".to_owned());
        }
        parts.extend(self.gain.map(|gain| format!("gain of the week {}", words::money(gain))));
        parts.join("; ")
    }
}
