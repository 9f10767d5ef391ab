//! Which changes a list is about: `ACTIVE -> PROSPECT`.

use std::str::FromStr;

/// A change that a list is limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFilter {
    /// The value before.
    pub old: FilteredValue,
    /// The value after.
    pub new: FilteredValue,
}

/// A side of a change that a list is limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilteredValue {
    /// Whatever it is.
    Any,
    /// NULL.
    Missing,
    /// This value, as text.
    Text(String),
}

impl FromStr for ChangeFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = |text: &str| match text.trim() {
            "*" => FilteredValue::Any,
            "(none)" => FilteredValue::Missing,
            other => FilteredValue::Text(other.to_owned()),
        };
        match text.split_once("->") {
            Some((old, new)) if !old.trim().is_empty() && !new.trim().is_empty() => {
                Ok(Self { old: value(old), new: value(new) })
            }
            _ => {
                Err("write it like \"ACTIVE -> PROSPECT\", with (none) for no value and * for any"
                    .into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeFilter, FilteredValue};

    #[test]
    fn a_change_is_written_as_reports_show_it() {
        let text = |text: &str| FilteredValue::Text(text.into());
        let parsed = |text: &str| text.parse::<ChangeFilter>();
        let change = ChangeFilter { old: text("ACTIVE"), new: text("PROSPECT") };
        assert_eq!(parsed("ACTIVE -> PROSPECT"), Ok(change.clone()));
        assert_eq!(parsed(" ACTIVE->PROSPECT "), Ok(change));
        let added = ChangeFilter { old: FilteredValue::Missing, new: FilteredValue::Any };
        assert_eq!(parsed("(none) -> *"), Ok(added));
        for wrong in ["ACTIVE", "ACTIVE ->", "-> PROSPECT", ""] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
