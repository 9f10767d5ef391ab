//! Salespeople edit customers while runs and undos are at work: an audit trail tells what really happened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Database, Project, Session, tried};

/// Writes down each edit of a customer, in the order of the edits of each row.
const AUDIT: &str = r#"
CREATE TABLE audit (seq bigserial PRIMARY KEY, id uuid, who text, xact bigint,
  old_order timestamp, new_order timestamp, old_type text, new_type text, old_priority text, new_priority text);
INSERT INTO audit (id, who, new_order, new_type, new_priority)
  SELECT id, 'base', "lastOrderDate", "accountType", "accountPriority" FROM "Customer";
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.audit (id, who, xact, old_order, new_order, old_type, new_type, old_priority, new_priority)
  VALUES (NEW.id, current_setting('application_name'), txid_current(), OLD."lastOrderDate", NEW."lastOrderDate",
    OLD."accountType", NEW."accountType", OLD."accountPriority", NEW."accountPriority");
  RETURN NULL; END $$;
CREATE TRIGGER audit AFTER UPDATE ON "Customer" FOR EACH ROW EXECUTE FUNCTION audit();"#;

/// Rows whose old values are not those that the edit before left: an edit was lost.
const LOST: &str = "SELECT count(*) FROM (SELECT who, old_order, old_type, old_priority, \
    lag(new_order) OVER w AS order_before, lag(new_type) OVER w AS type_before, \
    lag(new_priority) OVER w AS priority_before FROM audit WINDOW w AS (PARTITION BY id ORDER BY seq)) AS edit \
  WHERE who <> 'base' AND (old_order, old_type, old_priority) IS DISTINCT FROM (order_before, type_before, priority_before)";

/// Rows of Customer that are not as the last edit left them.
const DIFFERENT: &str = "SELECT count(*) FROM \"Customer\" c JOIN \
    (SELECT DISTINCT ON (id) * FROM audit ORDER BY id, seq DESC) AS last USING (id) \
  WHERE (c.\"lastOrderDate\", c.\"accountType\"::text, c.\"accountPriority\"::text) \
    IS DISTINCT FROM (last.new_order, last.new_type, last.new_priority)";

/// Rows whose class is not what the rule says of the row, at the end of a run's transaction.
const STALE: &str = "SELECT count(*) FROM (SELECT DISTINCT ON (id) * FROM audit \
    WHERE seq <= (SELECT max(seq) FROM audit WHERE xact = {xact}) ORDER BY id, seq DESC) AS state \
  WHERE new_type IS DISTINCT FROM CASE WHEN new_order >= date '{as_of}' - interval '6 months' THEN 'ACTIVE' \
    WHEN new_order >= date '{as_of}' - interval '12 months' THEN 'TARGET' ELSE 'PROSPECT' END \
  OR new_priority IS DISTINCT FROM CASE new_type WHEN 'ACTIVE' THEN 'HIGH' WHEN 'TARGET' THEN 'MEDIUM' ELSE 'LOW' END";

/// What the journal of a run and the audit trail do not agree on.
const DISAGREED: &str = "WITH journal AS (SELECT column_name, unnest(keys_uuid) AS id, old_value, new_value \
      FROM leora_run.transition WHERE run = '{run}'), \
    trail AS (SELECT 'accountType' AS column_name, id, old_type, new_type FROM audit \
        WHERE xact = {xact} AND old_type IS DISTINCT FROM new_type \
      UNION ALL SELECT 'accountPriority', id, old_priority, new_priority FROM audit \
        WHERE xact = {xact} AND old_priority IS DISTINCT FROM new_priority) \
  SELECT count(*) FROM ((TABLE journal EXCEPT ALL TABLE trail) UNION ALL (TABLE trail EXCEPT ALL TABLE journal)) AS x";

/// Rows that an undo did not leave as it should: what held the run's value has the old one, the rest is as it was.
const INEXACT: &str = "WITH journal AS (SELECT unnest(keys_uuid) AS id, old_value, new_value FROM leora_run.transition \
      WHERE run = '{run}' AND column_name = '{column}') \
  SELECT count(*) FROM \"Customer\" c JOIN before_undo b USING (id) LEFT JOIN journal j USING (id) \
  WHERE c.\"{column}\"::text IS DISTINCT FROM \
    CASE WHEN j.id IS NOT NULL AND b.\"{column}\"::text = j.new_value THEN j.old_value ELSE b.\"{column}\"::text END";

/// Stops the writers, also when a check fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Edits random customers, some thirty times a second; what it was refused, and how often it wrote.
fn edit_until(mut session: Session, stop: &AtomicBool, seed: u32) -> (Vec<String>, u32) {
    let (mut refused, mut edits) = (Vec::new(), 0);
    session.run("SET application_name = 'sales'");
    while !stop.load(Ordering::Relaxed) {
        edits += 1;
        let place = (seed * 7919 + edits * 104_729) % 5394;
        let edit = format!(
            "UPDATE \"Customer\" SET \"lastOrderDate\" = date_trunc('day', now()) - interval '1 day' * ({place} % 700), \
             \"accountType\" = (ARRAY['ACTIVE', 'TARGET', 'PROSPECT', NULL])[{edits} % 4 + 1]::\"AccountType\", \
             \"accountPriority\" = (ARRAY['HIGH', 'MEDIUM', 'LOW'])[{edits} % 3 + 1]::\"AccountPriority\" \
             WHERE id = (SELECT id FROM \"Customer\" ORDER BY id OFFSET {place} LIMIT 1)"
        );
        refused.extend(session.try_run(&edit).err());
        thread::sleep(Duration::from_millis(20));
    }
    (refused, edits)
}

/// Classifies again, and checks every decision and every journalled value of the run; its id.
fn run_and_replay(project: &Project, database: &Database, as_of: &str) -> String {
    let arguments = format!("scripts/try --lock-timeout 10s --as-of {as_of} --format json");
    let output = project.run(database, &arguments).exits(0);
    let run = output.json()["run"].as_str().expect("an id").to_owned();
    let last = "SELECT xact FROM audit WHERE who = 'leora-run' ORDER BY seq DESC LIMIT 1";
    let xact = database.value(last);
    let ask = |sql: &str| {
        database
            .value(&sql.replace("{xact}", &xact).replace("{run}", &run).replace("{as_of}", as_of))
    };
    assert_eq!(ask(STALE), "0", "decisions on stale data, as of {as_of}");
    assert_eq!(ask(DISAGREED), "0", "journalled values that were not replaced");
    run
}

#[test]
fn edits_during_runs_are_kept_and_decided_on() {
    tried("edits during runs");
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    database.run(AUDIT);
    project.script(
        "writes = [\"Customer.accountType\", \"Customer.accountPriority\"]",
        "let order = col(\"lastOrderDate\");\n\
         update(\"Customer\").set(\"accountType\", [[order.within(months(6)), \"ACTIVE\"], \
           [order.within(months(12)), \"TARGET\"], [otherwise, \"PROSPECT\"]]);\n\
         update(\"Customer\").set(\"accountPriority\", \
           lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\", PROSPECT: \"LOW\" }));",
    );
    let today = database.value("SELECT current_date::text");
    let later = database.value("SELECT (current_date + 75)::text");
    let stop = AtomicBool::new(false);
    let mut run = String::new();
    let edited: u32 = thread::scope(|scope| {
        let writers: Vec<_> = (1..=3)
            .map(|seed| {
                let (session, stop) = (database.session(), &stop);
                scope.spawn(move || edit_until(session, stop, seed))
            })
            .collect();
        let ending = Stop(&stop);
        for as_of in [&today, &later, &today] {
            thread::sleep(Duration::from_millis(300));
            run = run_and_replay(&project, &database, as_of);
        }
        thread::sleep(Duration::from_millis(500));
        drop(ending);
        let ended = writers.into_iter().map(|writer| writer.join().expect("a writer ends"));
        ended
            .map(|(refused, edits)| {
                assert_eq!(refused, Vec::<String>::new(), "a writer was refused");
                edits
            })
            .sum()
    });
    assert!(edited > 90, "only {edited} edits");
    let sales = "SELECT count(*) FROM audit WHERE who = 'sales'";
    assert_eq!(database.value(sales), edited.to_string());
    database.run("CREATE TABLE before_undo AS SELECT * FROM \"Customer\"");
    let output = project.run(&database, &format!("undo {run}")).exits(0);
    output.says("that your team edited since");
    for column in ["accountType", "accountPriority"] {
        let inexact = INEXACT.replace("{run}", &run).replace("{column}", column);
        assert_eq!(database.value(&inexact), "0", "{column}");
    }
    assert_eq!(database.value(LOST), "0", "edits lost");
    assert_eq!(database.value(DIFFERENT), "0", "rows that nobody wrote so");
}
