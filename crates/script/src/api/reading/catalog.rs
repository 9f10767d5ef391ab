//! `has_table`, `column`, `primary_key`, `enum_values`, `index`, `foreign_keys`: the shape of the database.

use leora_rule::{Column, ForeignKey, Index};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::text_list;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "has_table",
            forms: &["has_table(name: text) -> truth"],
            about: "Whether there is such a table.",
            usage: "has_table(\"CallPlan\")",
            example: "if !has_table(\"CallPlanAccount\") { note(\"Phase 2 has not run here\"); }",
            errors: &[],
        },
        Function {
            name: "column",
            forms: &["column(table: text, name: text) -> map"],
            about: "A column's `#{ type, nullable, default_value }`, or `()` where there is none.",
            usage: "column(\"Customer\", \"accountType\")",
            example: "let found = column(\"Customer\", \"accountType\");\nif found != () { note(`accountType is ${found.type}`); }",
            errors: &["() has no `type`: the value before the dot is missing"],
        },
        Function {
            name: "primary_key",
            forms: &["primary_key(table: text) -> list"],
            about: "The names of the columns of a table's primary key.",
            usage: "primary_key(\"Customer\")",
            example: "expect(\"a customer is known by its id\", primary_key(\"Customer\") == [\"id\"]);",
            errors: &[],
        },
        Function {
            name: "enum_values",
            forms: &["enum_values(name: text) -> list"],
            about: "An enum's values in their order, or `()` where there is none.",
            usage: "enum_values(\"AccountType\")",
            example: "note(`${enum_values(\"AccountType\")}`);",
            errors: &[],
        },
        Function {
            name: "index",
            forms: &["index(name: text) -> map"],
            about: "An index's `#{ table, columns, unique, valid, plain, definition }`, or `()` where there is none. `plain` is an ordinary B-tree over whole columns and all rows.",
            usage: "index(\"Customer_territory_idx\")",
            example: "let found = index(\"Customer_pkey\");\nif found != () { note(`${found.definition}`); }",
            errors: &[],
        },
        Function {
            name: "foreign_keys",
            forms: &["foreign_keys(table: text) -> list"],
            about: "A list of `#{ name, columns, table, references, on_delete, on_update, validated }`.",
            usage: "foreign_keys(\"Customer\")",
            example: "for key in foreign_keys(\"CallPlan\") {\n    note(`${key.name} refers to ${key.table}`);\n}",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("has_table", |context: NativeCallContext, name: &str| {
        ApiCall::new(context)
            .ask(|host| host.reader().find_table(name))
            .map(|table| table.is_some())
    });
    engine.register_fn("column", |context: NativeCallContext, table: &str, name: &str| {
        let table = ApiCall::new(context).ask(|host| host.reader().find_table(table))?;
        let column = table.as_ref().and_then(|table| table.column(name));
        Answer::Ok(column.map_or(Dynamic::UNIT, |column| column_map(column).into()))
    });
    engine.register_fn("primary_key", |context: NativeCallContext, table: &str| {
        let table = ApiCall::new(context).ask(|host| host.reader().find_table(table))?;
        Answer::Ok(table.map_or_else(Array::new, |table| text_list(table.key)))
    });
    engine.register_fn("enum_values", |context: NativeCallContext, name: &str| {
        let labels = ApiCall::new(context).ask(|host| host.reader().enum_labels(name))?;
        Answer::Ok(labels.map_or(Dynamic::UNIT, |labels| text_list(labels).into()))
    });
    engine.register_fn("index", |context: NativeCallContext, name: &str| {
        let index = ApiCall::new(context).ask(|host| host.reader().find_index(name))?;
        Answer::Ok(index.map_or(Dynamic::UNIT, |index| index_map(index).into()))
    });
    engine.register_fn("foreign_keys", |context: NativeCallContext, table: &str| {
        let keys = ApiCall::new(context).ask(|host| host.reader().foreign_keys(table))?;
        Answer::Ok(keys.into_iter().map(|key| key_map(key).into()).collect::<Array>())
    });
}

fn column_map(column: &Column) -> Map {
    let default = column.default.clone().map_or(Dynamic::UNIT, Dynamic::from);
    Map::from_iter([
        ("type".into(), column.data_type.display.clone().into()),
        ("nullable".into(), column.nullable.into()),
        ("default_value".into(), default),
    ])
}

fn index_map(index: Index) -> Map {
    Map::from_iter([
        ("table".into(), index.table.into()),
        ("columns".into(), text_list(index.columns).into()),
        ("unique".into(), index.unique.into()),
        ("valid".into(), index.valid.into()),
        ("plain".into(), index.plain.into()),
        ("definition".into(), index.definition.into()),
    ])
}

fn key_map(key: ForeignKey) -> Map {
    Map::from_iter([
        ("name".into(), key.name.into()),
        ("columns".into(), text_list(key.columns).into()),
        ("table".into(), key.table.into()),
        ("references".into(), text_list(key.references).into()),
        ("on_delete".into(), key.on_delete.into()),
        ("on_update".into(), key.on_update.into()),
        ("validated".into(), key.validated.into()),
    ])
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;

    use crate::Settings;
    use crate::testing::run_with;

    #[test]
    fn what_is_not_there_is_nothing_or_an_empty_list() {
        let script = "note(`${has_table(\"T\")} ${column(\"T\", \"c\") == ()} ${primary_key(\"T\")} ${enum_values(\"E\") == ()} ${index(\"i\") == ()} ${foreign_keys(\"T\")}`);";
        let ran = run_with(script, GivenAnswers::default(), Settings::default());
        assert_eq!(ran.notes(), ["false true [] true true []"]);
    }

    #[test]
    fn what_is_there_is_described() {
        let columns = vec![("c".to_owned(), "text".to_owned())];
        let given = GivenAnswers {
            tables: [("T".to_owned(), Some(columns))].into(),
            enums: [("E".to_owned(), Some(vec!["A".to_owned(), "B".to_owned()]))].into(),
            ..GivenAnswers::default()
        };
        let script = "note(`${has_table(\"T\")} ${column(\"T\", \"c\").type} ${primary_key(\"T\")} ${enum_values(\"E\")}`);";
        let ran = run_with(script, given, Settings::default());
        assert_eq!(ran.notes(), ["true text [\"id\"] [\"A\", \"B\"]"]);
    }
}
