//! The ways to call a function, parsed from the lines that declare them.

/// One way to call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// How it is written.
    pub kind: FormKind,
    /// Its name; the sign of an operator.
    pub name: String,
    /// The name and type of each argument; a method's own value first.
    pub parameters: Vec<(String, String)>,
    /// The type that it returns.
    pub returns: String,
}

/// How a form is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// `days(6)`
    Function,
    /// `column.is_null()`
    Method,
    /// `change.rows`
    Property,
    /// `column == value`
    Operator,
    /// `otherwise`
    Word,
}

impl Form {
    /// Parses a form: `days(count: integer) -> period`, `column.within(how_long: period) -> condition`,
    /// `change.rows -> integer`, `column == value -> condition` or `otherwise -> condition`.
    ///
    /// # Panics
    /// When the text is none: the forms are constants of the program, which a test parses.
    pub fn parse(text: &str) -> Self {
        let (left, returns) = text.split_once(" -> ").expect("a form says what it returns");
        let typed = |name: &str| (name.to_owned(), name.to_owned());
        let (kind, name, parameters) = if let Some((head, inside)) = left.split_once('(') {
            let declared = inside.trim_end_matches(')').split(", ");
            let declared = declared
                .filter_map(|one| one.split_once(": "))
                .map(|(name, of_type)| (name.to_owned(), of_type.to_owned()));
            match head.split_once('.') {
                Some((object, name)) => {
                    let parameters = std::iter::once(typed(object)).chain(declared).collect();
                    (FormKind::Method, name, parameters)
                }
                None => (FormKind::Function, head, declared.collect()),
            }
        } else if let [a, sign, b] = left.split(' ').collect::<Vec<_>>()[..] {
            (FormKind::Operator, sign, vec![typed(a), typed(b)])
        } else if let Some((object, name)) = left.split_once('.') {
            (FormKind::Property, name, vec![typed(object)])
        } else {
            (FormKind::Word, left, vec![])
        };
        Self { kind, name: name.to_owned(), parameters, returns: returns.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, FormKind};

    #[test]
    fn each_kind_of_form_is_parsed() {
        for (text, kind, name, parameters) in [
            ("days(count: integer) -> period", FormKind::Function, "days", vec!["integer"]),
            ("today() -> column", FormKind::Function, "today", vec![]),
            (
                "column.within(how_long: period) -> condition",
                FormKind::Method,
                "within",
                vec!["column", "period"],
            ),
            ("change.rows -> integer", FormKind::Property, "rows", vec!["change"]),
            ("column == value -> condition", FormKind::Operator, "==", vec!["column", "value"]),
            ("otherwise -> condition", FormKind::Word, "otherwise", vec![]),
        ] {
            let form = Form::parse(text);
            assert_eq!((form.kind, form.name.as_str()), (kind, name));
            let types: Vec<&str> = form.parameters.iter().map(|(_, one)| one.as_str()).collect();
            assert_eq!(types, parameters);
            assert_eq!(Some(form.returns.as_str()), text.split(" -> ").nth(1));
        }
    }
}
