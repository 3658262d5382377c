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
    /// Where a structure stands.
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
    }
    Active + Surplus => ForkDue [F1];
    Active + Mature => Merging [J1];
    ForkDue + Lapse => Active [F3];
    ForkDue + Fork => Active [F2, F4];
    ForkDue + Mature => Merging [J1, F4];
    Merging + Move => Closed [J1];
}
