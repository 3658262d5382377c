//! `alluse data pull`: public data, politely.

use std::fs;
use std::time::Duration;

use adapters::clock::SystemClock;
use adapters::files::SystemFiles;
use adapters::pull::{Asked, Cache, Client, How, PullError, SHIPPED, Sources, Wanted, pull};
use market::time::Calendar;
use protocol::policy::Policy;
use serde_json::{Value, json};

use super::written;
use crate::cli::{Part, Pull};
use crate::failure::Failure;
use crate::home;
use crate::show::{self, Progress, figures, words};

/// What the program calls itself to others.
const USER_AGENT: &str = concat!("alluse/", env!("CARGO_PKG_VERSION"));

/// Pulls what is wanted.
pub(crate) fn run(arguments: &Pull) -> Result<(), Failure> {
    let text = arguments.sources.as_ref().map(|file| fs::read_to_string(file).map_err(|e| Failure::file(file, &e)));
    let text = text.transpose()?;
    let name = arguments.sources.as_ref().map_or_else(|| "sources.toml".to_owned(), |file| file.display().to_string());
    let text = text.as_deref().unwrap_or(SHIPPED);
    let mut sources = Sources::parse(text, &name).map_err(|error| Failure::Data(error.to_string()))?;
    let Some(dir) = arguments.into.as_ref().filter(|_| !arguments.list) else { return show::print(text.trim_end()) };
    let wanted = wanted(arguments)?;
    if let Some(gap) = arguments.gap {
        sources.manners.gap = Duration::from_secs(gap.into());
    }
    if let Some(hours) = arguments.fresh {
        sources.fresh = Duration::from_secs(3600 * u64::from(hours));
    }
    let fetched = arguments.cache.clone().map_or_else(|| Ok(home::folder()?.join("fetched")), Ok::<_, Failure>)?;
    let cache = Cache { dir: &fetched, files: &SystemFiles };
    let calendar = Calendar::nyse();
    let mut client = Client::new(sources.manners, USER_AGENT, SystemClock);
    let progress = Progress::new("asking", 1);
    let pulled = pull(&sources, &wanted, cache, &mut client, &calendar, |_, done, all| progress.at(done, all))?;
    drop(progress);
    let files = written::write(dir, pulled.pieces, arguments.accept_revisions, &calendar)?;
    if arguments.json {
        let asked: Vec<Value> = pulled.asked.iter().map(as_json).collect();
        let files = written::as_json(&files);
        return show::json(&json!({ "requests": client.asked(), "asked": asked, "files": files }));
    }
    let rows = pulled.asked.iter().map(|asked| {
        let Asked { source, address, rows, unsettled, .. } = asked;
        [source.clone(), how(asked.how).to_owned(), rows.to_string(), unsettled.to_string(), address.clone()]
    });
    let columns = [words("source"), words("answer"), figures("rows"), figures("left out"), words("address")];
    show::table(&format!("Asked, with {} requests", client.asked()), columns, rows)?;
    show::paragraph(
        "Left out: sessions too young for the source to have its last word on them. At hand: an answer in the cache \
         is fresh, and nobody was asked. Unchanged: the source says that the cache is still right.",
    )?;
    written::print(dir, &files)
}

fn wanted(arguments: &Pull) -> Result<Wanted, Failure> {
    let has = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let symbols = if has(Part::Bars) { arguments.symbols.clone() } else { Vec::new() };
    if symbols.is_empty() && arguments.only.contains(&Part::Bars) {
        return Err(Failure::Usage(
            "bars of which symbols? Name them: alluse data pull SPY AAPL --into DIR".to_owned(),
        ));
    }
    Ok(Wanted {
        symbols,
        volatility: has(Part::Volatility),
        rates: has(Part::Rates),
        from: arguments.from.unwrap_or(Policy::all_use().data.splits_complete_since),
        source: arguments.source.clone(),
    })
}

fn how(how: How) -> &'static str {
    match how {
        How::Fetched => "fetched",
        How::Unchanged => "unchanged",
        How::AtHand => "at hand",
    }
}

fn as_json(asked: &Asked) -> Value {
    json!({
        "source": asked.source,
        "address": asked.address,
        "answer": how(asked.how),
        "rows": asked.rows,
        "left_out": asked.unsettled,
    })
}

impl From<PullError> for Failure {
    /// A host that does not answer is the network's; an answer that is not as expected is data.
    fn from(error: PullError) -> Failure {
        match error {
            PullError::NoSource { .. } | PullError::Nobody { .. } => Failure::Usage(error.to_string()),
            PullError::Shape(_) => Failure::Data(error.to_string()),
            PullError::Fetch(_) | PullError::Keep { .. } => Failure::System(error.to_string()),
        }
    }
}
