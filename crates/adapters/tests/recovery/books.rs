//! Journals to write, and a reckoning of cash that shares nothing with the ledger.

use std::sync::{Arc, OnceLock};

use engine::event::Body;
use engine::{Chain, Event, Row, State};
use market::instrument::Right;
use market::order::{Action, Fill, Trade};
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};
use simulation::rng::Rng;

const PREMIUM: &str = include_str!("../../../../policy/premium-model.toml");

/// What two generated markets made the engine say.
struct Source {
    calendar: Arc<Calendar>,
    policy: Policy,
    runs: Vec<Vec<Event>>,
}

fn source() -> &'static Source {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let calendar = Arc::new(Calendar::nyse());
        let policy = Policy::all_use();
        let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
        let first = calendar.on_or_after(Date::constant(2019, 1, 2)).unwrap();
        let events = |seed| {
            let history = generate(&Parameters::shipped(), seed, first, 90, &calendar);
            let run = Run {
                history: &history,
                policy: &policy,
                premium: &premium,
                premium_text: "",
                from: None,
                to: None,
                deposit: Money::dollars(400_000),
                script: &[],
                liquidity: &[],
                quotes: None,
            };
            let (_, store) = replay(&run, &calendar, MemoryStore::default(), |_, _| {}).unwrap();
            engine::journal::read(1, &store.rows).unwrap().0
        };
        let runs = (1..=3).map(events).collect();
        Source { calendar, policy, runs }
    })
}

/// The journals of some portfolios as they will be written, row by row.
pub(crate) struct Book {
    pub(crate) journals: Vec<(u32, Vec<Row>)>,
}

impl Book {
    /// One to three portfolios, each from another market, in rows of few and of many events.
    pub(crate) fn new(rng: &mut Rng) -> Book {
        let count = 1 + rng.below(3);
        let start = rng.below(3);
        let journals = (0..count).map(|i| {
            let portfolio = 1 + u32::try_from(i).expect("three") * 7;
            let events = &source().runs[(start + i) % 3];
            (portfolio, rows(portfolio, events, rng))
        });
        Book { journals: journals.collect() }
    }
}

fn rows(portfolio: u32, events: &[Event], rng: &mut Rng) -> Vec<Row> {
    let mut chain = Chain::new(portfolio);
    let (mut rows, mut rest) = (Vec::new(), events);
    while !rest.is_empty() {
        let most = [2, 6, 30, 200][rng.below(4)];
        let (now, later) = rest.split_at(rest.len().min(1 + rng.below(most)));
        rows.extend(chain.seal(now));
        rest = later;
    }
    rows
}

/// Checks digest, chain and books of one portfolio's rows.
pub(crate) fn audit(portfolio: u32, rows: &[Row]) -> Result<(), String> {
    let Source { calendar, policy, .. } = source();
    let (events, _) = engine::journal::read(portfolio, rows).map_err(|error| error.to_string())?;
    let mut state = State::new(Arc::clone(calendar), policy.clone());
    events.iter().try_for_each(|event| state.apply(event)).map_err(|error| error.to_string())?;
    let (booked, expected) = (cash(&state), events.iter().map(moved).sum::<i64>());
    if booked == expected {
        return Ok(());
    }
    Err(format!("portfolio {portfolio}: the books hold {booked} of cash after {} events, not {expected}", events.len()))
}

/// Cash and what is owed in cash, of all sleeves and tax reserves, in units of money; fractions of a cent that a
/// dividend's payment rounds are put back.
fn cash(state: &State) -> i64 {
    let books = &state.ledger;
    let of_sleeves = books.sleeves().map(|sleeve| {
        let b = books.balance(sleeve);
        (b.settled + b.receivable + b.dividends_receivable - b.payable - b.rounding).units()
    });
    let of_reserves = books.structures().map(|structure| books.tax_reserve(structure.id).cash.units());
    of_sleeves.sum::<i64>() + of_reserves.sum::<i64>()
}

/// What an event brings in or takes out, by its own figures alone.
fn moved(event: &Event) -> i64 {
    match &event.body {
        Body::Deposited { parts, .. } => parts.iter().map(|part| part.units()).sum(),
        Body::Withdrawn { amount, .. } => -amount.units(),
        Body::DividendAccrued(dividend) => dividend.amount.units(),
        Body::InterestCredited { amount, .. } | Body::ReserveInterest { amount, .. } => amount.units(),
        Body::Filled { trade, fill, .. } => filled(trade, fill),
        Body::Assigned { series, contracts, fees, .. } => {
            let strike = series.strike.units() * 100 * contracts.0;
            (if series.right == Right::Put { -strike } else { strike }) - fees.units()
        }
        Body::LongEnded { series, contracts, fees, settles: Some(_), .. } => {
            -(series.strike.units() * 100 * contracts.0) - fees.units()
        }
        _ => 0,
    }
}

fn filled(trade: &Trade, fill: &Fill) -> i64 {
    let value = fill.price.units() * fill.units;
    let (sold, fees) = fill.sold.map_or((0, 0), |s| (s.price.units() * fill.units * 100, s.fees.units()));
    let received = match trade {
        Trade::Option { action: Action::SellToOpen | Action::SellToClose, .. } => value * 100,
        Trade::Option { action: Action::BuyToOpen | Action::BuyToClose, .. } => -value * 100,
        Trade::Roll { .. } => sold - value * 100,
        Trade::SellShares { .. } => value,
    };
    received - fill.fees.units() - fees
}
