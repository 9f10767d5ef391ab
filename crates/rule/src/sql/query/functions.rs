//! The functions that a query calls.

use std::collections::{BTreeMap, BTreeSet};

use squawk_parser::SyntaxKind::{
    ALL_FN, ANY_FN, ARG, ARG_LIST, ARRAY_EXPR, CALL_EXPR, COLUMN_LIST, COMPOUND_SELECT, CTE_NAME,
    EXISTS_FN, EXTRACT_FN, FIELD_EXPR, FILTER_CLAUSE, FROM_ALIAS, FUNCTION_FROM_ITEM, NAME_REF,
    ORDER_BY_CLAUSE, OVERLAY_EXPRS, OVERLAY_FN, PAREN_SELECT, POSITION_FN, SELECT, SOME_FN,
    SUBSTRING_EXPRS, SUBSTRING_FN, TABLE, TABLE_ALIAS, TRIM_FN, VALUES, WITH_ORDINALITY,
};

use crate::sql::query::draft::Draft;
use crate::sql::query::rendering::Insertion;
use crate::sql::query::tree::Node;
use crate::sql::query::{Judgement, cannot_use, is_listed};
use crate::sql::token::{SqlToken, SqlTokenKind};

/// The functions that a query may call: they read nothing but their arguments, and change nothing.
const FUNCTIONS: &str = "abs age array_agg array_length avg bit_length bool_and bool_or btrim cardinality ceil ceiling \
    char_length coalesce concat concat_ws count cume_dist date_part date_trunc dense_rank every exp extract \
    first_value floor greatest initcap json_agg json_build_object lag last_value lead least left length ln log lower \
    ltrim make_date max md5 min mod mode nth_value ntile nullif octet_length overlay percent_rank \
    percentile_cont percentile_disc position power rank regexp_replace replace reverse right round row_number \
    rtrim sign split_part sqrt stddev stddev_pop stddev_samp string_agg strpos substr substring sum \
    to_char to_date to_number to_timestamp translate trim trunc unnest upper var_pop var_samp variance width_bucket";

/// Of these, what the grammar knows: it means the server's own wherever it stands.
const IN_GRAMMAR: &str = "coalesce greatest least nullif";

/// Of these, what keeps every row in the server's memory.
const GATHERING: &str = "array_agg json_agg string_agg";

/// Words that may stand before a bracket without being a function.
const WORDS: &str = "all and any array as between by case cast check distinct else end except exists filter from full \
    group grouping having ilike in inner intersect interval is join lateral left like limit not of offset on or order \
    outer over partition right row rows select sets similar some then union using values when where window with within \
    numeric decimal varchar char character nchar timestamp time bit rollup cube materialized only distinct first next \
    preceding precision second float";

pub(super) fn is_function(name: &str) -> bool {
    is_listed(FUNCTIONS, name)
}

/// Refuses calls of functions that are not on the list, and notes how the others are written.
pub(super) fn judge(draft: &Draft<'_>, judgement: &mut Judgement) -> Result<(), String> {
    for pair in draft.tokens.windows(2).filter(|pair| pair[1].is_symbol("(")) {
        check_before_bracket(draft, &pair[0])?;
    }
    for (call, node) in draft.tree.of_kind(CALL_EXPR) {
        judge_call(draft, call, node, judgement)?;
    }
    for (array, _) in draft.tree.of_kind(ARRAY_EXPR) {
        let selects = [SELECT, COMPOUND_SELECT, PAREN_SELECT, VALUES, TABLE];
        if draft.tree.children(array).any(|(_, child)| selects.contains(&child.kind)) {
            return Err(cannot_use("ARRAY(SELECT ...), which array_agg can say"));
        }
    }
    check_function_results(draft)
}

/// Whatever the parser takes it for: the server may take a name before a bracket for a function.
fn check_before_bracket(draft: &Draft<'_>, token: &SqlToken<'_>) -> Result<(), String> {
    let kind = draft.innermost(token).map(|node| node.kind);
    let is_allowed = match token.kind {
        SqlTokenKind::Word | SqlTokenKind::QuotedName
            if matches!(kind, Some(TABLE_ALIAS | CTE_NAME)) =>
        {
            true
        }
        SqlTokenKind::Word if kind == Some(NAME_REF) => is_function(token.text),
        SqlTokenKind::Word => is_function(token.text) || is_listed(WORDS, token.text),
        SqlTokenKind::QuotedName | SqlTokenKind::Number | SqlTokenKind::Parameter => false,
        SqlTokenKind::String | SqlTokenKind::Operator | SqlTokenKind::Symbol => true,
    };
    if is_allowed { Ok(()) } else { Err(refused(token.text)) }
}

fn refused(name: &str) -> String {
    cannot_use(&format!("the function {name}"))
}

fn judge_call(
    draft: &Draft<'_>,
    call: usize,
    node: &Node,
    judgement: &mut Judgement,
) -> Result<(), String> {
    let Some((callee, called)) = draft.tree.children(call).next() else {
        return Err(cannot_use("a call of nothing"));
    };
    let name = match called.kind {
        NAME_REF => called.range.clone(),
        SUBSTRING_FN if draft.tree.child(callee, SUBSTRING_EXPRS).is_some() => {
            called.range.start..called.range.start + "substring".len()
        }
        OVERLAY_FN if draft.tree.child(callee, OVERLAY_EXPRS).is_some() => {
            called.range.start..called.range.start + "overlay".len()
        }
        EXTRACT_FN | POSITION_FN | TRIM_FN | OVERLAY_FN | SUBSTRING_FN | EXISTS_FN | ANY_FN
        | ALL_FN | SOME_FN => {
            return Ok(());
        }
        _ => {
            let names = draft.tokens_in(&called.range);
            return Err(refused(names.last().map_or("", |token| token.text)));
        }
    };
    let at = name.start;
    let name = &draft.text[name];
    let arguments = draft.tree.child(call, ARG_LIST);
    let count = arguments.map_or(0, |(list, _)| {
        draft.tree.children(list).filter(|(_, child)| child.kind == ARG).count()
    });
    if name == "age" && count < 2 {
        return Err(cannot_use("age with one argument, which reads the clock"));
    }
    if is_listed(IN_GRAMMAR, name) {
        return Ok(());
    }
    // Of several lists, unnest in FROM is a form of the grammar.
    let is_source = draft.tree.parent(node).is_some_and(|parent| parent.kind == FUNCTION_FROM_ITEM);
    if !(name == "unnest" && is_source && count > 1) {
        judgement.names.functions.insert(name.to_owned());
        judgement.insertions.push(Insertion::Qualify { at, name: name.to_owned() });
    }
    if let Some((list, arguments)) = arguments.filter(|_| is_listed(GATHERING, name)) {
        let inside = draft.tokens_in(&arguments.range);
        if inside.iter().any(|token| is_listed(GATHERING, token.text)) {
            return Err(cannot_use(&format!(
                "one of {} inside of {name}",
                GATHERING.replace(' ', ", ")
            )));
        }
        let values = draft.tree.children(list).filter(|(_, child)| child.kind == ARG);
        let value = |(argument, _)| {
            let mut parts = draft.tree.children(argument);
            parts.find(|(_, part)| part.kind != ORDER_BY_CLAUSE).map(|(_, part)| part.range.clone())
        };
        let values = values.filter_map(value).collect();
        let condition = draft.tree.child(call, FILTER_CLAUSE);
        let condition = condition.and_then(|(filter, _)| draft.tree.children(filter).next());
        let condition = condition.map(|(_, condition)| condition.range.clone());
        judgement.insertions.extend(Insertion::guard(
            arguments.range.end,
            condition,
            values,
            name == "json_agg",
        ));
    }
    Ok(())
}

/// A function in FROM may give one value a row: behind its name, what is no column is called as a function. Of several
/// sources of one name, a column is one of each.
fn check_function_results(draft: &Draft<'_>) -> Result<(), String> {
    let mut sources: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (item, _) in draft.tree.of_kind(FUNCTION_FROM_ITEM) {
        let Some((source, columns)) = function_source(draft, item) else { continue };
        let common = sources.entry(source).or_insert_with(|| columns.clone());
        common.retain(|column| columns.contains(column));
    }
    for (_, field) in draft.tree.of_kind(FIELD_EXPR) {
        let mut names = draft.tokens_in(&field.range).iter().rev().filter_map(SqlToken::identifier);
        if let (Some(name), Some(source)) = (names.next(), names.next())
            && sources.get(&source).is_some_and(|columns| !columns.contains(&name))
        {
            return Err(cannot_use(&format!("{source}.{name}, which is no column of a function")));
        }
    }
    Ok(())
}

/// The name of a function in FROM, and its columns: those of its alias, or one that is named as the source is. Of several
/// lists, each has the function's name.
fn function_source(draft: &Draft<'_>, item: usize) -> Option<(String, BTreeSet<String>)> {
    let tree = draft.tree;
    let (call, _) = tree.child(item, CALL_EXPR)?;
    let called = draft.names_in(tree.child(call, NAME_REF)?.1).pop()?;
    let alias = tree.child(item, FROM_ALIAS);
    let aliased = alias.and_then(|(alias, _)| tree.child(alias, TABLE_ALIAS));
    let source = aliased.and_then(|(_, name)| draft.names_in(name).pop());
    let source = source.unwrap_or_else(|| called.clone());
    let listed = alias.and_then(|(alias, _)| tree.child(alias, COLUMN_LIST));
    let arguments = tree.child(call, ARG_LIST).map_or(0, |(list, _)| tree.children(list).count());
    let mut columns: BTreeSet<String> = match listed {
        Some((_, list)) => draft.names_in(list).into_iter().collect(),
        None if arguments > 1 && called == "unnest" => BTreeSet::from([called]),
        None => BTreeSet::from([source.clone()]),
    };
    if tree.child(item, WITH_ORDINALITY).is_some() {
        columns.insert("ordinality".to_owned());
    }
    Some((source, columns))
}
