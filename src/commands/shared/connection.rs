//! Connecting to the server of a target, without a transaction pooler in between unless that is allowed.

use leora_postgres::{Server, Session, Target, Timeouts, Transaction};
use leora_report::Failure;
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::target::TargetLookup;

pub(crate) fn connect(
    server: &Server,
    timeouts: Timeouts,
    context: &Context,
) -> Result<Session, Failure> {
    if !refuses_poolers(context) {
        return Ok(Session::connect(server, timeouts)?);
    }
    server.refuse_pooler()?;
    let session = Session::connect_without_pooler(server, timeouts)?;
    if let Some(reason) = session.no_second_connection() {
        context.screen().note(&format!(
            "the server gives only one connection, so whether a transaction pooler is in between was not asked: {reason}"
        ));
    }
    Ok(session)
}

pub(crate) fn begin_read_only(target: Target, context: &Context) -> Result<Session, Failure> {
    let mut session = Session::connect(&context.server(target), context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    Ok(session)
}

/// Begins to connect as [`connect`] will, while scripts are compiled: only where no question is asked and nothing refused
/// before.
pub(crate) fn preconnect(
    lookup: &TargetLookup,
    access: Access,
    context: &Context,
) -> Option<Server> {
    let target = lookup.target()?;
    let confirmed = context.options.confirm.as_ref() == Some(&target.name);
    let asks = access == Access::ReadWrite && !confirmed;
    let refuses = refuses_poolers(context) && target.pooler.is_some();
    if asks || refuses {
        return None;
    }
    let server = context.server(target.clone());
    server.preconnect(if refuses_poolers(context) { 2 } else { 1 });
    Some(server)
}

/// The sandbox has no pooler: its server is ours.
fn refuses_poolers(context: &Context) -> bool {
    !context.options.allow_pooler && !context.options.sandbox
}
