//! The program itself: its binary, its folder and environment, what it depends on, and the clock.

use std::fs;
use std::path::{Path, PathBuf};

use adapters::files::Scratch;
use adapters::head::{Mail, unreadable};
use adapters::machine::{self, Follows};
use adapters::pull;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::finding::{Finding, asked};
use crate::failure::Failure;
use crate::home;

/// The environment variables of our own that the program reads.
const VARIABLES: [&str; 3] = ["ALLUSE_HOME", "ALLUSE_SMTP", "ALLUSE_MAIL_FROM"];
/// Those that only the project's own commands and tests read.
const DEVELOPMENT: [&str; 2] = ["ALLUSE_SHARED", "ALLUSE_TOOLS"];

/// Which binary this is.
pub(super) fn installation() -> Vec<Finding> {
    let version = asked("version", "the version whose changes you have read");
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let binary = asked("binary", "a file that you have installed");
    let profile = asked("build", "the release profile: the speed that is published is its speed");
    let rebuild = "build with `cargo build --release`";
    vec![
        version.fit(format!("{} for {target}", env!("CARGO_PKG_VERSION"))),
        match std::env::current_exe() {
            Ok(file) => binary.fit(file.display().to_string()),
            Err(why) => binary.unknown(&why.to_string(), "start the program by its path"),
        },
        if cfg!(debug_assertions) {
            profile.look("the development profile: checked arithmetic, slower", rebuild)
        } else {
            profile.fit("the release profile")
        },
    ]
}

/// The program's folder and the environment.
pub(super) fn configuration() -> Vec<Finding> {
    let mut found = vec![folder(home::folder()), mail()];
    found.extend(plain_copies());
    found.extend(certificate_file());
    found.extend(unknown_variables());
    found
}

fn folder(folder: Result<PathBuf, Failure>) -> Finding {
    let folder_asked = asked("folder", "a folder that this user may write to, and nobody else");
    let another = "set ALLUSE_HOME to a folder of your own";
    let folder = match folder {
        Ok(folder) => folder,
        Err(why) => return folder_asked.unfit(why.to_string(), another),
    };
    let shown = folder.display();
    // Nothing is made here: what is not there yet is made in the nearest folder that is.
    let there = folder.ancestors().find(|folder| folder.exists() && !folder.as_os_str().is_empty());
    match machine::may_write(there.unwrap_or(Path::new("."))) {
        Err(why) => folder_asked.unfit(format!("{shown}: {why}"), another),
        Ok(()) if !folder.exists() => folder_asked.fit(format!("{shown}, not there yet: made when it is needed")),
        Ok(()) => match others_may_write(&folder) {
            Some(mode) => folder_asked.unfit(
                format!("{shown}: others than its owner may write to it (mode {mode:o})"),
                format!("chmod go-w {shown}"),
            ),
            None => folder_asked.fit(shown.to_string()),
        },
    }
}

/// Plain text of something encrypted that a command left which was killed.
fn plain_copies() -> Option<Finding> {
    let copies = asked("plain copies", "no plain copy of something encrypted");
    let folder = home::folder().ok()?.join(home::SCRATCH);
    match Scratch::left(&folder) {
        Ok(left) if left.is_empty() => None,
        Ok(left) => {
            let names: Vec<String> = left.iter().map(|path| path.display().to_string()).collect();
            Some(copies.unfit(names.join(", "), "alluse backup make --to DIR, which removes what nobody works on"))
        }
        Err(why) => Some(copies.unknown(&format!("{}: {why}", folder.display()), "look into that folder")),
    }
}

/// The mode of a folder that others than its owner may write to.
fn others_may_write(folder: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder).ok()?.permissions().mode() & 0o777;
        (mode & 0o022 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

fn mail() -> Finding {
    let mail_asked = asked("mail", "an address such as smtps://user:password@host, if heads are kept by mail");
    let mail = Mail { server: home::variable("ALLUSE_SMTP"), from: home::variable("ALLUSE_MAIL_FROM") };
    match (unreadable(&mail), &mail.server) {
        (Some(why), _) => mail_asked.unfit(why, "correct ALLUSE_SMTP or ALLUSE_MAIL_FROM, or unset it"),
        (None, Some(_)) => mail_asked.fit("ALLUSE_SMTP can be read; whether the server answers was not tried"),
        (None, None) => mail_asked.fit("none: ALLUSE_SMTP is not set, and heads are kept in folders or by hosts"),
    }
}

/// A file of certificates that is named must be there.
fn certificate_file() -> Option<Finding> {
    let file = home::variable("SSL_CERT_FILE")?;
    let file_asked = asked("SSL_CERT_FILE", "a file of certificates");
    Some(match fs::metadata(&file) {
        Ok(_) => file_asked.fit(file),
        Err(why) => file_asked.unfit(format!("{file}: {why}"), "correct SSL_CERT_FILE, or unset it"),
    })
}

/// A variable that looks like ours and is none is probably misspelt.
fn unknown_variables() -> Option<Finding> {
    let ours = |name: &String| name.starts_with("ALLUSE_");
    let known = |name: &String| VARIABLES.iter().chain(&DEVELOPMENT).any(|known| known == name);
    let mut unknown: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(ours).collect();
    unknown.retain(|name| !known(name));
    unknown.sort();
    (!unknown.is_empty()).then(|| {
        let seen = format!("{}: set, but nothing here reads it", unknown.join(", "));
        asked("environment", "of ALLUSE_…, only variables that this program reads")
            .look(seen, format!("the program reads {}", VARIABLES.join(", ")))
    })
}

/// What the program needs from its build and from the machine.
pub(super) fn dependencies() -> Vec<Finding> {
    let zones = asked("time zones", "New York, from the table in the program");
    let roots = asked("root certificates", "at least one, to know hosts by (data pull, head sign --to https://…)");
    vec![
        match TimeZone::get("America/New_York") {
            Ok(_) => zones.fit("America/New_York is in the program; no table of the machine is needed"),
            Err(why) => zones.unfit(why.to_string(), "build the program with its own table of time zones"),
        },
        match pull::roots() {
            Ok(found) => roots.fit(format!("{found} of this machine's")),
            Err(why) => roots.look(why.to_string(), "install the package ca-certificates, or set SSL_CERT_FILE"),
        },
    ]
}

/// The clock, beside what is known to be past.
pub(super) fn clock(now: Timestamp, last_event: Option<Timestamp>) -> Vec<Finding> {
    let built = std::env::current_exe().and_then(fs::metadata).and_then(|file| file.modified()).ok();
    let built = built.and_then(|time| Timestamp::try_from(time).ok());
    let follows = asked("time server", "the clock follows one");
    vec![
        sane(now, built, last_event),
        match machine::clock_follows() {
            Follows::Yes => follows.fit("the kernel says that the clock is synchronised"),
            Follows::No => {
                follows.unfit("the kernel says that the clock is not synchronised", "timedatectl set-ntp true")
            }
            Follows::Unknown => {
                follows.unknown("timedatectl gives no answer here", "see how this machine's clock is set")
            }
        },
    ]
}

/// A clock that stands before what has happened is wrong. Its time zone does not matter: instants are compared, and
/// sessions are New York's.
fn sane(now: Timestamp, built: Option<Timestamp>, last_event: Option<Timestamp>) -> Finding {
    let time = asked("time", "not before this program was built, nor before the journal's last event");
    let mend = "set the clock; a program or journal from the future comes from another machine whose clock was wrong";
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    match (built.filter(|built| now < *built), last_event.filter(|last| now < *last)) {
        (Some(built), _) => time.unfit(format!("{now}, before this program was written to the disk ({built})"), mend),
        (_, Some(last)) => time.unfit(format!("{now}, before the journal's last event ({last})"), mend),
        (None, None) if built.is_none() => time.unknown("the age of the program's file", "start it by its path"),
        (None, None) => time.fit(now.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_clock_before_what_has_happened_is_unfit() {
        let at = |second| Timestamp::from_second(second).ok();
        let now = at(1_000).unwrap_or_default();
        for (built, last, state, says) in [
            (at(999), at(1_000), State::Fit, "1970-01-01T00:16:40Z"),
            (at(999), None, State::Fit, "1970-01-01T00:16:40Z"),
            (at(1_001), None, State::Unfit, "before this program was written"),
            (at(1_000), at(1_001), State::Unfit, "before the journal's last event (1970-01-01T00:16:41Z)"),
            (None, at(1_001), State::Unfit, "before the journal's last event"),
            (None, at(1_000), State::Look, "not known"),
        ] {
            let found = sane(now, built, last);
            assert_eq!(found.state, state, "{built:?} {last:?}");
            assert!(found.seen.contains(says), "{}", found.seen);
        }
    }
}
