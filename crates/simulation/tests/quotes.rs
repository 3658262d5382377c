//! A run on quotes beside the same run on modelled premiums: what differs is taken apart, and nothing is left over.

use std::sync::Arc;

use engine::input::Want;
use market::history::History;
use market::instrument::{Right, Symbol};
use market::quote::{Chain, OptionQuote, Origin, QuotedChains};
use market::time::{Calendar, Expiration};
use market::value::{Money, Price};
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use simulation::chain::ChainModel;
use simulation::evidence::quotes::{Beside, Parts, beside};
use simulation::generator::{Parameters, generate};
use simulation::replay::Run;

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

struct World {
    calendar: Arc<Calendar>,
    history: History,
    policy: Policy,
    premium: PremiumModel,
}

impl World {
    fn new() -> World {
        let calendar = Arc::new(Calendar::nyse());
        let first = calendar.on_or_after("2021-01-04".parse().unwrap()).unwrap();
        let history = generate(&Parameters::shipped(), 3, first, 500, &calendar);
        World {
            history,
            policy: Policy::all_use(),
            premium: PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap(),
            calendar,
        }
    }

    /// Quotes of one symbol in half of all weeks: the model's own, changed.
    fn quotes(&self, change: impl Fn(&OptionQuote) -> OptionQuote) -> QuotedChains {
        let symbol = Symbol::new("TSLA").unwrap();
        let mut model = ChainModel::new(&self.history, &self.calendar, &self.policy, &self.premium, &[]);
        let mut chains = Vec::new();
        let days = self.history.symbol(symbol).unwrap().bars.iter().map(|bar| bar.day);
        for day in days.filter(|day| market::time::Week::of(day.date()).number % 2 == 0) {
            let mut found = Vec::new();
            let ends = (0..10)
                .map(|sessions| self.calendar.offset(day, sessions))
                .filter(|d| self.calendar.is_last_of_week(*d));
            for end in ends {
                for right in [Right::Put, Right::Call] {
                    model.add(day, &[Want::Chain(symbol, Expiration(end.date()), right)], &mut found);
                }
            }
            chains.extend(found.into_iter().map(|chain| {
                let quotes = chain.quotes.iter().map(&change).collect();
                (day, Chain { origin: Origin::Quoted, quotes, ..chain })
            }));
        }
        QuotedChains::new("made up".to_owned(), chains)
    }

    fn beside(&self, quotes: &QuotedChains) -> Beside {
        let run = Run {
            history: &self.history,
            policy: &self.policy,
            premium: &self.premium,
            premium_text: PREMIUM,
            from: None,
            to: None,
            deposit: Money::dollars(300_000),
            script: &[],
            liquidity: &[],
            quotes: Some(quotes),
        };
        beside(&run, &self.calendar).unwrap()
    }
}

/// Nothing is left over: not of a pair, not of the whole, not at the end.
fn adds_up(found: &Beside) {
    for pair in &found.pairs {
        assert_eq!(pair.parts.total(), pair.difference(), "{pair:?}");
        assert!(pair.quoted.is_some() || pair.modelled.is_some());
    }
    let cash = |traded: &[simulation::evidence::quotes::Traded]| traded.iter().map(|t| t.cash()).sum::<Money>();
    assert_eq!(found.parts().total(), cash(&found.quoted.traded) - cash(&found.modelled.traded));
    assert_eq!(found.quoted.end - found.modelled.end, found.quoted.gains.total() - found.modelled.gains.total());
}

#[test]
fn quotes_that_say_what_the_model_says_make_no_difference() {
    let world = World::new();
    let found = world.beside(&world.quotes(|quote| *quote));
    adds_up(&found);
    assert!(found.pairs.iter().any(|pair| pair.quote.is_some()), "something was traded at a quote");
    assert_eq!(found.parts(), Parts::default());
    assert!(found.pairs.iter().all(|pair| pair.is_same()), "no other option was chosen");
    assert_eq!(found.quoted.end, found.modelled.end);
}

#[test]
fn a_wider_spread_is_told_from_a_higher_volatility() {
    let world = World::new();
    let tick = Price::cents(5);
    // Ten cents wider on both sides where there is room: the middle stays.
    let wider = world.beside(&world.quotes(|q| {
        let by = if q.bid >= tick { tick } else { Price::ZERO };
        OptionQuote { bid: q.bid - by, ask: q.ask + by, ..*q }
    }));
    adds_up(&wider);
    let own = wider.pairs.iter().filter(|pair| pair.quote.is_some());
    for pair in own {
        assert_eq!(pair.parts.volatility, Money::ZERO, "{pair:?}");
        assert!(!pair.parts.spread.is_positive(), "{pair:?}");
    }
    assert!(wider.parts().spread < Money::ZERO);
    // The same spread, a dime higher: what is written brings more, what is bought back costs more.
    let dime = Price::cents(10);
    let higher = world.beside(&world.quotes(|q| OptionQuote { bid: q.bid + dime, ask: q.ask + dime, ..*q }));
    adds_up(&higher);
    for pair in higher.pairs.iter().filter(|pair| pair.quote.is_some()) {
        let mine = pair.quoted.unwrap();
        let expected = dime.of_contracts(mine.contracts);
        let expected = if mine.cash().is_positive() { expected } else { -expected };
        assert_eq!((pair.parts.volatility, pair.parts.spread), (expected, Money::ZERO), "{pair:?}");
    }
}

#[test]
fn what_is_modelled_in_both_runs_differs_by_its_option_alone() {
    let world = World::new();
    let double = |price: Price| Price::from_units(price.units() * 2);
    let found = world.beside(&world.quotes(|q| OptionQuote { bid: double(q.bid), ask: double(q.ask), ..*q }));
    adds_up(&found);
    for pair in found.pairs.iter().filter(|pair| pair.quote.is_none()) {
        assert_eq!((pair.parts.volatility, pair.parts.spread), (Money::ZERO, Money::ZERO), "{pair:?}");
    }
    let parts = found.parts();
    assert!(parts.volatility.is_positive(), "{parts:?}");
    assert!(found.pairs.iter().any(|pair| !pair.is_same()), "at other deltas other strikes are chosen");
}
