//! CSV as RFC 4180 has it, with figures that programs read.

use serde::Serialize;
use serde_json::Value;

use super::print;
use crate::failure::Failure;

/// Prints a header and rows.
pub(crate) fn csv<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<(), Failure> {
    print(&columns.join(","))?;
    rows.into_iter().try_for_each(|row| print(&row.map(|text| field(&text)).join(",")))
}

/// A figure as JSON writes it, without quotation marks: `-1234.50`, `0.0123`; nothing where there is none.
pub(crate) fn plain(value: &impl Serialize) -> String {
    match serde_json::to_value(value).unwrap_or(Value::Null) {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A line of such a table.
pub(crate) fn csv_line<T: AsRef<str>>(fields: &[T]) -> String {
    fields.iter().map(|text| field(text.as_ref())).collect::<Vec<_>>().join(",")
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        for (text, written) in
            [("a b", "a b"), ("a,b", "\"a,b\""), ("a \"b\"", "\"a \"\"b\"\"\""), ("a\nb", "\"a\nb\"")]
        {
            assert_eq!(field(text), written);
        }
    }

    #[test]
    fn figures_are_plain() {
        let amount = report::figure::Amount(market::value::Money::cents(-123_450));
        assert_eq!(
            (plain(&amount), plain(&None::<f64>), plain(&0.5)),
            ("-1234.50".to_owned(), String::new(), "0.5".to_owned())
        );
    }
}
