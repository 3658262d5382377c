//! One polite request after another: a gap between requests to one host, retries by a fixed schedule, limits on time
//! and size, and nothing taken that was cut off.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, ResponseExt};

use crate::clock::Clock;

/// How requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// Least time between two requests to one host.
    pub gap: Duration,
    /// How often a request is made before it is given up, the first time included.
    pub tries: u32,
    /// The longest that a request may take, its answer included.
    pub timeout: Duration,
    /// The longest that is waited before a request is made again; a host that asks for more is not asked again.
    pub longest_wait: Duration,
    /// The largest answer, in bytes.
    pub largest: u64,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {fault}")]
pub struct FetchError {
    /// What was asked, without secrets.
    pub address: String,
    /// What went wrong.
    pub fault: FetchFault,
}

/// What can go wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// It is not an address that is asked.
    #[error("expected an address that begins with https://, or with http:// on this machine alone")]
    Address,
    /// No certificate to know a host by.
    #[error("this machine has no root certificates to know a host by ({0}); install them, or set SSL_CERT_FILE")]
    NoRoots(String),
    /// Refused, and asking again would not help.
    #[error("the host answered {status}; expected 200")]
    Status {
        /// The status of the answer.
        status: u16,
    },
    /// The host wants to be left alone for longer than is waited.
    #[error("the host answered {status} and asks to wait {wait} seconds, which is longer than is waited; try then")]
    Later {
        /// The status of the answer.
        status: u16,
        /// Seconds.
        wait: u64,
    },
    /// It failed each time.
    #[error("{tries} tries failed; the last: {last}")]
    Failed {
        /// How often it was asked.
        tries: u32,
        /// What happened the last time.
        last: String,
    },
    /// It cannot be asked at all.
    #[error("{0}")]
    Impossible(String),
    /// Too much.
    #[error("the answer has more than {0} bytes; expected less")]
    TooLarge(u64),
    /// Packed though nobody asked for it.
    #[error("the answer is packed ({0}); expected it as it is")]
    Packed(String),
}

/// What an earlier answer said of itself, so that the host can say that nothing changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// What is known is still so.
    Unchanged,
    /// This.
    Whole(Fetched),
}

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// As they came.
    pub bytes: Vec<u8>,
    /// What the answer said of itself.
    pub validators: Validators,
    /// Its status.
    pub status: u16,
    /// Who answered in the end, without secrets.
    pub answered: String,
    /// When.
    pub at: Timestamp,
}

/// Whether to ask again.
enum Trouble {
    Passing(String),
    /// The host asks to be left alone for a while.
    Busy {
        status: u16,
        wait: Duration,
    },
    Lasting(FetchFault),
}

/// Makes requests.
pub struct Client<C> {
    manners: Manners,
    user_agent: String,
    clock: C,
    /// Without and with root certificates, made when first needed.
    plain: Option<Agent>,
    secure: Option<Agent>,
    /// When each host may be asked next.
    free_at: BTreeMap<String, Timestamp>,
    asked: u32,
}

impl<C: Clock> Client<C> {
    /// A client that says who it is: `user_agent` is the product and its version.
    pub fn new(manners: Manners, user_agent: &str, clock: C) -> Self {
        let free_at = BTreeMap::new();
        Client { manners, user_agent: user_agent.to_owned(), clock, plain: None, secure: None, free_at, asked: 0 }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How many requests were made.
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// Asks for what is at `address`.
    pub(super) fn get(&mut self, address: &str, known: &Validators) -> Result<Answer, FetchError> {
        let error = |fault| FetchError { address: without_secrets(address), fault };
        let (secure, host) = parts(address).ok_or_else(|| error(FetchFault::Address))?;
        let agent = self.agent(secure).map_err(error)?;
        let mut tries = 0;
        loop {
            self.wait_for_turn(&host);
            tries += 1;
            self.asked += 1;
            let longest = self.manners.longest_wait;
            let (last, wait) = match ask(&agent, address, known, self.manners.largest, self.clock.now()) {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Lasting(fault)) => return Err(error(fault)),
                Err(Trouble::Busy { status, wait }) if wait > longest => {
                    return Err(error(FetchFault::Later { status, wait: wait.as_secs() }));
                }
                Err(Trouble::Busy { status, wait }) => (answered(status), wait),
                Err(Trouble::Passing(what)) => (what, backoff(tries).min(longest)),
            };
            if tries >= self.manners.tries {
                return Err(error(FetchFault::Failed { tries, last }));
            }
            self.clock.wait(wait);
        }
    }

    fn wait_for_turn(&mut self, host: &str) {
        if let Some(free) = self.free_at.get(host) {
            let left = free.duration_since(self.clock.now());
            if left.is_positive() {
                self.clock.wait(left.unsigned_abs());
            }
        }
        let now = self.clock.now();
        self.free_at.insert(host.to_owned(), now.checked_add(self.manners.gap).unwrap_or(now));
    }

    fn agent(&mut self, secure: bool) -> Result<Agent, FetchFault> {
        let kept = if secure { &mut self.secure } else { &mut self.plain };
        if kept.is_none() {
            *kept = Some(agent(secure, self.manners.timeout, &self.user_agent)?);
        }
        kept.clone().ok_or_else(|| FetchFault::Impossible("no client".to_owned()))
    }
}

fn agent(secure: bool, timeout: Duration, user_agent: &str) -> Result<Agent, FetchFault> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .max_redirects(5)
        .user_agent(user_agent)
        .accept_encoding("identity");
    let config = if secure { config.https_only(true).tls_config(tls()?) } else { config.proxy(None) };
    Ok(config.build().into())
}

/// Sends bytes to a host, once; its address without secrets. Any answer of success will do.
///
/// # Errors
/// [`FetchError`] if the host cannot be reached or does not take them.
pub fn post(address: &str, content_type: &str, bytes: &[u8], timeout: Duration) -> Result<String, FetchError> {
    let shown = without_secrets(address);
    let send = || -> Result<(), FetchFault> {
        let (secure, _) = parts(address).ok_or(FetchFault::Address)?;
        let agent = agent(secure, timeout, concat!("alluse/", env!("CARGO_PKG_VERSION")))?;
        let sent = agent.post(address).header("content-type", content_type).send(bytes);
        let status = sent.map_err(|e| FetchFault::Failed { tries: 1, last: e.to_string() })?.status();
        if status.is_success() { Ok(()) } else { Err(FetchFault::Status { status: status.as_u16() }) }
    };
    send().map_err(|fault| FetchError { address: shown.clone(), fault })?;
    Ok(shown)
}

/// How many root certificates this machine has to know hosts by.
///
/// # Errors
/// [`FetchFault::NoRoots`] if it has none.
pub fn roots() -> Result<usize, FetchFault> {
    certificates().map(|found| found.len())
}

fn certificates() -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, FetchFault> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map_or_else(|| "none was found".to_owned(), ToString::to_string);
        return Err(FetchFault::NoRoots(why));
    }
    Ok(found.certs)
}

/// What this machine trusts.
fn tls() -> Result<TlsConfig, FetchFault> {
    let found = certificates()?;
    let roots = found.iter().map(|cert| Certificate::from_der(cert).to_owned());
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let config = TlsConfig::builder().root_certs(RootCerts::from(roots)).unversioned_rustls_crypto_provider(crypto);
    Ok(config.build())
}

/// Whether the address is secure, and its host. Without security only this machine is asked.
fn parts(address: &str) -> Option<(bool, String)> {
    let uri: ureq::http::Uri = address.parse().ok()?;
    let host = uri.host()?.to_owned();
    match uri.scheme_str() {
        Some("https") => Some((true, host)),
        Some("http") if matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]") => Some((false, host)),
        _ => None,
    }
}

/// 1, 2, 4, 8 … seconds after the first, second, third try.
fn backoff(tries: u32) -> Duration {
    Duration::from_secs(1 << (tries - 1).min(16))
}

fn answered(status: u16) -> String {
    format!("the host answered {status}")
}

fn ask(agent: &Agent, address: &str, known: &Validators, largest: u64, now: Timestamp) -> Result<Answer, Trouble> {
    let mut request = agent.get(address);
    if let Some(etag) = &known.etag {
        request = request.header("if-none-match", etag);
    }
    if let Some(date) = &known.last_modified {
        request = request.header("if-modified-since", date);
    }
    let mut answer = request.call().map_err(|error| trouble(error, largest))?;
    let status = answer.status().as_u16();
    match status {
        200 => {}
        304 if *known != Validators::default() => return Ok(Answer::Unchanged),
        408 | 425 | 429 | 500..=599 => {
            let wait = text(answer.headers(), "retry-after").and_then(|after| retry_after(&after, now));
            return Err(wait.map_or_else(|| Trouble::Passing(answered(status)), |wait| Trouble::Busy { status, wait }));
        }
        status => return Err(Trouble::Lasting(FetchFault::Status { status })),
    }
    if let Some(packed) = text(answer.headers(), "content-encoding").filter(|how| how != "identity") {
        return Err(Trouble::Lasting(FetchFault::Packed(packed)));
    }
    let from = without_secrets(&answer.get_uri().to_string());
    let validators =
        Validators { etag: text(answer.headers(), "etag"), last_modified: text(answer.headers(), "last-modified") };
    let bytes = whole(&mut answer, largest)?;
    Ok(Answer::Whole(Fetched { bytes, validators, status, answered: from, at: now }))
}

/// The body; one of unknown length has to end with a line's end or a bracket, or it may have been cut off.
fn whole(answer: &mut Response<Body>, largest: u64) -> Result<Vec<u8>, Trouble> {
    let headers = answer.headers();
    let is_sized = headers.contains_key("content-length") || headers.contains_key("transfer-encoding");
    let bytes = answer.body_mut().with_config().limit(largest).read_to_vec();
    let bytes = bytes.map_err(|error| trouble(error, largest))?;
    if !is_sized && !bytes.last().is_some_and(|last| matches!(last, b'\n' | b'}' | b'>')) {
        return Err(Trouble::Passing("the answer was cut off".to_owned()));
    }
    Ok(bytes)
}

fn trouble(error: ureq::Error, largest: u64) -> Trouble {
    use ureq::Error;
    match error {
        Error::BodyExceedsLimit(_) => Trouble::Lasting(FetchFault::TooLarge(largest)),
        Error::Timeout(_) => Trouble::Passing("no whole answer in time".to_owned()),
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Trouble::Passing("the answer was cut off".to_owned())
        }
        // A certificate that is not trusted, or not the host's.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Trouble::Lasting(FetchFault::Impossible(error.to_string()))
        }
        Error::Io(error) => Trouble::Passing(error.to_string()),
        Error::HostNotFound | Error::ConnectionFailed | Error::Protocol(_) | Error::BodyStalled => {
            Trouble::Passing(error.to_string())
        }
        Error::RequireHttpsOnly(_) => {
            let what = "the host sends on to an address that is not secure; expected https://";
            Trouble::Lasting(FetchFault::Impossible(what.to_owned()))
        }
        error => Trouble::Lasting(FetchFault::Impossible(error.to_string())),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(at.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

/// An address as it may be shown and kept: without a user, and with no value of a parameter that sounds like a secret.
pub(super) fn without_secrets(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let mut shown = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    shown.push_str(host);
    shown.push_str(path);
    if let Some(query) = query {
        let hidden = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=…"),
            _ => pair.to_owned(),
        });
        shown.push('?');
        shown.push_str(&hidden.collect::<Vec<_>>().join("&"));
    }
    shown
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "secret", "pass", "auth", "sign"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        for (address, shown) in [
            ("https://a.example/x?s=SPY&i=d", "https://a.example/x?s=SPY&i=d"),
            ("https://me:mine@a.example/x", "https://a.example/x"),
            ("https://a.example/x?apikey=123&s=SPY&Token=4", "https://a.example/x?apikey=…&s=SPY&Token=…"),
            ("https://a.example?access_token=1", "https://a.example?access_token=…"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
    }

    #[test]
    fn only_this_machine_is_asked_without_security() {
        assert_eq!(parts("https://a.example/x"), Some((true, "a.example".to_owned())));
        assert_eq!(parts("http://127.0.0.1:80/x"), Some((false, "127.0.0.1".to_owned())));
        for refused in ["http://a.example/x", "ftp://a.example/x", "file:///etc/hosts", "a.example", ""] {
            assert_eq!(parts(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_host_asks_to_wait_in_seconds_or_until_a_date() {
        let now: Timestamp = "2024-06-10T12:00:00Z".parse().unwrap();
        for (said, seconds) in [
            ("120", Some(120)),
            ("Mon, 10 Jun 2024 12:00:30 GMT", Some(30)),
            ("Mon, 10 Jun 2024 11:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(retry_after(said, now), seconds.map(Duration::from_secs), "{said}");
        }
    }
}
