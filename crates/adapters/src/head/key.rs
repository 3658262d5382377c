//! The key that signs heads: Ed25519 (RFC 8032), in a file that its owner alone may read.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use engine::proof::{Head, Proof, SignedHead};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::files::{Access, Files, create};

/// First line of a key file.
const SECRET: &str = "all-use signing key: keep it to yourself";

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file.
    #[error("{}: {error}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is not one.
    #[error("{}: expected two lines, {SECRET:?} and a key in hexadecimal, as `alluse head key` writes", .0.display())]
    NotAKey(PathBuf),
    /// Others may read it.
    #[error("{}: others than its owner may read it (mode {mode:o}); expected mode 600", file.display())]
    Open {
        /// Which.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The system gives no entropy.
    #[error("the system gives no random numbers; no key can be made")]
    Entropy,
    /// Not a public key.
    #[error("{0:?} is no public key; expected 64 hexadecimal digits")]
    NotPublic(String),
}

/// Whoever has it can sign.
pub struct SigningKey(Ed25519KeyPair);

/// Whoever has it can tell who signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl SigningKey {
    /// Makes a key and writes it to a new file.
    ///
    /// # Errors
    /// [`KeyError`] if the file is there already or cannot be written.
    pub fn create(files: &dyn Files, file: &Path) -> Result<SigningKey, KeyError> {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::Entropy)?;
        let bytes = made.as_ref();
        let at = |error| KeyError::File { file: file.to_owned(), error };
        let text = format!("{SECRET}\n{}\n", hex(bytes));
        create(files, file, Access::Owner, text.as_bytes()).map_err(at)?;
        SigningKey::of(bytes, file)
    }

    /// Reads a key from its file.
    ///
    /// # Errors
    /// [`KeyError`] if there is none, or others may read it.
    pub fn open(file: &Path) -> Result<SigningKey, KeyError> {
        let at = |error| KeyError::File { file: file.to_owned(), error };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file).map_err(at)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Open { file: file.to_owned(), mode });
            }
        }
        let text = fs::read_to_string(file).map_err(at)?;
        let mut lines = text.lines();
        let secret = (lines.next() == Some(SECRET)).then(|| lines.next().and_then(unhex)).flatten();
        let secret = secret.filter(|_| lines.next().is_none()).ok_or_else(|| KeyError::NotAKey(file.to_owned()))?;
        SigningKey::of(&secret, file)
    }

    fn of(pkcs8: &[u8], file: &Path) -> Result<SigningKey, KeyError> {
        Ed25519KeyPair::from_pkcs8(pkcs8).map(SigningKey).map_err(|_| KeyError::NotAKey(file.to_owned()))
    }

    /// Its other half.
    ///
    /// # Panics
    /// Never: an Ed25519 key has 32 bytes.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().try_into().expect("32 bytes"))
    }

    /// Signs a head.
    ///
    /// # Panics
    /// Never: an Ed25519 signature has 64 bytes.
    #[must_use]
    pub fn sign(&self, head: Head) -> SignedHead {
        let signature = self.0.sign(&head.message()).as_ref().try_into().expect("64 bytes");
        SignedHead { head, key: self.public().0, signature }
    }
}

impl PublicKey {
    /// Whether this key signed the head.
    #[must_use]
    pub fn signed(&self, head: &SignedHead) -> bool {
        head.key == self.0 && self.signed_bytes(&head.head.message(), &head.signature)
    }

    /// Whether the event of a proof stood under a head that this key signed.
    #[must_use]
    pub fn signed_proof(&self, proof: &Proof) -> bool {
        proof.message().is_ok_and(|message| self.signed_bytes(&message, &proof.signature))
    }

    fn signed_bytes(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
        bytes.map(PublicKey).ok_or_else(|| KeyError::NotPublic(text.trim().chars().take(80).collect()))
    }
}

/// A key as people compare it over the telephone: the first 16 digits.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    hex(&key.0[..8])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| -> Option<u8> {
        let [high, low] = pair.map(|digit| (digit as char).to_digit(16));
        u8::try_from(high? * 16 + low?).ok()
    };
    pairs.1.is_empty().then(|| pairs.0.iter().map(byte).collect::<Option<Vec<u8>>>()).flatten()
}
