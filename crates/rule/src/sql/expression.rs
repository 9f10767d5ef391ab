//! Compiles expressions to SQL.

use crate::model::types::{
    Family, ValueSlot, check_fits, describe_operand, family, is_float_expression, type_source,
};
use crate::sql::own_names::operation;
use crate::{
    Arithmetic, Column, Comparability, Comparison, Expr, Kind, Node, Period, RuleError, SqlBuilder,
    Value, quote_identifier,
};

impl SqlBuilder<'_> {
    /// A condition, in parentheses. It may be NULL, which does not match.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Result<String, RuleError> {
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
    /// [`RuleError`] when it is no condition, or means nothing on this table.
    pub fn filter(&mut self, filter: Option<&Expr>) -> Result<String, RuleError> {
        filter.map_or_else(|| Ok("true".into()), |expr| self.condition(expr))
    }

    pub(super) fn slot<'c>(&self, column: &'c Column, stored: bool) -> ValueSlot<'c> {
        let own = || format!("{}.{}", self.table.name, column.name);
        let name = column.figure.as_ref().map_or_else(own, |figure| figure.shown.clone());
        ValueSlot { data_type: &column.data_type, name, stored }
    }

    /// An expression; a literal in it takes the type `beside` it.
    pub(super) fn expression_of_row(
        &mut self,
        expr: &Expr,
        beside: Option<&Column>,
    ) -> Result<String, RuleError> {
        match expr.node() {
            Node::Literal(value) => self.literal(value, beside),
            Node::Column(name) => Ok(self.column(&self.table.require_column(name)?.name)),
            Node::Figure(figure) => {
                Ok(quote_identifier(&self.table.require_column(figure.name())?.name))
            }
            Node::ColumnOr(name, value) => match self.table.column(name) {
                Some(found) => Ok(self.column(&found.name)),
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
            Node::Coalesce(all) => {
                let parts = self.alike(all, beside.or(type_source(expr, self.table)))?;
                Ok(format!("coalesce({parts})"))
            }
            Node::Call(function, arguments) => {
                let beside = beside.or(type_source(expr, self.table));
                self.call(*function, arguments, beside)
            }
        }
    }

    pub(super) fn literal(
        &mut self,
        value: &Value,
        beside: Option<&Column>,
    ) -> Result<String, RuleError> {
        let natural = self.literal_type(value, beside)?;
        Ok(self.bind(value.to_sql_text(), natural))
    }

    /// The type that a literal is cast to.
    pub(super) fn literal_type<'c>(
        &self,
        value: &Value,
        beside: Option<&'c Column>,
    ) -> Result<&'c str, RuleError> {
        if let Some(column) = beside {
            check_fits(value, &self.slot(column, false))?;
        }
        Ok(match value {
            Value::Bool(_) => "boolean",
            // 0.1 as a float is not 0.1 as a number with decimals.
            Value::Integer(_) | Value::Decimal(_) if is_float(beside) => {
                beside.map_or("numeric", |column| column.data_type.base.cast.as_str())
            }
            Value::Integer(_) => "bigint",
            Value::Decimal(_) => "numeric",
            Value::Date(_) => "pg_catalog.date",
            Value::Timestamp(_) => "timestamp",
            Value::Null | Value::Text(_) => {
                beside.map_or("pg_catalog.text", |column| column.data_type.base.cast.as_str())
            }
        })
    }

    pub(super) fn moment(&mut self, period: Period) -> String {
        self.bind(Value::Timestamp(period.before(self.as_of)).to_sql_text(), "timestamp")
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        a: &Expr,
        b: &Expr,
    ) -> Result<String, RuleError> {
        let (of_a, of_b) = (type_source(a, self.table), type_source(b, self.table));
        let (left, right) = (self.expression(a, of_b)?, self.expression(b, of_a)?);
        self.same_family(a, b, "compared")?;
        self.check_comparable(comparison, [a, b])?;
        Ok(compare(of_a.or(of_b), &left, comparison.sql(), &right))
    }

    /// PostgreSQL has no such operator for every type, and for some, as box, one that asks for something else.
    pub(super) fn check_comparable(
        &self,
        comparison: Comparison,
        sides: [&Expr; 2],
    ) -> Result<(), RuleError> {
        let needs_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        for side in sides {
            let column = type_source(side, self.table);
            let can = column.map_or(Comparability::Ordered, |it| it.data_type.comparability);
            let wanted = match can {
                Comparability::Incomparable => "values that can be compared",
                Comparability::EqualOnly if needs_order => "values that have an order",
                _ => continue,
            };
            return Err(RuleError::WrongOperand {
                operator: format!("`{}`", comparison.symbol()),
                wanted,
                found: describe_operand(side, &family(side, self.table)?),
                help: "rules can only ask whether such a column is_null(), and set it to another one or to ()",
            });
        }
        Ok(())
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
        Ok(operation(&left, Comparison::GreaterOrEqual.sql(), &self.moment(period)))
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
        let floats = [a, b].map(|side| is_float_expression(side, self.table));
        let number = |text: String, is_float: bool| match (is_float, floats.contains(&true)) {
            // A float beside another number is computed as PostgreSQL computes it: the other one becomes a float too.
            (true, _) => text,
            (false, true) => format!("({text})::double precision"),
            // As numeric, so that whole numbers divide as a spreadsheet does and never overflow.
            (false, false) => format!("({text})::numeric"),
        };
        let left = number(self.expression(a, None)?, floats[0]);
        let right = number(self.expression(b, None)?, floats[1]);
        Ok(operation(&left, operator.sql(), &right))
    }

    /// Values of one type, with commas between them.
    pub(super) fn alike(
        &mut self,
        all: &[Expr],
        beside: Option<&Column>,
    ) -> Result<String, RuleError> {
        let mut parts = Vec::new();
        for one in all {
            parts.push(self.expression(one, beside)?);
            self.same_family(&all[0], one, "combined")?;
        }
        Ok(parts.join(", "))
    }

    pub(super) fn same_family(
        &self,
        a: &Expr,
        b: &Expr,
        verb: &'static str,
    ) -> Result<(), RuleError> {
        let (left, right) = (family(a, self.table)?, family(b, self.table)?);
        if left == right || left == Family::Open || right == Family::Open {
            return Ok(());
        }
        let help = match (&left, &right) {
            (Family::Moment, Family::Number) | (Family::Number, Family::Moment) => {
                "compare a date with ago(days(5)), or with a date in quotes"
            }
            (Family::Bool, _) | (_, Family::Bool) => "write true or false without quotes",
            _ => "both sides must have the same type",
        };
        let (left, right) = (describe_operand(a, &left), describe_operand(b, &right));
        Err(RuleError::Mismatch { left, right, verb, help: help.into() })
    }
}

fn compare(column: Option<&Column>, left: &str, operator: &str, right: &str) -> String {
    match column {
        Some(column) => column.data_type.operation(left, operator, right),
        None => operation(left, operator, right),
    }
}

fn is_float(beside: Option<&Column>) -> bool {
    beside.is_some_and(|column| column.data_type.kind == Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, expr};

    fn compiled(condition: &Expr) -> Result<String, String> {
        let source = customers();
        let mut sql = SqlBuilder::new(&source, AS_OF);
        sql.condition(condition).map_err(|error| error.to_string())
    }

    #[test]
    fn literals_take_the_type_that_they_meet() {
        let sum = Node::Arithmetic(Arithmetic::Divide, col("orders"), Expr::literal(2.into()));
        let sum = expr(sum).greater(1);
        let cases = [
            (
                col("grade").eq_to("A"),
                "(\"grade\" OPERATOR(pg_catalog.=) $1::pg_catalog.text::\"Grade\")",
            ),
            (
                col("grade").one_of(["A", "B"]),
                "(\"grade\" OPERATOR(pg_catalog.=) ANY ((SELECT $1::pg_catalog.text::\"Grade\"[])::\"Grade\"[]))",
            ),
            (col("grade").one_of([]), "false"),
            (
                col("orders").not_eq(5),
                "(\"orders\" OPERATOR(pg_catalog.<>) $1::pg_catalog.text::bigint)",
            ),
            (
                col("ratio").less(1),
                "(\"ratio\" OPERATOR(pg_catalog.<) $1::pg_catalog.text::double precision)",
            ),
            (
                sum,
                "(((\"orders\")::numeric OPERATOR(pg_catalog./) ($1::pg_catalog.text::bigint)::numeric) \
                 OPERATOR(pg_catalog.>) $2::pg_catalog.text::bigint)",
            ),
            (col("born").missing().negated(), "(NOT (\"born\" IS NULL))"),
        ];
        for (condition, expected) in cases {
            assert_eq!(compiled(&condition).as_deref(), Ok(expected), "{condition}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let cases = [
            (col("ordres").missing(), "Customer has no column ordres"),
            (col("grade").eq_to("D"), "Grade has no value D; its values are C, B, A"),
            (col("name"), "a condition is needed here, and name is a text"),
            (col("orders").within("6mo"), "within(...) needs a date, and orders is a number"),
            (
                col("seen").greater(5),
                "Customer.seen holds dates and times, and 5 is a whole number",
            ),
        ];
        for (condition, expected) in cases {
            assert_eq!(compiled(&condition), Err(expected.to_owned()), "{condition}");
        }
    }
}
