//! `alluse project`: what would be if the targets were met (V-1, V-2), labelled so on every page.

mod page;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use market::value::Money;
use protocol::policy::Policy;
use simulation::projection::{
    Model, Outcomes, Projection, ProjectionError, Quality, Source, Summary, WeeklyReturns, at_targets,
};

use crate::cli::Project;
use crate::failure::Failure;
use crate::inputs;
use crate::show::Progress;

/// Years within which the page says whether a structure merges.
const MERGE_YEARS: u32 = 10;
/// Paths that a thread takes at a time.
const BATCH: u64 = 16;

/// Everything that is projected.
struct Projected<'a> {
    arguments: &'a Project,
    /// The table that weeks are drawn from, if not from W-12's types.
    history: Option<WeeklyReturns>,
    policies: Vec<Column>,
    merges: Vec<Merge>,
}

/// What one policy comes to.
struct Column {
    policy: Policy,
    /// V-1 in years of each quality.
    targets: [Projection; 3],
    /// V-2.
    drawn: Summary,
}

impl Column {
    /// V-1 in years as expected.
    fn expected(&self) -> &Projection {
        &self.targets[Quality::Expected as usize]
    }
}

/// When the first structure merges, within ten years at the targets.
struct Merge {
    rebase: bool,
    quality: Quality,
    week: Option<u32>,
}

/// Projects.
pub(crate) fn run(arguments: &Project) -> Result<(), Failure> {
    let history = arguments.history.as_deref().map(read).transpose()?;
    let names: Vec<&str> = arguments.policy.as_deref().map_or(vec!["all-use", "as-written"], |name| vec![name]);
    let policies = names.into_iter().map(|name| policy(name, arguments.withdraw)).collect::<Result<Vec<_>, _>>()?;
    let bar = Progress::new("paths", arguments.paths * policies.len() as u64);
    let merges = policies.first().map_or(Ok(Vec::new()), |policy| merges(policy, arguments.deposit))?;
    let columns = policies.into_iter().map(|policy| column(arguments, policy, history.as_ref(), &bar));
    let policies = columns.collect::<Result<Vec<_>, Failure>>()?;
    drop(bar);
    let projected = Projected { arguments, history, policies, merges };
    if arguments.json { page::json(&projected) } else { page::print(&projected) }
}

fn read(file: &Path) -> Result<WeeklyReturns, Failure> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|e| Failure::Data(format!("{name}: {e}; expected a CSV table")))?;
    WeeklyReturns::parse(&name, &text).map_err(|e| Failure::Data(e.to_string()))
}

fn policy(name: &str, withdraw: bool) -> Result<Policy, Failure> {
    let policy = inputs::policy(name)?;
    if withdraw { set(&policy, "income.policy", "withdraw") } else { Ok(policy) }
}

fn set(policy: &Policy, key: &str, value: &str) -> Result<Policy, Failure> {
    policy.with(key, value).map_err(|e| Failure::Data(e.to_string()))
}

fn column(
    arguments: &Project,
    policy: Policy,
    history: Option<&WeeklyReturns>,
    bar: &Progress,
) -> Result<Column, Failure> {
    let at = |quality| at_targets(&policy, arguments.deposit, arguments.years, quality);
    let [good, expected, poor] = Quality::ALL.map(at);
    let source = history.map_or(Source::Types, |returns| Source::History(returns.clone()));
    let model = Model::new(&policy, arguments.deposit, arguments.years, source)?;
    let drawn = draw(&model, arguments.seed, arguments.paths, bar).summary();
    Ok(Column { targets: [good?, expected?, poor?], drawn, policy })
}

/// Draws the paths on all cores; their number leaves no trace in the result.
fn draw(model: &Model, seed: u64, paths: u64, bar: &Progress) -> Outcomes {
    let next = AtomicU64::new(0);
    let worker = || {
        let mut own = model.run(seed, 0..0);
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= paths {
                return own;
            }
            let to = (from + BATCH).min(paths);
            own.join(&model.run(seed, from..to));
            (from..to).for_each(|_| bar.step());
        }
    };
    let cores = thread::available_parallelism().map_or(1, Into::into);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let mut all = model.run(seed, 0..0);
        for thread in threads {
            all.join(&thread.join().expect("a path does not panic"));
        }
        all
    })
}

/// Whether and when structures merge at the targets, with a base that forks raise and one that they do not.
fn merges(policy: &Policy, deposit: Money) -> Result<Vec<Merge>, Failure> {
    let mut merges = Vec::new();
    for rebase in [true, false] {
        let policy = set(policy, "fork.rebase", if rebase { "true" } else { "false" })?;
        for quality in Quality::ALL {
            let week = at_targets(&policy, deposit, MERGE_YEARS, quality)?.first_merge;
            merges.push(Merge { rebase, quality, week });
        }
    }
    Ok(merges)
}

impl From<ProjectionError> for Failure {
    /// The deposit is asked for on the command line; the rest is the policy's.
    fn from(error: ProjectionError) -> Failure {
        match error {
            ProjectionError::Deposit(_) => Failure::Usage(error.to_string()),
            ProjectionError::NoWeeks { .. } | ProjectionError::NoMean { .. } => Failure::Data(error.to_string()),
        }
    }
}
