//! A hot standby: what reads works there, and what writes is sent to the primary.

use crate::support::{Output, OwnServer, Project, Standby};

#[test]
fn a_replica_answers_what_reads_and_refuses_what_writes() {
    let server = OwnServer::start(&[]);
    let primary = server.sample();
    let project = Project::new();
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").set(\"city\", [[col(\"lastOrderDate\").within(months(6)), \"Bath\"]]);",
    );
    project.run(&primary, "scripts/phase2").exits(0);
    let standby = Standby::of(&server);
    let run = |arguments: &str| -> Output {
        let mut command = project.command(arguments);
        command.arg("--database-url").arg(standby.url(&primary.name));
        project.output(command.arg("--confirm").arg(&primary.name))
    };
    let planned = run("plan scripts/try --format json").exits(0).json();
    assert_eq!(planned["steps"][0]["changes"][0]["changed"], 3512);
    let one = primary.value("SELECT id FROM \"Customer\" WHERE \"accountType\" = 'ACTIVE' LIMIT 1");
    run(&format!("why scripts/phase2 {one}")).exits(0).says("ACTIVE");
    run("what-if scripts/phase2 --vary active_within=90d,180d --set reclassify=true").exits(0);
    run("scripts/verify").exits(0).says("7 of 7 held");
    run("check scripts/verify").exits(0);
    run("status").exits(0).says("done");
    for writes in [
        "scripts/try",
        "undo",
        "plan scripts/phase2",
        "check scripts/phase2",
        "scripts/carla-smoke",
    ] {
        run(writes)
            .exits(3)
            .says("the server is a replica of ")
            .tells(", and takes no writes")
            .tells("use the address of the primary")
            .says_not("rolled back");
    }
    // What was read is what the primary has, and nothing of this came to it.
    assert_eq!(primary.value("SELECT count(*) FROM leora_run.run"), "1");
    drop(standby);
    drop(primary);
}
