//! What a file of a folder is: where it lies, what its columns hold, and what makes a row of it one row.

use std::path::PathBuf;

use market::instrument::Symbol;

/// One kind of data, and with it one file of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Daily bars of a symbol.
    Bars(Symbol),
    /// A volatility index by day, one of [`Kind::INDICES`].
    Index(&'static str),
    /// Treasury yields by day.
    Rates,
    /// Cash dividends.
    Dividends,
    /// Splits.
    Splits,
    /// Days of earnings reports.
    Earnings,
    /// Quoted option chains.
    Chains,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Date,
    Symbol,
    /// Dollars above zero.
    Price,
    /// Dollars of zero or more.
    Amount,
    /// The same, or nothing.
    Quote,
    /// Shares traded.
    Volume,
    /// Contracts, or nothing.
    Contracts,
    /// Percent above zero, or nothing.
    Volatility,
    /// Percent a year, or nothing.
    Yield,
    /// New shares for an old one.
    Factor,
    /// Put or call.
    Right,
    /// A time of day, or nothing.
    Time,
}

/// A column of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) field: Field,
    /// Whether there is no reading the file without it.
    pub(crate) required: bool,
}

const fn needed(name: &'static str, field: Field) -> Column {
    Column { name, field, required: true }
}

const fn known(name: &'static str, field: Field) -> Column {
    Column { name, field, required: false }
}

const BARS: [Column; 6] = [
    needed("date", Field::Date),
    needed("open", Field::Price),
    needed("high", Field::Price),
    needed("low", Field::Price),
    needed("close", Field::Price),
    needed("volume", Field::Volume),
];
const VIX: [Column; 5] = [
    needed("date", Field::Date),
    known("open", Field::Volatility),
    known("high", Field::Volatility),
    known("low", Field::Volatility),
    needed("close", Field::Volatility),
];
const INDICES: [Column; 8] = [
    needed("date", Field::Date),
    known("VIX9D", Field::Volatility),
    known("VIX3M", Field::Volatility),
    known("VIX1D", Field::Volatility),
    known("VVIX", Field::Volatility),
    known("VXAP", Field::Volatility),
    known("VXAZ", Field::Volatility),
    known("VXGO", Field::Volatility),
];
const RATES: [Column; 6] = [
    needed("date", Field::Date),
    needed("DGS1MO", Field::Yield),
    known("DGS3MO", Field::Yield),
    known("DGS6MO", Field::Yield),
    known("DGS1", Field::Yield),
    known("DGS2", Field::Yield),
];
const DIVIDENDS: [Column; 3] =
    [needed("symbol", Field::Symbol), needed("ex_date", Field::Date), needed("amount_split_adjusted", Field::Amount)];
const SPLITS: [Column; 3] = [
    needed("symbol", Field::Symbol),
    needed("effective_date", Field::Date),
    needed("new_shares_per_old", Field::Factor),
];
const EARNINGS: [Column; 2] = [needed("symbol", Field::Symbol), needed("report_date", Field::Date)];
const CHAINS: [Column; 14] = [
    needed("symbol", Field::Symbol),
    needed("session", Field::Date),
    needed("expiration", Field::Date),
    needed("right", Field::Right),
    needed("strike", Field::Price),
    known("time", Field::Time),
    needed("bid", Field::Quote),
    needed("ask", Field::Quote),
    known("bid_size", Field::Contracts),
    known("ask_size", Field::Contracts),
    known("last", Field::Quote),
    known("volume", Field::Contracts),
    known("open_interest", Field::Contracts),
    known("underlying", Field::Quote),
];

/// Most columns of a kind.
pub(crate) const WIDEST: usize = CHAINS.len();

impl Kind {
    /// The volatility indices that a folder has a place for: VIX, its terms of 9 days, 3 months and 1 day, its own
    /// volatility, and those of Apple, Amazon and Google.
    pub const INDICES: [&'static str; 8] = ["VIX", "VIX9D", "VIX3M", "VIX1D", "VVIX", "VXAP", "VXAZ", "VXGO"];

    /// The index of that name, in any case.
    #[must_use]
    pub fn index(name: &str) -> Option<Kind> {
        Kind::INDICES.into_iter().find(|index| index.eq_ignore_ascii_case(name)).map(Kind::Index)
    }

    /// Where it lies in the folder.
    #[must_use]
    pub fn file(self) -> PathBuf {
        match self {
            Kind::Bars(symbol) => PathBuf::from(format!("bars/{symbol}.csv")),
            Kind::Index("VIX") => PathBuf::from("volatility/VIX.csv"),
            Kind::Index(_) => PathBuf::from("volatility/indices.csv"),
            Kind::Rates => PathBuf::from("rates/treasury.csv"),
            Kind::Dividends => PathBuf::from("events/dividends.csv"),
            Kind::Splits => PathBuf::from("events/splits.csv"),
            Kind::Earnings => PathBuf::from("events/earnings.csv"),
            Kind::Chains => PathBuf::from("chains/imported/chains.csv"),
        }
    }

    /// The names of its columns, those first that tell its rows apart.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.table().iter().map(|column| column.name)
    }

    pub(crate) fn table(self) -> &'static [Column] {
        match self {
            Kind::Bars(_) => &BARS,
            Kind::Index("VIX") => &VIX,
            Kind::Index(_) => &INDICES,
            Kind::Rates => &RATES,
            Kind::Dividends => &DIVIDENDS,
            Kind::Splits => &SPLITS,
            Kind::Earnings => &EARNINGS,
            Kind::Chains => &CHAINS,
        }
    }

    /// How many of the columns, from the first, tell one row from another.
    pub(crate) fn keys(self) -> usize {
        match self {
            Kind::Bars(_) | Kind::Index(_) | Kind::Rates => 1,
            Kind::Dividends | Kind::Splits | Kind::Earnings => 2,
            Kind::Chains => 6,
        }
    }

    /// Whether it is a series by day: one row for a date, rising.
    pub(crate) fn is_series(self) -> bool {
        self.keys() == 1
    }
}
