//! The statements that find and write the rows of a change whose unique values pass from row to row. They run under the path
//! of this tool's own statements: the expressions of an index are written for it.

use leora_rule::{
    Column, Sql, Table, inline_parameters, key_name, quote_identifier, quote_literal,
};

use crate::unique_moves::indexes::{UniqueIndex, UniqueIndexes};

/// The rows that change, as `moved`; the pairs of a row and the one that it waits for, as `waits`; those that wait for just
/// one row, as `blocked`; and the order in which they can be written, as `ordered`.
fn with_moves(table: &Table, column: &Column, changes: &Sql, indexes: &UniqueIndexes) -> String {
    let is_row = |(at, name): (usize, &String)| {
        let (left, right) =
            (format!("now.{}", quote_identifier(name)), format!("changes.{}", key_name(at + 1)));
        table.column(name).map_or_else(
            || format!("({left} = {right})"),
            |column| column.data_type.operation(&left, "=", &right),
        )
    };
    let is_row: Vec<String> = table.key.iter().enumerate().map(is_row).collect();
    let others: Vec<String> = indexes
        .columns(table)
        .into_iter()
        .filter(|name| *name != column.name)
        .map(|name| format!(", now.{0} AS {0}", quote_identifier(name)))
        .collect();
    let names: Vec<String> = indexes
        .columns(table)
        .into_iter()
        .filter(|name| *name != column.name)
        .map(|name| format!(", {}", quote_identifier(name)))
        .collect();
    let (names, cast) = (names.concat(), &column.data_type.cast);
    let target = quote_identifier(&column.name);
    let waits: Vec<String> = indexes
        .all
        .iter()
        .map(|index| {
            waits(
                index,
                &format!("{names}, \"#old\" AS {target}"),
                &format!("{names}, \"#new\" AS {target}"),
            )
        })
        .collect();
    format!(
        "WITH RECURSIVE moved AS MATERIALIZED (\
           SELECT row_number() OVER () AS \"#row\", {keys}changes.\"#old\"::{cast} AS \"#old\", changes.\"#new\"::{cast} AS \"#new\"{others} \
             FROM ({changes}) AS changes JOIN {name} AS now ON {is_row}), \
         waits AS MATERIALIZED ({waits}), \
         blocked AS MATERIALIZED (\
           SELECT waiting, min(holder) AS holder, count(DISTINCT holder) AS holders FROM waits WHERE immediate GROUP BY waiting), \
         ordered (moving, place) AS (\
           SELECT DISTINCT holder, 0 FROM waits WHERE immediate AND NOT EXISTS (SELECT FROM blocked WHERE blocked.waiting = waits.holder) \
           UNION ALL SELECT blocked.waiting, ordered.place + 1 FROM ordered JOIN blocked ON blocked.holder = ordered.moving \
                      WHERE blocked.holders = 1)",
        keys = (1..=table.key.len())
            .map(|place| format!("changes.{0} AS {0}, ", key_name(place)))
            .collect::<String>(),
        others = others.concat(),
        changes = inline_parameters(changes),
        name = table.qualified(),
        is_row = is_row.join(" AND "),
        waits = waits.join(" UNION ALL "),
    )
}

/// The rows that take a key which another row gives up, each with that row. Equal keys get one number, by the order of their
/// types.
fn waits(index: &UniqueIndex, old: &str, new: &str) -> String {
    let keys: Vec<String> =
        index.keys.iter().enumerate().map(|(at, key)| format!("({key}) AS \"#{at}\"")).collect();
    let order: Vec<String> = (0..keys.len()).map(|at| format!("\"#{at}\"")).collect();
    let side = |row: &str, is_new: bool| {
        format!(
            "SELECT \"#row\", {is_new} AS \"#is new\", {} FROM (SELECT \"#row\"{row} FROM moved) AS rows WHERE {}",
            keys.join(", "),
            index.counts()
        )
    };
    format!(
        "(WITH keyed AS MATERIALIZED (\
            SELECT \"#row\", \"#is new\", dense_rank() OVER (ORDER BY {order}) AS \"#key\" FROM ({old} UNION ALL {new}) AS sides) \
          SELECT taker.\"#row\" AS waiting, giver.\"#row\" AS holder, {immediate} AS immediate FROM keyed AS taker JOIN keyed AS giver \
            ON taker.\"#key\" = giver.\"#key\" AND taker.\"#is new\" AND NOT giver.\"#is new\" AND taker.\"#row\" <> giver.\"#row\")",
        immediate = index.is_immediate,
        order = order.join(", "),
        old = side(old, false),
        new = side(new, true),
    )
}

/// How many rows wait for others, how many of them by an index that looks at each row, and how many of these in a circle.
pub(crate) fn count_moves(
    table: &Table,
    column: &Column,
    changes: &Sql,
    indexes: &UniqueIndexes,
) -> String {
    format!(
        "{} SELECT (SELECT count(*) FROM waits)::text, (SELECT count(*) FROM blocked)::text, \
           ((SELECT count(*) FROM blocked) - (SELECT count(*) FROM ordered WHERE place > 0))::text",
        with_moves(table, column, changes, indexes)
    )
}

/// Writes the rows in their order, those in a circle through NULL. Triggers find the schemas of `path`.
pub(crate) fn write_moves(
    table: &Table,
    column: &Column,
    changes: &Sql,
    indexes: &UniqueIndexes,
    path: &str,
) -> String {
    let (name, target) = (table.qualified(), quote_identifier(&column.name));
    let is_row = |(at, key): (usize, &String)| {
        let left = format!("target.{}", quote_identifier(key));
        let right = format!("leora_run_row.{}", key_name(at + 1));
        table.column(key).map_or_else(
            || format!("({left} OPERATOR(pg_catalog.=) {right})"),
            |column| column.data_type.operation(&left, "=", &right),
        )
    };
    let is_row: Vec<String> = table.key.iter().enumerate().map(is_row).collect();
    let keys = (1..=table.key.len()).map(|at| format!("{}, ", key_name(at))).collect::<String>();
    let query = format!(
        "{moves}, placed AS (SELECT moved.*, ordered.place AS \"#order\", \
             blocked.waiting IS NOT NULL AND coalesce(ordered.place, 0) = 0 AS \"#circular\" \
           FROM moved LEFT JOIN blocked ON blocked.waiting = moved.\"#row\" LEFT JOIN ordered ON ordered.moving = moved.\"#row\") \
         SELECT {keys}\"#new\", coalesce(\"#order\", 0) AS \"#place\" FROM placed \
         UNION ALL SELECT {keys}NULL, -1 FROM placed WHERE \"#circular\" ORDER BY \"#place\"",
        moves = with_moves(table, column, changes, indexes),
    );
    let body = format!(
        "#variable_conflict use_column\n\
         DECLARE leora_run_rows refcursor; leora_run_row record; \
         BEGIN \
           PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true); \
           OPEN leora_run_rows FOR {query}; \
           PERFORM pg_catalog.set_config('search_path', {path}, true); \
           LOOP \
             FETCH leora_run_rows INTO leora_run_row; EXIT WHEN NOT FOUND; \
             UPDATE {name} AS target SET {target} = leora_run_row.\"#new\" WHERE {is_row}; \
             IF NOT FOUND THEN RAISE EXCEPTION 'a row was not written: a trigger or a rule of the table interferes'; END IF; \
           END LOOP; \
           CLOSE leora_run_rows; \
         END",
        path = quote_literal(path),
        is_row = is_row.join(" AND "),
    );
    // The values are in the text: none of them may end its quotes.
    let tag = (0..)
        .map(|number| format!("$leora_run_{number}$"))
        .find(|tag| !body.contains(tag.as_str()))
        .expect("some tag is not in it");
    format!("DO {tag}{body}{tag}")
}
