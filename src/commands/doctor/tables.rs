//! The tables that a folder writes: room for their journal, and what stands around them.

use leora_postgres::{Replication, TableFacts, TriggerKind};
use leora_report::DoctorCheck;

/// Bytes that the journal takes for a changed row: a key of 16 bytes and its share of the rest.
const JOURNALLED: u64 = 20;

/// A standby that is further behind is worth a word: a run's commit makes it more.
const BEHIND: u64 = 64 << 20;

/// How many rules set columns of which table.
pub(crate) type Writes = [(String, u64)];

/// The room that the journal and the rewritten rows may take.
pub(crate) fn disk(around: &TableFacts, writes: &Writes) -> DoctorCheck {
    let mut journal = 0;
    let mut tables = 0;
    let mut unknown = Vec::new();
    for (table, rules) in writes {
        let Some(size) = around.sizes.iter().find(|size| size.name == *table) else { continue };
        tables += size.bytes;
        match size.rows {
            Some(rows) => journal += rows * rules * JOURNALLED,
            None => unknown.push(table.as_str()),
        }
    }
    if tables == 0 {
        return DoctorCheck::ok("disk", "no rows are rewritten, so no room is needed");
    }
    let message = format!(
        "at most about {} for the journal, and {} for the new versions of rows; a server does not tell what is free",
        size(journal),
        size(tables)
    );
    match unknown.as_slice() {
        [] => DoctorCheck::ok("disk", message),
        some => DoctorCheck::warn(
            "disk",
            format!("{message}; the rows of {} were never counted", some.join(", ")),
            format!(
                "ANALYZE {};",
                some.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
            ),
        ),
    }
}

/// A size in bytes as people read it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Triggers, views and deferred constraints.
pub(crate) fn around(around: &TableFacts) -> Vec<DoctorCheck> {
    vec![triggers(around), views(around), constraints(around)]
}

fn triggers(around: &TableFacts) -> DoctorCheck {
    let named = |kind| {
        let some = around.triggers.iter().filter(move |one| one.kind == kind);
        some.map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (change, act) = (named(TriggerKind::MayChange), named(TriggerKind::Acts));
    if !change.is_empty() {
        return DoctorCheck::warn(
            "triggers",
            format!(
                "{change} may store other values than a rule sets; a run notices that, and rolls back"
            ),
            "see with leora-run plan, and disable it for the run if it interferes",
        );
    }
    match act.as_str() {
        "" => DoctorCheck::ok("triggers", "none on the tables that are written"),
        some => DoctorCheck::ok("triggers", format!("{some}: run as for any other write")),
    }
}

fn views(around: &TableFacts) -> DoctorCheck {
    let named = |materialized: bool| {
        let some = around.views.iter().filter(move |(_, is)| *is == materialized);
        some.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (plain, kept) = (named(false), named(true));
    if !kept.is_empty() {
        let remedy = around.views.iter().filter(|(_, materialized)| *materialized);
        let remedy: Vec<String> =
            remedy.map(|(name, _)| format!("REFRESH MATERIALIZED VIEW {name};")).collect();
        let message = format!("{kept} keeps the values from before");
        return DoctorCheck::warn("views", message, format!("after the run: {}", remedy.join(" ")));
    }
    match plain.as_str() {
        "" => DoctorCheck::ok("views", "none read the tables that are written"),
        some => DoctorCheck::ok(
            "views",
            format!("{some}: their columns can't be dropped or change their type"),
        ),
    }
}

fn constraints(around: &TableFacts) -> DoctorCheck {
    match around.deferred.as_slice() {
        [] => DoctorCheck::ok("constraints", "none are deferred"),
        some => DoctorCheck::ok(
            "constraints",
            format!(
                "{} is deferred: a run lets it speak before SQL files and COMMIT",
                some.join(", ")
            ),
        ),
    }
}

/// Who gets copies of what is written.
pub(crate) fn replication(replication: &Replication) -> DoctorCheck {
    let Replication { publications, idle_slots, standbys, synchronous } = replication;
    let late: Vec<String> = standbys
        .iter()
        .filter(|one| one.behind.is_some_and(|bytes| bytes > BEHIND))
        .map(|one| format!("{} is {} behind", one.name, size(one.behind.unwrap_or(0))))
        .collect();
    let mut told = match standbys.len() {
        0 => "no standby is connected".to_owned(),
        1 => format!("1 standby is connected ({})", standbys[0].name),
        more => format!("{more} standbys are connected"),
    };
    if *synchronous {
        told += ", and COMMIT waits for one";
    }
    if !publications.is_empty() {
        told += &format!("; every changed row is sent by publication {}", publications.join(", "));
    }
    if !late.is_empty() {
        let remedy = "wait until it has caught up: a run's writes come on top";
        return DoctorCheck::warn("replication", format!("{told}; {}", late.join(", ")), remedy);
    }
    if !idle_slots.is_empty() {
        let message = format!(
            "{told}; nobody reads slot {}, for which the server keeps all that is written",
            idle_slots.join(", ")
        );
        let drop = |name: &String| {
            format!("SELECT pg_drop_replication_slot('{}');", name.replace('\'', "''"))
        };
        let drops: Vec<String> = idle_slots.iter().map(drop).collect();
        let remedy = format!("let its reader come back, or:\n{}", drops.join("\n"));
        return DoctorCheck::warn("replication", message, remedy);
    }
    DoctorCheck::ok("replication", told)
}
