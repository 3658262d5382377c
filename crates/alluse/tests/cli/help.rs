//! Help, completions, wrong usage.

use crate::support::{Home, too_wide};

const COMMANDS: &[&[&str]] = &[
    &["demo"],
    &["backtest"],
    &["evidence", "buywrite"],
    &["evidence", "benchmarks"],
    &["evidence", "rules"],
    &["evidence", "quotes"],
    &["project"],
    &["report", "weekly"],
    &["report", "monthly"],
    &["report", "annual"],
    &["explain"],
    &["whatif"],
    &["tree"],
    &["tax", "year"],
    &["tax", "estimate"],
    &["tax", "form-8949"],
    &["tax", "check-1099b"],
    &["tax", "basis"],
    &["tax", "wash"],
    &["tax", "harvest"],
    &["tax", "warn"],
    &["check"],
    &["doctor"],
    &["head", "key"],
    &["head", "sign"],
    &["head", "check"],
    &["prove"],
    &["verify-proof"],
    &["backup", "make"],
    &["backup", "verify"],
    &["backup", "prune"],
    &["backup", "key"],
    &["restore"],
    &["store", "init"],
    &["store", "verify"],
    &["store", "copy"],
    &["store", "migrate"],
    &["data", "inspect"],
    &["data", "pull"],
    &["data", "import"],
    &["data", "calibrate"],
    &["data", "spreads"],
    &["policy", "check"],
    &["policy", "show"],
    &["policy", "diff"],
    &["policy", "draw"],
    &["completions"],
];

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = home.prints(&[command, &[flag][..]].concat());
            let usage = format!("Usage: alluse {}", command.join(" "));
            assert!(help.contains(&usage), "{command:?}:\n{help}");
            assert!(["Example", "Ids:"].iter().any(|word| help.contains(word)), "{command:?}:\n{help}");
            assert_eq!(too_wide(&help, 100), [""; 0], "{command:?}");
        }
    }
    assert_eq!(home.files(), [""; 0], "help writes nothing");
}

#[test]
fn the_help_names_every_command_and_exit_code() {
    let help = Home::new().prints(&["--help"]);
    for command in COMMANDS {
        assert!(help.contains(&format!("  {} ", command[0])), "{command:?}:\n{help}");
    }
    for code in 0..=5 {
        assert!(help.contains(&format!("\n  {code}  ")), "{code}:\n{help}");
    }
    assert!(help.contains("ALLUSE_HOME") && help.contains("NO_COLOR"), "{help}");
}

#[test]
fn shells_get_completions() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = home.prints(&["completions", shell]);
        assert!(text.contains("backtest") && text.contains("build-ranks"), "{shell}:\n{text}");
    }
}

#[test]
fn wrong_usage_is_told_with_what_was_expected() {
    let home = Home::new();
    for (arguments, said) in [
        (&["backtets"][..], "unrecognized subcommand"),
        (&["backtest"], "--data <DIR>"),
        (&["backtest", "--data", ".", "--from", "2020-02-30"], "expected a date such as 2020-03-16"),
        (&["backtest", "--data", ".", "--deposit", "1e6"], "is not an amount in dollars"),
        (&["demo", "--years", "0"], "1..=9"),
        (&["project", "--years", "16"], "1..=15"),
        (&["project", "--paths", "0"], "1..=100000"),
        (&["project", "--deposit", "0"], "$0.00 cannot be projected; expected a deposit"),
        (&["demo", "--seed=-1"], "invalid value '-1' for '--seed <N>'"),
        (&["report", "weekly", "--week", "2021-W53"], "expected a week such as 2020-W12"),
        (&["report", "monthly", "--month", "March"], "expected a month such as 2020-03"),
        (&["report", "annual", "--year", "20"], "2000..=2100"),
        (&["report", "annual", "--csv", "--json"], "cannot be used with"),
        (&["explain"], "<ID>"),
        (&["completions", "tcsh"], "possible values"),
        // What no argument can say: there is no journal yet.
        (&["report", "weekly"], "no journal was written yet; run `alluse demo`"),
        (&["tree"], "no journal was written yet"),
        (&["policy", "show", "--only", "moon"], "no key of the policy all-use contains \"moon\""),
    ] {
        home.refuses(arguments, 2, &[said]);
    }
    assert_eq!(home.files(), [""; 0]);
}
