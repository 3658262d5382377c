//! A candidate with every figure that decided it.

use market::instrument::Right;
use market::time::Expiration;
use market::value::{Contracts, Price};
use protocol::entry::put_band;
use protocol::plan::{Candidate, Plan, Purpose, Seen, Verdict};
use protocol::policy::unit::DeltaBand;
use protocol::rule::Rule;

use super::Sentence;
use crate::book::Book;
use crate::{story, words};

/// Everything that is known of one candidate of the plan at `place`.
pub(super) fn sentences(book: &Book<'_>, place: usize, plan: &Plan, candidate: &Candidate) -> Vec<Sentence> {
    let teller = Teller { book, place, plan, candidate };
    match candidate.verdict {
        Verdict::Leave(_) => teller.left(),
        Verdict::Take { contracts, limit, .. } => teller.taken(contracts, limit),
    }
}

struct Teller<'b, 'a> {
    book: &'b Book<'a>,
    place: usize,
    plan: &'b Plan,
    candidate: &'b Candidate,
}

impl Teller<'_, '_> {
    fn say(&self, text: String, rules: &[Rule]) -> Sentence {
        Sentence::of(self.plan.day, text, rules, self.place)
    }

    fn left(&self) -> Vec<Sentence> {
        let lines = story::lines(self.book, self.place);
        let mine = lines.into_iter().filter(|l| l.symbol == Some(self.candidate.symbol));
        let mut told: Vec<Sentence> = mine.map(|line| Sentence::from_line(line, self.place)).collect();
        told.extend(self.candidate.seen.map(|seen| self.seen(&seen)));
        told.extend(self.untestable());
        told
    }

    fn taken(&self, contracts: Contracts, limit: Price) -> Vec<Sentence> {
        let name = words::sleeve(self.plan.sleeve);
        let Candidate { symbol, price, .. } = *self.candidate;
        let Some(seen) = self.candidate.seen else { return Vec::new() };
        let lots = words::lots(contracts, &seen.series);
        let text = format!(
            "{name} wants to sell {lots} at {} or more, with {symbol} at {}",
            words::price(limit),
            words::price(price)
        );
        let mut told = vec![self.say(text, &self.candidate.rules), self.seen(&seen)];
        told.extend(self.band(&seen));
        told.extend(self.size(contracts, &seen));
        told.extend(self.untestable());
        told
    }

    fn seen(&self, seen: &Seen) -> Sentence {
        let delta = seen.delta.map_or("no delta".to_owned(), |d| format!("delta {d}"));
        let whole = if seen.series.right == Right::Put { seen.series.strike } else { self.candidate.price };
        let days = days(seen.series.expiration, self.plan);
        let text = format!(
            "{}: bid {}, ask {}, {delta}, {}; the bid is {} of {} for {days}",
            seen.series,
            words::price(seen.bid),
            words::price(seen.ask),
            words::origin(seen.origin),
            words::percent(seen.bid.units(), whole.units()),
            words::price(whole),
        );
        self.say(text, &[Rule::E9])
    }

    /// E-4: why this strike.
    fn band(&self, seen: &Seen) -> Option<Sentence> {
        let policy = self.book.policy();
        let (band, basis) = match self.plan.purpose {
            Purpose::Entry => (put_band(policy, self.plan.sleeve.kind, self.book.class_before(self.place)?), ""),
            Purpose::Cover => (policy.band.of(self.plan.sleeve.kind), " that is not below the basis"),
        };
        let delta = seen.delta?;
        let why = if band.contains(delta) {
            format!("of the strikes in the band {}{basis} it is nearest the middle", shown(band))
        } else if self.plan.purpose == Purpose::Entry || delta < band.low {
            format!("no strike{basis} lies in the band {}; its delta is the nearest outside", shown(band))
        } else {
            format!("its delta lies outside the band {}, as its position's type asks", shown(band))
        };
        let rules: &[Rule] = match self.plan.purpose {
            Purpose::Entry => &[Rule::E1, Rule::M6, Rule::E4],
            Purpose::Cover => &[Rule::E1, Rule::E8],
        };
        let loss = self.candidate.locked_loss;
        let loss = if loss > Price::ZERO {
            format!("; assigned there, it would lock in a loss of {} a share against the basis", words::price(loss))
        } else {
            String::new()
        };
        Some(self.say(format!("{why}{loss}"), rules))
    }

    /// E-5: why so many.
    fn size(&self, contracts: Contracts, seen: &Seen) -> Option<Sentence> {
        if self.plan.purpose == Purpose::Cover {
            return None;
        }
        let policy = self.book.policy();
        let binds = seen.series.strike.of_contracts(contracts);
        let text = format!(
            "{} {} bind {}; {} may be deployed, at most {} in one underlying",
            contracts,
            words::plural(contracts.0, "contract", "contracts"),
            words::money(binds),
            words::money(self.plan.deployable.floor_cents()),
            words::money(policy.cap.underlying.of(self.plan.equity).floor_cents())
        );
        Some(self.say(text, &[Rule::E5]))
    }

    fn untestable(&self) -> Option<Sentence> {
        let gates: Vec<&str> = self.candidate.untestable.iter().map(|u| words::untestable(*u)).collect();
        let symbol = self.candidate.symbol;
        (!gates.is_empty()).then(|| {
            let text = format!("not testable for {symbol}, so neither passed nor refused: {}", gates.join(", "));
            self.say(text, &[Rule::E6])
        })
    }
}

fn shown(band: DeltaBand) -> String {
    format!("{} to {}", band.low, band.high)
}

fn days(expiration: Expiration, plan: &Plan) -> String {
    let days = expiration.days_from(plan.day.date());
    format!("{days} {}", words::plural(days, "day", "days"))
}
