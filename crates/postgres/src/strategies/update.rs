//! The strategy `update`: one UPDATE, under a lock that keeps other writers out. A large table is updated range by range
//! in the same transaction, so that progress can be shown.

use leora_report::{DatabaseError, Progress};
use leora_rule::{Rule, Sql, Table};

use crate::Session;
use crate::connection::Cells;
use crate::strategies::page_ranges::pages_condition;

/// Blocks of 8 kB in a range: 16 MB, a fraction of a second.
const RANGE_BLOCKS: u64 = 2_048;

/// A list of so many values is read in a tenth of the time of a range, and is read again for each.
const VALUES_OF_A_RANGE: u64 = 5_000;

/// The blocks of the table's file; none where it can't be updated in ranges: before PostgreSQL 14, which would read
/// the whole table for each, where a trigger wants to see one statement, and of partitioned tables.
const BLOCKS: &str = "\
SELECT CASE WHEN current_setting('server_version_num')::int < 140000 OR c.relkind <> 'r'
              OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 1 = 0 AND t.tgtype & 16 <> 0)
            THEN 0 ELSE pg_relation_size(c.oid) / current_setting('block_size')::int END::text
  FROM pg_class c WHERE c.oid = to_regclass($1::text)";

/// In how many statements the rows are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// One, after which constraints are checked.
    One,
    /// One for each range of a large table.
    Ranges,
}

pub(crate) fn write(
    session: &mut Session,
    rules: &[Rule],
    table: &Table,
    update: &Sql,
    pieces: Pieces,
) -> Result<u64, DatabaseError> {
    let longest_list = rules.iter().map(Rule::longest_list).max().unwrap_or(0);
    let range = RANGE_BLOCKS * (1 + longest_list as u64 / VALUES_OF_A_RANGE);
    let in_ranges = pieces == Pieces::Ranges && Rule::are_repeatable(rules, table);
    let blocks = if in_ranges { blocks(session, table)? } else { 0 };
    if blocks <= range {
        return session.connection.execute(update);
    }
    let (mut written, mut from) = (0, 0);
    // Rows that are written move behind the last block, which need not be read.
    while from < blocks {
        let to = (from + range).min(blocks);
        let Sql { text, parameters } = update.clone();
        let text = format!("{text} AND {}", pages_condition(from, to));
        written += session.connection.execute(&Sql { text, parameters })?;
        from = to;
        let share = from as f64 / blocks as f64;
        session.server.progress().report(Progress { share, rows: None, waits_for: None });
    }
    Ok(written)
}

fn blocks(session: &mut Session, table: &Table) -> Result<u64, DatabaseError> {
    let rows = session.connection.fetch_inlined(BLOCKS, &[&table.qualified()])?;
    Ok(Cells::of_first(rows).number())
}
