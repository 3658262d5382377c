//! `alluse evidence fit`: the premium model's numbers, fitted on named days, as its file.

use pricing::model::Days;
use simulation::evidence::fit::{Fit, days, fit};
use simulation::evidence::model::ENOUGH;

use super::Material;
use crate::cli::EvidenceFit;
use crate::failure::Failure;
use crate::inputs::Premium;
use crate::show;

/// Columns of a line of the file.
const WIDTH: usize = 118;

/// Fits and prints.
pub(crate) fn run(arguments: &EvidenceFit) -> Result<(), Failure> {
    let material = Material::read(&arguments.data, arguments.chains.as_deref())?;
    let Material { history, quotes, calendar, policy } = &material;
    let index = policy.universe.index;
    let shipped = Premium::shipped().model;
    let unfit = |e: simulation::evidence::fit::CannotFit| Failure::Data(e.to_string());
    let (first, second) = days(history, index, quotes).map_err(unfit)?;
    let on = (upto(first, arguments.history_to)?, upto(second, arguments.quotes_to)?);
    let found = fit(history, calendar, index, quotes, &shipped, on).map_err(unfit)?;
    show::print(file(&found, &command(arguments)).trim_end())
}

fn upto((first, last): Days, to: Option<market::time::Date>) -> Result<Days, Failure> {
    let last = to.unwrap_or(last);
    if last < first {
        return Err(Failure::Usage(format!("the days to fit on would end on {last}, before their first, {first}")));
    }
    Ok((first, last))
}

fn command(arguments: &EvidenceFit) -> String {
    let mut typed = format!("alluse evidence fit --data {}", arguments.data.display());
    if let Some(chains) = &arguments.chains {
        typed += &format!(" --chains {}", chains.display());
    }
    for (flag, day) in [("history-to", arguments.history_to), ("quotes-to", arguments.quotes_to)] {
        if let Some(day) = day {
            typed += &format!(" --{flag} {day}");
        }
    }
    typed
}

/// The whole file, each number below the days on which it was fitted.
fn file(fit: &Fit, command: &str) -> String {
    let model = &fit.model;
    let span = |(first, last): Days| format!("{first} to {last}");
    let quoted = fit.quoted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let few = if fit.quoted_sessions < ENOUGH {
        format!(" Fewer than {ENOUGH} sessions: a first estimate.")
    } else {
        String::new()
    };
    let on_quotes = format!("{} sessions of {quoted}, {}", fit.quoted_sessions, span(fit.quotes));
    let windows = fit.windows.iter().map(|(rule, off)| {
        let (sessions, exponent, damping) = (rule.sessions(), rule.exponent(), rule.damping());
        format!("{sessions} sessions, exponent {exponent:.2}, damping {damping:.2}: {off:.2} points")
    });
    let mut out = String::new();
    out += &comment(&[
        "The premium model: what an option is taken to be worth on a day for which no quotes are at hand. Everything \
         that it prices is labelled modelled, in every report, and no live order is ever priced by it. This file is \
         the output of",
        "",
        &format!("    {command}"),
        "",
        "and `alluse evidence model` says how far it is from quotes on days on which nothing was fitted.",
    ]);
    out += "\n[volatility]\n";
    out += &comment(&[
        "A volatility index weighs all strikes, and the dear puts far below the money lift it over the volatility at \
         the money. This factor takes VIX and its kin to the money of an index fund. Assumed, not fitted: too few \
         days of an index fund's quotes are at hand. 0.85 stands for \"about fifteen percent\".",
    ]);
    out += &format!("level = {}\n", model.level());
    out += &comment(&[
        "The same of single stocks, whose smiles lean less: what the smile below makes of an index (Demeterfi, \
         Derman, Kamal and Zou 1999). Fitted where the smile is.",
    ]);
    out += &format!("stock_level = {:.3}\n", model.stock_level());
    out += "\n[ratio]\n";
    out += &comment(&[
        "A symbol without an index of its own takes the index's volatility times a ratio: realised volatility of the \
         symbol over that of the index fund, to the previous close, over this many sessions (as many as there are in \
         the first year, and none before the least), sessions after reports left out ...",
    ]);
    out += &format!(
        "sessions = {}\nleast_sessions = {}\n",
        model.ratio_rule().sessions(),
        model.ratio_rule().least_sessions()
    );
    out += &comment(&[
        "... raised to this power, since implied volatilities lie closer together than realised ones. While VIX is \
         dear beside what the index fund does, single stocks follow it only in part: the index fund's realised \
         volatility over VIX, raised to the damping, is one more factor.",
        &format!(
            "Fitted on {} closes of single stocks' indices, {}. Mean size of the error there: {}.",
            fit.indices,
            span(fit.history),
            windows.collect::<Vec<_>>().join("; ")
        ),
    ]);
    let (exponent, damping) = (model.ratio_rule().exponent(), model.ratio_rule().damping());
    out += &format!("exponent = {exponent:.3}\ndamping = {damping:.3}\n");
    out += "\n[clock]\n";
    out += &comment(&[
        "Variance passes by sessions. A calendar day without one is worth this much of a session.",
        &format!("Fitted on {} expirations up to two weeks away of {on_quotes}.{few}", fit.near_expirations),
    ]);
    out += &format!("closed_day = {:.2}\n", model.clock().closed_day());
    out += &comment(&[
        "The session after a report is worth this many (reports count as made after the close: the session of the \
         day itself is worth only as much as is said here).",
        &format!(
            "Fitted on {} reports, {}; the session of the report's day was worth {:.1}.",
            fit.reports,
            span(fit.history),
            fit.report_session
        ),
    ]);
    out += &format!("report = {:.1}\n", model.clock().report());
    out += "\n[skew]\n";
    out += &comment(&[
        "A single stock's volatility at z standard deviations above the forward is that at the money times \
         1 + slope z + curvature z², followed `reach` standard deviations to either side. An index fund's leans more; \
         too few days of its quotes are at hand to say how much, so it has none here.",
        &format!("Fitted on {} quotes of {on_quotes}.{few}", fit.smile_quotes),
    ]);
    let skew = model.skew();
    out += &format!("slope = {:.3}\ncurvature = {:.3}\nreach = {:?}\n", skew.slope(), skew.curvature(), skew.reach());
    out += "\n";
    out += SPREAD;
    out += &model.spread().to_string();
    out += "\n";
    out += &comment(&["Days of the fit, for `alluse evidence model`: it tests on all others."]);
    out += "[fitted]\n";
    let days = |(first, last): Days| format!("[\"{first}\", \"{last}\"]");
    out += &format!("history = {}\nquotes = {}\n", days(fit.history), days(fit.quotes));
    out
}

/// The spreads are not fitted here, but by `alluse data spreads`.
const SPREAD: &str = "\
# Half of ask less bid, as a share of mid: medians of 331,452 closing quotes of TSLA, 2026-01-20 to 2026-05-05, by
#
#     alluse data spreads ../shared/data/chains/TSLA-2026 --leave-crossed
#
# TSLA's are among the tightest there are, and 2026's tighter than 2016's: in other names and years expect more.
# `floor` is the least half-width in dollars; `delta_points` and `days` (calendar days to expiration) are the upper
# edges of the classes, with one more class beyond each last; `of_mid` has a row per class of days and a column per
# class of delta.
";

/// Lines of comment, wrapped.
fn comment(paragraphs: &[&str]) -> String {
    let mut out = String::new();
    for paragraph in paragraphs {
        if paragraph.starts_with(' ') || paragraph.is_empty() {
            out += &format!("#{}{paragraph}\n", if paragraph.is_empty() { "" } else { " " });
            continue;
        }
        let mut line = String::from("#");
        for word in paragraph.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                out += &line;
                out += "\n";
                "#".clone_into(&mut line);
            }
            line += " ";
            line += word;
        }
        out += &line;
        out += "\n";
    }
    out
}

#[cfg(test)]
mod tests {
    use pricing::model::PremiumModel;

    use super::*;

    #[test]
    fn comments_are_wrapped_and_commands_are_not() {
        let long = "word ".repeat(40);
        let text = comment(&[&long, "", "    alluse evidence fit --data prices"]);
        assert!(text.lines().all(|line| line.starts_with('#') && line.chars().count() <= WIDTH));
        assert!(text.ends_with("#\n#     alluse evidence fit --data prices\n"), "{text}");
        assert_eq!(text.matches("word").count(), 40);
    }

    fn flat() -> pricing::curve::TermStructure {
        pricing::curve::TermStructure::new(None, 20.0, None).unwrap()
    }

    /// The model that is printed is the one that is read again, to the digits printed.
    #[test]
    fn the_file_is_a_model() {
        let shipped = Premium::shipped().model;
        let day = |text: &str| text.parse().unwrap();
        let fit = Fit {
            model: shipped.clone(),
            history: (day("2016-06-28"), day("2021-06-11")),
            quotes: (day("2026-01-20"), day("2026-02-06")),
            quoted_sessions: 14,
            quoted: Vec::new(),
            reports: 140,
            report_session: 1.3,
            indices: 3000,
            windows: vec![(*shipped.ratio_rule(), 4.0)],
            smile_quotes: 1,
            near_expirations: 1,
        };
        let text = file(&fit, "alluse evidence fit --data prices");
        let read = PremiumModel::parse(&text, "printed").unwrap();
        assert_eq!(read.index_curve(flat()).unwrap(), shipped.index_curve(flat()).unwrap());
        assert_eq!(read.spread(), shipped.spread());
        assert_eq!(read.fitted().quotes, Some(fit.quotes));
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }
}
