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
        let returns = returns.to_owned();
        let typed = |name: &str| (name.to_owned(), name.to_owned());
        if let Some((head, inside)) = left.split_once('(') {
            let mut parameters: Vec<(String, String)> = inside
                .trim_end_matches(')')
                .split(", ")
                .filter_map(|one| one.split_once(": "))
                .map(|(name, sort)| (name.to_owned(), sort.to_owned()))
                .collect();
            let Some((receiver, name)) = head.split_once('.') else {
                return Self {
                    kind: FormKind::Function,
                    name: head.to_owned(),
                    parameters,
                    returns,
                };
            };
            parameters.insert(0, typed(receiver));
            return Self { kind: FormKind::Method, name: name.to_owned(), parameters, returns };
        }
        if let [a, sign, b] = left.split(' ').collect::<Vec<_>>()[..] {
            let parameters = vec![typed(a), typed(b)];
            return Self { kind: FormKind::Operator, name: sign.to_owned(), parameters, returns };
        }
        match left.split_once('.') {
            Some((receiver, name)) => {
                let parameters = vec![typed(receiver)];
                Self { kind: FormKind::Property, name: name.to_owned(), parameters, returns }
            }
            None => {
                Self { kind: FormKind::Word, name: left.to_owned(), parameters: vec![], returns }
            }
        }
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
