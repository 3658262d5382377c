//! Two statements of one account side by side: ours and the broker's.
//!
//! What is the same on both sides is matched first; then what adds up to the same (a fill in parts); then what is alike
//! enough to be one thing is paired, and every field on which the two differ is named; the rest is missing on one side.
//! Positions and cash are compared by themselves, so that a difference which nothing that happened explains is found
//! too.

mod pair;

use std::collections::BTreeMap;

use ledger::account::Instrument;
use market::value::Money;
use serde::Serialize;

use crate::figure::{Amount, Day};
use crate::statement::{Activity, Statement};

/// How two statements compare.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reconciliation {
    /// Where the broker's comes from.
    pub statement: String,
    /// The account as the broker names it.
    pub account: String,
    /// First day compared.
    pub from: Option<Day>,
    /// Last day compared.
    pub to: Option<Day>,
    /// How many things are the same on both sides.
    pub matched: usize,
    /// How many of them only add up to the same.
    pub in_parts: usize,
    /// On both sides, but not the same.
    pub different: Vec<Different>,
    /// In the books alone.
    pub missing_in_statement: Vec<Shown>,
    /// In the statement alone.
    pub missing_in_books: Vec<Shown>,
    /// Positions that are compared; none where the statement does not say.
    pub positions: Option<usize>,
    /// Positions that differ.
    pub positions_differ: Vec<PositionDiffers>,
    /// Cash, where the statement says it.
    pub cash: Option<Cash>,
}

/// One thing as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Where it stands.
    pub place: String,
    /// When.
    pub date: Day,
    /// What, in a sentence.
    pub what: String,
    /// What cash gained.
    pub amount: Amount,
}

/// One thing that stands on both sides and is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Different {
    /// As the books have it.
    pub books: Shown,
    /// As the statement has it.
    pub statement: Shown,
    /// On what they differ.
    pub fields: Vec<Field>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name.
    pub field: &'static str,
    /// In the books.
    pub books: String,
    /// In the statement.
    pub statement: String,
}

/// A position that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionDiffers {
    /// Of what.
    pub instrument: String,
    /// Units in the books.
    pub books: i64,
    /// Units in the statement.
    pub statement: i64,
}

/// Cash on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cash {
    /// In the books, by trade date.
    pub books: Amount,
    /// In the statement.
    pub statement: Amount,
}

impl Reconciliation {
    /// Whether nothing differs.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differences() == 0
    }

    /// How many things differ.
    #[must_use]
    pub fn differences(&self) -> usize {
        let cash = self.cash.is_some_and(|cash| cash.books != cash.statement);
        self.different.len()
            + self.missing_in_statement.len()
            + self.missing_in_books.len()
            + self.positions_differ.len()
            + usize::from(cash)
    }
}

/// Compares what our books say with what a broker says of the same days.
#[must_use]
pub fn reconcile(books: &Statement, statement: &Statement) -> Reconciliation {
    let paired = pair::pair(&books.activities, &statement.activities);
    let span = statement.span();
    Reconciliation {
        statement: statement.source.clone(),
        account: statement.account.clone(),
        from: span.map(|(from, _)| Day(from)),
        to: span.map(|(_, to)| Day(to)),
        matched: paired.matched,
        in_parts: paired.in_parts,
        different: paired.different.iter().map(|(ours, theirs)| different(ours, theirs)).collect(),
        missing_in_statement: paired.ours.into_iter().map(shown).collect(),
        missing_in_books: paired.theirs.into_iter().map(shown).collect(),
        positions: statement.positions.as_ref().map(Vec::len),
        positions_differ: positions(books, statement),
        cash: books
            .cash
            .zip(statement.cash)
            .map(|(ours, theirs)| Cash { books: ours.into(), statement: theirs.into() }),
    }
}

fn positions(books: &Statement, statement: &Statement) -> Vec<PositionDiffers> {
    let (Some(ours), Some(theirs)) = (&books.positions, &statement.positions) else { return Vec::new() };
    let mut sides: BTreeMap<Instrument, [i64; 2]> = BTreeMap::new();
    for (side, positions) in [ours, theirs].into_iter().enumerate() {
        positions.iter().for_each(|p| sides.entry(p.instrument).or_default()[side] += p.quantity);
    }
    let differ = sides.into_iter().filter(|(_, [books, statement])| books != statement);
    differ
        .map(|(held, [books, statement])| PositionDiffers { instrument: held.to_string(), books, statement })
        .collect()
}

fn shown(activity: &Activity) -> Shown {
    let mut what = activity.kind.word().to_owned();
    if activity.quantity != 0 {
        what.push_str(&format!(" {}", activity.quantity));
    }
    if let Some(held) = activity.instrument {
        what.push_str(&format!(" {held}"));
    }
    if let Some(price) = activity.price {
        what.push_str(&format!(" at {price}"));
    }
    if activity.fees != Money::ZERO {
        what.push_str(&format!(", fees {}", Amount(activity.fees)));
    }
    Shown { place: activity.place.clone(), date: Day(activity.date), what, amount: activity.amount.into() }
}

fn different(ours: &Activity, theirs: &Activity) -> Different {
    let fields = pair::fields(ours).into_iter().zip(pair::fields(theirs));
    let fields = fields.filter(|((_, a), (_, b))| a != b);
    let fields = fields.map(|((field, books), (_, statement))| Field { field, books, statement }).collect();
    Different { books: shown(ours), statement: shown(theirs), fields }
}
