//! What is computed of other rows for one figure, and its type.

use crate::model::inferred_column::expr_type;
use crate::model::types::{Family, describe_operand, family, type_source};
use crate::sql::own_names::operation;
use crate::{
    Aggregate, Column, DataType, Expr, Figure, FigureSource, Kind, Rank, RuleError, SqlBuilder,
    quote_identifier,
};

/// A figure in a statement.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) column: Column,
    pub(super) sql: String,
    /// What it is where there are no other rows; `None` for missing.
    pub(super) from_none: Option<&'static str>,
}

impl SqlBuilder<'_> {
    /// The value of a figure, over the other rows. `filtered` says whether these are only those of its own condition.
    pub(super) fn figure(&mut self, figure: &Figure, filtered: bool) -> Result<Made, RuleError> {
        let (data_type, sql, from_none) = match figure.source() {
            FigureSource::Parent { value, .. } => {
                let sql = self.computed(|sql| sql.expression(value, None))?;
                (self.value_type(value)?, sql, None)
            }
            FigureSource::Related { filter, aggregate, .. } => {
                let filter = match filter {
                    Some(filter) if !filtered => {
                        let condition = self.computed(|sql| sql.condition(filter))?;
                        format!(" FILTER (WHERE {condition})")
                    }
                    _ => String::new(),
                };
                self.aggregate(aggregate, &filter)?
            }
            FigureSource::Rank { rank, value, partition, among } => {
                let (data_type, sql) = self.rank(*rank, value, partition, among.as_ref())?;
                (data_type, sql, None)
            }
        };
        Ok(Made { column: Column::nullable(figure.name(), data_type), sql, from_none })
    }

    /// The type of an aggregate, its call, and what it is of no rows.
    fn aggregate(
        &mut self,
        aggregate: &Aggregate,
        filter: &str,
    ) -> Result<(DataType, String, Option<&'static str>), RuleError> {
        let value = match aggregate.value() {
            Some(value) => self.computed(|sql| sql.expression(value, None))?,
            None => String::new(),
        };
        Ok(match aggregate {
            Aggregate::Count => (whole(), format!("pg_catalog.count(*){filter}"), Some("0")),
            Aggregate::Exists => {
                let some = operation(&format!("(pg_catalog.count(*){filter})"), ">", "0");
                (DataType::built_in("boolean", Kind::Bool), some, Some("false"))
            }
            Aggregate::CountDistinct(of) => {
                family(of, self.table)?;
                let count =
                    format!("pg_catalog.count(DISTINCT {}){filter}", self.group_key(of, value));
                (whole(), count, Some("0"))
            }
            // As numeric: the sum of floats depends on the order in which the rows are read.
            Aggregate::Sum(of) => {
                self.check_number(aggregate, of)?;
                let sum = format!("pg_catalog.sum(({value})::numeric){filter}");
                (exact(), format!("coalesce({sum}, 0)"), Some("0"))
            }
            Aggregate::Average(of) => {
                self.check_number(aggregate, of)?;
                (exact(), format!("pg_catalog.avg(({value})::numeric){filter}"), None)
            }
            Aggregate::Min(of) | Aggregate::Max(of) => {
                self.check_order(aggregate.name(), of)?;
                let (data_type, name) = (self.value_type(of)?, aggregate.name());
                let call = format!("(pg_catalog.{name}({value}){filter})");
                (data_type.clone(), format!("{call}::{}", data_type.base.cast), None)
            }
        })
    }

    /// The place of a row that has a value and that `among` takes, among all such rows.
    fn rank(
        &mut self,
        rank: Rank,
        value: &Expr,
        partition: &[Expr],
        among: Option<&Expr>,
    ) -> Result<(DataType, String), RuleError> {
        self.check_order(rank.name(), value)?;
        let by = self.computed(|sql| sql.expression(value, None))?;
        let counts = match among {
            None => format!("({by} IS NOT NULL)"),
            Some(among) => {
                let among = self.computed(|sql| sql.condition(among))?;
                format!("({by} IS NOT NULL AND {among} IS TRUE)")
            }
        };
        let mut parts = vec![counts.clone()];
        for one in partition {
            family(one, self.table)?;
            let value = self.computed(|sql| sql.expression(one, None))?;
            parts.push(self.group_key(one, value));
        }
        let over = format!("PARTITION BY {}", parts.join(", "));
        let (data_type, place) = match rank {
            Rank::Rank => (whole(), format!("pg_catalog.rank() OVER ({over} ORDER BY {by})")),
            Rank::PercentRank => {
                let share = format!("pg_catalog.percent_rank() OVER ({over} ORDER BY {by})");
                (DataType::built_in("double precision", Kind::Float), share)
            }
            Rank::Ntile(buckets) => {
                let name = |name: &String| format!(", {}", quote_identifier(name));
                let keys: String = self.table.key.iter().map(name).collect();
                let tile = format!("pg_catalog.ntile({buckets}) OVER ({over} ORDER BY {by}{keys})");
                (whole(), format!("({tile})::bigint"))
            }
            Rank::TopPercent(percent) => {
                let place = format!("(pg_catalog.rank() OVER ({over} ORDER BY {by} DESC))");
                let above = operation(&operation(&place, "-", "1"), "*", "100");
                let rows = format!("(pg_catalog.count(*) OVER ({over}))");
                let share = operation(&rows, "*", &percent.normalize().to_string());
                (DataType::built_in("boolean", Kind::Bool), operation(&above, "<", &share))
            }
        };
        Ok((data_type, format!("CASE WHEN {counts} THEN {place} END")))
    }

    /// What rows are told apart by, of an expression and its SQL.
    fn group_key(&self, of: &Expr, value: String) -> String {
        let column = type_source(of, self.table);
        column.map_or(value.clone(), |column| column.data_type.group_key(&value))
    }

    fn value_type(&self, value: &Expr) -> Result<DataType, RuleError> {
        family(value, self.table)?;
        let known = expr_type(value, self.table);
        Ok(known.unwrap_or_else(|| DataType::built_in("text", Kind::Text)))
    }

    /// PostgreSQL has no smallest boolean, and before version 18 no smallest uuid.
    fn check_order(&self, name: &str, of: &Expr) -> Result<(), RuleError> {
        let found = family(of, self.table)?;
        match found {
            Family::Number | Family::Moment | Family::Text | Family::Enum(_) => Ok(()),
            Family::Open | Family::Bool | Family::Uuid | Family::Other(_) => {
                Err(RuleError::WrongOperand {
                    operator: format!("{name}(...)"),
                    wanted: "a number, a date, a text or a value of an enum",
                    found: describe_operand(of, &found),
                    help: "name a column that has an order",
                })
            }
        }
    }

    fn check_number(&self, aggregate: &Aggregate, of: &Expr) -> Result<(), RuleError> {
        let found = family(of, self.table)?;
        if found == Family::Number {
            return Ok(());
        }
        Err(RuleError::WrongOperand {
            operator: format!("{}(...)", aggregate.name()),
            wanted: "numbers",
            found: describe_operand(of, &found),
            help: "name a column of numbers; count() counts rows",
        })
    }
}

fn whole() -> DataType {
    DataType::built_in("bigint", Kind::Integer { min: i64::MIN, max: i64::MAX })
}

fn exact() -> DataType {
    DataType::built_in("numeric", Kind::Decimal)
}
