//! Answers that are lost on the way, settings that would lose them, and servers that are killed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc;

use adapters::store::{Address, Lease, PostgresStore, StoreFault};
use engine::Row;

use super::battery::fault;
use super::server::Server;
use super::worlds::{Schemas, World, row, rows};

/// At which side of the server a commit's words are lost.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    /// The commit never arrives.
    Asking,
    /// It does, and its answer is lost.
    Answering,
}

/// A wire to a server that is cut at the second commit that goes over it; the first is that of a first append.
fn wire(server: &Server, folder: &Path, cut: Cut) {
    let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
    let server = server.socket();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let behind = UnixStream::connect(server).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), behind.try_clone().unwrap());
        let (mut from_server, mut to_client) = (behind, client);
        let (tell, cut_now) = mpsc::channel();
        let answers = std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(n @ 1..) = from_server.read(&mut buffer) {
                // Once a commit was let through, what comes back is its answer.
                if cut_now.try_recv().is_ok() || to_client.write_all(&buffer[..n]).is_err() {
                    break;
                }
            }
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let mut buffer = [0; 65_536];
        let mut commits = 0;
        while let Ok(n @ 1..) = from_client.read(&mut buffer) {
            commits += usize::from(buffer[..n].windows(6).any(|word| word == b"COMMIT"));
            if commits == 2 && cut == Cut::Asking {
                break;
            }
            if commits == 2 {
                tell.send(()).unwrap();
            }
            if to_server.write_all(&buffer[..n]).is_err() {
                break;
            }
        }
        let _ = (to_server.shutdown(Shutdown::Both), from_client.shutdown(Shutdown::Both));
        answers.join().unwrap();
    });
}

/// A commit whose answer was lost is unknown: the store stops, says so, and the journal knows once it is opened again.
pub(crate) fn answers(world: &Schemas<'_>) {
    for (cut, kept) in [(Cut::Asking, 2), (Cut::Answering, 5)] {
        let place = world.fresh();
        place.create().unwrap().finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        wire(world.server, folder.path(), cut);
        let schema = Schemas::schema(&place);
        let address = format!("postgres://alluse@/{}?host={}&schema={schema}", world.database, folder.path().display());
        let mut store = PostgresStore::open(&Address::read(&address).unwrap()).unwrap();
        store.append(&rows(1, 0..2)).unwrap();
        let refusal = store.append(&rows(1, 2..5)).unwrap_err();
        assert!(matches!(refusal.fault, StoreFault::Unknown { .. }), "{refusal}");
        assert_eq!(fault(store.append(&rows(1, 2..5))), StoreFault::Stopped, "it is never tried again");
        drop(store);
        // Waits for the lock that the server's side of the cut wire may still hold.
        let lease = Lease { take_over: true, ..Lease::default() };
        let mut again = PostgresStore::open_with(&world.address(&place), lease).unwrap();
        again.claim(1).unwrap();
        assert_eq!(again.head(1).unwrap(), kept);
        again.append(&rows(1, kept..kept + 1)).unwrap();
    }
}

/// The other end of the wire reads nothing more and says nothing more, as one does whose machine is gone, after so many
/// bytes; it is let go when the test is done with it.
fn mute_wire(server: &Server, after: usize) -> (u16, mpsc::Sender<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = server.socket();
    let (let_go, kept) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let behind = UnixStream::connect(server).unwrap();
        let (mut to_server, mut from_server) = (behind.try_clone().unwrap(), behind);
        let mut to_client = client.try_clone().unwrap();
        std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        let (mut buffer, mut read) = ([0; 65_536], 0);
        while read < after {
            let Ok(n @ 1..) = client.read(&mut buffer) else { return };
            read += n;
            if to_server.write_all(&buffer[..n]).is_err() {
                return;
            }
        }
        // Both ends stay open.
        let _ = kept.recv();
    });
    (port, let_go)
}

/// A connection whose other end is gone without a word (bar R12): the append ends when what was sent stays
/// unacknowledged for as long as the address says, the store stops, and the journal is as it was.
pub(crate) fn half_open(world: &Schemas<'_>) {
    let place = world.fresh();
    place.create().unwrap().finish().unwrap();
    let (port, let_go) = mute_wire(world.server, 100_000);
    let (database, schema) = (&world.database, Schemas::schema(&place));
    let address =
        format!("postgres://alluse@127.0.0.1:{port}/{database}?sslmode=disable&tcp_user_timeout=1&schema={schema}");
    let mut store = PostgresStore::open(&Address::read(&address).unwrap()).unwrap();
    store.append(&rows(1, 0..2)).unwrap();
    let large = Row { bytes: vec![7; 64 << 20], ..row(1, 2) };
    let refusal = store.append(&[large]).unwrap_err();
    let is_lost = matches!(refusal.fault, StoreFault::Unknown { .. } | StoreFault::Unreachable { .. });
    assert!(is_lost, "{refusal}");
    assert_eq!(fault(store.append(&rows(1, 2..3))), StoreFault::Stopped, "it is never tried again");
    drop((store, let_go));
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..2));
}

/// A database that would acknowledge a commit before it is on the disk is refused.
pub(crate) fn settings(world: &Schemas<'_>) {
    let place = world.fresh();
    place.create().unwrap().finish().unwrap();
    let set = |value: &str| {
        let sql = format!("ALTER DATABASE {} SET synchronous_commit = {value}", world.database);
        world.server.session("postgres").batch_execute(&sql).unwrap();
    };
    for value in ["off", "local", "remote_write"] {
        set(value);
        let refusal = place.open().err().unwrap();
        let found = value.to_owned();
        assert_eq!(refusal.fault, StoreFault::NotDurable { setting: "synchronous_commit", found, expected: "on" });
        assert!(matches!(fault(place.create_whole()), StoreFault::NotDurable { .. }));
        place.open_read_only().unwrap();
    }
    for value in ["remote_apply", "on"] {
        set(value);
        place.open().unwrap().append(&[]).unwrap();
    }
    let set = |value: &str| {
        let mut session = world.server.session("postgres");
        session.batch_execute(&format!("ALTER SYSTEM SET fsync = {value}")).unwrap();
        session.batch_execute("SELECT pg_reload_conf()").unwrap();
        // New sessions begin with what the server has read by then.
        let shown = || -> String { world.server.session("postgres").query_one("SHOW fsync", &[]).unwrap().get(0) };
        while shown() != value {}
    };
    set("off");
    assert!(matches!(fault(place.open()), StoreFault::NotDurable { setting: "fsync", .. }));
    set("on");
    place.open().unwrap();
}

/// A server that is killed while a writer appends: nothing acknowledged is lost, nothing half is kept.
pub(crate) fn killed(server: &mut Server) {
    const GROUP: u64 = 3;
    let schemas = Schemas::new(server);
    let place = schemas.fresh();
    place.create().unwrap().finish().unwrap();
    let address = schemas.address(&place);
    for appends_before_the_kill in [1, 20, 150] {
        let (tell, heard) = mpsc::channel();
        let writer = std::thread::spawn({
            let address = address.clone();
            move || {
                let lease = Lease { take_over: true, ..Lease::default() };
                let mut store = PostgresStore::open_with(&address, lease).unwrap();
                let mut next = store.head(9).unwrap();
                loop {
                    let group: Vec<Row> = (next..next + GROUP).map(|n| row(9, n)).collect();
                    match store.append(&group) {
                        Ok(()) => next += GROUP,
                        Err(refusal) => return (next, refusal.fault),
                    }
                    let _ = tell.send(());
                }
            }
        });
        (0..appends_before_the_kill).for_each(|_| heard.recv().unwrap());
        server.crash();
        let (acknowledged, refusal) = writer.join().unwrap();
        let is_lost = matches!(refusal, StoreFault::Unknown { .. } | StoreFault::Unreachable { .. });
        assert!(is_lost, "{refusal}");
        let store = PostgresStore::open_read_only(&address).unwrap();
        let kept = store.head(9).unwrap();
        assert!(kept == acknowledged || kept == acknowledged + GROUP, "{kept} rows kept of {acknowledged}");
        store.check_structure().unwrap();
    }
}
