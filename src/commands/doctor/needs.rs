//! The privileges that a role needs for a folder: from its manifest, and from what its scripts access.

use std::collections::{BTreeMap, BTreeSet};

use leora_execution::ObjectAccess;
use leora_folder::{Manifest, SqlPrivileges};
use leora_postgres::{HISTORY_NEEDS, OwnedKind, Owner, Ownership, Privilege, Session, TableVerb};
use leora_report::{DatabaseError, Lock};
use leora_rule::Access;

use crate::commands::doctor::access_survey::Surveyed;

/// The schema of the history.
const HISTORY: &str = "leora_run";

/// Prisma's own table, beside the tables of the CRM.
const PRISMA: &str = "_prisma_migrations";

/// A privilege, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) privilege: Privilege,
    /// Who owns the object, where only owners may.
    pub(crate) owner: Option<Owner>,
    pub(crate) reason: String,
}

/// What is known beside the scripts.
pub(crate) struct Known<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) surveyed: &'a Surveyed,
    /// The locks that a run takes first.
    pub(crate) locks: &'a [Lock],
    /// Who owns what in the schema of the CRM.
    pub(crate) ownership: &'a Ownership,
    /// Whether there is a history.
    pub(crate) history: bool,
    pub(crate) schema: &'a str,
    /// The role that is to have them.
    pub(crate) role: &'a str,
}

/// Reads what is known, and computes the needs of a role.
pub(crate) fn of(
    session: &mut Session,
    manifest: &Manifest,
    surveyed: &Surveyed,
    role: &str,
) -> Result<Vec<Need>, DatabaseError> {
    let locks = match manifest.access {
        Access::ReadOnly => vec![],
        _ => crate::commands::shared::begin_run::wanted(session, manifest)?,
    };
    let schema = session.target().schema.clone();
    let ownership = session.ownership(&schema)?;
    let history = session.ownership(HISTORY)?.schema.is_some();
    let needs = needed(&Known {
        manifest,
        surveyed,
        locks: &locks,
        ownership: &ownership,
        history,
        schema: &schema,
        role,
    });
    inherited(session, needs)
}

/// Without what the role will have from those it becomes a member of.
fn inherited(session: &mut Session, needs: Vec<Need>) -> Result<Vec<Need>, DatabaseError> {
    let owners = needs.iter().filter_map(|need| need.owner.clone());
    let joined: BTreeSet<String> =
        owners.filter(|owner| !owner.superuser).map(|owner| owner.role).collect();
    let mut kept = Vec::new();
    for need in needs {
        let mut comes_along = false;
        if need.owner.is_none() && need.privilege != Privilege::History {
            for role in &joined {
                comes_along = comes_along || session.has_privilege(role, &need.privilege)?;
            }
        }
        if !comes_along {
            kept.push(need);
        }
    }
    Ok(kept)
}

/// The needs, the owners' first: they cover others.
pub(crate) fn needed(known: &Known<'_>) -> Vec<Need> {
    let mut list = List { known, wanted: BTreeMap::new() };
    list.add(Privilege::Connect, "to connect");
    let schema = known.schema.to_owned();
    list.add(Privilege::Usage { schema }, "to use what is in the schema");
    for (access, steps) in &known.surveyed.accesses {
        list.access(access, &steps.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    for lock in known.locks {
        let (schema, name) = (lock.schema.clone(), lock.table.clone());
        list.add(Privilege::Lock { schema, name }, &format!("to lock it, {}", lock.mode));
    }
    list.hidden_rows();
    let mut needs = list.uncovered();
    if known.manifest.access == Access::ReadWrite {
        needs.extend(history(known));
    }
    needs
}

/// The needs gathered so far, each with its reasons.
struct List<'a> {
    known: &'a Known<'a>,
    wanted: BTreeMap<Privilege, BTreeSet<String>>,
}

impl List<'_> {
    fn add(&mut self, privilege: Privilege, reason: &str) {
        self.wanted.entry(privilege).or_default().insert(reason.to_owned());
    }

    /// A table that is not there has no privileges: whoever makes it owns it.
    fn table(&mut self, name: &str, verb: TableVerb, reason: &str) {
        if self.known.ownership.tables.contains_key(name) {
            let (schema, name) = (self.known.schema.to_owned(), name.to_owned());
            self.add(Privilege::Table { schema, name, verb }, reason);
        }
    }

    fn access(&mut self, access: &ObjectAccess, steps: &str) {
        match access {
            ObjectAccess::Read(table) => {
                self.table(table, TableVerb::Select, &format!("{steps} reads it"));
            }
            ObjectAccess::Set(table) => {
                self.table(table, TableVerb::Select, &format!("{steps} reads it"));
                self.table(table, TableVerb::Update, &format!("{steps} sets a column"));
            }
            ObjectAccess::Insert(table) => {
                self.table(table, TableVerb::Select, &format!("{steps} reads it"));
                self.table(table, TableVerb::Insert, &format!("{steps} adds a row"));
                self.sequences(table, steps);
            }
            ObjectAccess::Delete(table) => {
                self.table(table, TableVerb::Select, &format!("{steps} reads it"));
                self.table(table, TableVerb::Delete, &format!("{steps} deletes rows"));
            }
            ObjectAccess::RunSql(file) => self.sql(&self.known.manifest.sql_privileges(file), file),
            ObjectAccess::ReadHistory => self.past_runs(&format!("{steps} asks for the last run")),
            ObjectAccess::RecordMigration(_) => {
                self.table(PRISMA, TableVerb::Select, &format!("{steps} records the migration"));
                self.table(PRISMA, TableVerb::Insert, &format!("{steps} records the migration"));
            }
            ObjectAccess::RecordRollback(_) => {
                self.table(PRISMA, TableVerb::Select, &format!("{steps} records the rollback"));
                self.table(PRISMA, TableVerb::Update, &format!("{steps} records the rollback"));
            }
        }
    }

    /// The tables of the history that tell of past runs, where there is one; a read-write folder has them anyhow.
    fn past_runs(&mut self, reason: &str) {
        if !self.known.history || self.known.manifest.access == Access::ReadWrite {
            return;
        }
        let schema = || HISTORY.to_owned();
        self.add(Privilege::Usage { schema: schema() }, reason);
        for table in ["run", "step", "transition"] {
            let (name, verb) = (table.to_owned(), TableVerb::Select);
            self.add(Privilege::Table { schema: schema(), name, verb }, reason);
        }
    }

    fn sequences(&mut self, table: &str, steps: &str) {
        let found = self.known.ownership.tables.get(table);
        for name in found.map_or_else(Vec::new, |table| table.sequences.clone()) {
            let schema = self.known.schema.to_owned();
            self.add(Privilege::Sequence { schema, name }, &format!("{steps} adds a row"));
        }
    }

    fn sql(&mut self, needs: &SqlPrivileges, file: &str) {
        let schema = || self.known.schema.to_owned();
        if needs.create {
            let create = Privilege::Create { schema: schema() };
            self.add(create, &format!("{file} makes tables and types"));
        }
        for name in &needs.own {
            let kind = match (
                self.known.ownership.tables.contains_key(name),
                self.known.ownership.types.contains_key(name),
            ) {
                (true, _) => OwnedKind::Table,
                (_, true) => OwnedKind::Type,
                _ => continue,
            };
            let own = Privilege::Own { kind, schema: schema(), name: name.clone() };
            self.add(own, &format!("{file} alters or drops it"));
        }
        let verbs = [
            (&needs.references, TableVerb::References, "refers to it"),
            (&needs.select, TableVerb::Select, "reads it"),
            (&needs.insert, TableVerb::Insert, "adds rows"),
            (&needs.update, TableVerb::Update, "changes rows"),
            (&needs.delete, TableVerb::Delete, "deletes rows"),
        ];
        for (tables, verb, what) in verbs {
            for table in tables {
                self.table(table, verb, &format!("{file} {what}"));
            }
        }
    }

    /// Row-level security is an error to a run, so that it never works with some of the rows.
    fn hidden_rows(&mut self) {
        let hides = |table: &str| {
            let found = self.known.ownership.tables.get(table);
            found.is_some_and(|it| it.row_security && (it.forced || !self.is_owned(table)))
        };
        let touched: BTreeSet<&String> = self
            .wanted
            .keys()
            .filter_map(|privilege| match privilege {
                Privilege::Table { name, verb, .. } if *verb != TableVerb::References => Some(name),
                _ => None,
            })
            .filter(|table| hides(table))
            .collect();
        if !touched.is_empty() {
            let tables = touched.into_iter().cloned().collect::<Vec<_>>();
            let reason = format!("row-level security is on for {}", tables.join(", "));
            self.add(Privilege::EveryRow { schema: self.known.schema.to_owned(), tables }, &reason);
        }
    }

    /// Whether it is the schema of the CRM.
    fn is_at_home(&self, schema: &str) -> bool {
        schema == self.known.schema
    }

    /// Whether the role owns the table, or will.
    fn is_owned(&self, table: &str) -> bool {
        let Some(found) = self.known.ownership.tables.get(table) else { return false };
        let owned = |privilege: &Privilege| matches!(privilege, Privilege::Own { kind: OwnedKind::Table, name, .. } if name == table);
        found.owner.role == self.known.role
            || self.joined().contains(&found.owner.role)
            || self.wanted.keys().any(owned)
    }

    /// The roles that it will be a member of.
    fn joined(&self) -> BTreeSet<String> {
        let owners = self.wanted.keys().filter_map(|privilege| self.owner(privilege));
        owners.filter(|owner| !owner.superuser).map(|owner| owner.role).collect()
    }

    fn owner(&self, privilege: &Privilege) -> Option<Owner> {
        let Privilege::Own { kind, name, .. } = privilege else { return None };
        match kind {
            OwnedKind::Table => self.known.ownership.tables.get(name).map(|it| it.owner.clone()),
            OwnedKind::Type => self.known.ownership.types.get(name).cloned(),
        }
    }

    /// Without what an owner may anyhow, and without asking for what another need brings.
    fn uncovered(&self) -> Vec<Need> {
        let joined = self.joined();
        let owns = |owner: &Option<Owner>| {
            owner.as_ref().is_some_and(|it| it.role == self.known.role || joined.contains(&it.role))
        };
        let mut seen = BTreeSet::new();
        let mut needs = Vec::new();
        for (privilege, reasons) in &self.wanted {
            let owner = self.owner(privilege);
            let covered = match privilege {
                // One membership is enough for all that its role owns.
                Privilege::Own { .. } => owner.as_ref().is_some_and(|it| {
                    it.role == self.known.role || (!it.superuser && !seen.insert(it.role.clone()))
                }),
                Privilege::Table { schema, name, .. } => {
                    self.is_at_home(schema) && self.is_owned(name)
                }
                Privilege::Lock { schema, name } => {
                    let verb = TableVerb::Update;
                    let (schema, name) = (schema.clone(), name.clone());
                    self.is_owned(&name)
                        || self.wanted.contains_key(&Privilege::Table { schema, name, verb })
                }
                Privilege::Usage { schema } | Privilege::Create { schema } => {
                    self.is_at_home(schema) && owns(&self.known.ownership.schema)
                }
                Privilege::Connect => owns(&self.known.ownership.database),
                _ => false,
            };
            if !covered {
                let reason = reasons.iter().cloned().collect::<Vec<_>>().join("; ");
                needs.push(Need { privilege: privilege.clone(), owner, reason });
            }
        }
        needs
    }
}

/// What the history needs: its schema, and the privileges on it.
fn history(known: &Known<'_>) -> Vec<Need> {
    let need = |privilege, reason: &str| Need { privilege, owner: None, reason: reason.into() };
    let schema = || HISTORY.to_owned();
    let mut needs = Vec::new();
    if !known.history {
        needs.push(need(Privilege::History, "the first run makes the schema leora_run"));
    }
    needs.push(need(Privilege::Usage { schema: schema() }, "the history and the undo journal"));
    for (table, verbs) in HISTORY_NEEDS {
        for verb in verbs {
            let privilege = Privilege::Table { schema: schema(), name: table.into(), verb: *verb };
            needs.push(need(privilege, "the history and the undo journal"));
        }
    }
    needs
}
