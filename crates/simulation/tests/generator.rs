//! A generated market is a sound history, the same for the same seed on every machine, and every stream stands alone.

use market::history::{History, SymbolHistory};
use market::time::{Calendar, Date, TradingDay};
use proptest::prelude::*;
use simulation::generator::{Parameters, WARM_UP, generate};

/// Five years.
const SESSIONS: usize = 1260;

fn first(calendar: &Calendar) -> TradingDay {
    calendar.on_or_after(Date::constant(2027, 1, 4)).unwrap()
}

fn market(parameters: &Parameters, seed: u64, sessions: usize) -> History {
    let calendar = Calendar::nyse();
    generate(parameters, seed, first(&calendar), sessions, &calendar)
}

/// Every field of a history as bytes, hashed.
fn digest(history: &History) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut put = |bytes: &[u8]| {
        hasher.update(bytes);
    };
    let date = |d: Date| d.to_string().into_bytes();
    for (symbol, h) in &history.symbols {
        put(symbol.as_str().as_bytes());
        for b in &h.bars {
            put(&date(b.day.date()));
            for price in [b.open, b.high, b.low, b.close] {
                put(&price.units().to_le_bytes());
            }
            put(&b.volume.to_le_bytes());
        }
        for d in &h.dividends {
            put(&date(d.ex_date));
            put(&d.amount.units().to_le_bytes());
        }
        h.earnings.iter().flatten().for_each(|d| put(&date(*d)));
        for (d, v) in &h.volatility {
            put(&date(*d));
            put(&v.to_bits().to_le_bytes());
        }
    }
    for v in &history.volatility {
        put(&date(v.date));
        for value in [v.vix, v.vix9d.unwrap(), v.vix3m.unwrap()] {
            put(&value.to_bits().to_le_bytes());
        }
    }
    for r in &history.rates {
        put(&date(r.date));
        r.yields.iter().for_each(|y| put(&y.unwrap().to_bits().to_le_bytes()));
    }
    put(history.source.as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}

fn same_bars(a: &SymbolHistory, b: &SymbolHistory) -> bool {
    a.bars.iter().zip(&b.bars).all(|(x, y)| x == y)
}

/// The digest was taken once; debug, release and every machine must give it again.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let parameters = Parameters::shipped();
    let once = digest(&market(&parameters, 1, SESSIONS));
    assert_eq!(once, digest(&market(&parameters, 1, SESSIONS)));
    assert_ne!(once, digest(&market(&parameters, 2, SESSIONS)));
    assert_eq!(once, "fbc75f3c95a53091");
}

#[test]
fn a_further_symbol_leaves_the_others_as_they_were() {
    let all = Parameters::shipped();
    let mut fewer = all.clone();
    let last = fewer.symbols.pop().unwrap().tape.symbol;
    let (whole, part) = (market(&all, 5, SESSIONS), market(&fewer, 5, SESSIONS));
    assert_eq!(whole.symbols.len(), part.symbols.len() + 1);
    for (symbol, history) in &part.symbols {
        let other = whole.symbol(*symbol).unwrap();
        assert!(same_bars(history, other) && history.volatility == other.volatility, "{symbol}");
        assert_eq!(history.earnings, other.earnings, "{symbol}");
    }
    assert_eq!(whole.volatility, part.volatility);
    assert!(part.symbol(last).is_none());
}

#[test]
fn a_longer_run_begins_as_the_shorter_does() {
    let parameters = Parameters::shipped();
    let (short, long) = (market(&parameters, 9, 300), market(&parameters, 9, SESSIONS));
    for ((symbol, a), (_, b)) in short.symbols.iter().zip(&long.symbols) {
        assert!(same_bars(a, b), "{symbol}");
    }
    assert_eq!(short.volatility, long.volatility[..short.volatility.len()]);
    assert_eq!(short.rates, long.rates[..short.rates.len()]);
}

#[test]
fn the_warm_up_comes_before_the_first_tradable_week() {
    let calendar = Calendar::nyse();
    let history = market(&Parameters::shipped(), 3, 100);
    let bars = &history.symbols[0].1.bars;
    assert_eq!(bars.len(), WARM_UP + 100);
    assert_eq!(bars[WARM_UP].day, first(&calendar));
    let monday = calendar.sessions(market::time::Week::of(bars[WARM_UP].day.date()))[0];
    assert!(bars.iter().filter(|b| b.day < monday).count() >= 260);
    assert!(history.simulated && history.source == "generated, seed 3");
    assert_eq!(history.splits_complete_since, bars[0].day.date());
}

fn check(history: &History, calendar: &Calendar) {
    let rising = |dates: &[Date]| dates.windows(2).all(|w| w[0] < w[1]);
    assert!(history.symbols.windows(2).all(|w| w[0].0 < w[1].0));
    let days: Vec<TradingDay> = history.symbols[0].1.bars.iter().map(|b| b.day).collect();
    for (symbol, h) in &history.symbols {
        h.check(*symbol, calendar).unwrap();
        assert_eq!(h.bars.iter().map(|b| b.day).collect::<Vec<_>>(), days);
        assert!(h.bars.iter().all(|b| b.volume > 0 && b.close.units() % 100 == 0 && b.low.units() >= 100));
        assert!(rising(&h.dividends.iter().map(|d| d.ex_date).collect::<Vec<_>>()));
        assert!(h.splits.is_empty() && (h.volatility.is_empty() || h.volatility.len() == days.len()));
        assert!(h.volatility.iter().all(|(_, v)| (1.0..1000.0).contains(v)));
        if let Some(earnings) = &h.earnings {
            assert!(rising(earnings) && *earnings.last().unwrap() > days[days.len() - 1].date());
            assert!(earnings.iter().all(|d| calendar.session(*d).is_some()));
        }
    }
    let dates: Vec<Date> = days.iter().map(|d| d.date()).collect();
    assert_eq!(history.volatility.iter().map(|v| v.date).collect::<Vec<_>>(), dates);
    assert_eq!(history.rates.iter().map(|r| r.date).collect::<Vec<_>>(), dates);
    assert!(history.rates.iter().flat_map(|r| r.yields).all(|y| y.unwrap() >= 0.0));
    assert!(history.volatility.iter().all(|v| (1.0..1000.0).contains(&v.vix)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn every_market_is_a_sound_history(seed in any::<u64>(), start in 0i64..4000, sessions in 1usize..1300) {
        let calendar = Calendar::nyse();
        let first = calendar.offset(calendar.on_or_after(Date::constant(2012, 1, 3)).unwrap(), start);
        let history = generate(&Parameters::shipped(), seed, first, sessions, &calendar);
        prop_assert_eq!(history.symbols[0].1.bars.len(), WARM_UP + sessions);
        check(&history, &calendar);
    }
}
