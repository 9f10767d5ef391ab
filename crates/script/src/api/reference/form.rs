//! How a function is called, read from the line that declares it.

/// One way to call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// How it is written.
    pub kind: FormKind,
    /// Its name; the sign of an operator.
    pub name: String,
    /// What it is given, name and type; a method's own value first.
    pub parameters: Vec<(String, String)>,
    /// What it gives back.
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
    /// Reads a form: `days(count: integer) -> period`, `column.within(how_long: period) -> condition`,
    /// `change.rows -> integer`, `column == value -> condition` or `otherwise -> condition`.
    ///
    /// # Panics
    /// When it is none: the forms are constants of the program, which a test reads.
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
