//! Lints: mistakes and warnings that are seen in the syntax trees of scripts, or in the rules of a dry run. Each file says
//! which findings it gives.

mod column_values;
mod decimal_commas;
mod imports;
mod permissions;
mod row_free_conditions;
mod rules;
mod shares;
mod stored_values;
mod unknown_calls;
mod updates;
mod variables;

use std::collections::BTreeMap;

use leora_folder::Manifest;
use leora_report::Finding;

use crate::compiled_script::CompiledScript;

pub(crate) use row_free_conditions::conditions_without_row;
pub(crate) use rules::check_rules;

/// Mistakes that end every run which comes to them. A module that does not parse is only known by its name.
pub(crate) fn find_mistakes(
    steps: &[CompiledScript],
    modules: &BTreeMap<String, CompiledScript>,
    module_names: &[&str],
) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in steps.iter().chain(modules.values()) {
        let mut here = column_values::columns_as_values(script);
        here.extend(column_values::chained_comparisons(script));
        here.extend(column_values::comparisons_with_nothing(script));
        here.extend(decimal_commas::decimal_commas(script));
        here.extend(imports::missing_modules(script, module_names));
        here.extend(unknown_calls::unknown_calls(script, modules));
        here.extend(updates::unfinished_updates(script));
        here.extend(updates::arms_after_otherwise(script));
        sort_by_place(&mut here);
        found.extend(here);
    }
    found.extend(imports::circle(modules));
    found
}

pub(crate) fn find_warnings<'a>(
    scripts: impl Iterator<Item = &'a CompiledScript>,
    manifest: &Manifest,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in scripts {
        let mut here = variables::unused_variables(script);
        here.extend(permissions::not_allowed(script, manifest));
        here.extend(conditions_without_row(script));
        here.extend(shares::shares_as_percent(script));
        here.extend(stored_values::stored_values_read(script));
        sort_by_place(&mut here);
        found.extend(here);
    }
    found
}

/// By the place in the file; of two findings at one place, the first.
fn sort_by_place(found: &mut Vec<Finding>) {
    let place = |finding: &Finding| finding.place.as_ref().map(|place| (place.line, place.column));
    found.sort_by_key(place);
    found.dedup_by_key(|finding| place(finding));
}
