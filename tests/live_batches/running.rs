//! What `status` says of a run in batches.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{JOURNALLED, ended, slow, started};

#[test]
fn it_is_running_with_its_progress_and_can_not_be_undone() {
    let (project, database) = slow(0.5);
    let run = started(&project, &database, "scripts/try");
    let status = project.run(&database, "status --format json").exits(0).json();
    let told = &status["runs"][0];
    assert_eq!((&told["outcome"], &told["can_be_undone"]), (&"running".into(), &false.into()));
    assert_eq!(told["planned"], 9000);
    let changed = told["changed"].as_u64().expect("a number");
    assert!(changed > 0 && changed < 9000, "{changed}");
    let text = project.run(&database, "status").exits(0);
    text.says("running").tells(" of 9,000 values changed").says("There is nothing to undo.");
    project.run(&database, "undo").exits(5).says("another run is at work");
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGKILL).expect("it runs");
    ended(run);
    database.wait_for_silence();
    let status = project.run(&database, "status --format json").exits(0).json();
    let told = &status["runs"][0];
    assert_eq!((&told["outcome"], &told["can_be_undone"]), (&"partial".into(), &true.into()));
    assert_eq!(told["changed"].to_string(), database.value(JOURNALLED));
}
