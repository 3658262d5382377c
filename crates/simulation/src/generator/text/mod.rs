//! The parameter file: one list of keys, ranges and notes, by which it is both read and written.

use std::fmt::Display;
use std::str::FromStr;

use market::instrument::Symbol;
use market::time::Date;

use super::parameters::{
    DividendParameters, EarningsParameters, Jumps, Measured, OwnVariance, Parameters, Rates, Slow, SymbolParameters,
    Tape, Variance, Volume,
};
use super::symbol::lower_triangle;

mod read;
mod write;

pub use read::ParameterError;

/// Lowest and highest value allowed, both included.
type Span = (f64, f64);

/// What goes through all keys of the file in order: a reader that fills them, or a writer that prints them.
trait Keys: Sized {
    fn number(&mut self, key: &str, value: &mut f64, span: Span, note: &str);
    fn list(&mut self, key: &str, values: &mut [f64], span: Span, note: &str);
    fn word<T: FromStr<Err: Display> + Display>(&mut self, key: &str, value: &mut T, note: &str);
    /// A key that need not be there.
    fn number_if(&mut self, key: &str, value: &mut Option<f64>, span: Span, note: &str);
    fn table<T>(&mut self, key: &str, value: &mut T, note: &str, inner: impl FnOnce(&mut Self, &mut T));
    /// A table that need not be there.
    fn table_if<T: Clone>(
        &mut self,
        key: &str,
        value: &mut Option<T>,
        blank: T,
        note: &str,
        inner: impl FnOnce(&mut Self, &mut T),
    );
    /// A list of tables; `inner` is told how many came before.
    fn tables<T>(
        &mut self,
        key: &str,
        values: &mut Vec<T>,
        blank: impl Fn() -> T,
        note: &str,
        inner: impl FnMut(&mut Self, &mut T, usize),
    );
    /// A table of numbers under names of their own.
    fn named(&mut self, key: &str, values: &mut Vec<(String, f64)>, note: &str);
}

const SHARE: Span = (0.0, 1.0);
const CORRELATION: Span = (-0.999, 0.999);
const SESSIONS: Span = (1.0, 5000.0);

fn all(k: &mut impl Keys, p: &mut Parameters) {
    k.number("equity_premium", &mut p.equity_premium, (-0.2, 0.3), EQUITY_PREMIUM);
    k.number(
        "largest_move",
        &mut p.largest_move,
        (5.0, 30.0),
        "standard deviations of the day; beyond it a move is cut",
    );
    k.table("measured", &mut p.measured, "Which history these numbers come from.", measured);
    k.table("variance", &mut p.variance, VARIANCE, variance);
    k.table("premiums", &mut p.premiums, PREMIUMS, |k, p| {
        for (key, value) in ["vix9d", "vix", "vix3m"].into_iter().zip(p) {
            k.number(key, value, (0.1, 10.0), "index² over expected variance");
        }
    });
    k.table("rates", &mut p.rates, "Treasury yields: two slow paths, none below zero.", rates);
    k.table("index", &mut p.index, "The index fund: it moves as the market does.", tape);
    k.tables("symbol", &mut p.symbols, blank_symbol, SYMBOL, symbol);
    k.named("observed", &mut p.observed, "What the same history showed, to compare generated markets with.");
}

const EQUITY_PREMIUM: &str = "a year over one-month bills; assumed, not measured; a symbol earns β times it";
const VARIANCE: &str =
    "The market's variance: a level, a fast and a slow component in its logarithm, one shock for both.";
const PREMIUMS: &str = "What the volatility indices ask beyond expected variance.";
const SYMBOL: &str = "Each other symbol: β times the market's return and its own.";

fn measured(k: &mut impl Keys, m: &mut Measured) {
    k.word("source", &mut m.source, "");
    k.word("first", &mut m.first, "");
    k.word("last", &mut m.last, "");
    let mut sessions = f64::from(m.sessions);
    k.number("sessions", &mut sessions, (1.0, 1e6), "");
    m.sessions = sessions as u32;
}

fn variance(k: &mut impl Keys, v: &mut Variance) {
    k.number("volatility", &mut v.volatility, (0.01, 2.0), "a year, the median");
    k.list("half_life", &mut v.half_life, SESSIONS, "sessions, fast and slow");
    k.list("shock", &mut v.shock, (0.0, 2.0), "log variance per standard deviation, fast and slow");
    k.number("leverage", &mut v.leverage, (-0.999, 0.0), "correlation of the shock with the day's return");
    k.number("tail", &mut v.tail, (2.5, 100.0), "degrees of freedom of the rest of the shock");
    k.table("jumps", &mut v.jumps, "Jumps in the return, in standard deviations of the day.", |k, j: &mut Jumps| {
        k.number("per_year", &mut j.per_year, (0.0, 100.0), "");
        k.number("mean", &mut j.mean, (-10.0, 10.0), "");
        k.number("deviation", &mut j.deviation, (0.0, 10.0), "");
    });
}

fn rates(k: &mut impl Keys, r: &mut Rates) {
    k.list("shares", &mut r.shares, (-0.5, 1.5), "of the spread in the 3, 6 and 12-month yields");
    k.table("bill", &mut r.bill, "One-month yield.", slow);
    k.table("spread", &mut r.spread, "24-month yield less one-month yield.", slow);
}

fn slow(k: &mut impl Keys, s: &mut Slow) {
    k.number("mean", &mut s.mean, (-5.0, 20.0), "percent a year");
    k.number("deviation", &mut s.deviation, (0.0, 10.0), "percent a year");
    k.number("lag", &mut s.lag, (2.0, 5000.0), "sessions, twice in a row");
}

fn tape(k: &mut impl Keys, t: &mut Tape) {
    k.word("symbol", &mut t.symbol, "");
    k.number("price", &mut t.price, (0.5, 1e6), "dollars at the start");
    k.number("overnight", &mut t.overnight, SHARE, "share of a day's variance before the open");
    k.number("range", &mut t.range, (0.2, 5.0), "variance of the path of high and low over that from open to close");
    k.table("volume", &mut t.volume, "", |k, v: &mut Volume| {
        k.number("median", &mut v.median, (1.0, 1e12), "shares a session");
        k.number("persistence", &mut v.persistence, (0.0, 0.999), "from one session to the next");
        k.number("response", &mut v.response, (-1.0, 2.0), "log volume per standard deviation of the day's move");
        k.number("deviation", &mut v.deviation, (0.0, 3.0), "of log volume, the rest");
    });
    let blank = DividendParameters { yearly: 0.0, growth: 0.0, day: 0.0 };
    k.table_if("dividend", &mut t.dividend, blank, "", |k, d| {
        k.number("yearly", &mut d.yearly, (0.0, 0.3), "of the price at the start");
        k.number("growth", &mut d.growth, (-0.5, 0.5), "a year");
        k.number("day", &mut d.day, (0.0, 89.0), "days into the quarter, then the next session");
    });
}

fn symbol(k: &mut impl Keys, s: &mut SymbolParameters, before: usize) {
    s.correlations.resize(before, 0.0);
    k.number("beta", &mut s.beta, (-3.0, 5.0), "");
    k.list("correlations", &mut s.correlations, CORRELATION, "of its own return with the symbols above");
    k.number_if("premium", &mut s.premium, (0.1, 10.0), "its implied-volatility index² over expected variance");
    k.table("tape", &mut s.tape, "", tape);
    k.table("own", &mut s.own, "", |k, o: &mut OwnVariance| {
        k.number("volatility", &mut o.volatility, (0.005, 3.0), "a year, the median of its own part");
        k.number("market", &mut o.market, (-1.0, 3.0), "times the market's log variance");
        k.number("deviation", &mut o.deviation, (0.0, 3.0), "of its own log variance");
        k.number("half_life", &mut o.half_life, SESSIONS, "sessions");
        k.number("tail", &mut o.tail, (2.5, 100.0), "degrees of freedom");
    });
    let blank = EarningsParameters { day: 0.0, spread: 0.0, jump: 0.0 };
    k.table_if("earnings", &mut s.earnings, blank, "", |k, e| {
        k.number("day", &mut e.day, (0.0, 89.0), "days into the quarter");
        k.number("spread", &mut e.spread, (0.0, 20.0), "days");
        k.number("jump", &mut e.jump, (0.0, 1.0), "log return at the next open, standard deviation");
    });
}

fn blank_tape() -> Tape {
    let volume = Volume { median: 1.0, persistence: 0.0, response: 0.0, deviation: 0.0 };
    let symbol = Symbol::new("X").expect("a capital letter is a ticker");
    Tape { symbol, price: 1.0, overnight: 0.0, range: 1.0, volume, dividend: None }
}

fn blank_symbol() -> SymbolParameters {
    SymbolParameters {
        tape: blank_tape(),
        beta: 0.0,
        own: OwnVariance { volatility: 0.0, market: 0.0, deviation: 0.0, half_life: 1.0, tail: 3.0 },
        correlations: Vec::new(),
        earnings: None,
        premium: None,
    }
}

fn blank() -> Parameters {
    let slow = Slow { mean: 0.0, deviation: 0.0, lag: 2.0 };
    Parameters {
        measured: Measured { source: String::new(), first: Date::ZERO, last: Date::ZERO, sessions: 0 },
        equity_premium: 0.0,
        largest_move: 0.0,
        variance: Variance {
            volatility: 0.0,
            half_life: [1.0; 2],
            shock: [0.0; 2],
            leverage: 0.0,
            tail: 3.0,
            jumps: Jumps { per_year: 0.0, mean: 0.0, deviation: 0.0 },
        },
        premiums: [1.0; 3],
        rates: Rates { bill: slow, spread: slow, shares: [0.0; 3] },
        index: blank_tape(),
        symbols: Vec::new(),
        observed: Vec::new(),
    }
}

impl Parameters {
    /// Reads a parameter file; `file` is its name for messages.
    ///
    /// # Errors
    /// [`ParameterError`] with file, line, key and what was expected: for text that is no TOML, a key that is missing,
    /// unknown, of another kind or out of its range, correlations that no set of returns can have, and a symbol twice.
    pub fn parse(text: &str, file: &str) -> Result<Parameters, ParameterError> {
        let mut parameters = blank();
        let lines = read::fill(text, file, |keys| all(keys, &mut parameters))?;
        let at = |row: usize, key: &str, problem: String| ParameterError {
            file: file.to_owned(),
            line: lines.get(row).copied().unwrap_or(1),
            key: format!("symbol {}.{key}", parameters.symbols[row].tape.symbol),
            problem,
        };
        let mut names = vec![parameters.index.symbol];
        for (row, symbol) in parameters.symbols.iter().enumerate() {
            if names.contains(&symbol.tape.symbol) {
                return Err(at(row, "tape.symbol", "stands twice; expected each symbol once".to_owned()));
            }
            names.push(symbol.tape.symbol);
        }
        let rows: Vec<&[f64]> = parameters.symbols.iter().map(|s| s.correlations.as_slice()).collect();
        match lower_triangle(&rows) {
            Ok(_) => Ok(parameters),
            Err(row) => {
                let problem = "contradicts the correlations above; expected a positive definite matrix".to_owned();
                Err(at(row, "correlations", problem))
            }
        }
    }

    /// The parameters that the project ships.
    #[must_use]
    pub fn shipped() -> Parameters {
        Parameters::parse(super::SHIPPED, "policy/generator.toml").expect("the shipped file is tested")
    }

    /// The parameter file with `command` named as what reproduces it.
    #[must_use]
    pub fn to_toml(&self, command: &str) -> String {
        let mut parameters = self.clone();
        write::print(command, |keys| all(keys, &mut parameters))
    }
}
