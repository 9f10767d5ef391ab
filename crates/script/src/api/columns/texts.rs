//! `lower`, `contains`, `like` and the other functions of a column of texts.

use leora_rule::{Function as Call, Parameter};
use rhai::Engine;

use crate::api::columns::method::register_methods;
use crate::api::reference::{Function, Primitive};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "lower",
            forms: &["column.lower() -> column"],
            about: "The text in small letters, by the column's collation.",
            usage: "col(\"name\").lower()",
            example: "let begins_with_the = col(\"name\").lower().starts_with(\"the \");\nnote(`${table(\"Customer\").count(begins_with_the)}`);",
            errors: &["lower(...) needs a text, and orderingPaceDays is a number"],
        },
        Function {
            name: "upper",
            forms: &["column.upper() -> column"],
            about: "The text in capital letters, by the column's collation.",
            usage: "col(\"name\").upper()",
            example: "note(`${table(\"Customer\").count(col(\"city\").upper() == \"NAPA\")}`);",
            errors: &[],
        },
        Function {
            name: "trim",
            forms: &["column.trim() -> column"],
            about: "The text without the blanks, tabs and line breaks at both ends.",
            usage: "col(\"name\").trim()",
            example: "note(`${table(\"Customer\").count(col(\"name\").trim() == \"\")} have no name`);",
            errors: &[],
        },
        Function {
            name: "length",
            forms: &["column.length() -> column"],
            about: "How many characters the text has.",
            usage: "col(\"name\").length()",
            example: "note(`${table(\"Customer\").count(col(\"name\").length() > 40)} long names`);",
            errors: &["`len` can't be used with a column"],
        },
        Function {
            name: "starts_with",
            forms: &["column.starts_with(text: value) -> condition"],
            about: "The text begins with that one, upper and lower case as they are. It may be another column.",
            usage: "col(\"name\").starts_with(\"The \")",
            example: "note(`${table(\"Customer\").count(col(\"name\").starts_with(\"The \"))}`);",
            errors: &["there is no function `startsWith`"],
        },
        Function {
            name: "ends_with",
            forms: &["column.ends_with(text: value) -> condition"],
            about: "The text ends with that one, upper and lower case as they are. It may be another column.",
            usage: "col(\"name\").ends_with(\"Inc.\")",
            example: "note(`${table(\"Customer\").count(col(\"name\").ends_with(\"Inc.\"))}`);",
            errors: &[],
        },
        Function {
            name: "contains",
            forms: &["column.contains(text: value) -> condition"],
            about: "The text has that one in it, upper and lower case as they are. It may be another column. In either case: `col(\"name\").lower().contains(\"grill\")`.",
            usage: "col(\"name\").contains(\"Grill\")",
            example: "note(`${table(\"Customer\").count(col(\"name\").contains(\"Grill\"))} grills`);",
            errors: &[
                "contains(...) needs a text, and 5 is a whole number",
                "there is no function `includes`",
                "`in` can't look at a column",
            ],
        },
        Function {
            name: "like",
            forms: &["column.like(pattern: text) -> condition"],
            about: "The whole text is like the pattern, in which `%` is any text and `_` any character. A backslash takes the next sign as it is; in quotes it is written twice: `\"50\\\\%\"`.",
            usage: "col(\"name\").like(\"%Grill%\")",
            example: "note(`${table(\"Customer\").count(col(\"name\").like(\"The % Grill\"))}`);",
            errors: &["like(...) needs a pattern that does not end in a single backslash"],
        },
        Function {
            name: "ilike",
            forms: &["column.ilike(pattern: text) -> condition"],
            about: "As `like`, in upper or lower case, by the database's collation.",
            usage: "col(\"name\").ilike(\"%grill%\")",
            example: "note(`${table(\"Customer\").count(col(\"name\").ilike(\"%grill%\"))}`);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    register_methods(engine, |call: Call| call.parameters()[0] == Parameter::Text);
}

#[cfg(test)]
mod tests {
    use leora_rule::{Expr, Function, Node, Value};

    use crate::testing::{failure, rules};

    fn filter(condition: &str) -> Expr {
        let script = format!("update(\"T\").where({condition}).set(\"c\", 1);");
        rules(&script)[0].filter.clone().expect("a condition")
    }

    #[test]
    fn functions_of_texts_are_chained() {
        let found = filter("col(\"a\").lower().starts_with(\"the \")");
        let Node::Call(Function::StartsWith, arguments) = found.node() else { panic!("{found:?}") };
        assert_eq!(*arguments[0].node(), Node::Call(Function::Lower, vec![Expr::column("a")]));
        assert_eq!(arguments[1], Expr::literal(Value::Text("the ".into())));
    }

    #[test]
    fn a_text_may_be_sought_that_another_column_has() {
        let both = vec![Expr::column("a"), Expr::column("b")];
        let found = filter("col(\"a\").contains(col(\"b\"))");
        assert_eq!(*found.node(), Node::Call(Function::Contains, both));
    }

    #[test]
    fn what_other_languages_call_them_is_answered() {
        for (script, help) in [
            ("col(\"a\").len();", "write .length(), as in col(\"name\").length() > 40"),
            ("col(\"a\").to_lower();", "write .lower(), as in col(\"name\").lower()"),
            ("col(\"a\").includes(\"x\");", "write .contains(\"Grill\")"),
        ] {
            assert!(failure(script).contains(help), "{}", failure(script));
        }
    }
}
