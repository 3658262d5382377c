//! The parameter file: what is read is what was written, and every fault is named with file, line and key.

use simulation::generator::{Parameters, SHIPPED};

#[test]
fn what_is_written_is_read_back() {
    let shipped = Parameters::shipped();
    let text = shipped.to_toml("a command");
    assert!(text.contains("reproduce with: a command"));
    assert_eq!(Parameters::parse(&text, "again.toml").unwrap(), shipped);
}

/// The line of the first occurrence of `text` in the shipped file, from 1.
fn line(text: &str) -> usize {
    SHIPPED.lines().position(|l| l.contains(text)).unwrap() + 1
}

#[test]
fn every_fault_is_named_with_file_line_and_key() {
    let premium = "equity_premium = 0.05";
    let leverage = SHIPPED.lines().find(|l| l.starts_with("leverage")).unwrap();
    let half_life = SHIPPED.lines().find(|l| l.starts_with("half_life = [")).unwrap();
    let cases: [(&str, &str, usize, &str); 13] = [
        (premium, "equity_premium = 0.9", line(premium), "equity_premium: is 0.9; expected a number from -0.2 to 0.3"),
        (premium, "equity_premium = nan", line(premium), "equity_premium: is nan; expected a number from -0.2 to 0.3"),
        (
            premium,
            "equity_premium = \"5%\"",
            line(premium),
            "equity_premium: is \"5%\"; expected a number from -0.2 to 0.3",
        ),
        (premium, "equity = 0.05", 1, "equity_premium: is missing; expected a number from -0.2 to 0.3"),
        (premium, "equity_premium = 0.05\nluck = 1", line(premium) + 1, "luck: is no key of this table"),
        (premium, "equity_premium = = 1", line(premium), "the file: is no TOML: "),
        (leverage, "leverage = 0.5", line(leverage), "variance.leverage: is 0.5; expected a number from -0.999 to 0"),
        (leverage, "", line("[variance]"), "variance.leverage: is missing; expected a number from -0.999 to 0"),
        (
            half_life,
            "half_life = [5]",
            line(half_life),
            "variance.half_life: has 1 entries; expected a list of 2 numbers",
        ),
        (half_life, "half_life = 5", line(half_life), "variance.half_life: is 5; expected a list of 2 numbers"),
        ("[variance.jumps]", "[variance.jump]", line("[variance]"), "variance.jumps: is missing; expected a table"),
        (
            "symbol = \"NVDA\"",
            "symbol = \"nvda\"",
            line("symbol = \"NVDA\""),
            "symbol 2.tape.symbol: \"nvda\" is not a ticker",
        ),
        ("first = \"2016", "first = \"x", line("first = \"2016"), "measured.first: "),
    ];
    for (from, to, line, message) in cases {
        let text = SHIPPED.replacen(from, to, 1);
        assert_ne!(text, SHIPPED, "{from}");
        let error = Parameters::parse(&text, "g.toml").unwrap_err().to_string();
        let expected = format!("g.toml:{line}: {message}");
        assert!(error.starts_with(&expected), "{to:?} gives {error:?}; expected {expected:?}");
    }
}

#[test]
fn symbols_that_contradict_each_other_are_refused() {
    let twice = SHIPPED.replacen("symbol = \"NVDA\"", "symbol = \"TSLA\"", 1);
    let error = Parameters::parse(&twice, "g.toml").unwrap_err();
    assert_eq!(error.key, "symbol TSLA.tape.symbol");
    assert!(error.problem.starts_with("stands twice"), "{error}");

    let mut shipped = Parameters::shipped();
    shipped.symbols[1].correlations = vec![0.9];
    shipped.symbols[2].correlations = vec![0.9, -0.9];
    let error = Parameters::parse(&shipped.to_toml(""), "g.toml").unwrap_err();
    assert_eq!(error.key, "symbol AAPL.correlations");
    assert!(error.problem.contains("positive definite"), "{error}");
}
