//! The vocabulary shared with the outside world.
//!
//! Money, prices and sizes; exchange sessions and expirations; instruments; quotes, bars and chains; price history with
//! its corporate actions; indicators; orders and fills. Everything above this crate speaks these words, and this crate
//! knows nothing of accounts, rules, brokers or clocks.

pub mod climate;
pub mod history;
pub mod indicator;
pub mod instrument;
pub mod math;
pub mod order;
pub mod quote;
pub mod time;
pub mod value;
