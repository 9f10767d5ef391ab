//! The grants that a role needs, as an SQL file, to be read and then run.

use leora_report::{Grant, GrantList, UnseenStep};

use crate::text::sanitize_lines;

pub(crate) fn render_grants(list: &GrantList) -> String {
    let GrantList { folder, target, role, .. } = list;
    let mut lines = vec![
        format!("-- What the role {role} needs to run {folder} on {}.", target.name),
        "-- To be run by a superuser, or by the owner of the database and its tables.".to_owned(),
    ];
    if list.superuser {
        lines.push(format!("-- {role} is a superuser: it needs none of this."));
    }
    for UnseenStep { step, why } in &list.unseen {
        lines.push(format!("-- {step} could not be examined to its end, and may need more: {why}"));
    }
    if !list.role_exists {
        lines.push(format!(
            "CREATE ROLE {} LOGIN;  -- with a password: \\password {role}",
            leora_rule::quote_identifier(role)
        ));
    }
    if !list.taken_from.is_empty() && !list.superuser {
        let owners = list.taken_from.join(" and ");
        lines.push(format!("-- Running it as {owners} needs none of this, and is the simplest."));
        lines.push(format!(
            "-- OWNER TO takes tables from {owners} for good: {role} owns them from then on."
        ));
        lines.push("-- Whoever works with them by a grant goes on; whoever alters them must be a member of it.".into());
    }
    lines.extend(list.grants.iter().map(render_grant));
    if !list.after_run.is_empty() {
        lines.push(
            "-- After the run, for those who work with the tables around the new ones:".to_owned(),
        );
        lines.extend(list.after_run.iter().map(|sql| format!("-- {sql}")));
    }
    sanitize_lines(&lines.join("\n"))
}

fn render_grant(grant: &Grant) -> String {
    match grant.sql.contains('\n') {
        true => format!("\n{}\n", grant.sql),
        false => format!("{}  -- {}", grant.sql, grant.reason),
    }
}
