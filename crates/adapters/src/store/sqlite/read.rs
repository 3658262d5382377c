//! Reads the rows of one portfolio, in either layout of a file.

use std::collections::BTreeMap;

use engine::Row;
use rusqlite::{Connection, OptionalExtension, params};

use super::schema::Layout;
use super::{Head, START, StoreFault, damaged, signed, unsigned};

/// Rows of portfolio `?1` from row `?2` on; one statement after the other, in order.
const KEYED: &[&str] = &["SELECT portfolio, row, first_event, events, bytes, digest, chain
                          FROM journal_row WHERE portfolio = ?1 AND row >= ?2 ORDER BY row"];
const PLACED: &[&str] = &[
    "SELECT r.portfolio, r.row, r.first_event, r.events, r.bytes, r.digest, r.chain
     FROM row_place p CROSS JOIN journal_row r ON r.position = p.position
     WHERE p.portfolio = ?1 AND p.row >= ?2 ORDER BY p.row",
    "SELECT portfolio, row, first_event, events, bytes, digest, chain FROM unplaced_row
     WHERE portfolio = ?1 AND row >= ?2 ORDER BY position",
];

/// Where the next row of portfolio `?1` goes.
const KEYED_HEAD: &str = "SELECT row + 1, first_event + events FROM journal_row
                          WHERE portfolio = ?1 ORDER BY row DESC LIMIT 1";
const PLACED_HEAD: &str = "SELECT r.row + 1, r.first_event + r.events
                           FROM row_place p CROSS JOIN journal_row r ON r.position = p.position
                           WHERE p.portfolio = ?1 ORDER BY p.row DESC LIMIT 1";
const UNPLACED_HEAD: &str = "SELECT row + 1, first_event + events FROM unplaced_row
                             WHERE portfolio = ?1 ORDER BY position DESC LIMIT 1";
/// The same of every portfolio, a later row after an earlier one.
const UNPLACED_HEADS: &str = "SELECT portfolio, row + 1, first_event + events FROM unplaced_row
                              ORDER BY position";
const ENDS: &str = "SELECT coalesce((SELECT max(position) FROM journal_row), 0), through FROM placed";

/// One step down the key for each portfolio, instead of a sweep over all rows.
const KEYED_PORTFOLIOS: &str = "WITH RECURSIVE each(portfolio) AS (
                                  SELECT min(portfolio) FROM journal_row
                                  UNION ALL
                                  SELECT (SELECT min(portfolio) FROM journal_row WHERE portfolio > each.portfolio)
                                  FROM each WHERE each.portfolio IS NOT NULL)
                                SELECT portfolio FROM each WHERE portfolio IS NOT NULL";
const PLACED_PORTFOLIOS: &str = "WITH RECURSIVE each(portfolio) AS (
                                   SELECT min(portfolio) FROM row_place
                                   UNION ALL
                                   SELECT (SELECT min(portfolio) FROM row_place WHERE portfolio > each.portfolio)
                                   FROM each WHERE each.portfolio IS NOT NULL)
                                 SELECT portfolio FROM each WHERE portfolio IS NOT NULL
                                 UNION
                                 SELECT portfolio FROM unplaced_row ORDER BY 1";

/// Places that say of a row what it does not say of itself, and rows that should have one and have none.
const MISPLACED: &str = "SELECT count(*) FROM row_place p LEFT JOIN journal_row r ON r.position = p.position
                         WHERE r.portfolio IS NOT p.portfolio OR r.row IS NOT p.row";
const UNPLACED: &str = "SELECT (SELECT count(*) FROM journal_row) - (SELECT count(*) FROM unplaced_row)
                             - (SELECT count(*) FROM row_place)";

impl Layout {
    /// Visits rows in order, one in memory at a time; the visitor's error ends the sweep and is the inner result.
    pub(super) fn sweep<E>(
        self,
        connection: &Connection,
        portfolio: u32,
        from_row: u64,
        mut visit: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreFault> {
        let statements = match self {
            Layout::Keyed => KEYED,
            Layout::Placed => PLACED,
        };
        // All statements see one moment, the caller's if there is one.
        let moment = if connection.is_autocommit() { Some(connection.unchecked_transaction()?) } else { None };
        let mut head = (from_row <= START.row).then_some(START);
        let mut bytes = Vec::new();
        for statement in statements {
            let mut select = connection.prepare_cached(statement)?;
            let mut found = select.query(params![portfolio, signed(from_row)?])?;
            while let Some(columns) = found.next()? {
                let row = read_row(columns, bytes)?;
                let here = Head { row: row.row, event: row.first_event };
                head.get_or_insert(here).advance(&row).map_err(damaged)?;
                if let Err(refusal) = visit(&row) {
                    return Ok(Err(refusal));
                }
                bytes = row.bytes;
            }
        }
        drop(moment);
        Ok(Ok(()))
    }

    pub(super) fn head(self, connection: &Connection, portfolio: u32) -> Result<Head, StoreFault> {
        if self == Layout::Placed
            && let Some(head) = one_head(connection, UNPLACED_HEAD, portfolio)?
        {
            return Ok(head);
        }
        Ok(self.placed_head(connection, portfolio)?.unwrap_or(START))
    }

    /// Where the next row of a portfolio goes, by the rows that the index knows.
    pub(super) fn placed_head(self, connection: &Connection, portfolio: u32) -> Result<Option<Head>, StoreFault> {
        let statement = match self {
            Layout::Keyed => KEYED_HEAD,
            Layout::Placed => PLACED_HEAD,
        };
        one_head(connection, statement, portfolio)
    }

    /// The same of each portfolio that has rows which the index does not know.
    pub(super) fn unplaced_heads(self, connection: &Connection) -> Result<BTreeMap<u32, Head>, StoreFault> {
        let mut heads = BTreeMap::new();
        if self == Layout::Placed {
            let mut select = connection.prepare_cached(UNPLACED_HEADS)?;
            let mut found = select.query([])?;
            while let Some(columns) = found.next()? {
                let head = Head { row: unsigned(columns.get(1)?)?, event: unsigned(columns.get(2)?)? };
                heads.insert(columns.get(0)?, head);
            }
        }
        Ok(heads)
    }

    /// The last row's place, and the last that the index knows.
    pub(super) fn ends(self, connection: &Connection) -> Result<(i64, i64), StoreFault> {
        match self {
            Layout::Keyed => Ok((0, 0)),
            Layout::Placed => match connection.query_row(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
                (last, through) if last < through => Err(StoreFault::Damaged {
                    detail: format!("its index goes through row {through} of the file, which ends with {last}"),
                }),
                ends => Ok(ends),
            },
        }
    }

    pub(super) fn portfolios(self, connection: &Connection) -> Result<Vec<u32>, StoreFault> {
        let mut select = connection.prepare_cached(match self {
            Layout::Keyed => KEYED_PORTFOLIOS,
            Layout::Placed => PLACED_PORTFOLIOS,
        })?;
        let found = select.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Whether each row is where the index has it.
    pub(super) fn check(self, connection: &Connection) -> Result<(), StoreFault> {
        if self == Layout::Keyed {
            return Ok(());
        }
        for (count, what) in [(MISPLACED, "places of rows that are not there"), (UNPLACED, "rows without a place")] {
            let found: i64 = connection.query_row(count, [], |row| row.get(0))?;
            if found != 0 {
                return Err(StoreFault::Damaged { detail: format!("{found} {what}; expected none") });
            }
        }
        Ok(())
    }
}

fn one_head(connection: &Connection, statement: &str, portfolio: u32) -> Result<Option<Head>, StoreFault> {
    let numbers = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let last = connection.prepare_cached(statement)?.query_row([portfolio], numbers).optional()?;
    last.map(|(row, event)| Ok(Head { row: unsigned(row)?, event: unsigned(event)? })).transpose()
}

/// A row whose events go into the room of the row before.
fn read_row(columns: &rusqlite::Row<'_>, mut bytes: Vec<u8>) -> Result<Row, StoreFault> {
    let blob = columns.get_ref(4)?.as_blob().map_err(|e| StoreFault::Damaged { detail: format!("bytes: {e}") })?;
    bytes.clear();
    bytes.extend_from_slice(blob);
    Ok(Row {
        portfolio: columns.get(0)?,
        row: unsigned(columns.get(1)?)?,
        first_event: unsigned(columns.get(2)?)?,
        events: columns.get(3)?,
        bytes,
        digest: columns.get(5)?,
        chain: columns.get(6)?,
    })
}
