//! What Prisma has recorded of its migrations.

use leora_report::DatabaseError;
use leora_rule::quote_qualified;

use crate::connection::first_column;
use crate::inspection::Inspection;

/// What Prisma has recorded of its migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrismaMigrations {
    /// There is no `_prisma_migrations`.
    Absent,
    /// There is one, and this role may not read it.
    Hidden,
    /// There is one.
    Present {
        /// The migrations that are done, in their order.
        done: Vec<String>,
        /// Those that neither ended nor were rolled back: `prisma migrate` goes no further.
        failed: Vec<String>,
    },
}

impl Inspection<'_> {
    /// What Prisma has recorded in a schema.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn prisma(&mut self, schema: &str) -> Result<PrismaMigrations, DatabaseError> {
        let there = "SELECT c.oid::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1::text AND c.relname = '_prisma_migrations'";
        if self.ask(there, &[schema])?.is_empty() {
            return Ok(PrismaMigrations::Absent);
        }
        let table = quote_qualified(schema, "_prisma_migrations");
        let listed = |condition: &str| {
            format!(
                "SELECT migration_name::text FROM {table} WHERE rolled_back_at IS NULL AND finished_at {condition} ORDER BY started_at"
            )
        };
        let Some(done) = self.ask_if_allowed(&listed("IS NOT NULL"), &[])? else {
            return Ok(PrismaMigrations::Hidden);
        };
        let failed = first_column(self.ask(&listed("IS NULL"), &[])?);
        Ok(PrismaMigrations::Present { done: first_column(done), failed })
    }
}
