//! The strategy `batches`: committed piece by piece, stopped and gone on with, while others work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Database, Output, Project, one_line, tried};

/// Four sorts of key, and three sorts of table, with `{n}` rows on more than one piece of pages.
fn tables() -> Vec<(String, String)> {
    let keys = [
        ("id uuid", "md5(n::text)::uuid", "id"),
        ("id int", "n", "id"),
        ("id text", "'k\"' || n", "id"),
        ("id int, part text", "n / 2, n::text", "id, part"),
    ];
    let sorts = [
        ("", ""),
        (
            " PARTITION BY HASH ({key})",
            "CREATE TABLE i0 PARTITION OF \"Item\" FOR VALUES WITH (MODULUS 2, REMAINDER 0); \
          CREATE TABLE i1 PARTITION OF \"Item\" FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
        ),
        (
            " PARTITION BY RANGE (id)",
            "CREATE TABLE i0 PARTITION OF \"Item\" FOR VALUES FROM (MINVALUE) TO ({middle}); \
          CREATE TABLE i1 (mood text, size int, body text, {columns} NOT NULL, note text); \
          ALTER TABLE \"Item\" ATTACH PARTITION i1 DEFAULT;",
        ),
    ];
    let mut all = Vec::new();
    for (columns, values, key) in keys {
        for (partitioned, parts) in sorts {
            let middle = match columns {
                "id uuid" => "'80000000-0000-0000-0000-000000000000'",
                "id text" => "'k\"5'",
                _ => "900",
            };
            let (columns_of_part, parts) =
                (columns.replace(',', " NOT NULL,"), parts.replace("{middle}", middle));
            let sql = format!(
                "CREATE TABLE \"Item\" ({columns}, mood text, size int, note text, body text, PRIMARY KEY ({key})){}; {} \
                 INSERT INTO \"Item\" SELECT {values}, CASE n % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, n % 7, NULL, repeat('x', 1500) \
                 FROM generate_series(1, 3000) n",
                partitioned.replace("{key}", key),
                parts.replace("{columns}", &columns_of_part),
            );
            all.push((format!("{columns}{partitioned}"), sql));
        }
    }
    all
}

const ROWS: &str = "SELECT md5(string_agg(i::text, '|' ORDER BY i::text)) FROM (SELECT id, mood, size, note FROM \"Item\") i";
const JOURNAL: &str = "SELECT old_value, new_value, array_to_string(key_columns, ','), count(*), md5(string_agg(key, ',' ORDER BY key)) FROM (SELECT *, \
    unnest(coalesce(keys_uuid::text[], keys_bigint::text[], keys_text)) AS key FROM leora_run.transition \
    WHERE run = (SELECT id FROM leora_run.run ORDER BY number DESC LIMIT 1)) t GROUP BY 1, 2, 3 ORDER BY 1, 2";

#[test]
fn whatever_the_key_and_the_parts_it_gives_what_update_gives() {
    let project = Project::new();
    let script = "update(\"Item\").where(col(\"size\") < 5).set(\"mood\", [[col(\"size\") < 2, \"a\"], [col(\"size\") == 3, ()], [otherwise, \"it's\"]]);";
    for (name, table) in tables() {
        let mut results = Vec::new();
        for strategy in ["update", "batches"] {
            let database = Database::empty();
            database.run(&table);
            let before = database.value(ROWS);
            project.script(&format!("writes = [\"Item.mood\"]\nstrategy = \"{strategy}\""), script);
            let report = project.run(&database, "scripts/try --format json").exits(0).json();
            let mut change = report["steps"][0]["changes"][0].clone();
            assert_eq!(change["strategy"], strategy, "{name}: {change}");
            change["strategy"] = "any".into();
            let after = (database.value(ROWS), database.rows(JOURNAL), change);
            project.run(&database, "undo").exits(0);
            assert_eq!(database.value(ROWS), before, "{name} {strategy}");
            results.push(after);
        }
        assert_eq!(results[0], results[1], "{name}");
    }
}

/// Reading the whole table for each of its fifty batches would read fifty times as many rows, and more.
#[test]
fn a_batch_reads_its_own_pages_and_no_others() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, mood text, body text) WITH (fillfactor = 10, autovacuum_enabled = off); \
         INSERT INTO \"Item\" SELECT n, NULL, repeat('x', 600) FROM generate_series(1, 12800) n",
    );
    assert_eq!(database.value("SELECT pg_relation_size('\"Item\"') / 8192"), "12800");
    project.script(
        "writes = [\"Item.mood\"]\nstrategy = \"batches\"",
        "update(\"Item\").set(\"mood\", \"new\");",
    );
    let report = project.run(&database, "scripts/try --format json").exits(0).json();
    assert_eq!(report["steps"][0]["changes"][0]["strategy"], "batches");
    let table = "FROM pg_stat_user_tables WHERE relname = 'Item'";
    // What a session has read is shown together with what it has written.
    database.wait_until(&format!("(SELECT n_tup_upd {table}) = 12800"));
    let read: u64 = database.value(&format!("SELECT seq_tup_read {table}")).parse().expect("rows");
    // To foretell the run, to judge the rule, each batch twice, and what others have changed.
    assert!(read <= 6 * 12800, "{read}");
}

/// A table of several pieces whose batches take their time.
fn slow() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    database.make_slow_pieces(0.4);
    project.script(
        "writes = [\"Item.mood\"]\nstrategy = \"batches\"\nmax_changed = \"10%\"",
        "update(\"Item\").set(\"mood\", [[col(\"size\") > 10, \"new\"]]);",
    );
    (project, database)
}

const DONE: &str = "SELECT count(*) FROM \"Item\" WHERE mood = 'new'";
const JOURNALLED: &str = "SELECT coalesce(sum(rows), 0) FROM leora_run.transition";

/// Starts it, and stops it with a signal once some batches are committed.
fn stopped(project: &Project, database: &Database, signal: Signal) -> Output {
    let run = project.start(&mut project.on(database, "scripts/try --format json"));
    database.wait_until("EXISTS (SELECT FROM \"Item\" WHERE mood = 'new')");
    kill(Pid::from_raw(run.id() as i32), signal).expect("it runs");
    let output = Output::of(run.wait_with_output().expect("it ends"));
    database.wait_for_silence();
    let done: u64 = database.value(DONE).parse().expect("a number");
    assert!(done > 0 && done < 8990, "{done}");
    assert_eq!(database.value(JOURNALLED), done.to_string());
    output
}

/// Goes on with it to its end, as the same run.
fn goes_on(project: &Project, database: &Database, run: &str) {
    // It was slow to be stopped in the middle.
    database.run("ALTER TABLE \"Item\" DISABLE TRIGGER slow");
    let output = project.run(database, "scripts/try --format json").exits(0);
    assert!(output.stderr.contains(&format!("going on with run {run}")), "{}", output.stderr);
    let report = output.json();
    assert_eq!((&report["outcome"], &report["run"]), (&"done".into(), &run.into()));
    assert_eq!(report["steps"][0]["changes"][0]["changed"], 8990);
    assert_eq!(report["steps"][0]["changes"][0]["unmatched"], 10);
    assert_eq!((database.value(DONE), database.value(JOURNALLED)), ("8990".into(), "8990".into()));
    assert_eq!(database.value("SELECT string_agg(outcome, ' ') FROM leora_run.run"), "done");
}

#[test]
fn an_approved_run_goes_on_with_a_plan_of_what_is_left() {
    tried("Ctrl-C between the batches of an approved plan");
    let (project, database) = slow();
    project.run(&database, "plan scripts/try --out plan.json").exits(0);
    let run = project.start(&mut project.on(&database, "run scripts/try --approved plan.json"));
    database.wait_until("EXISTS (SELECT FROM \"Item\" WHERE mood = 'new')");
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("it runs");
    Output::of(run.wait_with_output().expect("it ends")).exits(130);
    database.wait_for_silence();
    database.run("ALTER TABLE \"Item\" DISABLE TRIGGER slow");
    project.run(&database, "plan scripts/try --out plan.json").exits(0);
    let again = project.run(&database, "run scripts/try --approved plan.json").exits(0);
    assert!(again.stderr.contains("going on with run "), "{}", again.stderr);
    assert_eq!((database.value(DONE), database.value(JOURNALLED)), ("8990".into(), "8990".into()));
}

#[test]
fn ctrl_c_pauses_and_the_next_run_goes_on() {
    tried("Ctrl-C between batches");
    let (project, database) = slow();
    let report = stopped(&project, &database, Signal::SIGINT).exits(130).json();
    assert_eq!(
        (&report["outcome"], &report["error"]["kind"]),
        (&"partial".into(), &"interrupted".into())
    );
    let run = report["run"].as_str().expect("an id");
    let help = report["error"]["help"].as_str().expect("a text");
    assert!(
        help.contains("go on with leora-run scripts/try --as-of ")
            && help.contains(&format!("leora-run undo {run}")),
        "{help}"
    );
    project.run(&database, "status").says("partial");
    goes_on(&project, &database, run);
    project.run(&database, "undo").exits(0).says("Put back 8,990 values");
    assert_eq!(database.value(DONE), "0");
}

#[test]
fn killed_it_goes_on_or_is_taken_back() {
    tried("a run in batches killed");
    let (project, database) = slow();
    stopped(&project, &database, Signal::SIGKILL);
    let run = database.value("SELECT id FROM leora_run.run WHERE outcome = 'partial'");
    goes_on(&project, &database, &run);
    let (project, database) = slow();
    stopped(&project, &database, Signal::SIGKILL);
    let done = database.value(DONE);
    let back = project.run(&database, "undo --format json").exits(0).json();
    assert_eq!(back["steps"][0]["changes"][0]["changed"].to_string(), done);
    assert_eq!(database.value(DONE), "0");
}

#[test]
fn killed_in_its_second_step_it_goes_on() {
    let (project, database) = slow();
    project.edit("scripts/try/leora.toml", "[\"Item.mood\"]", "[\"Item.body\", \"Item.mood\"]");
    project.edit("scripts/try/01_step.rhai", "update(", "// The second.\nupdate(");
    std::fs::rename(
        project.path("scripts/try/01_step.rhai"),
        project.path("scripts/try/02_mood.rhai"),
    )
    .expect("a file");
    let short = "update(\"Item\").where(col(\"id\") <= 5).set(\"body\", \"short\");";
    project.write("scripts/try/01_body.rhai", short);
    let run = project.start(&mut project.on(&database, "scripts/try"));
    database.wait_until("EXISTS (SELECT FROM \"Item\" WHERE mood = 'new')");
    kill(Pid::from_raw(run.id() as i32), Signal::SIGKILL).expect("it runs");
    run.wait_with_output().expect("it ends");
    // Before PostgreSQL 14 a session only sees at the end of its statement that the program is gone.
    database.wait_for_silence();
    let steps =
        "SELECT string_agg(number || ': ' || changed, ', ' ORDER BY number) FROM leora_run.step";
    assert_eq!(database.value(steps), "1: 5");
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value(steps), "1: 5, 2: 8990");
    assert_eq!(database.value(JOURNALLED), "8995");
}

#[test]
fn what_was_taken_back_is_not_gone_on_with() {
    let (project, database) = slow();
    stopped(&project, &database, Signal::SIGINT).exits(130);
    project.run(&database, "undo").exits(0);
    let output = project.run(&database, "scripts/try").exits(0);
    assert!(!output.stderr.contains("going on"), "{}", output.stderr);
    assert_eq!(database.value(DONE), "8990");
    project.run(&database, "undo").exits(0).says("Put back 8,990 values");
    assert_eq!(database.value(DONE), "0");
}

#[test]
fn a_run_with_other_settings_tells_of_the_one_that_stopped() {
    let (project, database) = slow();
    project.edit("scripts/try/01_step.rhai", "> 10", "> setting(\"more_than\", 10)");
    let run = project.start(&mut project.on(&database, "scripts/try"));
    database.wait_until("EXISTS (SELECT FROM \"Item\" WHERE mood = 'new')");
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("it runs");
    let output = Output::of(run.wait_with_output().expect("it ends")).exits(130);
    let committed: u64 = database.value(JOURNALLED).parse().expect("a number");
    let thousands = format!("{},{:03}", committed / 1000, committed % 1000);
    let committed = if committed < 1000 { committed.to_string() } else { thousands };
    let output =
        output.says(&format!("Stopped between batches: {committed} committed values stay."));
    assert_eq!(output.stdout.matches("    leora-run undo ").count(), 1, "{}", output.stdout);
    let first = database.value("SELECT id FROM leora_run.run");
    let output = project.run(&database, "scripts/try --set more_than=20").exits(0);
    let told = one_line(&output.stderr);
    assert!(
        told.contains(&format!("run {first} of this folder stopped between batches")),
        "{told}"
    );
    assert_eq!(database.value("SELECT count(*) FROM leora_run.run"), "2");
    // It has run since: the first is not gone on with.
    let output = project.run(&database, "scripts/try").exits(0);
    assert!(!output.stderr.contains("going on"), "{}", output.stderr);
}

#[test]
fn what_a_later_step_fails_with_is_told_before_the_first_batch() {
    let (project, database) = slow();
    let before = database.fingerprint();
    project.write("scripts/try/02_more.rhai", "update(\"Item\").set(\"mod\", \"new\");");
    project.run(&database, "scripts/try").exits(2).tells("Item has no column mod");
    assert_eq!(database.fingerprint(), before);
    project.write("scripts/try/02_more.rhai", "expect(\"none is new\", table(\"Item\").count(col(\"mood\") == \"new\") == 0, \"some are\");");
    project.run(&database, "scripts/try").exits(1).tells("none is new");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_locked_row_is_tried_again_after_the_others() {
    tried("a locked row between batches");
    let (project, database) = slow();
    database.run("DROP TRIGGER slow ON \"Item\"");
    let mut other = database.session();
    other.run("BEGIN; SELECT FROM \"Item\" WHERE id = 4000 FOR UPDATE");
    let started =
        project.start(&mut project.on(&database, "scripts/try --format json --lock-timeout 100ms"));
    database.wait_until("(SELECT count(*) FROM \"Item\" WHERE mood = 'new') > 8900");
    assert_eq!(
        database.value("SELECT count(*) FROM \"Item\" WHERE id = 4000 AND mood IS NULL"),
        "1"
    );
    other.run("ROLLBACK");
    let report = Output::of(started.wait_with_output().expect("it ends")).exits(0).json();
    assert_eq!(report["steps"][0]["changes"][0]["changed"], 8990);
}

/// Salespeople edit while it runs: no edit is lost, the journal holds what was really replaced, undo is exact.
#[test]
fn edits_during_batches_are_kept() {
    tried("edits during batches");
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, mood text, size int, body text); \
         INSERT INTO \"Item\" SELECT n, 'old', n % 100, repeat('x', 1200) FROM generate_series(1, 20000) n; \
         CREATE TABLE audit (seq bigserial, id int, who text, was text, becomes text); \
         CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.audit (id, who, was, becomes) \
           VALUES (NEW.id, current_setting('application_name'), OLD.mood, NEW.mood); RETURN NULL; END $$; \
         CREATE TRIGGER audit AFTER UPDATE ON \"Item\" FOR EACH ROW WHEN (OLD.mood IS DISTINCT FROM NEW.mood) EXECUTE FUNCTION audit()",
    );
    project.script(
        "writes = [\"Item.mood\"]\nstrategy = \"batches\"",
        "update(\"Item\").set(\"mood\", [[col(\"size\") < 50, \"low\"], [otherwise, \"high\"]]);",
    );
    let stop = AtomicBool::new(false);
    let edited = thread::scope(|scope| {
        let writers: Vec<_> = (1..=3_u32)
            .map(|seed| {
                let (mut session, stop) = (database.session(), &stop);
                scope.spawn(move || {
                    session.run("SET application_name = 'sales'");
                    let mut edits = 0;
                    while !stop.load(Ordering::Relaxed) {
                        edits += 1;
                        let id = (seed * 7919 + edits % 20_000 * 104_729) % 20_000 + 1;
                        session.run(&format!("UPDATE \"Item\" SET mood = 'by hand {edits}', size = size + 1 WHERE id = {id}"));
                        thread::sleep(Duration::from_millis(2));
                    }
                    edits
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(100));
        let report = project.run(&database, "scripts/try --format json").exits(0).json();
        stop.store(true, Ordering::Relaxed);
        assert_eq!(report["steps"][0]["changes"][0]["strategy"], "batches");
        writers
            .into_iter()
            .map(|writer| writer.join().expect("a writer is never refused"))
            .sum::<u32>()
    });
    assert!(edited > 20, "{edited}");
    let lost = "SELECT count(*) FROM (SELECT was, lag(becomes, 1, 'old') OVER (PARTITION BY id ORDER BY seq) AS before FROM audit) a WHERE was IS DISTINCT FROM before";
    assert_eq!(database.value(lost), "0", "edits lost");
    let twice = "SELECT count(*) FROM (SELECT FROM audit WHERE who = 'leora-run' GROUP BY id HAVING count(*) > 1) a";
    assert_eq!(database.value(twice), "0", "rows written twice");
    let disagreed = "WITH journal AS (SELECT unnest(keys_bigint)::int AS id, old_value, new_value FROM leora_run.transition), \
        trail AS (SELECT id, was, becomes FROM audit WHERE who = 'leora-run') \
        SELECT count(*) FROM ((TABLE journal EXCEPT ALL TABLE trail) UNION ALL (TABLE trail EXCEPT ALL TABLE journal)) x";
    assert_eq!(database.value(disagreed), "0", "journalled values that were not replaced");
    let untouched = "SELECT count(*) FROM \"Item\" WHERE id NOT IN (SELECT id FROM audit WHERE who = 'leora-run') AND mood = 'old'";
    assert_eq!(database.value(untouched), "0", "rows that were left out");
    database.run("CREATE TABLE held AS SELECT id, mood FROM \"Item\"");
    project.run(&database, "undo").exits(0);
    let inexact = "SELECT count(*) FROM \"Item\" i JOIN held h USING (id) LEFT JOIN \
        (SELECT unnest(keys_bigint)::int AS id, old_value, new_value FROM leora_run.transition \
          WHERE run = (SELECT id FROM leora_run.run ORDER BY number LIMIT 1)) j USING (id) \
        WHERE i.mood IS DISTINCT FROM CASE WHEN h.mood = j.new_value THEN j.old_value ELSE h.mood END";
    assert_eq!(database.value(inexact), "0", "undo");
}

#[test]
fn what_can_not_be_written_in_batches_is_told() {
    let (project, database) = (Project::new(), Database::empty());
    database.run("CREATE TABLE \"Item\" (id int, mood text, size int, PRIMARY KEY (id, size)) PARTITION BY LIST (size); \
        CREATE TABLE i0 PARTITION OF \"Item\" DEFAULT; INSERT INTO \"Item\" SELECT n, 'a', n FROM generate_series(1, 20) n");
    let because = |manifest: &str, script: &str| {
        project.script(&format!("{manifest}\nstrategy = \"batches\""), script);
        let report = project.run(&database, "scripts/try --format json").exits(0).json();
        let change = report["steps"][0]["changes"][0].clone();
        assert_eq!(
            (&change["strategy"], &change["instead"]["of"]),
            (&"update".into(), &"batches".into())
        );
        change["instead"]["because"].as_str().expect("a text").to_owned()
    };
    let own = because(
        "writes = [\"Item.mood\"]",
        "update(\"Item\").set(\"mood\", [[col(\"mood\") == \"a\", \"b\"]]);",
    );
    assert_eq!(own, "it reads mood, which it sets, and could not go on after a pause");
    database.run(
        "CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
        CREATE TRIGGER told BEFORE UPDATE ON \"Item\" FOR EACH ROW EXECUTE FUNCTION told()",
    );
    let trigger = because("writes = [\"Item.mood\"]", "update(\"Item\").set(\"mood\", \"c\");");
    assert_eq!(trigger, "the trigger told may store another value");
    project.script(
        "writes = [\"Item.mood\"]\nstrategy = \"batches\"",
        "update(\"Item\").set(\"mood\", \"d\");\nupdate(\"Item\").set(\"mood\", \"e\");",
    );
    project.run(&database, "scripts/try").exits(2).says("Item.mood is set twice, in batches");
    // Nor is a batch of a rule before it committed.
    database.run(
        "CREATE TABLE \"Other\" (id int PRIMARY KEY, n int); INSERT INTO \"Other\" VALUES (1, 1)",
    );
    project.script(
        "writes = [\"Item.mood\", \"Other.n\"]\nstrategy = \"batches\"",
        "update(\"Other\").set(\"n\", 2);\nupdate(\"Item\").set(\"mood\", \"d\");\nupdate(\"Item\").set(\"mood\", \"e\");",
    );
    for command in ["scripts/try", "plan scripts/try"] {
        project.run(&database, command).exits(2).says("Item.mood is set twice, in batches");
    }
    assert_eq!(database.value("SELECT n FROM \"Other\""), "1");
    for manifest in
        ["access = \"rolled-back\"", "sql = [\"phase2-migration.sql\"]", "writes = [\"Item\"]"]
    {
        project.script(&format!("{manifest}\nstrategy = \"batches\""), "");
        project.run(&database, "scripts/try").exits(2).says("batches");
    }
}

/// The last resort against a script that takes too much memory ends the process: what is committed is said to stay.
#[test]
fn what_is_committed_stays_when_the_memory_runs_out() {
    let (project, database) = (Project::new(), Database::sample());
    // Only what is really written makes it so large: when the run is predicted, it is nothing.
    let greedy = "query(\"SELECT string_agg(a.id::text, '') AS n FROM \\\"Customer\\\" a, \
        (SELECT FROM \\\"Customer\\\" WHERE city = 'Bath' LIMIT 800) b\");";
    project.script(
        "writes = [\"Customer.city\"]\nstrategy = \"batches\"\n[limits]\nmemory = 64\nread_bytes = 268435456\nquery_time = 60",
        &format!("update(\"Customer\").set(\"city\", \"Bath\");\n{greedy}"),
    );
    let stays = "what was written in batches stays, and leora-run undo takes it back";
    let output = project.run(&database, "scripts/try").exits(2);
    output
        .tells("the script reached its limit memory, far beyond")
        .tells(stays)
        .says_not("nothing was changed");
    // The run goes on with what was done before, and ends there again. The server works on the last query of a process that
    // is gone until it sends something.
    let again = "scripts/try --format json --wait-lock 60s";
    let report = project.run(&database, again).exits(2).json();
    assert_eq!(report["outcome"], "partial");
    assert!(report["error"]["help"].as_str().expect("a text").contains(stays), "{report}");
    assert_eq!(database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Bath'"), "5394");
    project.run(&database, "undo --wait-lock 60s").exits(0).says("values");
    assert_eq!(database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Bath'"), "0");
}
