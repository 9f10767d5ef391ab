//! Functions of texts in memory. Letters beyond ASCII have other cases by some collations than by others, and so have `I`
//! and `i` by Turkish ones: what depends on that can't be tried in memory.

use crate::evaluate::column_type::{Blanks, Collation};
use crate::evaluate::datum::{Datum, Text, Typing};
use crate::evaluate::error::EvaluationError;
use crate::{Function, Value};

/// What `trim` takes away; the same signs stand in its SQL.
const SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\x0c', '\x0b'];

/// Which letters a text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

/// A function of one text.
pub(super) fn of_text(function: Function, text: &Text) -> Result<Datum, EvaluationError> {
    if function != Function::Trim {
        check_blanks(function, text)?;
    }
    let changed = match function {
        Function::Lower => in_case(function, text, Case::Lower)?,
        Function::Upper => in_case(function, text, Case::Upper)?,
        Function::Trim => text.text.trim_matches(SPACE).to_owned(),
        _ => {
            let length = i64::try_from(text.text.chars().count()).unwrap_or(i64::MAX);
            return Ok(Datum::from_value(&Value::Integer(length)));
        }
    };
    let collation = collation(text);
    Ok(Datum::Text(Text {
        text: changed,
        typing: Typing::Known { blanks: Blanks::Kept, collation },
    }))
}

/// A function of a text and what is looked for in it.
pub(super) fn of_texts(
    function: Function,
    text: &Text,
    other: &Text,
) -> Result<Datum, EvaluationError> {
    check_blanks(function, text)?;
    let (within, sought) = (text.text.as_str(), other.text.as_str());
    Ok(Datum::Bool(match function {
        Function::StartsWith => within.starts_with(sought),
        Function::EndsWith => within.ends_with(sought),
        Function::Contains => within.contains(sought),
        Function::Like => is_like(within, sought),
        _ => {
            let lower = |text: &str| {
                let typing = Typing::Known { blanks: Blanks::Kept, collation: Collation::Default };
                in_case(function, &Text { text: text.to_owned(), typing }, Case::Lower)
            };
            is_like(&lower(within)?, &lower(sought)?)
        }
    }))
}

fn collation(text: &Text) -> Collation {
    match &text.typing {
        Typing::Known { collation, .. } => collation.clone(),
        Typing::Unknown => Collation::Default,
    }
}

/// A column of a type that is not known may be `char(n)`, whose blanks at the end do not count.
fn check_blanks(function: Function, text: &Text) -> Result<(), EvaluationError> {
    match text.typing == Typing::Unknown && text.text.ends_with(' ') {
        true => Err(EvaluationError::BlanksAtTheEnd {
            function: function.in_messages(),
            text: text.text.clone(),
        }),
        false => Ok(()),
    }
}

fn depends(function: Function, text: &Text, on: String) -> EvaluationError {
    EvaluationError::TextFunction { function: function.in_messages(), text: text.text.clone(), on }
}

fn in_case(function: Function, text: &Text, case: Case) -> Result<String, EvaluationError> {
    let in_ascii = match case {
        Case::Lower => text.text.to_ascii_lowercase(),
        Case::Upper => text.text.to_ascii_uppercase(),
    };
    let (on, may_be_turkish) = match collation(text) {
        Collation::Codes => return Ok(in_ascii),
        Collation::Default => ("the database's collation".to_owned(), false),
        Collation::Several => {
            return Err(depends(function, text, "the collations of several columns".into()));
        }
        Collation::Other(name) => (format!("the collation {name}"), true),
    };
    let changes = |letter: char| match letter.is_ascii() {
        true => may_be_turkish && letter == dotted(case),
        false => has_other_case(letter, case),
    };
    match text.text.chars().any(changes) {
        true => Err(depends(function, text, on)),
        false => Ok(in_ascii),
    }
}

/// The letter of ASCII that becomes another one by a Turkish collation.
fn dotted(case: Case) -> char {
    match case {
        Case::Lower => 'I',
        Case::Upper => 'i',
    }
}

/// Whether a letter beyond ASCII may change.
fn has_other_case(letter: char, case: Case) -> bool {
    let has_lower = letter.to_lowercase().ne([letter]);
    let has_upper = letter.to_uppercase().ne([letter]);
    match case {
        Case::Lower => has_lower,
        // By a Greek collation capital letters lose their accents.
        Case::Upper => has_upper || has_lower,
    }
}

/// Whether a text is like a pattern: `%` is any text, `_` any character, and a backslash takes the next sign as it is.
fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern = parse_pattern(pattern);
    let (mut at, mut part) = (0, 0);
    // The last `%`, and where the text behind it starts.
    let mut open: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(part) {
            Some(Part::Any) => {
                open = Some((part, at));
                part += 1;
            }
            Some(one) if *one == Part::One || *one == Part::Letter(text[at]) => {
                at += 1;
                part += 1;
            }
            _ => {
                let Some((last, from)) = open else { return false };
                open = Some((last, from + 1));
                (part, at) = (last + 1, from + 1);
            }
        }
    }
    pattern[part..].iter().all(|part| *part == Part::Any)
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Letter(char),
}

fn parse_pattern(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Letter(letters.next().unwrap_or('\\')),
            other => Part::Letter(other),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, collation: Option<Collation>) -> Text {
        let known = |collation| Typing::Known { blanks: Blanks::Kept, collation };
        Text { text: text.into(), typing: collation.map_or(Typing::Unknown, known) }
    }

    fn changed(function: Function, given: &str, collation: Collation) -> Option<String> {
        match of_text(function, &text(given, Some(collation))) {
            Ok(Datum::Text(Text { text, .. })) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn letters_that_depend_on_a_collation_can_not_be_tried() {
        let other = || Collation::Other("tr".into());
        let cases = [
            (Function::Lower, "The GRILL", Collation::Default, Some("the grill")),
            (Function::Lower, "Über", Collation::Default, None),
            (Function::Lower, "Über", Collation::Codes, Some("Über")),
            (Function::Lower, "Aß ü 7", Collation::Default, Some("aß ü 7")),
            (Function::Upper, "aß", Collation::Default, None),
            (Function::Upper, "Ü", Collation::Default, None),
            (Function::Upper, "a 漢", Collation::Default, Some("A 漢")),
            (Function::Lower, "INN", other(), None),
            (Function::Lower, "Bar", other(), Some("bar")),
            (Function::Upper, "inn", other(), None),
            (Function::Trim, " \tü ", other(), Some("ü")),
        ];
        for (function, given, collation, expected) in cases {
            let told = changed(function, given, collation);
            assert_eq!(told.as_deref(), expected, "{function:?} {given}");
        }
    }

    #[test]
    fn a_pattern_has_wildcards_and_escapes() {
        for (given, pattern, expected) in [
            ("The Grill", "%Grill", true),
            ("The Grill", "grill%", false),
            ("The Grill", "The _rill", true),
            ("The Grill", "%l%l%", true),
            ("The Grill", "%l%l%l", false),
            ("50%", "50\\%", true),
            ("500", "50\\%", false),
            ("a\\b", "a\\\\b", true),
            ("ü", "_", true),
            ("", "%", true),
            ("", "_", false),
            ("", "", true),
            ("aab", "%ab", true),
        ] {
            assert_eq!(is_like(given, pattern), expected, "{given} {pattern}");
        }
    }

    #[test]
    fn blanks_at_the_end_of_an_unknown_type_can_not_be_tried() {
        let length = |given: &str, typing| of_text(Function::Length, &text(given, typing));
        assert!(length("ab ", None).is_err());
        assert_eq!(length("ab ", Some(Collation::Default)), Ok(Datum::from_value(&3.into())));
        assert_eq!(length("äb", None), Ok(Datum::from_value(&2.into())));
    }
}
