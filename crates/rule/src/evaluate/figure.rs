//! Figures in memory: computed from the other rows that an example gives.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::evaluate::datum::Datum;
use crate::evaluate::decide::Evaluation;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::exact::Exact;
use crate::evaluate::store::exact;
use crate::model::figure::{outer_column, own_column};
use crate::{Aggregate, Expr, Figure, FigureSource, Rank, Record, RuleError};

impl Evaluation<'_> {
    pub(super) fn figure(&self, figure: &Figure) -> Result<Datum, EvaluationError> {
        match figure.source() {
            FigureSource::Parent { link, value } => match self.row.parent(link.name()) {
                Some(parent) => self.on(parent).value(value, None),
                None => Ok(Datum::Null),
            },
            FigureSource::Related { link, filter, aggregate } => {
                let outer: Vec<&str> = figure
                    .source()
                    .expressions()
                    .into_iter()
                    .flat_map(Expr::columns)
                    .filter_map(own_column)
                    .collect();
                let mut rows = Vec::new();
                for row in self.row.related(link.name()) {
                    let row = self.with_outer_columns(row, &outer);
                    let taken = match filter {
                        None => true,
                        Some(filter) => self.on(&row).condition(filter)? == Some(true),
                    };
                    if taken {
                        rows.push(row);
                    }
                }
                self.aggregate(aggregate, &rows)
            }
            FigureSource::Rank { rank, value, partition, among } => {
                self.rank(*rank, value, partition, among.as_ref())
            }
        }
    }

    /// A related row with these columns of the row itself. Examples have hundreds of rows: they are copied only for that.
    fn with_outer_columns<'r>(&self, row: &'r Record, outer: &[&str]) -> Cow<'r, Record> {
        if outer.is_empty() {
            return Cow::Borrowed(row);
        }
        let mut row = row.clone();
        for own in outer {
            row.copy_column(&outer_column(own), self.row, own);
        }
        Cow::Owned(row)
    }

    fn aggregate(
        &self,
        aggregate: &Aggregate,
        rows: &[Cow<'_, Record>],
    ) -> Result<Datum, EvaluationError> {
        let Some(of) = aggregate.value() else {
            return Ok(match aggregate {
                Aggregate::Exists => Datum::Bool(!rows.is_empty()),
                _ => whole(rows.len()),
            });
        };
        let mut values = Vec::new();
        for row in rows {
            match self.on(row).value(of, None)? {
                Datum::Null => {}
                value => values.push(value),
            }
        }
        match aggregate {
            Aggregate::Min(_) => extreme(values, of, Ordering::Less),
            Aggregate::Max(_) => extreme(values, of, Ordering::Greater),
            Aggregate::CountDistinct(_) => {
                let mut distinct: Vec<Datum> = Vec::new();
                for value in values {
                    if !is_among(&value, &distinct, of)? {
                        distinct.push(value);
                    }
                }
                Ok(whole(distinct.len()))
            }
            _ => {
                let count = values.len();
                let mut sum = Exact::from(Decimal::ZERO);
                for value in values {
                    sum = sum.add(number(value, of)?).ok_or(EvaluationError::TooManyDigits)?;
                }
                if !matches!(aggregate, Aggregate::Average(_)) {
                    return Ok(Datum::Number(sum));
                }
                if count == 0 {
                    return Ok(Datum::Null);
                }
                let mean = sum.divide(Exact::from(Decimal::from(count)));
                mean.map(Datum::Number).ok_or(EvaluationError::TooManyDigits)
            }
        }
    }

    /// The place of the row among itself and the other rows of its table.
    fn rank(
        &self,
        rank: Rank,
        value: &Expr,
        partition: &[Expr],
        among: Option<&Expr>,
    ) -> Result<Datum, EvaluationError> {
        let counts = |evaluation: &Evaluation<'_>| -> Result<Option<Datum>, EvaluationError> {
            let own = evaluation.value(value, None)?;
            let taken = match among {
                None => true,
                Some(among) => evaluation.condition(among)? == Some(true),
            };
            Ok(Some(own).filter(|own| taken && *own != Datum::Null))
        };
        let Some(own) = counts(self)? else { return Ok(Datum::Null) };
        let (mut below, mut equal, mut above) = (0, 1, 0);
        for other in self.row.others() {
            let there = self.on(other);
            let mut together = true;
            for by in partition {
                together &= are_equal(&self.value(by, None)?, &there.value(by, None)?, by)?;
            }
            let Some(theirs) = counts(&there)?.filter(|_| together) else { continue };
            match theirs.compare(&own, value, false)? {
                Ordering::Less => below += 1,
                Ordering::Equal => equal += 1,
                Ordering::Greater => above += 1,
            }
        }
        let rows = below + equal + above;
        Ok(match rank {
            Rank::Rank => whole(below + 1),
            Rank::PercentRank if rows == 1 => Datum::Double(0.0),
            #[expect(clippy::cast_precision_loss)]
            Rank::PercentRank => Datum::Double(below as f64 / (rows - 1) as f64),
            Rank::TopPercent(percent) => {
                let above = Decimal::from(above) * Decimal::ONE_HUNDRED;
                Datum::Bool(above < percent * Decimal::from(rows))
            }
            Rank::Ntile(buckets) => {
                let buckets = usize::try_from(buckets).unwrap_or(1).max(1);
                let first = bucket(below, rows, buckets);
                if first != bucket(below + equal - 1, rows, buckets) {
                    return Err(EvaluationError::TiedRows { value: value.to_string() });
                }
                whole(first)
            }
        })
    }

    fn on<'r>(&self, row: &'r Record) -> Evaluation<'r> {
        Evaluation { row, as_of: self.as_of }
    }
}

/// The bucket, from 1, of the row at this place, from 0: the first buckets have one row more where they can't be equal.
fn bucket(place: usize, rows: usize, buckets: usize) -> usize {
    let (size, larger) = (rows / buckets, rows % buckets);
    if place < larger * (size + 1) {
        return place / (size + 1) + 1;
    }
    (place - larger * (size + 1)) / size.max(1) + larger + 1
}

fn whole(count: usize) -> Datum {
    Datum::Number(Decimal::from(count).into())
}

fn number(value: Datum, of: &Expr) -> Result<Exact, EvaluationError> {
    if !value.is_number() {
        return Err(EvaluationError::Rule(RuleError::WrongOperand {
            operator: "this aggregate".into(),
            wanted: "numbers",
            found: value.describe_as(of),
            help: "name a column of numbers; count() counts rows",
        }));
    }
    exact(value)
}

fn extreme(values: Vec<Datum>, of: &Expr, wanted: Ordering) -> Result<Datum, EvaluationError> {
    let mut best = Datum::Null;
    for value in values {
        if best == Datum::Null || value.compare(&best, of, false)? == wanted {
            best = value;
        }
    }
    Ok(best)
}

fn is_among(value: &Datum, others: &[Datum], of: &Expr) -> Result<bool, EvaluationError> {
    for other in others {
        if value.compare(other, of, true)?.is_eq() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Two missing values are equal here, as in a GROUP BY.
fn are_equal(a: &Datum, b: &Datum, of: &Expr) -> Result<bool, EvaluationError> {
    if *a == Datum::Null || *b == Datum::Null {
        return Ok(*a == *b);
    }
    Ok(a.compare(b, of, true)?.is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, figure, orders, parent};
    use crate::{Value, evaluate};

    fn row<const N: usize>(values: [(&str, Value); N]) -> Record {
        Record::new(values.map(|(name, value)| (name.to_owned(), value)))
    }

    fn customer() -> Record {
        let order = |total: i64, at: &str| row([("total", total.into()), ("at", at.into())]);
        let all =
            vec![order(10, "2025-10-01"), order(30, "2024-01-01"), row([("at", Value::Null)])];
        row([("limit", 20.into())])
            .with_related("SalesOrder", all)
            .with_parent("tenantId", row([("days", 90.into())]))
    }

    fn value(expr: &Expr) -> Value {
        evaluate(expr, &customer(), AS_OF).unwrap_or_else(|error| panic!("{expr}: {error}"))
    }

    fn number(text: &str) -> Value {
        Value::Decimal(text.parse().expect(text))
    }

    #[test]
    fn related_rows_are_aggregated_without_their_missing_values() {
        let total = || col("total");
        let recent = || Some(col("total").greater(10));
        for (expr, expected) in [
            (orders(None, Aggregate::Count), number("3")),
            (orders(None, Aggregate::Exists), true.into()),
            (orders(None, Aggregate::CountDistinct(total())), number("2")),
            (orders(None, Aggregate::Sum(total())), number("40")),
            (orders(recent(), Aggregate::Sum(total())), number("30")),
            (orders(None, Aggregate::Average(total())), number("20")),
            (orders(None, Aggregate::Max(col("at"))), "2025-10-01".into()),
            (orders(Some(col("total").greater(99)), Aggregate::Sum(total())), number("0")),
            (orders(Some(col("total").greater(99)), Aggregate::Average(total())), Value::Null),
            (parent("tenantId", col("days")), number("90")),
            (parent("ownerId", col("days")), Value::Null),
        ] {
            assert_eq!(value(&expr), expected, "{expr}");
        }
    }

    #[test]
    fn a_related_row_is_compared_with_the_row_itself() {
        let above =
            crate::Node::Compare(crate::Comparison::Greater, col("total"), Expr::outer("limit"));
        let above = Expr::new(above).expect("small");
        assert_eq!(value(&orders(Some(above), Aggregate::Count)), number("1"));
    }

    #[test]
    fn a_row_has_its_place_among_the_others() {
        let of = |orders: i64| row([("orders", orders.into())]);
        let others = [1, 2, 3, 5, 5, 6, 7, 8, 9].map(of).to_vec();
        let rank = |rank: Rank, own: i64| {
            let source = FigureSource::Rank {
                rank,
                value: col("orders"),
                partition: vec![],
                among: Some(col("orders").greater(0)),
            };
            evaluate(&figure(source), &of(own).with_others(others.clone()), AS_OF)
        };
        let top = Rank::TopPercent(20.into());
        assert_eq!(rank(top, 10), Ok(true.into()));
        assert_eq!(rank(top, 9), Ok(true.into()));
        assert_eq!(rank(top, 6), Ok(false.into()));
        assert_eq!(rank(Rank::Rank, 4), Ok(number("4")));
        assert_eq!(rank(Rank::Ntile(5), 10), Ok(number("5")));
        assert!(matches!(rank(Rank::Ntile(10), 5), Err(EvaluationError::TiedRows { .. })));
        assert_eq!(rank(Rank::Rank, 0), Ok(Value::Null));
    }

    #[test]
    fn the_first_buckets_are_the_larger_ones() {
        let buckets =
            |rows: usize, count| (0..rows).map(|at| bucket(at, rows, count)).collect::<Vec<_>>();
        assert_eq!(buckets(7, 3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(buckets(2, 3), [1, 2]);
    }
}
