//! The sample CRM on the cluster, laid out in one of the ways that Citus has.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::{Output, Project, SAMPLE, Session};

/// How the table Customer is laid out, and what else belongs to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// All tables by `tenantId`, which is part of their keys.
    ByTenant,
    /// Customer by its id; the others are local.
    ById,
    /// Customer is a local table in the metadata.
    InMetadata,
    /// Customer is a reference table.
    Reference,
    /// The schema is distributed.
    Schema,
}

impl Layout {
    pub const ALL: [Self; 5] =
        [Self::ByTenant, Self::ById, Self::InMetadata, Self::Reference, Self::Schema];

    fn schema(self) -> &'static str {
        if self == Self::Schema { "crm" } else { "public" }
    }

    /// What makes it of the sample.
    fn statements(self) -> Vec<String> {
        const TABLES: [&str; 4] = ["User", "ActivityType", "Customer", "CallPlan"];
        let no_tenants_key = "ALTER TABLE \"Customer\" DROP CONSTRAINT \"Customer_tenantId_fkey\"";
        match self {
            Self::ByTenant => {
                let mut all: Vec<String> = TABLES
                    .map(|name| {
                        format!("ALTER TABLE \"{name}\" DROP CONSTRAINT \"{name}_tenantId_fkey\"")
                    })
                    .to_vec();
                all.push(
                    "ALTER TABLE \"CallPlan\" DROP CONSTRAINT \"CallPlan_userId_fkey\"".into(),
                );
                all.extend(TABLES.map(|name| {
                    format!("ALTER TABLE \"{name}\" DROP CONSTRAINT \"{name}_pkey\", ADD PRIMARY KEY (\"tenantId\", id)")
                }));
                all.push("SELECT create_reference_table('\"Tenant\"')".into());
                all.extend(TABLES.map(|name| {
                    format!("SELECT create_distributed_table('\"{name}\"', 'tenantId')")
                }));
                all
            }
            Self::ById => [
                no_tenants_key,
                "DROP INDEX \"Customer_tenantId_externalId_key\"",
                "SELECT create_distributed_table('\"Customer\"', 'id')",
            ]
            .map(str::to_owned)
            .to_vec(),
            Self::InMetadata => {
                [no_tenants_key, "SELECT citus_add_local_table_to_metadata('\"Customer\"')"]
                    .map(str::to_owned)
                    .to_vec()
            }
            Self::Reference => [no_tenants_key, "SELECT create_reference_table('\"Customer\"')"]
                .map(str::to_owned)
                .to_vec(),
            Self::Schema => vec!["SELECT citus_schema_distribute('crm')".into()],
        }
    }
}

/// The tables of earlier tests, one by one: Citus does not drop a schema with many of them.
const TABLES: &str = "\
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'crm', 'leora_run') AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.oid DESC";

const TYPES: &str = "\
SELECT t.oid::regtype::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname IN ('public', 'crm') AND t.typtype = 'e' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')";

/// The database of the cluster, which one test at a time has.
pub struct Cluster {
    pub project: Project,
    layout: Layout,
    url: String,
    _alone: MutexGuard<'static, ()>,
}

impl Cluster {
    /// The sample in this layout.
    pub fn new(layout: Layout) -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let url = std::env::var("LEORA_TEST_CITUS_URL").expect("the build found it");
        let mut session = Session::of(&url);
        session.run("SET client_min_messages = warning; SET search_path = public");
        for row in session.rows(TABLES) {
            session.run(&format!("DROP TABLE {} CASCADE", row[0]));
        }
        for row in session.rows(TYPES) {
            session.run(&format!("DROP TYPE {}", row[0]));
        }
        session.run("DROP SCHEMA IF EXISTS leora_run CASCADE");
        session.run("DROP SCHEMA IF EXISTS crm CASCADE");
        if layout == Layout::Schema {
            session.run("CREATE SCHEMA crm");
        }
        session.run(&format!("SET search_path = {}", layout.schema()));
        session.run(SAMPLE);
        for statement in layout.statements() {
            session.run(&statement);
        }
        Self { project: Project::new(), layout, url, _alone: alone }
    }

    /// The program on it, confirmed.
    pub fn command(&self, arguments: &str) -> Command {
        let mut url = url::Url::parse(&self.url).expect("an address");
        url.query_pairs_mut().append_pair("schema", self.layout.schema());
        let name = url.path().trim_start_matches('/').to_owned();
        let mut command = self.project.command(arguments);
        command.arg("--database-url").arg(url.as_str()).arg("--confirm").arg(name);
        command
    }

    pub fn run(&self, arguments: &str) -> Output {
        self.project.output(&mut self.command(arguments))
    }

    /// A connection of the test's own, in the schema of the tables.
    pub fn session(&self) -> Session {
        let mut session = Session::of(&self.url);
        session.run(&format!("SET search_path = {}", self.layout.schema()));
        session
    }

    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.session().rows(sql)
    }

    pub fn value(&self, sql: &str) -> String {
        let first = self.rows(sql).into_iter().next();
        first.and_then(|row| row.into_iter().next()).unwrap_or_default()
    }

    /// A hash of all that the customers have.
    pub fn customers(&self) -> String {
        self.value("SELECT md5(string_agg(c::text, '|' ORDER BY c.id)) FROM \"Customer\" c")
    }

    /// The accountType of the customers, by count.
    pub fn classes(&self) -> String {
        self.value(
            "SELECT string_agg(class || ' ' || n, ', ' ORDER BY class) FROM \
               (SELECT coalesce(\"accountType\"::text, '-') AS class, count(*) AS n FROM \"Customer\" GROUP BY 1) AS counted",
        )
    }
}
