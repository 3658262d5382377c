//! Options on broad indices (T-7): section 1256 contracts, marked to market, 60% long-term.

use market::value::Money;

use super::transaction::Asset;

/// Roots of listed options on broad-based indices (IRC 1256(g)(6): nonequity options; Cboe and Nasdaq product lists of
/// 2024). Options on funds that follow an index are not among them.
const BROAD: [&str; 17] = [
    "DJX", "MRUT", "MXEA", "MXEF", "NANOS", "NDX", "NDXP", "NQX", "OEX", "RUT", "RUTW", "SPX", "SPXW", "VIX", "VIXW",
    "XEO", "XSP",
];

/// The part of a section 1256 contract's gain that is long-term, in percent (IRC 1256(a)(3)).
const LONG_TERM: i64 = 60;

/// Whether it is an option on a broad index.
pub(super) fn is_broad_index(asset: &Asset) -> bool {
    matches!(asset, Asset::Option(series, _) if BROAD.contains(&series.underlying.as_str()))
}

/// The long-term and the short-term part of a section 1256 gain or loss.
#[must_use]
pub fn sixty_forty(gain: Money) -> (Money, Money) {
    let long = gain.fraction(LONG_TERM, 100).round_cents();
    (long, gain - long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_fifths_are_long_term() {
        for (gain, long, short) in [(400_000, 240_000, 160_000), (-400_000, -240_000, -160_000), (1, 1, 0)] {
            assert_eq!(sixty_forty(Money::cents(gain)), (Money::cents(long), Money::cents(short)));
        }
    }
}
