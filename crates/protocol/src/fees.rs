//! What trading costs, by trade date (E-9).
//!
//! The table stands in the policy, so that a journal carries it with everything else that decided a run. A trade on a
//! date that the table does not know is refused.

use market::order::Side;
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares, UNITS_PER_CENT};

use crate::policy::unit::{Dated, MicroDollars};
use crate::policy::{FeeRounding, Fees};

/// The dated fee table: the policy's `[fees]` section.
pub type FeeTable = Fees;

/// One dated rate with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The rate, in the unit that its key names.
    pub rate: MicroDollars,
    /// Who published it; it begins with "not verified" where that could not be confirmed.
    pub source: String,
}

/// Why a fee cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// The trade date lies outside the table.
    #[error("no fees are known for trades on {date}; the policy's [fees] cover {from} to {through}")]
    UnknownDate {
        /// Trade date.
        date: Date,
        /// First date on which every rate is known.
        from: Date,
        /// Last date that the table covers.
        through: Date,
    },
    /// A negative number of contracts or shares, or a negative price.
    #[error("fees were asked for {quantity} at {price}; neither may be negative")]
    Negative {
        /// Contracts or shares.
        quantity: i64,
        /// Price a share.
        price: Price,
    },
}

/// The fees of one trade, each in whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeParts {
    /// Broker's commission.
    pub commission: Money,
    /// Clearing fee of the Options Clearing Corporation.
    pub occ: Money,
    /// Options regulatory fee of the exchanges.
    pub orf: Money,
    /// SEC fee, section 31 of the Securities Exchange Act.
    pub sec: Money,
    /// FINRA's trading activity fee.
    pub taf: Money,
}

impl FeeParts {
    /// All of them together.
    #[must_use]
    pub fn total(&self) -> Money {
        self.commission + self.occ + self.orf + self.sec + self.taf
    }
}

/// Millionths of a dollar in one ten-thousandth.
const MICROS_PER_UNIT: i128 = 100;
const MICROS_PER_DOLLAR: i128 = 1_000_000;

impl FeeRounding {
    /// `numerator / denominator` millionths of a dollar, brought to whole cents.
    fn to_cents(self, numerator: i128, denominator: i128) -> Money {
        let cent = MICROS_PER_UNIT * i128::from(UNITS_PER_CENT) * denominator;
        let cents = match self {
            FeeRounding::Up => (numerator + cent - 1).div_euclid(cent),
            FeeRounding::Nearest => (numerator + cent / 2).div_euclid(cent),
        };
        Money::cents(i64::try_from(cents).expect("money overflow"))
    }
}

impl Fees {
    /// The first date on which every rate is known.
    #[must_use]
    pub fn known_from(&self) -> Date {
        let tables =
            [&self.commission, &self.occ, &self.orf, &self.sec, &self.taf_options, &self.taf_shares, &self.taf_cap];
        tables.iter().filter_map(|table| table.rows.first()).map(|(from, _)| *from).max().unwrap_or(Date::MAX)
    }

    /// The fees of buying or selling `contracts` options at `price` a share: commission, clearing and exchange fee on
    /// both sides, SEC and TAF on sales.
    ///
    /// # Errors
    /// [`FeeError`] if the date is outside the table, or a quantity or price is negative.
    pub fn option_trade_parts(
        &self,
        date: Date,
        side: Side,
        contracts: Contracts,
        price: Price,
    ) -> Result<FeeParts, FeeError> {
        self.check(date, contracts.0, price)?;
        let each = |table| self.per_piece(date, table, contracts.0);
        let both_sides = FeeParts {
            commission: each(&self.commission)?,
            occ: each(&self.occ)?,
            orf: each(&self.orf)?,
            ..FeeParts::default()
        };
        match side {
            Side::Buy => Ok(both_sides),
            Side::Sell => {
                let sec = self.sec_of(date, price.of_contracts(contracts))?;
                Ok(FeeParts { sec, taf: each(&self.taf_options)?, ..both_sides })
            }
        }
    }

    /// The total of [`Fees::option_trade_parts`].
    ///
    /// # Errors
    /// As [`Fees::option_trade_parts`].
    pub fn option_trade(&self, date: Date, side: Side, contracts: Contracts, price: Price) -> Result<Money, FeeError> {
        self.option_trade_parts(date, side, contracts, price).map(|parts| parts.total())
    }

    /// The fees of selling `shares` at `price`: SEC and TAF. No commission is charged on shares.
    ///
    /// # Errors
    /// [`FeeError`] if the date is outside the table, or a quantity or price is negative.
    pub fn share_sale(&self, date: Date, shares: Shares, price: Price) -> Result<FeeParts, FeeError> {
        self.check(date, shares.0, price)?;
        let sec = self.sec_of(date, price.of_shares(shares))?;
        let cap = self.per_piece(date, &self.taf_cap, 1)?;
        let taf = self.per_piece(date, &self.taf_shares, shares.0)?.min(cap);
        Ok(FeeParts { sec, taf, ..FeeParts::default() })
    }

    /// The fees of delivering `shares` at `strike` on an assigned call, which is a sale of shares on `date`.
    ///
    /// # Errors
    /// As [`Fees::share_sale`].
    pub fn assigned_call(&self, date: Date, shares: Shares, strike: Price) -> Result<Money, FeeError> {
        self.share_sale(date, shares, strike).map(|parts| parts.total())
    }

    /// The fees of taking `shares` at `strike` on an assigned put: none, since every fee on shares falls on the seller.
    ///
    /// # Errors
    /// As [`Fees::share_sale`].
    pub fn assigned_put(&self, date: Date, shares: Shares, strike: Price) -> Result<Money, FeeError> {
        self.check(date, shares.0, strike).map(|()| Money::ZERO)
    }

    fn unknown(&self, date: Date) -> FeeError {
        FeeError::UnknownDate { date, from: self.known_from(), through: self.known_through }
    }

    fn check(&self, date: Date, quantity: i64, price: Price) -> Result<(), FeeError> {
        if date > self.known_through || date < self.known_from() {
            return Err(self.unknown(date));
        }
        if quantity < 0 || price < Price::ZERO {
            return Err(FeeError::Negative { quantity, price });
        }
        Ok(())
    }

    fn rate(&self, date: Date, table: &Dated<Rate>) -> Result<i128, FeeError> {
        table.at(date).map(|row| i128::from(row.rate.0)).ok_or_else(|| self.unknown(date))
    }

    fn per_piece(&self, date: Date, table: &Dated<Rate>, pieces: i64) -> Result<Money, FeeError> {
        Ok(self.rounding.to_cents(self.rate(date, table)? * i128::from(pieces), 1))
    }

    /// `proceeds` × rate per million dollars.
    fn sec_of(&self, date: Date, proceeds: Money) -> Result<Money, FeeError> {
        let rate = self.rate(date, &self.sec)?;
        let numerator = i128::from(proceeds.units()) * MICROS_PER_UNIT * rate;
        Ok(self.rounding.to_cents(numerator, MICROS_PER_DOLLAR * MICROS_PER_DOLLAR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use market::time::day_number;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn table() -> FeeTable {
        static TABLE: LazyLock<FeeTable> = LazyLock::new(|| Policy::all_use().fees);
        TABLE.clone()
    }

    fn exact(rounding: FeeRounding) -> FeeTable {
        FeeTable { rounding, ..table() }
    }

    /// Sales of three contracts at $5.00 in the summer of 2018 (SEC $13.00 a million, TAF $0.002 a contract): a
    /// broker's published example has SEC $0.02 and TAF $0.01; the commission and exchange fee are our table's.
    #[test]
    fn a_published_example_of_an_option_sale() {
        let sale = table().option_trade_parts(day("2018-06-15"), Side::Sell, Contracts(3), Price::dollars(5)).unwrap();
        assert_eq!((sale.sec, sale.taf), (Money::cents(2), Money::cents(1)));
        assert_eq!(sale.commission, Money::cents(195));
        let purchase =
            table().option_trade_parts(day("2018-06-15"), Side::Buy, Contracts(3), Price::dollars(5)).unwrap();
        assert_eq!(purchase, FeeParts { sec: Money::ZERO, taf: Money::ZERO, ..sale });
    }

    /// 1,000 shares at $55.00 in the summer of 2018: a broker's published example has SEC $0.72 and TAF $0.12, each the
    /// exact $0.715 and $0.119 brought up to the cent.
    #[test]
    fn a_published_example_of_a_share_sale() {
        let parts = table().share_sale(day("2018-06-15"), Shares(1_000), Price::dollars(55)).unwrap();
        assert_eq!((parts.sec, parts.taf), (Money::cents(72), Money::cents(12)));
        let assigned = table().assigned_call(day("2018-06-15"), Shares(1_000), Price::dollars(55)).unwrap();
        assert_eq!(assigned, Money::cents(84));
        assert_eq!(table().assigned_put(day("2018-06-15"), Shares(1_000), Price::dollars(55)), Ok(Money::ZERO));
    }

    /// One million dollars sold costs the published rate on the first day of each, the one before on the day before.
    #[test]
    fn the_sec_rate_of_every_published_day() {
        for (from, before, rate) in [
            ("2016-02-16", 1_840, 2_180),
            ("2017-07-04", 2_180, 2_310),
            ("2018-05-22", 2_310, 1_300),
            ("2019-04-16", 1_300, 2_070),
            ("2020-02-18", 2_070, 2_210),
            ("2021-02-25", 2_210, 510),
            ("2022-05-14", 510, 2_290),
            ("2023-02-27", 2_290, 800),
            ("2024-05-22", 800, 2_780),
            ("2025-05-14", 2_780, 0),
            ("2026-04-04", 0, 2_060),
        ] {
            let million = |date| table().share_sale(date, Shares(10_000), Price::dollars(100)).unwrap().sec;
            let date = day(from);
            assert_eq!(million(date), Money::cents(rate), "{from}");
            assert_eq!(million(date.yesterday().unwrap()), Money::cents(before), "the day before {from}");
        }
    }

    #[test]
    fn the_trading_activity_fee_is_capped() {
        for (date, cap) in
            [("2016-06-28", 595), ("2022-01-03", 649), ("2023-06-01", 727), ("2025-12-31", 830), ("2026-01-02", 979)]
        {
            let taf = table().share_sale(day(date), Shares(200_000), Price::cents(1)).unwrap().taf;
            assert_eq!(taf, Money::cents(cap), "{date}");
        }
    }

    #[test]
    fn each_fee_is_brought_to_cents_as_the_policy_says() {
        let date = day("2024-06-03");
        let put =
            |rounding| exact(rounding).option_trade_parts(date, Side::Sell, Contracts(1), Price::cents(150)).unwrap();
        // $150 × 27.80 / 1,000,000 = $0.00417; TAF $0.00279; clearing $0.02; exchange fee $0.0379.
        let (up, nearest) = (put(FeeRounding::Up), put(FeeRounding::Nearest));
        assert_eq!(
            (up.sec, up.taf, up.occ, up.orf),
            (Money::cents(1), Money::cents(1), Money::cents(2), Money::cents(4))
        );
        assert_eq!((nearest.sec, nearest.taf), (Money::ZERO, Money::ZERO));
        assert_eq!((nearest.occ, nearest.orf), (Money::cents(2), Money::cents(4)));
        assert_eq!(up.total(), Money::cents(73));
    }

    #[test]
    fn a_date_outside_the_table_is_refused() {
        let fees = table();
        for date in [fees.known_from().yesterday().unwrap(), fees.known_through.tomorrow().unwrap()] {
            let refused = FeeError::UnknownDate { date, from: fees.known_from(), through: fees.known_through };
            let trade = fees.option_trade(date, Side::Buy, Contracts(1), Price::dollars(1));
            assert_eq!(trade, Err(refused.clone()));
            assert_eq!(fees.assigned_call(date, Shares(100), Price::dollars(1)), Err(refused.clone()));
            assert_eq!(fees.assigned_put(date, Shares(100), Price::dollars(1)), Err(refused));
        }
        let error = fees.option_trade(day("2015-12-31"), Side::Buy, Contracts(1), Price::dollars(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no fees are known for trades on 2015-12-31; the policy's [fees] cover 2016-01-01 to 2026-09-30"
        );
        let error = fees.option_trade(day("2020-01-02"), Side::Buy, Contracts(-1), Price::dollars(1)).unwrap_err();
        assert_eq!(error.to_string(), "fees were asked for -1 at $1.00; neither may be negative");
    }

    #[test]
    fn the_first_and_the_last_day_are_known_and_nothing_costs_nothing() {
        let fees = table();
        for date in [fees.known_from(), fees.known_through] {
            let trade =
                |contracts, units| fees.option_trade(date, Side::Buy, Contracts(contracts), Price::from_units(units));
            assert!(trade(1, 10_000).unwrap().is_positive());
            assert_eq!(trade(0, 10_000), Ok(Money::ZERO));
            assert!(trade(1, 0).is_ok(), "an option may go for nothing");
            let (quantity, price) = (1, Price::from_units(-1));
            assert_eq!(trade(1, -1), Err(FeeError::Negative { quantity, price }));
            let (quantity, price) = (-1, Price::ZERO);
            assert_eq!(fees.assigned_put(date, Shares(-1), price), Err(FeeError::Negative { quantity, price }));
        }
    }

    proptest! {
        /// Every fee is within a cent above the exact one, never below, and whole cents; selling never costs less than
        /// buying; a larger trade never costs less.
        #[test]
        fn rounding_up_is_fair(
            offset in 0i64..3_900, contracts in 0i64..500, price in 0i64..2_000_000, strike in 0i64..20_000_000,
        ) {
            let fees = table();
            let date = market::time::date_of_number(day_number(fees.known_from()) + offset).unwrap();
            let price = Price::from_units(price);
            let trade = |n, side| fees.option_trade(date, side, Contracts(n), price).unwrap();
            let sale = trade(contracts, Side::Sell);
            prop_assert_eq!(sale, sale.floor_cents());
            prop_assert!(trade(contracts, Side::Buy) <= sale);
            prop_assert!(sale <= trade(contracts + 1, Side::Sell));
            let shares = fees.share_sale(date, Shares(contracts * 100), Price::from_units(strike)).unwrap();
            let exact = f64::from(i32::try_from(contracts).unwrap()) * 100.0 * Price::from_units(strike).to_f64()
                * fees.sec.at(date).unwrap().rate.0 as f64 / 1e12;
            prop_assert!(shares.sec.to_f64() >= exact - 1e-9 && shares.sec.to_f64() < exact + 0.01 + 1e-9);
        }
    }
}
