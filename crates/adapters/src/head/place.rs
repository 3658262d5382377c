//! Where a head is kept: a folder, a host that takes it, somebody's mail box.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use engine::proof::SignedHead;
use lettre::message::Mailbox;
use lettre::transport::smtp::SmtpTransportBuilder;
use lettre::{Message, SmtpTransport, Transport};

use super::text;
use crate::files::{Access, Files, create, make_folders};
use crate::pull::{FetchError, post};

/// The longest that a host may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a head goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder: a file for each head, which is never written over.
    Folder(PathBuf),
    /// A host, which is sent the text.
    Host(String),
    /// A mail box.
    Mail(String),
}

/// How mail leaves.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The server, as `smtps://user:password@host`.
    pub server: Option<String>,
    /// Who sends; the receiver where it is not said.
    pub from: Option<String>,
}

/// Why a head was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The folder.
    #[error("{}: {error}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The host.
    #[error(transparent)]
    Host(#[from] FetchError),
    /// The mail.
    #[error("mail to {to}: {why}")]
    Mail {
        /// Whom.
        to: String,
        /// Why not.
        why: String,
    },
}

impl FromStr for Place {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if let Some(to) = text.strip_prefix("mailto:") {
            Place::Mail(to.to_owned())
        } else if text.contains("://") {
            Place::Host(text.to_owned())
        } else {
            Place::Folder(PathBuf::from(text))
        })
    }
}

/// Keeps a signed head there; says where it lies now.
///
/// # Errors
/// [`PlaceError`]: nothing was kept there.
pub fn keep(files: &dyn Files, signed: &SignedHead, place: &Place, mail: &Mail) -> Result<String, PlaceError> {
    let written = text::write(signed);
    match place {
        Place::Folder(folder) => {
            let file = folder.join(name(signed));
            new_file(files, &file, &written).map_err(|error| PlaceError::File { file: file.clone(), error })?;
            Ok(file.display().to_string())
        }
        Place::Host(address) => Ok(post(address, "text/plain; charset=utf-8", written.as_bytes(), PATIENCE)?),
        Place::Mail(to) => {
            send(signed, to, &written, mail).map_err(|why| PlaceError::Mail { to: to.clone(), why })?;
            Ok(format!("mail to {to}"))
        }
    }
}

/// `head-20260102T210000Z.txt`.
fn name(signed: &SignedHead) -> String {
    let taken: String = signed.head.taken.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("head-{taken}.txt")
}

fn new_file(files: &dyn Files, file: &Path, written: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        make_folders(files, folder)?;
    }
    create(files, file, Access::Usual, written.as_bytes())
}

fn send(signed: &SignedHead, to: &str, written: &str, mail: &Mail) -> Result<(), String> {
    let server =
        mail.server.as_deref().ok_or("no mail server is named; set ALLUSE_SMTP to smtps://user:password@host")?;
    let receiver: Mailbox = to.parse().map_err(|e| format!("it is no address ({e}); expected name@host"))?;
    let from = mail.from.as_deref().unwrap_or(to);
    let sender: Mailbox = from.parse().map_err(|e| format!("the sender {from:?} is no address ({e})"))?;
    let message = Message::builder()
        .from(sender)
        .to(receiver)
        .subject(format!("Journal head of {}", signed.head.taken))
        .body(written.to_owned())
        .map_err(|e| e.to_string())?;
    let transport = transport(server)?.timeout(Some(PATIENCE)).build();
    transport.send(&message).map(|_| ()).map_err(|e| e.to_string())
}

/// The error of a bad address could repeat its password, and is not passed on.
fn transport(server: &str) -> Result<SmtpTransportBuilder, String> {
    SmtpTransport::from_url(server).map_err(|_| "the mail server's address cannot be read".to_owned())
}

/// Why no mail could leave as this says, before any is sent; nothing where it could, or where no server is named.
#[must_use]
pub fn unreadable(mail: &Mail) -> Option<String> {
    let server = mail.server.as_deref().and_then(|server| transport(server).err());
    let from = mail.from.as_deref().and_then(|from| {
        let wrong = from.parse::<Mailbox>().err()?;
        Some(format!("the sender {from:?} is no address ({wrong})"))
    });
    server.or(from)
}
