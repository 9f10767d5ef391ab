//! The rows of a table with the values that other rows give them, each as one more column.

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::figure::{outer_column, own_column};
use crate::sql::figure_values::Made;
use crate::sql::relation::Figures;
use crate::sql::statement::append;
use crate::sql::table::column_list;
use crate::{
    Column, Expr, Figure, FigureColumn, FigureSource, Relation, RuleError, Sql, SqlBuilder, Table,
    quote_identifier,
};

/// The row itself.
const OWN: &str = "\"#own\"";

/// Figures that come from the same rows of another table.
#[derive(Clone, Debug)]
pub struct FigureGroup {
    /// The rows of the other table, with the figures that they have themselves.
    pub relation: Relation,
    /// A column of the other table, and the row's own column that it equals.
    pub pairs: Vec<(String, String)>,
    /// What is made of those rows.
    pub figures: Vec<Figure>,
}

/// How related rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FigureJoin {
    /// All of them at once, grouped: for many rows.
    Grouped,
    /// For each row by itself: for few rows.
    RowByRow,
}

impl Relation {
    /// The rows with these figures as further columns.
    ///
    /// # Errors
    /// [`RuleError`] when a figure means nothing on its rows.
    pub fn with_figures(&self, groups: &[FigureGroup], as_of: Date) -> Result<Self, RuleError> {
        self.joined(groups, FigureJoin::Grouped, &[], as_of)
    }

    /// Rows of `table`, which is the table of this relation or a partition of it, with the figures of this relation, each
    /// found for its row alone: for statements about few rows. They also have the `ctid` and `xmin` of the table.
    ///
    /// # Errors
    /// As [`Relation::with_figures`].
    pub fn row_by_row(&self, table: &Arc<Table>, as_of: Date) -> Result<Self, RuleError> {
        let stored = Self::from_table(Self::from_table(Arc::clone(table)).stored_table());
        match &self.figures {
            None => Ok(stored),
            Some(figures) => {
                let groups = each_row_by_row(&figures.groups, as_of)?;
                stored.joined(&groups, FigureJoin::RowByRow, &["ctid", "xmin"], as_of)
            }
        }
    }

    /// Whether other rows give them something.
    pub fn has_figures(&self) -> bool {
        self.figures.is_some()
    }

    fn joined(
        &self,
        groups: &[FigureGroup],
        how: FigureJoin,
        further: &[&str],
        as_of: Date,
    ) -> Result<Self, RuleError> {
        let mut parameters = self.parameters().to_vec();
        let (mut columns, mut joins, mut shown) = (Vec::new(), String::new(), Vec::new());
        for (number, group) in groups.iter().enumerate() {
            let name = format!("\"#other {number}\"");
            let (Sql { text, parameters: more }, made) =
                group.rows(&self.table, &name, how, as_of)?;
            joins.push_str(&append(&mut parameters, &text, more));
            for (figure, Made { column, from_none, .. }) in group.figures.iter().zip(made) {
                let own = quote_identifier(&column.name);
                let value = format!("{name}.{own}");
                shown.push(match from_none {
                    Some(none) => format!("coalesce({value}, {none}) AS {own}"),
                    None => value,
                });
                let figure = Some(figure_column(figure, &group.relation.table, &group.pairs));
                columns.push(Column { figure, ..column });
            }
        }
        shown.extend(further.iter().map(|name| format!("{OWN}.{name}")));
        let rows = self.with_columns(columns, &shown, &joins, parameters);
        let figures = Figures { base: self.clone(), groups: groups.to_vec(), ranks: vec![] };
        Ok(Self { figures: Some(Arc::new(figures)), ..rows })
    }

    /// The rows with these ranks as further columns. The figures that they are counted by must be among the columns.
    ///
    /// # Errors
    /// [`RuleError`] when a rank means nothing on these rows.
    pub fn with_ranks(&self, ranks: &[&Figure], as_of: Date) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(self, as_of);
        let (mut columns, mut shown) = (Vec::new(), Vec::new());
        for &figure in ranks {
            let Made { column, sql: value, .. } = sql.figure(figure, false)?;
            shown.push(format!("{value} AS {}", quote_identifier(&column.name)));
            columns
                .push(Column { figure: Some(figure_column(figure, &self.table, &[])), ..column });
        }
        let parameters = sql.finish(String::new()).parameters;
        let rows = self.with_columns(columns, &shown, "", parameters);
        let ranks = ranks.iter().map(|&figure| figure.clone()).collect();
        let figures = Figures { base: self.clone(), groups: vec![], ranks };
        Ok(Self { figures: Some(Arc::new(figures)), ..rows })
    }

    fn with_columns(
        &self,
        columns: Vec<Column>,
        shown: &[String],
        joins: &str,
        parameters: Vec<Option<String>>,
    ) -> Self {
        let own = column_list(&format!("{OWN}."), self.table.column_names(), "");
        let shown: String = shown.iter().map(|one| format!(", {one}")).collect();
        let text = format!("(SELECT {own}{shown} FROM {} AS {OWN}{joins})", self.text());
        let mut table = Table::clone(&self.table);
        table.columns.extend(columns);
        let sql = Sql { text, parameters };
        Self { pending: self.pending.clone(), ..Self::from_sql(Arc::new(table), sql) }
    }
}

fn each_row_by_row(groups: &[FigureGroup], as_of: Date) -> Result<Vec<FigureGroup>, RuleError> {
    let one = |group: &FigureGroup| {
        let inner = match &group.relation.figures {
            None => group.relation.clone(),
            Some(figures) => {
                let groups = each_row_by_row(&figures.groups, as_of)?;
                let rows = figures.base.joined(&groups, FigureJoin::RowByRow, &[], as_of)?;
                let ranks: Vec<&Figure> = figures.ranks.iter().collect();
                if ranks.is_empty() { rows } else { rows.with_ranks(&ranks, as_of)? }
            }
        };
        Ok(FigureGroup { relation: inner, ..group.clone() })
    };
    groups.iter().map(one).collect()
}

impl FigureGroup {
    /// Whether it comes from the same rows as another group.
    pub(super) fn has_rows_of(&self, other: &Self) -> bool {
        self.pairs == other.pairs
            && self.is_parent() == other.is_parent()
            && self.relation.sql == other.relation.sql
    }

    pub(super) fn is_parent(&self) -> bool {
        let source = self.figures.first().map(Figure::source);
        matches!(source, Some(FigureSource::Parent { .. }))
    }

    /// What is joined to the rows of `own`, under this name, and what it has for each figure.
    fn rows(
        &self,
        own: &Table,
        name: &str,
        how: FigureJoin,
        as_of: Date,
    ) -> Result<(Sql, Vec<Made>), RuleError> {
        let outer = self.outer_columns();
        let inner = self.seen_from(own, &outer)?;
        let mut sql = SqlBuilder::new(&inner, as_of);
        let is_parent = self.is_parent();
        let (filter, filters) = if is_parent { (None, vec![]) } else { self.filters() };
        let taken = filter.map(|filter| sql.condition(filter)).transpose()?;
        let any = filters.iter().map(|one| sql.condition(one)).collect::<Result<Vec<_>, _>>()?;
        let mut made = Vec::new();
        for figure in &self.figures {
            made.push(sql.figure(figure, filter.is_some())?);
        }
        let values: Vec<String> = made
            .iter()
            .map(|one| format!("{} AS {}", one.sql, quote_identifier(&one.column.name)))
            .collect();
        let keys: Vec<String> =
            self.pairs.iter().map(|(other, _)| quote_identifier(other)).collect();
        let mut conditions: Vec<String> = taken.into_iter().collect();
        if !any.is_empty() {
            conditions.push(format!("({})", any.join(" OR ")));
        }
        let equal = |left: &dyn Fn(usize, &str) -> String| -> Result<String, RuleError> {
            let mut tests = Vec::new();
            for (at, (other, mine)) in self.pairs.iter().enumerate() {
                let column = inner.table.require_column(other)?;
                let mine = &own.require_column(mine)?.name;
                let right = format!("{OWN}.{}", quote_identifier(mine));
                tests.push(column.data_type.operation(&left(at, other), "=", &right));
            }
            Ok(tests.join(" AND "))
        };
        let source = inner.text();
        let text = if is_parent || (how == FigureJoin::Grouped && outer.is_empty()) {
            let named: Vec<String> = keys
                .iter()
                .enumerate()
                .map(|(at, key)| format!("{key} AS \"#key {at}\""))
                .collect();
            let group =
                if is_parent { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
            format!(
                " LEFT JOIN (SELECT {}, {} FROM {source} AS \"#rows\"{}{group}) AS {name} ON {}",
                named.join(", "),
                values.join(", "),
                where_all(&conditions),
                equal(&|at, _| format!("{name}.\"#key {at}\""))?,
            )
        } else {
            conditions
                .insert(0, equal(&|_, other| format!("\"#rows\".{}", quote_identifier(other)))?);
            format!(
                " LEFT JOIN LATERAL (SELECT {} FROM {source} AS \"#rows\"{}) AS {name} ON true",
                values.join(", "),
                where_all(&conditions),
            )
        };
        Ok((sql.finish(text), made))
    }

    /// The condition that all figures have, or those of each of them where none is without.
    fn filters(&self) -> (Option<&Expr>, Vec<&Expr>) {
        let all: Vec<Option<&Expr>> = self.figures.iter().map(filter).collect();
        match all.first() {
            Some(first) if all.iter().all(|one| one == first) => (*first, vec![]),
            _ => (None, all.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()),
        }
    }

    /// The columns of the row itself that the figures read beside those of the related row.
    fn outer_columns(&self) -> Vec<String> {
        let expressions = self.figures.iter().flat_map(|figure| figure.source().expressions());
        let mut names: Vec<String> = expressions
            .flat_map(Expr::columns)
            .filter_map(|name| own_column(name).map(str::to_owned))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The other rows, beside the columns of the row itself that are read with them.
    fn seen_from(&self, own: &Table, outer: &[String]) -> Result<Relation, RuleError> {
        if outer.is_empty() {
            return Ok(self.relation.clone());
        }
        let (mut columns, mut shown) = (Vec::new(), Vec::new());
        for name in outer {
            let column = own.require_column(name)?;
            let alias = outer_column(name);
            shown.push(format!("{OWN}.{} AS {}", quote_identifier(name), quote_identifier(&alias)));
            columns.push(Column { name: alias, ..column.clone() });
        }
        let inner = column_list("\"#inner\".", self.relation.table.column_names(), "");
        let text = format!(
            "(SELECT {inner}, {} FROM {} AS \"#inner\")",
            shown.join(", "),
            self.relation.text()
        );
        let mut table = Table::clone(&self.relation.table);
        table.columns.extend(columns);
        let sql = Sql { text, parameters: self.relation.parameters().to_vec() };
        Ok(Relation::from_sql(Arc::new(table), sql))
    }
}

fn filter(figure: &Figure) -> Option<&Expr> {
    match figure.source() {
        FigureSource::Related { filter, .. } => filter.as_ref(),
        FigureSource::Parent { .. } | FigureSource::Rank { .. } => None,
    }
}

/// `rows` are those that the figure's expressions are over; `pairs` their columns that say which they are.
fn figure_column(figure: &Figure, rows: &Table, pairs: &[(String, String)]) -> FigureColumn {
    let names = figure.source().expressions().into_iter().flat_map(Expr::columns);
    let keys = pairs.iter().map(|(theirs, _)| theirs.as_str());
    let is_rank = matches!(figure.source(), FigureSource::Rank { .. });
    FigureColumn {
        shown: figure.to_string(),
        reads: rows.made_from(names.chain(keys)),
        may_call: rows.may_call() || (rows.unwritable.is_some() && !is_rank),
    }
}

fn where_all(conditions: &[String]) -> String {
    match conditions {
        [] => String::new(),
        all => format!(" WHERE {}", all.join(" AND ")),
    }
}
