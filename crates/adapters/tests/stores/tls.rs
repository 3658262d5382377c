//! Encrypted connections to a server with a certificate of a root made for the test.

use std::net::TcpListener;

use adapters::store::{Address, PostgresStore, StoreFault};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::server::Server;

/// A root, and a server's certificate and key for `name` that it signed.
fn certificates(name: &str) -> (String, String, String) {
    let mut root = CertificateParams::new(Vec::<String>::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &root).unwrap();
    (root.pem(), leaf.pem(), key.serialize_pem())
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn run(server: Server) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (root, certificate, key) = certificates("localhost");
    let trusted = file("root.pem", &root);
    let other = file("other.pem", &certificates("localhost").0);
    let empty = file("empty.pem", "no certificate\n");
    server.session("postgres").batch_execute("CREATE DATABASE books").unwrap();
    let port = free_port();
    let _server = server.encrypted(port, &certificate, &key);
    let address = |host: &str, rest: &str| {
        Address::read(&format!("postgres://alluse@{host}:{port}/books?{rest}")).expect("an address")
    };
    let opened = |host: &str, rest: &str| PostgresStore::open(&address(host, rest)).err().map(|error| error.fault);

    // The server itself refuses whoever comes without encryption; only the last has no journals yet.
    let plain = PostgresStore::create(&address("localhost", "sslmode=disable")).err().unwrap().to_string();
    assert!(plain.contains("no encryption"), "{plain}");
    PostgresStore::create(&address("localhost", &format!("sslmode=require&sslrootcert={trusted}"))).unwrap();
    for mode in ["verify-full", "verify-ca", "prefer"] {
        assert_eq!(opened("localhost", &format!("sslrootcert={trusted}&sslmode={mode}")), None, "{mode}");
    }

    // A root that did not sign it, no root, and a name that is not its own.
    let refused = |host: &str, rest: &str| match opened(host, rest) {
        Some(StoreFault::Unreachable { detail }) => detail,
        other => panic!("{host} {rest}: {other:?}"),
    };
    assert!(refused("localhost", &format!("sslmode=require&sslrootcert={other}")).contains("invalid peer certificate"));
    let named = refused("127.0.0.1", &format!("sslmode=require&sslrootcert={trusted}"));
    assert!(named.contains("not valid for name"), "{named}");
    for file in [empty.as_str(), "/nowhere/root.pem"] {
        let fault = opened("localhost", &format!("sslmode=require&sslrootcert={file}"));
        assert!(matches!(&fault, Some(StoreFault::Roots { from, .. }) if from == file), "{fault:?}");
    }
}
