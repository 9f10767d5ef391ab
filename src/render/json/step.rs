//! A step in the document of a report: what it did and found, by kind.

use leora_report::{
    Distribution, Entry, Expectation, MigrationRecord, ObjectChange, ObjectOwnership, ObjectVerb,
    Outcome, PrismaRecord, PutBack, Recorded, SqlRun, StepReport,
};
use leora_rule::{Change, ChangePreview, Sample, Strategy, Transition};
use serde::Serialize;

use crate::render::json::document::milliseconds;

/// The kinds of objects that have an owner of their own.
const OWNED: [&str; 5] = ["table", "view", "sequence", "enum", "function"];

#[derive(Serialize)]
pub(crate) struct StepDocument<'r> {
    name: &'r str,
    title: &'r str,
    outcome: Outcome,
    ms: u64,
    changes: Vec<ChangeDocument<'r>>,
    expectations: Vec<ExpectationDocument<'r>>,
    distributions: Vec<DistributionDocument<'r>>,
    objects: Vec<ObjectDocument<'r>>,
    migrations: Vec<MigrationDocument<'r>>,
    notes: Vec<&'r str>,
    not_predicted: Vec<&'r str>,
}

impl<'r> StepDocument<'r> {
    pub(crate) fn new(step: &'r StepReport) -> Self {
        let mut document = Self {
            name: &step.name,
            title: &step.title,
            outcome: step.outcome,
            ms: milliseconds(step.elapsed),
            changes: vec![],
            expectations: vec![],
            distributions: vec![],
            objects: vec![],
            migrations: vec![],
            notes: vec![],
            not_predicted: vec![],
        };
        for entry in &step.entries {
            document.add(entry);
        }
        document
    }

    fn add(&mut self, entry: &'r Entry) {
        match entry {
            Entry::Change { change, .. } => self.changes.push(ChangeDocument::written(change)),
            Entry::PutBack(put_back) => self.changes.push(ChangeDocument::put_back(put_back)),
            Entry::Expectation(one) => self.expectations.push(ExpectationDocument::new(one)),
            Entry::Distribution { title, distribution } => {
                self.distributions.push(DistributionDocument::new(title, distribution));
            }
            Entry::Sql { file, ran } => self.objects.extend(objects(file, ran)),
            Entry::Migration { name, recording, rollback } => {
                self.migrations.push(MigrationDocument::new(name, recording, *rollback));
            }
            Entry::Note(text) => self.notes.push(text),
            Entry::Unpredicted(reason) => self.not_predicted.push(reason),
            // A table that a script shows is for people, and may be long.
            Entry::Table(_) => {}
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ChangeDocument<'r> {
    Written {
        table: &'r str,
        column: &'r str,
        strategy: Strategy,
        rows: u64,
        changed: u64,
        transitions: &'r [Transition],
        left_out: u64,
        unmatched: u64,
        same: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        instead: Option<FallbackDocument<'r>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        foreseen: Option<PreviewDocument<'r>>,
    },
    PutBack {
        table: &'r str,
        column: &'r str,
        strategy: &'static str,
        rows: u64,
        changed: u64,
        transitions: &'r [Transition],
        edited: u64,
        deleted: u64,
        left: Vec<LeftRow<'r>>,
        gone: Option<&'r str>,
    },
}

impl<'r> ChangeDocument<'r> {
    fn written(change: &'r Change) -> Self {
        let fallback = change.fallback.as_ref();
        Self::Written {
            table: &change.table,
            column: &change.column,
            strategy: change.strategy,
            rows: change.taken(),
            changed: change.changed(),
            transitions: &change.transitions,
            left_out: change.unchanged.left_out,
            unmatched: change.unchanged.unmatched,
            same: change.unchanged.same,
            instead: fallback
                .map(|one| FallbackDocument { of: one.requested, because: &one.reason }),
            foreseen: change.preview.as_ref().map(PreviewDocument::new),
        }
    }

    fn put_back(put_back: &'r PutBack) -> Self {
        let left = put_back.left.iter().map(|(key, why)| LeftRow { key, why });
        Self::PutBack {
            table: &put_back.table,
            column: &put_back.column,
            strategy: "undo",
            rows: put_back.changed() + put_back.edited + put_back.deleted,
            changed: put_back.changed(),
            transitions: &put_back.transitions,
            edited: put_back.edited,
            deleted: put_back.deleted,
            left: left.collect(),
            gone: put_back.gone.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct FallbackDocument<'r> {
    of: Strategy,
    because: &'r str,
}

#[derive(Serialize)]
struct PreviewDocument<'r> {
    key: &'r [String],
    columns: &'r [String],
    unsure: Option<&'r str>,
    samples: &'r [Sample],
}

impl<'r> PreviewDocument<'r> {
    fn new(preview: &'r ChangePreview) -> Self {
        Self {
            key: &preview.key,
            columns: &preview.columns,
            unsure: preview.unsure.as_deref(),
            samples: &preview.samples,
        }
    }
}

/// A row that an undo left as it is.
#[derive(Serialize)]
struct LeftRow<'r> {
    key: &'r str,
    why: &'r str,
}

#[derive(Serialize)]
struct ExpectationDocument<'r> {
    label: &'r str,
    held: bool,
    warning: bool,
    findings: &'r [String],
}

impl<'r> ExpectationDocument<'r> {
    fn new(expectation: &'r Expectation) -> Self {
        let Expectation { label, held, warning, findings, .. } = expectation;
        Self { label, held: *held, warning: *warning, findings }
    }
}

#[derive(Serialize)]
struct DistributionDocument<'r> {
    title: Option<&'r str>,
    #[serde(flatten)]
    distribution: &'r Distribution,
}

impl<'r> DistributionDocument<'r> {
    fn new(title: &'r Option<String>, distribution: &'r Distribution) -> Self {
        Self { title: title.as_deref(), distribution }
    }
}

#[derive(Serialize)]
struct ObjectDocument<'r> {
    file: &'r str,
    #[serde(flatten)]
    object: &'r ObjectChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_to: Option<&'r str>,
}

fn objects<'r>(file: &'r str, ran: &'r SqlRun) -> impl Iterator<Item = ObjectDocument<'r>> {
    let owner = match &ran.ownership {
        ObjectOwnership::Reassigned { owner } => Some(owner.as_str()),
        ObjectOwnership::Unchanged | ObjectOwnership::NotReassigned { .. } => None,
    };
    ran.objects.iter().map(move |object| {
        let owned = object.verb == ObjectVerb::Created && OWNED.contains(&object.kind.as_str());
        ObjectDocument { file, object, given_to: owner.filter(|_| owned) }
    })
}

#[derive(Serialize)]
struct MigrationDocument<'r> {
    name: &'r str,
    new: bool,
    rolled_back: bool,
    prisma: &'r PrismaRecord,
}

impl<'r> MigrationDocument<'r> {
    fn new(name: &'r str, recording: &'r MigrationRecord, rolled_back: bool) -> Self {
        let new = recording.history == Recorded::New;
        Self { name, new, rolled_back, prisma: &recording.prisma }
    }
}
