//! One writer for each portfolio: by lease, by token, by the database's clock.

use std::time::Duration;

use adapters::store::{Address, Lease, Location, PostgresStore, StoreFault};
use engine::Row;

use super::battery::fault;
use super::worlds::{Schemas, World, row, rows};

/// Every test of leases, each in a fresh schema.
pub(crate) fn run(world: &Schemas<'_>) {
    a_lease_is_taken_once_and_by_whom_is_told(world);
    each_taking_raises_the_token(world);
    a_lease_that_was_taken_over_never_appends(world);
    a_lease_that_ran_out_never_appends(world);
    a_lease_that_is_lost_between_insert_and_commit_never_appends(world);
    no_program_forges_a_lease(world);
    a_clock_that_is_set_makes_no_second_writer(world);
    an_append_renews_its_lease(world);
    an_idle_writer_renews_its_lease(world);
    writers_that_steal_from_each_other_lose_nothing(world);
}

fn named(holder: &str) -> Lease {
    Lease { holder: holder.to_owned(), lasts: Duration::from_secs(600), take_over: false }
}

fn made(world: &Schemas<'_>) -> (Location, Address) {
    let place = world.fresh();
    place.create().unwrap().finish().unwrap();
    let address = world.address(&place);
    (place, address)
}

/// Lets every lease run out, as time would, by the database's clock.
fn run_out(world: &Schemas<'_>, place: &Location) {
    world.sql(place, "UPDATE lease SET expires_at = clock_timestamp()").unwrap();
}

fn a_lease_is_taken_once_and_by_whom_is_told(world: &Schemas<'_>) {
    let (_, address) = made(world);
    let mut one = PostgresStore::open_with(&address, named("the first")).unwrap();
    let mut two = PostgresStore::open_with(&address, named("the second")).unwrap();
    assert_eq!(one.claim(1).unwrap(), 1);
    assert_eq!(one.claim(1).unwrap(), 1, "what is held is not taken again");
    let refusal = two.claim(1).unwrap_err();
    let StoreFault::Held { portfolio: 1, token: 1, seconds, .. } = refusal.fault.clone() else {
        panic!("{:?}", refusal.fault)
    };
    assert!((1..=600).contains(&seconds));
    assert!(refusal.to_string().contains("the first holds the lease (token 1)"), "{refusal}");
    two.append(&rows(2, 0..1)).unwrap();
    one.append(&rows(1, 0..1)).unwrap();
}

fn each_taking_raises_the_token(world: &Schemas<'_>) {
    let (place, address) = made(world);
    for token in 1..=3 {
        let mut store = PostgresStore::open_with(&address, named("again")).unwrap();
        assert_eq!(store.claim(1).unwrap(), token);
        store.append(&rows(1, token - 1..token)).unwrap();
        store.finish().unwrap();
    }
    let mut crashed = PostgresStore::open_with(&address, named("again")).unwrap();
    assert_eq!(crashed.claim(1).unwrap(), 4);
    drop(crashed);
    let mut next = PostgresStore::open_with(&address, named("again")).unwrap();
    assert!(matches!(fault(next.claim(1)), StoreFault::Held { token: 4, .. }), "a crash does not give back");
    run_out(world, &place);
    assert_eq!(next.claim(1).unwrap(), 5);
    let tokens = world.session(&place).query("SELECT token FROM journal_row ORDER BY row", &[]).unwrap();
    assert_eq!(tokens.iter().map(|row| row.get(0)).collect::<Vec<i64>>(), [1, 2, 3], "each row names its token");
}

fn a_lease_that_was_taken_over_never_appends(world: &Schemas<'_>) {
    let (place, address) = made(world);
    let mut one = PostgresStore::open_with(&address, named("one")).unwrap();
    one.append(&rows(1, 0..2)).unwrap();
    let mut two = PostgresStore::open_with(&address, Lease { take_over: true, ..named("two") }).unwrap();
    assert_eq!(two.claim(1).unwrap(), 2);
    assert_eq!(fault(one.append(&rows(1, 2..3))), StoreFault::Fenced { portfolio: 1, token: 1, now: 2 });
    assert_eq!(fault(one.append(&rows(1, 2..3))), StoreFault::Stopped);
    two.append(&[Row { bytes: vec![9], ..row(1, 2) }]).unwrap();
    let kept = place.open_read_only().unwrap().rows(1).unwrap();
    assert_eq!((kept.len(), &kept[2].bytes[..]), (3, &[9][..]));
}

fn a_lease_that_ran_out_never_appends(world: &Schemas<'_>) {
    let (place, address) = made(world);
    let mut store = PostgresStore::open_with(&address, named("late")).unwrap();
    store.append(&rows(1, 0..2)).unwrap();
    run_out(world, &place);
    assert_eq!(fault(store.append(&rows(1, 2..3))), StoreFault::Expired { portfolio: 1, token: 1 });
    assert_eq!(fault(store.append(&rows(1, 2..3))), StoreFault::Stopped);
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..2));
}

/// The database's clock is set an hour forward or back (bar R12): as if every lease ended an hour earlier or later.
fn a_clock_that_is_set_makes_no_second_writer(world: &Schemas<'_>) {
    let set = |place: &Location, hours: i32| {
        let sql = format!("UPDATE lease SET expires_at = expires_at - {hours} * interval '1 hour'");
        let mut server = world.session(place);
        server.batch_execute("SET session_replication_role = replica").unwrap();
        server.batch_execute(&sql).unwrap();
    };
    // Forward: the lease has run out, its holder is told and stops, and the next writer has the next token.
    let (place, address) = made(world);
    let mut one = PostgresStore::open_with(&address, named("one")).unwrap();
    one.append(&rows(1, 0..2)).unwrap();
    set(&place, 1);
    let mut two = PostgresStore::open_with(&address, named("two")).unwrap();
    assert_eq!(two.claim(1).unwrap(), 2);
    assert_eq!(fault(one.append(&rows(1, 2..3))), StoreFault::Fenced { portfolio: 1, token: 1, now: 2 });
    two.append(&rows(1, 2..3)).unwrap();
    // Back: the lease lasts an hour longer. Its holder goes on; another waits for it to be given back, or takes it.
    set(&place, -1);
    let mut three = PostgresStore::open_with(&address, named("three")).unwrap();
    let StoreFault::Held { token: 2, seconds, .. } = fault(three.claim(1)) else { panic!("it is held") };
    assert!(seconds > 3_600, "{seconds}");
    two.append(&rows(1, 3..4)).unwrap();
    two.finish().unwrap();
    assert_eq!(three.claim(1).unwrap(), 3, "what is given back is free by any clock");
    three.append(&rows(1, 4..5)).unwrap();
    assert_eq!(place.open_read_only().unwrap().rows(1).unwrap(), rows(1, 0..5));
}

/// How a lease is lost.
type Loss<'a> = &'a dyn Fn(&Location, &Address);

/// The database looks once more as the transaction commits: a program that inserted in time and commits too late, or
/// that knows nothing of leases, is refused as well.
fn a_lease_that_is_lost_between_insert_and_commit_never_appends(world: &Schemas<'_>) {
    let insert = "BEGIN; INSERT INTO journal_row SELECT 1, 1, 1, 3, '', digest, digest, 1
                  FROM (SELECT decode(repeat('00', 32), 'hex') AS digest) AS zeros";
    let run_out = |place: &Location, _: &Address| run_out(world, place);
    let steal = |_: &Location, address: &Address| {
        let lease = Lease { take_over: true, ..named("thief") };
        PostgresStore::open_with(address, lease).unwrap().claim(1).unwrap();
    };
    let losses: [(&str, Loss<'_>); 2] = [("ran out", &run_out), ("taken over", &steal)];
    for (how, lose) in losses {
        let (place, address) = made(world);
        let mut holder = PostgresStore::open_with(&address, named("holder")).unwrap();
        holder.claim(1).unwrap();
        let mut slow = world.session(&place);
        slow.batch_execute(insert).unwrap();
        lose(&place, &address);
        let refusal = slow.batch_execute("COMMIT").unwrap_err();
        let said = refusal.as_db_error().unwrap().message();
        assert_eq!(said, "portfolio 1, row 1: no lease holds with token 1", "{how}");
        assert_eq!(place.open_read_only().unwrap().head(1).unwrap(), 0);
        // While it holds, the same program would have been let through.
        let (place, address) = made(world);
        PostgresStore::open_with(&address, named("holder")).unwrap().claim(1).unwrap();
        world.sql(&place, &format!("{insert}; COMMIT")).unwrap();
    }
}

fn no_program_forges_a_lease(world: &Schemas<'_>) {
    let (place, address) = made(world);
    let mut store = PostgresStore::open_with(&address, named("holder")).unwrap();
    store.claim(1).unwrap();
    for sql in [
        "DELETE FROM lease",
        "TRUNCATE lease",
        "TRUNCATE journal_row",
        "UPDATE lease SET token = 0",
        "UPDATE lease SET holder = 'me'",
        "UPDATE lease SET portfolio = 2",
        "UPDATE lease SET expires_at = clock_timestamp(); UPDATE lease SET expires_at = clock_timestamp() + '1 hour'",
    ] {
        let refusal = world.sql(&place, sql).unwrap_err();
        assert!(refusal.contains("append-only") || refusal.contains("a higher token"), "{sql}: {refusal}");
    }
    store.append(&rows(1, 0..1)).unwrap();
}

fn left(world: &Schemas<'_>, place: &Location) -> i64 {
    let left = "SELECT extract(epoch FROM expires_at - clock_timestamp())::bigint FROM lease";
    world.session(place).query_one(left, &[]).unwrap().get(0)
}

fn an_append_renews_its_lease(world: &Schemas<'_>) {
    let (place, address) = made(world);
    let mut store = PostgresStore::open_with(&address, named("busy")).unwrap();
    store.append(&rows(1, 0..1)).unwrap();
    world.sql(&place, "UPDATE lease SET expires_at = clock_timestamp() + '100 seconds'").unwrap();
    store.append(&rows(1, 1..2)).unwrap();
    assert!(left(world, &place) > 500);
}

fn an_idle_writer_renews_its_lease(world: &Schemas<'_>) {
    let (place, address) = made(world);
    let mut store = PostgresStore::open_with(&address, named("idle")).unwrap();
    store.claim(1).unwrap();
    world.sql(&place, "UPDATE lease SET expires_at = clock_timestamp() + '100 seconds'").unwrap();
    store.renew().unwrap();
    assert!(left(world, &place) > 500);
    run_out(world, &place);
    assert_eq!(fault(store.renew()), StoreFault::Expired { portfolio: 1, token: 1 });
    assert_eq!(fault(store.renew()), StoreFault::Stopped);
}

/// Three writers take the portfolio from each other, as fast as they can. Whatever one was told it has appended is
/// there, once, and nothing else.
fn writers_that_steal_from_each_other_lose_nothing(world: &Schemas<'_>) {
    const TURNS: usize = 60;
    let (place, address) = made(world);
    let write = |writer: u8| {
        let mut acknowledged = Vec::new();
        for turn in 0..TURNS {
            let lease = Lease { take_over: true, ..named(&format!("writer {writer}")) };
            let mut store = PostgresStore::open_with(&address, lease).unwrap();
            store.claim(1).unwrap();
            let next = store.head(1).unwrap();
            for (n, nth) in (next..).zip(0..5_u8) {
                let bytes = vec![writer, u8::try_from(turn).unwrap(), nth];
                match store.append(&[Row { bytes: bytes.clone(), ..row(1, n) }]) {
                    Ok(()) => acknowledged.push(bytes),
                    Err(refusal) => {
                        assert!(matches!(refusal.fault, StoreFault::Fenced { .. }), "{refusal}");
                        break;
                    }
                }
            }
        }
        acknowledged
    };
    let mut acknowledged: Vec<Vec<u8>> = std::thread::scope(|threads| {
        let writers: Vec<_> = (1..=3).map(|writer| threads.spawn(move || write(writer))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let store = place.open_read_only().unwrap();
    store.check_structure().unwrap();
    let mut kept: Vec<Vec<u8>> = store.rows(1).unwrap().into_iter().map(|row| row.bytes).collect();
    acknowledged.sort();
    kept.sort();
    assert_eq!(kept, acknowledged);
}
