//! `update(..).where(..).set(..)`, `lookup`, `otherwise`.

use leora_report::{Entry, Place};
use leora_rule::{Arm, Assignment, Change, Expr, Node, Pair, Rule, RuleLocation, Value};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::convert::{plain, type_name};
use crate::api::expressions::build;
use crate::messages::type_names as words;
use crate::step_context::{Answer, StepContext};

/// `update("Table")`, with the condition so far.
#[derive(Clone)]
pub(crate) struct Update {
    id: usize,
    table: String,
    filter: Option<Expr>,
}

/// `lookup("column", #{...})`
#[derive(Clone)]
pub(crate) struct Lookup {
    column: String,
    pairs: Vec<Pair>,
    /// Where the lines of the pairs are.
    file: Option<String>,
}

/// `otherwise`
#[derive(Clone)]
pub(crate) struct Otherwise;

/// The word `otherwise`. As a constant it would be unknown under strict variables, and inside functions.
pub(crate) fn otherwise(engine: &mut Engine) {
    engine
        .register_custom_syntax(["otherwise"], false, |_, _| Ok(Dynamic::from(Otherwise)))
        .expect("`otherwise` is a word that Rhai leaves free");
}

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    engine.register_type_with_name::<Update>("update");
    engine.register_type_with_name::<Lookup>("lookup");
    engine.register_type_with_name::<Otherwise>("otherwise");
    engine.register_type_with_name::<Change>("change");
    engine.register_get("changed", |change: &mut Change| change.changed() as i64);
    engine.register_get("rows", |change: &mut Change| change.taken() as i64);
    builder(engine, stage);
    let at = stage.clone();
    engine.register_fn("lookup", move |context: NativeCallContext, column: &str, map: Map| {
        lookup(&at, &context, column, map)
    });
}

fn builder(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("update", move |context: NativeCallContext, table: &str| Update {
        id: at.open_rule(&context, table),
        table: table.to_owned(),
        filter: None,
    });
    let at = stage.clone();
    engine.register_fn(
        "where",
        move |context: NativeCallContext, update: &mut Update, condition: Dynamic| {
            let condition = self::condition(&at, &context, &condition)?;
            update.filter = Some(match update.filter.take() {
                None => condition,
                Some(before) => build(&at, &context, Node::And(before, condition))?,
            });
            Ok::<_, Box<rhai::EvalAltResult>>(update.clone())
        },
    );
    let at = stage.clone();
    engine.register_fn(
        "set",
        move |context: NativeCallContext, update: &mut Update, column: &str, value: Dynamic| {
            let assignment = assignment(&at, &context, value)?;
            let Update { id, table, filter } = update.clone();
            let began = at.close_rule(id);
            let location = place(&at, &context, began);
            let rule = Rule { table, filter, column: column.to_owned(), assignment, location };
            apply(&at, &context, &rule)
        },
    );
}

/// Where a rule is written: from `update(...)`, when that is in the same file as `set(...)`.
fn place(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    began: Option<Place>,
) -> Option<RuleLocation> {
    let set = stage.place(context)?;
    let value_line = stage.written(&set).and_then(|(written, spot)| written.value(spot));
    let line = began.filter(|began| began.file == set.file).map_or(set.line, |began| began.line);
    Some(RuleLocation { file: set.file, line, value_line })
}

fn apply(stage: &StepContext, context: &NativeCallContext<'_>, rule: &Rule) -> Answer<Change> {
    let arms = rule.arms();
    let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref()).chain(&rule.filter);
    let parts =
        arms.iter().map(|arm| &arm.value).chain(conditions).map(|expr| u64::from(expr.parts()));
    if parts.sum::<u64>() > stage.limits().rule_parts {
        let place = stage.place(context);
        return Err(stage.over_limit(place, "rule_parts", stage.limits().rule_parts));
    }
    stage.working(&format!("{}.{}", rule.table, rule.column));
    let change = stage.ask(context, |host| host.writer().apply_rule(rule))?;
    let switches = stage.switches_off();
    stage.report(context, Entry::Change { change: change.clone(), switches })?;
    Ok(change)
}

/// A condition: a column expression, or a plain true or false.
pub(crate) fn condition(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    value: &Dynamic,
) -> Answer<Expr> {
    if let Ok(truth) = value.as_bool() {
        return Ok(Expr::literal(Value::Bool(truth)));
    }
    value.clone().try_cast::<Expr>().ok_or_else(|| {
        let help = match value.is::<Otherwise>() {
            true => {
                "`otherwise` stands before the value of the last arm: [ otherwise, \"PROSPECT\" ]"
            }
            false => "write it with col(...), as in col(\"lastOrderDate\").within(months(6))",
        };
        stage.mistake(
            context,
            format!("a condition is needed here, and this is {}", type_name(context, value)),
            help,
        )
    })
}

fn assignment(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    value: Dynamic,
) -> Answer<Assignment> {
    if let Some(Lookup { column, mut pairs, file }) = value.clone().try_cast::<Lookup>() {
        // A line means nothing beside the name of another file.
        if file != stage.place(context).map(|place| place.file) {
            pairs.iter_mut().for_each(|pair| pair.line = None);
        }
        return Ok(Assignment::Lookup { column, pairs });
    }
    if let Some(arms) = value.clone().try_cast::<Array>() {
        return arms_of(stage, context, &arms).map(Assignment::Arms);
    }
    self::value(stage, context, &value).map(Assignment::Value)
}

/// A value that is given: a column expression or a plain value, `()` for none.
fn value(stage: &StepContext, context: &NativeCallContext<'_>, value: &Dynamic) -> Answer<Expr> {
    if let Some(expr) = value.clone().try_cast::<Expr>() {
        return Ok(expr);
    }
    plain(value).map(Expr::literal).ok_or_else(|| {
        stage.mistake(
            context,
            format!("a value is needed here, and this is {}", type_name(context, value)),
            "give a text, a number, true/false, a column, or () for none",
        )
    })
}

fn arms_of(stage: &StepContext, context: &NativeCallContext<'_>, list: &Array) -> Answer<Vec<Arm>> {
    stage.bearable(context, list)?;
    let mut arms: Vec<Arm> = Vec::new();
    let place = stage.place(context);
    let written = place.as_ref().and_then(|place| stage.written(place));
    if list.is_empty() {
        return Err(stage.mistake(
            context,
            "there are no arms, so nothing would be set",
            "write each arm like [ condition, value ]",
        ));
    }
    for (index, item) in list.iter().enumerate() {
        let number = index + 1;
        let Some(pair) = item.clone().try_cast::<Array>().filter(|pair| pair.len() == 2) else {
            return Err(stage.mistake(
                context,
                format!("arm {number} is not a condition and a value"),
                "write each arm like [ condition, value ]",
            ));
        };
        if arms.last().is_some_and(|arm| arm.condition.is_none()) {
            let (message, help) = words::after_otherwise(number);
            return Err(stage.mistake(context, message, help));
        }
        let condition = match pair[0].is::<Otherwise>() {
            true => None,
            false => Some(condition(stage, context, &pair[0])?),
        };
        let line = written.and_then(|(written, spot)| written.arm(spot, index, list.len()));
        arms.push(Arm { condition, value: value(stage, context, &pair[1])?, line });
    }
    Ok(arms)
}

fn lookup(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    column: &str,
    map: Map,
) -> Answer<Lookup> {
    stage.bearable(context, &[Dynamic::from(map.clone())])?;
    let mut pairs = Vec::new();
    let place = stage.place(context);
    let written = place.as_ref().and_then(|place| stage.written(place));
    for (key, given) in map {
        let Some(given) = plain(&given) else {
            return Err(stage.mistake(
                context,
                format!("lookup needs plain values, and {key} has {}", type_name(context, &given)),
                "write it like lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })",
            ));
        };
        let line = written.and_then(|(written, spot)| written.key(spot, &key));
        pairs.push(Pair { key: Value::Text(key.to_string()), value: given, line });
    }
    Ok(Lookup { column: column.to_owned(), pairs, file: place.map(|place| place.file) })
}
