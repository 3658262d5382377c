//! The premium model's numbers from data, each on days that are named, so that the other days can test it.
//!
//! | number | from | how |
//! |---|---|---|
//! | `clock.report` | bars | variance of the session after a report over that of ordinary ones, mean over all reports |
//! | `clock.closed_day` | quotes | what makes variances at the money of one day's near expirations agree |
//! | `ratio`'s three | bars, indices | least squares on symbols that have an index of their own |
//! | `skew` | quotes | least squares of a parabola in standard deviations from the money |
//! | `volatility.stock_level` | the skew | volatility at the money over an index of such a smile ([`Skew::level`]) |
//!
//! Few numbers, each with one meaning: what these data cannot tell apart is left out. `volatility.level` and the
//! spreads are not fitted here.

use std::collections::BTreeMap;

use market::history::{History, SymbolHistory};
use market::instrument::{Right, Symbol};
use market::math;
use market::quote::QuotedChains;
use market::time::{Calendar, Date, TradingDay};
use pricing::black_scholes::Terms;
use pricing::clock::Clock;
use pricing::curve::Skew;
use pricing::implied;
use pricing::model::{Days, Fitted, PremiumModel, RatioRule, squared_returns};

use super::model::{ENOUGH, Pair, expirations};
use crate::premium::{Ground, NoPremium};

/// Windows of realised volatility that are tried: a quarter, half a year, a year.
const WINDOWS: [usize; 3] = [63, 126, 252];
/// Standard deviations to which the smile is fitted and followed: beyond, quotes are a few cents wide.
const REACH: f64 = 2.5;
/// Expirations whose smiles are fitted, calendar days.
const SMILES: (i64, i64) = (5, 120);
/// Expirations between which the worth of a closed day is told, calendar days.
const NEAR: (i64, i64) = (1, 14);
/// A standard deviation of 30 days of a stock at a volatility of 40 points: where the level is read off the smile.
const MONTH: f64 = 0.115;
/// Fewer sessions of quotes than this fit nothing.
const FEWEST: usize = 10;

/// Why nothing can be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CannotFit {
    /// Too few reports.
    #[error("events/earnings.csv: {found} reports of symbols with bars from {from} to {to}; expected at least {least}")]
    Reports {
        /// Reports at hand.
        found: usize,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Reports needed.
        least: usize,
    },
    /// No symbol has an index.
    #[error(
        "volatility/indices.csv: {found} closes of VXAP, VXAZ and VXGO from {from} to {to} with bars of their \
         symbols; expected at least {least}"
    )]
    Indices {
        /// Closes at hand.
        found: usize,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Closes needed.
        least: usize,
    },
    /// Too few sessions of quotes.
    #[error("{source_name}: {found} sessions of quotes from which a smile can be read; expected at least {least}")]
    Quotes {
        /// Where the quotes come from.
        source_name: String,
        /// Sessions at hand.
        found: usize,
        /// Sessions needed.
        least: usize,
    },
    /// The history has no bars of the index fund.
    #[error("bars/{0}.csv: the file is missing or empty; expected the index fund's daily bars")]
    Index(Symbol),
    /// The smile is no parabola above zero.
    #[error("the quotes give a smile of slope {slope:.3} and curvature {curvature:.3}, which falls below zero")]
    Smile {
        /// Its slope.
        slope: f64,
        /// Its curvature.
        curvature: f64,
    },
}

/// What was fitted, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The model with these numbers.
    pub model: PremiumModel,
    /// Days of bars and indices.
    pub history: Days,
    /// Days of quotes.
    pub quotes: Days,
    /// Sessions of quotes among them.
    pub quoted_sessions: usize,
    /// Symbols that were quoted on them.
    pub quoted: Vec<Symbol>,
    /// Reports.
    pub reports: usize,
    /// Variance of the session of a report over that of ordinary ones: near 1 if reports are made after the close.
    pub report_session: f64,
    /// Closes of indices that single symbols have.
    pub indices: usize,
    /// Mean size of the error on those closes, volatility points, for each window that was tried.
    pub windows: Vec<(RatioRule, f64)>,
    /// Quotes of which the smile was made.
    pub smile_quotes: usize,
    /// Expirations that told the worth of a closed day.
    pub near_expirations: usize,
}

/// Days to fit on, the rest being for the test: of bars the first half; of quotes the first, so that [`ENOUGH`]
/// sessions are left, or the first half where there are too few.
///
/// # Errors
/// [`CannotFit`] without bars of the index or with too few quotes.
pub fn days(history: &History, index: Symbol, quotes: &QuotedChains) -> Result<(Days, Days), CannotFit> {
    let bars = history.symbol(index).map_or(&[][..], |own| &own.bars);
    let half = bars.get(..bars.len() / 2).unwrap_or(&[]);
    let (Some(first), Some(last)) = (half.first(), half.last()) else { return Err(CannotFit::Index(index)) };
    let sessions = most_quoted(quotes);
    let kept = sessions.len().checked_sub(ENOUGH).filter(|kept| *kept >= FEWEST).unwrap_or(sessions.len() / 2);
    if kept < FEWEST {
        let source_name = quotes.source.clone();
        return Err(CannotFit::Quotes { source_name, found: sessions.len(), least: 2 * FEWEST });
    }
    Ok(((first.day.date(), last.day.date()), (sessions[0].date(), sessions[kept - 1].date())))
}

/// The sessions of the symbol that is quoted on most.
fn most_quoted(quotes: &QuotedChains) -> Vec<TradingDay> {
    let mut of: BTreeMap<Symbol, Vec<TradingDay>> = BTreeMap::new();
    for (day, chain) in quotes.iter() {
        let sessions = of.entry(chain.underlying).or_default();
        if sessions.last() != Some(&day) {
            sessions.push(day);
        }
    }
    of.into_values().max_by_key(Vec::len).unwrap_or_default()
}

/// Fits `start`'s numbers anew on the days given.
///
/// # Errors
/// [`CannotFit`] naming what there is too little of.
pub fn fit(
    history: &History,
    calendar: &Calendar,
    index: Symbol,
    quotes: &QuotedChains,
    start: &PremiumModel,
    (on_history, on_quotes): (Days, Days),
) -> Result<Fit, CannotFit> {
    let reports = reports(history, on_history)?;
    let ground = Ground::new(history, calendar, index, start.clone());
    let chains = Chains::read(&ground, quotes, on_quotes)?;
    let closed_day = chains.closed_day();
    let clock = Clock::new(closed_day, reports.worth).unwrap_or(Clock::CALENDAR);
    let model = start.clone().with_clock(clock);
    let ratios = ratios(history, calendar, index, &model, on_history)?;
    let skew = chains.skew()?;
    let fitted = Fitted { history: Some(on_history), quotes: Some(on_quotes) };
    let model = model.with_ratio(ratios.best).with_skew(skew, skew.level(MONTH)).with_fitted(fitted);
    Ok(Fit {
        model,
        history: on_history,
        quotes: on_quotes,
        quoted_sessions: chains.sessions,
        quoted: chains.symbols,
        reports: reports.count,
        report_session: reports.on_day,
        indices: ratios.closes,
        windows: ratios.windows,
        smile_quotes: chains.smile.len(),
        near_expirations: chains.near.iter().map(Vec::len).sum(),
    })
}

/// What reports did to prices.
struct Reports {
    count: usize,
    /// Mean variance of the session after over that of ordinary sessions, at least 1.
    worth: f64,
    /// The same of the session on whose day the report was made.
    on_day: f64,
}

fn reports(history: &History, (from, to): Days) -> Result<Reports, CannotFit> {
    const LEAST: usize = 20;
    let (mut on, mut after) = (Vec::new(), Vec::new());
    for (_, own) in &history.symbols {
        let (on_of, after_of) = around_reports(own, (from, to));
        on.extend(on_of);
        after.extend(after_of);
    }
    let count = after.len();
    let (Some(worth), Some(on_day)) = (mean(&after).filter(|_| count >= LEAST), mean(&on)) else {
        return Err(CannotFit::Reports { found: count, from, to, least: LEAST });
    };
    Ok(Reports { count, worth: worth.max(1.0), on_day })
}

/// Squared returns into and out of each report's close, over the mean of ordinary ones.
fn around_reports(own: &SymbolHistory, (from, to): Days) -> (Vec<f64>, Vec<f64>) {
    let squares = squared_returns(&own.bars.iter().map(|bar| bar.close.to_f64()).collect::<Vec<_>>());
    let dates = own.earnings.as_deref().unwrap_or(&[]);
    let is_report = |at: usize| dates.binary_search(&own.bars[at].day.date()).is_ok();
    let within = |at: &usize| (from..=to).contains(&own.bars[*at].day.date());
    let (reported, ordinary): (Vec<usize>, Vec<usize>) =
        (1..squares.len()).filter(within).partition(|at| is_report(*at));
    let ordinary: Vec<f64> = ordinary.into_iter().filter(|at| !is_report(at + 1)).map(|at| squares[at]).collect();
    let usual = mean(&ordinary).filter(|usual| *usual > 0.0).unwrap_or(f64::INFINITY);
    let shares = |shift: usize| reported.iter().map(|at| squares[at - shift] / usual).collect();
    (shares(1), shares(0))
}

/// The ratio rule fitted to the indices that single symbols have.
struct Ratios {
    best: RatioRule,
    closes: usize,
    windows: Vec<(RatioRule, f64)>,
}

/// One close of an index that a symbol has, beside what the ratio rule goes by.
struct Beside {
    own: f64,
    /// ln of the index over VIX on the symbol's clock.
    wanted: f64,
    /// ln of realised volatility over the index fund's.
    realised: f64,
    /// ln of the index fund's realised volatility over VIX.
    calm: f64,
}

fn ratios(
    history: &History,
    calendar: &Calendar,
    index: Symbol,
    model: &PremiumModel,
    days: Days,
) -> Result<Ratios, CannotFit> {
    const LEAST: usize = 252;
    let mut windows = Vec::new();
    let mut closes = 0;
    for window in WINDOWS {
        let least = model.ratio_rule().least_sessions().min(window);
        let ground = |exponent, damping| {
            let rule = RatioRule::new(window, least, exponent, damping).expect("a window longer than its least");
            Ground::new(history, calendar, index, model.clone().with_ratio(rule))
        };
        let all = beside(&ground(1.0, 0.0), &ground(0.0, 1.0), days);
        closes = all.len();
        if closes < LEAST {
            return Err(CannotFit::Indices { found: closes, from: days.0, to: days.1, least: LEAST });
        }
        let (exponent, damping) = powers(&all);
        let modelled = |b: &Beside| b.own * math::exp(exponent * b.realised + damping * b.calm - b.wanted);
        let off: Vec<f64> = all.iter().map(|b| (modelled(b) - b.own).abs()).collect();
        let rule = RatioRule::new(window, least, exponent, damping).expect("the powers are held within their range");
        windows.push((rule, mean(&off).unwrap_or(f64::INFINITY)));
    }
    let best = windows.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(*model.ratio_rule(), |(rule, _)| *rule);
    Ok(Ratios { best, closes, windows })
}

/// Exponent and damping by least squares, each held between 0 and 1; without damping if it came out negative.
fn powers(all: &[Beside]) -> (f64, f64) {
    let sum = |of: fn(&Beside) -> f64| all.iter().map(of).sum::<f64>();
    let (xx, xz, zz) = (sum(|b| b.realised * b.realised), sum(|b| b.realised * b.calm), sum(|b| b.calm * b.calm));
    let (xy, zy) = (sum(|b| b.realised * b.wanted), sum(|b| b.calm * b.wanted));
    let determinant = xx * zz - xz * xz;
    let (exponent, damping) = ((xy * zz - zy * xz) / determinant, (zy * xx - xy * xz) / determinant);
    if determinant > 0.0 && damping > 0.0 {
        (exponent.clamp(0.0, 1.0), damping.min(1.0))
    } else {
        ((xy / xx).clamp(0.0, 1.0), 0.0)
    }
}

fn beside(by_realised: &Ground<'_>, by_calm: &Ground<'_>, (from, to): Days) -> Vec<Beside> {
    let mut all = Vec::new();
    let of = |symbol: Symbol, day: TradingDay| -> Result<(f64, f64, f64), NoPremium> {
        let realised = by_realised.ratio(day, symbol)?;
        let base = by_realised.as_if_without_index(day, symbol)? / realised;
        Ok((base, realised, by_calm.ratio(day, symbol)?))
    };
    for (symbol, own) in by_calm.history().symbols.iter().filter(|(_, own)| !own.volatility.is_empty()) {
        for day in own.bars.iter().map(|bar| bar.day).filter(|day| (from..=to).contains(&day.date())) {
            let listed = own.volatility.binary_search_by_key(&day.date(), |(date, _)| *date);
            if let (Ok(at), Ok((base, realised, calm))) = (listed, of(*symbol, day)) {
                let index = own.volatility[at].1;
                let (realised, calm) = (math::ln(realised), math::ln(calm));
                all.push(Beside { own: index, wanted: math::ln(index / base), realised, calm });
            }
        }
    }
    all
}

/// What quoted chains say of the smile and of closed days.
struct Chains {
    sessions: usize,
    symbols: Vec<Symbol>,
    /// Standard deviations from the money, and volatility there over that at the money, less 1.
    smile: Vec<(f64, f64)>,
    /// For each session and symbol: sessions, closed days, and the logarithm of total variance at the money.
    near: Vec<Vec<(f64, f64, f64)>>,
}

impl Chains {
    fn read(ground: &Ground<'_>, quotes: &QuotedChains, (from, to): Days) -> Result<Chains, CannotFit> {
        let mut found = Chains { sessions: 0, symbols: Vec::new(), smile: Vec::new(), near: Vec::new() };
        let mut last = None;
        let mut last_day = None;
        for pair in expirations(quotes).iter().filter(|pair| (from..=to).contains(&pair.day.date())) {
            let Ok(terms) = ground.terms_of(pair) else { continue };
            let Some(smile) = Quoted::of(pair, &terms) else { continue };
            if last_day.replace(pair.day) != Some(pair.day) {
                found.sessions += 1;
            }
            if last.replace((pair.day, pair.symbol)) != Some((pair.day, pair.symbol)) {
                found.near.push(Vec::new());
            }
            if !found.symbols.contains(&pair.symbol) {
                found.symbols.push(pair.symbol);
            }
            let days = pair.expiration.days_from(pair.day.date());
            if (SMILES.0..=SMILES.1).contains(&days) {
                found.smile.extend(smile.standardised(&terms));
            }
            let silent = ground.reports(pair.symbol, pair.day.date(), pair.expiration.0) == 0;
            if silent && (NEAR.0..=NEAR.1).contains(&days) {
                let closed = f64::from(ground.closed(pair.day.date(), pair.expiration.0));
                let variance = math::ln(smile.at_money * smile.at_money * terms.years().get());
                found.near.last_mut().expect("pushed above").push((days as f64 - closed, closed, variance));
            }
        }
        found.symbols.sort_unstable();
        if found.sessions < FEWEST {
            let source_name = quotes.source.clone();
            return Err(CannotFit::Quotes { source_name, found: found.sessions, least: FEWEST });
        }
        Ok(found)
    }

    /// The worth of a closed day, to a hundredth, at which variance over worth is most nearly the same for the near
    /// expirations of each session.
    fn closed_day(&self) -> f64 {
        let miss = |worth: f64| -> f64 {
            let of_session = |points: &Vec<(f64, f64, f64)>| {
                let rates: Vec<f64> =
                    points.iter().map(|(open, closed, ln)| ln - math::ln(open + worth * closed)).collect();
                let middle = mean(&rates).unwrap_or(0.0);
                rates.iter().map(|rate| (rate - middle) * (rate - middle)).sum::<f64>()
            };
            self.near.iter().map(of_session).sum()
        };
        let tried = (0..=100).map(|hundredths| f64::from(hundredths) / 100.0);
        tried.min_by(|a, b| miss(*a).total_cmp(&miss(*b))).unwrap_or(1.0)
    }

    /// The parabola through the money that is nearest to all of them.
    fn skew(&self) -> Result<Skew, CannotFit> {
        let sum = |of: fn(f64, f64) -> f64| -> f64 { self.smile.iter().map(|(z, y)| of(*z, *y)).sum() };
        let (z2, z3, z4) = (sum(|z, _| z * z), sum(|z, _| z * z * z), sum(|z, _| z * z * z * z));
        let (zy, z2y) = (sum(|z, y| z * y), sum(|z, y| z * z * y));
        let determinant = z2 * z4 - z3 * z3;
        let (slope, curvature) = ((zy * z4 - z2y * z3) / determinant, (z2 * z2y - z3 * zy) / determinant);
        Skew::new(slope, curvature, REACH).ok_or(CannotFit::Smile { slope, curvature })
    }
}

/// Volatilities of one quoted expiration.
struct Quoted {
    at_money: f64,
    /// Logarithm of strike over forward, and volatility, rising.
    strikes: Vec<(f64, f64)>,
}

impl Quoted {
    /// Out-of-the-money options that somebody bids for, and the volatility at the money between the two nearest it.
    fn of(pair: &Pair<'_>, terms: &Terms) -> Option<Quoted> {
        let mut strikes = Vec::new();
        for chain in &pair.chains {
            for quote in chain.quotes.iter().filter(|quote| quote.bid.units() > 0) {
                let (strike, mid) = (quote.strike.to_f64(), quote.mid().to_f64());
                let far = math::ln(strike / terms.forward());
                if (far < 0.0) == (chain.right == Right::Put)
                    && let Ok(volatility) = implied::volatility(terms, chain.right, strike, mid)
                {
                    strikes.push((far, volatility.get()));
                }
            }
        }
        strikes.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
        let above = strikes.partition_point(|(far, _)| *far < 0.0);
        let (below, above) = (strikes.get(above.checked_sub(1)?)?, strikes.get(above)?);
        let share = -below.0 / (above.0 - below.0);
        let at_money = below.1 + share * (above.1 - below.1);
        (at_money > 0.0).then_some(Quoted { at_money, strikes })
    }

    /// By standard deviations, within reach.
    fn standardised(&self, terms: &Terms) -> impl Iterator<Item = (f64, f64)> {
        let deviation = self.at_money * terms.years().get().sqrt();
        let standard = move |(far, volatility): &(f64, f64)| (far / deviation, volatility / self.at_money - 1.0);
        self.strikes.iter().map(standard).filter(|(z, _)| z.abs() <= REACH)
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
