//! The weeks that V-2 draws: W-12's types with their frequencies, each with a return inside its range.
//!
//! All sleeves of one kind share a week, as they trade the same symbols. Puts lead from week to week; after one was
//! assigned (P-AWL, P-AOL) the weeks are those of shares with calls, until one takes the shares away (C-WAP, C-WAP+).

use ledger::SleeveKind;
use protocol::policy::Policy;
use protocol::policy::unit::{Ppm, Span};
use protocol::position::PositionType;

use super::ProjectionError;
use super::draw::fraction;

/// Types in either of the two lists.
const PLACES: usize = 6;

/// What the sleeves of a kind hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Holds {
    /// Cash and puts.
    #[default]
    Puts,
    /// Shares with calls.
    Shares,
}

/// A type of week as it is drawn.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Drawn by a number below this and not below the place before.
    below: u64,
    /// Lowest return.
    low: f64,
    /// Highest less lowest.
    width: f64,
    /// What is held after it.
    then: Holds,
    kind: PositionType,
}

/// A drawn week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drawn {
    /// Its return, before the year's quality.
    pub(super) rate: f64,
    /// Its type.
    pub(super) kind: PositionType,
    /// What is held after it.
    pub(super) then: Holds,
}

/// The weeks of one kind of sleeve, scaled to its target.
#[derive(Clone, Debug)]
pub(super) struct TypedWeeks {
    puts: [Place; PLACES],
    shares: [Place; PLACES],
}

impl TypedWeeks {
    /// The policy's frequencies and ranges, scaled so that the long-run mean is the target of `kind`.
    pub(super) fn new(policy: &Policy, kind: SleeveKind) -> Result<TypedWeeks, ProjectionError> {
        let (puts, shares) = lists(policy);
        let (from_puts, from_shares) = (moments(&puts), moments(&shares));
        let none = |of| ProjectionError::NoWeeks { of };
        let (put_mean, assigned) = from_puts.ok_or_else(|| none("puts"))?;
        let (share_mean, called) = match from_shares {
            Some(moments) => moments,
            None if assigned > 0.0 => return Err(none("shares with calls")),
            None => (0.0, 1.0),
        };
        // Long-run share of weeks with shares, of a chain that changes with these probabilities.
        let with_shares = if assigned > 0.0 { assigned / (assigned + called) } else { 0.0 };
        let mean = (1.0 - with_shares) * put_mean + with_shares * share_mean;
        let target = policy.target.of(kind);
        let scale = target.to_f64() / mean;
        if !scale.is_finite() || (scale < 0.0) {
            let mean = format!("{:.4}%", 100.0 * mean);
            return Err(ProjectionError::NoMean { kind, mean, target });
        }
        Ok(TypedWeeks { puts: places(&puts, scale), shares: places(&shares, scale) })
    }

    /// The week that a word draws: its high half the type, its low half the place in the range.
    #[inline]
    pub(super) fn draw(&self, holds: Holds, word: u64) -> Drawn {
        let places = match holds {
            Holds::Puts => &self.puts,
            Holds::Shares => &self.shares,
        };
        let high = word >> 32;
        let before = places[..PLACES - 1].iter().map(|place| usize::from(place.below <= high)).sum::<usize>();
        let place = &places[before];
        Drawn { rate: place.low + place.width * fraction(word as u32), kind: place.kind, then: place.then }
    }
}

/// A type with its frequency and range of returns.
struct Listed {
    kind: PositionType,
    weight: f64,
    range: Span<Ppm>,
    then: Holds,
}

/// W-12: types of weeks with puts, and with shares. P-AWL and P-AOL weigh as P-RO; frequencies and ranges by their
/// middle.
fn lists(policy: &Policy) -> (Vec<Listed>, Vec<Listed>) {
    use PositionType as T;
    let (weeks, returns) = (&policy.frequency, &policy.reference);
    let listed = |kind, frequency: Span<u32>, range, then| {
        let weight = (f64::from(frequency.low) + f64::from(frequency.high)) / 2.0;
        Listed { kind, weight, range, then }
    };
    let puts = vec![
        listed(T::PutExpired, weeks.p_ew, returns.p_ew, Holds::Puts),
        listed(T::PutWithinLimit, weeks.p_ro, returns.p_awl, Holds::Shares),
        listed(T::PutRolled, weeks.p_ro, returns.p_ro, Holds::Puts),
        listed(T::PutOverLimit, weeks.p_ro, returns.p_aol, Holds::Shares),
        listed(T::PutDeep, weeks.p_dd, returns.p_dd, Holds::Puts),
        listed(T::Idle, weeks.w_idl, returns.w_idl, Holds::Puts),
    ];
    let shares = vec![
        listed(T::CallAppreciation, weeks.c_wap, returns.c_wap, Holds::Puts),
        listed(T::CallStrong, weeks.c_wap_plus, returns.c_wap_plus, Holds::Puts),
        listed(T::CallPremium, weeks.c_pno, returns.c_pno, Holds::Shares),
        listed(T::CallRolled, weeks.c_ro, returns.c_ro, Holds::Shares),
        listed(T::CallRecovery, weeks.c_rec, returns.c_rec, Holds::Shares),
    ];
    (puts, shares)
}

/// Mean return, and the share of weeks after which the other list holds; `None` if no week can be drawn.
fn moments(list: &[Listed]) -> Option<(f64, f64)> {
    let total: f64 = list.iter().map(|l| l.weight).sum();
    let own = if list.iter().any(|l| l.kind == PositionType::PutExpired) { Holds::Puts } else { Holds::Shares };
    let middle = |range: Span<Ppm>| (range.low.to_f64() + range.high.to_f64()) / 2.0;
    let mean: f64 = list.iter().map(|l| l.weight * middle(l.range)).sum();
    let leaves: f64 = list.iter().filter(|l| l.then != own).map(|l| l.weight).sum();
    (total > 0.0).then(|| (mean / total, leaves / total))
}

/// The list as places of a 32-bit number; unused places are never reached.
fn places(list: &[Listed], scale: f64) -> [Place; PLACES] {
    let total: f64 = list.iter().map(|l| l.weight).sum();
    let mut so_far = 0.0;
    let last = list.len() - 1;
    std::array::from_fn(|i| {
        let listed = &list[i.min(last)];
        so_far += if i <= last { listed.weight } else { 0.0 };
        let low = scale * listed.range.low.to_f64();
        Place {
            below: (so_far / total * (1u64 << 32) as f64) as u64,
            low,
            width: scale * listed.range.high.to_f64() - low,
            then: listed.then,
            kind: listed.kind,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::draw::{key, word};
    use super::*;

    const WEEKS: u64 = 1_000_000;

    fn drawn(policy: &Policy, kind: SleeveKind) -> Vec<Drawn> {
        let weeks = TypedWeeks::new(policy, kind).unwrap();
        let (key, mut holds) = (key(1, "weeks"), Holds::Puts);
        let next = |n| {
            let week = weeks.draw(holds, word(key, n));
            holds = week.then;
            week
        };
        (0..WEEKS).map(next).collect()
    }

    #[test]
    fn the_mean_is_the_target_and_types_have_their_frequencies() {
        let policy = Policy::all_use();
        for kind in SleeveKind::ALL {
            let weeks = drawn(&policy, kind);
            let mean = weeks.iter().map(|w| w.rate).sum::<f64>() / WEEKS as f64;
            let target = policy.target.of(kind).to_f64();
            assert!((mean / target - 1.0).abs() < 0.003, "{kind}: {mean} against {target}");
        }
        let weeks = drawn(&policy, SleeveKind::Generation);
        let count = |kind| weeks.iter().filter(|w| w.kind == kind).count() as f64;
        use PositionType as T;
        for (kind, other, ratio) in [
            (T::PutRolled, T::PutExpired, 7.0 / 16.0),
            (T::PutWithinLimit, T::PutRolled, 1.0),
            (T::PutOverLimit, T::PutRolled, 1.0),
            (T::PutDeep, T::PutExpired, 2.0 / 16.0),
            (T::Idle, T::PutExpired, 1.0 / 16.0),
            (T::CallStrong, T::CallAppreciation, 6.0 / 14.0),
            (T::CallPremium, T::CallAppreciation, 8.0 / 14.0),
            (T::CallRolled, T::CallAppreciation, 4.0 / 14.0),
            (T::CallRecovery, T::CallAppreciation, 2.0 / 14.0),
        ] {
            let found = count(kind) / count(other);
            assert!((found / ratio - 1.0).abs() < 0.03, "{kind} to {other}: {found} against {ratio}");
        }
    }

    #[test]
    fn shares_follow_an_assignment_alone_and_returns_stay_in_their_ranges() {
        let policy = Policy::all_use();
        let weeks = drawn(&policy, SleeveKind::Generation);
        let (puts, shares) = lists(&policy);
        let of_shares = |kind| shares.iter().any(|l| l.kind == kind);
        assert!(!of_shares(weeks[0].kind));
        for pair in weeks.windows(2) {
            use PositionType as T;
            let assigned = matches!(pair[0].kind, T::PutWithinLimit | T::PutOverLimit);
            let kept = matches!(pair[0].kind, T::CallPremium | T::CallRolled | T::CallRecovery);
            assert_eq!(of_shares(pair[1].kind), assigned || kept, "{} then {}", pair[0].kind, pair[1].kind);
        }
        let ratio = |kind| {
            let listed = puts.iter().chain(&shares).find(|l| l.kind == kind).unwrap();
            let own = || weeks.iter().filter(|w| w.kind == kind).map(|w| w.rate);
            let (low, high) = (own().fold(f64::MAX, f64::min), own().fold(f64::MIN, f64::max));
            (low / listed.range.low.to_f64(), high / listed.range.high.to_f64())
        };
        let (low, high) = ratio(PositionType::PutExpired);
        assert!((low / high - 1.0).abs() < 1e-3, "one scale for both ends: {low}, {high}");
        let (other, _) = ratio(PositionType::CallStrong);
        assert!((low / other - 1.0).abs() < 1e-3, "and for all types: {low}, {other}");
    }

    #[test]
    fn weeks_that_cannot_be_drawn_are_refused_with_their_keys() {
        let set = |keys: &[(&str, &str)]| {
            keys.iter().fold(Policy::all_use(), |policy, (key, value)| policy.with(key, value).unwrap())
        };
        let refused = |policy: &Policy| TypedWeeks::new(policy, SleeveKind::Generation).unwrap_err().to_string();
        let keys = ["frequency.c_wap", "frequency.c_wap_plus", "frequency.c_pno", "frequency.c_ro", "frequency.c_rec"];
        let no_calls = set(&keys.map(|key| (key, "0")));
        assert!(refused(&no_calls).starts_with("no week of shares with calls can be drawn"), "{}", refused(&no_calls));
        let unassigned = no_calls.with("frequency.p_ro", "0").unwrap();
        assert!(TypedWeeks::new(&unassigned, SleeveKind::Revenue).is_ok(), "no put is assigned: no call is needed");
        let falling = set(&[("target.gen", "-1")]);
        assert!(refused(&falling).contains("bring 2.2"), "{}", refused(&falling));
    }
}
