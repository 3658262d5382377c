//! What every store of journals must do.

use std::ops::ControlFlow;

use adapters::store::{Address, Location, PostgresStore, Standing, StoreError, StoreFault};
use engine::event::{Opened, World as Prices};
use engine::{Body, Chain, Event, Row};
use jiff::Timestamp;

use super::worlds::{Schemas, World, row, rows};

/// Every test of the battery, each in a fresh place.
pub(crate) fn run(world: &dyn World) {
    rows_come_back_as_they_were_appended(world);
    a_visit_starts_where_it_is_told_and_ends_with_the_visitor(world);
    what_is_held_is_of_one_moment(world);
    a_row_that_does_not_continue_is_refused_and_stops_the_store(world);
    a_second_writer_cannot_interleave(world);
    no_program_changes_or_removes_a_row(world);
    a_missing_row_is_found(world);
    what_is_not_ours_is_refused_and_left_alone(world);
    a_store_of_another_version_is_refused(world);
    a_reader_cannot_append(world);
    an_unfinished_store_never_shows(world);
    a_store_that_is_there_is_not_made_again(world);
    the_engines_journal_comes_back_sound(world);
    rows_of_any_size_are_kept(world);
}

pub(crate) fn fault<T>(result: Result<T, StoreError>) -> StoreFault {
    result.err().expect("must be refused").fault
}

fn rows_come_back_as_they_were_appended(world: &dyn World) {
    let place = world.fresh();
    let mut store = place.create().unwrap();
    assert_eq!(store.portfolios().unwrap(), [0_u32; 0]);
    let mut mixed = rows(7, 0..40);
    mixed.extend(rows(u32::MAX, 0..5));
    mixed.extend(rows(0, 0..1));
    store.append(&mixed).unwrap();
    store.append(&[]).unwrap();
    store.append(&rows(7, 40..41)).unwrap();
    store.finish().unwrap();

    let mut store = place.open().unwrap();
    store.append(&rows(u32::MAX, 5..9)).unwrap();
    let reader = place.open_read_only().unwrap();
    for store in [&store, &reader] {
        assert_eq!(store.portfolios().unwrap(), [0, 7, u32::MAX]);
        assert_eq!(store.rows(7).unwrap(), rows(7, 0..41));
        assert_eq!(store.rows(u32::MAX).unwrap(), rows(u32::MAX, 0..9));
        assert_eq!(store.rows(1).unwrap(), []);
        assert_eq!((store.head(7).unwrap(), store.head(1).unwrap()), (41, 0));
        assert_eq!(store.standing().unwrap(), Standing::Head);
        store.check_structure().unwrap();
        let rests_on = store.durability().unwrap();
        assert!(!rests_on.is_empty() && rests_on.iter().all(|setting| setting.safe), "{rests_on:?}");
    }
    assert_eq!(reader.behind(7, 41).unwrap(), 0);
    store.append(&rows(7, 41..44)).unwrap();
    assert_eq!(reader.behind(7, 41).unwrap(), 3, "a reader that stopped at row 41 is told");
}

fn a_visit_starts_where_it_is_told_and_ends_with_the_visitor(world: &dyn World) {
    let mut store = world.fresh().create().unwrap();
    store.append(&rows(1, 0..300)).unwrap();
    for (from, last) in [(12, 15), (0, 300), (129, 129), (300, 300)] {
        let mut seen = Vec::new();
        let visit = &mut |row: &Row| {
            seen.push(row.row);
            if row.row == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.visit(1, from, visit).unwrap();
        assert_eq!(seen, (from.max(1)..=last).collect::<Vec<_>>());
    }
}

fn what_is_held_is_of_one_moment(world: &dyn World) {
    let place = world.fresh();
    let mut store = place.create().unwrap();
    store.append(&rows(3, 0..5)).unwrap();
    let (held, free) = (place.open_read_only().unwrap(), place.open_read_only().unwrap());
    held.hold().unwrap();
    store.append(&rows(3, 5..9)).unwrap();
    store.append(&rows(8, 0..2)).unwrap();
    for _ in 0..2 {
        assert_eq!((held.rows(3).unwrap(), held.portfolios().unwrap()), (rows(3, 0..5), vec![3]));
        assert_eq!((held.head(3).unwrap(), held.rows(8).unwrap()), (5, vec![]));
    }
    assert_eq!((free.rows(3).unwrap(), free.portfolios().unwrap()), (rows(3, 0..9), vec![3, 8]));
}

fn a_row_that_does_not_continue_is_refused_and_stops_the_store(world: &dyn World) {
    let gap = |field, found, expected| StoreFault::Gap { portfolio: 1, field, found, expected };
    for (wrong, expected) in [
        (row(1, 3), gap("row", 4, 3)),
        (row(1, 1), gap("row", 2, 3)),
        (Row { first_event: 8, ..row(1, 2) }, gap("first_event", 8, 7)),
        (Row { events: 0, ..row(1, 2) }, StoreFault::NoEvents { portfolio: 1, row: 3 }),
    ] {
        let place = world.fresh();
        let mut store = place.create().unwrap();
        store.append(&rows(1, 0..2)).unwrap();
        assert_eq!(fault(store.append(&[row(2, 0), wrong])), expected);
        assert_eq!(fault(store.append(&[row(1, 2)])), StoreFault::Stopped);
        assert_eq!(store.portfolios().unwrap(), [1], "nothing of a refused batch stays");
        assert_eq!(fault(store.finish()), StoreFault::Stopped);
        assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..2));
    }
}

/// A file shows the row in the way; a database has leased the portfolio to the first.
fn a_second_writer_cannot_interleave(world: &dyn World) {
    let place = world.fresh();
    let mut one = place.create().unwrap();
    let mut two = place.open().unwrap();
    one.append(&rows(1, 0..2)).unwrap();
    let second = two.append(&rows(1, 2..3));
    match second {
        Ok(()) => {
            let refusal = fault(one.append(&rows(1, 2..3)));
            assert_eq!(refusal, StoreFault::Taken { portfolio: 1, row: 3 });
        }
        Err(refusal) => {
            assert!(matches!(refusal.fault, StoreFault::Held { portfolio: 1, token: 1, .. }), "{refusal}");
            one.append(&rows(1, 2..3)).unwrap();
        }
    }
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..3));
}

fn no_program_changes_or_removes_a_row(world: &dyn World) {
    let place = world.fresh();
    place.create().unwrap().append(&rows(1, 0..5)).unwrap();
    for sql in [
        "UPDATE journal_row SET events = 1 WHERE row = 2",
        "DELETE FROM journal_row WHERE row = 4",
        "DELETE FROM journal_row",
    ] {
        let refusal = world.sql(&place, sql).unwrap_err();
        assert!(refusal.contains("a journal is append-only"), "{sql}: {refusal}");
    }
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..5));
}

fn a_missing_row_is_found(world: &dyn World) {
    let place = world.fresh();
    place.create().unwrap().append(&rows(1, 0..5)).unwrap();
    world.remove(&place, 3);
    let store = place.open_read_only().unwrap();
    assert!(matches!(fault(store.rows(1)), StoreFault::Damaged { .. }));
}

fn what_is_not_ours_is_refused_and_left_alone(world: &dyn World) {
    let place = world.fresh();
    let missing = fault(place.open());
    assert!(matches!(missing, StoreFault::Missing | StoreFault::NoSchema { .. }), "{missing}");
    world.occupy(&place);
    let theirs = |fault: StoreFault| match fault {
        StoreFault::NotAJournal | StoreFault::NotOurSchema { .. } => {}
        StoreFault::Exists | StoreFault::Occupied { holds: "tables of others", .. } => {}
        other => panic!("{other}"),
    };
    theirs(fault(place.open()));
    theirs(fault(place.open_read_only()));
    theirs(fault(place.create()));
    theirs(fault(place.create_whole()));
    theirs(fault(place.migrate()));
}

fn a_store_of_another_version_is_refused(world: &dyn World) {
    let place = world.fresh();
    let store = place.create().unwrap();
    let known = store.version();
    assert_eq!(place.migrate().unwrap(), known, "what is of this version stays so");
    store.finish().unwrap();
    world.set_version(&place, 900);
    let newer = StoreFault::Newer { found: 900, known };
    for refusal in [fault(place.open()), fault(place.open_read_only()), fault(place.migrate())] {
        assert_eq!(refusal, newer);
        assert!(refusal.to_string().contains("version 900; this program knows up to version"));
    }
}

fn a_reader_cannot_append(world: &dyn World) {
    let place = world.fresh();
    place.create().unwrap().append(&rows(1, 0..2)).unwrap();
    let mut reader = place.open_read_only().unwrap();
    assert_eq!(fault(reader.append(&rows(1, 2..3))), StoreFault::ReadOnly);
    assert_eq!(fault(reader.append(&rows(1, 2..3))), StoreFault::Stopped);
    assert_eq!(reader.rows(1).unwrap(), rows(1, 0..2));
}

fn an_unfinished_store_never_shows(world: &dyn World) {
    let place = world.fresh();
    let is_missing = || matches!(fault(place.open_read_only()), StoreFault::Missing | StoreFault::NoSchema { .. });
    let mut store = place.create_whole().unwrap();
    store.append(&rows(1, 0..500)).unwrap();
    assert!(is_missing());
    drop(store);
    assert!(is_missing());

    let mut store = place.create_whole().unwrap();
    store.append(&rows(1, 0..500)).unwrap();
    store.append(&rows(1, 900..901)).unwrap_err();
    assert_eq!(fault(store.finish()), StoreFault::Stopped);
    assert!(is_missing());

    let mut store = place.create_whole().unwrap();
    store.append(&rows(1, 0..200)).unwrap();
    store.append(&rows(2, 0..200)).unwrap();
    store.append(&rows(1, 200..500)).unwrap();
    store.finish().unwrap();
    let store = place.open_read_only().unwrap();
    assert_eq!((store.rows(1).unwrap(), store.rows(2).unwrap()), (rows(1, 0..500), rows(2, 0..200)));
    let occupied = fault(place.create_whole());
    assert!(matches!(occupied, StoreFault::Exists | StoreFault::Occupied { .. }), "{occupied}");
    place.open().unwrap().append(&rows(1, 500..501)).unwrap();
}

fn a_store_that_is_there_is_not_made_again(world: &dyn World) {
    let place = world.fresh();
    place.create().unwrap().append(&rows(1, 0..2)).unwrap();
    let exists = fault(place.create());
    assert!(matches!(exists, StoreFault::Exists | StoreFault::Occupied { holds: "journals", .. }), "{exists}");
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..2));
}

/// A journal as the engine seals it.
pub(crate) fn sealed(portfolio: u32, rows: usize) -> (Vec<Event>, Vec<Row>) {
    let opened = |n: usize| Event {
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        body: Body::Opened(Opened {
            portfolio: ledger::PortfolioId(portfolio),
            program: "0.1.0".to_owned(),
            schema: 1,
            world: Prices::Simulated,
            source: format!("seed {n}"),
            policy: "text of a policy ".repeat(20),
            premium_model: String::new(),
            people: false,
        }),
    };
    let events: Vec<Event> = (0..rows).map(opened).collect();
    let mut chain = Chain::new(portfolio);
    let rows = events.iter().map(|event| chain.seal(std::slice::from_ref(event)).unwrap()).collect();
    (events, rows)
}

fn the_engines_journal_comes_back_sound(world: &dyn World) {
    let place = world.fresh();
    let (events, rows) = sealed(1, 30);
    let mut store = place.create().unwrap();
    runtime::Store::append(&mut store, rows).unwrap();
    store.finish().unwrap();
    let stored = place.open_read_only().unwrap().rows(1).unwrap();
    let (read, chain) = engine::journal::read(1, &stored).unwrap();
    assert_eq!((read, chain.events()), (events, 30));
}

fn rows_of_any_size_are_kept(world: &dyn World) {
    let place = world.fresh();
    let sizes = [0, 1, 8191, 8192, 70_000, 3_000_000];
    let sized: Vec<Row> = (0..).zip(sizes).map(|(n, size)| Row { bytes: vec![n as u8; size], ..row(1, n) }).collect();
    place.create().unwrap().append(&sized).unwrap();
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), sized);
}

/// What is asked of a database beyond that.
pub(crate) fn database(world: &Schemas<'_>) {
    an_earlier_version_is_migrated_with_its_rows(world);
    who_may_only_read_cannot_append(world);
    a_structure_that_was_tampered_with_is_found(world);
    an_address_never_shows_its_password(world);
}

fn an_earlier_version_is_migrated_with_its_rows(world: &Schemas<'_>) {
    let place = world.fresh();
    PostgresStore::create_at(&world.address(&place), 1).unwrap();
    let old = "INSERT INTO journal_row SELECT 1, 1, 1, 3, '', digest, digest
               FROM (SELECT decode(repeat('00', 32), 'hex') AS digest) AS zeros";
    world.sql(&place, old).unwrap();
    for refusal in [fault(place.open()), fault(place.open_read_only())] {
        assert_eq!(refusal, StoreFault::Older { found: 1, known: 2 });
        assert!(refusal.to_string().contains("run `alluse store migrate`"));
    }
    assert_eq!((place.migrate().unwrap(), place.migrate().unwrap()), (1, 2));
    let mut store = place.open().unwrap();
    store.append(&rows(1, 1..2)).unwrap();
    assert_eq!(store.rows(1).unwrap().len(), 2);
    store.check_structure().unwrap();
}

fn who_may_only_read_cannot_append(world: &Schemas<'_>) {
    let place = world.fresh();
    place.create().unwrap().append(&rows(1, 0..2)).unwrap();
    let schema = Schemas::schema(&place);
    let grant = format!(
        "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA {schema} TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader"
    );
    world.sql(&place, &grant).unwrap();
    let address = world.server.address(&world.database, &schema).replace("alluse@", "reader@");
    let reader = Location::read(std::path::Path::new(&address), None).unwrap();
    assert_eq!(reader.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..2));
    assert_eq!(fault(reader.open().unwrap().append(&rows(1, 2..3))), StoreFault::ReadOnly);
}

fn a_structure_that_was_tampered_with_is_found(world: &Schemas<'_>) {
    for (sql, words) in [
        ("ALTER TABLE journal_row DISABLE TRIGGER journal_row_never_changes", "journal_row_never_changes"),
        ("ALTER TABLE journal_row DISABLE TRIGGER journal_row_under_lease", "journal_row_under_lease"),
        ("DROP TRIGGER lease_tokens_rise ON lease", "lease_tokens_rise"),
        ("SET session_replication_role = replica; DELETE FROM journal_row WHERE row = 3", "row 4 does not continue"),
        ("SET session_replication_role = replica; UPDATE journal_row SET token = 9 WHERE row = 2", "row 3 does not"),
        ("SET session_replication_role = replica; UPDATE journal_row SET first_event = 2 WHERE row = 1", "row 1 does"),
    ] {
        let place = world.fresh();
        place.create().unwrap().append(&rows(1, 0..5)).unwrap();
        world.sql(&place, sql).unwrap();
        let found = fault(place.open_read_only().unwrap().check_structure());
        assert!(matches!(&found, StoreFault::Damaged { detail } if detail.contains(words)), "{sql}: {found}");
    }
}

fn an_address_never_shows_its_password(world: &Schemas<'_>) {
    let text = world.server.address(&world.database, "nothing").replace("alluse@", "alluse:hunter2@");
    let address = Address::read(&text).unwrap();
    let refusal = PostgresStore::open(&address).err().unwrap();
    for shown in [refusal.to_string(), format!("{refusal:?}"), format!("{address:?}"), address.place().to_string()] {
        assert!(!shown.contains("hunter2") && shown.contains("alluse@"), "{shown}");
    }
    for wrong in [
        "postgres://a:hunter2@/x?schema=Bad-Name",
        "postgres://a:hunter2@host:hunter2/x",
        "postgres://a:hunter2@host",
        "postgres://a:hunter2@host/x?hunter=2",
        "postgres://a:hunter2@host/x?sslmode=hunter2",
    ] {
        let refusal = Address::read(wrong).expect_err(wrong);
        assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
    }
}
