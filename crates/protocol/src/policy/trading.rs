//! Keys of the market, of entries and of calls (PROTOCOL sections 1 to 3).
//!
//! The defaults are in `policy/all-use.toml` and nowhere else.

use super::section::*;
use super::word::{CallStrike, EntryDays, FillAt, Retry, WeekClass};
use std::collections::BTreeSet;

use market::instrument::Symbol;
use market::quote::Delta;
use market::time::Date;
use market::value::Price;

by_sleeve! {
    Targets: Ppm;
    Bands: DeltaBand;
}

section! {
    /// What the market data must offer before a run, and before a week is judged.
    Data: Copy = "data" {
        /// The day from which every split is known; a run that starts before it is refused.
        splits_complete_since: Date, any("a date"), [];
        /// VIX closes that must be there before a week is judged.
        warmup_vix_closes: u32, count(1, 2_000, "closes"), [M2];
        /// Index bars that must be there before a week is judged.
        warmup_index_bars: u32, count(1, 2_000, "bars"), [M1];
        /// Bars that every symbol of the universe must have before a week is judged.
        warmup_symbol_bars: u32, count(1, 2_000, "bars"), [M3];
        /// Bars that the ATR needs before it is used.
        warmup_atr_bars: u32, count(1, 2_000, "bars"), [X1];
    }
}

section! {
    /// Symbols each sleeve trades. The universe was chosen with hindsight; every historical report repeats its run on
    /// the control universe, which was not chosen by how well its shares did.
    Universe = "universe" {
        /// Symbols that Gen trades.
        generation as "gen": Symbols, any("tickers"), [A5];
        /// Symbols that Rev trades.
        revenue as "rev": Symbols, any("tickers"), [A5];
        /// Symbols that Com trades, and holds as LEAPS.
        compounding as "com": Symbols, any("tickers"), [A5];
        /// The index whose trend classifies the week, and the first benchmark.
        index: Symbol, any("a ticker"), [M1, L6];
        /// Symbols that stand in for Gen's in the control run.
        control_generation as "control_gen": Symbols, any("tickers"), [A5];
        /// Symbols that stand in for Rev's in the control run.
        control_revenue as "control_rev": Symbols, any("tickers"), [A5];
        /// Symbols that stand in for Com's in the control run.
        control_compounding as "control_com": Symbols, any("tickers"), [A5];
    }
}

impl Universe {
    /// The symbols of one kind of sleeve, in the order of the file.
    #[must_use]
    pub const fn of(&self, kind: SleeveKind) -> &Symbols {
        match kind {
            SleeveKind::Generation => &self.generation,
            SleeveKind::Revenue => &self.revenue,
            SleeveKind::Compounding => &self.compounding,
        }
    }

    /// Every symbol of every sleeve once, rising.
    #[must_use]
    pub fn all(&self) -> Vec<Symbol> {
        let lists = [&self.generation, &self.revenue, &self.compounding];
        let symbols: BTreeSet<Symbol> = lists.into_iter().flat_map(|list| list.0.iter().copied()).collect();
        symbols.into_iter().collect()
    }

    /// The same universe with the control symbols in place of its own.
    #[must_use]
    pub fn control(&self) -> Self {
        Universe {
            generation: self.control_generation.clone(),
            revenue: self.control_revenue.clone(),
            compounding: self.control_compounding.clone(),
            ..self.clone()
        }
    }
}

section! {
    /// Where deposited money goes.
    Deposit: Copy = "deposit" {
        /// How a deposit is split over Gen / Rev / Com, exact to the cent.
        split: Parts<3>, parts("percent, adding up to 100"), [A2];
    }
}

section! {
    /// Cash that stays out of new entries.
    Buffer: Copy = "buffer" {
        /// Share of a sleeve's equity that new entries never touch; closing and rolling may.
        share: Ppm, percent(0, 90), [A3];
    }
}

section! {
    /// Weekly returns that the authors expect at least. They are printed beside results and decide nothing.
    Targets: Copy = "target" {
        /// Gen's weekly target; 1.5% a week compounds to 117% a year.
        generation as "gen": Ppm, percent(-10, 10), [A4];
        /// Rev's weekly target; 1.0% a week compounds to 68% a year.
        revenue as "rev": Ppm, percent(-10, 10), [A4];
        /// Com's weekly target; 0.5% a week compounds to 30% a year.
        compounding as "com": Ppm, percent(-10, 10), [A4];
        /// Weeks that make a year when a weekly rate is shown as an annual one, and in projections.
        weeks_per_year: u32, count(50, 53, "weeks"), [A4, V1];
    }
}

section! {
    /// When money and shares are really there. Free cash is settled cash.
    Settlement = "settlement" {
        /// Settlement days after a share trade, by trade date.
        shares: Dated<u32>, count(0, 5, "days"), [A7];
        /// Settlement days after an option trade.
        options: u32, count(0, 5, "days"), [A7];
    }
}

section! {
    /// How a market week is judged on the evening before its first entry: trend of the index, VIX against its own
    /// year, and how many symbols hold above their average.
    WeekRules: Copy = "week" {
        /// Sessions in the moving average that the index is compared with.
        trend_average: u32, count(2, 250, "sessions"), [M1];
        /// Sessions back with which that average is compared to see whether it rises.
        trend_lag: u32, count(1, 60, "sessions"), [M1];
        /// VIX closes whose mean separates high from low, the last one included.
        vix_window: u32, count(20, 1_000, "closes"), [M2];
        /// Sessions in the moving average that each symbol is compared with.
        support_average: u32, count(2, 250, "sessions"), [M3];
        /// Support is strong from this share of symbols above their average on.
        strong: Ppm, percent(0, 100), [M3];
        /// Support is broken below this share.
        broken: Ppm, percent(0, 100), [M3];
        /// The index is bullish and support strong.
        bullish_strong: WeekClass, any("a class"), [M4];
        /// The index is bullish and support is not strong.
        bullish_weak: WeekClass, any("a class"), [M4];
        /// The index is bearish, VIX low, support holds.
        bearish_low: WeekClass, any("a class"), [M4];
        /// The index is bearish, VIX low, support broken.
        bearish_low_broken: WeekClass, any("a class"), [M4];
        /// The index is bearish and VIX high.
        bearish_high: WeekClass, any("a class"), [M4];
        /// The index is sideways and VIX low.
        sideways_low: WeekClass, any("a class"), [M4];
        /// The index is sideways and VIX high.
        sideways_high: WeekClass, any("a class"), [M4];
        /// Distance of the index from its average that counts as one unit of confidence.
        confidence_price: Ppm, share(1, 1_000_000), [M5];
        /// Slope of the average that counts as one unit of confidence.
        confidence_slope: Ppm, share(1, 1_000_000), [M5];
        /// Distance of VIX from its mean that counts as one unit of confidence.
        confidence_vix: Ppm, share(1, 1_000_000), [M5];
        /// Distance of support from its edge that counts as one unit of confidence, in points of percent.
        confidence_support: Ppm, share(1, 1_000_000), [M5];
    }
}

section! {
    /// How much of its money a sleeve puts to work. The smallest of the answers holds.
    Sizing: Copy = "sizing" {
        /// Size of new entries in a Green week.
        green: Ppm, percent(0, 100), [M6];
        /// Size of new entries in a Red week (the authors: 70 to 80).
        red: Ppm, percent(0, 100), [M6];
        /// Size of new entries in a Chop week (the authors: 50 to 60).
        chop: Ppm, percent(0, 100), [M6];
        /// Size while VIX is not above its mean.
        vix_calm: Ppm, percent(0, 100), [M7];
        /// Size while VIX is above its mean.
        vix_high: Ppm, percent(0, 100), [M7];
        /// Size while VIX is far above its mean.
        vix_far: Ppm, percent(0, 100), [M7];
        /// VIX is far above its mean beyond this many times the mean.
        vix_far_from: Multiple, multiple(1_000, 10_000, "times the mean"), [M7];
    }
}

section! {
    /// Delta bands of short puts and calls, and how a strike is found when none is inside.
    Bands: Copy = "band" {
        /// Deltas of the puts and calls that Gen sells.
        generation as "gen": DeltaBand, points(1, 95), [E1];
        /// Deltas of the puts and calls that Rev sells.
        revenue as "rev": DeltaBand, points(1, 95), [E1];
        /// Deltas of the puts and calls that Com sells.
        compounding as "com": DeltaBand, points(1, 95), [E1];
        /// Shift of the puts' band in a Green week.
        shift_green: Delta, points(-40, 40), [M6, E1];
        /// Shift of the puts' band in a Red week.
        shift_red: Delta, points(-40, 40), [M6, E1];
        /// Shift of the puts' band in a Chop week.
        shift_chop: Delta, points(-40, 40), [M6, E1];
        /// No shift takes a band below this delta.
        floor: Delta, points(0, 50), [E1];
        /// With no strike inside the band, the highest delta at most this far below it is taken; 0 skips the entry.
        fallback: Delta, points(0, 50), [E4];
    }
}

section! {
    /// On which days new puts are sold, and with which expirations.
    Entry: Copy = "entry" {
        /// When Gen sells puts in a Green week.
        gen_green: EntryDays, any("a choice of days"), [M6, E2];
        /// When Gen sells puts in a Red week.
        gen_red: EntryDays, any("a choice of days"), [M6, E2];
        /// When Gen sells puts in a Chop week.
        gen_chop: EntryDays, any("a choice of days"), [M6, E2];
        /// When Rev and Com sell puts in a Green week.
        others_green: EntryDays, any("a choice of days"), [M6, E2];
        /// When Rev and Com sell puts in a Red week.
        others_red: EntryDays, any("a choice of days"), [M6, E2];
        /// When Rev and Com sell puts in a Chop week.
        others_chop: EntryDays, any("a choice of days"), [M6, E2];
        /// A week with fewer sessions than this has one entry day, its first.
        short_week: u32, count(1, 5, "sessions"), [E2];
        /// A symbol without an expiration in the week takes the nearest later one within this many calendar days.
        latest_expiration: u32, count(1, 60, "days"), [E2];
        /// The live entry window opens, New York time.
        window_opens: TimeOfDay, any("a time of day"), [E3];
        /// The live entry window closes; what is not filled is cancelled.
        window_closes: TimeOfDay, any("a time of day"), [E3, E7];
    }
}

section! {
    /// The most that one underlying may bind of a sleeve.
    Cap: Copy = "cap" {
        /// Share of a sleeve's equity that may be committed to one underlying: shares, puts and LEAPS together.
        underlying: Ppm, percent(1, 100), [E5];
        /// Whether the first contract of a sleeve may exceed that if it fits the deployable cash.
        first_contract: bool, any("yes or no"), [E5];
    }
}

section! {
    /// What a put must show before it is sold. Each gate refuses with its own reason.
    Gates: Copy = "gate" {
        /// An older quote is not traded on (live).
        quote_age: u32, count(1, 3_600, "seconds"), [E6];
        /// Widest spread, as a share of mid; the wider of this and `spread_min` holds.
        spread: Ppm, percent(0, 100), [E6];
        /// A spread up to this many dollars always passes.
        spread_min: Price, dollars(0, 10), [E6];
        /// Fewest contracts open.
        open_interest: u32, count(0, 1_000_000, "contracts"), [E6];
        /// Fewest contracts traded, today so far or in the last session.
        volume: u32, count(0, 1_000_000, "contracts"), [E6];
        /// Largest share of that volume an order may be.
        volume_share: Ppm, percent(0, 100), [E6];
        /// Days after the last earnings report in which the next is expected when no date is known.
        earnings_expected: Span<u32>, count(1, 200, "days"), [E6];
        /// Lowest premium as a share of the strike.
        premium: Ppm, share(0, 1_000_000), [E6];
        /// Lowest premium a share, in dollars.
        premium_min: Price, dollars(0, 10), [E6];
        /// Lowest premium as a multiple of the trade's fees.
        premium_fees: Multiple, multiple(0, 1_000_000, "times the fees"), [E6];
    }
}

section! {
    /// A further gate that is off by default.
    IvRank: Copy = "iv_rank" {
        /// Lowest IV rank at which a put is sold; 0 switches this off.
        min: Ppm, percent(0, 100), [E10];
    }
}

section! {
    /// How live orders are priced.
    Orders = "order" {
        /// A limit walked from mid toward the touch never gets worse than this share of mid.
        walk: Ppm, percent(0, 100), [E7];
        /// Price step below `tick_from`, in dollars.
        tick_below: Price, dollars(0, 1), [E10];
        /// Price step from `tick_from` on, in dollars.
        tick_above: Price, dollars(0, 1), [E10];
        /// Premium at which the step changes, in dollars.
        tick_from: Price, dollars(0, 100), [E10];
        /// Classes that trade in steps of a cent at every price.
        penny_classes: Symbols, any("tickers"), [E10];
    }
}

impl Orders {
    /// The exchange's step of an option's price: finer below `tick_from` and in penny classes. Never zero.
    #[must_use]
    pub fn tick(&self, underlying: Symbol, price: Price) -> Price {
        let fine = price < self.tick_from || self.penny_classes.0.contains(&underlying);
        let step = if fine { self.tick_below } else { self.tick_above };
        step.max(Price::from_units(1))
    }
}

section! {
    /// Calls on shares that a sleeve holds.
    Calls: Copy = "calls" {
        /// Where the strike is sought: in the sleeve's band, or at the money as the authors do.
        strike: CallStrike, any("a choice"), [E8];
        /// Whether a call may be sold below the cash basis, which locks in a loss if it is assigned.
        below_basis: bool, any("yes or no"), [E8];
        /// Largest locked loss that needs no human, as a share of the basis.
        max_locked_loss: Ppm, percent(0, 100), [E8];
        /// Deltas of calls sold in recovery mode and under capital preservation, where below the basis is allowed.
        recovery_band: DeltaBand, points(1, 95), [E8, W10, G1];
        /// Share of the shares that is covered over an earnings report.
        earnings_coverage: Ppm, percent(0, 100), [E8];
        /// Lowest bid a share for which a call is sold, in dollars.
        premium_min: Price, dollars(0, 10), [E8];
        /// No call is sold with a delta above this.
        max_delta: Delta, points(1, 100), [E8];
        /// When a hundred shares that stayed uncovered are offered again.
        retry: Retry, any("a choice"), [E8];
    }
}

section! {
    /// What replay assumes about fills and premiums.
    Replay: Copy = "replay" {
        /// Sells at the bid and buys at the ask, or both at mid.
        fill: FillAt, any("a choice"), [E9];
        /// Whether holders exercise before the end where it pays them: calls for a dividend, puts deep in the money.
        early_exercise: bool, any("yes or no"), [X7];
        /// Modelled premiums are taken at this share of what the model says.
        premium_scale: Ppm, percent(1, 300), [E9];
        /// Reports repeat their total with modelled premiums this much lower and higher.
        sensitivity: Ppm, percent(0, 90), [E9];
    }
}

section! {
    /// Premiums where no quote is at hand. What a model prices is never called quoted.
    Model: Copy = "model" {
        /// Share of the implied-volatility index that is used for a modelled premium.
        level: Multiple, multiple(100, 3_000, "times the index"), [E9];
    }
}

section! {
    /// What cash earns: the one-month Treasury yield less a spread, never below zero.
    Interest: Copy = "interest" {
        /// Points of percent that the broker keeps of the Treasury yield.
        spread: Ppm, percent(0, 20), [E9];
        /// Days in a year of interest.
        day_count: u32, count(360, 366, "days"), [E9];
    }
}

section! {
    /// Dividends on shares held.
    Dividends: Copy = "dividends" {
        /// Calendar days from the ex-date, when a dividend is booked as due, until it is paid in cash.
        pay_after_days: u32, count(0, 120, "days"), [C1];
    }
}

section! {
    /// Which expirations and strikes were listed on a day for which no chain is at hand.
    Listings = "listing" {
        /// First day on which equities have an expiration every Friday.
        friday_since: Date, any("a date"), [E11];
        /// First day on which some symbols have Monday and Wednesday expirations too.
        monday_wednesday_since: Date, any("a date"), [E11];
        /// Symbols that have them.
        monday_wednesday: Symbols, any("tickers"), [E11];
        /// Distance between strikes below each price, in dollars.
        strikes: Ladder, any("a table of prices and steps"), [];
    }
}
