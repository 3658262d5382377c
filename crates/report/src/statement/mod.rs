//! What a broker's statement holds: what happened, what is held, and the cash.
//!
//! [`own()`] makes one of our books, as a broker would have written it: transfers between sleeves are no business of
//! his, an assignment is an option that ends and a trade in shares, a dividend counts on the day on which it is paid.
//! Cash is by trade date: what has not settled counts.

mod own;

use ledger::account::Instrument;
use market::time::Date;
use market::value::{Money, Price};

pub use own::own;

/// A statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Where it comes from, for messages: a file, or the journal.
    pub source: String,
    /// The account that it is of, as it names itself.
    pub account: String,
    /// Its first day, where it says so.
    pub from: Option<Date>,
    /// Its last day, of which positions and cash are.
    pub to: Option<Date>,
    /// What happened, in its order.
    pub activities: Vec<Activity>,
    /// What is held on its last day; none where it does not say.
    pub positions: Option<Vec<Position>>,
    /// Cash on its last day by trade date; none where it does not say.
    pub cash: Option<Money>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Where it stands: `line 12` of a file, `event 345` of a journal.
    pub place: String,
    /// The statement's own name for it; empty where it has none.
    pub id: String,
    /// Trade date; of money that moves, the day on which it moved.
    pub date: Date,
    /// Settlement date, where it says so.
    pub settles: Option<Date>,
    /// What happened.
    pub kind: Kind,
    /// Of what.
    pub instrument: Option<Instrument>,
    /// Shares or contracts: what comes in is positive, what goes out negative.
    pub quantity: i64,
    /// Dollars a share, of options too.
    pub price: Option<Price>,
    /// All fees, not negative.
    pub fees: Money,
    /// What cash gains; negative where it pays.
    pub amount: Money,
    /// What is said beside it.
    pub text: String,
}

/// What can happen in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Shares are bought.
    Buy,
    /// Shares are sold.
    Sell,
    /// Options are bought to be held.
    BuyToOpen,
    /// Options are written.
    SellToOpen,
    /// Written options are bought back.
    BuyToClose,
    /// Options that were held are sold.
    SellToClose,
    /// Written options end in delivery; the shares stand beside them as a trade at the strike.
    Assigned,
    /// Options that were held end in delivery; likewise.
    Exercised,
    /// Options end without value.
    Expired,
    /// A dividend is paid.
    Dividend,
    /// Interest is credited.
    Interest,
    /// Money comes in.
    Deposit,
    /// Money is paid out.
    Withdrawal,
    /// Something passes to or from another account of the same owner.
    Transfer,
    /// Shares are split: the quantity is what is added.
    Split,
}

/// Something that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// What.
    pub instrument: Instrument,
    /// Shares or contracts; negative where they were written.
    pub quantity: i64,
    /// Dollars a share, of options too, where it says so.
    pub price: Option<Price>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 15] = [
        Kind::Buy,
        Kind::Sell,
        Kind::BuyToOpen,
        Kind::SellToOpen,
        Kind::BuyToClose,
        Kind::SellToClose,
        Kind::Assigned,
        Kind::Exercised,
        Kind::Expired,
        Kind::Dividend,
        Kind::Interest,
        Kind::Deposit,
        Kind::Withdrawal,
        Kind::Transfer,
        Kind::Split,
    ];

    /// The word for it, in files and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Buy => "buy",
            Kind::Sell => "sell",
            Kind::BuyToOpen => "buy to open",
            Kind::SellToOpen => "sell to open",
            Kind::BuyToClose => "buy to close",
            Kind::SellToClose => "sell to close",
            Kind::Assigned => "assigned",
            Kind::Exercised => "exercised",
            Kind::Expired => "expired",
            Kind::Dividend => "dividend",
            Kind::Interest => "interest",
            Kind::Deposit => "deposit",
            Kind::Withdrawal => "withdrawal",
            Kind::Transfer => "transfer",
            Kind::Split => "split",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    /// Which way units go: 1 in, −1 out, 0 where both are possible.
    #[must_use]
    pub const fn direction(self) -> i64 {
        match self {
            Kind::Buy | Kind::BuyToOpen | Kind::BuyToClose | Kind::Assigned => 1,
            Kind::Sell | Kind::SellToOpen | Kind::SellToClose | Kind::Exercised => -1,
            _ => 0,
        }
    }

    /// Which way cash goes: 1 in, −1 out, 0 where both are possible or none moves.
    #[must_use]
    pub const fn pays(self) -> i64 {
        match self {
            Kind::Sell | Kind::SellToOpen | Kind::SellToClose | Kind::Dividend | Kind::Deposit => 1,
            Kind::Buy | Kind::BuyToOpen | Kind::BuyToClose | Kind::Withdrawal => -1,
            _ => 0,
        }
    }
}

impl Statement {
    /// The first and last day that it is of: as it says, else those of what happened in it.
    #[must_use]
    pub fn span(&self) -> Option<(Date, Date)> {
        let days = || self.activities.iter().map(|a| a.date);
        Some((self.from.or_else(|| days().min())?, self.to.or_else(|| days().max())?))
    }
}
