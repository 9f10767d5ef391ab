//! What a Data API, such as Supabase's, exposes to everybody: tables that its roles may read, without row-level security.

use leora_report::DatabaseError;

use crate::connection::first_column;
use crate::inspection::Inspection;

/// What a Data API exposes to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataApiExposure {
    /// The roles of a Data API that may use the schema: `anon`, `authenticated`.
    pub roles: Vec<String>,
    /// The tables of the schema that such a role may read, where row-level security is off.
    pub open: Vec<String>,
    /// Whether tables that the roles create are granted to them by default.
    pub by_default: bool,
}

const ROLES: &str = "\
SELECT rolname::text FROM pg_roles r, pg_namespace n
 WHERE n.nspname = $1::text AND rolname IN ('anon', 'authenticated') AND has_schema_privilege(r.oid, n.oid, 'USAGE') ORDER BY 1";

const OPEN: &str = "\
SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_roles r ON r.rolname IN ('anon', 'authenticated')
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
   AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE') ORDER BY 1";

const BY_DEFAULT: &str = "\
SELECT d.oid::text FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 CROSS JOIN aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
 WHERE d.defaclobjtype = 'r' AND (n.nspname = $1::text OR d.defaclnamespace = 0)
   AND (g.rolname IN ('anon', 'authenticated') OR a.grantee = 0)
   AND d.defaclrole IN (SELECT oid FROM pg_roles WHERE rolname IN (SELECT json_array_elements_text($2::text::json))) LIMIT 1";

impl Inspection<'_> {
    /// What a Data API exposes of a schema, and of tables that these roles create in it.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn exposure(
        &mut self,
        schema: &str,
        makers: &[&str],
    ) -> Result<DataApiExposure, DatabaseError> {
        let roles = first_column(self.ask(ROLES, &[schema])?);
        if roles.is_empty() {
            return Ok(DataApiExposure::default());
        }
        let makers = serde_json::json!(makers).to_string();
        Ok(DataApiExposure {
            roles,
            open: first_column(self.ask(OPEN, &[schema])?),
            by_default: !self.ask(BY_DEFAULT, &[schema, &makers])?.is_empty(),
        })
    }
}
