//! The report as JSON. It is an interface: keys are added, never renamed.

use leora_report::{
    Entry, Expectation, Failure, FileChange, FileReport, ObjectOwnership, ObjectVerb, PlanReport,
    PrismaRecord, PutBack, Recorded, Report, StepReport, StrategyEstimate,
};
use leora_rule::{Change, Sample};
use serde_json::{Value, json};

use crate::render::{plan as forecast, what_if, why};

/// The document of a run.
pub fn document(report: &Report) -> String {
    let steps: Vec<Value> = report.steps.iter().map(step).collect();
    let target = report.target.as_ref().map(|target| {
        json!({ "name": target.name, "host": target.host, "database": target.database, "from": target.from })
    });
    let mut document = json!({
        "outcome": report.outcome.word(),
        "run": report.run,
        "folder": report.folder,
        "title": report.title,
        "as_of": report.as_of,
        "target": target,
        "settings": report.settings,
        "steps": steps,
        "plan": report.plan.as_ref().map(plan),
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
        "error": report.error.as_ref().map(failure),
    });
    if let Some(undone) = &report.undoes {
        document["undoes"] = json!(undone);
    }
    what_if::add_to(&mut document, report);
    why::add_to(&mut document, report);
    crate::render::text::written(&serde_json::to_string_pretty(&document).unwrap_or_default())
}

fn step(step: &StepReport) -> Value {
    let of = |kind: fn(&Entry) -> Option<Value>| {
        step.entries.iter().filter_map(kind).collect::<Vec<_>>()
    };
    json!({
        "name": step.name,
        "title": step.title,
        "outcome": step.outcome.word(),
        "ms": u64::try_from(step.elapsed.as_millis()).unwrap_or(u64::MAX),
        "changes": of(change_entry),
        "expectations": of(expectation_entry),
        "distributions": of(distribution_entry),
        "objects": step.entries.iter().flat_map(objects).collect::<Vec<_>>(),
        "migrations": of(migration_entry),
        "notes": of(note_entry),
        "not_predicted": of(unpredicted_entry),
    })
}

fn change_entry(entry: &Entry) -> Option<Value> {
    let change = match entry {
        Entry::Change { change, .. } => change,
        Entry::PutBack(put_back) => return Some(put_back_value(put_back)),
        _ => return None,
    };
    let Change { table, column, strategy, fallback, transitions, unchanged, preview } = change;
    let transitions: Vec<Value> = transitions
        .iter()
        .map(|one| json!({ "old": one.old, "new": one.new, "rows": one.rows }))
        .collect();
    let foreseen = preview.as_ref().map(|preview| {
        let sample = |one: &Sample| json!({ "key": one.key, "old": one.old, "new": one.new, "reads": one.reads });
        json!({
            "key": preview.key, "columns": preview.columns, "unsure": preview.unsure,
            "samples": preview.samples.iter().map(sample).collect::<Vec<_>>(),
        })
    });
    let mut value = json!({
        "table": table, "column": column, "strategy": strategy.to_string(),
        "rows": change.taken(), "changed": change.changed(), "transitions": transitions,
        "left_out": unchanged.left_out, "unmatched": unchanged.unmatched, "same": unchanged.same,
    });
    if let Some(fallback) = fallback {
        value["instead"] =
            json!({ "of": fallback.requested.to_string(), "because": fallback.reason });
    }
    if let Some(foreseen) = foreseen {
        value["foreseen"] = foreseen;
    }
    Some(value)
}

fn put_back_value(put_back: &PutBack) -> Value {
    let PutBack { table, column, transitions, edited, deleted, left, gone } = put_back;
    let transitions: Vec<Value> = transitions
        .iter()
        .map(|one| json!({ "old": one.old, "new": one.new, "rows": one.rows }))
        .collect();
    let left: Vec<Value> =
        left.iter().map(|(key, why)| json!({ "key": key, "why": why })).collect();
    json!({
        "table": table, "column": column, "strategy": "undo", "rows": put_back.changed() + edited + deleted,
        "changed": put_back.changed(), "transitions": transitions, "edited": edited, "deleted": deleted,
        "left": left, "gone": gone,
    })
}

fn expectation_entry(entry: &Entry) -> Option<Value> {
    let Entry::Expectation(expectation) = entry else { return None };
    let Expectation { label, held, warning, findings, .. } = expectation;
    Some(json!({ "label": label, "held": held, "warning": warning, "findings": findings }))
}

fn distribution_entry(entry: &Entry) -> Option<Value> {
    let Entry::Distribution { title, distribution } = entry else { return None };
    let values: Vec<Value> = distribution
        .values
        .iter()
        .map(|share| json!({ "value": share.value, "rows": share.rows }))
        .collect();
    Some(
        json!({ "title": title, "table": distribution.table, "column": distribution.column, "values": values }),
    )
}

fn objects(entry: &Entry) -> Vec<Value> {
    let Entry::Sql { file, ran } = entry else { return vec![] };
    let object = |object: &leora_report::ObjectChange| {
        let verb = match object.verb {
            ObjectVerb::Created => "created",
            ObjectVerb::Changed => "changed",
            ObjectVerb::Dropped => "dropped",
        };
        let mut told =
            json!({ "file": file, "change": verb, "kind": object.kind, "name": object.name });
        let kinds = ["table", "view", "sequence", "enum", "function"];
        if let ObjectOwnership::Given { owner } = &ran.ownership
            && object.verb == ObjectVerb::Created
            && kinds.contains(&object.kind.as_str())
        {
            told["given_to"] = json!(owner);
        }
        told
    };
    ran.objects.iter().map(object).collect()
}

fn migration_entry(entry: &Entry) -> Option<Value> {
    let Entry::Migration { name, recording, rollback } = entry else { return None };
    let prisma = match recording.prisma {
        PrismaRecord::Unmanaged => "unmanaged",
        PrismaRecord::NoFile => "no_file",
        PrismaRecord::New => "new",
        PrismaRecord::Already => "before",
        PrismaRecord::OtherFile => "other_file",
        PrismaRecord::NotRecorded => "never",
    };
    let new = recording.history == Recorded::New;
    Some(json!({ "name": name, "new": new, "rolled_back": rollback, "prisma": prisma }))
}

fn file(file: &FileReport) -> Value {
    let (change, reason) = match &file.change {
        FileChange::Written => ("written", None),
        FileChange::Same => ("same", None),
        FileChange::Planned => ("foreseen", None),
        FileChange::Failed { reason, .. } => ("failed", Some(reason)),
    };
    json!({ "path": file.path, "change": change, "reason": reason })
}

fn note_entry(entry: &Entry) -> Option<Value> {
    match entry {
        Entry::Note(text) => Some(json!(text)),
        _ => None,
    }
}

fn unpredicted_entry(entry: &Entry) -> Option<Value> {
    match entry {
        Entry::Unpredicted(reason) => Some(json!(reason)),
        _ => None,
    }
}

fn plan(plan: &PlanReport) -> Value {
    let locks: Vec<Value> =
        plan.locks.iter().map(|lock| json!({ "table": lock.table, "mode": lock.mode })).collect();
    let held = plan.held.map(|held| u64::try_from(held.as_millis()).unwrap_or(u64::MAX));
    let way = |way: &StrategyEstimate| {
        json!({
            "strategy": way.strategy.to_string(), "about_ms": way.about_ms, "waits": forecast::who_waits(way.strategy),
            "chosen": way.chosen, "against": way.against,
        })
    };
    let ways: Vec<Value> = plan.strategies.iter().map(way).collect();
    json!({ "locks": locks, "about_ms": plan.about_ms, "strategies": ways, "held_ms": held })
}

/// What went wrong, as JSON.
pub(crate) fn failure(failure: &Failure) -> Value {
    let place = failure.place.as_ref();
    json!({
        "kind": failure.kind.word(),
        "message": failure.message,
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "sqlstate": failure.sqlstate,
        "details": failure.details,
        "help": failure.help,
    })
}
