//! Strikes that an exchange lists where no chain is at hand: a ladder whose steps widen with the price.

use crate::value::Price;

/// Distances between neighbouring strikes by price. Strikes are counted upward from each bound; every bound is a
/// strike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<Rung>,
}

/// A stretch of the ladder: from `from` on, up to the next rung, strikes lie `step` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rung {
    from: Price,
    step: Price,
}

/// Why a table of bounds and steps is no ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LadderError {
    /// A step that leads nowhere.
    #[error("strikes cannot lie {0} apart; expected a step above zero")]
    Step(Price),
    /// A bound that is not above the one before it.
    #[error("the bound {0} does not lie above the one before it; expected rising bounds above zero")]
    Bound(Price),
}

impl Ladder {
    /// The protocol's ladder ("Prices of the day"): steps of $0.50 below $50, $1 below $100, $2.50 below $500, $5 below
    /// $1,500, $10 above.
    #[must_use]
    pub fn standard() -> Ladder {
        let below = [(50, 50), (100, 100), (500, 250), (1500, 500)];
        let below = below.map(|(bound, step)| (Price::dollars(bound), Price::cents(step)));
        Ladder::new(&below, Price::dollars(10)).expect("the standard bounds rise")
    }

    /// A ladder from rising bounds, each with the step that holds below it, and the step that holds above the last.
    ///
    /// # Errors
    /// [`LadderError`] for a step of zero or less, or bounds that do not rise.
    pub fn new(below: &[(Price, Price)], above: Price) -> Result<Ladder, LadderError> {
        let mut rungs = Vec::with_capacity(below.len() + 1);
        let mut from = Price::ZERO;
        for (bound, step) in below {
            if *bound <= from {
                return Err(LadderError::Bound(*bound));
            }
            rungs.push(Rung { from, step: *step });
            from = *bound;
        }
        rungs.push(Rung { from, step: above });
        match rungs.iter().find(|rung| rung.step <= Price::ZERO) {
            Some(rung) => Err(LadderError::Step(rung.step)),
            None => Ok(Ladder { rungs }),
        }
    }

    /// The distance from a strike at `price` to the next one above it.
    #[must_use]
    pub fn step_at(&self, price: Price) -> Price {
        self.rungs[self.rung(price)].step
    }

    /// Whether `price` is a strike.
    #[must_use]
    pub fn is_strike(&self, price: Price) -> bool {
        price > Price::ZERO && self.at_or_below(price) == Some(price)
    }

    /// The highest strike at or below `price`; `None` below the lowest strike.
    #[must_use]
    pub fn at_or_below(&self, price: Price) -> Option<Price> {
        let Rung { from, step } = self.rungs[self.rung(price)];
        let strike = price.units() - (price - from).units().rem_euclid(step.units());
        (strike > 0).then(|| Price::from_units(strike))
    }

    /// The lowest strike at or above `price`.
    #[must_use]
    pub fn at_or_above(&self, price: Price) -> Price {
        if self.is_strike(price) { price } else { self.above(price) }
    }

    /// The lowest strike above `price`.
    #[must_use]
    pub fn above(&self, price: Price) -> Price {
        let price = price.max(Price::ZERO);
        let i = self.rung(price);
        let Rung { from, step } = self.rungs[i];
        let steps = (price - from).units() / step.units() + 1;
        let strike = from + Price::from_units(steps * step.units());
        self.rungs.get(i + 1).map_or(strike, |next| strike.min(next.from))
    }

    /// The highest strike below `price`; `None` at or below the lowest strike.
    #[must_use]
    pub fn below(&self, price: Price) -> Option<Price> {
        self.at_or_below(price - Price::from_units(1))
    }

    /// All strikes from `low` to `high`, both included if they are strikes, rising.
    pub fn strikes_between(&self, low: Price, high: Price) -> impl Iterator<Item = Price> + '_ {
        std::iter::successors(Some(self.at_or_above(low)), |strike| Some(self.above(*strike)))
            .take_while(move |strike| *strike <= high)
    }

    fn rung(&self, price: Price) -> usize {
        self.rungs.partition_point(|rung| rung.from <= price).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_steps_of_the_protocol() {
        let ladder = Ladder::standard();
        for (price, step) in [
            (100, 50),
            (4_999, 50),
            (5_000, 100),
            (9_999, 100),
            (10_000, 250),
            (49_999, 250),
            (50_000, 500),
            (149_999, 500),
            (150_000, 1000),
            (900_000, 1000),
        ] {
            assert_eq!(ladder.step_at(Price::cents(price)), Price::cents(step), "{price}");
        }
    }

    #[test]
    fn no_strike_stands_twice_where_steps_change() {
        let ladder = Ladder::standard();
        let strikes = |low, high| -> Vec<i64> {
            ladder.strikes_between(Price::cents(low), Price::cents(high)).map(|p| p.units() / 100).collect()
        };
        assert_eq!(strikes(4_901, 5_200), [4_950, 5_000, 5_100, 5_200]);
        assert_eq!(strikes(9_850, 10_499), [9_900, 10_000, 10_250]);
        assert_eq!(strikes(49_750, 50_999), [49_750, 50_000, 50_500]);
        assert_eq!(strikes(149_000, 152_000), [149_000, 149_500, 150_000, 151_000, 152_000]);
        assert_eq!(strikes(-500, 100), [50, 100]);
        assert_eq!(strikes(101, 149), [0; 0]);
    }

    #[test]
    fn below_the_lowest_strike_is_none() {
        let ladder = Ladder::standard();
        assert_eq!(ladder.below(Price::cents(50)), None);
        assert_eq!(ladder.at_or_below(Price::cents(49)), None);
        assert_eq!(ladder.at_or_below(Price::cents(-200)), None);
        assert_eq!(ladder.below(Price::cents(51)), Some(Price::cents(50)));
        assert!(!ladder.is_strike(Price::ZERO));
    }

    #[test]
    fn a_bound_between_steps_is_a_strike() {
        let ladder = Ladder::new(&[(Price::dollars(10), Price::dollars(3))], Price::dollars(5)).unwrap();
        let strikes: Vec<Price> = ladder.strikes_between(Price::ZERO, Price::dollars(20)).collect();
        assert_eq!(strikes, [3, 6, 9, 10, 15, 20].map(Price::dollars));
        assert_eq!(ladder.below(Price::dollars(10)), Some(Price::dollars(9)));
    }

    #[test]
    fn what_is_no_ladder_is_refused() {
        let d = Price::dollars;
        assert_eq!(Ladder::new(&[], d(0)), Err(LadderError::Step(d(0))));
        assert_eq!(Ladder::new(&[(d(10), d(-1))], d(5)), Err(LadderError::Step(d(-1))));
        assert_eq!(Ladder::new(&[(d(10), d(1)), (d(10), d(2))], d(5)), Err(LadderError::Bound(d(10))));
    }

    proptest! {
        #[test]
        fn neighbours_enclose_every_price(units in 1i64..30_000_000) {
            let (ladder, price) = (Ladder::standard(), Price::from_units(units));
            let above = ladder.above(price);
            prop_assert!(above > price && ladder.is_strike(above));
            match ladder.below(above) {
                Some(below) => prop_assert!(below <= price && ladder.above(below) == above),
                None => prop_assert_eq!(above, Price::cents(50)),
            }
            prop_assert_eq!(ladder.at_or_above(price) == price, ladder.is_strike(price));
        }
    }
}
