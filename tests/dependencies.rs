//! docs/dependencies.md has a row for each crate of the workspace, and no other.

use crate::support::own_text;

/// The crates of a section of Cargo.toml, sorted.
fn named(section: &str) -> Vec<String> {
    let text = own_text("Cargo.toml");
    let (_, rest) = text.split_once(&format!("[{section}]\n")).expect("a section");
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let names = names.map(|name| name.trim_end_matches(".workspace").to_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with("leora-")).collect();
    names.sort();
    names
}

#[test]
fn each_direct_dependency_has_its_reason() {
    let page = own_text("docs/dependencies.md");
    let mut tables =
        page.split("| crate | what it is for | what was weighed against it |\n").skip(1);
    let mut rows = || -> Vec<String> {
        let table = tables.next().expect("a table");
        let rows = table.lines().take_while(|line| line.starts_with('|')).skip(1);
        rows.map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert!(cells.len() == 5 && cells[1..4].iter().all(|cell| !cell.is_empty()), "{row}");
            cells[1].trim_matches('`').to_owned()
        })
        .collect()
    };
    let direct = named("workspace.dependencies");
    assert!(direct.len() > 15, "{direct:?}");
    assert_eq!(rows(), direct);
    // What a test takes that the program has too stands there once.
    let tests = named("dev-dependencies").into_iter().filter(|name| !direct.contains(name));
    assert_eq!(rows(), tests.collect::<Vec<_>>());
}
