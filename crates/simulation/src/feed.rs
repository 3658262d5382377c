//! Brings a history to the engine session by session: its opening, the close at which positions are looked at and then
//! entries are decided, and the broker's report after it.

use engine::event::BenchmarkMark;
use engine::input::Want;
use engine::{Engine, Input};
use jiff::Timestamp;
use market::climate::Tape;
use market::history::History;
use market::instrument::{Series, Symbol};
use market::quote::Board;
use market::time::{Calendar, Date, TradingDay};
use market::value::Price;
use runtime::Feed;

use crate::chain::ChainModel;
use crate::people::{Human, Said};

/// Seconds from the close to the broker's report of assignments.
const REPORT_AFTER: i64 = 90 * 60;
/// How often a day a roll in two orders may go on.
const MOST_TICKS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Before,
    Opened,
    Acted,
    /// A human says yes by number in the morning.
    Belated,
    Managed,
    /// He answers what was proposed for open positions.
    AnsweredManaged,
    Decided,
    /// He answers the rest.
    AnsweredDecided,
    /// Silence answers, or what it approved goes on.
    Ticked,
    Reported,
}

/// One history, one session after the other.
pub struct HistoryFeed<'a> {
    history: &'a History,
    calendar: &'a Calendar,
    tape: &'a Tape,
    chains: ChainModel<'a>,
    benchmarks: Vec<Symbol>,
    position: usize,
    end: usize,
    phase: Phase,
    splits: Vec<(Symbol, i64)>,
    dividends: Vec<(Symbol, Price)>,
    marks: Vec<BenchmarkMark>,
    last_close: Date,
    board: Board,
    unpriced: Option<Series>,
    /// What people do, and the next of it.
    script: &'a [(Date, Input<'a>)],
    next_act: usize,
    /// Who is asked, and what he says now.
    human: Option<&'a Human>,
    said: Option<Said>,
    belated: usize,
    ticks: u32,
    last_tick: Option<Timestamp>,
}

impl<'a> HistoryFeed<'a> {
    /// A feed of the sessions `from..end` of `tape`; `None` if there are none.
    #[must_use]
    pub fn new(
        history: &'a History,
        calendar: &'a Calendar,
        tape: &'a Tape,
        chains: ChainModel<'a>,
        benchmarks: Vec<Symbol>,
        (from, end): (usize, usize),
        script: &'a [(Date, Input<'a>)],
    ) -> Option<Self> {
        let first = tape.at(from).filter(|_| from < end)?;
        let board = Board {
            day: first.day,
            climate: first.climate,
            underlyings: Vec::new(),
            chains: Vec::new(),
            bill_rate: None,
        };
        Some(HistoryFeed {
            history,
            calendar,
            tape,
            chains,
            benchmarks,
            position: from,
            end,
            phase: Phase::Before,
            splits: Vec::new(),
            dividends: Vec::new(),
            marks: Vec::new(),
            last_close: calendar.previous(first.day).date(),
            board,
            unpriced: None,
            script,
            next_act: 0,
            human: None,
            said: None,
            belated: 0,
            ticks: 0,
            last_tick: None,
        })
    }

    /// The same feed with a human who is asked.
    #[must_use]
    pub fn asking(self, human: Option<&'a Human>) -> Self {
        HistoryFeed { human, ..self }
    }

    /// What the human says next, after which `phase` holds.
    fn hear(&mut self, engine: &Engine, day: TradingDay, phase: Phase) -> Option<Timestamp> {
        self.said = self.human?.answer(engine, day.date());
        self.said.as_ref()?;
        self.phase = phase;
        Some(self.calendar.closes_at(day))
    }

    /// When silence answers before the broker reports, or a roll in two orders goes on.
    fn tick(&mut self, engine: &Engine, day: TradingDay) -> Option<Timestamp> {
        let close = self.calendar.closes_at(day);
        let report = Timestamp::from_second(close.as_second() + REPORT_AFTER).ok()?;
        let due = engine.silence_at().filter(|at| *at < report);
        let goes_on = engine.waits_to_sell() && self.ticks < MOST_TICKS;
        let at = due.or(goes_on.then_some(close))?.max(self.last_tick.unwrap_or(close));
        self.ticks += 1;
        self.last_tick = Some(at);
        self.phase = Phase::Ticked;
        Some(at)
    }

    fn open(&mut self, day: TradingDay) {
        self.splits.clear();
        self.dividends.clear();
        let date = day.date();
        for (symbol, history) in &self.history.symbols {
            let split = history.splits.iter().find(|s| s.effective == date);
            self.splits.extend(split.map(|s| (*symbol, s.new_per_old)));
            let factor = history.factor(date);
            let paid = history.dividends.iter().filter(|d| d.ex_date == date);
            self.dividends.extend(paid.map(|d| (*symbol, Price::from_units(d.amount.units() * factor))));
        }
    }

    fn show_prices(&mut self) {
        let Some(moment) = self.tape.at(self.position) else { return };
        self.board.day = moment.day;
        self.board.climate = moment.climate;
        self.board.bill_rate = moment.bill_rate;
        self.board.underlyings.clear();
        self.board.underlyings.extend_from_slice(moment.underlyings);
    }

    /// Brings the chains that are wanted and not on the board yet.
    fn add(&mut self, wants: &[Want]) {
        self.chains.add(self.board.day, wants, &mut self.board.chains);
    }

    /// Closes and dividends of the benchmarks since the last weekly close, in today's shares.
    fn mark_benchmarks(&mut self, day: TradingDay) {
        self.marks.clear();
        let date = day.date();
        for symbol in &self.benchmarks {
            let Some(history) = self.history.symbol(*symbol) else { continue };
            let Some(bar) = history.index_of(day).map(|i| &history.bars[i]) else { continue };
            let factor = history.factor(date);
            let since = history.dividends.iter().filter(|d| d.ex_date > self.last_close && d.ex_date <= date);
            self.marks.push(BenchmarkMark {
                symbol: *symbol,
                close: history.of_day(bar.close, date),
                dividends: Price::from_units(since.map(|d| d.amount.units() * factor).sum()),
                split: history.factor(self.last_close) / factor.max(1),
            });
        }
        for index in &self.history.indices {
            if let Ok(at) = index.closes.binary_search_by_key(&date, |(day, _)| *day) {
                let (symbol, close) = (index.symbol, index.closes[at].1);
                self.marks.push(BenchmarkMark { symbol, close, dividends: Price::ZERO, split: 1 });
            }
        }
        self.last_close = date;
    }
}

impl Feed for HistoryFeed<'_> {
    fn advance(&mut self, engine: &Engine) -> Option<Timestamp> {
        if self.phase == Phase::Reported {
            self.position += 1;
        }
        let day = self.tape.days().get(self.position).copied().filter(|_| self.position < self.end)?;
        match self.phase {
            Phase::Before | Phase::Reported => {
                self.open(day);
                self.phase = Phase::Opened;
                Some(self.calendar.opens_at(day))
            }
            Phase::Opened | Phase::Acted | Phase::Belated => {
                self.next_act += usize::from(self.phase == Phase::Acted);
                if let Some(human) = self.human.filter(|_| self.phase != Phase::Acted) {
                    self.said = human.belated(engine, day.date(), self.belated);
                    self.belated += 1;
                    if self.said.is_some() {
                        self.phase = Phase::Belated;
                        return Some(self.calendar.opens_at(day));
                    }
                }
                if self.script.get(self.next_act).is_some_and(|(date, _)| *date <= day.date()) {
                    self.phase = Phase::Acted;
                    return Some(self.calendar.opens_at(day));
                }
                self.show_prices();
                self.board.chains.clear();
                self.add(&engine.wants_to_manage(&self.board));
                self.phase = Phase::Managed;
                Some(self.calendar.closes_at(day))
            }
            Phase::Managed | Phase::AnsweredManaged => {
                if let Some(at) = self.hear(engine, day, Phase::AnsweredManaged) {
                    return Some(at);
                }
                self.add(&engine.wants(day));
                self.phase = Phase::Decided;
                Some(self.calendar.closes_at(day))
            }
            Phase::Decided | Phase::AnsweredDecided | Phase::Ticked => {
                let heard = self.hear(engine, day, Phase::AnsweredDecided);
                if let Some(at) = heard.or_else(|| self.tick(engine, day)) {
                    return Some(at);
                }
                (self.ticks, self.last_tick, self.belated) = (0, None, 0);
                self.marks.clear();
                self.board.chains.clear();
                if self.calendar.is_last_of_week(day) {
                    let open = engine.open_options();
                    self.add(&open);
                    self.unpriced = open.iter().find_map(|want| self.missing(want));
                    if self.unpriced.is_some() {
                        return None;
                    }
                    self.add(&engine.wants_to_fork(&self.board));
                    self.mark_benchmarks(day);
                }
                self.phase = Phase::Reported;
                let at = self.calendar.closes_at(day).as_second() + REPORT_AFTER;
                Timestamp::from_second(at).ok()
            }
        }
    }

    fn arrival(&self) -> Input<'_> {
        match self.phase {
            Phase::Before | Phase::Opened => {
                Input::SessionOpened { day: self.day(), splits: &self.splits, dividends: &self.dividends }
            }
            Phase::Acted => self.script[self.next_act].1.clone(),
            Phase::Belated => self.answer(None),
            Phase::AnsweredManaged | Phase::AnsweredDecided => self.answer(Some(&self.board)),
            Phase::Ticked => Input::Tick(Some(&self.board)),
            Phase::Managed => Input::Market(&self.board),
            Phase::Decided => Input::Window(&self.board),
            Phase::Reported => Input::SessionReported { board: &self.board, endings: &[], benchmarks: &self.marks },
        }
    }
}

impl HistoryFeed<'_> {
    /// The open option, and the session, at which the feed ended early because a weekly close could not mark it.
    #[must_use]
    pub fn unpriced(&self) -> Option<(Series, TradingDay)> {
        self.unpriced.map(|series| (series, self.board.day))
    }

    fn answer<'b>(&'b self, board: Option<&'b Board>) -> Input<'b> {
        self.said.as_ref().map_or(Input::Tick(board), |said| said.input(board))
    }

    fn missing(&self, want: &Want) -> Option<Series> {
        match want {
            Want::Series(series) if self.board.quote(series).is_none() => Some(*series),
            _ => None,
        }
    }

    fn day(&self) -> TradingDay {
        self.tape.days().get(self.position).copied().unwrap_or(self.board.day)
    }
}
