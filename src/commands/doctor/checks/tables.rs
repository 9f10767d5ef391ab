//! The tables that a folder writes: the disk space, and what depends on them.

use leora_postgres::{Replication, Trigger, TriggerKind};
use leora_report::DoctorCheck;
use leora_rule::CitusLayout;

use crate::commands::doctor::examined::WrittenTables;
use crate::commands::shared::TRIGGER_RIGHTS_REMEDY;

/// Bytes of the journal for each changed row: a key of 16 bytes and its share of the rest.
const JOURNAL_BYTES_PER_ROW: u64 = 20;

/// How far a standby may be behind, in bytes: a run's writes come on top.
const MAX_STANDBY_LAG: u64 = 64 << 20;

/// The disk space that the journal and the new versions of rows may need.
pub(crate) fn disk(written: &WrittenTables) -> DoctorCheck {
    let mut journal = 0;
    let mut tables = 0;
    let mut unknown = Vec::new();
    for (table, rules) in &written.rule_counts {
        let Some(size) = written.facts.sizes.iter().find(|size| size.name == *table) else {
            continue;
        };
        tables += size.bytes;
        match size.rows {
            Some(rows) => journal += rows * rules * JOURNAL_BYTES_PER_ROW,
            None => unknown.push(table.as_str()),
        }
    }
    if tables == 0 {
        return DoctorCheck::ok("disk", "no rows are rewritten, so no room is needed");
    }
    let message = format!(
        "at most about {} for the journal, and {} for the new versions of rows; a server does not tell what is free",
        format_bytes(journal),
        format_bytes(tables)
    );
    match unknown.as_slice() {
        [] => DoctorCheck::ok("disk", message),
        unknown => DoctorCheck::warn(
            "disk",
            format!("{message}; the rows of {} were never counted", unknown.join(", ")),
            format!(
                "ANALYZE {};",
                unknown.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
            ),
        ),
    }
}

fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// How Citus keeps the tables, where it does.
pub(crate) fn citus(written: &WrittenTables) -> Option<DoctorCheck> {
    let layout = |(table, layout): &(String, CitusLayout)| format!("{table} is {layout}");
    let layouts: Vec<String> = written.citus.iter().map(layout).collect();
    (!layouts.is_empty()).then(|| DoctorCheck::ok("citus tables", layouts.join("; ")))
}

/// Triggers whose functions run with rights that their owners lack.
fn lent_rights(written: &WrittenTables) -> Option<String> {
    let triggers = written.facts.triggers.iter();
    let all: Vec<String> = triggers.filter_map(Trigger::describe_lent_rights).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

pub(crate) fn triggers(written: &WrittenTables) -> DoctorCheck {
    let named = |kind| {
        let some = written.facts.triggers.iter().filter(move |one| one.kind == kind);
        some.map(|trigger| trigger.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (changing, others) = (named(TriggerKind::MayChange), named(TriggerKind::Acts));
    let changing = (!changing.is_empty()).then(|| {
        format!(
            "{changing} may store other values than a rule sets; a run notices that, and rolls back"
        )
    });
    if let Some(lent) = lent_rights(written) {
        let lent = format!(
            "{lent}: with the rights of the role that runs the folder, which may do more than the owner"
        );
        let message = changing.into_iter().chain([lent]).collect::<Vec<_>>().join("; ");
        return DoctorCheck::warn("triggers", message, TRIGGER_RIGHTS_REMEDY);
    }
    match (changing, others.as_str()) {
        (Some(message), _) => DoctorCheck::warn(
            "triggers",
            message,
            "see with leora-run plan, and disable it for the run if it interferes",
        ),
        (None, "") => DoctorCheck::ok("triggers", "none on the tables that are written"),
        (None, others) => {
            DoctorCheck::ok("triggers", format!("{others}: run as for any other write"))
        }
    }
}

pub(crate) fn views(written: &WrittenTables) -> DoctorCheck {
    let named = |materialized: bool| {
        let some = written.facts.views.iter().filter(move |(_, is)| *is == materialized);
        some.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (plain, materialized) = (named(false), named(true));
    if !materialized.is_empty() {
        let remedy = written.facts.views.iter().filter(|(_, materialized)| *materialized);
        let remedy: Vec<String> =
            remedy.map(|(name, _)| format!("REFRESH MATERIALIZED VIEW {name};")).collect();
        let message = format!("{materialized} keeps the values from before");
        return DoctorCheck::warn("views", message, format!("after the run: {}", remedy.join(" ")));
    }
    match plain.as_str() {
        "" => DoctorCheck::ok("views", "none read the tables that are written"),
        plain => DoctorCheck::ok(
            "views",
            format!("{plain}: their columns can't be dropped or change their type"),
        ),
    }
}

pub(crate) fn constraints(written: &WrittenTables) -> DoctorCheck {
    match written.facts.deferred.as_slice() {
        [] => DoctorCheck::ok("constraints", "none are deferred"),
        deferred => DoctorCheck::ok(
            "constraints",
            format!(
                "{} is deferred: a run has it checked before SQL files and COMMIT",
                deferred.join(", ")
            ),
        ),
    }
}

pub(crate) fn replication(replication: &Replication) -> DoctorCheck {
    let Replication { publications, of_all_tables, idle_slots, standbys, synchronous } =
        replication;
    let lagging: Vec<String> = standbys
        .iter()
        .filter(|one| one.behind.is_some_and(|bytes| bytes > MAX_STANDBY_LAG))
        .map(|one| format!("{} is {} behind", one.name, format_bytes(one.behind.unwrap_or(0))))
        .collect();
    let mut message = match standbys.len() {
        0 => "no standby is connected".to_owned(),
        1 => format!("1 standby is connected ({})", standbys[0].name),
        more => format!("{more} standbys are connected"),
    };
    if *synchronous {
        message += ", and COMMIT waits for one";
    }
    if !publications.is_empty() {
        message +=
            &format!("; every changed row is sent by publication {}", publications.join(", "));
    }
    if !lagging.is_empty() {
        let remedy = "wait until it has caught up: a run's writes come on top";
        return DoctorCheck::warn(
            "replication",
            format!("{message}; {}", lagging.join(", ")),
            remedy,
        );
    }
    if !idle_slots.is_empty() {
        let message = format!(
            "{message}; nobody reads slot {}, for which the server keeps all that is written",
            idle_slots.join(", ")
        );
        let drop = |name: &String| {
            format!("SELECT pg_drop_replication_slot('{}');", name.replace('\'', "''"))
        };
        let drops: Vec<String> = idle_slots.iter().map(drop).collect();
        let remedy = format!("let its reader come back, or:\n{}", drops.join("\n"));
        return DoctorCheck::warn("replication", message, remedy);
    }
    if !of_all_tables.is_empty() {
        let names = of_all_tables.join(", ");
        return DoctorCheck::warn(
            "replication",
            format!(
                "{message}; {names} is FOR ALL TABLES, and sends the tables of schema leora_run too: a subscriber without them \
                 stops at the first run, until it has them"
            ),
            "make them there after the first run (pg_dump --schema-only --schema=leora_run), or publish tables by name",
        );
    }
    DoctorCheck::ok("replication", message)
}
