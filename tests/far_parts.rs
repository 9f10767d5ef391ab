//! Tables with parts on other servers, through postgres_fdw: what a rule does to them, and what is refused.

use std::thread;
use std::time::Duration;

use crate::support::{Database, Output, OwnServer, Project, tried};

/// A table `account` of a hub: a part of its own, and two in databases of another server.
struct Far {
    project: Project,
    hub: Database,
    north: Database,
    south: Database,
    // Dropped after their databases.
    _servers: [OwnServer; 2],
}

const COLUMNS: &str = "id uuid NOT NULL, region text NOT NULL, score int, seen timestamp(3), class text, kind \"AccountType\"";
const MANIFEST: &str = "writes = [\"account.class\", \"account.kind\"]\n[keys]\naccount = [\"id\"]";
const BY_SCORE: &str = "update(\"account\").where(col(\"class\").is_null()).set(\"class\", [[col(\"score\") >= 50, \"high\"], [col(\"score\") >= 20, \"low\"]]);";

impl Far {
    fn new() -> Self {
        let servers = [OwnServer::start(&[]), OwnServer::start(&[])];
        let (hub, north, south) = (servers[0].sample(), servers[1].sample(), servers[1].sample());
        for part in [&north, &south] {
            part.run(&format!("CREATE TABLE account ({COLUMNS}, PRIMARY KEY (id))"));
        }
        hub.run(&format!(
            "CREATE EXTENSION postgres_fdw; CREATE TABLE account ({COLUMNS}) PARTITION BY LIST (region); \
             CREATE TABLE account_home PARTITION OF account (PRIMARY KEY (id)) FOR VALUES IN ('home'); {} {} \
             INSERT INTO account SELECT md5(n::text)::uuid, (ARRAY['home', 'north', 'south'])[1 + n % 3], n % 100, \
               timestamp '2025-10-25' - n % 700 * interval '1 day' FROM generate_series(1, 3000) n",
            attached("north", &north),
            attached("south", &south),
        ));
        Self { project: Project::new(), hub, north, south, _servers: servers }
    }

    fn run(&self, arguments: &str) -> Output {
        self.project.run(&self.hub, arguments)
    }

    /// What the part of this database has in a column, by count, as its own server sees it.
    fn held(&self, part: &Database, column: &str) -> Vec<Vec<String>> {
        part.rows(&format!("SELECT coalesce({column}::text, '-'), count(*) FROM account WHERE region <> 'home' GROUP BY 1 ORDER BY 1"))
    }

    /// Everything in the table, as the hub sees it.
    fn rows(&self) -> String {
        self.hub.value("SELECT md5(string_agg(a::text, '|' ORDER BY id)) FROM account a")
    }
}

/// What lets the hub have a database's table as its part of this name.
fn attached(name: &str, part: &Database) -> String {
    let url = url::Url::parse(&part.url()).expect("an address");
    let option = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.expect("a socket").1.into_owned()
    };
    let user = url.username();
    format!(
        "CREATE SERVER {name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{}', port '{}', dbname '{}'); \
         CREATE USER MAPPING FOR CURRENT_USER SERVER {name} OPTIONS (user '{user}'); \
         CREATE FOREIGN TABLE account_{name} PARTITION OF account FOR VALUES IN ('{name}') SERVER {name} OPTIONS (table_name 'account');",
        option("host"),
        option("port"),
        part.name,
    )
}

#[test]
fn a_rule_changes_parts_on_two_servers_and_undo_puts_them_back() {
    let far = Far::new();
    let before = far.rows();
    let manifest = MANIFEST.replace("[keys]", "max_changed = \"10%\"\n[keys]");
    far.project.script(
        &manifest,
        &format!(
            "{BY_SCORE}\nupdate(\"account\").set(\"kind\", [[col(\"seen\").within(months(6)), \"ACTIVE\"], [otherwise, \"PROSPECT\"]]);"
        ),
    );
    let on_a_day = "--as-of 2025-10-25 --format json";
    let planned = far.run(&format!("plan scripts/try {on_a_day}")).exits(0).json();
    assert_eq!(far.rows(), before);
    let report = far.run(&format!("scripts/try {on_a_day}")).exits(0).json();
    for (rule, changed) in [(0, 2400), (1, 3000)] {
        let change = &report["steps"][0]["changes"][rule];
        assert_eq!((&change["strategy"], &change["changed"]), (&"update".into(), &changed.into()));
        assert_eq!(change["transitions"], planned["steps"][0]["changes"][rule]["transitions"]);
    }
    for part in [&far.north, &far.south] {
        assert_eq!(far.held(part, "class"), [["-", "200"], ["high", "500"], ["low", "300"]]);
    }
    let journalled = "SELECT sum(rows), min(key_columns[1]), sum(cardinality(keys_uuid)) FROM leora_run.transition";
    assert_eq!(far.hub.rows(journalled), [["5400", "id", "5400"]]);
    let of_north = far.hub.value("SELECT id FROM account_north WHERE class = 'high' LIMIT 1");
    far.run(&format!("why scripts/try {of_north} --as-of 2025-10-25")).exits(0).says("high");
    // Nothing is left to do, and who edited a row since keeps it.
    let again = far.run(&format!("scripts/try {on_a_day}")).exits(0).json();
    assert_eq!(again["steps"][0]["changes"][0]["changed"], 0);
    far.north.run(&format!("UPDATE account SET class = 'by hand' WHERE id = '{of_north}'"));
    far.run("undo").exits(0).tells("Put back 5,399 values, left 1 that your team edited since");
    far.north.run(&format!("UPDATE account SET class = NULL WHERE id = '{of_north}'"));
    assert_eq!(far.rows(), before);
}

#[test]
fn guards_and_other_strategies_hold_there_too() {
    let far = Far::new();
    far.project.script(&MANIFEST.replace("[keys]", "max_changed = \"10%\"\n[keys]"), BY_SCORE);
    far.run("scripts/try").exits(0);
    let before = far.rows();
    far.project.edit("scripts/try/01_step.rhai", "col(\"class\").is_null()", "true");
    far.project.edit("scripts/try/01_step.rhai", "50", "60");
    far.run("scripts/try").exits(4);
    assert_eq!(far.rows(), before);
    for (strategy, because) in [
        ("rewrite", "it is partitioned"),
        ("batches", "its part account_north is on another server"),
    ] {
        let manifest = format!("strategy = \"{strategy}\"\n{MANIFEST}");
        far.project.script(&manifest, &format!("{BY_SCORE}\nnote(\"{strategy}\");"));
        far.hub.run("UPDATE account SET class = NULL WHERE score < 30");
        let report = far.run("scripts/try --format json").exits(0).json();
        let change = &report["steps"][0]["changes"][0];
        assert_eq!((&change["strategy"], &change["changed"]), (&"update".into(), &300.into()));
        assert_eq!(change["instead"]["because"], because);
        far.run("undo").exits(0).says("Put back 300 values");
    }
}

#[test]
fn a_key_is_checked_before_it_is_trusted() {
    let far = Far::new();
    let before = far.rows();
    let refused = |manifest: &str, said: &str, help: &str| {
        far.project.script(manifest, BY_SCORE);
        for command in ["plan scripts/try", "scripts/try"] {
            far.run(command).exits(2).tells(said).tells(help);
        }
        assert_eq!(far.rows(), before);
    };
    refused(
        "writes = [\"account.class\"]",
        "account can't be changed by a rule: it has no primary key",
        "give it a primary key, or name its key under [keys] in leora.toml",
    );
    refused(
        &MANIFEST.replace("\"id\"]", "\"score\"]"),
        "account can't be changed by a rule: score, its key by [keys], has 100 values in more than one row, such as 0",
        "name columns that tell its rows apart, under [keys] in leora.toml",
    );
    refused(
        &MANIFEST.replace("\"id\"]", "\"ids\"]"),
        "account has no column ids",
        "did you mean id?",
    );
    refused(
        &MANIFEST.replace("\"id\"]", "\"region\", \"class\"]"),
        "account can't be changed by a rule: class is part of its key",
        "change keys in an SQL file",
    );
    // A key that repeats over the parts, which no index of one part can see, and one without a value.
    let home = far.hub.value("SELECT id FROM account_home LIMIT 1");
    far.north.run(&format!("INSERT INTO account VALUES ('{home}', 'north', 1)"));
    far.project.script(MANIFEST, BY_SCORE);
    let repeated =
        format!("id, its key by [keys], has 1 value in more than one row, such as {home}");
    far.run("scripts/try").exits(2).tells(&repeated);
    far.north.run(&format!("DELETE FROM account WHERE id = '{home}'"));
    far.north.run("ALTER TABLE account DROP CONSTRAINT account_pkey; ALTER TABLE account ALTER id DROP NOT NULL; \
        INSERT INTO account VALUES (NULL, 'north', 1)");
    far.run("plan scripts/try").exits(2).tells("id, its key by [keys], has no value in 1 row");
}

#[test]
fn a_row_is_not_to_be_moved_from_another_server() {
    let far = Far::new();
    let before = far.rows();
    far.project.script(
        &MANIFEST.replace("account.class", "account.region"),
        "update(\"account\").set(\"region\", [[col(\"score\") > 50, \"home\"]]);",
    );
    for command in ["plan scripts/try", "scripts/try"] {
        far.run(command).exits(2).tells(
            "region decides in which part a row is, and account_north is on another server, from where PostgreSQL moves none",
        );
    }
    assert_eq!(far.rows(), before);
}

#[test]
fn an_edit_on_the_other_server_is_never_lost() {
    tried("an edit on the server of a part");
    let far = Far::new();
    far.project.script(MANIFEST, BY_SCORE);
    let row = far.north.value("SELECT id FROM account WHERE score = 60 LIMIT 1");
    let mut editor = far.north.session();
    editor.run(&format!("BEGIN; UPDATE account SET class = 'by hand' WHERE id = '{row}'"));
    let run = far.project.start(&mut far.project.on(&far.hub, "scripts/try --format json"));
    far.north.wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())");
    thread::sleep(Duration::from_millis(100));
    editor.run("COMMIT");
    // The run began from what was before the edit: it starts over, and leaves the row alone.
    let report = Output::of(run.wait_with_output().expect("it ends")).exits(0).json();
    assert_eq!(report["steps"][0]["changes"][0]["changed"], 2399);
    assert_eq!(far.hub.value("SELECT sum(rows) FROM leora_run.transition"), "2399");
    assert_eq!(far.held(&far.north, "class")[1], ["by hand", "1"]);
}

/// postgres_fdw commits one server after the other: when one can't, those before it have kept their part.
#[test]
fn half_a_commit_is_said_to_be_one() {
    tried("a server that refuses the COMMIT of its part");
    let mut half = 0;
    for failing in ["north", "south"] {
        let far = Far::new();
        far.project.script(MANIFEST, BY_SCORE);
        let (bad, good) = match failing {
            "north" => (&far.north, &far.south),
            _ => (&far.south, &far.north),
        };
        bad.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the part refuses'; END $$; \
             CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
        );
        let output = far.run("scripts/try").exits(6);
        output
            .tells("error: the COMMIT failed, and another server may have kept its part: the part refuses")
            .tells("this server has rolled back; what another one kept is not in the journal, so undo can't take it back")
            .tells("leora-run plan shows the rows that still change: fix what the message says, and run it again")
            .says_not("nothing was changed");
        assert_eq!(far.hub.value("SELECT count(*) FROM account_home WHERE class IS NOT NULL"), "0");
        assert_eq!(far.hub.value("SELECT outcome FROM leora_run.run"), "unknown");
        let kept = far.held(good, "class").len() > 1;
        half += u32::from(kept);
        // The remedy, as it was printed.
        bad.run("DROP TRIGGER refuse ON account");
        let left = if kept { 1600 } else { 2400 };
        let plan = far.run("plan scripts/try --format json").exits(0).json();
        assert_eq!(plan["steps"][0]["changes"][0]["changed"], left);
        let report = far.run("scripts/try --format json").exits(0).json();
        assert_eq!(report["steps"][0]["changes"][0]["changed"], left);
        assert_eq!(far.held(bad, "class"), far.held(good, "class"));
    }
    assert!(half > 0, "no order of the servers leaves a half");
}

#[test]
fn a_table_of_this_server_may_have_a_named_key_too() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        "CREATE TABLE \"Item\" (nr int, part text, mood text, size int); \
        INSERT INTO \"Item\" SELECT n / 2, n::text, NULL, n FROM generate_series(1, 100) n",
    );
    let script = "update(\"Item\").set(\"mood\", [[col(\"size\") > 10, \"new\"]]);";
    for (strategy, became, because) in [
        ("update", "update", None),
        ("rewrite", "rewrite", None),
        ("batches", "update", Some("nothing keeps its key nr, part from repeating meanwhile")),
    ] {
        let manifest = format!(
            "writes = [\"Item.mood\"]\nstrategy = \"{strategy}\"\n[keys]\nItem = [\"nr\", \"part\"]"
        );
        project.script(&manifest, script);
        let report = project.run(&database, "scripts/try --format json").exits(0).json();
        let change = &report["steps"][0]["changes"][0];
        assert_eq!((&change["strategy"], &change["changed"]), (&became.into(), &90.into()));
        assert_eq!(change["instead"]["because"].as_str(), because);
        project.run(&database, "undo").exits(0).says("Put back 90 values");
    }
    // What undo trusts is checked again.
    project.run(&database, "scripts/try").exits(0);
    database.run("INSERT INTO \"Item\" SELECT * FROM \"Item\" WHERE part = '50'");
    project.run(&database, "undo").exits(3).tells(
        "Item can't be changed by a rule: nr, part, its key by [keys], has 1 value in more than one row, such as 25, 50",
    );
    database
        .run("DELETE FROM \"Item\" WHERE part = '50'; ALTER TABLE \"Item\" ADD PRIMARY KEY (part)");
    project
        .run(&database, "scripts/try")
        .exits(2)
        .tells("the primary key of Item is part, and [keys] says nr, part");
}

#[test]
fn a_key_in_the_manifest_is_one_of_a_table_that_is_changed() {
    let project = Project::new();
    for (manifest, said) in [
        ("writes = [\"Item.mood\"]\n[keys]\nItem = []", "this is no key of Item"),
        ("writes = [\"Item.mood\"]\n[keys]\nItem = [\"id\", \"id\"]", "this is no key of Item"),
        (
            "writes = [\"Item.mood\"]\n[keys]\nOther = [\"id\"]",
            "writes = [...] names no column of Other",
        ),
    ] {
        project.script(manifest, "");
        let output = project.output(&mut project.command("check scripts/try")).exits(2);
        output.tells(said).says("leora.toml:");
    }
}
