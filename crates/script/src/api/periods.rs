//! `days`, `months`, `years`, `ago`, `today`.

use leora_rule::{Expr, InvalidPeriod, Node, Period};
use rhai::{Engine, NativeCallContext};

use crate::api::expressions::build;
use crate::step_context::{Answer, StepContext};

fn period(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    call: &str,
    made: Result<Period, InvalidPeriod>,
) -> Answer<Period> {
    made.map_err(|_| {
        stage.mistake(
            context,
            format!("{call} is no period"),
            "a period is not negative, and at most 9,000 years",
        )
    })
}

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    engine.register_type_with_name::<Period>("period");
    engine.register_fn("to_string", |period: &mut Period| period.to_string());
    engine.register_fn("to_debug", |period: &mut Period| period.to_string());
    let at = stage.clone();
    engine.register_fn("days", move |context: NativeCallContext, count: i64| {
        period(&at, &context, &format!("days({count})"), Period::new(0, count))
    });
    let at = stage.clone();
    engine.register_fn("months", move |context: NativeCallContext, count: i64| {
        period(&at, &context, &format!("months({count})"), Period::new(count, 0))
    });
    let at = stage.clone();
    engine.register_fn("years", move |context: NativeCallContext, count: i64| {
        let made = Period::new(count.saturating_mul(12), 0);
        period(&at, &context, &format!("years({count})"), made)
    });
    let at = stage.clone();
    engine.register_fn("ago", move |context: NativeCallContext, period: Period| -> Answer<Expr> {
        build(&at, &context, Node::Ago(period))
    });
    let at = stage.clone();
    engine.register_fn("today", move |context: NativeCallContext| -> Answer<Expr> {
        build(&at, &context, Node::Today)
    });
}
