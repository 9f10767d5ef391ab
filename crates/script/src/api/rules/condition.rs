//! The condition that `where`, `count` and an arm take.

use leora_report::Place;
use leora_rule::{Expr, Node, Value};
use rhai::Dynamic;

use crate::api::rules::otherwise::Otherwise;
use crate::api::values::expression;
use crate::api_call::{Answer, ApiCall};

/// A condition: a column expression, or a plain true or false. `place` is where it is written, if that is known.
pub(crate) fn condition(call: &ApiCall<'_>, value: &Dynamic, place: Option<Place>) -> Answer<Expr> {
    if let Ok(truth) = value.as_bool() {
        return Ok(Expr::literal(Value::Bool(truth)));
    }
    value.clone().try_cast::<Expr>().ok_or_else(|| {
        let help = match value.is::<Otherwise>() {
            true => {
                "`otherwise` stands before the value of the last arm: [ otherwise, \"PROSPECT\" ]"
            }
            false => "write it with col(...), as in col(\"lastOrderDate\").within(months(6))",
        };
        call.mistake_at(
            place,
            format!("a condition is needed here, and this is {}", call.describe(value)),
            help,
        )
    })
}

pub(crate) fn narrow(
    call: &ApiCall<'_>,
    filter: Option<Expr>,
    value: &Dynamic,
) -> Answer<Option<Expr>> {
    let position = call.source_map().and_then(|map| map.filter(call.position()));
    let place = position.and_then(|position| call.place_of(position));
    let condition = condition(call, value, place)?;
    Ok(Some(match filter {
        None => condition,
        Some(filter) => expression(call, Node::And(filter, condition))?,
    }))
}
