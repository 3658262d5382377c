//! One expiration after another: which strikes R-2 allows, and which of them R-3 prefers.

use market::instrument::{Right, Series};
use market::order::Side;
use market::quote::{Chain, Delta, OptionQuote, Underlying};
use market::time::Expiration;
use market::value::{MULTIPLIER, Money, Price};

use super::{Barred, CallTarget, FeeOf, NoDebit, Refusal, Roll, RollKind, RollTerms};
use crate::calls;
use crate::entry::report_before;
use crate::plan::{Seen, Skip};
use crate::rule::Rule;
use crate::view::{Holding, Short};

/// A search on its way: what does not change from one expiration to the next.
pub(super) struct Hunt<'a> {
    terms: &'a RollTerms<'a>,
    short: &'a Short,
    underlying: Option<&'a Underlying>,
    holding: Option<&'a Holding>,
    /// What the old option costs a share, and in fees a contract.
    buy: (Price, Money),
    /// The old put's delta.
    old_delta: Delta,
    fees: FeeOf<'a>,
}

impl<'a> Hunt<'a> {
    pub(super) fn new(terms: &'a RollTerms<'a>, short: &'a Short, old: &Seen, fees: FeeOf<'a>) -> Result<Self, Barred> {
        let policy = terms.policy;
        if policy.is_off(Rule::R2) {
            return Err(Barred::RuleOff);
        }
        let most = policy.roll.max_rolls;
        if short.rolls >= most && !policy.is_off(Rule::R3) {
            return Err(Barred::TooMany { rolls: short.rolls, most });
        }
        let holding = terms.view.holding(short.series.underlying);
        if short.series.right == Right::Call && holding.is_none() {
            return Err(Barred::NoShares);
        }
        let cost = fees(Side::Buy, old.ask).ok_or(Barred::FeesUnknown)?;
        let underlying = terms.board.underlying(short.series.underlying);
        Ok(Hunt {
            terms,
            short,
            underlying,
            holding,
            buy: (old.ask, cost),
            old_delta: old_delta(old, underlying),
            fees,
        })
    }

    /// The best roll to `expiration`, or why there is none.
    pub(super) fn ask(&self, expiration: Expiration) -> Result<Roll, Refusal> {
        let (board, old) = (self.terms.board, &self.short.series);
        let earnings = self.underlying.map(|u| u.earnings);
        if let Some(on) = earnings.and_then(|e| report_before(e, board.day.date(), expiration)) {
            return Err(Refusal::Earnings { on });
        }
        let chain = board.chain(old.underlying, expiration, old.right).ok_or(Refusal::NoQuotes)?;
        let offers = match old.right {
            Right::Put => self.puts(chain)?,
            Right::Call => vec![self.call(chain)?],
        };
        let rolls: Vec<Roll> = offers.into_iter().filter_map(|q| self.roll(chain, q)).collect();
        self.choose(&rolls)
    }

    /// strikes that are not higher, somebody bids for, and whose delta is low enough; rising.
    fn puts<'c>(&self, chain: &'c Chain) -> Result<Vec<&'c OptionQuote>, Refusal> {
        let limit = self.terms.policy.roll.max_delta.limit(self.terms.band);
        let low_enough = |d: Delta| d <= limit && d < self.old_delta;
        let bidden = || chain.quotes.iter().filter(|q| q.bid > Price::ZERO && q.strike <= self.short.series.strike);
        let offers: Vec<_> = bidden().filter(|q| q.delta.is_some_and(low_enough)).collect();
        if offers.is_empty() {
            let lowest = bidden().filter_map(|q| q.delta).min();
            return Err(Refusal::NoStrike { most: limit, below: self.old_delta, lowest });
        }
        Ok(offers)
    }

    /// the call that E-8 would sell or, before a dividend, the lowest not below the old one.
    fn call<'c>(&self, chain: &'c Chain) -> Result<&'c OptionQuote, Refusal> {
        let (policy, view) = (self.terms.policy, self.terms.view);
        let (Some(holding), Some(underlying)) = (self.holding, self.underlying) else {
            return Err(Refusal::NoQuotes);
        };
        let below_basis = policy.calls.below_basis;
        match self.terms.target {
            CallTarget::AsCovered => {
                calls::strike(policy, view, holding, underlying, chain, below_basis).map_err(Refusal::Call)
            }
            CallTarget::NotBelowOld => {
                let floor = if below_basis { Price::ZERO } else { holding.basis };
                let lowest = self.short.series.strike.max(floor);
                let pays = |q: &&OptionQuote| calls::pays(policy, q) && q.strike >= lowest;
                chain.quotes.iter().find(pays).ok_or(Refusal::Call(Skip::NothingAboveBasis { basis: lowest }))
            }
        }
    }

    /// The roll to one quote, its kind not yet judged; `None` where its fees are not known.
    fn roll(&self, chain: &Chain, quote: &OptionQuote) -> Option<Roll> {
        let (buy, cost) = self.buy;
        let fees = cost + (self.fees)(Side::Sell, quote.bid)?;
        let series = Series { strike: quote.strike, expiration: chain.expiration, ..self.short.series };
        let per_share = (quote.bid - buy).times(MULTIPLIER) - fees;
        let net = Price::from_units(per_share.units().div_euclid(MULTIPLIER));
        let credit = net >= self.terms.policy.roll.min_credit;
        Some(Roll {
            to: Seen { series, bid: quote.bid, ask: quote.ask, delta: quote.delta, origin: chain.origin },
            buy,
            sell: quote.bid,
            fees,
            net,
            kind: if credit { RollKind::Credit } else { RollKind::Debit },
            combined: !self.terms.policy.is_off(Rule::R1),
        })
    }

    /// R-3 within one expiration, `rolls` rising by strike: the lowest strike that gives a credit, else the smallest
    /// debit that R-2 allows. With R-3 off, the highest strike that R-2 allows.
    fn choose(&self, rolls: &[Roll]) -> Result<Roll, Refusal> {
        let allowed = |roll: &&Roll| roll.kind == RollKind::Credit || self.no_debit(roll).is_none();
        if self.terms.policy.is_off(Rule::R3) {
            return rolls.iter().rfind(allowed).copied().ok_or_else(|| self.too_little(rolls));
        }
        let credit = rolls.iter().find(|r| r.kind == RollKind::Credit);
        // The first of equals is the lower strike.
        let debit = || rolls.iter().filter(allowed).min_by_key(|r| -r.net);
        credit.or_else(debit).copied().ok_or_else(|| self.too_little(rolls))
    }

    /// Why R-2 does not allow it as a debit.
    fn no_debit(&self, roll: &Roll) -> Option<NoDebit> {
        let (band, first) = (self.terms.band, self.short.first_premium);
        if !self.terms.debit {
            return Some(NoDebit::NotAsked);
        }
        if !roll.to.delta.is_some_and(|d| band.contains(d)) {
            return Some(NoDebit::OutsideBand { band: (band.low, band.high) });
        }
        let spent = -(self.short.chain_credit + roll.net);
        let share = self.terms.policy.roll.max_debit;
        let within = spent <= Price::ZERO || first > Price::ZERO && !share.is_exceeded_by(spent.units(), first.units());
        (!within).then(|| NoDebit::TooMuch { spent, most: share.of_price(first) })
    }

    /// The figures of the roll that came nearest: inside the band if there is one, then what brings most.
    fn too_little(&self, rolls: &[Roll]) -> Refusal {
        let refused = rolls.iter().filter_map(|r| self.no_debit(r).map(|why| (r, why)));
        let nearest = refused.max_by_key(|(r, why)| (matches!(why, NoDebit::TooMuch { .. }), r.net));
        let least = self.terms.policy.roll.min_credit;
        nearest.map_or(Refusal::FeesUnknown, |(roll, debit)| Refusal::TooLittle {
            strike: roll.to.series.strike,
            net: roll.net,
            least,
            debit,
        })
    }
}

/// The old put's delta; of calls R-2 asks none. A quote without one has its mid below intrinsic value, where the put
/// moves with the shares if it is in the money; a quote of nothing does not move at all.
fn old_delta(old: &Seen, underlying: Option<&Underlying>) -> Delta {
    let in_the_money = underlying.is_some_and(|u| u.price < old.series.strike);
    old.delta.unwrap_or(if in_the_money { Delta::points(100) } else { Delta(0) })
}
