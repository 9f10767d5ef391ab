//! The whole migration on the sample.

use crate::support::{Database, Project};

#[test]
fn migrates_the_sample_and_shows_every_step() {
    let (project, database) = (Project::new(), Database::sample());
    let output = project.run(&database, "scripts/phase2 --as-of 2026-01-01").exits(0);
    assert_eq!(output.stderr, "");
    println!("{}", output.steady());
}
