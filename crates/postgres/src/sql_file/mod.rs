//! Running an SQL file inside the run's transaction, and seeing what it did: objects, locks, owners, deferred indexes.

mod declared_settings;
mod deferred_indexes;
mod failure_position;
mod locks;
mod objects;
pub(crate) mod ownership;
pub(crate) mod table_reads;

use leora_report::{DatabaseError, DeferredIndex, SqlRun};

use crate::Session;
use crate::connection::own_statements::Statement;
use crate::connection::{Cells, first_column};
use crate::session::CHECK_CONSTRAINTS;
use crate::sql_file::deferred_indexes::{DEFERRED, announce_writes};
use crate::sql_file::failure_position::failure_position;
use crate::sql_file::locks::{LOCKS, TABLES, undeclared_locks};
use crate::sql_file::objects::{compare_objects, list_objects, read_objects};

/// By its number is seen whether the transaction is still the same after a file.
const TRANSACTION: &str = "SELECT pg_catalog.pg_current_xact_id()::text";
const ROLE: &str = "SELECT current_user::text";

impl Session {
    /// Runs a file of SQL statements in this transaction. What it sets ends with it, but for settings of its own, which the
    /// files after it can read. What it makes is reassigned to the owner of the tables `related` to it. The file can read
    /// which columns, `writes` as `Table.column`, this transaction is going to write.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, with the position in the file where it is the file that failed, and
    /// [`DatabaseError::CommittedByFile`] or [`DatabaseError::RolledBackByFile`] where the file ended the transaction.
    pub fn run_sql(
        &mut self,
        text: &str,
        related: &[String],
        writes: &[String],
    ) -> Result<SqlRun, DatabaseError> {
        let list = list_objects(&self.target().schema);
        // A DDL refuses a table with pending trigger events.
        let announce = announce_writes(writes);
        let all = [
            Statement::Own(TRANSACTION),
            Statement::AsRole(CHECK_CONSTRAINTS),
            Statement::ShowingNames(&list),
            Statement::Own(ROLE),
            Statement::Own(LOCKS),
            Statement::Own(TABLES),
            Statement::Own(&announce),
        ];
        let results = self.connection.fetch_each(&all)?;
        let [transaction, _, before, role, locks, tables, _] =
            results.try_into().expect("rows of each");
        let role = Cells::of_first(role).text();
        let owner = self.related_tables_owner(&role, related)?;
        let transaction = Cells::of_first(transaction).text();
        self.connection.note_file();
        let path = self.connection.file_path();
        self.connection.execute_text(&path)?;
        let (completed, done) = self.connection.execute_counting(text);
        if let Err(error) = done {
            let ended = self.ended_by_file(&transaction);
            return Err(ended.unwrap_or_else(|| in_file(text, completed, error)));
        }
        let declared = self.keep_declared_settings(text);
        let results = self.restore_settings(
            &transaction,
            Statement::Own(DEFERRED),
            &[Statement::Own(LOCKS), Statement::ShowingNames(&list)],
        )?;
        let [deferred, locks_after, after] = results.try_into().expect("rows of each");
        if let Some(declared) = declared? {
            self.connection.fetch_text(&declared)?;
        }
        let deferred_indexes = self.defer_indexes(deferred, writes)?;
        let mut after = read_objects(after);
        let index = |one: &DeferredIndex| (("index".to_owned(), one.index.clone()), String::new());
        after.extend(deferred_indexes.iter().map(index));
        let objects = compare_objects(&read_objects(before), &after);
        self.distribute_new_tables(&objects)?;
        Ok(SqlRun {
            undeclared_locks: undeclared_locks(locks, locks_after, &first_column(tables)),
            ownership: self.reassign_ownership(&objects, &role, &owner)?,
            grants_for_others: self.grants_for_new_tables(&objects, related, &role, &owner)?,
            objects,
            deferred_indexes,
        })
    }
}

/// The error of a file, with its position in the file.
fn in_file(text: &str, completed: usize, error: DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Server(mut error) => {
            error.position = failure_position(text, completed, &error);
            DatabaseError::Server(error)
        }
        other => other,
    }
}
