//! `alluse doctor`: whether this installation is fit for real money, finding by finding.

mod backups;
mod finding;
mod program;
mod rules;
mod store;

use adapters::clock::{Clock, SystemClock};
use serde_json::json;

use crate::cli::Doctor;
use crate::failure::Failure;
use crate::show::{self, Screen};

use finding::{Section, State};

/// Looks at everything, prints it, and fails where anything is unfit.
pub(crate) fn run(asked: &Doctor) -> Result<(), Failure> {
    let now = SystemClock.now();
    let (store, journal) = store::look(asked.journal.as_deref());
    let journal = journal.as_ref();
    let sections = [
        section("Installation", program::installation()),
        section("Configuration", program::configuration()),
        section("Dependencies", program::dependencies()),
        section("Clock", program::clock(now, journal.and_then(store::Looked::last))),
        section("Journal", store),
        section("Signing key", store::key(asked.key.as_deref())),
        section("Backups", backups::look(asked.backups.as_deref(), journal, now)),
        section("Policy", rules::policy(&asked.policy, journal)),
        section("Price history", rules::data(asked.data.as_deref(), &asked.policy, now)),
        section("Broker and feeds", rules::broker()),
    ];
    let unfit: Vec<&str> =
        all(&sections).filter(|finding| finding.state == State::Unfit).map(|finding| finding.what).collect();
    if asked.json {
        show::json(&json!({
            "at": now.to_string(),
            "program": env!("CARGO_PKG_VERSION"),
            "fit_for_real_money": unfit.is_empty(),
            "unfit": unfit,
            "sections": sections,
        }))?;
    } else {
        sections.iter().try_for_each(print)?;
        let count = |state| all(&sections).filter(|finding| finding.state == state).count();
        let [fit, look, unfit] = [State::Fit, State::Look, State::Unfit].map(count);
        show::print(&format!("\n{fit} fit, {look} to look at, {unfit} unfit"))?;
    }
    match unfit.as_slice() {
        [] => Ok(()),
        unfit => Err(Failure::Check(format!("unfit for real money: {}", unfit.join(", ")))),
    }
}

fn section(about: &'static str, findings: Vec<finding::Finding>) -> Section {
    Section { about, findings }
}

fn all(sections: &[Section]) -> impl Iterator<Item = &finding::Finding> {
    sections.iter().flat_map(|section| &section.findings)
}

fn print(section: &Section) -> Result<(), Failure> {
    show::heading(section.about)?;
    let screen = Screen::stdout();
    for finding in &section.findings {
        let word = format!("{:<6}", finding.state.word());
        let painted = if finding.state == State::Fit { screen.dim(&word) } else { screen.warning(&word) };
        // Wrapped with room for the word, which then takes that room.
        let said = screen.wrap(&format!("{:6}{}: {}", "", finding.what, finding.seen), 0);
        show::print(&said.replacen("      ", &painted, 1))?;
        if let Some(mend) = &finding.mend {
            show::print(&screen.wrap(&format!("      expected: {}", finding.expected), 2))?;
            show::print(&screen.wrap(&format!("      to mend: {mend}"), 2))?;
        }
    }
    Ok(())
}
