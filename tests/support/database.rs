//! A database for each test, dropped at its end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sqlx::postgres::{
    PgColumn, PgConnectOptions, PgConnection, PgDatabaseError, PgErrorPosition, PgRow,
};
use sqlx::{AssertSqlSafe, Column, Connection, Executor, Row, SqlSafeStr, Statement};
use tokio::runtime::Runtime;

use super::server::{TestServer, server};

/// The sample CRM.
pub const SAMPLE: &str = include_str!("../../sql/sample-crm.sql");

const SAMPLE_ORDERS: &str = include_str!("../../sql/sample-orders.sql");

/// A database of its own.
pub struct Database {
    /// Its name.
    pub name: String,
    server: &'static TestServer,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn connect(runtime: &Runtime, url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("an address");
    runtime.block_on(PgConnection::connect_with(&options)).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs SQL statements at an address.
pub fn execute(url: &str, sql: &str) {
    let runtime = runtime();
    let mut connection = connect(&runtime, url);
    let done = runtime.block_on(connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))));
    done.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    runtime.block_on(connection.close()).expect("closed");
}

/// Makes the database that the tests' databases are copies of.
pub(super) fn load_template(server: &TestServer, name: &str) {
    execute(&server.admin, &format!("CREATE DATABASE {name}"));
    execute(&server.url(name), SAMPLE);
}

/// Makes the same with orders.
pub(super) fn load_orders(server: &TestServer, name: &str) {
    execute(&server.admin, &format!("CREATE DATABASE {name} TEMPLATE {}", server.template()));
    execute(&server.url(name), SAMPLE_ORDERS);
}

/// Host (or the socket's directory), port, user and password of a server.
pub fn parts(url: &str) -> BTreeMap<String, String> {
    let url = url::Url::parse(url).expect("an address");
    let mut parts: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            parts.entry(name.to_owned()).or_insert(value);
        }
    };
    add("host", url.host_str().map(str::to_owned));
    add("port", Some(url.port().unwrap_or(5432).to_string()));
    add("user", Some(url.username().to_owned()));
    add("password", url.password().map(str::to_owned));
    parts
}

impl Database {
    /// The sample CRM.
    pub fn sample() -> Self {
        Self::copy(server(), &server().template())
    }

    /// The sample CRM with its orders, as the sandbox has it.
    pub fn sample_with_orders() -> Self {
        Self::copy(server(), &server().template_with_orders())
    }

    /// The sample CRM on another server.
    pub(super) fn sample_on(server: &'static TestServer) -> Self {
        Self::copy(server, &server.template())
    }

    fn copy(server: &'static TestServer, template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name =
            format!("leora_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(&server.admin, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { name, server }
    }

    /// An empty database.
    pub fn empty() -> Self {
        Self::empty_on(server())
    }

    /// An empty database on another server.
    pub(super) fn empty_on(server: &'static TestServer) -> Self {
        Self::copy(server, "template0")
    }

    /// Makes a table `Item` that batches write in seven pieces, each of which takes this many seconds.
    pub fn make_slow_pieces(&self, seconds: f64) {
        self.run(&format!(
            "CREATE TABLE \"Item\" (id int PRIMARY KEY, mood text, size int, body text); \
             INSERT INTO \"Item\" SELECT n, NULL, n, repeat('x', 1500) FROM generate_series(1, 9000) n; \
             CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END'; \
             CREATE TRIGGER slow AFTER UPDATE ON \"Item\" FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        ));
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Its address through something that listens on a port of this machine.
    pub fn url_by(&self, port: u16) -> String {
        let parts = parts(&self.url());
        let password = parts.get("password").map_or_else(String::new, |word| format!(":{word}"));
        let user = &parts["user"];
        format!("postgresql://{user}{password}@127.0.0.1:{port}/{}?sslmode=disable", self.name)
    }

    /// Its address for another role.
    pub fn url_as(&self, role: &str, password: &str) -> String {
        let mut url = url::Url::parse(&self.url()).expect("an address");
        url.set_username(role).expect("a role");
        url.set_password(Some(password)).expect("a password");
        url.into()
    }

    /// The server's major version, such as 17.
    pub fn major(&self) -> u32 {
        self.value("SELECT current_setting('server_version_num')::int / 10000")
            .parse()
            .expect("a number")
    }

    /// A connection of the test's own.
    pub fn session(&self) -> Session {
        Session::of(&self.url())
    }

    /// Lets every UPDATE of a table take 30 s.
    pub fn slow_down(&self, table: &str) {
        self.run(&format!(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'; \
             CREATE TRIGGER slow BEFORE UPDATE ON \"{table}\" FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        ));
    }

    /// Waits until a session sleeps in a statement.
    #[track_caller]
    pub fn wait_for_sleep(&self) {
        self.wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
    }

    /// Waits until nobody else is connected, and the server's statistics have all that they did.
    #[track_caller]
    pub fn wait_for_statistics(&self) {
        self.wait_until(
            "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend')",
        );
        // There a process of its own gathers them, and tells them a little later.
        if self.major() < 15 {
            thread::sleep(Duration::from_millis(1_500));
        }
    }

    /// Waits until the server has noticed that the run is gone.
    #[track_caller]
    pub fn wait_for_silence(&self) {
        self.wait_until(
            "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run' AND datname = current_database())",
        );
    }

    /// Waits until a condition holds; fails after 20 s.
    #[track_caller]
    pub fn wait_until(&self, condition: &str) {
        self.session().wait_until(condition);
    }

    /// Runs SQL statements.
    pub fn run(&self, sql: &str) {
        execute(&self.url(), sql);
    }

    /// The first column of the first row, as text; "" for NULL or no row.
    pub fn value(&self, sql: &str) -> String {
        self.rows(sql).into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default()
    }

    /// Every row, every column as text, NULL as "".
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.session().rows(sql)
    }

    /// The rows of accountType and accountPriority by count: `ACTIVE/HIGH 3512`, by name.
    pub fn classes(&self) -> Vec<String> {
        let sql = "SELECT coalesce(\"accountType\"::text, '-') || '/' || \
             coalesce(to_jsonb(c)->>'accountPriority', '-') || ' ' || count(*) FROM \"Customer\" c \
             GROUP BY \"accountType\", to_jsonb(c)->>'accountPriority' ORDER BY 1";
        self.rows(sql).into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// A hash of every row of every table and of the whole catalog, without leora_run.
    pub fn fingerprint(&self) -> String {
        self.fingerprint_without("'leora_run'")
    }

    /// The same with the tables of leora_run, and with the size of every table.
    pub fn whole_fingerprint(&self) -> String {
        let sizes = self.rows(
            "SELECT n.nspname, c.relname, pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'i', 'S') AND n.nspname IN ('public', 'leora_run') ORDER BY 1, 2",
        );
        let sizes: Vec<String> = sizes.into_iter().map(|row| row.join(" ")).collect();
        format!("{}\n{}", self.fingerprint_with_history(), sizes.join("\n"))
    }

    /// A hash of every row of every table, leora_run included, and of the whole catalog.
    pub fn fingerprint_with_history(&self) -> String {
        self.fingerprint_without("''")
    }

    fn fingerprint_without(&self, schema: &str) -> String {
        let mut session = self.session();
        let tables = session.rows(&format!(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' \
             AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', {schema}) ORDER BY 1",
        ));
        let mut parts = vec![session.catalog()];
        for table in tables {
            parts.push(format!("{} {}", table[0], session.rows_hash(&table[0], "")));
        }
        parts.join("\n")
    }
}

/// The definitions of the columns, indexes, constraints, enums, triggers and views of the schema public.
const CATALOG: &str = "SELECT md5(string_agg(line, '|' ORDER BY line)) FROM ( \
    SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, \
           (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum)) AS line \
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid \
     WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped \
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid \
     WHERE c.relnamespace = 'public'::regnamespace \
    UNION ALL SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace \
    UNION ALL SELECT enumtypid::regtype || enumlabel || enumsortorder FROM pg_enum \
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
    UNION ALL SELECT viewname || definition FROM pg_views WHERE schemaname = 'public') AS lines";

impl Drop for Database {
    fn drop(&mut self) {
        execute(&self.server.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A connection of a test's own, to hold locks and transactions.
pub struct Session {
    runtime: Runtime,
    connection: PgConnection,
}

impl Session {
    /// A connection to this address.
    pub fn of(url: &str) -> Self {
        Self::try_of(url).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A connection to this address, if it can be had.
    pub fn try_of(url: &str) -> Result<Self, sqlx::Error> {
        let runtime = runtime();
        let options: PgConnectOptions = url.parse()?;
        // A pooler refuses it.
        let options = options.extra_float_digits(None);
        let connection = runtime.block_on(PgConnection::connect_with(&options))?;
        Ok(Self { runtime, connection })
    }

    /// Waits until a condition holds; fails after 20 s.
    #[track_caller]
    pub fn wait_until(&mut self, condition: &str) {
        let started = Instant::now();
        while self.one(&format!("SELECT ({condition})::text")) != "true" {
            assert!(started.elapsed() < Duration::from_secs(20), "never: {condition}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs SQL statements.
    pub fn run(&mut self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// Runs SQL statements that may fail; the error's SQLSTATE and message.
    pub fn try_run(&mut self, sql: &str) -> Result<(), String> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = self.runtime.block_on(self.connection.execute(query));
        done.map(|_| ()).map_err(|error| match error.as_database_error() {
            Some(error) => format!("{} {}", error.code().unwrap_or_default(), error.message()),
            None => error.to_string(),
        })
    }

    /// Runs SQL statements that may fail; the error's SQLSTATE, its message, and the character of its place, from 0.
    pub fn try_run_at(&mut self, sql: &str) -> Result<(), (String, String, Option<usize>)> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = self.runtime.block_on(self.connection.execute(query));
        done.map(|_| ()).map_err(|error| {
            let error = error.into_database_error().expect("an error of the server");
            let error = error.downcast::<PgDatabaseError>();
            let place = match error.position() {
                Some(PgErrorPosition::Original(place)) => Some(place - 1),
                _ => None,
            };
            (error.code().to_owned(), error.message().to_owned(), place)
        })
    }

    /// Has the server prepare one statement.
    pub fn prepare(&mut self, sql: &str) -> Result<(), String> {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        let prepared = self.runtime.block_on(self.connection.prepare(sql));
        prepared.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Has the server prepare one statement; the names and types of its columns, or its error.
    pub fn columns(&mut self, sql: &str) -> Result<Vec<(String, String)>, String> {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        let prepared = self.runtime.block_on(self.connection.prepare(sql));
        let prepared = prepared.map_err(|error| error.to_string())?;
        let column = |column: &PgColumn| (column.name().to_owned(), column.type_info().to_string());
        Ok(prepared.columns().iter().map(column).collect())
    }

    /// Every row, every column as text, NULL as "".
    pub fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let rows = self.runtime.block_on(self.connection.fetch_all(query));
        let rows = rows.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
    }

    /// How many rows a table has, and a hash of them in whatever order, without the column of this name.
    pub fn rows_hash(&mut self, table: &str, without: &str) -> String {
        let columns = self.one(&format!(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute \
             WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> '{without}'",
            table.replace('\'', "''")
        ));
        self.one(&format!(
            "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(r::text, 0)), 0) FROM (SELECT {columns} FROM {table}) r"
        ))
    }

    /// A hash of the whole catalog of the schema public.
    pub fn catalog(&mut self) -> String {
        self.one(CATALOG)
    }

    /// The first column of the first row.
    pub fn one(&mut self, sql: &str) -> String {
        self.rows(sql).into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default()
    }
}

/// A column as text: without parameters the server sends every type as text.
fn text(row: &PgRow, at: usize) -> String {
    let value = row.try_get_raw(at).expect("a column");
    sqlx::ValueRef::is_null(&value)
        .then(String::new)
        .unwrap_or_else(|| value.as_str().expect("text").to_owned())
}
