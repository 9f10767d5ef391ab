//! A step in the document of a report: what it did and found, by kind.

use leora_report::{
    Distribution, Entry, Expectation, MigrationRecord, ObjectChange, ObjectOwnership, ObjectVerb,
    Outcome, PrismaRecord, PutBack, Recorded, SqlRun, StepReport,
};
use leora_rule::Change;
use serde::Serialize;

use crate::json::document::milliseconds;

/// The kinds of objects that have an owner of their own.
const OWNED: [&str; 5] = ["table", "view", "sequence", "enum", "function"];

#[derive(Serialize)]
pub(crate) struct StepDocument<'r> {
    name: &'r str,
    title: &'r str,
    outcome: Outcome,
    ms: u64,
    changes: Vec<ChangeDocument<'r>>,
    expectations: Vec<&'r Expectation>,
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
            Entry::Change { change, .. } => {
                let (rows, changed) = (change.taken(), change.changed());
                self.changes.push(ChangeDocument::Written { rows, changed, change });
            }
            Entry::PutBack(put_back) => {
                let changed = put_back.changed();
                let rows = changed + put_back.edited + put_back.deleted;
                let strategy = "undo";
                self.changes.push(ChangeDocument::PutBack { strategy, rows, changed, put_back });
            }
            Entry::Expectation(one) => self.expectations.push(one),
            Entry::Distribution { title, distribution } => {
                self.distributions.push(DistributionDocument { title, distribution });
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
        rows: u64,
        changed: u64,
        #[serde(flatten)]
        change: &'r Change,
    },
    PutBack {
        strategy: &'static str,
        rows: u64,
        changed: u64,
        #[serde(flatten)]
        put_back: &'r PutBack,
    },
}

#[derive(Serialize)]
struct DistributionDocument<'r> {
    title: &'r Option<String>,
    #[serde(flatten)]
    distribution: &'r Distribution,
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
