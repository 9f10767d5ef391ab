//! Why a table would not be rewritten, or not be written in batches, so that a rule is written by UPDATE instead.

use std::path::Path;

use leora_report::DatabaseError;
use leora_rule::{Change, KeyBy, Rule, Strategy, Table, format_count, format_number};
use nix::sys::statvfs::statvfs;

use crate::citus;
use crate::connection::Cells;
use crate::partitions::{PARTITIONS, ask_about_column};
use crate::{Catalog, Session};

/// Of a hundred rows, how many must change before rewriting all of them costs less than an UPDATE of those that
/// change: two thirds of an UPDATE is its work on the indexes.
const WORTH_IT: u64 = 30;

/// The longest list that is searched for every row.
const MAX_SEARCHED: usize = 100;

/// What an ALTER of the column's type would refuse, lose, or hide from a trigger or a replica that should see the change,
/// with the most general first; whether this transaction has locked the table against readers; how large it is with its
/// indexes, in bytes, which waits for the table's lock, and where on the server's disk. One
/// statement, since planning it is most of its cost.
const REWRITE_FACTS: &str = "\
-- The indexes that are made anew, since the column is in them.
, rebuilt AS (SELECT i.indexrelid AS oid FROM the JOIN pg_index i ON i.indrelid = the.oid
  WHERE the.attnum = ANY (i.indkey::int2[]) OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = the.oid AND d.refobjsubid = the.attnum))
SELECT (SELECT reason FROM (
SELECT 1 AS place, 'it is partitioned' AS reason FROM the WHERE relkind = 'p'
UNION ALL SELECT 1, format('it is a part of %s', i.inhparent::regclass) FROM the JOIN pg_inherits i ON i.inhrelid = the.oid
UNION ALL SELECT 1, format('it is a table of the type %s', reloftype::regtype) FROM the WHERE reloftype <> 0
UNION ALL SELECT 2, format('only its owner %I may do that', pg_get_userbyid(relowner)) FROM the WHERE NOT pg_has_role(relowner, 'USAGE')
UNION ALL SELECT 2, format('the type %s may not be used by this role', atttypid::regtype) FROM the
 WHERE NOT has_type_privilege(atttypid, 'USAGE')
UNION ALL SELECT 3, format('the trigger %I would not fire', t.tgname) FROM the JOIN pg_trigger t ON t.tgrelid = the.oid
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0
UNION ALL SELECT 4, format('the publication %I would not send it', p.pubname)
  FROM the, pg_publication p, pg_get_publication_tables(p.pubname) g WHERE g.relid = the.oid AND p.pubupdate
-- Of this plugin's slots, only the tables of publications are sent.
UNION ALL SELECT 5, format('the replication slot %I would not send it', s.slot_name)
  FROM pg_replication_slots s WHERE s.slot_type = 'logical' AND s.database = current_database() AND s.plugin <> 'pgoutput'
UNION ALL SELECT 6, format('the event trigger %I watches for it', e.evtname)
  FROM pg_event_trigger e WHERE e.evtevent = 'table_rewrite' AND e.evtenabled <> 'D'
UNION ALL SELECT 7, format('the index %s is not valid', i.indexrelid::regclass)
  FROM the JOIN pg_index i ON i.indrelid = the.oid WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
UNION ALL SELECT 8, CASE
    WHEN d.classid = 'pg_rewrite'::regclass THEN coalesce(
      (SELECT format('the view %s reads it', r.ev_class::regclass) FROM pg_rewrite r WHERE r.oid = d.objid AND r.rulename = '_RETURN'),
      format('the %s depends on it', pg_describe_object(d.classid, d.objid, d.objsubid)))
    ELSE coalesce(
      -- Before PostgreSQL 15 the generated column depends on it, and not its expression.
      (SELECT format('the generated column %I reads it', g.attname) FROM pg_attribute g
        WHERE g.attrelid = the.oid AND g.attgenerated <> '' AND g.attnum = CASE
          WHEN d.classid = 'pg_attrdef'::regclass THEN (SELECT f.adnum FROM pg_attrdef f WHERE f.oid = d.objid)
          WHEN d.classid = 'pg_class'::regclass AND d.objid = the.oid THEN d.objsubid END),
      format('the %s depends on it', pg_describe_object(d.classid, d.objid, d.objsubid))) END
  FROM the JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = the.oid AND d.refobjsubid = the.attnum
 -- One by one: to plan a join of all these catalogs would cost more than to read them.
 WHERE d.classid <> 'pg_statistic_ext'::regclass AND CASE d.classid
    WHEN 'pg_class'::regclass THEN NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = d.objid)
    WHEN 'pg_constraint'::regclass THEN EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objid AND (k.contype = 'f' OR NOT k.convalidated))
    WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT FROM pg_attrdef f WHERE f.oid = d.objid AND f.adnum <> the.attnum)
    ELSE true END
-- An UPDATE checks them for each row that it writes, and so would an undo: a rewrite does not.
UNION ALL SELECT 9, format('the constraint %I is not valid for rows from before it', k.conname)
  FROM the JOIN pg_constraint k ON k.conrelid = the.oid
 WHERE k.contype IN ('c', 'n') AND NOT k.convalidated AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
UNION ALL SELECT 9, format('the exclusion constraint %s is looked at row by row by an undo', i.indexrelid::regclass)
  FROM rebuilt JOIN pg_index i ON i.indexrelid = rebuilt.oid WHERE i.indisexclusion
UNION ALL SELECT 9, format('the statistics %I of another owner would become those of this role', s.stxname)
  FROM the JOIN pg_depend d ON d.classid = 'pg_statistic_ext'::regclass AND d.refclassid = 'pg_class'::regclass
   AND d.refobjid = the.oid AND d.refobjsubid = the.attnum
  JOIN pg_statistic_ext s ON s.oid = d.objid JOIN pg_roles me ON me.rolname = current_user
 WHERE s.stxowner <> me.oid AND NOT me.rolsuper
UNION ALL SELECT 9, format('the index %s depends on the extension %I, and would not any more', rebuilt.oid::regclass, e.extname)
  FROM rebuilt JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = rebuilt.oid AND d.deptype = 'x'
  JOIN pg_extension e ON e.oid = d.refobjid
UNION ALL SELECT 9, format('the %s depends on its index %s', coalesce(
         (SELECT format('view %s', r.ev_class::regclass) FROM pg_rewrite r
           WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'),
         pg_describe_object(d.classid, d.objid, d.objsubid)), rebuilt.oid::regclass)
  FROM rebuilt JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = rebuilt.oid AND d.deptype IN ('n', 'a')
UNION ALL SELECT 9, format('the statistics of the index %s would be lost', i.indexrelid::regclass)
  FROM the JOIN pg_index i ON i.indrelid = the.oid JOIN pg_attribute x ON x.attrelid = i.indexrelid AND x.attstattarget >= 0
UNION ALL SELECT 9, format('the target of the statistics %I would be lost', s.stxname)
  FROM the JOIN pg_statistic_ext s ON s.stxrelid = the.oid AND s.stxstattarget >= 0
UNION ALL SELECT 9, CASE d.classid
    WHEN 'pg_type'::regclass THEN format('the domain %s is over its row type', d.objid::regtype)
    ELSE format('the column %I of %s is of its row type',
                (SELECT x.attname FROM pg_attribute x WHERE x.attrelid = d.objid AND x.attnum = d.objsubid), d.objid::regclass) END
  -- A table that was made in single-user mode before PostgreSQL 14 has no array of its row type.
  FROM the JOIN pg_type t ON t.oid = the.reltype
  JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, nullif(t.typarray, 0))
 WHERE CASE d.classid WHEN 'pg_class'::regclass THEN d.objsubid > 0
         WHEN 'pg_type'::regclass THEN EXISTS (SELECT FROM pg_type x WHERE x.oid = d.objid AND x.typtype = 'd') END
) AS found ORDER BY place, reason LIMIT 1),
       EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.relation = the.oid
                  AND l.mode = 'AccessExclusiveLock' AND l.granted)::text,
       CASE WHEN $4::text::boolean THEN pg_total_relation_size(the.oid) END::text,
       coalesce(nullif(pg_tablespace_location(coalesce(nullif(the.reltablespace, 0), d.dattablespace)), ''),
                CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END)
  FROM the, pg_database d WHERE d.datname = current_database()";

/// What keeps a rule from being written partition by partition: rows that would move to another one, partitions without
/// pages, triggers that may store something else, and constraints that may refuse a row of a later batch.
const BATCH_OBSTACLES: &str = "\
SELECT reason FROM (
SELECT format('it decides in which part of %s a row is', name) AS reason FROM decides
UNION ALL SELECT format('its part %s is on another server', name) FROM far
UNION ALL SELECT format('the trigger %I may store another value', g.tgname)
  FROM the, pg_trigger g WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 19 = 19
   AND (g.tgrelid = the.oid OR g.tgrelid IN (SELECT relid FROM pg_partition_tree(the.oid)))
UNION ALL SELECT format('the exclusion constraint %s may refuse a row of a later batch', i.indexrelid::regclass)
  FROM the, pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $3::text
 WHERE i.indisexclusion AND (i.indrelid = the.oid OR i.indrelid IN (SELECT relid FROM pg_partition_tree(the.oid)))
   AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
     AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
) AS found ORDER BY reason LIMIT 1";

/// Whether the size of a table is read, which waits for its lock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Read,
    Skipped,
}

#[derive(Debug, Default)]
pub(crate) struct RewriteFacts {
    obstacle: Option<String>,
    /// Whether this transaction has locked the table against readers.
    pub(crate) is_locked: bool,
    bytes: u64,
    /// Where on the server's disk it is, where the role may know.
    directory: Option<String>,
}

impl RewriteFacts {
    pub(crate) fn read(
        session: &mut Session,
        table: &Table,
        column: &str,
    ) -> Result<Self, DatabaseError> {
        Self::read_with(session, [&table.schema, &table.name, column], Size::Read)
    }

    fn read_with(
        session: &mut Session,
        [schema, table, column]: [&str; 3],
        size: Size,
    ) -> Result<Self, DatabaseError> {
        let sized = if size == Size::Read { "true" } else { "false" };
        let rows = ask_about_column(session, REWRITE_FACTS, &[schema, table, column, sized])?;
        let mut cells = Cells::of_first(rows);
        Ok(Self {
            obstacle: cells.optional(),
            is_locked: cells.flag(),
            bytes: cells.number(),
            directory: cells.optional(),
        })
    }

    pub(crate) fn reason_against(self, session: &Session, change: &Change) -> Option<String> {
        let (changed, all) = (change.changed(), change.table_rows());
        let few = changed * 100 < all * WORTH_IT;
        let cheaper = || {
            let (changed, all) = (format_number(changed), format_count(all, "row"));
            format!("{changed} of {all} change, and that costs less")
        };
        let Self { obstacle, bytes, directory, .. } = self;
        let is_local = session.target().host.starts_with('/');
        // Elsewhere a full disk shows when the table is written.
        let no_room = || missing_room(bytes, &directory.filter(|_| is_local)?);
        obstacle.or_else(|| few.then(cheaper)).or_else(no_room)
    }
}

/// What of the database stands in the way of rewriting a table for this column, if anything.
pub fn rewrite_obstacle(
    session: &mut Session,
    table: &str,
    column: &str,
) -> Result<Option<String>, DatabaseError> {
    if session.has_citus {
        let found = Catalog::new(session).table(table)?;
        let reason = found.and_then(|found| citus::reason_against(Strategy::Rewrite, &found));
        if reason.is_some() {
            return Ok(reason);
        }
    }
    let schema = session.target().schema.clone();
    Ok(RewriteFacts::read_with(session, [&schema, table, column], Size::Skipped)?.obstacle)
}

/// Why a table would not be rewritten for a change, if so.
pub fn reason_against_rewrite(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
    change: &Change,
) -> Result<Option<String>, DatabaseError> {
    if let Some(reason) = citus::reason_against(Strategy::Rewrite, table) {
        return Ok(Some(reason));
    }
    let facts = RewriteFacts::read(session, table, &change.column)?;
    Ok(rule_against_rewrite(rule).or_else(|| facts.reason_against(session, change)))
}

/// DDL takes no subquery: it reads no other rows, and the server can't hash a list there.
pub(crate) fn rule_against_rewrite(rule: &Rule) -> Option<String> {
    if rule.reads_other_rows() {
        return Some("the rule reads other rows, and ALTER TABLE sees each row alone".into());
    }
    let length = rule.longest_list();
    (length > MAX_SEARCHED).then(|| {
        format!(
            "its list of {} would be searched for every row",
            format_count(length as u64, "value")
        )
    })
}

/// Why a rule would not be written in batches, if so.
pub fn reason_against_batches(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
) -> Result<Option<String>, DatabaseError> {
    if let Some(reason) = citus::reason_against(Strategy::Batches, table) {
        return Ok(Some(reason));
    }
    if !rule.is_repeatable(table) {
        return Ok(Some(format!(
            "it reads {}, which it sets, and could not go on after a pause",
            rule.column
        )));
    }
    if table.may_call() {
        return Ok(Some("it reads a view or a foreign table, which is done once".into()));
    }
    if rule.reads_ranks() {
        return Ok(Some("a rank is among all rows, and each batch would count it anew".into()));
    }
    let text = format!("{PARTITIONS} {BATCH_OBSTACLES}");
    let names = [table.schema.as_str(), table.name.as_str(), rule.column.as_str()];
    let obstacle = Cells::of_first(ask_about_column(session, &text, &names)?).optional();
    let may_repeat =
        || format!("nothing keeps its key {} from repeating meanwhile", table.key.join(", "));
    Ok(obstacle.or_else(|| (table.key_by == KeyBy::Declared).then(may_repeat)))
}

fn missing_room(bytes: u64, directory: &str) -> Option<String> {
    let disk = statvfs(Path::new(directory)).ok()?;
    // The counts are of 32 bits on macOS.
    let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
    // Once for the copy, and once for the server's log of it.
    let needed = u128::from(bytes) * 2;
    let megabytes = |bytes: u128| bytes.div_ceil(1_000_000);
    (needed > free).then(|| {
        format!(
            "a second copy wants {} MB of disk, and {} MB are free",
            megabytes(needed),
            megabytes(free)
        )
    })
}
