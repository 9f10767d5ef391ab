//! Texts that become moments: an offset counts where the column has a time zone, and is refused where it would be dropped.

use crate::support::{Database, Project};

const TABLE: &str = "CREATE DOMAIN at_zone AS timestamptz; CREATE TABLE \"T\" (id int PRIMARY KEY, at timestamptz, of_domain at_zone, \
     plain timestamp, day date, note text); \
     INSERT INTO \"T\" VALUES (1, '2025-01-01 05:30:00+00', '2025-01-01 05:30:00+00', '2025-01-01 00:30', '2025-01-01', '')";
const MANIFEST: &str = "writes = [\"T.at\", \"T.of_domain\", \"T.plain\", \"T.day\", \"T.note\"]";

fn with(script: &str) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    project.script(MANIFEST, script);
    (project, database)
}

#[test]
fn an_offset_counts_where_the_column_has_a_time_zone() {
    let texts = [
        "2025-01-01T00:30:00-05:00",
        "2025-01-01T05:30:00Z",
        "2025-01-01 05:30:00",
        "2025-01-01 11:00:00+0530",
        "2025-01-01T05:30",
    ];
    for column in ["at", "of_domain"] {
        for text in texts {
            let (project, database) = with(&format!(
                "let at = setting(\"at\", \"{text}\");\n\
                 for moment in [\"{text}\", at] {{\n\
                   expect(\"compared\", table(\"T\").count(col(\"{column}\") == moment) == 1);\n\
                   expect(\"in a list\", table(\"T\").count(col(\"{column}\").is_one_of([moment, \"2020-01-01\"])) == 1);\n\
                   expect(\"no earlier\", table(\"T\").count(col(\"{column}\") < moment) == 0);\n\
                 }}\n\
                 update(\"T\").set(\"note\", lookup(\"{column}\", #{{ \"{text}\": \"found\" }}));\n\
                 update(\"T\").set(\"{column}\", at);"
            ));
            project.run(&database, "scripts/try").exits(0).says("T.note: 1 of 1 row changed");
            assert_eq!(database.value("SELECT note FROM \"T\""), "found", "{column} {text}");
        }
    }
    let (project, database) = with("update(\"T\").set(\"at\", setting(\"at\", \"2025-01-01\"));");
    project.run(&database, "scripts/try --set at=2025-03-01T00:00:00+02:00").exits(0);
    let stored = "SELECT (at AT TIME ZONE 'UTC')::text FROM \"T\"";
    assert_eq!(database.value(stored), "2025-02-28 22:00:00");
}

#[test]
fn what_a_column_would_drop_is_refused_in_every_place() {
    let cases = [
        ("plain", "2025-01-01T00:30:00-05:00", "has an offset"),
        ("plain", "2025-01-01T00:30:00Z", "has an offset"),
        ("day", "2025-01-01T00:30:00Z", "has a time"),
        ("day", "2025-01-01 10:00", "has a time"),
        ("plain", "2025-01-01T10", "is a text"),
        ("at", "2025-01-01T10", "is a text"),
        ("at", "2025-01-01T10:00:00,5", "is a text"),
        ("day", "2025-01-01T10:00:00,5", "is a text"),
    ];
    for (column, text, told) in cases {
        let rules = [
            format!("update(\"T\").set(\"{column}\", \"{text}\");"),
            format!("update(\"T\").set(\"{column}\", setting(\"it\", \"{text}\"));"),
            format!("update(\"T\").where(col(\"{column}\") < \"{text}\").set(\"note\", \"x\");"),
            format!(
                "update(\"T\").set(\"note\", [[col(\"{column}\").is_one_of([\"2020-01-01\", \"{text}\"]), \"x\"]]);"
            ),
            format!("update(\"T\").set(\"note\", lookup(\"{column}\", #{{ \"{text}\": \"x\" }}));"),
            format!("expect(\"none\", table(\"T\").count(col(\"{column}\") == \"{text}\") == 0);"),
        ];
        let (project, database) = with("");
        let before = database.fingerprint();
        for rule in rules {
            project.script(MANIFEST, &rule);
            project.run(&database, "scripts/try").exits(2).tells(&format!("\"{text}\" {told}"));
        }
        assert_eq!(database.fingerprint(), before);
    }
}
