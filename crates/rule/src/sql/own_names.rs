//! Operators and types of PostgreSQL's own, as statements name them: whatever the `search_path` is, and whatever functions,
//! operators and types of the same names other schemas have. Rules are written where triggers fire, under the role's path,
//! so a plain `=` could be somebody else's.
//!
//! The grammar looks up an operator by the path in `IN`, `BETWEEN`, `LIKE`, `NULLIF`, `IS DISTINCT FROM` and
//! `CASE value WHEN` too. No statement of the compiler has one. What sorts and groups does not use the path.

use crate::{BaseType, Comparability, DataType, OperatorClass};

/// `left operator right`, in parentheses, by PostgreSQL's own operator. Between the names of other operators all precedences
/// are the same, so `left` and `right` must be names, calls, casts or in parentheses.
pub fn operation(left: &str, operator: &str, right: &str) -> String {
    format!("({left} OPERATOR(pg_catalog.{operator}) {right})")
}

/// Whether two values of a type of PostgreSQL's own differ, where NULL is a value too; never NULL.
pub fn differ(left: &str, right: &str) -> String {
    differ_by(&operation(left, "=", right), left, right)
}

fn differ_by(equal: &str, left: &str, right: &str) -> String {
    format!("({equal} IS NOT TRUE AND ({left} IS NOT NULL OR {right} IS NOT NULL))")
}

/// A type of PostgreSQL's own, as values are cast to it. The grammar has a keyword for some, and looks up the others by the
/// path.
pub(crate) fn own_type(name: &str) -> String {
    match name {
        "text" | "date" | "uuid" | "point" => format!("pg_catalog.{name}"),
        keyword => keyword.to_owned(),
    }
}

impl OperatorClass {
    fn operation(&self, left: &str, operator: &str, right: &str) -> Option<String> {
        let cast = |side: &str| format!("{side}::{}", self.operand);
        let own = self.operators.get(operator)?;
        Some(format!("({} {own} {})", cast(left), cast(right)))
    }
}

impl DataType {
    /// `left operator right` for values of this type, by PostgreSQL's own operator or, for a type of another schema, the one
    /// of its default operator class. Both sides must be names, calls, casts or in parentheses.
    pub fn operation(&self, left: &str, operator: &str, right: &str) -> String {
        // Of some types only the equality is an operator, as of aclitem.
        let is_plain = self.operators.is_none() && self.comparability != Comparability::EqualOnly;
        if operator == "<>" && !is_plain {
            return format!("(NOT {})", self.operation(left, "=", right));
        }
        let Some(class) = &self.operators else { return operation(left, operator, right) };
        class.operation(left, operator, right).unwrap_or_else(|| operation(left, operator, right))
    }

    /// A text as a value of this type, as SQL, to be compared with others of them.
    pub fn value_of_text(&self, text: &str) -> String {
        let value = format!("{text}::{}", self.cast);
        match &self.collation {
            Some(collation) => format!("({value} COLLATE {collation})"),
            None => value,
        }
    }

    /// A value as an UPDATE assigns it to a column of this type: one that is too long fails, unless only blanks are cut.
    /// An explicit cast would cut it in silence.
    pub(crate) fn assigned(&self, value: &str) -> String {
        let BaseType { cast: base, .. } = &self.base;
        // A length is kept with the 4 bytes that a text's head takes.
        let checked = self
            .max_characters()
            .map(|length| format!("{base}(({value})::{base}, {}, false)", length + 4));
        match checked {
            Some(checked) if *base == self.cast => checked,
            Some(checked) => format!("({checked})::{}", self.cast),
            None => format!("({value})::{}", self.cast),
        }
    }

    /// A text as a value, as SQL: in full, and as a column of this type would keep it.
    pub fn given_and_kept(&self, text: &str) -> (String, String) {
        let given = format!("{text}::{}", self.base.cast);
        let kept = self.assigned(&given);
        (given, kept)
    }

    /// Whether two values of this type differ, where NULL is a value too; never NULL. Those that have no order differ where
    /// their texts do.
    pub fn differ(&self, left: &str, right: &str) -> String {
        match self.comparability {
            Comparability::Ordered => differ_by(&self.operation(left, "=", right), left, right),
            _ => differ(&self.group_key(left), &self.group_key(right)),
        }
    }

    /// What rows are grouped and sorted by, of a value of this type: the value, or its text where it has no order.
    pub fn group_key(&self, value: &str) -> String {
        match self.comparability {
            Comparability::Ordered => value.to_owned(),
            _ => format!("(({value})::pg_catalog.text COLLATE pg_catalog.\"C\")"),
        }
    }

    /// The same of a value that is given as a text.
    pub fn group_key_of_text(&self, text: &str) -> String {
        match self.comparability {
            Comparability::Ordered => self.value_of_text(text),
            _ => format!("({text} COLLATE pg_catalog.\"C\")"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_type_of_another_schema_has_its_own_operators() {
        let mut citext = DataType::built_in("\"public\".\"citext\"", Kind::Other);
        assert_eq!(citext.operation("a", "<", "b"), "(a OPERATOR(pg_catalog.<) b)");
        let operators = [("=".to_owned(), "OPERATOR(public.=)".to_owned())].into();
        citext.operators =
            Some(OperatorClass { operand: "\"public\".\"citext\"".into(), operators });
        let equal = "(a::\"public\".\"citext\" OPERATOR(public.=) b::\"public\".\"citext\")";
        assert_eq!(citext.operation("a", "=", "b"), equal);
        assert_eq!(citext.operation("a", "<>", "b"), format!("(NOT {equal})"));
        assert_eq!(citext.operation("a", "<", "b"), "(a OPERATOR(pg_catalog.<) b)");
        assert_eq!(
            citext.differ("a", "b"),
            format!("({equal} IS NOT TRUE AND (a IS NOT NULL OR b IS NOT NULL))")
        );
    }

    #[test]
    fn values_without_an_order_differ_where_their_texts_do() {
        let mut json = DataType::built_in("json", Kind::Other);
        json.comparability = Comparability::Incomparable;
        let text = |name: &str| format!("(({name})::pg_catalog.text COLLATE pg_catalog.\"C\")");
        assert_eq!(json.differ("a", "b"), differ(&text("a"), &text("b")));
        assert_eq!(json.group_key_of_text("a"), "(a COLLATE pg_catalog.\"C\")");
        json.comparability = Comparability::Ordered;
        assert_eq!(json.group_key("a"), "a");
    }
}
