//! What ran here.

use serde_json::json;

use crate::support::{Database, Project};

/// The columns of a run that only the database knows, in the order of `run`'s parameters.
fn known(database: &Database) -> Vec<Vec<String>> {
    database.rows(
        "SELECT left(id::text, 13), to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), \
                started_by || ', ' || started_from, as_of, id FROM leora_run.run ORDER BY number DESC",
    )
}

/// What was said in one line, without the time that something took and the size of journals.
fn timeless(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit = |at: usize| {
        words.get(at).is_some_and(|word| ["ms", "s", "ms,", "s,", "kB", "B"].contains(word))
    };
    let number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let told: Vec<&str> = words
        .iter()
        .enumerate()
        .map(|(at, word)| if unit(at + 1) && number(word) { "N" } else { word })
        .collect();
    told.join(" ").replace("N ms", "N s").replace("N kB", "N B")
}

#[test]
fn creates_nothing_where_nothing_has_run() {
    let (project, database) = (Project::new(), Database::empty());
    let before = database.whole_fingerprint();
    let said = project.run(&database, "status").exits(0);
    assert_eq!(said.stdout, "Nothing has run here.\n");
    assert_eq!(
        project.run(&database, "status --format json").exits(0).json(),
        json!({ "runs": [] })
    );
    project
        .run(&database, "status scripts/phase2")
        .exits(0)
        .says("scripts/phase2 has not run here.");
    project.run(&database, "status 0199").exits(2).says("no run has an id that starts with 0199");
    project.run(&database, "undo").exits(2).says("there is no run to undo");
    assert_eq!(database.whole_fingerprint(), before);
    assert_eq!(database.value("SELECT to_regnamespace('leora_run')"), "");
}

#[test]
fn does_not_say_that_nothing_ran_where_it_may_not_look() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let role = format!("{}_reader", database.name);
    database.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'"));
    let mut command = project.command("status");
    command.arg("--database-url").arg(database.url_as(&role, "secret"));
    let said = project.output(&mut command);
    database.run(&format!("DROP ROLE {role}"));
    said.exits(3).says("permission denied for schema leora_run").says_not("Nothing has run");
}

#[test]
fn lists_the_runs_newest_first() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2 --as-of 2026-01-31").exits(0);
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").set(\"city\", \"x\");\nexpect(\"no\", false);",
    );
    project.run(&database, "scripts/try").exits(1);
    project.run(&database, "undo").exits(0);
    let before = database.whole_fingerprint();
    let said = project.run(&database, "status").exits(0);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let runs = known(&database);
    let [undo, failed, done] = &runs[..] else { panic!("{runs:?}") };
    let expected = format!(
        "{}  {} UTC  done, undid {}\n               undo, as of {}: 10,788 values changed, N s, journal N B\n               by {}\n\
         {}  {} UTC  failed\n               scripts/try, as of {}: 0 values changed, N s\n               by {}\n\
         {}  {} UTC  done, undone\n               scripts/phase2, as of 2026-01-31: 10,788 values changed, N s, journal\n               N B\n               by {}\n\n\
         leora-run undo {} would take back the undo.\n\
         Undo reaches back to run {}, of {} UTC.",
        undo[0],
        undo[1],
        done[0],
        undo[3],
        undo[2],
        failed[0],
        failed[1],
        failed[3],
        failed[2],
        done[0],
        done[1],
        done[2],
        undo[0],
        undo[0],
        undo[1]
    );
    assert_eq!(timeless(&said.stdout), timeless(&expected), "\n{}", said.stdout);

    let listed = project.run(&database, "status --format json").exits(0).json();
    let listed = listed["runs"].as_array().expect("a list");
    let outcomes: Vec<_> = listed
        .iter()
        .map(|run| (&run["folder"], &run["outcome"], &run["undone"], &run["can_be_undone"]))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&json!("undo"), &json!("done"), &json!(false), &json!(true)),
            (&json!("scripts/try"), &json!("failed"), &json!(false), &json!(false)),
            (&json!("scripts/phase2"), &json!("done"), &json!(true), &json!(false)),
        ]
    );
    assert_eq!(listed[0]["undoes"], json!(done[4]));
    assert_eq!(listed[1]["error"], "an expectation did not hold: no");
    assert_eq!(database.whole_fingerprint(), before, "it only reads");
}

#[test]
fn shows_a_run_in_full() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2 --set active_within=3mo --as-of 2026-01-31").exits(0);
    let id = &known(&database)[0][4];
    let said = project.run(&database, &format!("status {}", &id[..13])).exits(0);
    let run = &known(&database)[0];
    let sum = database
        .value("SELECT left(checksums->>'scripts/phase2/leora.toml', 12) FROM leora_run.run");
    let said = said
        .says("Leora CRM - Phase 2 database migration\n")
        .says(&format!("  run         {id}\n"))
        .says("  folder      scripts/phase2\n")
        .says(&format!("  when        {} UTC, took ", run[1]))
        .says(&format!("  who         {}\n", run[2]))
        .says("  as of       2026-01-31\n")
        .says("  result      done\n")
        .says("  setting     active_within = 3mo\n")
        .says("  setting     reclassify = false\n")
        .says("  step        1 Customer classification: 5,394 values changed, ")
        .says("Customer.accountType (none) → TARGET: ")
        .says(&format!("  file        scripts/phase2/leora.toml {sum}\n"));
    assert_eq!(said.stdout.matches("\n  step ").count(), 6);
    let told = project.run(&database, &format!("status {id} --format json")).exits(0).json();
    assert_eq!(told["run"]["settings"]["active_within"], "3mo");
    assert_eq!(told["steps"].as_array().map(Vec::len), Some(6));
    assert_eq!(told["transitions"].as_array().map(Vec::len), Some(6));
    assert_eq!(told["run"]["checksums"].as_object().map(serde_json::Map::len), Some(9));
    project.run(&database, "scripts/phase2").exits(0);
    project
        .run(&database, "status 0")
        .exits(2)
        .says("more than one run has an id that starts with 0");
}

#[test]
fn tells_which_files_say_something_else() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let unchanged = || {
        project
            .run(&database, "status ./scripts/phase2/")
            .exits(0)
            .says("No file has changed since.")
    };
    unchanged();
    let script = "scripts/phase2/01_classify_customers.rhai";
    let before = std::fs::read_to_string(project.path(script)).expect("a script");
    let spaced = before
        .replace('\n', "\r\n")
        .replace("let ", "let   ")
        .replace("// an order", "// one order");
    project.write(script, &format!("{spaced}\r\n\r\n/* more \"to say */\r\n"));
    let sql = "sql/phase2-migration.sql";
    let text = std::fs::read_to_string(project.path(sql)).expect("a file");
    project.write(sql, &format!("-- it's new\n{text}\n"));
    project.edit(
        "scripts/phase2/leora.toml",
        "access = \"read-write\"",
        "access   =   \"read-write\" # as before",
    );
    unchanged();

    project.edit(script, "\"ACTIVE\"   ]", "\"ACTIVE \"   ]");
    project.edit(sql, "'LOW'", "'LOWER'");
    project.write("scripts/phase2/07_more.rhai", "//! More\n");
    std::fs::remove_file(project.path("scripts/phase2/06_record_migration.rhai")).expect("removed");
    let said = project.run(&database, "status scripts/phase2").exits(0);
    let expected = "Changed since:\n  scripts/phase2/01_classify_customers.rhai\n  scripts/phase2/07_more.rhai\n  sql/phase2-migration.sql\n  \
         scripts/phase2/06_record_migration.rhai (gone)\n";
    assert!(said.stdout.contains(expected), "{}", said.stdout);
    let told = project.run(&database, "status scripts/phase2 --format json").exits(0).json();
    assert_eq!(told["changed"].as_array().map(Vec::len), Some(4));
    assert_eq!(told["last"]["outcome"], "done");
}

#[test]
fn shows_a_change_of_what_an_sql_file_quotes() {
    let (project, database) = (Project::new(), Database::sample());
    project.script("sql = [\"try.sql\"]", "run_sql(\"try.sql\");");
    let sql = |body: &str, after: &str| {
        let function = "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS";
        project.write("sql/try.sql", &format!("{function} {body};{after}"));
    };
    let said = |said: &str| {
        project.run(&database, "status scripts/try").exits(0).says(said);
    };
    let (unchanged, changed) = ("No file has changed since.", "Changed since:\n  sql/try.sql");
    sql("$$ BEGIN -- it's /* one\r\n RETURN 1; END $$", " SELECT E'a' AS a, 1 < 2");
    project.run(&database, "scripts/try").exits(0);
    sql(
        "$$ BEGIN -- it's /* one\r\n RETURN 1; END $$",
        "\n/* $$ */ SELECT E'a' -- $$\n AS a , 1<2",
    );
    said(unchanged);
    for (body, after) in [
        ("$$ BEGIN -- it's /* two\r\n RETURN 1; END $$", " SELECT E'a' AS a, 1 < 2"),
        ("$$ BEGIN -- it's /* one\n RETURN 1; END $$", " SELECT E'a' AS a, 1 < 2"),
        ("$$ BEGIN -- it's /* one\r\n RETURN  1; END $$", " SELECT E'a' AS a, 1 < 2"),
        ("$$ BEGIN -- it's /* one\r\n RETURN 1; END $$", " SELECT E'a' ASa, 1 < 2"),
        ("$$ BEGIN -- it's /* one\r\n RETURN 1; END $$", " SELECT E 'a' AS a, 1 < 2"),
    ] {
        sql(body, after);
        said(changed);
    }
}
