//! The policy: every number and choice of the protocol, typed.
//!
//! The defaults are in `policy/all-use.toml`, which is its own manual.

mod account;
mod assignment;
mod section;
mod setting;
mod trading;
pub mod unit;
mod word;

pub use account::*;
pub use assignment::Assignments;
pub use setting::Mismatch;
pub use trading::*;
pub use word::*;

use section::Section;

macro_rules! policy {
    ($($field:ident: $type:ident,)+) => {
        /// Every number and choice of the protocol. Field names follow the file: `policy.band.fallback` is the key
        /// `band.fallback`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Policy {
            /// What the policy calls itself.
            pub name: String,
            $(#[doc = concat!("The `[", stringify!($field), "]` section: see [`", stringify!($type), "`].")]
            pub $field: $type,)+
        }

        impl Policy {
            fn blank() -> Self {
                Policy { name: String::new(), $($field: $type::blank(),)+ }
            }

            fn sections(&self) -> Vec<&dyn Section> {
                vec![$(&self.$field),+]
            }

            fn sections_mut(&mut self) -> Vec<&mut dyn Section> {
                vec![$(&mut self.$field),+]
            }
        }
    };
}

policy! {
    data: Data,
    universe: Universe,
    deposit: Deposit,
    buffer: Buffer,
    target: Targets,
    settlement: Settlement,
    week: WeekRules,
    sizing: Sizing,
    band: Bands,
    entry: Entry,
    cap: Cap,
    gate: Gates,
    iv_rank: IvRank,
    order: Orders,
    calls: Calls,
    assignment: Assignments,
    listing: Listings,
    replay: Replay,
    model: Model,
    interest: Interest,
    dividends: Dividends,
    types: Types,
    reference: References,
    frequency: Frequencies,
    exit: Exits,
    roll: Rolls,
    gbr4: Gbr4,
    drawdown: Drawdowns,
    vix: VixGuard,
    risk: Risk,
    fork: Fork,
    merge: Merge,
    tax: Tax,
    reinvest: Reinvestment,
    leaps: Leaps,
    income: Income,
    human: Human,
    projection: Projection,
    rules: Rules,
    fees: Fees,
}
