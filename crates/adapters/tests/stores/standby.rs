//! A reader of a standby is told that it reads a copy, and how far that is behind.

use std::path::Path;

use adapters::store::{Location, Standing, StoreFault};

use super::battery::fault;
use super::server::Server;
use super::worlds::{Schemas, World, rows};

pub(crate) fn run(server: &Server) {
    let schemas = Schemas::new(server);
    let place = schemas.fresh();
    let mut store = place.create().unwrap();
    store.append(&rows(1, 0..10)).unwrap();

    let follower = server.standby();
    let address = follower.address(&schemas.database, &Schemas::schema(&place));
    let copy = Location::read(Path::new(&address), None).unwrap();
    assert_eq!(fault(copy.open()), StoreFault::Standby);
    let reader = copy.open_read_only().unwrap();
    assert_eq!(reader.rows(1).unwrap(), rows(1, 0..10));

    follower.session("postgres").batch_execute("SELECT pg_wal_replay_pause()").unwrap();
    store.append(&rows(1, 10..200)).unwrap();
    let waiting = loop {
        match reader.standing().unwrap() {
            Standing::Head => panic!("a standby is not the head"),
            Standing::Standby { waiting: Some(bytes @ 1..), .. } => break bytes,
            Standing::Standby { .. } => {}
        }
    };
    assert!(reader.standing().unwrap().to_string().contains("not shown yet"), "{waiting} bytes");
    assert_eq!(reader.head(1).unwrap(), 10, "what is not shown is not made up");

    follower.session("postgres").batch_execute("SELECT pg_wal_replay_resume()").unwrap();
    while reader.head(1).unwrap() < 200 {}
    let standing = reader.standing().unwrap();
    assert!(matches!(standing, Standing::Standby { shows: Some(_), .. }), "{standing}");
    assert_eq!(reader.rows(1).unwrap(), rows(1, 0..200));
}
