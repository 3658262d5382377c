//! `alluse evidence`: what the protocol was worth, and how much of it may be chance.

mod benchmarks;
mod buywrite;
mod model;
mod quotes;
mod rules;

use std::sync::Arc;

use market::history::History;
use market::time::Calendar;
use protocol::policy::Policy;
use report::chosen;
use report::figure::{Amount, Day, Share};
use serde::Serialize;
use serde_json::{Value, json};
use simulation::evidence::weekly::EvidenceError;
use simulation::evidence::{Interval, Protocol, Resampling, bootstrap, protocol};
use simulation::replay::Run;

use crate::cli::{Evidence, Evidenced, OverHistory};
use crate::failure::Failure;
use crate::inputs::{self, Premium};
use crate::journal::Masthead;
use crate::show::{self, Progress};

/// Runs the command.
pub(crate) fn run(command: &Evidence) -> Result<(), Failure> {
    match command {
        Evidence::Buywrite { data, policy, intraday: false, json } => buywrite::run(data, policy, *json),
        Evidence::Buywrite { data, policy, intraday: true, json } => buywrite::intraday::run(data, policy, *json),
        Evidence::Benchmarks(asked) => benchmarks::run(asked),
        Evidence::Rules(asked) => rules::run(asked),
        Evidence::Quotes { run, quotes, json } => quotes::run(run, quotes, *json),
        Evidence::Model(asked) => model::run(asked),
        Evidence::Fit(asked) => model::fit::run(asked),
    }
}

/// What a run that is measured is made from.
struct Inputs {
    calendar: Arc<Calendar>,
    policy: Policy,
    premium: Premium,
    history: History,
}

impl Inputs {
    fn read(asked: &Evidenced) -> Result<Inputs, Failure> {
        let policy = inputs::policy(&asked.run.policy)?;
        Inputs::of(&asked.run, if asked.control { policy.on_control_universe() } else { policy })
    }

    fn of(asked: &OverHistory, policy: Policy) -> Result<Inputs, Failure> {
        let calendar = Arc::new(Calendar::nyse());
        let history = inputs::history(&asked.data, &policy, &calendar)?;
        Ok(Inputs { calendar, policy, premium: Premium::shipped(), history })
    }

    fn run(&self, asked: &OverHistory) -> Run<'_> {
        Run {
            history: &self.history,
            policy: &self.policy,
            premium: &self.premium.model,
            premium_text: &self.premium.text,
            from: asked.from,
            to: asked.to,
            deposit: asked.deposit,
            script: &[],
            liquidity: &[],
            quotes: None,
        }
    }

    /// The run itself, its weeks told from its journal.
    fn protocol(&self, asked: &Evidenced) -> Result<Protocol, Failure> {
        let bar = Progress::new("sessions", 0);
        Ok(protocol(&self.run(&asked.run), &self.calendar, |done, all| bar.at(done, all))?)
    }

    /// What must stand beside every figure.
    fn notes(&self) -> Vec<String> {
        vec![
            chosen(&self.policy),
            modelled(&self.premium),
            "One history: what earned more in it was not known to do so then, and nothing here was chosen or fitted by \
             it."
            .to_owned(),
        ]
    }
}

/// How premiums are modelled.
fn modelled(premium: &Premium) -> String {
    format!("Option premiums are modelled, and labelled so: {}.", report::words::model(&premium.text))
}

fn resampling(asked: &Evidenced) -> Resampling {
    Resampling { seed: asked.seed, draws: asked.draws, block: asked.block }
}

/// What the bounds are, in a sentence.
fn bounds(how: &Resampling) -> String {
    let Resampling { seed, draws, block } = how;
    format!(
        "From and to hold {} of 100 differences in {draws} histories drawn from the same weeks, in blocks of {block} \
         weeks on average, the same weeks for both (stationary bootstrap, Politis and Romano 1994; seed {seed}).",
        bootstrap::PERCENT
    )
}

fn bounds_as_json(how: &Resampling) -> Value {
    json!({
        "method": "stationary bootstrap (Politis and Romano 1994), paired weeks, percentiles",
        "seed": how.seed,
        "draws": how.draws,
        "mean_block_weeks": how.block,
        "percent": bootstrap::PERCENT,
    })
}

/// What every page of a measured run begins with, as data.
#[derive(Serialize)]
struct Head {
    world: &'static str,
    premiums: &'static str,
    policy: String,
    from: Day,
    to: Day,
    weeks: usize,
    start: Amount,
}

impl Head {
    fn of(inputs: &Inputs, protocol: &Protocol) -> Head {
        let masthead = Masthead::from(protocol.masthead);
        let days = &protocol.days;
        Head {
            world: masthead.world(),
            premiums: masthead.premiums(),
            policy: inputs.policy.name.clone(),
            from: Day(days[0].date()),
            to: Day(days[days.len() - 1].date()),
            weeks: days.len() - 1,
            start: protocol.start.into(),
        }
    }
}

/// Cells of a difference with its bounds.
fn difference(value: Option<f64>, bounds: Option<Interval>) -> [String; 3] {
    [value, bounds.map(|b| b.low), bounds.map(|b| b.high)].map(|share| show::signed(share.map(Share)))
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Failure {
        match error {
            EvidenceError::Replay(error) => error.into(),
            EvidenceError::TooShort => Failure::Usage(error.to_string()),
            EvidenceError::Journal(_) => Failure::Check(error.to_string()),
            EvidenceError::Missing { .. } | EvidenceError::Unpriced { .. } | EvidenceError::Fees(_) => {
                Failure::Data(error.to_string())
            }
        }
    }
}
