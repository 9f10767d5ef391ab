//! Every test that docs/promises.md names exists.

use std::fs;
use std::path::Path;

/// The names of tests in the page, such as `faults::commit::cut_before`.
fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("::"));
    rows.flat_map(|row| row.split('`')).filter(|word| word.contains("::")).collect()
}

/// Whether the test suite has a test of this name, by its source.
fn exists(name: &str) -> bool {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (module, function) = name.rsplit_once("::").expect("a module and a function");
    let file = home.join(module.replace("::", "/")).with_extension("rs");
    let source = fs::read_to_string(file).unwrap_or_default();
    source.contains(&format!("#[test]\nfn {function}() {{"))
}

#[test]
fn every_promise_has_its_test() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/promises.md");
    let page = fs::read_to_string(page).expect("docs/promises.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let without: Vec<&str> =
        rows.filter(|row| !row.contains("::") && *row != "| promise | test |").collect();
    assert_eq!(without, Vec::<&str>::new(), "promises without a test");
    let names = named(&page);
    assert!(names.len() > 40, "only {} tests are named", names.len());
    let missing: Vec<&str> = names.into_iter().filter(|name| !exists(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "tests that do not exist");
}
