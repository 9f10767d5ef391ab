//! Sentences that the terminal, the page and the JSON share.

use std::collections::BTreeSet;

use leora_report::{MigrationRecord, PrismaRecord, Recorded, SqlRun, shell_option};
use leora_rule::{Arm, ConditionVerdict, Strategy, UnchangedRows};

use crate::numbers::format_count;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tense {
    Done,
    Planned,
}

impl Tense {
    pub(crate) fn pick(self, done: &'static str, planned: &'static str) -> &'static str {
        match self {
            Self::Done => done,
            Self::Planned => planned,
        }
    }
}

pub(crate) fn describe_value(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("(none)")
}

/// A value that a rule read, with the number of rows that it is made of, if these are several.
pub(crate) fn describe_read(value: &Option<String>, of_rows: Option<u64>) -> String {
    let value = describe_value(value);
    match of_rows {
        None => value.to_owned(),
        Some(rows) => format!("{value} of {}", format_count(rows, "row")),
    }
}

/// Nothing where it left none.
pub(crate) fn describe_unchanged(unchanged: &UnchangedRows) -> Option<String> {
    let parts = [
        (unchanged.left_out, "that `where` leaves out"),
        (unchanged.unmatched, "that no arm matches"),
        (unchanged.same, "that had the value already"),
    ];
    let counts: Vec<String> = parts
        .iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(rows, why)| format!("{} {why}", format_count(*rows, "row")))
        .collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// Rows that others added or changed at the end of batches, where there are any.
pub(crate) fn describe_left(left: u64) -> Option<String> {
    let were = if left == 1 { "was" } else { "were" };
    let are = if left == 1 { "is" } else { "are" };
    (left > 0).then(|| {
        format!(
            "{} {were} added or changed by others while the run ended, and {are} left: run it again",
            format_count(left, "row")
        )
    })
}

/// How many of the new indexes wait until rows are written, and of which tables.
pub(crate) fn describe_deferred_indexes(ran: &SqlRun) -> Option<String> {
    let tables: BTreeSet<&str> =
        ran.deferred_indexes.iter().map(|one| one.table.as_str()).collect();
    let tables: Vec<&str> = tables.into_iter().collect();
    let verb = if tables.len() == 1 { "is" } else { "are" };
    let count = ran.deferred_indexes.len();
    (count > 0).then(|| format!("{count} of them once {} {verb} written", tables.join(", ")))
}

pub(crate) fn describe_migration(
    name: &str,
    recording: &MigrationRecord,
    rollback: bool,
    tense: Tense,
) -> [String; 2] {
    let record = tense.pick("recorded", "would record");
    let history = match (&recording.history, rollback) {
        (Recorded::New, false) => format!("{record} {name}"),
        (Recorded::New, true) => format!("{record} that {name} was rolled back"),
        (Recorded::Already(when), _) => format!("{name} was recorded already, on {when} UTC"),
        (Recorded::NotRecorded, _) => {
            format!("{name} was not recorded, so there is nothing to take back")
        }
    };
    [history, describe_prisma_record(&recording.prisma, rollback, tense).to_owned()]
}

fn describe_prisma_record(record: &PrismaRecord, rollback: bool, tense: Tense) -> &'static str {
    match (record, rollback) {
        (PrismaRecord::Unmanaged, _) => {
            "no _prisma_migrations here, so nothing to record for Prisma"
        }
        (PrismaRecord::NoFile, _) => {
            "left _prisma_migrations alone: [prisma] in leora.toml has no migration.sql for it"
        }
        (PrismaRecord::New, false) => tense.pick(
            "and in _prisma_migrations, as prisma migrate deploy would have",
            "and in _prisma_migrations, as prisma migrate deploy would",
        ),
        (PrismaRecord::New, true) => {
            "and in _prisma_migrations: prisma migrate deploy would apply it again"
        }
        (PrismaRecord::Already, _) => "_prisma_migrations has it already",
        (PrismaRecord::OtherFile, _) => {
            "_prisma_migrations has it already, applied from another migration.sql: left as it is; \
             keep that file in prisma/migrations, or migrate dev will ask to reset the database"
        }
        (PrismaRecord::NotRecorded, _) => "_prisma_migrations has nothing to take back",
    }
}

/// Who waits while a strategy writes.
pub(crate) fn describe_waiting(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Update => "others' writes wait, readers go on",
        Strategy::Rewrite => "everybody else waits, readers too",
        Strategy::Batches => "only writers of the rows being written wait",
    }
}

pub(crate) fn describe_stopped(committed: Option<u64>) -> String {
    let what = match committed {
        None => "leora-run status shows what stays".into(),
        Some(0) => "nothing is changed yet".into(),
        Some(1) => "1 committed value stays".into(),
        Some(values) => format!("{} stay", format_count(values, "committed value")),
    };
    format!("Stopped between batches: {what}.")
}

pub(crate) fn describe_condition(arm: &Arm) -> String {
    arm.condition.as_ref().map_or_else(|| "otherwise".into(), ToString::to_string)
}

/// How a part of a condition came out for a row.
pub(crate) fn describe_verdict(verdict: ConditionVerdict) -> &'static str {
    match verdict {
        ConditionVerdict::Yes => "matched",
        ConditionVerdict::No => "no",
        ConditionVerdict::NoValue => "no value",
        ConditionVerdict::NotTried => "not tried",
    }
}

pub(crate) fn describe_arm_verdict(verdict: ConditionVerdict) -> &'static str {
    match verdict {
        ConditionVerdict::No => "did not match",
        other => describe_verdict(other),
    }
}

/// The option that switches a setting on.
pub(crate) fn switch_on(setting: &str) -> String {
    shell_option("--set", &format!("{setting}=true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_were_left_alone_are_counted_by_reason() {
        let unchanged = UnchangedRows { left_out: 5_394, unmatched: 0, same: 1, with_value: 0 };
        assert_eq!(
            describe_unchanged(&unchanged).unwrap(),
            "5,394 rows that `where` leaves out, 1 row that had the value already"
        );
        assert_eq!(describe_unchanged(&UnchangedRows::default()), None);
    }

    #[test]
    fn what_batches_left_is_counted_where_it_is_known() {
        assert_eq!(
            describe_stopped(None),
            "Stopped between batches: leora-run status shows what stays."
        );
        assert_eq!(describe_stopped(Some(0)), "Stopped between batches: nothing is changed yet.");
        assert_eq!(describe_stopped(Some(1)), "Stopped between batches: 1 committed value stays.");
        assert_eq!(
            describe_stopped(Some(40_000)),
            "Stopped between batches: 40,000 committed values stay."
        );
    }
}
