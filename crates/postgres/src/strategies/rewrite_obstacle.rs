//! What stands in the way of writing a table anew, so that a rule is written by UPDATE instead.

use std::path::Path;

use leora_report::DatabaseError;
use leora_rule::{Change, Fallback, KeyBy, Rule, Sql, Strategy, Table};
use nix::sys::statvfs::statvfs;

use crate::Session;
use crate::strategies::Writing;

/// Of a hundred rows, how many must change before writing all of them anew costs less than an UPDATE of those that
/// change: two thirds of an UPDATE is its work on the indexes.
const WORTH_IT: u64 = 30;

/// The table and the column, as `the`.
const THE_COLUMN: &str = "\
WITH the AS (SELECT c.*, a.attnum, a.attname, a.atttypid, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $3::text
              WHERE n.nspname = $1::text AND c.relname = $2::text)";

/// What an ALTER of the column's type would refuse, not carry over, or keep from somebody who should hear of the
/// change, with the most general first; whether this transaction holds the table so that nobody else reads it; how much
/// it takes up with its indexes, in bytes, which waits for who holds the table, and where on the server's disk. One
/// statement, since planning it is most of its cost.
const STANDING: &str = "\
SELECT (SELECT reason FROM (
SELECT 1 AS place, 'it is partitioned' AS reason FROM the WHERE relkind = 'p'
UNION ALL SELECT 1, format('it is a part of %s', i.inhparent::regclass) FROM the JOIN pg_inherits i ON i.inhrelid = the.oid
UNION ALL SELECT 1, format('it is a table of the type %s', reloftype::regtype) FROM the WHERE reloftype <> 0
UNION ALL SELECT 2, format('only its owner %I may do that', pg_get_userbyid(relowner)) FROM the WHERE NOT pg_has_role(relowner, 'USAGE')
UNION ALL SELECT 2, format('the type %s may not be used by this role', atttypid::regtype) FROM the
 WHERE NOT has_type_privilege(atttypid, 'USAGE')
UNION ALL SELECT 3, format('the trigger %I would not hear of it', t.tgname) FROM the JOIN pg_trigger t ON t.tgrelid = the.oid
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0
UNION ALL SELECT 4, format('the publication %I would not send it', p.pubname)
  FROM the, pg_publication p, pg_get_publication_tables(p.pubname) g WHERE g.relid = the.oid
UNION ALL SELECT 5, format('the replication slot %I would not send it', s.slot_name)
  FROM pg_replication_slots s WHERE s.slot_type = 'logical' AND s.database = current_database()
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

/// The tables of which the column decides in which part a row is, as `decides`, and the parts on other servers, as `far`.
const PARTS: &str = "\
, decides AS (SELECT p.partrelid::regclass AS name
  FROM the, pg_partition_tree(the.oid) t JOIN pg_partitioned_table p ON p.partrelid = t.relid
  JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attname = $3::text
 WHERE a.attnum = ANY (p.partattrs::int2[]) OR (p.partexprs IS NOT NULL AND EXISTS (SELECT FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = p.partrelid AND d.refobjid = p.partrelid AND d.refobjsubid = a.attnum)))
, far AS (SELECT t.relid::regclass AS name
  FROM the, pg_partition_tree(the.oid) t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'f')";

/// What keeps a rule from being written part by part: rows that would move to another part, parts without places, keys
/// that may repeat meanwhile, and triggers that may store something else.
const BATCH_OBSTACLES: &str = "\
SELECT reason FROM (
SELECT format('it decides in which part of %s a row is', name) AS reason FROM decides
UNION ALL SELECT format('its part %s is on another server', name) FROM far
UNION ALL SELECT format('the trigger %I may store another value', g.tgname)
  FROM the JOIN pg_trigger g ON g.tgrelid = the.oid WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 19 = 19
) AS found ORDER BY reason LIMIT 1";

fn ask(
    session: &mut Session,
    text: &str,
    parameters: &[&str],
) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
    let parameters = parameters.iter().map(|&name| Some(name.to_owned())).collect();
    session.connection.fetch_inlined(&Sql { text: format!("{THE_COLUMN} {text}"), parameters })
}

/// Whether the size of a table is asked for, which waits for whoever holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Wanted,
    NotWanted,
}

/// How a table stands, for writing it anew.
#[derive(Debug, Default)]
struct Standing {
    obstacle: Option<String>,
    held: bool,
    bytes: u64,
    disk: Option<String>,
}

fn standing(
    session: &mut Session,
    (schema, table, column): (&str, &str, &str),
    size: Size,
) -> Result<Standing, DatabaseError> {
    let sized = if size == Size::Wanted { "true" } else { "false" };
    let found = ask(session, STANDING, &[schema, table, column, sized])?;
    let row = found.into_iter().next().and_then(|row| <[Option<String>; 4]>::try_from(row).ok());
    let Some([obstacle, held, bytes, disk]) = row else { return Ok(Standing::default()) };
    let bytes = bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
    Ok(Standing { obstacle, held: held.as_deref() == Some("true"), bytes, disk })
}

/// What of the database stands in the way of writing a table anew for this column, if anything.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn rewrite_obstacle(
    session: &mut Session,
    table: &str,
    column: &str,
) -> Result<Option<String>, DatabaseError> {
    let schema = session.target().schema.clone();
    Ok(standing(session, (&schema, table, column), Size::NotWanted)?.obstacle)
}

/// A part of the table that is on another server, if there is one, and whether the column decides in which part a row
/// is.
pub(crate) fn far(
    session: &mut Session,
    table: &Table,
    column: &str,
) -> Result<Option<(String, Placing)>, DatabaseError> {
    let text = format!(
        "{PARTS} SELECT (SELECT min(name::text) FROM far), EXISTS (SELECT FROM decides)::text"
    );
    let mut rows = ask(session, &text, &[&table.schema, &table.name, column])?;
    let decides = rows[0][1].as_deref() == Some("true");
    let placing = if decides { Placing::Decides } else { Placing::Stays };
    Ok(rows[0].remove(0).map(|name| (name, placing)))
}

/// Whether a new value of a column may move its row to another part of the table.
pub(crate) enum Placing {
    /// It decides where a row is.
    Decides,
    /// A row stays where it is.
    Stays,
}

/// Decides how a change is written, given how the folder asks for it.
pub(crate) fn decide(
    session: &mut Session,
    wanted: Strategy,
    rule: &Rule,
    table: &Table,
    writing: Writing,
    change: &mut Change,
) -> Result<(), DatabaseError> {
    change.strategy = wanted;
    if change.changed() == 0 {
        return Ok(());
    }
    let against = match wanted {
        Strategy::Update => None,
        Strategy::Batches => reason_against_batches(session, rule, table)?,
        Strategy::Rewrite => {
            let names = (table.schema.as_str(), table.name.as_str(), change.column.as_str());
            let standing = standing(session, names, Size::Wanted)?;
            // What stood in the way when the locks were taken may be gone since: then the table is not held.
            let unheld = writing == Writing::Done && !standing.held;
            against(session, standing, change)
                .or_else(|| unheld.then(|| "the run had not locked it against readers".into()))
        }
    };
    if let Some(reason) = against {
        change.strategy = Strategy::Update;
        change.fallback = Some(Fallback { requested: wanted, reason });
    }
    Ok(())
}

/// Why a table would not be written anew for a change, if so.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn reason_against_rewrite(
    session: &mut Session,
    table: &Table,
    change: &Change,
) -> Result<Option<String>, DatabaseError> {
    let names = (table.schema.as_str(), table.name.as_str(), change.column.as_str());
    let standing = standing(session, names, Size::Wanted)?;
    Ok(against(session, standing, change))
}

fn against(session: &Session, standing: Standing, change: &Change) -> Option<String> {
    let (changed, all) = (change.changed(), change.table_rows());
    let few = changed * 100 < all * WORTH_IT;
    let cheaper = || format!("{changed} of {all} rows change, and that costs less");
    let Standing { obstacle, bytes, disk, .. } = standing;
    obstacle.or_else(|| few.then(cheaper)).or_else(|| no_room(session, bytes, &disk?))
}

/// Why a rule would not be written in batches, if so.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn reason_against_batches(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
) -> Result<Option<String>, DatabaseError> {
    if !rule.is_repeatable() {
        let told =
            format!("it reads {}, which it sets, and could not go on after a pause", rule.column);
        return Ok(Some(told));
    }
    let text = format!("{PARTS} {BATCH_OBSTACLES}");
    let found = ask(session, &text, &[&table.schema, &table.name, &rule.column])?;
    let found = found.into_iter().next().and_then(|mut row| row.remove(0));
    Ok(found.or_else(|| {
        (table.key_by == KeyBy::Declared).then(|| {
            format!("nothing keeps its key {} from repeating meanwhile", table.key.join(", "))
        })
    }))
}

/// Why a second copy of the table has no room, where the server is on this machine: elsewhere it shows when it is
/// written.
fn no_room(session: &Session, bytes: u64, disk: &str) -> Option<String> {
    if !session.target().host.starts_with('/') {
        return None;
    }
    let disk = statvfs(Path::new(disk)).ok()?;
    // The counts are of 32 bits on macOS.
    let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
    // Once for the copy, and once for the server's log of it.
    let needed = u128::from(bytes) * 2;
    let mega = |bytes: u128| bytes.div_ceil(1_000_000);
    (needed > free).then(|| {
        format!("a second copy wants {} MB of disk, and {} MB are free", mega(needed), mega(free))
    })
}
