//! What is known of a rule before any row: PostgreSQL checks its types, and computes its constants, also in the parts that a
//! row does not come to.

use std::sync::Arc;

use jiff::civil::Date;

use crate::evaluate::column_type::{Collation, ColumnType};
use crate::evaluate::combine::collation;
use crate::evaluate::decide::Evaluation;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::store::stored;
use crate::{
    Column, Expr, KeyBy, Node, Placement, Record, Relation, Rule, RuleError, SqlBuilder, Table,
};

/// Checks a rule as for a run, where the types of all its columns are known.
pub(super) fn check_types(rule: &Rule, row: &Record, as_of: Date) -> Result<(), EvaluationError> {
    let (target, arms) = (Expr::column(&rule.column), rule.arms());
    let values = arms.iter().map(|arm| &arm.value).chain([&target]);
    if collation(row, values) == Some(Collation::Several) {
        return Err(EvaluationError::OtherCollation { column: rule.column.clone() });
    }
    let arms = rule.arm_columns();
    let filter = rule.filter.as_ref().map(Expr::columns).unwrap_or_default();
    let mut read = arms.iter().map(String::as_str).chain(filter).chain([rule.column.as_str()]);
    if read.all(|name| row.data_type(name).is_some()) {
        compile(rule, row, as_of)?;
    }
    Ok(())
}

fn compile(rule: &Rule, row: &Record, as_of: Date) -> Result<(), RuleError> {
    let column =
        |(name, known): (&String, &ColumnType)| Column::nullable(name, known.data_type.clone());
    let source = Relation::from_table(Arc::new(Table {
        schema: String::new(),
        name: rule.table.clone(),
        columns: row.types().map(column).collect(),
        key: vec![],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
        is_watched: false,
        placement: Placement::Own,
    }));
    let mut sql = SqlBuilder::new(&source, as_of);
    sql.rule_filter(rule)?;
    sql.rule_value(rule)?;
    sql.joined_pairs(rule)?;
    Ok(())
}

/// Computes what is the same for every row: PostgreSQL may compute it for none.
pub(super) fn check_constants(
    rule: &Rule,
    evaluation: &Evaluation<'_>,
) -> Result<(), EvaluationError> {
    let arms = rule.arms();
    let target = evaluation.row.data_type(&rule.column);
    let mut failed = None;
    let mut note = |result: Result<_, EvaluationError>| {
        if let Err(error) = result {
            failed.get_or_insert(error);
        }
    };
    for arm in &arms {
        if let (Node::Literal(_), Some(_)) = (arm.value.node(), target) {
            let value = evaluation.value(&arm.value, target);
            note(value.and_then(|value| stored(value, target, &rule.column)));
        }
    }
    let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref()).chain(&rule.filter);
    for part in conditions.chain(arms.iter().map(|arm| &arm.value)) {
        part.visit(&mut |expr| {
            if matches!(expr.node(), Node::Arithmetic(..)) && expr.columns().is_empty() {
                note(evaluation.value(expr, None));
            }
        });
    }
    match failed {
        Some(error) => Err(EvaluationError::Constant { error: Box::new(error) }),
        None => Ok(()),
    }
}
