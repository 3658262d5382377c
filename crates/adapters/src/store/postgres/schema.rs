//! The tables in a PostgreSQL schema, by version, and how a schema is told to be one of ours.

use postgres::Client;
use postgres::GenericClient;

use super::super::StoreFault;

/// Version of the tables that this program writes. A schema with a higher one is refused, one with a lower is migrated.
pub const POSTGRES_VERSION: i32 = 2;

/// What the table of versions says of itself: it marks a schema as ours.
const MARK: &str = "ALL-USE journals";

/// One step from each version to the next; a step that shipped is never changed.
const STEPS: [&str; POSTGRES_VERSION as usize] = [ROWS, LEASES];

/// Version 1: rows that are appended and never changed.
const ROWS: &str = "
CREATE TABLE journal_row (
  portfolio   bigint NOT NULL CHECK (portfolio BETWEEN 0 AND 4294967295),
  row         bigint NOT NULL CHECK (row >= 1),
  first_event bigint NOT NULL CHECK (first_event >= 1),
  events      bigint NOT NULL CHECK (events BETWEEN 1 AND 4294967295),
  bytes       bytea  NOT NULL,
  digest      bytea  NOT NULL CHECK (octet_length(digest) = 32),
  chain       bytea  NOT NULL CHECK (octet_length(chain) = 32),
  PRIMARY KEY (portfolio, row)
);
-- Event bytes are dense already: no time is spent on compressing them.
ALTER TABLE journal_row ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a journal is append-only' USING ERRCODE = 'AU002'; END $$;

CREATE TRIGGER journal_row_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_row
  FOR EACH STATEMENT EXECUTE FUNCTION never();
";

/// Version 2: one writer for each portfolio. A lease is taken, by the database's clock, when nobody holds it or it has
/// run out, and each taking raises its fencing token. Every row names the token under which it was written, and the
/// database looks at the lease once more when the transaction commits, whoever wrote the row and by what program. Rows
/// of version 1 have token 0.
const LEASES: &str = "
CREATE TABLE lease (
  portfolio  bigint      PRIMARY KEY CHECK (portfolio BETWEEN 0 AND 4294967295),
  token      bigint      NOT NULL CHECK (token >= 1),
  holder     text        NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE FUNCTION tokens_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.portfolio <> OLD.portfolio OR NEW.token < OLD.token
     OR (NEW.token = OLD.token AND (NEW.holder <> OLD.holder OR OLD.expires_at <= clock_timestamp())) THEN
    RAISE EXCEPTION 'a lease that changes hands or ran out gets a higher token' USING ERRCODE = 'AU003';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER lease_tokens_rise BEFORE UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION tokens_rise();

CREATE TRIGGER lease_never_goes BEFORE DELETE OR TRUNCATE ON lease FOR EACH STATEMENT EXECUTE FUNCTION never();

ALTER TABLE journal_row ADD COLUMN token bigint NOT NULL DEFAULT 0 CHECK (token >= 0);
ALTER TABLE journal_row ALTER COLUMN token DROP DEFAULT;

CREATE FUNCTION under_lease() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM 1 FROM lease
    WHERE portfolio = NEW.portfolio AND token = NEW.token AND expires_at > clock_timestamp() FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'portfolio %, row %: no lease holds with token %', NEW.portfolio, NEW.row, NEW.token
      USING ERRCODE = 'AU001';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER journal_row_under_lease AFTER INSERT ON journal_row DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION under_lease();
";

/// Every trigger that guards the tables.
pub(super) const TRIGGERS: [&str; 4] =
    ["journal_row_never_changes", "journal_row_under_lease", "lease_never_goes", "lease_tokens_rise"];

/// What a schema holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is none, or an empty one.
    Nothing,
    /// Tables of ours, of this version.
    Ours(i32),
    /// Something else.
    Theirs,
}

/// Looks what the schema holds.
pub(super) fn look(client: &mut impl GenericClient, schema: &str) -> Result<Found, StoreFault> {
    const LOOK: &str = "
        SELECT coalesce((SELECT obj_description(c.oid, 'pg_class') = $2 FROM pg_class c
                         WHERE c.relnamespace = n.oid AND c.relname = 'store_version'), false),
               EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)
        FROM pg_namespace n WHERE n.nspname = $1";
    let Some(found) = client.query_opt(LOOK, &[&schema, &MARK])? else { return Ok(Found::Nothing) };
    match (found.get(0), found.get(1)) {
        (true, _) => {
            let newest: Option<i32> = client.query_one("SELECT max(version) FROM store_version", &[])?.get(0);
            Ok(newest.map_or(Found::Theirs, Found::Ours))
        }
        (false, true) => Ok(Found::Theirs),
        (false, false) => Ok(Found::Nothing),
    }
}

/// The version of tables of ours that can be used as they are.
pub(super) fn verify(client: &mut Client, schema: &str) -> Result<(), StoreFault> {
    let named = || schema.to_owned();
    match look(client, schema)? {
        Found::Nothing => Err(StoreFault::NoSchema { schema: named() }),
        Found::Theirs => Err(StoreFault::NotOurSchema { schema: named() }),
        Found::Ours(POSTGRES_VERSION) => Ok(()),
        Found::Ours(found) if found > POSTGRES_VERSION => Err(StoreFault::Newer { found, known: POSTGRES_VERSION }),
        Found::Ours(found) => Err(StoreFault::Older { found, known: POSTGRES_VERSION }),
    }
}

/// Makes the schema with tables of version `to`, inside a transaction that is under way.
pub(super) fn create(client: &mut impl GenericClient, schema: &str, to: i32) -> Result<(), StoreFault> {
    lock(client, schema)?;
    match look(client, schema)? {
        Found::Nothing => {}
        Found::Ours(_) => return Err(StoreFault::Occupied { schema: schema.to_owned(), holds: "journals" }),
        Found::Theirs => return Err(StoreFault::Occupied { schema: schema.to_owned(), holds: "tables of others" }),
    }
    client.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};
         CREATE TABLE store_version (
           version integer PRIMARY KEY, program text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
         COMMENT ON TABLE store_version IS '{MARK}'"
    ))?;
    climb(client, 0, to)
}

/// Takes the tables from their version to this program's, inside a transaction that is under way; where they were.
pub(super) fn migrate(client: &mut impl GenericClient, schema: &str) -> Result<i32, StoreFault> {
    lock(client, schema)?;
    match look(client, schema)? {
        Found::Nothing => Err(StoreFault::NoSchema { schema: schema.to_owned() }),
        Found::Theirs => Err(StoreFault::NotOurSchema { schema: schema.to_owned() }),
        Found::Ours(found) if found > POSTGRES_VERSION => Err(StoreFault::Newer { found, known: POSTGRES_VERSION }),
        Found::Ours(found) => climb(client, found, POSTGRES_VERSION).map(|()| found),
    }
}

fn climb(client: &mut impl GenericClient, from: i32, to: i32) -> Result<(), StoreFault> {
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > from && *version <= to) {
        client.batch_execute(step)?;
        client.execute(
            "INSERT INTO store_version (version, program) VALUES ($1, $2)",
            &[&version, &env!("CARGO_PKG_VERSION")],
        )?;
    }
    Ok(())
}

/// Two programs never change the tables of one schema at once.
fn lock(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreFault> {
    client.execute("SELECT pg_advisory_xact_lock(hashtextextended('ALL-USE ' || $1, 0))", &[&schema])?;
    Ok(())
}
