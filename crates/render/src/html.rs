//! Text made safe for HTML, and the few words in which figures are written.

use market::value::{Money, UNITS_PER_DOLLAR};
use report::figure::{Amount, Share};
use report::words::minus;

/// What stands where there is no figure.
pub(crate) const NONE: &str = "–";

/// Text as the content of an element or of a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Characters that neither HTML nor XML allows.
            c if c.is_control() && !matches!(c, '\n' | '\t') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// A paragraph.
pub(crate) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escaped(text))
}

/// A list of sentences.
pub(crate) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: String = items.into_iter().map(|item| format!("<li>{}</li>\n", escaped(item.as_ref()))).collect();
    if items.is_empty() { String::new() } else { format!("<ul>\n{items}</ul>\n") }
}

/// Numbers of events as people ask for them: `#12 #31`.
pub(crate) fn ids(events: impl IntoIterator<Item = u64>) -> String {
    let named: Vec<String> = events.into_iter().map(|event| format!("#{event}")).collect();
    named.join(" ")
}

/// Dollars rounded down to the cent, where a balance holds parts of one.
pub(crate) fn cents(amount: Amount) -> String {
    Amount(amount.0.floor_cents()).to_string()
}

/// Whole dollars, for sentences: `$803,603`.
pub(crate) fn dollars(amount: Amount) -> String {
    let whole = Money::dollars(amount.0.floor_cents().units().div_euclid(UNITS_PER_DOLLAR));
    Amount(whole).to_string().trim_end_matches(".00").to_owned()
}

/// A share that may be absent.
pub(crate) fn share(share: impl Into<Option<Share>>) -> String {
    share.into().map_or_else(|| NONE.to_owned(), |s| s.to_string())
}

/// A return with its sign; it may be absent.
pub(crate) fn signed(share: impl Into<Option<Share>>) -> String {
    let Some(share) = share.into() else { return NONE.to_owned() };
    let text = share.to_string();
    if share.0 > 0.0 && text != "0.00%" { format!("+{text}") } else { text }
}

/// Dollars with their sign.
pub(crate) fn signed_cents(amount: Amount) -> String {
    let text = cents(amount);
    if amount.0.is_positive() { format!("+{text}") } else { text }
}

/// A ratio that may be absent.
pub(crate) fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| NONE.to_owned(), |r| minus(&format!("{r:.2}")))
}

/// A count, its thousands apart.
pub(crate) fn count(n: usize) -> String {
    report::words::count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// A value of an axis in dollars: `$250k`, `$1.5M`.
pub(crate) fn short_dollars(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if size >= 999_500.0 => format!("${}M", trimmed(size / 1e6)),
        _ if size >= 999.5 => format!("${}k", trimmed(size / 1e3)),
        _ => format!("${}", trimmed(size)),
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// A value of an axis in percent.
pub(crate) fn short_percent(value: f64) -> String {
    minus(&format!("{}%", trimmed(value * 100.0)))
}

/// A number with as many decimals as it needs, at most two.
pub(crate) fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        for (text, safe) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onload='x' & y", "&quot; onload=&#39;x&#39; &amp; y"),
            ("a\u{0}b\u{1b}[31m", "a\u{fffd}b\u{fffd}[31m"),
            ("−5 % · §", "−5 % · §"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }

    #[test]
    fn axes_are_labelled_shortly() {
        let values = [0.0, 250_000.0, 1_500_000.0, -2_500.0, 999_999.0, 12.5];
        assert_eq!(values.map(short_dollars), ["$0", "$250k", "$1.5M", "−$2.5k", "$1M", "$12.5"]);
        assert_eq!([0.015, -0.2, 0.0].map(short_percent), ["1.5%", "−20%", "0%"]);
    }

    #[test]
    fn figures_read_as_in_the_text_reports() {
        let amount = |units| Amount(Money::from_units(units));
        assert_eq!(cents(amount(12_345_678)), "$1,234.56");
        assert_eq!([dollars(amount(12_345_678)), dollars(amount(0))], ["$1,234", "$0"]);
        assert_eq!([signed_cents(amount(100)), signed_cents(amount(-100))], ["+$0.01", "−$0.01"]);
        assert_eq!([signed(Share(0.1)), signed(Share(-0.1)), signed(None)], ["+10.00%", "−10.00%", NONE]);
    }
}
