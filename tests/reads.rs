//! How often the customers are read as a whole: by `why` never, by the others once for what they tell.

use crate::support::{Database, Project};

/// How many rows of the customers were read in whole passes since the statistics were reset.
fn passes(database: &Database, act: impl FnOnce()) -> u64 {
    let read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'Customer'";
    let now = || -> u64 {
        database.wait_for_statistics();
        database.value(read).parse().expect("a number")
    };
    let before = now();
    act();
    (now() - before).div_ceil(5394)
}

#[test]
fn the_customers_are_read_as_rarely_as_can_be() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        "writes = [\"Customer.accountType\"]",
        "update(\"Customer\").set(\"accountType\", [[col(\"lastOrderDate\").within(setting(\"active\", months(6))), \"ACTIVE\"], [otherwise, \"PROSPECT\"]]);",
    );
    let one = database.value("SELECT id FROM \"Customer\" LIMIT 1");
    let vary = "--vary active=10d,20d,30d,40d,50d,60d,70d,80d,90d,100d,110d,120d";
    for (arguments, most) in [
        (format!("why scripts/try {one}"), 0),
        ("plan scripts/try".into(), 1),
        (format!("what-if scripts/try {vary}"), 1),
        // For its journal, by which it is judged, and to write it.
        ("scripts/try".into(), 2),
        // For its journal, and to write it.
        ("undo".into(), 2),
    ] {
        let read = passes(&database, || drop(project.run(&database, &arguments).exits(0)));
        assert_eq!(read, most, "{arguments}");
    }
    // Each count of a script is a pass, as it says.
    project.script("access = \"read-only\"", "let c = table(\"Customer\"); show(c.distribution(\"accountType\")); expect(\"some\", c.count() > 0);");
    let read = passes(&database, || drop(project.run(&database, "scripts/try").exits(0)));
    assert!(read <= 2, "{read}");
}
