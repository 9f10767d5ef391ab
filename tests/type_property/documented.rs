//! The table in docs/folders.md of the types that examples try in memory.

use leora_rule::{ColumnType, Kind, TRIED_TYPES};

use super::catalog::built_in;
use crate::support::{Database, own_text};

/// The part of the page with the table.
fn section() -> String {
    let page = own_text("docs/folders.md");
    let from = page.split_once("### Types in examples\n").expect("the section").1;
    from.split("\n## ").next().expect("its end").to_owned()
}

#[test]
fn the_page_has_every_type_that_is_tried_with_its_limits() {
    let section = section();
    for tried in TRIED_TYPES {
        let (name, others) = tried.names.split_first().expect("a name");
        let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        let row = format!("| `{name}` | {} | {} |\n", others.join(", "), tried.limits);
        assert!(section.contains(&row), "docs/folders.md lacks the row\n{row}");
    }
}

#[test]
fn the_page_has_every_built_in_type_of_the_server() {
    let (section, database) = (section(), Database::empty());
    let section = section.split_whitespace().collect::<Vec<_>>().join(" ");
    let untried = section.split_once("Values of other types").expect("the others").1;
    for name in built_in(&database) {
        let is_tried = ColumnType::named(&name).data_type().kind != Kind::Other;
        let part = if is_tried { section.as_str() } else { untried };
        assert!(part.contains(&format!("`{name}`")), "docs/folders.md lacks {name}");
    }
}
