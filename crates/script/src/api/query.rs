//! `run_sql`, `query`, `last_run`, `record_migration`, `record_rollback`.

use leora_folder::{Piece, Token, scan};
use leora_report::Entry;
use leora_rule::Value;
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use crate::api::convert::{plain, row};
use crate::api::ownership as belonging;
use crate::step_context::{Answer, StepContext};

/// The functions that a query may call: they read nothing but their arguments, and change nothing.
const FUNCTIONS: &str = "abs age array_agg array_length avg bit_length bool_and bool_or btrim cardinality ceil ceiling \
    char_length coalesce concat concat_ws count cume_dist date_part date_trunc dense_rank every exp extract \
    first_value floor greatest initcap json_agg json_build_object lag last_value lead least left length ln log lower \
    ltrim make_date max md5 min mod mode nth_value ntile nullif octet_length overlay percent_rank \
    percentile_cont percentile_disc position power rank regexp_replace replace reverse right round row_number \
    rtrim sign split_part sqrt stddev stddev_pop stddev_samp string_agg strpos substr substring sum \
    to_char to_date to_number to_timestamp translate trim trunc unnest upper var_pop var_samp variance width_bucket";

/// Words that may stand before a parenthesis without being a function.
const WORDS: &str = "all and any array as between by case cast check distinct else end except exists filter from full \
    group grouping having ilike in inner intersect interval is join lateral left like limit not of offset on or order \
    outer over partition right row rows select sets similar some then union using values when where window with within \
    numeric decimal varchar char character timestamp time bit";

/// Relations of the server itself that a query may read. The others tell of passwords, files and what others do.
const SYSTEM: &str = "pg_catalog pg_class pg_namespace pg_attribute pg_attrdef pg_type pg_enum pg_index pg_indexes pg_constraint \
    pg_trigger pg_policies pg_tables pg_views pg_matviews pg_sequences pg_description";

/// What else tells of passwords.
const SECRETS: &str = "user_mapping_options foreign_server_options";

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("run_sql", move |context: NativeCallContext, file: &str| {
        at.working(file);
        let ran = at.ask(&context, |host| host.writer().run_sql_file(file))?;
        let changed = ran.objects.len() as i64;
        let warnings = belonging::warnings(file, &ran);
        at.report(&context, Entry::Sql { file: file.to_owned(), ran })?;
        for warning in warnings {
            at.report(&context, Entry::Expectation(warning))?;
        }
        Ok::<_, Box<EvalAltResult>>(changed)
    });
    let at = stage.clone();
    engine.register_fn("query", move |context: NativeCallContext, sql: &str| {
        query(&at, &context, sql, &Array::new())
    });
    let at = stage.clone();
    engine.register_fn("query", move |context: NativeCallContext, sql: &str, parameters: Array| {
        query(&at, &context, sql, &parameters)
    });
    let at = stage.clone();
    engine.register_fn("last_run", move |context: NativeCallContext, folder: &str| {
        let when = at.ask(&context, |host| host.reader().last_run(folder))?;
        Ok::<_, Box<EvalAltResult>>(when.map_or(Dynamic::UNIT, Dynamic::from))
    });
    for (function, rollback) in [("record_migration", false), ("record_rollback", true)] {
        let at = stage.clone();
        engine.register_fn(function, move |context: NativeCallContext, name: &str| {
            let recording = at.ask(&context, |host| match rollback {
                false => host.writer().record_migration(name),
                true => host.writer().record_rollback(name),
            })?;
            at.report(&context, Entry::Migration { name: name.to_owned(), recording, rollback })
        });
    }
}

fn query(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    sql: &str,
    parameters: &Array,
) -> Answer<Array> {
    stage.bearable(context, parameters)?;
    if let Some(refused) = refused_piece(sql) {
        return Err(stage.mistake(
            context,
            refused,
            "a query only reads: one SELECT, with the common functions; the rest is for the script, or for an SQL file",
        ));
    }
    let places = highest_parameter(sql);
    if places != parameters.len() {
        return Err(stage.mistake(
            context,
            format!(
                "the query has {places} of $1, $2, ..., and is given {} parameters",
                parameters.len()
            ),
            "give a value for each: query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    }
    let values: Option<Vec<Value>> = parameters.iter().map(plain).collect();
    let Some(values) = values else {
        return Err(stage.mistake(
            context,
            "the parameters of a query are plain values",
            "write it like query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    };
    stage.working("query");
    let rows = stage.ask(context, |host| host.reader().query(sql, &values))?;
    Ok(rows.into_iter().map(|found| Dynamic::from(row(found))).collect())
}

/// The highest number of `$1`, `$2`, ...
fn highest_parameter(sql: &str) -> usize {
    let tokens = scan(sql);
    let number = |pair: &[Token<'_>]| match (&pair[0].kind, &pair[1].kind) {
        (Piece::Symbol('$'), Piece::Word(digits)) => digits.parse().ok(),
        _ => None,
    };
    tokens.windows(2).filter_map(number).max().unwrap_or(0)
}

/// What a query may not do, where it would: call a function off the list, hold a second statement, write.
fn refused_piece(sql: &str) -> Option<String> {
    let tokens = scan(sql);
    if let Some(word) = writing_word(&tokens) {
        return Some(word);
    }
    let refused = tokens.iter().enumerate().find_map(|(index, token)| {
        let called =
            matches!(tokens.get(index + 1).map(|next| &next.kind), Some(Piece::Symbol('(')));
        let qualified = index > 0 && matches!(tokens[index - 1].kind, Piece::Symbol('.'));
        match &token.kind {
            Piece::Symbol(';') => Some("a query can't use a semicolon".into()),
            Piece::Backslash(_) => Some("a query can't use a backslash command".into()),
            Piece::Word(word)
                if called && (qualified || !listed(FUNCTIONS, word) && !listed(WORDS, word)) =>
            {
                Some(format!("a query can't use the function {word}"))
            }
            Piece::Quoted(name) if called && name.starts_with('"') => {
                Some(format!("a query can't use the function {name}"))
            }
            Piece::Word(name) | Piece::Quoted(name) if is_closed(name.trim_matches('"')) => {
                Some(format!("a query can't read {}", name.trim_matches('"')))
            }
            _ => None,
        }
    });
    refused.or_else(|| outside(sql, &tokens).map(|piece| format!("a query can't use {piece}")))
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether the server's own relation of this name is closed to queries.
fn is_closed(name: &str) -> bool {
    let own = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("pg_"));
    own && !listed(SYSTEM, name) || listed(SECRETS, name)
}

/// What would lead out of the query, or call a function by another name: brackets that close more than was opened,
/// names in escapes, and a name after a value, which may be a function's.
fn outside(sql: &str, tokens: &[Token<'_>]) -> Option<String> {
    if sql.contains('\0') {
        return Some("a NUL character".into());
    }
    let mut depth = 0_i64;
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).map(|token| &token.kind);
        match (&token.kind, next) {
            (Piece::Symbol('('), _) => depth += 1,
            (Piece::Symbol(')' | ']'), Some(Piece::Symbol('.'))) => {
                return Some("a name after a value, as in (...).name".into());
            }
            (Piece::Symbol(')'), _) => depth -= 1,
            (Piece::Symbol('$'), Some(Piece::Word(number)))
                if !number.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                return Some(format!("${number}"));
            }
            (Piece::Symbol('$'), Some(Piece::Word(_)))
                if matches!(
                    tokens.get(index + 2).map(|token| &token.kind),
                    Some(Piece::Symbol('.'))
                ) =>
            {
                return Some("a name after a value, as in $1.name".into());
            }
            (Piece::Word(word), Some(Piece::Symbol('&'))) if word.eq_ignore_ascii_case("u") => {
                return Some("names or texts with U& escapes".into());
            }
            (Piece::Word(word), _) if word.eq_ignore_ascii_case("uescape") => {
                return Some("UESCAPE".into());
            }
            _ => {}
        }
        if depth < 0 {
            return Some("a bracket that closes nothing".into());
        }
    }
    (depth > 0).then(|| "a bracket that is not closed".into())
}

/// What a query may not say, where a word of it would write.
fn writing_word(tokens: &[Token<'_>]) -> Option<String> {
    let word = |index: usize| match tokens.get(index).map(|token| &token.kind) {
        Some(Piece::Word(word)) => word.to_ascii_uppercase(),
        _ => String::new(),
    };
    let first = word(0);
    if !["SELECT", "WITH", "VALUES", "TABLE", ""].contains(&first.as_str()) {
        return Some(format!("a query starts with SELECT, not with {first}"));
    }
    let writes = ["INSERT", "UPDATE", "DELETE", "MERGE"];
    (1..tokens.len()).map(|index| (index, word(index))).find_map(|(index, found)| {
        let opens = matches!(tokens[index - 1].kind, Piece::Symbol('('));
        (opens && writes.contains(&found.as_str())).then(|| format!("a query can't use {found}"))
    })
}
