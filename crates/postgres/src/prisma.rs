//! Prisma's own record of migrations, `_prisma_migrations`, written as `prisma migrate deploy` would have written it.

use leora_report::{DatabaseError, PrismaRecord};
use leora_rule::{Sql, quote_qualified};

use crate::Session;
use crate::connection::{Cells, TextRow};

const TABLE: &str = "_prisma_migrations";

struct MigrationRow {
    checksum: String,
    finished: bool,
    rolled_back: bool,
    started: String,
}

/// Prisma's record in a session's transaction.
#[derive(Debug)]
pub struct Prisma<'s> {
    session: &'s mut Session,
}

impl<'s> Prisma<'s> {
    /// The record that this session sees.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    /// Whether Prisma Migrate manages this database.
    pub fn exists(&mut self) -> Result<bool, DatabaseError> {
        let text = "SELECT to_regclass($1::text)::text";
        let rows = self.session.connection.fetch_inlined(text, &[&self.table()])?;
        Ok(Cells::of_first(rows).optional().is_some())
    }

    /// Records a migration as applied, once; `checksum` is the SHA-256 of its migration.sql.
    ///
    /// # Errors
    /// [`DatabaseError::PrismaFailed`] where a deploy would stop too, or of the server.
    pub fn record(
        &mut self,
        name: &str,
        checksum: Option<&str>,
    ) -> Result<PrismaRecord, DatabaseError> {
        let planned = self.preview_record(name, checksum)?;
        if let (PrismaRecord::New, Some(checksum)) = (&planned, checksum) {
            let text = format!(
                "INSERT INTO {} (id, checksum, migration_name, finished_at, applied_steps_count) \
                 VALUES (gen_random_uuid()::text, $1::text, $2::text, clock_timestamp(), 1)",
                self.table()
            );
            self.write(text, &[checksum, name])?;
        }
        Ok(planned)
    }

    /// What [`Prisma::record`] would do.
    ///
    /// # Errors
    /// As [`Prisma::record`].
    pub fn preview_record(
        &mut self,
        name: &str,
        checksum: Option<&str>,
    ) -> Result<PrismaRecord, DatabaseError> {
        if !self.exists()? {
            return Ok(PrismaRecord::Unmanaged);
        }
        let Some(checksum) = checksum else { return Ok(PrismaRecord::NoFile) };
        plan_record(name, checksum, &self.rows(name)?)
    }

    /// Marks a migration as rolled back, also one that Prisma began.
    pub fn record_rollback(&mut self, name: &str) -> Result<PrismaRecord, DatabaseError> {
        let planned = self.preview_rollback(name)?;
        if planned == PrismaRecord::New {
            let text = format!(
                "UPDATE {} SET rolled_back_at = clock_timestamp() \
                 WHERE migration_name = $1::text AND rolled_back_at IS NULL",
                self.table()
            );
            self.write(text, &[name])?;
        }
        Ok(planned)
    }

    /// What [`Prisma::record_rollback`] would do.
    pub fn preview_rollback(&mut self, name: &str) -> Result<PrismaRecord, DatabaseError> {
        if !self.exists()? {
            return Ok(PrismaRecord::Unmanaged);
        }
        match self.rows(name)?.iter().any(|row| !row.rolled_back) {
            true => Ok(PrismaRecord::New),
            false => Ok(PrismaRecord::NotRecorded),
        }
    }

    fn table(&self) -> String {
        quote_qualified(&self.session.target().schema, TABLE)
    }

    fn rows(&mut self, name: &str) -> Result<Vec<MigrationRow>, DatabaseError> {
        let text = format!(
            "SELECT checksum, (finished_at IS NOT NULL)::text, (rolled_back_at IS NOT NULL)::text, \
             to_char(started_at, 'YYYY-MM-DD HH24:MI') FROM {} WHERE migration_name = $1::text",
            self.table()
        );
        let rows = self.session.connection.fetch_inlined(&text, &[name])?;
        let row = |row: TextRow| {
            let mut cells = Cells::new(row);
            let (checksum, finished) = (cells.text(), cells.flag());
            MigrationRow { checksum, finished, rolled_back: cells.flag(), started: cells.text() }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    fn write(&mut self, text: String, parameters: &[&str]) -> Result<(), DatabaseError> {
        let parameters = parameters.iter().map(|text| Some((*text).to_owned())).collect();
        self.session.connection.execute_inlined(&Sql { text, parameters }).map(|_| ())
    }
}

/// What a deploy would do about a migration with these rows: it stops at one that failed, skips one that is applied, and
/// applies one again that was rolled back, with a row of its own.
fn plan_record(
    name: &str,
    checksum: &str,
    rows: &[MigrationRow],
) -> Result<PrismaRecord, DatabaseError> {
    let applied = || rows.iter().filter(|row| !row.rolled_back);
    if let Some(failed) = applied().find(|row| !row.finished) {
        let (name, started) = (name.to_owned(), failed.started.clone());
        return Err(DatabaseError::PrismaFailed { name, started });
    }
    Ok(match applied().next() {
        None => PrismaRecord::New,
        Some(row) if row.checksum == checksum => PrismaRecord::Already,
        Some(_) => PrismaRecord::OtherFile,
    })
}

#[cfg(test)]
mod tests {
    use leora_report::PrismaRecord;

    use super::{MigrationRow, plan_record};

    fn row(checksum: &str, finished: bool, rolled_back: bool) -> MigrationRow {
        MigrationRow { checksum: checksum.into(), finished, rolled_back, started: String::new() }
    }

    #[test]
    fn a_migration_is_recorded_once_and_again_after_a_rollback() {
        let planned = |rows: &[MigrationRow]| plan_record("m", "sum", rows).expect("no failure");
        assert_eq!(planned(&[]), PrismaRecord::New);
        assert_eq!(planned(&[row("sum", true, false)]), PrismaRecord::Already);
        assert_eq!(planned(&[row("other", true, false)]), PrismaRecord::OtherFile);
        assert_eq!(planned(&[row("sum", true, true)]), PrismaRecord::New);
    }

    #[test]
    fn a_migration_that_failed_stops_as_a_deploy_does() {
        assert!(plan_record("m", "sum", &[row("sum", false, false)]).is_err());
        assert!(plan_record("m", "sum", &[row("sum", false, true)]).is_ok());
    }
}
