//! What names a row in lists, as a manifest says it.

/// A column that names a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowLabel {
    /// One of the row's own.
    Column(String),
    /// One of the row that it refers to: `parent("salesRepId").col("name")`.
    OfParent {
        /// The columns that refer, one behind the other.
        path: Vec<String>,
        /// The column of the row at the end.
        column: String,
    },
}

impl RowLabel {
    /// A name, or parents and a column as scripts write them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.contains(['(', ')', '"']) {
            let name = text.trim();
            return (!name.is_empty()).then(|| Self::Column(name.to_owned()));
        }
        let (mut path, mut rest) = (Vec::new(), text.trim());
        loop {
            if let Some((name, after)) = call(rest, "parent") {
                path.push(name);
                rest = after.strip_prefix('.')?;
                continue;
            }
            let (column, after) = call(rest, "col")?;
            return match (path.is_empty(), after) {
                (true, "") => Some(Self::Column(column)),
                (false, "") => Some(Self::OfParent { path, column }),
                _ => None,
            };
        }
    }

    /// The name, of a column of the row itself.
    pub fn own_column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::OfParent { .. } => None,
        }
    }
}

/// The text that a function is called with, and what follows the call.
fn call<'t>(text: &'t str, function: &str) -> Option<(String, &'t str)> {
    let argument = text.strip_prefix(function)?.strip_prefix("(\"")?;
    let (name, after) = argument.split_once("\")")?;
    (!name.is_empty() && !name.contains('"')).then(|| (name.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::RowLabel;

    #[test]
    fn a_label_is_a_column_or_one_of_a_parent() {
        let column = |name: &str| Some(RowLabel::Column(name.into()));
        assert_eq!(RowLabel::parse("accountNumber"), column("accountNumber"));
        assert_eq!(RowLabel::parse("col(\"name\")"), column("name"));
        let of_parent = |path: &[&str], column: &str| {
            let path = path.iter().map(|name| (*name).to_owned()).collect();
            Some(RowLabel::OfParent { path, column: column.into() })
        };
        let owner = "parent(\"salesRepId\").col(\"name\")";
        assert_eq!(RowLabel::parse(owner), of_parent(&["salesRepId"], "name"));
        let further = "parent(\"a\").parent(\"b\").col(\"c\")";
        assert_eq!(RowLabel::parse(further), of_parent(&["a", "b"], "c"));
        for wrong in ["", "parent(\"a\")", "parent(\"a\").col(\"b\") + 1", "lower(\"a\")", "col()"]
        {
            assert_eq!(RowLabel::parse(wrong), None, "{wrong}");
        }
    }
}
