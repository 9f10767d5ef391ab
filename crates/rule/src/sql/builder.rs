//! Compiles expressions to SQL. Values become parameters, names become quoted identifiers.

use jiff::civil::Date;

use crate::model::types::{Family, ValueSlot, check_fits, describe_operand, family, type_source};
use crate::{
    Arithmetic, Arm, Column, Comparison, Expr, Kind, Node, Period, Relation, Rule, RuleError, Sql,
    Table, Value, quote_identifier,
};

/// Where a parameter, sent as text, is cast to its type. Where it stands, the server does not fold the cast to a constant,
/// and repeats it for every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Casts {
    /// Where it stands: in a WHERE, so that the server can estimate how many rows match.
    InPlace,
    /// Once a statement, in a subquery that reads nothing, which saves a third of the cost of a row.
    Once,
    /// When the statement is parsed: a literal will stand there.
    Literal,
}

/// Collects the parameters of one statement while its parts are compiled.
#[derive(Debug)]
pub struct SqlBuilder<'t> {
    table: &'t Table,
    as_of: Date,
    parameters: Vec<Option<String>>,
    casts: Casts,
}

impl<'t> SqlBuilder<'t> {
    /// For expressions over these rows, on this business date.
    pub fn new(source: &'t Relation, as_of: Date) -> Self {
        let (table, parameters) = (&*source.table, source.parameters().to_vec());
        Self { table, as_of, parameters, casts: Casts::InPlace }
    }

    /// For a statement whose parameters become literals, as DDL takes them.
    pub(crate) fn for_literals(self) -> Self {
        Self { casts: Casts::Literal, ..self }
    }

    /// Compiles parts that are computed for each row, whose selectivity the server need not estimate.
    pub(crate) fn computed<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.casts;
        if outside == Casts::InPlace {
            self.casts = Casts::Once;
        }
        let compiled = compile(self);
        self.casts = outside;
        compiled
    }

    /// The statement, with the parameters collected so far.
    pub fn finish(self, text: String) -> Sql {
        Sql { text, parameters: self.parameters }
    }

    /// The parameters collected so far.
    pub(crate) fn parameters(&self) -> &[Option<String>] {
        &self.parameters
    }

    /// A parameter, sent as text and cast by the server.
    pub fn bind(&mut self, value: Option<String>, cast: &str) -> String {
        self.parameters.push(value);
        let place = self.parameters.len();
        match self.casts {
            Casts::InPlace => format!("${place}::text::{cast}"),
            Casts::Once => format!("(SELECT ${place}::text::{cast})"),
            Casts::Literal => format!("${place}::{cast}"),
        }
    }

    /// A condition, in parentheses. It may be NULL, which does not match.
    ///
    /// # Errors
    /// [`RuleError`] when it is no condition, or means nothing on this table.
    pub fn condition(&mut self, expr: &Expr) -> Result<String, RuleError> {
        match family(expr, self.table)? {
            Family::Bool => self.expression(expr, None),
            other => Err(RuleError::NotACondition {
                found: describe_operand(expr, &other),
                column: expr.columns().first().map(|&name| name.to_owned()),
            }),
        }
    }

    /// A condition, or `true` where there is none.
    ///
    /// # Errors
    /// As [`Self::condition`].
    pub fn filter(&mut self, filter: Option<&Expr>) -> Result<String, RuleError> {
        filter.map_or_else(|| Ok("true".into()), |expr| self.condition(expr))
    }

    /// The value that the rule gives a row: that of the first arm that matches, else the column's own.
    ///
    /// # Errors
    /// [`RuleError`] when an arm means nothing on this table.
    pub fn rule_value(&mut self, rule: &Rule) -> Result<String, RuleError> {
        self.computed(|sql| sql.case(rule))
    }

    fn case(&mut self, rule: &Rule) -> Result<String, RuleError> {
        let target = self.table.require_column(&rule.column)?;
        let mut case = String::from("CASE");
        for arm in rule.arms() {
            let condition = self.arm_condition(&arm)?;
            let value = self.assigned(&arm.value, target)?;
            case.push_str(&format!(" WHEN {condition} THEN {value}"));
        }
        Ok(format!("{case} ELSE {} END", quote_identifier(&target.name)))
    }

    /// Whether some arm of the rule matches the row; never NULL.
    ///
    /// # Errors
    /// [`RuleError`] when an arm means nothing on this table.
    pub fn any_arm_matches(&mut self, rule: &Rule) -> Result<String, RuleError> {
        let arms = rule.arms();
        if arms.iter().any(|arm| arm.condition.is_none()) {
            return Ok("true".into());
        }
        let mut tests = Vec::new();
        for arm in &arms {
            tests.push(format!("({}) IS TRUE", self.computed(|sql| sql.arm_condition(arm))?));
        }
        Ok(if tests.is_empty() { "false".into() } else { format!("({})", tests.join(" OR ")) })
    }

    fn arm_condition(&mut self, arm: &Arm) -> Result<String, RuleError> {
        arm.condition.as_ref().map_or_else(|| Ok("true".into()), |expr| self.condition(expr))
    }

    /// A value on its way into a column.
    pub(crate) fn assigned(&mut self, expr: &Expr, target: &Column) -> Result<String, RuleError> {
        let slot = self.slot(target, true);
        if let Node::Literal(value) = expr.node() {
            check_fits(value, &slot)?;
            return Ok(self.bind(value.to_sql_text(), &target.data_type.cast));
        }
        let (found, wanted) = (family(expr, self.table)?, Family::from_type(&target.data_type));
        if found != wanted && found != Family::Open {
            return Err(RuleError::WrongValue {
                value: describe_operand(expr, &found),
                place: slot.name,
                wanted: wanted.describe(),
                help: Some("set it to a value of its own sort".into()),
                text: None,
            });
        }
        let text = self.expression(expr, Some(target))?;
        Ok(format!("({text})::{}", target.data_type.cast))
    }

    /// The condition that picks the row of a key, one text for each of its columns.
    pub(crate) fn key_condition(&mut self, key: &[String]) -> Result<String, RuleError> {
        let mut tests = Vec::new();
        for (name, value) in self.table.key.iter().zip(key) {
            let column = self.table.require_column(name)?;
            let value = self.bind(Some(value.clone()), &column.data_type.cast);
            tests.push(format!("{} = {value}", quote_identifier(name)));
        }
        Ok(if tests.is_empty() { "false".into() } else { tests.join(" AND ") })
    }

    fn slot<'c>(&self, column: &'c Column, stored: bool) -> ValueSlot<'c> {
        let name = format!("{}.{}", self.table.name, column.name);
        ValueSlot { data_type: &column.data_type, name, stored }
    }

    /// An expression; a literal in it takes the type `beside` it.
    fn expression(&mut self, expr: &Expr, beside: Option<&Column>) -> Result<String, RuleError> {
        match expr.node() {
            Node::Literal(value) => self.literal(value, beside),
            Node::Column(name) => Ok(quote_identifier(&self.table.require_column(name)?.name)),
            Node::ColumnOr(name, value) => match self.table.column(name) {
                Some(found) => Ok(quote_identifier(&found.name)),
                None => self.literal(value, beside),
            },
            Node::Today => self.literal(&Value::Date(self.as_of), None),
            Node::Ago(period) => Ok(self.moment(*period)),
            Node::Compare(comparison, a, b) => self.comparison(*comparison, a, b),
            Node::And(a, b) => Ok(format!("({} AND {})", self.condition(a)?, self.condition(b)?)),
            Node::Or(a, b) => Ok(format!("({} OR {})", self.condition(a)?, self.condition(b)?)),
            Node::Not(a) => Ok(format!("(NOT {})", self.condition(a)?)),
            Node::IsNull(a) => Ok(format!("({} IS NULL)", self.expression(a, None)?)),
            Node::IsOneOf(a, values) => self.one_of(a, values),
            Node::Within(a, period) => self.within(a, *period),
            Node::Arithmetic(operator, a, b) => self.arithmetic(*operator, a, b),
            Node::Coalesce(all) => self.coalesce(all, beside.or(type_source(expr, self.table))),
        }
    }

    fn literal(&mut self, value: &Value, beside: Option<&Column>) -> Result<String, RuleError> {
        let natural = match value {
            Value::Bool(_) => "boolean",
            // 0.1 as a float is not 0.1 as a number with decimals.
            Value::Integer(_) | Value::Decimal(_) if is_float(beside) => {
                beside.map_or("numeric", |column| column.data_type.cast.as_str())
            }
            Value::Integer(_) => "bigint",
            Value::Decimal(_) => "numeric",
            Value::Date(_) => "date",
            Value::Timestamp(_) => "timestamp",
            Value::Null | Value::Text(_) => {
                beside.map_or("text", |column| column.data_type.cast.as_str())
            }
        };
        if let Some(column) = beside {
            check_fits(value, &self.slot(column, false))?;
        }
        Ok(self.bind(value.to_sql_text(), natural))
    }

    fn moment(&mut self, period: Period) -> String {
        self.bind(Value::Timestamp(period.before(self.as_of)).to_sql_text(), "timestamp")
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        a: &Expr,
        b: &Expr,
    ) -> Result<String, RuleError> {
        let left = self.expression(a, type_source(b, self.table))?;
        let right = self.expression(b, type_source(a, self.table))?;
        self.same_family(a, b, "compared")?;
        Ok(format!("({left} {} {right})", comparison.sql()))
    }

    fn one_of(&mut self, a: &Expr, values: &[Value]) -> Result<String, RuleError> {
        if values.is_empty() {
            return Ok("false".into());
        }
        let beside = type_source(a, self.table);
        let left = self.expression(a, None)?;
        let mut list = Vec::new();
        for value in values {
            list.push(self.literal(value, beside)?);
            self.same_family(a, &Expr::literal(value.clone()), "compared")?;
        }
        Ok(match list.as_slice() {
            // `IN ((SELECT ...))` would be a search in a subquery.
            [one] => format!("({left} = {one})"),
            _ => format!("({left} IN ({}))", list.join(", ")),
        })
    }

    fn within(&mut self, a: &Expr, period: Period) -> Result<String, RuleError> {
        let found = family(a, self.table)?;
        if found != Family::Moment {
            return Err(RuleError::WrongOperand {
                operator: "within(...)".into(),
                wanted: "a date",
                found: describe_operand(a, &found),
                help: "ask it of a date, as in col(\"lastOrderDate\").within(months(6))",
            });
        }
        let left = self.expression(a, None)?;
        Ok(format!("({left} {} {})", Comparison::GreaterOrEqual.sql(), self.moment(period)))
    }

    fn arithmetic(
        &mut self,
        operator: Arithmetic,
        a: &Expr,
        b: &Expr,
    ) -> Result<String, RuleError> {
        for side in [a, b] {
            let found = family(side, self.table)?;
            if found != Family::Number {
                let help = match found {
                    Family::Moment => "compare dates with ago(days(5)), or with within(days(5))",
                    _ => "calculate with columns of numbers only",
                };
                let operator = format!("`{}`", operator.symbol());
                let found = describe_operand(side, &found);
                return Err(RuleError::WrongOperand { operator, wanted: "numbers", found, help });
            }
        }
        let (left, right) = (self.expression(a, None)?, self.expression(b, None)?);
        // As numeric, so that whole numbers divide as a spreadsheet does and never overflow.
        Ok(format!("(({left})::numeric {} ({right})::numeric)", operator.sql()))
    }

    fn coalesce(&mut self, all: &[Expr], beside: Option<&Column>) -> Result<String, RuleError> {
        let mut parts = Vec::new();
        for one in all {
            parts.push(self.expression(one, beside)?);
            self.same_family(&all[0], one, "combined")?;
        }
        Ok(format!("coalesce({})", parts.join(", ")))
    }

    fn same_family(&self, a: &Expr, b: &Expr, verb: &'static str) -> Result<(), RuleError> {
        let (left, right) = (family(a, self.table)?, family(b, self.table)?);
        if left == right || left == Family::Open || right == Family::Open {
            return Ok(());
        }
        let help = match (&left, &right) {
            (Family::Moment, Family::Number) | (Family::Number, Family::Moment) => {
                "compare a date with ago(days(5)), or with a date in quotes"
            }
            (Family::Bool, _) | (_, Family::Bool) => "write true or false without quotes",
            _ => "both sides must be of one sort",
        };
        let (left, right) = (describe_operand(a, &left), describe_operand(b, &right));
        Err(RuleError::Mismatch { left, right, verb, help: help.into() })
    }
}

fn is_float(beside: Option<&Column>) -> bool {
    beside.is_some_and(|column| column.data_type.kind == Kind::Float)
}
