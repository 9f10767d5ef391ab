//! The statements that read the catalog. The first parameter is the schema.

/// One statement, with columns and key as JSON, since planning three would be most of their cost.
pub(crate) const TABLES: &str = "\
SELECT c.relname::text,
       CASE WHEN c.relkind = 'v' THEN 'it is a view' WHEN c.relkind = 'm' THEN 'it is a materialized view'
            WHEN c.relkind = 'f' THEN 'it is a foreign table'
            WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)
            THEN 'other tables inherit from it, and their keys may repeat'
            ELSE (SELECT 'the rule ' || r.rulename || ' rewrites its updates' FROM pg_rewrite r
                   WHERE r.ev_class = c.oid AND r.ev_type = '2' ORDER BY 1 LIMIT 1) END,
       (SELECT json_agg(json_build_array(a.attname::text, a.attnotnull::text,
               (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
               (a.attgenerated <> '' OR a.attidentity = 'a')::text, format_type(a.atttypid, a.atttypmod),
               (SELECT s.nspname::text FROM pg_namespace s WHERE s.oid = t.typnamespace), t.typname::text,
               coalesce(b.typname, t.typname)::text, (coalesce(b.typtype, t.typtype) = 'e')::text,
               CASE WHEN coalesce(b.typtype, t.typtype) = 'e' THEN
                 (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e
                   WHERE e.enumtypid = coalesce(b.oid, t.oid)) END,
               referring.names ->> a.attname::text,
               -- A type that the database defines itself: it has operators of its own. Enums and arrays have PostgreSQL's.
               CASE WHEN coalesce(b.oid, t.oid) >= 16384 AND coalesce(b.typtype, t.typtype) = 'b'
                     AND coalesce(b.typcategory, t.typcategory) <> 'A' THEN coalesce(b.oid, t.oid)::text END,
               (SELECT s.nspname::text FROM pg_namespace s WHERE s.oid = coalesce(b.typnamespace, t.typnamespace)),
               format_type(coalesce(b.oid, t.oid), coalesce(b.modifier, a.atttypmod)),
               (SELECT format('%I.%I', s.nspname, o.collname) FROM pg_collation o JOIN pg_namespace s ON s.oid = o.collnamespace
                 WHERE o.oid = a.attcollation AND NOT o.collisdeterministic),
               (a.attnum = ANY (tied.columns))::text,
               -- Where the type's values, or those in it, have an order, or only an equality. Of the categories that are left
               -- out, every built-in type has an order.
               CASE WHEN coalesce(b.typtype, t.typtype) IN ('e', 'r', 'm') OR coalesce(b.oid, t.oid) < 16384
                     AND coalesce(b.typcategory, t.typcategory) NOT IN ('A', 'C', 'G', 'U') THEN 'ordered' ELSE (
                 WITH RECURSIVE inside (oid) AS (
                   SELECT coalesce(b.oid, t.oid) UNION
                   SELECT part.oid FROM inside JOIN pg_type i ON i.oid = inside.oid CROSS JOIN LATERAL (
                     SELECT i.typelem AS oid WHERE i.typcategory = 'A' AND i.typelem <> 0
                     UNION ALL SELECT i.typbasetype WHERE i.typtype = 'd'
                     UNION ALL SELECT f.atttypid FROM pg_attribute f
                      WHERE f.attrelid = i.typrelid AND i.typtype = 'c' AND f.attnum > 0 AND NOT f.attisdropped) AS part)
                 , compared AS (
                   SELECT CASE WHEN i.typtype IN ('c', 'd', 'e', 'r', 'm') OR i.typcategory = 'A' THEN 403 ELSE (
                            SELECT min(o.opcmethod::int) FROM pg_opclass o
                             WHERE o.opcdefault AND o.opcmethod IN (403, 405) AND (o.opcintype = i.oid OR EXISTS (
                               SELECT FROM pg_cast c WHERE c.castsource = i.oid AND c.casttarget = o.opcintype
                                  AND c.castmethod = 'b' AND c.castcontext = 'i'))) END AS by
                     FROM inside JOIN pg_type i ON i.oid = inside.oid)
                 SELECT CASE WHEN bool_or(by IS NULL) THEN 'not' WHEN max(by) = 403 THEN 'ordered' ELSE 'equal' END FROM compared)
               END) ORDER BY a.attnum)
          FROM pg_attribute a
          JOIN pg_type t ON t.oid = a.atttypid
          -- The type under all domains, with the length or precision that the innermost of them gives it.
          LEFT JOIN LATERAL (
            WITH RECURSIVE under (oid, modifier) AS (
              SELECT t.typbasetype, t.typtypmod WHERE t.typtype = 'd'
              UNION ALL SELECT d.typbasetype, d.typtypmod FROM under JOIN pg_type d ON d.oid = under.oid AND d.typtype = 'd')
            SELECT d.oid, d.typname, d.typtype, d.typcategory, d.typnamespace, under.modifier
              FROM under JOIN pg_type d ON d.oid = under.oid AND d.typtype <> 'd') AS b ON true
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text,
       (SELECT json_agg(a.attname ORDER BY k.place)
          FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary)::text,
       (c.relkind <> 'r' OR c.relispartition OR EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhparent, inhrelid))
        OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid)
        OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
        OR EXISTS (SELECT FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid
                    WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass
                      AND d.refobjid = c.oid AND p.polrelid <> c.oid))::text,
       (to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL)::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  -- Tables that change with a column, of the table or of a partition: once for a table, since no index finds them.
  CROSS JOIN LATERAL (SELECT json_object_agg(referred, name) AS names FROM (
    SELECT f.attname AS referred, min(k.conrelid::regclass::text) AS name FROM pg_constraint k
      JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = ANY (k.confkey)
     WHERE k.contype = 'f' AND k.confupdtype IN ('c', 'n', 'd')
       AND (k.confrelid = c.oid OR c.relkind = 'p' AND k.confrelid IN (SELECT relid FROM pg_partition_tree(c.oid)))
     GROUP BY 1) AS found) AS referring
  -- The columns that foreign keys, unique indexes and exclusion constraints are about.
  CROSS JOIN LATERAL (SELECT ARRAY(
      SELECT unnest(CASE WHEN k.conrelid = c.oid THEN k.conkey ELSE k.confkey END) FROM pg_constraint k
       WHERE k.contype IN ('f', 'x') AND c.oid IN (k.conrelid, k.confrelid)
      UNION ALL SELECT unnest(CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN i.indkey::int2[]
                              ELSE ARRAY(SELECT generate_series(1, c.relnatts)::int2) END)
        FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique) AS columns) AS tied
 WHERE n.nspname = $1::text AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

/// Which of these tables Citus keeps, and how: the name, the kind, and the column that they are distributed by. Only where Citus
/// is installed.
pub(crate) const CITUS: &str = "\
SELECT c.relname::text,
       CASE WHEN d.partmethod <> 'n' THEN 'distributed' WHEN d.repmodel = 't' THEN 'reference'
            WHEN d.colocationid <> 0 THEN 'schema' ELSE 'metadata' END,
       CASE WHEN d.partmethod <> 'n' THEN pg_catalog.column_to_column_name(d.logicalrelid, d.partkey) END
  FROM pg_catalog.pg_dist_partition d JOIN pg_class c ON c.oid = d.logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))";

/// The operators of the types of these oids, those of their default operator class for B-trees (403), or else for hashes
/// (405): the type's oid, the type, and the operators by what they mean.
pub(crate) const OPERATORS: &str = "\
SELECT c.opcintype::text, format('%I.%I', s.nspname, t.typname),
       json_object_agg(CASE c.opcmethod WHEN 405 THEN '=' ELSE (ARRAY['<', '<=', '=', '>=', '>'])[o.amopstrategy] END,
                       format('OPERATOR(%I.%s)', n.nspname, p.oprname))::text
  FROM pg_opclass c JOIN pg_type t ON t.oid = c.opcintype JOIN pg_namespace s ON s.oid = t.typnamespace
  JOIN pg_amop o ON o.amopfamily = c.opcfamily AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
  JOIN pg_operator p ON p.oid = o.amopopr JOIN pg_namespace n ON n.oid = p.oprnamespace
 WHERE $1::text <> '' AND c.opcdefault AND c.opcintype = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)::oid))
   AND c.opcmethod = (SELECT min(x.opcmethod) FROM pg_opclass x
                       WHERE x.opcdefault AND x.opcintype = c.opcintype AND x.opcmethod IN (403, 405))
 GROUP BY c.opcintype, s.nspname, t.typname";

pub(crate) const UNIQUE_COLUMNS: &str = "\
SELECT DISTINCT a.attname::text
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
 WHERE n.nspname = $1::text AND t.relname = $2::text AND i.indisunique AND i.indisvalid ORDER BY 1";

/// Those of these columns that the role may read, where it sees every row.
pub(crate) const READABLE_COLUMNS: &str = "\
SELECT a.attname::text
  FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND NOT a.attisdropped
 WHERE n.nspname = $1::text AND t.relname = $2::text AND a.attname IN (SELECT json_array_elements_text($3::json))
   AND has_column_privilege(t.oid, a.attnum, 'SELECT') AND NOT row_security_active(t.oid)";

/// Of indexes over all rows and over columns alone, which can be used: the columns. NULLs need not be told apart, since nothing
/// equals them.
pub(crate) const UNIQUE_KEYS: &str = "\
SELECT (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.place <= i.indnkeyatts)::text
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname = $1::text AND t.relname = $2::text AND i.indisunique AND i.indisvalid AND i.indimmediate
   AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY 1";

/// Of an index over expressions, the columns before the first of them.
pub(crate) const INDEXED_COLUMNS: &str = "\
SELECT (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE k.place <= i.indnkeyatts AND k.place < coalesce((SELECT min(e.place) FROM unnest(i.indkey::int2[])
                 WITH ORDINALITY AS e(attnum, place) WHERE e.attnum = 0), 1000))::text
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
 WHERE n.nspname = $1::text AND t.relname = $2::text AND i.indisvalid AND i.indpred IS NULL AND m.amname IN ('btree', 'hash')
 ORDER BY 1";

/// How full the pages of an index are (`WITH`) is the administrator's choice.
pub(crate) const INDEX: &str = "\
SELECT c.relname::text, t.relname::text, i.indisunique::text, (i.indisvalid AND i.indisready AND i.indislive)::text,
       (SELECT (i.indimmediate AND regexp_replace(pg_get_indexdef(i.indexrelid), ' WITH \\([^)]*\\)', '')
                = format('CREATE %sINDEX %I ON %I.%I USING btree (%s)', CASE WHEN i.indisunique THEN 'UNIQUE ' END,
                         c.relname, n.nspname, t.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY k.place)))::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
         WHERE k.place <= i.indnkeyatts),
       pg_get_indexdef(i.indexrelid),
       (SELECT json_agg(coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.place::int, true))
                        ORDER BY k.place)::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
         WHERE k.place <= i.indnkeyatts)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname = $2::text";

pub(crate) const FOREIGN_KEYS: &str = "\
SELECT c.conname::text, f.relname::text, c.confdeltype::text, c.confupdtype::text, c.convalidated::text,
       (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(c.confkey) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE c.contype = 'f' AND n.nspname = $1::text AND t.relname = $2::text ORDER BY c.conname";

pub(crate) const ENUM: &str = "\
SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
 WHERE n.nspname = $1::text AND t.typname = $2::text HAVING count(*) > 0";

pub(crate) const LOCKABLE: &str = "\
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p')
   AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))";

/// BEFORE UPDATE triggers for each row (bits 1, 2 and 16 of tgtype), also of partitions, rewrite rules, and generated columns that
/// depend on the column: by their expression, or, before PostgreSQL 15, themselves.
pub(crate) const INTERFERENCE: &str = "\
WITH the_table AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = $1::text AND c.relname = $2::text)
SELECT 'the BEFORE trigger ' || t.tgname FROM pg_trigger t, the_table
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 19 = 19
   AND (t.tgrelid = the_table.oid OR t.tgrelid IN (SELECT relid FROM pg_partition_tree(the_table.oid)))
UNION ALL
SELECT 'the exclusion constraint ' || x.relname
  FROM the_table, pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $3::text
 WHERE i.indisexclusion AND (i.indrelid = the_table.oid OR i.indrelid IN (SELECT relid FROM pg_partition_tree(the_table.oid)))
   AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
     AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
UNION ALL
SELECT 'the rule ' || r.rulename FROM pg_rewrite r, the_table WHERE r.ev_class = the_table.oid AND r.ev_type = '2'
UNION ALL
SELECT 'the generated column ' || g.attname
  FROM the_table JOIN pg_attribute g ON g.attrelid = the_table.oid AND g.attgenerated <> ''
  JOIN pg_attrdef d ON d.adrelid = g.attrelid AND d.adnum = g.attnum
  JOIN pg_depend p ON p.refobjid = the_table.oid AND (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
    OR p.classid = 'pg_class'::regclass AND p.objid = the_table.oid AND p.objsubid = g.attnum)
  JOIN pg_attribute a ON a.attrelid = the_table.oid AND a.attnum = p.refobjsubid AND a.attname = $3::text
 ORDER BY 1 LIMIT 1";

/// Whether a schema of the application other than this one has a relation of one of these names.
pub(crate) const ELSEWHERE: &str = "\
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', $1::text) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json))))::text";

pub(crate) const TABLE_NAMES: &str = "\
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1";
