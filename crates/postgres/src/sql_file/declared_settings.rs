//! Settings of its own that an SQL file declares for the files after it, such as `leora.allow_data_loss`.

use std::collections::BTreeSet;

use leora_report::DatabaseError;
use leora_rule::{SqlToken, SqlTokenKind, lex};
use serde_json::json;

use crate::Session;
use crate::connection::Cells;

/// The names of `set_config('a.b', ...)` and `SET LOCAL a.b = ...` in a file. A name with a dot is nobody's but the file's,
/// or an extension's.
fn declared_names(text: &str) -> BTreeSet<String> {
    let Ok(tokens) = lex(text) else { return BTreeSet::new() };
    let mut names = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let rest = &tokens[at + 1..];
        match rest {
            [bracket, name, ..] if token.is_word("set_config") && bracket.is_symbol("(") => {
                names.extend(setting_in_string(name));
            }
            [local, rest @ ..] if token.is_word("set") && local.is_word("local") => {
                names.extend(setting_in_words(rest));
            }
            _ => {}
        }
    }
    names.retain(|name| !name.starts_with("leora_run."));
    names
}

fn setting_in_string(token: &SqlToken<'_>) -> Option<String> {
    let name = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
    (token.kind == SqlTokenKind::String && name.contains('.')).then(|| name.to_lowercase())
}

fn setting_in_words(tokens: &[SqlToken<'_>]) -> Option<String> {
    match tokens {
        [prefix, dot, name, ..] if dot.is_symbol(".") => {
            Some(format!("{}.{}", prefix.identifier()?, name.identifier()?))
        }
        _ => None,
    }
}

impl Session {
    /// The settings that this file and those before it have declared, as a statement that sets them until the end of the
    /// transaction; `None` where there are none.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub(super) fn keep_declared_settings(
        &mut self,
        text: &str,
    ) -> Result<Option<String>, DatabaseError> {
        self.declared_settings.extend(declared_names(text));
        if self.declared_settings.is_empty() {
            return Ok(None);
        }
        let names = json!(self.declared_settings).to_string();
        let rows = self.connection.fetch_inlined(VALUES, &[&names])?;
        let calls: Vec<String> = rows.into_iter().map(|row| Cells::new(row).text()).collect();
        Ok((!calls.is_empty()).then(|| format!("SELECT {}", calls.join(", "))))
    }
}

/// For each setting of these names that has a value, the call that sets it.
const VALUES: &str = "\
SELECT format('pg_catalog.set_config(%L, %L, true)', name, current_setting(name, true))
  FROM json_array_elements_text($1::text::json) AS name WHERE current_setting(name, true) IS NOT NULL";

#[cfg(test)]
mod tests {
    use super::declared_names;

    #[test]
    fn names_with_a_dot_are_declared() {
        let text = "SELECT set_config('Leora.a', 'x', true); SET LOCAL b.\"C\" = 1; SET search_path = c.d; \
                    SET d.e TO 2; SET LOCAL search_path = c.d; SELECT set_config('work_mem', '1MB', true), set_config('leora_run.later_indexes', '', true)";
        let names: Vec<String> = declared_names(text).into_iter().collect();
        assert_eq!(names, ["b.C", "leora.a"]);
    }
}
