//! What may become of a position, of a sleeve's lock and of a structure: one table of transitions each.
//!
//! A table is data, so that a command can draw it and a test can enumerate it: (from, event, to, rules). What is not in
//! a table cannot happen. The order's table is [`market::order::OrderStatus::after`].

use crate::rule::Rule;

/// One row of a table, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state before.
    pub from: &'static str,
    /// What happens.
    pub event: &'static str,
    /// The state after.
    pub to: &'static str,
    /// The rules that say so.
    pub rules: &'static [Rule],
}

macro_rules! life {
    (
        $(#[doc = $state_doc:literal])+ $state:ident { $($(#[doc = $s_doc:literal])+ $s:ident $s_word:literal,)+ }
        $(#[doc = $event_doc:literal])+ $event:ident { $($(#[doc = $e_doc:literal])+ $e:ident $e_word:literal,)+ }
        $($from:ident + $by:ident => $to:ident [$($rule:ident),+];)+
    ) => {
        $(#[doc = $state_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $state {
            $($(#[doc = $s_doc])+ $s,)+
        }

        $(#[doc = $event_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $event {
            $($(#[doc = $e_doc])+ $e,)+
        }

        impl $state {
            /// Every state.
            pub const ALL: &'static [$state] = &[$($state::$s),+];

            /// The table: from, event, to, and the rules that say so.
            pub const TABLE: &'static [($state, $event, $state, &'static [Rule])] =
                &[$(($state::$from, $event::$by, $state::$to, &[$(Rule::$rule),+])),+];

            /// The state after `event`; `None` where that cannot happen in this one.
            #[must_use]
            pub fn after(self, event: $event) -> Option<$state> {
                $state::TABLE.iter().find(|(from, by, ..)| (*from, *by) == (self, event)).map(|(_, _, to, _)| *to)
            }

            /// In a few words.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($state::$s => $s_word,)+
                }
            }

            /// The table in words, as it is drawn.
            #[must_use]
            pub fn rows() -> Vec<Row> {
                let row = |(from, event, to, rules): &($state, $event, $state, &'static [Rule])| Row {
                    from: from.word(),
                    event: event.word(),
                    to: to.word(),
                    rules,
                };
                $state::TABLE.iter().map(row).collect()
            }
        }

        impl $event {
            /// Every event.
            pub const ALL: &'static [$event] = &[$($event::$e),+];

            /// In a few words.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($event::$e => $e_word,)+
                }
            }
        }
    };
}

life! {
    /// Where one contract's worth of a position stands: a cash-secured put, or a hundred shares with their call.
    PositionState {
        /// Nothing is open.
        Flat "no position",
        /// A put is written, its cash reserved.
        PutOpen "short put",
        /// Shares without a call.
        Shares "shares",
        /// Shares under a written call.
        Covered "covered shares",
    }
    /// What may happen to a position.
    PositionEvent {
        /// A put is sold.
        SellPut "sell a put",
        /// The option is bought back and a later one sold.
        Roll "roll",
        /// The option is bought back.
        BuyBack "buy back",
        /// The option ends without value.
        Expire "expires",
        /// The option is exercised on its last day.
        Assign "assigned",
        /// The option is exercised before its last day.
        AssignEarly "assigned early",
        /// A call is sold on the shares.
        SellCall "sell a call",
        /// Shares come from another structure.
        ReceiveShares "shares received",
        /// Shares go to another structure.
        MoveShares "shares moved",
        /// Shares are sold.
        SellShares "shares sold",
    }
    Flat + SellPut => PutOpen [E4, E5];
    Flat + ReceiveShares => Shares [J1];
    PutOpen + Roll => PutOpen [X3, X4, X6, G1, R2, R3];
    PutOpen + BuyBack => Flat [X5, X8, G1, J1];
    PutOpen + Expire => Flat [X6, C1];
    PutOpen + Assign => Shares [X6, C1];
    PutOpen + AssignEarly => Shares [X7];
    Shares + SellCall => Covered [E8];
    Shares + MoveShares => Flat [J1];
    Shares + SellShares => Flat [G3, J1];
    Covered + Roll => Covered [X3, X4, X7, R2, R3];
    Covered + BuyBack => Shares [X5, X7, X8, J1];
    Covered + Expire => Shares [X6, C1];
    Covered + Assign => Flat [X6, C1];
    Covered + AssignEarly => Flat [X7];
}

life! {
    /// Whether a sleeve preserves its capital (GBR-4): new puts are locked then.
    LockState {
        /// It trades as the week says.
        Free "free",
        /// Capital preservation.
        Locked "capital preservation",
        /// Capital preservation that lasted half a year: the owner is asked.
        Asked "owner asked",
    }
    /// What may happen to a sleeve's lock, at a weekly close.
    LockEvent {
        /// The drawdown lies beyond its limit.
        Breach "drawdown beyond its limit",
        /// A put was typed P-DD.
        DeepPut "a put in deep drawdown",
        /// Quiet sessions, and the drawdown is below half its limit.
        Recover "quiet, and drawdown below half",
        /// Quiet sessions, and no shares or short options are left; the mark restarts.
        Empty "quiet, and nothing left",
        /// The weeks of G-3 have passed.
        HalfYear "26 weeks passed",
        /// The owner keeps waiting.
        Wait "owner waits",
        /// The high-water mark that K-2 uses restarts.
        Reset "mark reset",
        /// The shares are sold.
        Sell "shares sold",
    }
    Free + Breach => Locked [K2, G1];
    Free + DeepPut => Locked [W5, G1];
    Locked + Recover => Free [G2];
    Locked + Empty => Free [G2];
    Locked + HalfYear => Asked [G3];
    Asked + Wait => Locked [G3];
    Asked + Reset => Locked [G3];
    Asked + Sell => Locked [G3];
    Asked + Recover => Free [G2];
    Asked + Empty => Free [G2];
}

life! {
    /// Where a structure stands. The root never merges.
    StructureState {
        /// It trades.
        Active "active",
        /// It trades, and its Gen sleeve owes a fork.
        ForkDue "fork due",
        /// No new entries; what is open is closed.
        Merging "merging",
        /// Everything has moved to its parent; kept for ever.
        Closed "closed",
    }
    /// What may happen to a structure.
    StructureEvent {
        /// The surplus reaches its threshold.
        Surplus "surplus reached",
        /// The surplus falls below its threshold.
        Lapse "surplus lapsed",
        /// A fork is executed.
        Fork "fork",
        /// A forked structure has grown to its full size.
        Mature "full size reached",
        /// Everything has moved.
        Move "everything moved",
        /// The structure above has merged: this one moves up to its parent.
        Adopt "parent merged",
    }
    Active + Surplus => ForkDue [F1];
    Active + Mature => Merging [J1];
    Active + Adopt => Active [J1];
    ForkDue + Lapse => Active [F3];
    ForkDue + Fork => Active [F2, F4];
    ForkDue + Mature => Merging [J1, F4];
    ForkDue + Adopt => ForkDue [J1];
    Merging + Move => Closed [J1];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each state's row, over all events: the state after, or nothing.
    macro_rules! drawn {
        ($state:ident, $event:ident) => {
            $state::ALL
                .iter()
                .map(|s| {
                    let row = $event::ALL.iter().map(|e| s.after(*e).map_or("-".to_owned(), |to| format!("{to:?}")));
                    format!("{s:?}: {}", row.collect::<Vec<_>>().join(" "))
                })
                .collect::<Vec<_>>()
        };
    }

    /// No two rows begin alike; every state but the first is reached from it; every event happens somewhere; every row
    /// cites a rule; what is drawn is the table.
    macro_rules! is_sound {
        ($state:ident, $event:ident) => {
            let table = $state::TABLE;
            for (i, (from, event, to, rules)) in table.iter().enumerate() {
                assert!(table[..i].iter().all(|(f, e, ..)| (f, e) != (from, event)), "{from:?} {event:?} twice");
                assert_eq!(from.after(*event), Some(*to));
                assert!(!rules.is_empty(), "{from:?} {event:?}");
            }
            let mut reached = vec![$state::ALL[0]];
            for _ in $state::ALL {
                let next: Vec<_> =
                    table.iter().filter(|(f, ..)| reached.contains(f)).map(|(_, _, to, _)| *to).collect();
                reached.extend(next);
            }
            assert!($state::ALL.iter().all(|s| reached.contains(s)));
            assert!($event::ALL.iter().all(|e| table.iter().any(|(_, by, ..)| by == e)));
            let rows = $state::rows();
            assert_eq!(rows.len(), table.len());
            for (row, (from, event, to, rules)) in rows.iter().zip(table) {
                assert_eq!((row.from, row.event, row.to), (from.word(), event.word(), to.word()));
                assert_eq!(row.rules, *rules);
            }
        };
    }

    #[test]
    fn a_positions_life() {
        // Sell put, roll, buy back, expire, assign, assign early, sell call, shares received, moved, sold.
        assert_eq!(
            drawn!(PositionState, PositionEvent),
            [
                "Flat: PutOpen - - - - - - Shares - -",
                "PutOpen: - PutOpen Flat Flat Shares Shares - - - -",
                "Shares: - - - - - - Covered - Flat Flat",
                "Covered: - Covered Shares Shares Flat Flat - - - -",
            ]
        );
        is_sound!(PositionState, PositionEvent);
        // Every position can end.
        for state in PositionState::ALL {
            let ends = |s: PositionState| PositionEvent::ALL.iter().any(|e| s.after(*e) == Some(PositionState::Flat));
            assert!(*state == PositionState::Flat || ends(*state), "{state:?}");
        }
    }

    #[test]
    fn a_locks_life() {
        // Breach, deep put, recover, empty, half a year, wait, reset, sell.
        assert_eq!(
            drawn!(LockState, LockEvent),
            [
                "Free: Locked Locked - - - - - -",
                "Locked: - - Free Free Asked - - -",
                "Asked: - - Free Free - Locked Locked Locked",
            ]
        );
        is_sound!(LockState, LockEvent);
    }

    #[test]
    fn a_structures_life() {
        // Surplus, lapse, fork, mature, move, adopt.
        assert_eq!(
            drawn!(StructureState, StructureEvent),
            [
                "Active: ForkDue - - Merging - Active",
                "ForkDue: - Active Active Merging - ForkDue",
                "Merging: - - - - Closed -",
                "Closed: - - - - - -",
            ]
        );
        is_sound!(StructureState, StructureEvent);
    }

    #[test]
    fn words_are_told_apart() {
        let words = [
            PositionState::ALL.iter().map(|s| s.word()).collect::<Vec<_>>(),
            PositionEvent::ALL.iter().map(|e| e.word()).collect(),
            LockState::ALL.iter().map(|s| s.word()).collect(),
            LockEvent::ALL.iter().map(|e| e.word()).collect(),
            StructureState::ALL.iter().map(|s| s.word()).collect(),
            StructureEvent::ALL.iter().map(|e| e.word()).collect(),
        ];
        for list in words {
            let once: std::collections::BTreeSet<_> = list.iter().collect();
            assert_eq!(once.len(), list.len(), "{list:?}");
        }
    }
}
