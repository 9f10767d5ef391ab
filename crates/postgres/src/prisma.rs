//! Prisma's own record of migrations, `_prisma_migrations`: kept as `prisma migrate deploy` would have kept it.

use leora_report::{DatabaseError, PrismaRecord};
use leora_rule::{Sql, quote_qualified};

use crate::Session;

/// The table, in the schema that Prisma works in.
const TABLE: &str = "_prisma_migrations";

/// A row of the record.
struct Row {
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

    /// Whether Prisma Migrate looks after this database.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn exists(&mut self) -> Result<bool, DatabaseError> {
        let sql = Sql {
            text: "SELECT to_regclass($1::text)::text".into(),
            parameters: vec![Some(self.table())],
        };
        Ok(self.session.connection.fetch_inlined(&sql)?[0][0].is_some())
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
        let foretold = self.preview_record(name, checksum)?;
        if let (PrismaRecord::New, Some(checksum)) = (&foretold, checksum) {
            let text = format!(
                "INSERT INTO {} (id, checksum, migration_name, finished_at, applied_steps_count) \
                 VALUES (gen_random_uuid()::text, $1::text, $2::text, clock_timestamp(), 1)",
                self.table()
            );
            self.write(text, &[checksum, name])?;
        }
        Ok(foretold)
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
        decide(name, checksum, &self.rows(name)?)
    }

    /// Marks a migration as rolled back, also one that Prisma had begun.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_rollback(&mut self, name: &str) -> Result<PrismaRecord, DatabaseError> {
        let foretold = self.preview_rollback(name)?;
        if foretold == PrismaRecord::New {
            let text = format!(
                "UPDATE {} SET rolled_back_at = clock_timestamp() \
                 WHERE migration_name = $1::text AND rolled_back_at IS NULL",
                self.table()
            );
            self.write(text, &[name])?;
        }
        Ok(foretold)
    }

    /// What [`Prisma::record_rollback`] would do.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
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

    fn rows(&mut self, name: &str) -> Result<Vec<Row>, DatabaseError> {
        let text = format!(
            "SELECT checksum, (finished_at IS NOT NULL)::text, (rolled_back_at IS NOT NULL)::text, \
             to_char(started_at, 'YYYY-MM-DD HH24:MI') FROM {} WHERE migration_name = $1::text",
            self.table()
        );
        let rows = self
            .session
            .connection
            .fetch_inlined(&Sql { text, parameters: vec![Some(name.to_owned())] })?;
        let row = |cells: Vec<Option<String>>| {
            let mut cells = cells.into_iter().map(Option::unwrap_or_default);
            let mut next = || cells.next().unwrap_or_default();
            let (checksum, finished, rolled_back) = (next(), next() == "true", next() == "true");
            Row { checksum, finished, rolled_back, started: next() }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    fn write(&mut self, text: String, parameters: &[&str]) -> Result<(), DatabaseError> {
        let parameters = parameters.iter().map(|text| Some((*text).to_owned())).collect();
        self.session.connection.execute_inlined(&Sql { text, parameters }).map(|_| ())
    }
}

/// What a deploy would do about a migration with these rows: it stops at one that failed, leaves one that is applied,
/// and applies one again that was rolled back, with a row of its own.
fn decide(name: &str, checksum: &str, rows: &[Row]) -> Result<PrismaRecord, DatabaseError> {
    let standing = || rows.iter().filter(|row| !row.rolled_back);
    if let Some(failed) = standing().find(|row| !row.finished) {
        let (name, started) = (name.to_owned(), failed.started.clone());
        return Err(DatabaseError::PrismaFailed { name, started });
    }
    Ok(match standing().next() {
        None => PrismaRecord::New,
        Some(row) if row.checksum == checksum => PrismaRecord::Already,
        Some(_) => PrismaRecord::OtherFile,
    })
}
