//! What a doctor found, and the grants that a role needs.

use leora_report::{
    CheckVerdict, DoctorCheck, DoctorReport, Grant, GrantList, TargetReport, UnseenStep,
};
use serde_json::{Value, json};

use crate::render::numbers::format_count;
use crate::render::style::{Style, Tone};
use crate::render::text::{padded, plain, wrapped};

/// The columns that a verdict and a name take.
const MARK: usize = 6;
const NAME: usize = 13;

/// The lines of a checkup.
pub(crate) fn lines(checkup: &DoctorReport, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(target) = &checkup.target {
        lines.push(
            style.paint(Tone::Heading, &format!("{} (from {})", plain(&target.name), target.from)),
        );
    }
    lines.extend(checkup.checks.iter().flat_map(|check| told(check, style)));
    let count =
        |verdict| checkup.checks.iter().filter(|check| check.verdict == verdict).count() as u64;
    let (warned, failed) = (count(CheckVerdict::Warn), count(CheckVerdict::Fail));
    let what = checkup.folder.as_deref().map_or_else(|| "a run".to_owned(), plain);
    let warnings = match warned {
        0 => String::new(),
        some => format!(", with {}", format_count(some, "warning")),
    };
    let (tone, verdict) = match checkup.verdict() {
        CheckVerdict::Fail => (
            Tone::Bad,
            format!("{what} would not work: {} failed{warnings}.", format_count(failed, "check")),
        ),
        CheckVerdict::Warn => (Tone::Warning, format!("{what} would work{warnings}.")),
        CheckVerdict::Ok => (Tone::Good, format!("{what} would work.")),
    };
    lines.push(String::new());
    let mut letters = verdict.chars();
    let verdict = match (&checkup.folder, letters.next()) {
        (None, Some(first)) => first.to_uppercase().chain(letters).collect(),
        _ => verdict,
    };
    lines.push(style.paint(tone, &verdict));
    lines
}

fn told(check: &DoctorCheck, style: Style) -> Vec<String> {
    let tone = match check.verdict {
        CheckVerdict::Ok => Tone::Good,
        CheckVerdict::Warn => Tone::Warning,
        CheckVerdict::Fail => Tone::Bad,
    };
    let room = style.width.saturating_sub(MARK + NAME);
    let mark = style.paint(tone, &padded(check.verdict.word(), MARK));
    let heads = std::iter::once(format!("{mark}{}", padded(check.name, NAME)))
        .chain(std::iter::repeat(" ".repeat(MARK + NAME)));
    let message = wrapped(&plain(&check.message), room);
    // A remedy may be a statement or a command to copy: its lines stay apart from the message's.
    let remedy = check.remedy.iter().flat_map(|text| text.lines());
    let remedy = remedy.flat_map(|line| wrapped(&format!("→ {}", plain(line)), room));
    let remedy = remedy.map(|line| style.paint(Tone::Dim, &line));
    heads
        .zip(message.into_iter().chain(remedy))
        .map(|(head, line)| format!("{head}{line}"))
        .collect()
}

/// The checkup as JSON.
pub(crate) fn document(checkup: &DoctorReport) -> String {
    let check = |check: &DoctorCheck| json!({ "name": check.name, "verdict": check.verdict.word(), "message": check.message, "remedy": check.remedy });
    pretty(&json!({
        "verdict": checkup.verdict().word(),
        "folder": checkup.folder,
        "target": checkup.target.as_ref().map(target),
        "checks": checkup.checks.iter().map(check).collect::<Vec<_>>(),
    }))
}

fn target(target: &TargetReport) -> Value {
    json!({ "name": target.name, "host": target.host, "database": target.database, "from": target.from })
}

fn pretty(value: &Value) -> String {
    crate::render::text::written(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The grants as an SQL file, to be read and then run.
pub(crate) fn script(list: &GrantList) -> String {
    let GrantList { folder, target, role, .. } = list;
    let mut lines = vec![
        format!("-- What the role {role} needs to run {folder} on {}.", target.name),
        "-- To be run by a superuser, or by the owner of the database and its tables.".to_owned(),
    ];
    if list.superuser {
        lines.push(format!("-- {role} is a superuser: it needs none of this."));
    }
    for UnseenStep { step, why } in &list.unseen {
        lines.push(format!("-- {step} was not seen to its end, and may need more: {why}"));
    }
    if !list.role_exists {
        lines.push(format!(
            "CREATE ROLE \"{}\" LOGIN;  -- with a password: \\password {role}",
            role.replace('"', "\"\"")
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
    lines.extend(list.grants.iter().map(statement));
    if !list.after_run.is_empty() {
        lines.push(
            "-- After the run, for those who work with the tables around the new ones:".to_owned(),
        );
        lines.extend(list.after_run.iter().map(|sql| format!("-- {sql}")));
    }
    lines.iter().map(|line| commented(line)).collect::<Vec<_>>().join("\n")
}

fn statement(grant: &Grant) -> String {
    match grant.sql.contains('\n') {
        true => format!("\n{}\n", grant.sql),
        false => format!("{}  -- {}", grant.sql, grant.reason),
    }
}

/// Text that can't drive a terminal; its own lines stay.
fn commented(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

/// The grants as JSON.
pub(crate) fn grants_document(list: &GrantList) -> String {
    let grant =
        |grant: &Grant| json!({ "sql": grant.sql, "reason": grant.reason, "held": grant.held });
    let unseen = |UnseenStep { step, why }: &UnseenStep| json!({ "step": step, "why": why });
    pretty(&json!({
        "folder": list.folder,
        "target": target(&list.target),
        "role": list.role,
        "role_exists": list.role_exists,
        "superuser": list.superuser,
        "grants": list.grants.iter().map(grant).collect::<Vec<_>>(),
        "taken_from": list.taken_from,
        "after_run": list.after_run,
        "unseen": list.unseen.iter().map(unseen).collect::<Vec<_>>(),
    }))
}
