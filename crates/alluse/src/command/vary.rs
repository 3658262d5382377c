//! `alluse backtest --vary`: what each choice of a key is worth beside the run.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use market::time::{Calendar, Date, days_between};
use market::value::Money;
use protocol::policy::unit::Ppm;
use protocol::policy::{Policy, PolicyError, Problem};
use report::figure::{Amount, Share};
use report::{Comparison, measure};
use serde::Serialize;
use simulation::replay::{Outcome, Run};
use simulation::vary::{Worth, worth};

use crate::failure::Failure;
use crate::inputs;
use crate::parallel;
use crate::show::{self, Progress, csv, figures, plain, prose, signed, words};

/// One run to make: the policy with the values that were chosen.
pub(crate) struct Choice {
    /// Each key that is varied, with its value as the file writes it.
    values: Vec<(String, String)>,
    policy: Policy,
}

/// Reads what is to be varied: each key alone or, as a `grid`, every combination.
pub(crate) fn choices(policy: &Policy, vary: &[String], grid: bool) -> Result<Vec<Choice>, Failure> {
    let mut choices = Vec::new();
    let mut combined = vec![Choice { values: Vec::new(), policy: policy.clone() }];
    for text in vary {
        let (key, values) = read(text)?;
        let from = if grid { &combined } else { &combined[..1] };
        let mut made = Vec::new();
        for choice in from {
            for value in &values {
                made.push(choice.with("--vary", key, value)?);
            }
        }
        if grid { combined = made } else { choices.append(&mut made) }
    }
    Ok(if grid { combined } else { choices })
}

impl Choice {
    fn with(&self, flag: &str, key: &str, value: &str) -> Result<Choice, Failure> {
        let policy = set(&self.policy, flag, key, value)?;
        let mut values = self.values.clone();
        values.push((key.to_owned(), policy.value(key).unwrap_or_default()));
        Ok(Choice { values, policy })
    }
}

/// `KEY=A,B` with its values apart.
fn read(text: &str) -> Result<(&str, Vec<&str>), Failure> {
    let (key, values) = pair("--vary", text, "band.fallback=0,5,10")?;
    let values = apart(values);
    if values.iter().any(|value| value.is_empty()) {
        let what = format!("--vary {text}: a value is missing; expected KEY=VALUE,VALUE such as band.fallback=0,5,10");
        return Err(Failure::Usage(what));
    }
    Ok((key, values))
}

/// `KEY=VALUE`, as `flag` takes it.
pub(crate) fn pair<'a>(flag: &str, text: &'a str, example: &str) -> Result<(&'a str, &'a str), Failure> {
    let parts = text.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
    let missing = || Failure::Usage(format!("{flag} {text}: no value; expected KEY=VALUE such as {example}"));
    parts.filter(|(key, _)| !key.is_empty()).ok_or_else(missing)
}

/// Splits at commas that stand neither in quotes nor in brackets.
fn apart(text: &str) -> Vec<&str> {
    let (mut values, mut from, mut depth, mut quoted) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                values.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    values.push(text[from..].trim());
    values
}

/// The policy with one key set, as `flag` asks.
///
/// # Errors
/// [`Failure::Usage`] with the key, what is near it, and what is allowed.
pub(crate) fn set(policy: &Policy, flag: &str, key: &str, value: &str) -> Result<Policy, Failure> {
    policy.with(key, value).map_err(|error: PolicyError| {
        let problems = error.problems.iter().map(|located| match &located.problem {
            unknown @ Problem::UnknownKey { .. } => format!("{unknown}{}", neighbours(policy, key)),
            problem => problem.to_string(),
        });
        Failure::Usage(format!("{flag} {key}={value}: {}", problems.collect::<Vec<_>>().join("; ")))
    })
}

/// The keys of the section that was meant, or the sections.
fn neighbours(policy: &Policy, key: &str) -> String {
    let section = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let keys: Vec<String> = policy.keys().into_iter().map(|key| key.path).collect();
    let near: Vec<&str> = keys.iter().filter(|k| section(k) == section(key)).map(String::as_str).collect();
    if near.is_empty() {
        let mut sections: Vec<String> = keys.iter().map(|k| section(k)).collect();
        sections.dedup();
        format!(" (sections: {})", sections.join(", "))
    } else {
        format!(" (keys there: {})", near.join(", "))
    }
}

/// What the choices came to, beside the run.
pub(crate) struct Varied {
    own: Figures,
    choices: Vec<Ran>,
    policy: Policy,
    grid: bool,
}

/// One choice that was run.
#[derive(Serialize)]
struct Ran {
    values: Vec<Value>,
    #[serde(flatten)]
    figures: Option<Figures>,
    /// Why it could not be run.
    not_run: Option<String>,
}

#[derive(Serialize)]
struct Value {
    key: String,
    value: String,
}

/// A run in figures.
#[derive(Clone, Copy, Serialize)]
struct Figures {
    end: Amount,
    /// End less that of the run.
    beside: Amount,
    time_weighted: Share,
    a_year: Option<Share>,
    drawdown: Share,
    forks: usize,
    merges: usize,
}

impl Figures {
    fn of(worth: &Worth, own: Money, days: i64) -> Figures {
        let gained = Ppm(worth.twr).to_f64();
        Figures {
            end: worth.equity.into(),
            beside: (worth.equity - own).into(),
            time_weighted: Share(gained),
            a_year: measure::cagr(1.0 + gained, days).map(Share),
            drawdown: worth.drawdown.into(),
            forks: worth.forks,
            merges: worth.merges,
        }
    }
}

/// Runs each choice on all cores; their number leaves no trace in the result.
pub(crate) fn run(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    data: &Path,
    choices: Vec<Choice>,
    outcome: &Outcome,
    compared: Option<&Comparison>,
) -> Result<Varied, Failure> {
    let own = Worth::of(outcome);
    let days = compared.and_then(|c| Some(days_between(date(&c.from)?, date(&c.to)?))).unwrap_or_default();
    let figures = |worth: &Worth| Figures::of(worth, own.equity, days);
    let found = worths(run, calendar, data, &choices, own)?;
    let choices: Vec<Ran> = choices
        .into_iter()
        .zip(found)
        .map(|(choice, found)| Ran {
            values: choice.values.into_iter().map(|(key, value)| Value { key, value }).collect(),
            figures: found.as_ref().ok().map(figures),
            not_run: found.err(),
        })
        .collect();
    let grid = choices.iter().any(|c| c.values.len() > 1);
    Ok(Varied { own: figures(&own), choices, policy: run.policy.clone(), grid })
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// What each choice comes to, in their order; the run's own worth where a choice is the run itself.
fn worths(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    data: &Path,
    choices: &[Choice],
    own: Worth,
) -> Result<Vec<Result<Worth, String>>, Failure> {
    if choices.is_empty() {
        return Ok(Vec::new());
    }
    let done = AtomicUsize::new(0);
    let bar = Progress::new("sessions", 0);
    let one = |choice: &Choice| -> Result<Result<Worth, String>, Failure> {
        if choice.policy == *run.policy {
            return Ok(Ok(own));
        }
        // From when splits are known is told to the reader of files: another date is another reading.
        let since = |policy: &Policy| policy.data.splits_complete_since;
        let anew =
            (since(&choice.policy) != since(run.policy)).then(|| inputs::history(data, &choice.policy, calendar));
        let anew = anew.transpose()?;
        let history = anew.as_ref().unwrap_or(run.history);
        let hear = |_, all: usize| bar.at(done.fetch_add(1, Ordering::Relaxed) + 1, all * choices.len());
        let varied = Run { policy: &choice.policy, history, ..*run };
        Ok(worth(&varied, calendar, hear).map_err(|e| e.to_string()))
    };
    parallel::each(choices, one).into_iter().collect()
}

impl Varied {
    /// Whether nothing was varied.
    pub(crate) fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    /// A table for each key or, of a grid, one.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        if self.grid {
            self.table("What each combination is worth", "this run", &self.choices)?;
        } else {
            for of_key in self.choices.chunk_by(|a, b| a.values[0].key == b.values[0].key) {
                let key = &of_key[0].values[0].key;
                self.about(key)?;
                let value = self.policy.value(key).unwrap_or_default();
                self.table(&format!("What {key} is worth"), &format!("{} (this run)", short(&value)), of_key)?;
            }
        }
        show::print("")?;
        let failed = self.choices.iter().filter_map(|c| Some((c, c.not_run.as_ref()?)));
        show::list(failed.map(|(choice, why)| format!("not run: {}: {why}", choice.full())))?;
        show::paragraph(
            "Each is the whole run again, with this alone changed; keys that only decide live make no difference. What \
             looks best on one history was not known to be best then: a choice made from such a table is made with \
             hindsight.",
        )?;
        show::paragraph("The run itself, beside what else the money could have done: alluse report annual")
    }

    /// What a key decides, and its rules.
    fn about(&self, key: &str) -> Result<(), Failure> {
        let Some(info) = self.policy.keys().into_iter().find(|info| info.path == key) else { return Ok(()) };
        let rules: Vec<&str> = info.rules.iter().map(|rule| rule.id()).collect();
        let rules = if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join(" ")) };
        show::paragraph(&format!("\n{key}, in {}: {}{rules}", info.unit, info.doc))
    }

    fn table(&self, title: &str, own: &str, choices: &[Ran]) -> Result<(), Failure> {
        let columns = [
            if self.grid { prose("") } else { words("") },
            figures("end"),
            figures("beside this run"),
            figures("a year"),
            figures("drawdown"),
            figures("forks"),
        ];
        let line = |name: String, f: &Figures, beside: String| {
            let end = show::cents(f.end);
            [name, end, beside, signed(f.a_year), f.drawdown.to_string(), f.forks.to_string()]
        };
        let first = line(own.to_owned(), &self.own, show::NONE.to_owned());
        let others = choices.iter().filter_map(|c| {
            let figures = c.figures.as_ref()?;
            Some(line(c.name(self.grid), figures, beside(figures.beside.0)))
        });
        show::table(title, columns, [first].into_iter().chain(others))
    }

    /// The table for a spreadsheet, the run itself in its first line.
    pub(crate) fn csv(&self) -> Result<(), Failure> {
        let columns =
            ["choice", "end", "beside_this_run", "time_weighted", "a_year", "drawdown", "forks", "merges", "not_run"];
        let line = |name: String, f: Option<&Figures>, not_run: &Option<String>| {
            let of = |figure: fn(&Figures) -> String| f.map(figure).unwrap_or_default();
            [
                name,
                of(|f| plain(&f.end)),
                of(|f| plain(&f.beside)),
                of(|f| plain(&f.time_weighted)),
                of(|f| plain(&f.a_year)),
                of(|f| plain(&f.drawdown)),
                of(|f| f.forks.to_string()),
                of(|f| f.merges.to_string()),
                not_run.clone().unwrap_or_default(),
            ]
        };
        let own = line("this run".to_owned(), Some(&self.own), &None);
        let others = self.choices.iter().map(|c| line(c.full(), c.figures.as_ref(), &c.not_run));
        csv(columns, [own].into_iter().chain(others))
    }

    /// The same as data; absent where nothing was varied.
    pub(crate) fn as_json(&self) -> Option<serde_json::Value> {
        let (this_run, choices) = (&self.own, &self.choices);
        (!self.is_empty()).then(|| serde_json::json!({ "this_run": this_run, "choices": choices }))
    }
}

impl Ran {
    /// Every key with its value, as a policy file writes them.
    fn full(&self) -> String {
        let named = self.values.iter().map(|v| format!("{} = {}", v.key, one_line(&v.value)));
        named.collect::<Vec<_>>().join(", ")
    }

    /// What stands in a table: the value or, of a grid, each key's.
    fn name(&self, grid: bool) -> String {
        if grid { self.full() } else { self.values.first().map(|v| short(&v.value)).unwrap_or_default() }
    }
}

fn beside(more: Money) -> String {
    let sign = if more.is_positive() { "+" } else { "" };
    if more == Money::ZERO { "no difference".to_owned() } else { format!("{sign}{}", show::cents(Amount(more))) }
}

fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value on one line, cut where it is a table.
fn short(value: &str) -> String {
    const LONGEST: usize = 28;
    let line = one_line(value);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_apart_at_commas() {
        for (text, values) in [
            ("0,5,10", &["0", "5", "10"][..]),
            ("monday, retry", &["monday", "retry"]),
            ("\"monday, retry\",wednesday", &["\"monday, retry\"", "wednesday"]),
            ("[\"TSLA\",\"NVDA\"],[\"TSLA\"]", &["[\"TSLA\",\"NVDA\"]", "[\"TSLA\"]"]),
            ("[{ below = 50, step = 1 }, { step = 5 }]", &["[{ below = 50, step = 1 }, { step = 5 }]"]),
            ("", &[""]),
            ("1,", &["1", ""]),
        ] {
            assert_eq!(apart(text), values, "{text}");
        }
    }

    #[test]
    fn every_key_can_be_varied_by_its_own_words() {
        let policy = Policy::all_use();
        for key in policy.keys() {
            let vary = format!("{}={}", key.path, key.value);
            let made = choices(&policy, &[vary], false).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(made.len(), 1, "{}", key.path);
            assert!(made[0].policy == policy, "{}", key.path);
        }
    }

    #[test]
    fn keys_are_varied_alone_or_all_together() {
        let policy = Policy::all_use();
        let vary = ["band.fallback=0,5".to_owned(), "rules.off=X-4,K-2,M-6".to_owned()];
        let alone = choices(&policy, &vary, false).unwrap();
        assert_eq!(alone.len(), 5);
        assert!(alone.iter().all(|c| c.values.len() == 1));
        assert_eq!(alone[2].values, [("rules.off".to_owned(), "[\"X-4\"]".to_owned())]);
        assert_eq!(alone[2].policy.diff(&policy).len(), 1);
        let grid = choices(&policy, &vary, true).unwrap();
        assert_eq!(grid.len(), 6);
        assert!(grid.iter().all(|c| c.values.len() == 2));
        assert!(choices(&policy, &[], false).unwrap().is_empty());
    }
}
