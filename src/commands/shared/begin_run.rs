//! Opening a run: the connection, the transaction, and every lock, before anything is written.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use leora_folder::{LockMode, Manifest};
use leora_postgres::{self as database, Catalog, Server, Session, Timeouts, Transaction};
use leora_report::{DatabaseError, Failure, Lock, Observer};
use leora_rule::{Access, Strategy};

use crate::commands::context::Context;
use crate::commands::shared::target::Sought;

/// The first pause before locks are tried again; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Says which locks are needed, in name order.
pub(crate) type WantedLocks<'a> = dyn FnMut(&mut Session) -> Result<Vec<Lock>, DatabaseError> + 'a;

/// Connects, begins, and takes the locks that the folder needs, trying again while others are in the way.
pub(crate) fn open(
    server: &Server,
    access: Access,
    want: &mut WantedLocks<'_>,
    context: &Context,
) -> Result<Session, Failure> {
    context.screen().on_start("connecting");
    let mut session = connect(server, context.timeouts(), context)?;
    let mut tries = 0;
    loop {
        match begin(&mut session, access, want, context) {
            Ok(()) => return Ok(session),
            Err(error) if !error.is_transient() || tries >= context.options.lock_retries => {
                return Err(error.into());
            }
            Err(error) => {
                session.roll_back()?;
                context.screen().note(&waiting(&error));
                server.pause(pause(tries))?;
                tries += 1;
            }
        }
    }
}

/// Connects; refuses to go through a transaction pooler that nobody allowed.
pub(crate) fn connect(
    server: &Server,
    timeouts: Timeouts,
    context: &Context,
) -> Result<Session, Failure> {
    if !minds_poolers(context) {
        return Ok(Session::connect(server, timeouts)?);
    }
    server.refuse_pooler()?;
    Ok(Session::connect_without_pooler(server, timeouts)?)
}

/// Whether a transaction pooler is looked for. The sandbox is ours: nothing is in between.
fn minds_poolers(context: &Context) -> bool {
    !context.options.allow_pooler && !context.options.sandbox
}

/// Starts to connect as [`connect`] will, while scripts are compiled: where nothing will be asked before, and nothing
/// refused.
pub(crate) fn connect_ahead(sought: &Sought, access: Access, context: &Context) -> Option<Server> {
    let target = sought.target()?;
    let confirmed = context.options.confirm.as_ref() == Some(&target.name);
    if access == Access::ReadWrite && !confirmed
        || minds_poolers(context) && target.pooler.is_some()
    {
        return None;
    }
    let server = context.server(target.clone());
    server.preconnect(if minds_poolers(context) { 2 } else { 1 });
    Some(server)
}

/// What is waited for, and who is in the way.
fn waiting(error: &DatabaseError) -> String {
    let holders: Vec<String> = error.holders().iter().map(ToString::to_string).collect();
    match holders.as_slice() {
        [] => format!("{error}; trying again"),
        holders => format!("{error} ({}); trying again", holders.join("; ")),
    }
}

fn begin(
    session: &mut Session,
    access: Access,
    want: &mut WantedLocks<'_>,
    context: &Context,
) -> Result<(), DatabaseError> {
    if access == Access::ReadOnly {
        return session.begin(Transaction::ReadOnly);
    }
    session.begin(Transaction::ReadWrite)?;
    if access == Access::ReadWrite {
        // Lock before reading the history: two runs must not decide from one state.
        session.take_run_locks(context.options.wait_lock)?;
    }
    let wanted = want(session)?;
    take(session, &wanted, context)
}

/// Takes locks; while they are waited for, nothing has been written.
pub(crate) fn take(
    session: &mut Session,
    wanted: &[Lock],
    context: &Context,
) -> Result<(), DatabaseError> {
    context.screen().on_start("waiting for locks");
    session.take_locks(wanted)
}

/// The strongest lock that any step needs, on each table that exists, in name order.
pub(crate) fn wanted(
    session: &mut Session,
    manifest: &Manifest,
) -> Result<Vec<Lock>, DatabaseError> {
    let mut modes: BTreeMap<&str, LockMode> =
        manifest.locks.iter().map(|(table, mode)| (table.as_str(), *mode)).collect();
    let columns = manifest.settable_columns().filter(|_| manifest.strategy != Strategy::Batches);
    for (table, column) in columns {
        let strongest = modes.entry(table).or_insert(LockMode::NoWrites);
        // Nobody needs to wait for a rewrite that something stands in the way of.
        if manifest.strategy == Strategy::Rewrite
            && *strongest < LockMode::Exclusive
            && database::rewrite_obstacle(session, table, column)?.is_none()
        {
            *strongest = LockMode::Exclusive;
        }
    }
    let names: Vec<&str> = modes.keys().copied().collect();
    let there = Catalog::new(session).lockable_tables(&names)?;
    let schema = session.target().schema.clone();
    Ok(modes
        .into_iter()
        .filter(|(table, _)| there.iter().any(|name| name == table))
        .map(|(table, mode)| Lock {
            schema: schema.clone(),
            table: table.to_owned(),
            mode: mode.sql().to_owned(),
        })
        .collect())
}

/// A pause that grows, and differs between runs that wait for each other.
pub(crate) fn pause(tries: u32) -> Duration {
    let full = FIRST_PAUSE * 2_u32.saturating_pow(tries.min(5));
    let jitter = RandomState::new().hash_one(tries) % 1_000;
    full / 2 + full.mul_f64(jitter as f64 / 2_000.0)
}
