//! Encryption for whoever should be able to read a backup: age, with X25519 keys.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use age::secrecy::ExposeSecret;
use age::x25519;

/// Whoever has its identity can read.
pub type Recipient = x25519::Recipient;
/// What reads.
pub type Identity = x25519::Identity;

/// Why something was not encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Reading or writing.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Encrypting.
    #[error("it cannot be encrypted: {0}")]
    Encrypt(#[from] age::EncryptError),
    /// Decrypting.
    #[error("it cannot be decrypted: {0}")]
    Decrypt(#[from] age::DecryptError),
    /// Nobody to read it.
    #[error("it is encrypted; expected an identity, --identity FILE")]
    NoIdentity,
    /// Not a file of identities.
    #[error("{0}: it holds no age identity; expected a line that begins with AGE-SECRET-KEY-1")]
    NotAnIdentity(String),
}

/// Encrypts `source` for every recipient.
///
/// # Errors
/// [`SealError`].
pub fn encrypt(source: &mut impl Read, target: &mut impl Write, recipients: &[Recipient]) -> Result<(), SealError> {
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| r as &dyn age::Recipient))?;
    let mut writer = encryptor.wrap_output(target)?;
    io::copy(source, &mut writer)?;
    writer.finish()?;
    Ok(())
}

/// Decrypts `source`; what was altered or cut off is refused, once what came before has been written.
///
/// # Errors
/// [`SealError`].
pub fn decrypt(source: &mut impl Read, target: &mut impl Write, identities: &[Identity]) -> Result<(), SealError> {
    if identities.is_empty() {
        return Err(SealError::NoIdentity);
    }
    let decryptor = age::Decryptor::new(source)?;
    let mut reader = decryptor.decrypt(identities.iter().map(|i| i as &dyn age::Identity))?;
    io::copy(&mut reader, target)?;
    Ok(())
}

/// The identities of a file as age-keygen writes it.
///
/// # Errors
/// [`SealError`] if it cannot be read or holds none.
pub fn read_identities(file: &Path) -> Result<Vec<Identity>, SealError> {
    let text = fs::read_to_string(file)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let found: Option<Vec<Identity>> = lines.map(|line| line.parse().ok()).collect();
    found.filter(|found| !found.is_empty()).ok_or_else(|| SealError::NotAnIdentity(file.display().to_string()))
}

/// A new identity as a file holds it, and its recipient.
#[must_use]
pub fn new_identity() -> (String, String) {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    (format!("# public key: {recipient}\n{}\n", secret.expose_secret()), recipient)
}
