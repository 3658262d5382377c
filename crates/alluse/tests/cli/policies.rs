//! Policies drawn and compared.

use std::fs;

use crate::support::{Home, too_wide};

#[test]
fn tables_and_machines_are_drawn_on_80_columns() {
    let home = Home::new();
    for (picture, shows) in [
        ("week", &["bearish   low   chop            chop           red", "[M-4]", "VIX > 150% of its mean"][..]),
        ("position", &["│ short put │", "├─ sell a put ──────▶ short put       E-4 E-5", "P-AOL", "[X-6]"]),
        ("lock", &["└─ 26 weeks passed ────────────────▶ owner asked           G-3"]),
        ("structure", &["├─ full size reached ─▶ merging   J-1", "│ closed │ the end"]),
        ("order", &["│ decided │", "50.00 < VIX ≤ 65.00  reduce", "sell a new put        sent  sent    held back"]),
    ] {
        let drawn = home.prints(&["policy", "draw", picture]);
        for shown in shows {
            assert!(drawn.contains(shown), "{picture}: {shown:?} in\n{drawn}");
        }
        let output = home.command(&["policy", "draw", picture]).env("COLUMNS", "80").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(too_wide(&text, 80), [""; 0], "{picture}");
    }
    assert_eq!(home.files(), [""; 0], "nothing is written");
    home.refuses(&["policy", "draw", "moon"], 2, &["[possible values: week, position, lock, structure, order]"]);
}

#[test]
fn a_drawing_follows_the_policy() {
    let home = Home::new();
    let mine = home.path("mine.toml");
    fs::write(&mine, "name = \"mine\"\nextends = \"all-use\"\nschema = 1\n[week]\nbullish_weak = \"red\"\n").unwrap();
    let drawn = home.prints(&["policy", "draw", "week", "--policy", mine.to_str().unwrap()]);
    assert!(drawn.contains("as the policy mine judges"), "{drawn}");
    assert!(drawn.contains("bullish   low   green           red            red"), "{drawn}");
}

#[test]
fn an_svg_is_written_whole_and_needs_nothing_else() {
    let home = Home::new();
    let file = home.path("week.svg");
    let said = home.prints(&["policy", "draw", "week", "--svg", file.to_str().unwrap()]);
    assert!(said.contains("week.svg: The market's week"), "{said}");
    let svg = fs::read_to_string(&file).unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
    assert!(svg.contains("prefers-color-scheme: dark") && svg.contains("VIX ≤ its mean") && svg.contains("&lt;"));
    let again = home.path("again.svg");
    home.prints(&["policy", "draw", "week", "--svg", again.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&again).unwrap(), svg, "the same picture every time");
    home.refuses(&["policy", "draw", "week", "--svg", "nowhere/week.svg"], 5, &["nowhere/week.svg: "]);
}

#[test]
fn policies_are_compared_in_words() {
    let home = Home::new();
    let said = home.prints(&["policy", "diff", "as-written"]);
    assert!(said.starts_with("all-use and as-written differ in 7 keys\n"), "{said}");
    for words in [
        "\nroll.max_delta\n    Highest delta of a rolled put; ",
        "stays in the sleeve's band. [R-2, when a roll is allowed]\n",
        "\n    all-use:    70 points of delta\n    as-written: \"band\"\n",
        "\n    all-use:    30 percent\n    as-written: 0 percent\n",
        "\n    all-use:    yes\n    as-written: no\n",
    ] {
        assert!(said.contains(words), "{words:?} in\n{said}");
    }
    let back = home.prints(&["policy", "diff", "as-written", "all-use"]);
    assert!(back.contains("\n    as-written: \"band\"\n    all-use:    70 points of delta\n"), "{back}");
    assert_eq!(
        home.prints(&["policy", "diff", "all-use", "all-use", "--exit-code"]),
        "all-use and all-use have the same value for every key.\n"
    );
    home.refuses(&["policy", "diff", "as-written", "--exit-code"], 1, &["all-use and as-written differ in 7 keys"]);
    home.refuses(&["policy", "diff", "nowhere"], 3, &["nowhere: ", "expected all-use, as-written, or a policy file"]);
}

#[test]
fn a_comparison_is_data_too() {
    let home = Home::new();
    let mine = home.path("mine.toml");
    fs::write(&mine, "name = \"mine\"\nextends = \"all-use\"\nschema = 1\n[rules]\noff = [\"X-4\"]\n").unwrap();
    let json = home.json(&["policy", "diff", "all-use", mine.to_str().unwrap(), "--json"]);
    assert_eq!((json["a"]["name"].as_str(), json["b"]["name"].as_str()), (Some("all-use"), Some("mine")));
    let [only] = &json["differences"].as_array().unwrap()[..] else { panic!("{json}") };
    assert_eq!(
        (only["key"].as_str(), only["a"].as_str(), only["b"].as_str()),
        (Some("rules.off"), Some("[]"), Some("[\"X-4\"]"))
    );
    let letter = home.json(&["policy", "diff", "as-written", "--json"]);
    let rebase = letter["differences"].as_array().unwrap().iter().find(|d| d["key"] == "fork.rebase").unwrap();
    assert_eq!((rebase["rules"][0].as_str(), rebase["unit"].as_str()), (Some("F-2"), Some("yes or no")));
}

#[test]
fn a_policy_that_ships_is_checked_by_its_name() {
    let home = Home::new();
    let said = home.prints(&["policy", "check", "as-written"]);
    assert!(said.contains("the policy \"as-written\" is sound") && said.contains("Where it differs"), "{said}");
    home.refuses(
        &["policy", "check", "as-writen"],
        3,
        &["as-writen:", "expected all-use, as-written, or a policy file"],
    );
}
