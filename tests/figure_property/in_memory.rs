//! A random rule on rows in memory: the rule as the program has it, and each row with the other rows that it reads.

use jiff::civil::{Date, date};
use leora_rule::{
    Aggregate, Arithmetic, Arm, Assignment, Comparison, Decision, EvaluationError, Expr, Figure,
    FigureSource, Link, Node, Period, Rank, Record, Rule, Value, decide, parse_decimal,
};

use super::schema::{Row, Rows, normal, types, value};
use super::term::{PARENTS, RandomRule, Term, Way};

const AS_OF: Date = date(2025, 7, 1);

/// What the rule leaves in its column, of each row in order; `None` is missing.
pub fn outcomes(rule: &RandomRule, rows: &Rows) -> Vec<Result<Option<String>, EvaluationError>> {
    let (made, terms) = (program_rule(rule), rule.terms());
    let one = |row: &Row| {
        let kept = row.get(rule.column).cloned();
        Ok(match decide(&made, &record(rule.table, row, &terms, rows), AS_OF)? {
            Decision::LeftOut | Decision::Unmatched => kept,
            Decision::Given { value, .. } => {
                value.to_sql_text().map(|text| normal(&text, rule.column))
            }
        })
    };
    rows[rule.table].iter().map(one).collect()
}

/// A row with those other rows that these terms read.
fn record(table: &'static str, row: &Row, terms: &[&Term], rows: &Rows) -> Record {
    let types = types(table);
    let names = types.iter().map(|(name, _)| name.clone());
    let values: Vec<(String, Value)> =
        names.map(|name| (name.clone(), value(row, &name))).collect();
    let mut record = Record::new(values).with_types(types);
    let figures: Vec<&Term> = terms.iter().flat_map(|term| term.figures()).collect();
    let mut ways: Vec<(Way, Vec<&Term>)> = Vec::new();
    let mut ranked: Vec<&Term> = Vec::new();
    for figure in &figures {
        let (way, inner): (Way, Vec<&Term>) = match figure {
            Term::Parent(way, value) => (*way, vec![value]),
            Term::Related { way, filter, of, .. } => {
                (*way, filter.iter().chain(of).map(|term| &**term).collect())
            }
            other => {
                ranked.extend(other.children());
                continue;
            }
        };
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, known)) => known.extend(inner),
            None => ways.push((way, inner)),
        }
    }
    for (way, inner) in ways {
        let others = rows[way.other].iter().filter(|other| belongs(&way, other, row));
        let mut others = others.map(|other| self::record(way.other, other, &inner, rows));
        if PARENTS.contains(&way) {
            if let Some(parent) = others.next() {
                record = record.with_parent(way.by.unwrap_or(way.other), parent);
            }
        } else {
            record = record.with_related(way.other, others.collect());
        }
    }
    if figures.iter().any(|figure| matches!(figure, Term::Rank { .. })) {
        let others = rows[table].iter().filter(|other| other["id"] != row["id"]);
        record = record
            .with_others(others.map(|other| self::record(table, other, &ranked, rows)).collect());
    }
    record
}

fn belongs(way: &Way, other: &Row, own: &Row) -> bool {
    way.pairs.iter().all(|(theirs, mine)| {
        let value = other.get(*theirs);
        value.is_some() && value == own.get(*mine)
    })
}

fn program_rule(rule: &RandomRule) -> Rule {
    let arm = |(condition, value): &(Option<Term>, Term)| Arm {
        condition: condition.as_ref().map(expr),
        value: expr(value),
        line: None,
    };
    Rule {
        table: rule.table.into(),
        filter: rule.filter.as_ref().map(expr),
        column: rule.column.into(),
        assignment: Assignment::Arms(rule.arms.iter().map(arm).collect()),
        location: None,
        joins_previous: false,
    }
}

fn link(way: &Way) -> Link {
    match way.by {
        Some(column) => {
            let table = (!PARENTS.contains(way)).then(|| way.other.into());
            Link::ForeignKey { table, column: column.into() }
        }
        None => {
            let pair = |(theirs, mine): &(&str, &str)| ((*theirs).into(), (*mine).into());
            Link::Columns { table: way.other.into(), pairs: way.pairs.iter().map(pair).collect() }
        }
    }
}

fn number(text: &str) -> Value {
    Value::Decimal(parse_decimal(text).expect("a number"))
}

fn literal(term: &Term) -> Value {
    match term {
        Term::Number(text) => number(text),
        Term::Text(text) | Term::Label(text) => Value::Text((*text).into()),
        Term::Truth(truth) => Value::Bool(*truth),
        _ => Value::Null,
    }
}

fn period(months: u64) -> Period {
    Period::new(months.cast_signed(), 0).expect("a period")
}

fn expr(term: &Term) -> Expr {
    let node = match term {
        Term::Column(name) => Node::Column((*name).into()),
        Term::Outer(name) => return Expr::outer(name),
        Term::Ago(months) => Node::Ago(period(*months)),
        Term::Calculate(operator, a, b) => {
            let symbol = operator.to_string();
            let known = Arithmetic::ALL.iter().find(|known| known.symbol() == symbol);
            Node::Arithmetic(*known.expect("an operator"), expr(a), expr(b))
        }
        Term::Coalesce(a, b) => Node::Coalesce(vec![expr(a), expr(b)]),
        Term::Compare(operator, a, b) => {
            let known = Comparison::ALL.iter().find(|known| known.symbol() == *operator);
            Node::Compare(*known.expect("an operator"), expr(a), expr(b))
        }
        Term::IsMissing(a) => Node::IsNull(expr(a)),
        Term::IsOneOf(a, values) => Node::IsOneOf(expr(a), values.iter().map(literal).collect()),
        Term::Within(a, months) => Node::Within(expr(a), period(*months)),
        Term::And(a, b) => Node::And(expr(a), expr(b)),
        Term::Or(a, b) => Node::Or(expr(a), expr(b)),
        Term::Not(a) => Node::Not(expr(a)),
        Term::Parent(..) | Term::Related { .. } | Term::Rank { .. } => {
            Node::Figure(Figure::new(source(term)).expect("not too deep").into())
        }
        _ => return Expr::literal(literal(term)),
    };
    Expr::new(node).expect("small")
}

fn source(term: &Term) -> FigureSource {
    match term {
        Term::Parent(way, value) => FigureSource::Parent { link: link(way), value: expr(value) },
        Term::Related { way, filter, made, of } => {
            let of = || expr(of.as_ref().expect("a value"));
            let aggregate = match *made {
                "count" => Aggregate::Count,
                "exists" => Aggregate::Exists,
                "count_distinct" => Aggregate::CountDistinct(of()),
                "sum" => Aggregate::Sum(of()),
                "min" => Aggregate::Min(of()),
                "max" => Aggregate::Max(of()),
                _ => Aggregate::Average(of()),
            };
            let filter = filter.as_ref().map(|filter| expr(filter));
            FigureSource::Related { link: link(way), filter, aggregate }
        }
        Term::Rank { name, count, value, by, among } => {
            let rank = match *name {
                "rank" => Rank::Rank,
                "percent_rank" => Rank::PercentRank,
                "ntile" => Rank::Ntile(count.parse().expect("a number")),
                _ => Rank::TopPercent(count.parse().expect("a number")),
            };
            let partition = by.iter().map(|name| Expr::column(name)).collect();
            let among = among.as_ref().map(|among| expr(among));
            FigureSource::Rank { rank, value: expr(value), partition, among }
        }
        _ => unreachable!("it is no figure"),
    }
}
