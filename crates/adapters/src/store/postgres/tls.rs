//! Encrypted connections: the server shows a certificate for its name that a trusted root has signed.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreFault;

/// Connects by the roots in `file`, or those of this machine.
pub(super) fn connector(file: Option<&Path>) -> Result<MakeRustlsConnect, StoreFault> {
    let certificates = match file {
        Some(file) => {
            let unread = |why| StoreFault::Roots { from: file.display().to_string(), why };
            let read = CertificateDer::pem_file_iter(file).map_err(|e| unread(e.to_string()))?;
            let found = read.collect::<Result<Vec<_>, _>>().map_err(|e| unread(e.to_string()))?;
            if found.is_empty() {
                return Err(unread("it holds no certificate".to_owned()));
            }
            found
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                let why = found.errors.first().map_or_else(|| "none was found".to_owned(), ToString::to_string);
                return Err(StoreFault::Roots { from: "this machine".to_owned(), why });
            }
            found.certs
        }
    };
    let mut roots = RootCertStore::empty();
    let (_, refused) = roots.add_parsable_certificates(certificates);
    if let (Some(file), 1..) = (file, refused) {
        let why = format!("{refused} of its certificates cannot be read");
        return Err(StoreFault::Roots { from: file.display().to_string(), why });
    }
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(crypto).with_safe_default_protocol_versions();
    let config = config.map_err(|e| StoreFault::Unreachable { detail: e.to_string() })?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}
