//! What would read the server's clock: a script has only the date of its run.

use squawk_parser::SyntaxKind::{AT_TIME_ZONE, EXTRACT_FN, PATH_TYPE, TIME_TYPE, TIMESTAMP_TYPE};

use crate::sql::query::draft::Draft;
use crate::sql::query::{cannot_use, is_listed};
use crate::sql::token::{SqlToken, SqlTokenKind};

const MOMENTS: &str = "current_date current_time current_timestamp localtime localtimestamp";
/// Words in a text that the server reads as a moment of its clock, where it reads the text as a date or time.
const CLOCK: &str = "now today tomorrow yesterday";
/// Words that may stand beside them.
const BESIDE: &str = "allballs am pm z utc gmt t ad bc";
const TYPES: &str = "date timestamp timestamptz time timetz abstime daterange tsrange tstzrange datemultirange \
    tsmultirange tstzmultirange";
/// Functions that read a text as a date or time.
const FUNCTIONS: &str = "age date_part date_trunc to_char";

pub(super) fn judge(draft: &Draft<'_>) -> Result<(), String> {
    let reads_times = reads_times(draft);
    for token in draft.tokens {
        if is_listed(MOMENTS, token.text) && draft.is_value(token) {
            let word = token.text.to_ascii_uppercase();
            return Err(cannot_use(&format!("{word}, which reads the clock")));
        }
        if token.kind == SqlTokenKind::String && may_read_clock(token.text, reads_times) {
            return Err(cannot_use(&format!("the text {}, which may read the clock", token.text)));
        }
    }
    Ok(())
}

/// Whether a text may be read as a date or time anywhere in the query: where it comes from, only the server can tell.
pub(super) fn reads_times(draft: &Draft<'_>) -> bool {
    let mut nodes = draft.tree.iter();
    let calls_function =
        |pair: &[SqlToken<'_>]| pair[1].is_symbol("(") && is_listed(FUNCTIONS, pair[0].text);
    nodes.any(|(_, node)| match node.kind {
        TIMESTAMP_TYPE | TIME_TYPE | EXTRACT_FN | AT_TIME_ZONE => true,
        PATH_TYPE => {
            let name = draft.names_in(node).pop().unwrap_or_default();
            is_listed(TYPES, name.trim_start_matches('_'))
        }
        _ => false,
    }) || draft.tokens.windows(2).any(calls_function)
}

/// Whether a text would be a moment of the clock for a column of that type, or has one of the clock's words at all
/// where the query reads texts as dates or times: many other words may stand beside them.
pub(super) fn may_read_clock(text: &str, reads_times: bool) -> bool {
    // An array and a range may quote each letter.
    let bare = text.replace(['\\', '"'], "");
    let has_word = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| is_listed(CLOCK, word))
    };
    is_clock_text(text.trim_matches(['e', 'E', '\'']))
        || reads_times && (has_word(&bare) || has_word(text))
}

fn is_clock_text(text: &str) -> bool {
    let words =
        text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let (mut reads, mut others) = (false, false);
    for word in words {
        reads |= is_listed(CLOCK, word);
        others |= !is_listed(CLOCK, word) && !is_listed(BESIDE, word);
    }
    reads && !others && text.is_ascii()
}
