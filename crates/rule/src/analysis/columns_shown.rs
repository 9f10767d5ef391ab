//! The columns that explain what a rule makes of a row.

use crate::distinct::distinct;
use crate::{Expr, Figure, FigureSource, Relation, Rule, Table};

/// The columns that a rule reads, and behind each rank those by which it is counted: a place alone does not say why a row
/// has it. Figures come with the number of rows that they are made of, from [`Relation::with_row_counts`].
#[derive(Clone, Debug)]
pub struct ColumnsShown {
    /// Their names.
    pub names: Vec<String>,
    /// The places of their numbers of rows among all columns.
    counts: Vec<Option<usize>>,
    all: Vec<String>,
}

impl ColumnsShown {
    /// Those that a rule reads of these rows, as far as `is_shown` takes them.
    pub fn of(rule: &Rule, rows: &Relation, is_shown: impl Fn(&str) -> bool) -> Self {
        let mut names = columns(rule, &rows.table);
        names.retain(|name| is_shown(name));
        let counts: Vec<Option<String>> =
            names.iter().map(|name| rows.row_count_column(name)).collect();
        let all = distinct(names.iter().chain(counts.iter().flatten()).cloned());
        let place =
            |count: Option<String>| all.iter().position(|name| Some(name) == count.as_ref());
        Self { counts: counts.into_iter().map(place).collect(), names, all }
    }

    /// The columns that a statement must give, each once.
    pub fn selected(&self) -> &[String] {
        &self.all
    }

    /// The values of the names among those of [`ColumnsShown::selected`], and for each the number of rows that it is made of.
    pub fn read(&self, cells: Vec<Option<String>>) -> (Vec<Option<String>>, Vec<Option<u64>>) {
        let number = |place: &usize| cells.get(*place)?.as_ref()?.parse::<u64>().ok();
        let of_rows = self.counts.iter().map(|place| place.as_ref().and_then(number)).collect();
        (cells.into_iter().take(self.names.len()).collect(), of_rows)
    }
}

fn columns(rule: &Rule, table: &Table) -> Vec<String> {
    let expressions = rule.expressions();
    let figures: Vec<&Figure> = expressions.iter().flat_map(Expr::figures).collect();
    let ranked_by = |name: &String| {
        let figure = figures.iter().find(|figure| figure.name() == name);
        match figure.map(|figure| figure.source()) {
            Some(FigureSource::Rank { value, .. }) => value.columns(),
            _ => vec![],
        }
    };
    let read = rule.columns_read(table);
    let shown = read.iter().flat_map(|name| {
        std::iter::once(name.clone()).chain(ranked_by(name).into_iter().map(str::to_owned))
    });
    distinct(shown.filter(|name| table.column(name).is_some()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fixtures::{col, figure, priority, table};
    use crate::{Column, Rank};

    #[test]
    fn a_rank_is_shown_with_the_value_by_which_it_is_counted() {
        let rank = figure(FigureSource::Rank {
            rank: Rank::Ntile(5),
            value: col("orders"),
            partition: vec![col("grade")],
            among: None,
        });
        let name = rank.columns()[0].to_owned();
        let mut table = table();
        let orders = table.require_column("orders").expect("a column").clone();
        table.columns.push(Column { name: name.clone(), ..orders });
        let rule = priority([(Some(rank.eq_to(5)), "HIGH"), (Some(col("active")), "LOW")]);
        let rows = Relation::from_table(Arc::new(table));
        let shown = ColumnsShown::of(&rule, &rows, |_| true);
        assert_eq!(shown.names, [name.as_str(), "orders", "active"]);
        let few = ColumnsShown::of(&rule, &rows, |name| name == "active");
        assert_eq!(few.selected(), ["active"]);
    }

    #[test]
    fn values_are_read_with_the_rows_that_they_are_made_of() {
        let names: Vec<String> = ["sum", "count", "max"].map(str::to_owned).to_vec();
        let all = names.iter().cloned().chain(["other count".to_owned()]).collect();
        let shown = ColumnsShown { names, counts: vec![Some(1), None, Some(3)], all };
        let cell = |text: &str| Some(text.to_owned());
        let (values, of_rows) = shown.read(vec![cell("7.5"), cell("2"), None, cell("0")]);
        assert_eq!(values, [cell("7.5"), cell("2"), None]);
        assert_eq!(of_rows, [Some(2), None, Some(0)]);
    }
}
