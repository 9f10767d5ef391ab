//! What would read the server's clock: a script has only the date of its run.

use squawk_parser::SyntaxKind::{
    CAST_EXPR, INTERVAL_TYPE, LITERAL, PAREN_EXPR, PATH_TYPE, TIME_TYPE, TIMESTAMP_TYPE,
};

use crate::sql::query::draft::Draft;
use crate::sql::query::{cannot_use, is_listed};
use crate::sql::token::{SqlToken, SqlTokenKind};

const MOMENTS: &str = "current_date current_time current_timestamp localtime localtimestamp";
/// Words in a text that the server reads as a moment of its clock, where it reads the text as a date or time.
const CLOCK: &str = "now today tomorrow yesterday";
/// Words that may stand beside them.
const BESIDE: &str = "allballs am pm z utc gmt t ad bc";
const TYPES: &str = "date timestamp timestamptz time timetz abstime";

pub(super) fn judge(draft: &Draft<'_>) -> Result<(), String> {
    for token in draft.tokens {
        if is_listed(MOMENTS, token.text) && draft.is_value(token) {
            let word = token.text.to_ascii_uppercase();
            return Err(cannot_use(&format!("{word}, which reads the clock")));
        }
        if token.kind == SqlTokenKind::String
            && is_clock_text(token.text.trim_matches(['e', 'E', '\'']))
        {
            return Err(cannot_use(&format!("the text {}, which may read the clock", token.text)));
        }
    }
    Ok(())
}

/// The numbers of the parameters that are read as a date or time.
pub(super) fn parameters_as_times(draft: &Draft<'_>) -> Vec<usize> {
    let mut numbers = vec![];
    for (cast, _) in draft.tree.of_kind(CAST_EXPR) {
        let mut parts: Vec<_> = draft.tree.children(cast).collect();
        let is_time = parts.iter().any(|(_, part)| match part.kind {
            TIMESTAMP_TYPE | TIME_TYPE => true,
            PATH_TYPE => draft.names_in(part).last().is_some_and(|name| is_listed(TYPES, name)),
            _ => false,
        });
        parts.retain(|(_, part)| {
            matches!(part.kind, LITERAL | PAREN_EXPR) && part.kind != INTERVAL_TYPE
        });
        for (_, part) in parts.iter().filter(|_| is_time) {
            numbers.extend(draft.tokens_in(&part.range).iter().filter_map(SqlToken::parameter));
        }
    }
    numbers
}

pub(super) fn is_clock_text(text: &str) -> bool {
    let words =
        text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let (mut reads, mut others) = (false, false);
    for word in words {
        reads |= is_listed(CLOCK, word);
        others |= !is_listed(CLOCK, word) && !is_listed(BESIDE, word);
    }
    reads && !others && text.is_ascii()
}
