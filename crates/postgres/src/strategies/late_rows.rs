//! The end of a rule in batches: the rows that it has not written and would still change. Others have added, changed or
//! moved them since it began.

use std::time::Duration;

use leora_report::{DatabaseError, Lock};
use leora_rule::{Sql, format_count, operation};

use crate::connection::{Cells, TextRow};
use crate::journal::JournalKey;
use crate::session::locks::table_lock_holders;
use crate::strategies::batches::{Batch, BatchRows, BatchedRules, Work};
use crate::{Session, Transaction};

/// How often they are looked for, where there are few.
const MAX_SWEEPS: u32 = 8;
/// How many are looked for at once: to find them reads the table and the rule's journal.
const MAX_FOUND: usize = 200_000;
const BATCH_ROWS: usize = 2_000;
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Sweep {
    found: usize,
    written: u64,
    /// The partition of a batch that others were in the way of.
    kept_out: Option<usize>,
}

/// Writes them; returns how many are left in the end, since others add or change rows without a pause.
///
/// # Errors
/// [`DatabaseError::RowsLocked`] when others hold their locks all the time, and [`DatabaseError`] of the server.
pub(crate) fn write(work: &Work<'_>, writer: &mut Session) -> Result<u64, DatabaseError> {
    let mut kept_out = None;
    let mut sweeps = 0;
    while sweeps < MAX_SWEEPS {
        let sweep = work.sweep(writer)?;
        if sweep.found == 0 {
            return Ok(0);
        }
        kept_out = sweep.kept_out;
        sweeps += u32::from(sweep.found < MAX_FOUND || sweep.written == 0);
    }
    let left = work.count_missed(writer)?;
    match kept_out {
        Some(partition) if left > 0 => Err(work.rows_locked(writer, partition, left)?),
        _ => Ok(left),
    }
}

impl Work<'_> {
    fn sweep(&self, writer: &mut Session) -> Result<Sweep, DatabaseError> {
        let mut sweep = Sweep::default();
        for partition in 0..self.partitions.len() {
            let rows = self.find_missed(writer, partition)?;
            sweep.found += rows.len();
            for some in rows.chunks(BATCH_ROWS) {
                match self.write_found(writer, partition, some) {
                    // They have moved again: the next sweep finds them.
                    Err(error) if error.is_transient() => {
                        writer.roll_back()?;
                        writer.server.pause(PAUSE)?;
                        sweep.kept_out = Some(partition);
                    }
                    ended => {
                        if let Batch::Written(rows) = ended? {
                            sweep.written += rows;
                        }
                    }
                }
            }
        }
        Ok(sweep)
    }

    /// The place alone would not do: another row may be there by now, one that the rule has written.
    fn write_found(
        &self,
        writer: &mut Session,
        partition: usize,
        rows: &[(String, String)],
    ) -> Result<Batch, DatabaseError> {
        let key = JournalKey::new(self.batched.table);
        let list = |values: Vec<&String>| serde_json::json!(values).to_string();
        let array = |parameter: &str, cast: &str| {
            format!(
                "ANY (ARRAY(SELECT pg_catalog.json_array_elements_text({parameter}::pg_catalog.text::pg_catalog.json)::{cast}))"
            )
        };
        let condition = format!(
            " AND {} AND {}",
            operation("ctid", "=", &array("{places}", "pg_catalog.tid")),
            operation(&key.of_row(None), "=", &array("{keys}", key.cast())),
        );
        let places = list(rows.iter().map(|row| &row.0).collect());
        let keys = list(rows.iter().map(|row| &row.1).collect());
        let found = BatchRows::Found { condition, places, keys };
        self.write_batch(writer, partition, &found)
    }

    /// The place and the key of the rows that would change, and that this rule has not written.
    fn find_missed(
        &self,
        writer: &mut Session,
        partition: usize,
    ) -> Result<Vec<(String, String)>, DatabaseError> {
        let Sql { text, parameters } = self.changed_rows(partition);
        writer.begin(Transaction::Batch)?;
        // The journal is read only where there is any.
        let any = Sql {
            // All of them and not the first: for one the server may search a lookup again for each row, and find none.
            text: format!(
                "SELECT one FROM (SELECT ''::pg_catalog.text AS one {text} OFFSET 0) AS found ORDER BY one LIMIT 1"
            ),
            parameters: parameters.clone(),
        };
        if writer.connection.fetch(&any)?.is_empty() {
            return Ok(vec![]);
        }
        let shown = format!(
            "rows.ctid::pg_catalog.text, {}::pg_catalog.text",
            JournalKey::new(self.batched.table).expression("rows")
        );
        let missed = self.missed(partition, &shown, &format!(" LIMIT {MAX_FOUND}"));
        let row = |row: TextRow| {
            let mut cells = Cells::new(row);
            (cells.text(), cells.text())
        };
        Ok(writer.connection.fetch(&missed)?.into_iter().map(row).collect())
    }

    fn count_missed(&self, writer: &mut Session) -> Result<u64, DatabaseError> {
        writer.begin(Transaction::Batch)?;
        let mut count = 0;
        for partition in 0..self.partitions.len() {
            let missed = self.missed(partition, "pg_catalog.count(*)::pg_catalog.text", "");
            count += Cells::of_first(writer.connection.fetch(&missed)?).number();
        }
        writer.roll_back()?;
        Ok(count)
    }

    fn missed(&self, partition: usize, shown: &str, end: &str) -> Sql {
        let BatchedRules { table, run, .. } = self.batched;
        let key = JournalKey::new(table);
        let Sql { text, parameters } = self.changed_rows(partition);
        let text = format!(
            "SELECT {shown} {text} AND NOT EXISTS (SELECT FROM (SELECT pg_catalog.unnest({array}) AS key \
               FROM leora_run.transition WHERE {is_run} AND {is_rule}) AS was WHERE {is_key}){end}",
            array = key.array,
            is_run = operation("run", "=", &format!("'{run}'::pg_catalog.uuid")),
            is_rule = self.batched.is_rule(),
            is_key = operation("was.key", "=", &key.expression("rows")),
        );
        Sql { text, parameters: parameters.clone() }
    }

    fn rows_locked(
        &self,
        writer: &mut Session,
        partition: usize,
        left: u64,
    ) -> Result<DatabaseError, DatabaseError> {
        let table = &self.partitions[partition].table;
        // Whatever lock they hold on the table, also the weak one of a row lock.
        let mode = "ACCESS EXCLUSIVE".to_owned();
        let lock = Lock { schema: table.schema.clone(), table: table.name.clone(), mode };
        writer.begin(Transaction::ReadOnly)?;
        let holders = table_lock_holders(&mut writer.connection, &lock)?;
        writer.roll_back()?;
        let (table, rows) = (self.batched.table.name.clone(), format_count(left, "row"));
        Ok(DatabaseError::RowsLocked { table, rows, holders })
    }
}
