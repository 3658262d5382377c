//! Numbers as brokers write them: `$1,234.50`, `(12.00)`, `+5`, `-3.0000`.

use market::value::Money;

/// Most digits before the point: no statement comes near a hundred billion, and sums of these never overflow.
const MOST_DIGITS: usize = 11;

/// An amount of dollars; parts below a ten-thousandth must be zeros. Commas part thousands, parentheses are a minus.
pub(super) fn money(text: &str) -> Option<Money> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let (minus, body) = match body.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, body.strip_prefix('+').unwrap_or(body)),
    };
    let body = body.strip_prefix('$').unwrap_or(body);
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    let digits = grouped(whole)?;
    let kept = part.trim_end_matches('0');
    let sound = part.bytes().all(|b| b.is_ascii_digit()) && kept.len() <= 4 && digits.len() + part.len() > 0;
    if !sound || digits.len() > MOST_DIGITS || (negative && minus) {
        return None;
    }
    let units: i64 = format!("{digits}{kept:0<4}").parse().ok()?;
    Some(Money::from_units(if negative || minus { -units } else { units }))
}

/// Digits, with commas only where they part thousands.
fn grouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let sound = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|g| g.len() == 3));
    let digits: String = std::iter::once(first).chain(rest).collect();
    (sound && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// A whole number of shares or contracts, of either sign.
pub(super) fn units(text: &str) -> Option<i64> {
    let money = money(text)?;
    let scale = market::value::UNITS_PER_DOLLAR;
    (money.units() % scale == 0).then(|| money.units() / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_brokers_write_them() {
        for (text, units) in [
            ("1234.5", 12_345_000),
            ("$1,234.50", 12_345_000),
            ("(12.00)", -120_000),
            ("-$12", -120_000),
            ("+5", 50_000),
            ("-0.00020000", -2),
            (".5", 5_000),
            ("30,000,000.00", 300_000_000_000),
        ] {
            assert_eq!(money(text), Some(Money::from_units(units)), "{text}");
        }
        for text in ["", ".", "-", "1,23.00", "12,34", "1.00001", "1e5", "1 000", "(-5)", "NaN", "999999999999999"] {
            assert_eq!(money(text), None, "{text}");
        }
        assert_eq!((units("-5.0000"), units("1,000"), units("0.5")), (Some(-5), Some(1_000), None));
    }
}
