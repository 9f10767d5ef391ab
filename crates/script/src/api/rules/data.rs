//! `data`: a table of the folder's own, as people keep it.

use std::sync::Arc;

use leora_folder::Sheet;
use leora_rule::{Pair, Value, nearest};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::rules::lookup::LookupValue;
use crate::api::rules::sheet_pairs;
use crate::api::values::{refuse_in_texts, text_list};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "data",
            forms: &["data(file: text) -> data"],
            about: "A file of the folder's `data/`: CSV with a header, in UTF-8, with `,` or `;`. Blank cells are missing.",
            usage: "data(\"overrides.csv\")",
            example: "note(`${data(\"overrides.csv\").rows().len()} accounts are listed`);",
            errors: &[],
        },
        Function {
            name: "lookup",
            forms: &["data.lookup(key: text, value: text) -> lookup"],
            about: "A value for each value of a column: the key is a column of the file and of the table that is set. A row that the file lacks is left alone, and so is one whose value is blank. Keys that no row has are reported as a warning.",
            usage: "",
            example: "update(\"Customer\")\n    .set(\"accountType\", data(\"overrides.csv\").lookup(\"accountNumber\", \"accountType\"));",
            errors: &[],
        },
        Function {
            name: "column",
            forms: &["data.column(name: text) -> list"],
            about: "The values of a column, as texts, without those that are missing.",
            usage: "",
            example: "let listed = data(\"overrides.csv\").column(\"accountNumber\");\nnote(`${table(\"Customer\").count(col(\"accountNumber\").is_one_of(listed))} of ${listed.len()} accounts are customers`);",
            errors: &[],
        },
        Function {
            name: "rows",
            forms: &["data.rows() -> list"],
            about: "The rows as maps of texts; a missing value is `()`.",
            usage: "",
            example: "for row in data(\"overrides.csv\").rows() {\n    note(`${row.accountNumber}: ${row.accountType}`);\n}",
            errors: &[],
        },
        Function {
            name: "unmatched",
            forms: &["data.unmatched(column: text, table: text) -> list"],
            about: "The values of a column that no row of the table has in its column of that name, for `expect`; at most 1,000.",
            usage: "",
            example: "expect(\"all accounts are known\", data(\"overrides.csv\").unmatched(\"accountNumber\", \"Customer\"));",
            errors: &[],
        },
    ],
    register,
};

/// `data("overrides.csv")`
#[derive(Clone)]
struct Data(Arc<Sheet>);

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Data>("data");
    engine.register_fn("data", data);
    engine.register_fn("lookup", lookup);
    engine.register_fn("column", column);
    engine.register_fn("rows", rows);
    engine.register_fn("unmatched", unmatched);
    let help = "ask for its .column(\"name\"), its .rows(), or a .lookup(\"key\", \"value\")";
    refuse_in_texts::<Data>(engine, "a data(...)", "it is a file", help);
}

fn data(context: NativeCallContext, name: &str) -> Answer<Data> {
    let call = ApiCall::new(context);
    if let Some(sheet) = call.step.sheets().get(name) {
        return Ok(Data(Arc::clone(sheet)));
    }
    let known = call.step.sheets().keys().map(String::as_str);
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean {near}?"),
        None if known.clone().next().is_none() => "put the file into data/ of the folder".into(),
        None => format!("its files are {}", known.collect::<Vec<_>>().join(", ")),
    };
    Err(call.mistake(format!("the folder has no data/{name}"), help))
}

/// The place of a column of the file.
fn place(call: &ApiCall<'_>, sheet: &Sheet, name: &str) -> Answer<usize> {
    let names = || sheet.columns.iter().map(String::as_str);
    names().position(|known| known == name).ok_or_else(|| {
        let help = nearest(name, names()).map_or_else(
            || format!("its columns are {}", sheet.columns.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        call.mistake(format!("{} has no column {name}", sheet.name()), help)
    })
}

fn lookup(
    context: NativeCallContext,
    data: &mut Data,
    key: &str,
    value: &str,
) -> Answer<LookupValue> {
    let call = ApiCall::new(context);
    let sheet = &data.0;
    let (keys, values) = (place(&call, sheet, key)?, place(&call, sheet, value)?);
    check_once(&call, sheet, keys)?;
    let mut pairs = Vec::new();
    for row in 0..sheet.rows() {
        let line = sheet.line(row);
        let Some(text) = sheet.cell(row, keys) else {
            let text = format!("{}:{line}: this row has no {key}", sheet.name());
            return Err(
                call.mistake(text, format!("give it one, or take the row out of {}", sheet.path))
            );
        };
        if let Some(given) = sheet.cell(row, values) {
            let (key, value) = (Value::Text(text.to_owned()), Value::Text(given.to_owned()));
            pairs.push(Pair { key, value, line: Some(line) });
        }
    }
    if pairs.is_empty() {
        let text = format!("{} has no {value}, so nothing would be set", sheet.name());
        return Err(call.mistake(text, format!("fill in the column in {}", sheet.path)));
    }
    let (file, pairs) = (Some(sheet.path.clone()), pairs.into());
    Ok(LookupValue { column: key.to_owned(), pairs, file, is_sheet: true })
}

/// Refuses a key that stands twice. Sorted, since a map of a million keys would be larger than the file.
fn check_once(call: &ApiCall<'_>, sheet: &Sheet, keys: usize) -> Answer<()> {
    let key = |row: &usize| sheet.cell(*row, keys);
    let mut rows: Vec<usize> = (0..sheet.rows()).collect();
    rows.sort_by_key(|row| (key(row), *row));
    let twice =
        rows.windows(2).filter(|two| key(&two[0]).is_some() && key(&two[0]) == key(&two[1]));
    let Some(two) = twice.min_by_key(|two| two[1]) else { return Ok(()) };
    let [first, second] = [two[0], two[1]].map(|row| sheet.line(row));
    let text = key(&two[0]).unwrap_or_default();
    let text = format!("{}: {text} stands twice, lines {first} and {second}", sheet.name());
    Err(call.mistake(text, format!("take one of them out of {}", sheet.path)))
}

fn column(context: NativeCallContext, data: &mut Data, name: &str) -> Answer<Array> {
    let call = ApiCall::new(context);
    let column = place(&call, &data.0, name)?;
    let cells = (0..data.0.rows()).filter_map(|row| data.0.cell(row, column));
    let list: Array = cells.map(|text| Dynamic::from(text.to_owned())).collect();
    call.check_list_size(&[Dynamic::from(list.clone())])?;
    Ok(list)
}

fn unmatched(
    context: NativeCallContext,
    data: &mut Data,
    name: &str,
    table: &str,
) -> Answer<Array> {
    let call = ApiCall::new(context);
    let column = place(&call, &data.0, name)?;
    let cells = (0..data.0.rows()).filter_map(|row| data.0.cell(row, column));
    let keys: Vec<Value> = cells.map(|text| Value::Text(text.to_owned())).collect();
    let (_, found) = sheet_pairs::unmatched(&call, table, name, &data.0.path, keys)?;
    Ok(text_list(found))
}

fn rows(context: NativeCallContext, data: &mut Data) -> Answer<Array> {
    let call = ApiCall::new(context);
    let sheet = &data.0;
    let most = call.step.limits().rows;
    if sheet.rows() as u64 > most {
        return Err(call.limit("rows", most));
    }
    let row = |row: usize| {
        let cell = |(at, name): (usize, &String)| {
            let cell = sheet.cell(row, at).map_or(Dynamic::UNIT, |text| text.to_owned().into());
            (name.as_str().into(), cell)
        };
        Dynamic::from(sheet.columns.iter().enumerate().map(cell).collect::<Map>())
    };
    let list: Array = (0..sheet.rows()).map(row).collect();
    call.check_list_size(&list)?;
    Ok(list)
}
