//! The right to append to a portfolio: who holds it, and until when, by the database's clock.

use std::collections::BTreeMap;
use std::time::Duration;

use postgres::Client;

use super::super::{Head, START, StoreFault, signed, unsigned};
use super::Held;

/// Takes a lease that nobody holds, that ran out, or, where it is to be taken over, another's. The clock is read after
/// the row is locked, so that who waited for it judges by the moment in which it is free.
const TAKE: &str = "
    INSERT INTO lease AS held (portfolio, token, holder, expires_at)
    VALUES ($1, 1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond')
    ON CONFLICT (portfolio) DO UPDATE
      SET token = held.token + 1, holder = excluded.holder,
          expires_at = clock_timestamp() + $3::bigint * interval '1 millisecond'
      WHERE held.expires_at <= clock_timestamp() OR $4
    RETURNING token";

/// Locks leases in one order, and says what is left of each in milliseconds.
const LOCK: &str = "
    SELECT portfolio, token, (extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint
    FROM lease WHERE portfolio = ANY($1) ORDER BY portfolio FOR UPDATE";

const RENEW: &str = "
    UPDATE lease SET expires_at = greatest(expires_at, clock_timestamp() + $2::bigint * interval '1 millisecond')
    WHERE portfolio = ANY($1)";

const HEAD: &str = "
    SELECT row + 1, first_event + events FROM journal_row WHERE portfolio = $1 ORDER BY row DESC LIMIT 1";

/// Under what terms a writer takes leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who, as others are told.
    pub holder: String,
    /// How long a lease holds without an append or renewal.
    pub lasts: Duration,
    /// Whether a lease that another holds is taken from it: it can append nothing more from that moment.
    pub take_over: bool,
}

impl Default for Lease {
    fn default() -> Self {
        Lease { holder: format!("process {}", std::process::id()), lasts: Duration::from_secs(60), take_over: false }
    }
}

impl Lease {
    fn milliseconds(&self) -> i64 {
        i64::try_from(self.lasts.as_millis()).unwrap_or(i64::MAX / 2)
    }

    /// Takes the lease of one portfolio, and looks where its next row goes.
    pub(super) fn take(&self, client: &mut Client, portfolio: u32) -> Result<Held, StoreFault> {
        let id = i64::from(portfolio);
        let taken = client.query_opt(TAKE, &[&id, &self.holder, &self.milliseconds(), &self.take_over])?;
        let Some(taken) = taken else { return Err(held(client, portfolio)?) };
        let token = unsigned(taken.get(0))?;
        let head = match client.query_opt(HEAD, &[&id])? {
            Some(last) => Head { row: unsigned(last.get(0))?, event: unsigned(last.get(1))? },
            None => START,
        };
        Ok(Held { token, head })
    }

    /// Locks our leases until the transaction's end and makes sure that they hold; one that is half over is renewed.
    pub(super) fn hold(
        &self,
        client: &mut Client,
        portfolios: &[u32],
        held: &BTreeMap<u32, Held>,
    ) -> Result<(), StoreFault> {
        let least = locked(client, portfolios, held)?;
        match least < self.milliseconds() / 2 {
            true => self.extend(client, portfolios),
            false => Ok(()),
        }
    }

    /// Renews our leases, if they hold.
    pub(super) fn renew(
        &self,
        client: &mut Client,
        portfolios: &[u32],
        held: &BTreeMap<u32, Held>,
    ) -> Result<(), StoreFault> {
        client.batch_execute("BEGIN")?;
        let renewed = locked(client, portfolios, held).and_then(|_| self.extend(client, portfolios));
        client.batch_execute(if renewed.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        renewed
    }

    fn extend(&self, client: &mut Client, portfolios: &[u32]) -> Result<(), StoreFault> {
        client.execute(RENEW, &[&ids(portfolios), &self.milliseconds()])?;
        Ok(())
    }
}

fn ids(portfolios: &[u32]) -> Vec<i64> {
    portfolios.iter().map(|p| i64::from(*p)).collect()
}

/// Locks leases that must be ours; what is left of the shortest, in milliseconds.
fn locked(client: &mut Client, portfolios: &[u32], held: &BTreeMap<u32, Held>) -> Result<i64, StoreFault> {
    let mut least = i64::MAX;
    if portfolios.is_empty() {
        return Ok(least);
    }
    let found = client.query(LOCK, &[&ids(portfolios)])?;
    for portfolio in portfolios.iter().copied() {
        let token = held.get(&portfolio).map_or(0, |held| held.token);
        let lease = found.iter().find(|row| row.get::<_, i64>(0) == i64::from(portfolio));
        let now = lease.map_or(Ok(0), |row| unsigned(row.get(1)))?;
        let left: i64 = lease.map_or(0, |row| row.get(2));
        if now != token {
            return Err(StoreFault::Fenced { portfolio, token, now });
        }
        if left <= 0 {
            return Err(StoreFault::Expired { portfolio, token });
        }
        least = least.min(left);
    }
    Ok(least)
}

/// Who holds a lease that could not be taken.
fn held(client: &mut Client, portfolio: u32) -> Result<StoreFault, StoreFault> {
    const WHO: &str = "
        SELECT holder, token, greatest(ceil(extract(epoch FROM expires_at - clock_timestamp())), 0)::bigint
        FROM lease WHERE portfolio = $1";
    let who = client.query_one(WHO, &[&i64::from(portfolio)])?;
    let (token, seconds) = (unsigned(who.get(1))?, unsigned(who.get(2))?);
    Ok(StoreFault::Held { portfolio, holder: who.get(0), token, seconds })
}

/// Lets a lease of ours run out now; one that is another's by now is left alone.
pub(super) fn give_back(client: &mut Client, portfolio: u32, token: u64) -> Result<(), StoreFault> {
    const GIVE_BACK: &str = "
        UPDATE lease SET expires_at = clock_timestamp()
        WHERE portfolio = $1 AND token = $2 AND expires_at > clock_timestamp()";
    client.execute(GIVE_BACK, &[&i64::from(portfolio), &signed(token)?])?;
    Ok(())
}
