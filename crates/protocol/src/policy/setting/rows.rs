//! Tables of dated rows, and the ladder of strikes.

use market::time::Date;
use market::value::{Price, UNITS_PER_DOLLAR};

use super::scalar::units_of;
use super::{Limits, Mismatch, Raw, Setting};
use crate::fees::Rate;
use crate::policy::unit::{Dated, Ladder, MicroDollars, decimal};

/// The fields of a `{ … }`, taken out one by one.
struct Fields<'a, 'b>(&'b [(String, Raw<'a>)]);

impl<'a, 'b> Fields<'a, 'b> {
    fn of(raw: &'b Raw<'a>, known: &[&str]) -> Result<Self, Mismatch> {
        let Raw::Table(fields) = raw else { return Err(Mismatch::Kind) };
        match fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Mismatch::Unknown(format!("{name:?}"))),
            None => Ok(Fields(fields)),
        }
    }

    fn get(&self, name: &str) -> Option<&'b Raw<'a>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, raw)| raw)
    }

    fn read<T: Setting>(&self, name: &str, limits: &Limits) -> Result<T, Mismatch> {
        T::read(self.get(name).ok_or(Mismatch::Kind)?, limits)
    }
}

fn rows_of<'a, 'b>(raw: &'b Raw<'a>) -> Result<&'b [Raw<'a>], Mismatch> {
    match raw {
        Raw::List(rows) if !rows.is_empty() => Ok(rows),
        _ => Err(Mismatch::Kind),
    }
}

fn show_rows(rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<String> = rows.map(|row| format!("  {{ {row} }},\n")).collect();
    format!("[\n{}]", rows.concat())
}

/// What a dated row says besides its day.
trait Row: Sized {
    const FIELDS: &'static [&'static str];
    const SHAPE: &'static str;
    fn read_row(fields: &Fields<'_, '_>, limits: &Limits) -> Result<Self, Mismatch>;
    fn show_row(&self) -> String;
}

impl Row for u32 {
    const FIELDS: &'static [&'static str] = &["from", "days"];
    const SHAPE: &'static str = "{ from = 2016-01-01, days = 3 }";
    fn read_row(fields: &Fields<'_, '_>, limits: &Limits) -> Result<Self, Mismatch> {
        fields.read("days", limits)
    }
    fn show_row(&self) -> String {
        format!("days = {self}")
    }
}

impl Row for Rate {
    const FIELDS: &'static [&'static str] = &["from", "rate", "source"];
    const SHAPE: &'static str = "{ from = 2016-01-01, rate = 0.65, source = \"…\" }";
    fn read_row(fields: &Fields<'_, '_>, _: &Limits) -> Result<Self, Mismatch> {
        let Some(Raw::Number(digits)) = fields.get("rate") else { return Err(Mismatch::Kind) };
        let rate = units_of(digits, 6)?;
        let Some(Raw::Word(source)) = fields.get("source") else { return Err(Mismatch::Kind) };
        if (0..=1_000_000_000).contains(&rate) {
            Ok(Rate { rate: MicroDollars(rate), source: source.to_string() })
        } else {
            Err(Mismatch::Range)
        }
    }
    fn show_row(&self) -> String {
        let digits = decimal(self.rate.0, 6);
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        format!("rate = {whole}.{part:0<2}, source = {:?}", self.source)
    }
}

impl<T: Row> Setting for Dated<T> {
    fn blank() -> Self {
        Dated { rows: Vec::new() }
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        let mut rows: Vec<(Date, T)> = Vec::new();
        for raw in rows_of(raw)? {
            let fields = Fields::of(raw, T::FIELDS)?;
            let from: Date = fields.read("from", limits)?;
            if rows.last().is_some_and(|(before, _)| *before >= from) {
                return Err(Mismatch::NotRising);
            }
            rows.push((from, T::read_row(&fields, limits)?));
        }
        Ok(Dated { rows })
    }
    fn show(&self) -> String {
        show_rows(self.rows.iter().map(|(from, row)| format!("from = {from}, {}", row.show_row())))
    }
    fn allowed(limits: &Limits) -> String {
        format!("rows rising by date such as {}, {}", T::SHAPE, limits.unit)
    }
}

impl Setting for Ladder {
    fn blank() -> Self {
        Ladder::default()
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let limits = Limits { low: 1, high: 1_000_000 * UNITS_PER_DOLLAR, unit: "dollars" };
        let (last, rows) = rows_of(raw)?.split_last().ok_or(Mismatch::Kind)?;
        let mut below: Vec<(Price, Price)> = Vec::new();
        for raw in rows {
            let fields = Fields::of(raw, &["below", "step"])?;
            let bound: Price = fields.read("below", &limits)?;
            if below.last().is_some_and(|(before, _)| *before >= bound) {
                return Err(Mismatch::NotRising);
            }
            below.push((bound, fields.read("step", &limits)?));
        }
        Ok(Ladder { below, above: Fields::of(last, &["step"])?.read("step", &limits)? })
    }
    fn show(&self) -> String {
        let rows = self.below.iter().map(|(bound, step)| format!("below = {}, step = {}", bound.show(), step.show()));
        show_rows(rows.chain([format!("step = {}", self.above.show())]))
    }
    fn allowed(_: &Limits) -> String {
        "rows rising by price such as { below = 50, step = 0.50 }, the last one with its step alone".to_owned()
    }
}
