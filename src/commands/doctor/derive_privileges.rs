//! Derives the privileges that a role needs to run a folder: from the manifest, and from what the scripts access.

use std::collections::{BTreeMap, BTreeSet};

use leora_execution::ObjectAccess;
use leora_folder::{Manifest, SqlPrivileges};
use leora_postgres::{HISTORY_READS, OwnedKind, Owner, Ownership, Privilege, TableVerb};
use leora_report::Lock;
use leora_rule::Access;

use crate::commands::doctor::script_access::ScriptAccess;

pub(crate) const HISTORY_SCHEMA: &str = "leora_run";

const PRISMA_MIGRATIONS: &str = "_prisma_migrations";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequiredPrivilege {
    pub(crate) privilege: Privilege,
    /// Who owns the object, where only its owner may do that.
    pub(crate) owner: Option<Owner>,
    pub(crate) reason: String,
}

impl RequiredPrivilege {
    /// Whether it is a privilege on the schema of the history, which whoever creates that has.
    pub(crate) fn is_on_history(&self) -> bool {
        match &self.privilege {
            Privilege::HistoryFunctions { .. } => true,
            Privilege::Usage { schema } | Privilege::Table { schema, .. } => {
                schema == HISTORY_SCHEMA
            }
            _ => false,
        }
    }
}

pub(crate) struct Basis<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) access: &'a ScriptAccess,
    pub(crate) locks: &'a [Lock],
    pub(crate) ownership: &'a Ownership,
    pub(crate) history_exists: bool,
    pub(crate) history_is_old: bool,
    pub(crate) schema: &'a str,
    pub(crate) role: &'a str,
}

/// Privileges of owners cover others.
pub(crate) fn derive_privileges(basis: &Basis<'_>) -> Vec<RequiredPrivilege> {
    let mut list = PrivilegeList { basis, reasons: BTreeMap::new() };
    list.add(Privilege::Connect, "to connect");
    let schema = basis.schema.to_owned();
    list.add(Privilege::Usage { schema }, "to use what is in the schema");
    for (access, steps) in &basis.access.accesses {
        list.access(access, &steps.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    for lock in basis.locks {
        let (schema, name) = (lock.schema.clone(), lock.table.clone());
        list.add(Privilege::Lock { schema, name }, &format!("to lock it, {}", lock.mode));
    }
    list.row_security();
    let mut required = list.without_covered();
    if basis.manifest.access == Access::ReadWrite {
        required.extend(history_privileges(basis));
    }
    required
}

struct PrivilegeList<'a> {
    basis: &'a Basis<'a>,
    reasons: BTreeMap<Privilege, BTreeSet<String>>,
}

impl PrivilegeList<'_> {
    fn add(&mut self, privilege: Privilege, reason: &str) {
        self.reasons.entry(privilege).or_default().insert(reason.to_owned());
    }

    /// The privileges to use a table in these ways, if it exists.
    fn table(&mut self, name: &str, user: &str, uses: &[(TableVerb, &str)]) {
        // Whoever creates a table owns it.
        if !self.basis.ownership.tables.contains_key(name) {
            return;
        }
        for (verb, action) in uses {
            let (schema, name, verb) = (self.basis.schema.to_owned(), name.to_owned(), *verb);
            self.add(Privilege::Table { schema, name, verb }, &format!("{user} {action}"));
        }
    }

    fn access(&mut self, access: &ObjectAccess, steps: &str) {
        let reads = (TableVerb::Select, "reads it");
        match access {
            ObjectAccess::Read(table) => self.table(table, steps, &[reads]),
            ObjectAccess::Set(table) => {
                self.table(table, steps, &[reads, (TableVerb::Update, "sets a column")]);
            }
            ObjectAccess::KeepDecisions => {
                self.add(Privilege::Temporary, &format!("{steps} decides by other rows"));
            }
            ObjectAccess::Insert(table) => {
                self.table(table, steps, &[reads, (TableVerb::Insert, "adds a row")]);
                self.sequences(table, steps);
            }
            ObjectAccess::Delete(table) => {
                self.table(table, steps, &[reads, (TableVerb::Delete, "deletes rows")]);
            }
            ObjectAccess::RunSql(file) => {
                self.sql_file(&self.basis.manifest.sql_privileges(file), file);
            }
            ObjectAccess::ReadHistory => self.past_runs(&format!("{steps} asks for the last run")),
            ObjectAccess::RecordMigration(_) => {
                let verbs = [TableVerb::Select, TableVerb::Insert];
                let uses = verbs.map(|verb| (verb, "records the migration"));
                self.table(PRISMA_MIGRATIONS, steps, &uses);
            }
            ObjectAccess::RecordRollback(_) => {
                let verbs = [TableVerb::Select, TableVerb::Update];
                let uses = verbs.map(|verb| (verb, "records the rollback"));
                self.table(PRISMA_MIGRATIONS, steps, &uses);
            }
        }
    }

    /// The tables of the history that list past runs, if they exist; a read-write folder needs them in any case.
    fn past_runs(&mut self, reason: &str) {
        if !self.basis.history_exists || self.basis.manifest.access == Access::ReadWrite {
            return;
        }
        let schema = || HISTORY_SCHEMA.to_owned();
        self.add(Privilege::Usage { schema: schema() }, reason);
        for table in ["run", "step", "transition"] {
            let (name, verb) = (table.to_owned(), TableVerb::Select);
            self.add(Privilege::Table { schema: schema(), name, verb }, reason);
        }
    }

    fn sequences(&mut self, table: &str, steps: &str) {
        let found = self.basis.ownership.tables.get(table);
        for name in found.map_or_else(Vec::new, |table| table.sequences.clone()) {
            let schema = self.basis.schema.to_owned();
            self.add(Privilege::Sequence { schema, name }, &format!("{steps} adds a row"));
        }
    }

    fn sql_file(&mut self, privileges: &SqlPrivileges, file: &str) {
        let schema = || self.basis.schema.to_owned();
        if privileges.create {
            let create = Privilege::Create { schema: schema() };
            self.add(create, &format!("{file} makes tables and types"));
        }
        for name in &privileges.own {
            let kind = match (
                self.basis.ownership.tables.contains_key(name),
                self.basis.ownership.types.contains_key(name),
            ) {
                (true, _) => OwnedKind::Table,
                (_, true) => OwnedKind::Type,
                _ => continue,
            };
            let own = Privilege::Own { kind, schema: schema(), name: name.clone() };
            self.add(own, &format!("{file} alters or drops it"));
        }
        let verbs = [
            (&privileges.references, TableVerb::References, "refers to it"),
            (&privileges.select, TableVerb::Select, "reads it"),
            (&privileges.insert, TableVerb::Insert, "adds rows"),
            (&privileges.update, TableVerb::Update, "changes rows"),
            (&privileges.delete, TableVerb::Delete, "deletes rows"),
        ];
        for (tables, verb, action) in verbs {
            for table in tables {
                self.table(table, file, &[(verb, action)]);
            }
        }
    }

    /// A run fails where row-level security hides rows, so that it never works with a part of them.
    fn row_security(&mut self) {
        let hides = |table: &str| {
            let found = self.basis.ownership.tables.get(table);
            found.is_some_and(|it| it.row_security && (it.forced || !self.is_owned(table)))
        };
        let touched: BTreeSet<&String> = self
            .reasons
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
            self.add(Privilege::EveryRow { schema: self.basis.schema.to_owned(), tables }, &reason);
        }
    }

    /// Whether it is the schema that the scripts work in, not that of the history.
    fn is_target_schema(&self, schema: &str) -> bool {
        schema == self.basis.schema
    }

    /// Whether the role owns the table, or will.
    fn is_owned(&self, table: &str) -> bool {
        let Some(found) = self.basis.ownership.tables.get(table) else { return false };
        let owned = |privilege: &Privilege| matches!(privilege, Privilege::Own { kind: OwnedKind::Table, name, .. } if name == table);
        found.owner.role == self.basis.role
            || self.joined().contains(&found.owner.role)
            || self.reasons.keys().any(owned)
    }

    /// The owners that the role will be a member of.
    fn joined(&self) -> BTreeSet<String> {
        let owners = self.reasons.keys().filter_map(|privilege| self.owner(privilege));
        owners.filter(|owner| !owner.superuser).map(|owner| owner.role).collect()
    }

    fn owner(&self, privilege: &Privilege) -> Option<Owner> {
        let Privilege::Own { kind, name, .. } = privilege else { return None };
        match kind {
            OwnedKind::Table => self.basis.ownership.tables.get(name).map(|it| it.owner.clone()),
            OwnedKind::Type => self.basis.ownership.types.get(name).cloned(),
        }
    }

    /// Without what an owner may do in any case, and what another privilege includes.
    fn without_covered(&self) -> Vec<RequiredPrivilege> {
        let joined = self.joined();
        let owns = |owner: &Option<Owner>| {
            owner.as_ref().is_some_and(|it| it.role == self.basis.role || joined.contains(&it.role))
        };
        let mut seen = BTreeSet::new();
        let mut required = Vec::new();
        for (privilege, reasons) in &self.reasons {
            let owner = self.owner(privilege);
            let covered = match privilege {
                // One membership is enough for everything that this role owns.
                Privilege::Own { .. } => owner.as_ref().is_some_and(|it| {
                    it.role == self.basis.role || (!it.superuser && !seen.insert(it.role.clone()))
                }),
                Privilege::Table { schema, name, .. } => {
                    self.is_target_schema(schema) && self.is_owned(name)
                }
                Privilege::Lock { schema, name } => {
                    let verb = TableVerb::Update;
                    let (schema, name) = (schema.clone(), name.clone());
                    self.is_owned(&name)
                        || self.reasons.contains_key(&Privilege::Table { schema, name, verb })
                }
                Privilege::Usage { schema } | Privilege::Create { schema } => {
                    self.is_target_schema(schema) && owns(&self.basis.ownership.schema)
                }
                Privilege::Connect | Privilege::Temporary => owns(&self.basis.ownership.database),
                _ => false,
            };
            if !covered {
                let reason = reasons.iter().cloned().collect::<Vec<_>>().join("; ");
                required.push(RequiredPrivilege { privilege: privilege.clone(), owner, reason });
            }
        }
        required
    }
}

fn history_privileges(basis: &Basis<'_>) -> Vec<RequiredPrivilege> {
    let required = |privilege, reason: &str| RequiredPrivilege {
        privilege,
        owner: None,
        reason: reason.into(),
    };
    let (schema, reason) = (|| HISTORY_SCHEMA.to_owned(), "the history and the undo journal");
    let mut list = Vec::new();
    if !basis.history_exists {
        list.push(required(Privilege::History, "the first run makes the schema leora_run"));
    }
    if basis.history_is_old {
        list.push(required(
            Privilege::HistoryUpgrade,
            "the schema leora_run is of an older version",
        ));
    }
    list.push(required(Privilege::Usage { schema: schema() }, reason));
    for table in HISTORY_READS {
        let (name, verb) = (table.into(), TableVerb::Select);
        list.push(required(Privilege::Table { schema: schema(), name, verb }, reason));
    }
    let records = !basis.manifest.records.is_empty();
    list.push(required(Privilege::HistoryFunctions { records }, reason));
    list
}
