//! `query`: one SELECT of the script's own.

use leora_rule::{Expr, Query, Value};
use rhai::{Array, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::{plain_value, row_list};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "query",
        forms: &["query(sql: text) -> list", "query(sql: text, parameters: list) -> list"],
        about: "One SELECT of one's own, read-only, at most 1,000 rows and 10 s. `$1`, `$2`, ... stand for the parameters, which are texts to the server; `today()` and `ago(...)` are days and moments of the business date.",
        usage: "query(\"SELECT count(*) AS n FROM \\\"Customer\\\" WHERE city = $1\", [\"Napa\"])",
        example: "let found = query(\"SELECT count(*) AS n FROM \\\"Customer\\\" WHERE city = $1\", [\"Napa\"]);\nnote(`${found[0].n} in Napa`);",
        errors: &[
            "a query can't use DELETE",
            "a query can't use the function pg_sleep",
            "the query has 1 of $1, $2, ..., and is given 0 parameters",
        ],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("query", |context: NativeCallContext, sql: &str| {
        query(&ApiCall::new(context), sql, &Array::new())
    });
    engine.register_fn("query", |context: NativeCallContext, sql: &str, parameters: Array| {
        query(&ApiCall::new(context), sql, &parameters)
    });
}

fn query(call: &ApiCall<'_>, sql: &str, parameters: &Array) -> Answer<Array> {
    call.check_size(parameters)?;
    let query = Query::judge(sql).map_err(|refusal| {
        call.mistake(
            refusal,
            "a query only reads: one SELECT, with the common functions; the rest is for the script, or for an SQL file",
        )
    })?;
    let places = query.parameters();
    if places != parameters.len() {
        return Err(call.mistake(
            format!(
                "the query has {places} of $1, $2, ..., and is given {} parameters",
                parameters.len()
            ),
            "give a value for each: query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    }
    let mut values = Vec::new();
    for parameter in parameters {
        values.push(match parameter.clone().try_cast::<Expr>() {
            Some(moment) => call.constant(&moment)?,
            None => plain_value(parameter),
        });
    }
    let Some(values) = values.into_iter().collect::<Option<Vec<Value>>>() else {
        return Err(call.mistake(
            "the parameters of a query are plain values",
            "write it like query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    };
    if let Some(number) = query.clock_parameter(&values) {
        return Err(call.mistake(
            format!("the query may read the clock for ${number}"),
            "a run has one date: give today() or ago(days(7)), or a day such as \"2025-10-25\"",
        ));
    }
    call.step.on_start("query");
    call.ask(|host| host.reader().query(&query, &values)).map(row_list)
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;
    use leora_rule::Value;

    use crate::Settings;
    use crate::testing::{failure, run_with};

    #[test]
    fn rows_are_maps() {
        let sql = "SELECT count(*) AS n FROM t WHERE a = $1";
        let rows = vec![vec![("n".to_owned(), Value::Integer(12))]];
        let given =
            GivenAnswers { queries: [(sql.to_owned(), rows)].into(), ..GivenAnswers::default() };
        let script = format!("note(query(\"{sql}\", [\"x\"])[0].n);");
        assert_eq!(run_with(&script, given, Settings::default()).notes(), ["12"]);
    }

    #[test]
    fn there_is_a_plain_value_for_each_parameter() {
        let message = "1:1: the query has 1 of $1, $2, ..., and is given 0 parameters; give a value for each: query(\"SELECT ... WHERE name = $1\", [\"x\"])";
        assert_eq!(failure("query(\"SELECT $1\");"), message);
        let message = "the parameters of a query are plain values";
        assert!(failure("query(\"SELECT $1\", [col(\"a\")]);").contains(message));
    }

    #[test]
    fn a_query_only_reads() {
        let message = "1:1: a query can't use the function pg_sleep; a query only reads: one SELECT, with the common functions; the rest is for the script, or for an SQL file";
        assert_eq!(failure("query(\"SELECT pg_sleep(1)\");"), message);
    }
}
