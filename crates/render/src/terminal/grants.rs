//! The grants that a role needs, as an SQL file, to be read and then run.

use leora_report::{Grant, GrantList, UnseenStep};
use leora_rule::{printable_sql, quote_identifier};

use crate::text::sanitize;

pub(crate) fn render_grants(list: &GrantList) -> String {
    let GrantList { folder, target, role, .. } = list;
    let mut lines = vec![
        comment(&format!("What the role {role} needs to run {folder} on {}.", target.name)),
        comment("To be run by a superuser, or by the owner of the database and its tables."),
    ];
    if list.superuser {
        lines.push(comment(&format!("{role} is a superuser: it needs none of this.")));
    }
    for UnseenStep { step, why } in &list.unseen {
        let unseen = format!("{step} could not be examined to its end, and may need more: {why}");
        lines.push(comment(&unseen));
    }
    if !list.role_exists {
        let create = printable_sql(&format!("CREATE ROLE {} LOGIN;", quote_identifier(role)));
        lines.push(format!(
            "{create}  {}",
            comment(&sanitize(&format!("with a password: \\password {role}")))
        ));
    }
    if !list.taken_from.is_empty() && !list.superuser {
        let owners = list.taken_from.join(" and ");
        lines.push(comment(&format!(
            "Running it as {owners} needs none of this, and is the simplest."
        )));
        lines.push(comment(&format!(
            "OWNER TO takes tables from {owners} for good: {role} owns them from then on."
        )));
        lines.push(comment("Whoever works with them by a grant goes on; whoever alters them must be a member of it."));
    }
    lines.extend(list.grants.iter().map(render_grant));
    if !list.after_run.is_empty() {
        lines.push(comment(
            "After the run, for those who work with the tables around the new ones:",
        ));
        lines.extend(list.after_run.iter().map(|sql| comment(&printable_sql(sql))));
    }
    lines.join("\n")
}

fn render_grant(grant: &Grant) -> String {
    let sql = printable_sql(&grant.sql);
    match sql.contains('\n') {
        true => format!("\n{sql}\n"),
        false => format!("{sql}  {}", comment(&sanitize(&grant.reason))),
    }
}

/// A comment, to its last line: a text of several lines is a comment of as many.
fn comment(text: &str) -> String {
    let lines =
        text.split('\n').map(|line| format!("-- {}", sanitize(line).replace("##[", "## [")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn every_line_of_a_comment_is_one() {
        assert_eq!(comment("a\nDROP b;\r\n\\! c\u{1b}"), "-- a\n-- DROP b; \n-- \\! c\u{241b}");
    }
}
