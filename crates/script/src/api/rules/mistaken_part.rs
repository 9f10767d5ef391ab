//! Where the mistaken part of a rule is written: the call that fails on it is that of `set`, and may be lines below.

use leora_report::Place;
use leora_rule::{Assignment, Rule, RulePart, Value};

use crate::api_call::ApiCall;

/// The place of a part of the rule for this column, which this call of `set` makes; `filter` is that of what `where` says.
pub(super) fn mistaken_part(
    call: &ApiCall<'_>,
    rules: &[Rule],
    (column, part): (&str, RulePart),
    filter: Option<&Place>,
) -> Option<Place> {
    if part == RulePart::Filter {
        return filter.cloned();
    }
    let map = call.source_map()?;
    let rule = rules.iter().find(|rule| rule.column == column)?;
    let position = match (&rule.assignment, part) {
        (Assignment::Lookup { pairs, .. }, RulePart::Condition(index) | RulePart::Value(index)) => {
            let pair = pairs.get(index)?;
            let Value::Text(key) = &pair.key else { return None };
            let (key, value) = map.pair(key, pair.line?)?;
            if matches!(part, RulePart::Value(_)) { value } else { key }
        }
        _ => map.part(call.position(), (column, part), rule.arms().len())?,
    };
    call.place_of(position)
}
