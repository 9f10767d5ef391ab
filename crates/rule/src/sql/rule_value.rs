//! Compiles what a rule gives a row to SQL.

use crate::model::types::{Family, check_fits, describe_operand, family};
use crate::sql::builder::is_constant_calculation;
use crate::{Arm, Column, Expr, Node, Rule, RuleError, RulePart, SqlBuilder};

impl SqlBuilder<'_> {
    /// Whether `where` takes a row, as [`SqlBuilder::filter`] has it.
    ///
    /// # Errors
    /// [`RuleError`] when it is no condition, or means nothing on this table.
    pub fn rule_filter(&mut self, rule: &Rule) -> Result<String, RuleError> {
        self.filter(rule.filter.as_ref()).map_err(|error| error.in_part(rule, RulePart::Filter))
    }

    /// The part of `where` that a statement may have as a condition of its own, so that an index serves it. The server tests
    /// such conditions in an order of its choice, and what reads no row before all rows: so none that could then fail.
    pub(super) fn prefilter(&mut self, filter: Option<&Expr>) -> Result<String, RuleError> {
        let mut may_fail = false;
        if let Some(filter) = filter {
            filter.visit(&mut |one| may_fail |= is_constant_calculation(one));
        }
        self.filter(filter.filter(|_| !may_fail))
    }

    /// The value that the rule gives a row: that of the first arm that matches, else the column's own. The pairs of a lookup
    /// must be joined.
    ///
    /// # Errors
    /// [`RuleError`] when an arm means nothing on this table.
    pub fn rule_value(&mut self, rule: &Rule) -> Result<String, RuleError> {
        self.computed(|sql| sql.case(rule))
    }

    fn case(&mut self, rule: &Rule) -> Result<String, RuleError> {
        let target = self.table.require_column(&rule.column)?;
        if let Some((matches, value)) = self.joined_value(rule) {
            let own = self.column(&target.name);
            return Ok(format!("(CASE WHEN {matches} THEN {value} ELSE {own} END)"));
        }
        let mut case = String::from("CASE");
        for (index, arm) in rule.arms().iter().enumerate() {
            let condition = self.arm_condition(rule, index, arm)?;
            let value = self.assigned(&arm.value, target);
            let value = value.map_err(|error| error.in_part(rule, RulePart::Value(index)))?;
            case.push_str(&format!(" WHEN {condition} THEN {value}"));
        }
        Ok(format!("({case} ELSE {} END)", self.column(&target.name)))
    }

    /// Whether some arm of the rule matches the row; never NULL.
    ///
    /// # Errors
    /// [`RuleError`] when an arm means nothing on this table.
    pub fn any_arm_matches(&mut self, rule: &Rule) -> Result<String, RuleError> {
        if let Some((matches, _)) = self.joined_value(rule) {
            return Ok(matches);
        }
        let arms = rule.arms();
        if arms.iter().any(|arm| arm.condition.is_none()) {
            return Ok("true".into());
        }
        // A CASE, in which no condition is computed on a row that an earlier one has taken.
        let mut tests = String::new();
        for (index, arm) in arms.iter().enumerate() {
            let condition = self.computed(|sql| sql.arm_condition(rule, index, arm))?;
            tests.push_str(&format!(" WHEN {condition} THEN true"));
        }
        Ok(if tests.is_empty() { "false".into() } else { format!("(CASE{tests} ELSE false END)") })
    }

    fn arm_condition(&mut self, rule: &Rule, index: usize, arm: &Arm) -> Result<String, RuleError> {
        let condition = self.filter(arm.condition.as_ref());
        condition.map_err(|error| error.in_part(rule, RulePart::Condition(index)))
    }

    /// A value, cast as PostgreSQL assigns it to a column.
    pub(crate) fn assigned(&mut self, expr: &Expr, target: &Column) -> Result<String, RuleError> {
        let slot = self.slot(target, true);
        if let Node::Literal(value) = expr.node() {
            check_fits(value, &slot)?;
            let text = value.to_sql_text().map(|text| target.data_type.kept_text(text));
            return Ok(self.bind(text, &target.data_type.cast));
        }
        let (found, wanted) = (family(expr, self.table)?, Family::from_type(&target.data_type));
        if found != wanted && found != Family::Open {
            return Err(RuleError::WrongValue {
                value: describe_operand(expr, &found),
                place: slot.name,
                wanted: wanted.describe(),
                help: Some("set it to a value of its own type".into()),
                text: None,
            });
        }
        let text = self.expression(expr, Some(target))?;
        Ok(target.data_type.assigned(&text))
    }
}
