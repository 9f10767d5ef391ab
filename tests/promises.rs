//! Every test that docs/promises.md and docs/security.md name exists.

use std::fs;

use crate::support::{own_path, own_text};

/// The names of tests in the page, such as `faults::commit::cut_before`.
fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("::"));
    rows.flat_map(|row| row.split('`')).filter(|word| word.contains("::")).collect()
}

/// Whether the test suite has a test of this name, by its source.
fn exists(name: &str) -> bool {
    let home = own_path("tests");
    let (module, function) = name.rsplit_once("::").expect("a module and a function");
    let file = home.join(module.replace("::", "/")).with_extension("rs");
    let source = fs::read_to_string(file).unwrap_or_default();
    // The second are those that need a cluster.
    let attributes = ["#[test]", "#[cfg_attr(citus, test)]"];
    attributes.iter().any(|test| source.contains(&format!("{test}\nfn {function}() {{")))
}

#[test]
fn every_promise_has_its_test() {
    let names = tests_of("promises.md");
    assert!(names > 40, "only {names} tests are named");
}

#[test]
fn every_promise_about_security_has_its_test() {
    let names = tests_of("security.md");
    assert!(names > 25, "only {names} tests are named");
}

/// Checks that every promise of a page names a test, and that the tests exist; how many there are.
#[track_caller]
fn tests_of(page: &str) -> usize {
    let page = own_text(&format!("docs/{page}"));
    let mut promises = false;
    let mut without = Vec::new();
    for row in page.lines() {
        promises = row.starts_with("| ") && (promises || row == "| promise | test |");
        if promises
            && !row.contains("::")
            && !row.starts_with("| ---")
            && row != "| promise | test |"
        {
            without.push(row);
        }
    }
    assert_eq!(without, Vec::<&str>::new(), "promises without a test");
    let names = named(&page);
    let missing: Vec<&str> = names.iter().copied().filter(|name| !exists(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "tests that do not exist");
    names.len()
}
