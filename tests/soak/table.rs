//! The table of a case, in many forms, with what keeps account of the edits of others.

use crate::support::{Project, Random};

/// Below it a row gets the low value.
pub(super) const LOW: u64 = 700;

/// How a table is keyed and divided, and how its rows are written.
pub(super) struct Form {
    pub(super) strategy: String,
    /// The key of a row, as the journal has it.
    pub(super) key: &'static str,
    columns: &'static str,
    values: &'static str,
    names: &'static str,
    parts: &'static str,
    pub(super) rows: u64,
    /// Whether each statement of a batch takes a while, so that something can happen between two.
    slow: bool,
}

const KEYS: [(&str, &str, &str, &str); 4] = [
    ("id int", "n", "id", "id::text"),
    ("id uuid", "md5(n::text)::uuid", "id", "id::text"),
    ("id text", "'k\"' || n", "id", "id::text"),
    (
        "id int, part text",
        "n / 2, n::text",
        "id, part",
        "json_build_array(id::text, part::text)::text",
    ),
];

const PARTS: [&str; 3] = ["", " PARTITION BY HASH (id)", " PARTITION BY RANGE (id)"];

impl Form {
    pub(super) fn pick(random: &mut Random) -> Self {
        let (columns, values, names, key) = KEYS[random.below(4) as usize];
        let strategy =
            ["batches", "batches", "batches", "update", "rewrite"][random.below(5) as usize];
        let parts = if random.one_in(3) { PARTS[1 + random.below(2) as usize] } else { PARTS[0] };
        Self {
            strategy: strategy.to_owned(),
            key,
            columns,
            values,
            names,
            parts,
            rows: 1_500 + random.below(2_500),
            slow: strategy == "batches",
        }
    }

    /// Creates the table, the accounts, and the functions that edit: each in one statement, with its account.
    pub(super) fn sql(&self) -> String {
        let Self { columns, values, names, key, parts, rows, .. } = self;
        let divided = match *parts {
            "" => "".to_owned(),
            " PARTITION BY HASH (id)" => (0..2)
                .map(|n| format!("CREATE TABLE item_{n} PARTITION OF \"Item\" FOR VALUES WITH (MODULUS 2, REMAINDER {n}); "))
                .collect(),
            _ => "CREATE TABLE item_0 PARTITION OF \"Item\" DEFAULT; ".to_owned(),
        };
        let slow = match self.slow {
            true => {
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.06); RETURN NULL; END'; \
                     CREATE TRIGGER slow AFTER UPDATE ON \"Item\" FOR EACH STATEMENT EXECUTE FUNCTION slow(); "
            }
            false => "",
        };
        // The trigger waits for the batches only: a statement on a part of the table does not fire that of the whole.
        let slow = match *parts {
            "" => slow.replace("AS 'BEGIN PERFORM", "AS 'BEGIN IF current_setting(''application_name'') = ''leora-run'' THEN PERFORM").replace("; RETURN NULL", "; END IF; RETURN NULL"),
            _ => String::new(),
        };
        format!(
            "CREATE TABLE \"Item\" ({columns}, mood text, n int, body text, PRIMARY KEY ({names})){parts}; {divided} \
             INSERT INTO \"Item\" SELECT {values}, CASE n % 3 WHEN 0 THEN 'first' WHEN 1 THEN 'second' END, n, repeat('x', 1100) \
               FROM generate_series(1, {rows}) AS n; \
             CREATE INDEX item_n ON \"Item\" (n); ANALYZE \"Item\"; \
             CREATE TABLE beginning AS SELECT {key} AS key, mood AS value, '-infinity'::timestamptz AS at FROM \"Item\"; \
             CREATE TABLE edit (key text, was text, becomes text, gone bool, at timestamptz); \
             CREATE TABLE elsewhere (id int); \
             CREATE FUNCTION edit(place int, value text) RETURNS void LANGUAGE plpgsql AS $$ \
             DECLARE was text; key text; BEGIN \
               SELECT mood, {key} INTO was, key FROM public.\"Item\" WHERE n = place FOR UPDATE; \
               IF NOT FOUND THEN RETURN; END IF; \
               UPDATE public.\"Item\" SET mood = value WHERE n = place; \
               INSERT INTO public.edit VALUES (key, was, value, false, clock_timestamp()); END $$; \
             CREATE FUNCTION remove(place int) RETURNS void LANGUAGE plpgsql AS $$ \
             DECLARE was text; key text; BEGIN \
               SELECT mood, {key} INTO was, key FROM public.\"Item\" WHERE n = place FOR UPDATE; \
               IF NOT FOUND THEN RETURN; END IF; \
               DELETE FROM public.\"Item\" WHERE n = place; \
               INSERT INTO public.edit VALUES (key, was, NULL, true, clock_timestamp()); END $$; \
             CREATE FUNCTION add(n int) RETURNS void LANGUAGE sql AS $$ \
               WITH new AS (INSERT INTO public.\"Item\" SELECT {values}, NULL, n, '' RETURNING {key} AS key) \
               INSERT INTO public.beginning SELECT key, NULL, clock_timestamp() FROM new $$; {slow}"
        )
    }

    /// A folder that gives the rows of the table the values of this number.
    pub(super) fn write_script(&self, project: &Project, number: u64) {
        let strategy = &self.strategy;
        project.script(
            &format!("writes = [\"Item.mood\"]\nstrategy = \"{strategy}\"\nkeep_runs = 1000"),
            &format!(
                "update(\"Item\").set(\"mood\", [[col(\"n\") < {LOW}, \"low {number}\"], [otherwise, \"high {number}\"]]);"
            ),
        );
    }
}
