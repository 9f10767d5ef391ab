//! What the catalog asks of a column, as tests of the rows that a rule would leave.

/// Every row is one requirement: its kind, a name, a second name, and SQL. That is a condition on a changed row under the
/// name of its table which holds where the requirement does not, or for `unique` a whole subquery, or for `publication`
/// nothing. `{after}` stands for all rows as they would be, `#old` for the value before. The parameters are schema, table
/// and column.
pub(super) const REQUIREMENTS: &str = "\
WITH the AS (SELECT c.oid, c.relname, c.relkind, c.relreplident, a.attnum, a.attname, a.attnotnull,
                    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod,
                    CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS base
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $3::text JOIN pg_type t ON t.oid = a.atttypid
              WHERE n.nspname = $1::text AND c.relname = $2::text)
, constraints AS (SELECT k.*, to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false' AS enforced FROM pg_constraint k, the
                   WHERE the.oid IN (k.conrelid, k.confrelid) AND k.conparentid = 0)
SELECT 'not_null', '', '', format('%I IS NULL', attname) FROM the WHERE attnotnull
UNION ALL
SELECT 'length', format_type(base, typmod), '', format('length(rtrim(%I::text)) > %s', attname, typmod - 4)
  FROM the WHERE base IN ('varchar'::regtype, 'bpchar'::regtype) AND typmod > 4
UNION ALL
SELECT 'check', k.conname, '', format('NOT (%s)', pg_get_expr(k.conbin, k.conrelid))
  FROM the JOIN constraints k ON k.conrelid = the.oid AND k.contype = 'c' AND k.enforced
 WHERE k.conkey IS NULL OR the.attnum = ANY (k.conkey)
UNION ALL
-- What only a partition asks of the rows that it would have.
SELECT 'check', k.conname, '', format('(%s) AND NOT (%s)', coalesce(pg_get_partition_constraintdef(t.relid), 'true'),
                                      pg_get_expr(k.conbin, k.conrelid))
  FROM the CROSS JOIN pg_partition_tree(the.oid) t
  JOIN pg_constraint k ON k.conrelid = t.relid AND k.contype = 'c' AND k.coninhcount = 0
   AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
 WHERE the.relkind = 'p' AND t.level > 0
   AND (k.conkey IS NULL OR EXISTS (SELECT FROM pg_attribute a
         WHERE a.attrelid = t.relid AND a.attnum = ANY (k.conkey) AND a.attname = the.attname))
UNION ALL
SELECT 'not_null', t.relid::regclass::text, '', format('(%s) AND %I IS NULL', coalesce(pg_get_partition_constraintdef(t.relid), 'true'), the.attname)
  FROM the CROSS JOIN pg_partition_tree(the.oid) t
  JOIN pg_attribute a ON a.attrelid = t.relid AND a.attname = the.attname AND a.attnotnull
 WHERE the.relkind = 'p' AND t.level > 0 AND NOT the.attnotnull
UNION ALL
SELECT 'unique', x.relname, '',
       format('SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {after} AS %I WHERE %s AND %s GROUP BY %s HAVING count(*) > 1) AS shared',
              the.relname, coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
              CASE WHEN to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' THEN 'true' ELSE keys.valued END, keys.list)
  FROM the JOIN pg_index i ON i.indrelid = the.oid AND i.indisunique AND i.indisvalid JOIN pg_class x ON x.oid = i.indexrelid
  CROSS JOIN LATERAL (SELECT string_agg(format('(%s)', pg_get_indexdef(i.indexrelid, k::int, true)), ', ') AS list,
                             string_agg(format('(%s) IS NOT NULL', pg_get_indexdef(i.indexrelid, k::int, true)), ' AND ') AS valued
                        FROM generate_series(1, i.indnkeyatts) AS k) AS keys
 WHERE the.attnum = ANY (i.indkey::int2[])
    OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = the.oid AND d.refobjsubid = the.attnum)
UNION ALL
SELECT 'foreign_key', k.conname, f.relname,
       format('%s AND NOT EXISTS (SELECT FROM %I.%I AS \"#to\" WHERE %s)',
              string_agg(format('%I.%I IS NOT NULL', the.relname, a.attname), ' AND '), s.nspname, f.relname,
              string_agg(format('\"#to\".%I OPERATOR(%I.%s) %I.%I', r.attname, o.nspname, p.oprname, the.relname, a.attname), ' AND '))
  FROM the JOIN constraints k ON k.conrelid = the.oid AND k.contype = 'f' AND k.enforced AND the.attnum = ANY (k.conkey)
  JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace s ON s.oid = f.relnamespace
  CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) AS part(own, foreign_column, operator)
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.own
  JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = part.foreign_column
  JOIN pg_operator p ON p.oid = part.operator JOIN pg_namespace o ON o.oid = p.oprnamespace
 WHERE has_table_privilege(f.oid, 'SELECT') AND has_schema_privilege(s.oid, 'USAGE')
 GROUP BY k.oid, k.conname, s.nspname, f.relname
UNION ALL
-- A key that another row has now serves as well.
SELECT 'referenced', k.conname, f.relname,
       format('EXISTS (SELECT FROM %I.%I AS \"#from\" WHERE %s) AND NOT EXISTS (SELECT FROM {after} AS \"#now\" WHERE %s)',
              s.nspname, f.relname,
              string_agg(format('%I.%I OPERATOR(%I.%s) \"#from\".%I', the.relname, own.name, o.nspname, p.oprname, r.attname), ' AND '),
              string_agg(format('\"#now\".%I = %I.%I', a.attname, the.relname, own.name), ' AND '))
  FROM the JOIN constraints k ON k.confrelid = the.oid AND k.contype = 'f' AND k.enforced AND the.attnum = ANY (k.confkey)
   AND k.confupdtype IN ('a', 'r')
  JOIN pg_class f ON f.oid = k.conrelid JOIN pg_namespace s ON s.oid = f.relnamespace
  CROSS JOIN LATERAL unnest(k.confkey, k.conkey, k.conpfeqop) AS part(own, foreign_column, operator)
  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.own
  JOIN pg_attribute r ON r.attrelid = k.conrelid AND r.attnum = part.foreign_column
  JOIN pg_operator p ON p.oid = part.operator JOIN pg_namespace o ON o.oid = p.oprnamespace
  CROSS JOIN LATERAL (SELECT CASE WHEN a.attnum = the.attnum THEN '#old' ELSE a.attname END AS name) AS own
 WHERE has_table_privilege(f.oid, 'SELECT') AND has_schema_privilege(s.oid, 'USAGE')
 GROUP BY k.oid, k.conname, s.nspname, f.relname
UNION ALL
SELECT 'partition', '', '', format('NOT (%s)', string_agg(coalesce(pg_get_partition_constraintdef(t.relid), 'true'), ' OR '))
  FROM the, pg_partition_tree(the.oid) t WHERE the.relkind = 'p' AND t.isleaf HAVING count(*) > 0
UNION ALL
SELECT 'publication', p.pubname, CASE m.relreplident WHEN 'n' THEN 'it has REPLICA IDENTITY NOTHING' ELSE 'it has no replica identity' END, ''
  FROM the, pg_publication p, pg_get_publication_tables(p.pubname) g, pg_class m
 WHERE p.pubupdate AND m.relkind = 'r' AND g.relid IN (m.oid, the.oid)
   AND (m.oid = the.oid OR m.oid IN (SELECT t.relid FROM pg_partition_tree(the.oid) t))
   AND CASE m.relreplident WHEN 'n' THEN true WHEN 'f' THEN false
         WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = m.oid AND i.indisprimary)
         ELSE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = m.oid AND i.indisreplident) END
UNION ALL
SELECT 'publication', p.pubname, CASE WHEN listed.list THEN 'its column list leaves out ' ELSE 'its WHERE reads ' END || quote_ident(a.attname)
       || CASE WHEN listed.list THEN ', which is in the replica identity' ELSE ', which is not in the replica identity' END, ''
  FROM the JOIN pg_publication_rel r ON r.prrelid = the.oid JOIN pg_publication p ON p.oid = r.prpubid AND p.pubupdate
  CROSS JOIN (VALUES (true), (false)) AS listed(list)
  JOIN pg_attribute a ON a.attrelid = the.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN LATERAL (SELECT the.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = the.oid AND a.attnum = ANY (i.indkey::int2[])
         AND CASE the.relreplident WHEN 'd' THEN i.indisprimary ELSE i.indisreplident END) AS identifies) AS identity
 WHERE CASE WHEN listed.list
         THEN to_jsonb(r) ->> 'prattrs' IS NOT NULL AND identity.identifies
              AND NOT a.attnum::text = ANY (string_to_array(to_jsonb(r) ->> 'prattrs', ' '))
         ELSE NOT identity.identifies
              AND position(':varattno ' || a.attnum || ' ' IN coalesce(to_jsonb(r) ->> 'prqual', '')) > 0 END
 ORDER BY 1, 2";
