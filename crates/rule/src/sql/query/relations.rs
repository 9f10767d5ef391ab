//! The relations that a query reads.

use std::collections::BTreeSet;

use squawk_parser::SyntaxKind::RELATION_NAME_REF;

use crate::sql::query::draft::Draft;
use crate::sql::query::{cannot_use, is_listed};
use crate::sql::token::SqlTokenKind;

/// Relations of the server itself that a query may read. The others show passwords, files and what others do.
const CATALOG: &str = "pg_class pg_namespace pg_attribute pg_attrdef pg_type pg_enum pg_index pg_indexes pg_constraint \
    pg_trigger pg_policies pg_tables pg_views pg_matviews pg_sequences pg_description";

const INFORMATION_SCHEMA: &str = "check_constraints columns constraint_column_usage constraint_table_usage domains \
    domain_constraints key_column_usage referential_constraints schemata sequences table_constraints tables views";

/// Functions of the grammar that stand without brackets, also where a relation may.
const BARE_FUNCTIONS: &str = "current_catalog current_date current_role current_schema current_time \
    current_timestamp current_user localtime localtimestamp session_user system_user user";

/// Refuses relations of the server that are not on a list, and those of this tool, and notes the others.
pub(super) fn judge(draft: &Draft<'_>, found: &mut BTreeSet<String>) -> Result<(), String> {
    for (_, node) in draft.tree.of_kind(RELATION_NAME_REF) {
        if let [word] = draft.tokens_in(&node.range)
            && word.kind == SqlTokenKind::Word
            && is_listed(BARE_FUNCTIONS, word.text)
        {
            let word = word.text.to_ascii_uppercase();
            return Err(cannot_use(&format!("{word} in the place of a relation")));
        }
        let names = draft.names_in(node);
        let (schema, relation) = match names.as_slice() {
            [relation] => (None, relation),
            [.., schema, relation] => (Some(schema.as_str()), relation),
            [] => continue,
        };
        let is_open = match schema {
            Some("information_schema") => is_exactly(INFORMATION_SCHEMA, relation),
            Some("leora_run") => false,
            Some("pg_catalog") => is_exactly(CATALOG, relation),
            Some(schema) if schema.starts_with("pg_") => false,
            // Without a schema, the server's own come first; the names of all begin with pg_.
            _ => !is_system(relation) || is_exactly(CATALOG, relation),
        };
        if !is_open {
            return Err(format!("a query can't read {}", names.join(".")));
        }
        found.insert(relation.clone());
    }
    Ok(())
}

/// Extensions too name what they show of the server in that way, such as pg_stat_statements.
fn is_system(name: &str) -> bool {
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("pg_"))
}

/// The lists hold small names, and a name in quotes may be another.
fn is_exactly(list: &str, name: &str) -> bool {
    is_listed(list, name) && !name.contains(char::is_uppercase)
}
