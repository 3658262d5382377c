//! `alluse evidence rules`: what each rule was worth.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::rule::Rule;
use report::figure::Share;
use serde::Serialize;
use serde_json::json;
use simulation::evidence::rules::{FACTS, Without, switches};
use simulation::evidence::{Draws, Interval, Protocol, protocol};
use simulation::replay::Run;

use super::{Head, Inputs, bounds, bounds_as_json, difference, resampling};
use crate::cli::Evidenced;
use crate::failure::Failure;
use crate::journal::Masthead;
use crate::parallel;
use crate::show::{self, Progress, figures, prose, signed, words};

/// What one rule was worth, as `alluse report page --rule-worth` reads it: annual returns, their difference with its
/// bounds, and the deepest fall with the rule less that without it.
#[derive(Serialize)]
struct Worth {
    rule: &'static str,
    annual_return_with: f64,
    annual_return_without: f64,
    difference: f64,
    low: f64,
    high: f64,
    drawdown_difference: f64,
}

/// What came of a run without a rule.
enum Found {
    Worth(Worth),
    /// No week differs.
    Same,
    /// It could not be run or measured.
    NotRun(String),
}

/// What came of all of them.
#[derive(Default)]
struct Measured {
    /// From the one that helped most.
    rules: Vec<Worth>,
    same: Vec<&'static str>,
    not_run: Vec<String>,
}

pub(super) fn run(asked: &Evidenced) -> Result<(), Failure> {
    let inputs = Inputs::read(asked)?;
    let own = inputs.protocol(asked)?;
    let switches = switches(&inputs.policy).map_err(|e| Failure::Data(e.to_string()))?;
    let measured = measure(asked, &inputs, &own, &switches);
    if asked.json { json(asked, &inputs, &own, &measured) } else { print(asked, &inputs, &own, &measured) }
}

fn measure(asked: &Evidenced, inputs: &Inputs, own: &Protocol, switches: &[Without]) -> Measured {
    let draws = Draws::new(own.own().returns.len(), &resampling(asked));
    let bar = Progress::new("sessions", 0);
    let done = AtomicUsize::new(0);
    let one = |without: &Without| {
        let hear = |_, all: usize| bar.at(done.fetch_add(1, Ordering::Relaxed) + 1, all * switches.len());
        let run = Run { policy: &without.policy, ..inputs.run(&asked.run) };
        match protocol(&run, &inputs.calendar, hear) {
            Ok(other) => worth(without.rule, own, &other, &draws),
            Err(why) => Found::NotRun(why.to_string()),
        }
    };
    let mut measured = Measured::default();
    for (found, without) in parallel::each(switches, one).into_iter().zip(switches) {
        match found {
            Found::Worth(worth) => measured.rules.push(worth),
            Found::Same => measured.same.push(without.rule.id()),
            Found::NotRun(why) => measured.not_run.push(format!("{}: {why}", without.rule.id())),
        }
    }
    measured.rules.sort_by(|a, b| b.difference.total_cmp(&a.difference));
    measured
}

fn worth(rule: Rule, own: &Protocol, other: &Protocol, draws: &Draws) -> Found {
    let (with, without) = (&own.own().returns, &other.own().returns);
    if with == without {
        return Found::Same;
    }
    let weeks = with.len();
    if other.days != own.days {
        return Found::NotRun("its first judged week is another, so that its weeks are not the same".to_owned());
    }
    let (a, b) = (own.measures(with, weeks), other.measures(without, weeks));
    let figures = a.annual.zip(b.annual).zip(draws.growth_difference(with, without, own.years(weeks)));
    let Some(((with, without), Interval { low, high })) = figures else {
        return Found::NotRun("without it everything was lost".to_owned());
    };
    let difference = with - without;
    Found::Worth(Worth {
        rule: rule.id(),
        annual_return_with: with,
        annual_return_without: without,
        difference,
        low: low.min(difference),
        high: high.max(difference),
        drawdown_difference: a.drawdown - b.drawdown,
    })
}

impl Worth {
    fn bounds(&self) -> Interval {
        Interval { low: self.low, high: self.high }
    }
}

fn title(id: &str) -> &'static str {
    Rule::ALL.iter().find(|rule| rule.id() == id).map_or("", |rule| rule.title())
}

impl Measured {
    /// How many differences are more than chance, and how many would be if no rule were worth anything.
    fn said(&self) -> String {
        let clear: Vec<&str> = self.rules.iter().filter(|w| w.bounds().excludes_zero()).map(|w| w.rule).collect();
        let names = if clear.is_empty() { String::new() } else { format!(" ({})", clear.join(", ")) };
        let runs: BTreeSet<u64> = self.rules.iter().map(|w| w.annual_return_without.to_bits()).collect();
        format!(
            "Of {} rules without which some week differs, the bounds of {} exclude zero{names}. If none of them were \
             worth anything, about {:.0} would by chance alone: one in twenty of {} runs that are not each other's.",
            self.rules.len(),
            clear.len(),
            runs.len() as f64 / 20.0,
            runs.len()
        )
    }

    /// What was not switched off by its own switch, and what was not measured.
    fn exceptions(&self) -> Vec<String> {
        let facts: Vec<String> = FACTS.iter().map(|(rule, what)| format!("{} ({what})", rule.id())).collect();
        let mut said = vec![
            format!("without {} no week differs", self.same.join(", ")),
            format!("not measured, because they say what the world does and decide nothing: {}", facts.join(", ")),
            "X-8 is measured with exit.cheap = 0: rules.off=X-8 would also end exercise at an option's end".to_owned(),
        ];
        said.extend(self.not_run.iter().map(|why| format!("not run: {why}")));
        said
    }
}

fn print(asked: &Evidenced, inputs: &Inputs, own: &Protocol, measured: &Measured) -> Result<(), Failure> {
    Masthead::from(own.masthead).print()?;
    let head = Head::of(inputs, own);
    let annual = own.measures(&own.own().returns, head.weeks).annual;
    let heading = format!(
        "What each rule was worth, {} to {}, {} weeks: the run ({} a year) less the run without it",
        head.from,
        head.to,
        head.weeks,
        signed(annual.map(Share))
    );
    let columns = [
        words("rule"),
        prose("about"),
        figures("a year"),
        figures("from"),
        figures("to"),
        words("zero"),
        figures("drawdown"),
    ];
    let rows = measured.rules.iter().map(|w| {
        let [value, low, high] = difference(Some(w.difference), Some(w.bounds()));
        let zero = if w.bounds().excludes_zero() { "outside" } else { "inside" };
        let drawdown = signed(Share(w.drawdown_difference));
        [w.rule.to_owned(), title(w.rule).to_owned(), value, low, high, zero.to_owned(), drawdown]
    });
    show::table(&heading, columns, rows)?;
    show::paragraph(&bounds(&resampling(asked)))?;
    show::paragraph(
        "Drawdown: the deepest fall with the rule less that without it; below zero, the rule made it less.",
    )?;
    show::print("")?;
    show::paragraph(&measured.said())?;
    show::print("")?;
    show::list(measured.exceptions())?;
    show::print("")?;
    inputs.notes().iter().try_for_each(|note| show::paragraph(note))
}

fn json(asked: &Evidenced, inputs: &Inputs, own: &Protocol, measured: &Measured) -> Result<(), Failure> {
    show::json(&json!({
        "run": Head::of(inputs, own),
        "premiums": Head::of(inputs, own).premiums,
        "bounds": bounds_as_json(&resampling(asked)),
        "rules": measured.rules,
        "no_difference": measured.same,
        "said": measured.said(),
        "exceptions": measured.exceptions(),
        "notes": inputs.notes(),
    }))
}
