//! The schema `leora_run`: whether it is what this program makes, made by somebody whom the role trusts. Nothing in it is
//! read or written before.

use std::collections::BTreeSet;

use leora_report::DatabaseError;
use leora_rule::quote_identifier;

use crate::History;
use crate::connection::Cells;

const FORMAT: u32 = 2;
/// The comment of the schema, before the number of its format.
const COMMENT: &str = "History and undo journal of leora-run, format ";

/// The script that creates the schema of the history, for a role that may create schemas.
pub const HISTORY_SCHEMA: &str = concat!(
    include_str!("../../../../sql/leora_run/tables.sql"),
    "\n",
    include_str!("../../../../sql/leora_run/functions.sql"),
    "\n",
    include_str!("../../../../sql/leora_run/protect.sql"),
);

/// The script that makes the history of an older version one of this, for its owner.
pub const HISTORY_UPGRADE: &str = concat!(
    include_str!("../../../../sql/leora_run/upgrade.sql"),
    "\n",
    include_str!("../../../../sql/leora_run/functions.sql"),
    "\n",
    include_str!("../../../../sql/leora_run/upgrade_grants.sql"),
    "\n",
    include_str!("../../../../sql/leora_run/protect.sql"),
);

const LISTING: &str = include_str!("../../../../sql/leora_run/listing.sql");

/// What the listing has for a schema of each format, a line each.
const EXPECTED: [(u32, &str); 2] = [
    (1, include_str!("../../../../sql/leora_run/format_1.txt")),
    (FORMAT, include_str!("../../../../sql/leora_run/format_2.txt")),
];

/// The state of the history in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryState {
    /// There is none yet.
    Missing,
    /// It is one of this version.
    Ready {
        /// Whether this role may read it.
        readable: bool,
    },
    /// It is one of an older version, which its owner has to upgrade.
    Old {
        /// Its owner.
        owner: String,
        /// Whether this role may act for the owner.
        may_upgrade: bool,
        /// Whether this role may read it.
        readable: bool,
    },
}

#[derive(Clone, Debug, Default)]
struct FoundSchema {
    comment: String,
    owner: String,
    /// Whether the owner is somebody whose code this role may run.
    is_trusted: bool,
    acts_for_owner: bool,
    readable: bool,
    lines: String,
}

impl FoundSchema {
    fn format(&self) -> Option<u32> {
        self.comment.strip_prefix(COMMENT)?.parse().ok()
    }

    fn judge(self) -> Result<HistoryState, DatabaseError> {
        let known = self.format().map(|format| (format, EXPECTED.iter().find(|it| it.0 == format)));
        if !self.is_trusted {
            return Err(foreign_owner(&self.owner));
        }
        let (format, expected) = match known {
            Some((format, Some((_, expected)))) => (format, *expected),
            Some((format, None)) if format > FORMAT => return Err(newer_format(format)),
            _ => (FORMAT, EXPECTED[1].1),
        };
        if let Some(difference) = first_difference(expected, &self.lines, format) {
            return Err(refused(difference));
        }
        let Self { owner, acts_for_owner: may_upgrade, readable, .. } = self;
        Ok(match format {
            FORMAT => HistoryState::Ready { readable },
            _ => HistoryState::Old { owner, may_upgrade, readable },
        })
    }
}

impl History<'_> {
    /// The state of the history, asked once in a transaction.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] where the schema is not this program's, with what is different.
    pub fn state(&mut self) -> Result<HistoryState, DatabaseError> {
        if let Some(known) = &self.session.history {
            return Ok(known.clone());
        }
        let state = self.state_for("")?;
        self.session.history = Some(state.clone());
        Ok(state)
    }

    /// The state of the history as this role would find it.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] where the schema is not this program's, with what is different.
    pub fn state_for(&mut self, role: &str) -> Result<HistoryState, DatabaseError> {
        let rows = self.session.connection.fetch_inlined(LISTING, &[role])?;
        let Some(row) = rows.into_iter().next() else { return Ok(HistoryState::Missing) };
        let mut cells = Cells::new(row);
        let found = FoundSchema {
            comment: cells.optional().unwrap_or_default(),
            owner: cells.text(),
            is_trusted: cells.flag(),
            acts_for_owner: cells.flag(),
            readable: cells.flag(),
            lines: cells.optional().unwrap_or_default(),
        };
        found.judge()
    }

    /// Creates the history where it is missing, and upgrades one of an older version.
    ///
    /// # Errors
    /// [`DatabaseError`], such as a role that may not create a schema, or a schema that is not this program's.
    pub fn prepare(&mut self) -> Result<(), DatabaseError> {
        match self.state()? {
            HistoryState::Missing => {
                self.session.history = None;
                self.session.connection.execute_own(HISTORY_SCHEMA).map(drop)
            }
            state => self.upgrade_from(state),
        }
    }

    /// Upgrades the history of an older version, if there is one.
    ///
    /// # Errors
    /// [`DatabaseError`], such as a role that may not act for the owner, or a schema that is not this program's.
    pub fn upgrade(&mut self) -> Result<(), DatabaseError> {
        let state = self.state()?;
        self.upgrade_from(state)
    }

    fn upgrade_from(&mut self, state: HistoryState) -> Result<(), DatabaseError> {
        let HistoryState::Old { owner, may_upgrade, .. } = state else { return Ok(()) };
        if !may_upgrade {
            return Err(needs_upgrade(&owner));
        }
        self.session.connection.execute_own(HISTORY_UPGRADE)?;
        self.session.history = None;
        self.state().map(drop)
    }
}

/// The first line that only one of the two has, as what is there and should not be, or is missing.
fn first_difference(expected: &str, found: &str, format: u32) -> Option<String> {
    // Whoever ran folders wrote the tables of format 1 itself.
    let is_former_grant = |line: &str| {
        format < FORMAT && line.starts_with("grant of ") && !line.contains("on the schema")
    };
    let counts = |line: &&str| !line.is_empty() && !is_former_grant(line);
    let expected: BTreeSet<&str> = expected.lines().filter(counts).collect();
    let found: BTreeSet<&str> = found.lines().filter(counts).collect();
    let foreign = found.difference(&expected).next();
    let missing = || expected.difference(&found).next().map(|line| format!("it has no {line}"));
    foreign.map(|line| format!("it has another {line}")).or_else(missing)
}

fn refused(difference: String) -> DatabaseError {
    DatabaseError::Inconsistent {
        message: format!("the schema leora_run is not as leora-run makes it: {difference}"),
        help: "look at who did that, and take it back; or set the schema aside, and the next run makes a new one: \
               ALTER SCHEMA leora_run RENAME TO leora_run_before;"
            .into(),
    }
}

fn foreign_owner(owner: &str) -> DatabaseError {
    let role = quote_identifier(owner);
    DatabaseError::Inconsistent {
        message: format!(
            "the schema leora_run belongs to {owner}, and what is in it would run with the rights of this role"
        ),
        help: format!(
            "run it as {owner}; or, where this role is no superuser and trusts that one, have the database's owner make it \
             a member: REVOKE and then GRANT {role}; or set the schema aside, and the next run makes a new one: ALTER SCHEMA leora_run RENAME TO leora_run_before;"
        ),
    }
}

fn newer_format(format: u32) -> DatabaseError {
    DatabaseError::Inconsistent {
        message: format!(
            "the schema leora_run has format {format}, and this version of leora-run knows formats up to {FORMAT}"
        ),
        help: "update leora-run".into(),
    }
}

fn needs_upgrade(owner: &str) -> DatabaseError {
    DatabaseError::Inconsistent {
        message: format!(
            "the schema leora_run is of an older version of leora-run, and only its owner, {owner}, can upgrade it"
        ),
        help: format!(
            "the next run as {owner} does so; or let {owner} run what leora-run doctor --grants FOLDER prints"
        ),
    }
}

#[cfg(test)]
mod tests {
    use leora_report::DatabaseError;

    use super::{EXPECTED, FoundSchema, HistoryState, first_difference};

    fn found(format: u32, lines: &str) -> FoundSchema {
        FoundSchema {
            comment: format!("History and undo journal of leora-run, format {format}"),
            owner: "ann".into(),
            is_trusted: true,
            acts_for_owner: false,
            readable: true,
            lines: lines.into(),
        }
    }

    fn refusal(found: FoundSchema) -> String {
        match found.judge() {
            Err(DatabaseError::Inconsistent { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_this_program_makes_is_used() {
        let ours = EXPECTED[1].1;
        assert_eq!(found(2, ours).judge().unwrap(), HistoryState::Ready { readable: true });
        assert!(
            refusal(found(2, &format!("{ours}trigger run.spy\n")))
                .ends_with("it has another trigger run.spy")
        );
        assert!(
            refusal(found(2, &ours.replace("table run\n", ""))).ends_with("it has no table run")
        );
        assert!(
            refusal(FoundSchema { comment: String::new(), ..found(2, "") }).contains("it has no ")
        );
    }

    #[test]
    fn an_older_format_waits_for_its_owner_and_a_newer_is_refused() {
        let old = found(1, EXPECTED[0].1).judge().unwrap();
        assert!(matches!(old, HistoryState::Old { may_upgrade: false, .. }), "{old:?}");
        assert!(refusal(found(3, EXPECTED[1].1)).contains("has format 3"));
        assert!(
            refusal(FoundSchema { is_trusted: false, ..found(2, EXPECTED[1].1) })
                .contains("belongs to ann")
        );
    }

    #[test]
    fn the_tables_of_format_1_were_written_by_whoever_was_granted_it() {
        let granted = "grant of INSERT on run to bob";
        assert_eq!(first_difference("", granted, 1), None);
        assert!(first_difference("", granted, 2).is_some());
        assert!(first_difference("", "grant of CREATE on the schema to bob", 1).is_some());
    }
}
