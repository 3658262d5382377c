//! Heads of journals, signed and kept elsewhere: the key that signs, the text that is kept, the places that keep it.
//!
//! Somebody who can write to a store can make every digest and chain in it anew. A head that lies where he cannot write
//! shows it: see [`engine::proof`].

mod key;
mod place;
mod text;

pub use key::{KeyError, PublicKey, SigningKey, fingerprint};
pub(crate) use key::{hex, unhex};
pub use place::{Mail, Place, PlaceError, keep, unreadable};
pub use text::{TextError, read, write};
