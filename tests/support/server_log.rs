//! What a server has logged: the statements that the program sent, and what markers said.

use std::fs;

use super::{Database, OwnServer};

/// Settings of a server that logs every statement, after the application and the database that sent it.
pub const LOG_STATEMENTS: [(&str, &str); 2] =
    [("log_statement", "all"), ("log_line_prefix", "%a in %d>> ")];

/// The entries of the program's connections to a database, without the prefix: `LOG:  statement: SELECT 1`.
pub fn logged(server: &OwnServer, database: &Database) -> Vec<String> {
    let log = fs::read_to_string(server.server.log()).expect("a log");
    let mut entries: Vec<String> = Vec::new();
    let prefix = format!("leora-run in {}>> ", database.name);
    let mut ours = false;
    for line in log.lines() {
        match (line.strip_prefix('\t'), line.strip_prefix(&prefix)) {
            // The entry goes on.
            (Some(further), _) if ours => {
                let entry = entries.last_mut().expect("an entry that goes on");
                entry.push('\n');
                entry.push_str(further);
            }
            (Some(_), _) => {}
            (None, entry) => {
                ours = entry.is_some();
                entries.extend(entry.map(str::to_owned));
            }
        }
    }
    entries
}

/// The statements among these entries.
pub fn statements(entries: &[String]) -> impl Iterator<Item = &str> {
    let statement = |entry: &String| {
        let (kind, text) = entry.strip_prefix("LOG:  ")?.split_once(": ")?;
        let sent = kind == "statement" || kind.starts_with("execute ");
        sent.then(|| entry.len() - text.len())
    };
    entries.iter().filter_map(move |entry| statement(entry).map(|at| &entry[at..]))
}
