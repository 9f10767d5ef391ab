//! From how many rows a figure is made: a sum says little without the number of its orders.

use jiff::civil::Date;

use crate::{Figure, FigureGroup, Relation, RuleError, Table};

impl Relation {
    /// The same rows, with the number of rows behind each figure that is made of several: one more column for each, counted
    /// in the same pass over those rows.
    ///
    /// # Errors
    /// As [`Relation::with_figures`].
    pub fn with_row_counts(&self, as_of: Date) -> Result<Self, RuleError> {
        self.with_row_counts_beside(&self.table, as_of)
    }

    /// `all` has the columns of these rows and of what is made from them: a rule may read a number itself.
    fn with_row_counts_beside(&self, all: &Table, as_of: Date) -> Result<Self, RuleError> {
        let Some(figures) = &self.figures else { return Ok(self.clone()) };
        let base = figures.base.with_row_counts_beside(all, as_of)?;
        if !figures.ranks.is_empty() {
            return base.with_ranks(&figures.ranks.iter().collect::<Vec<_>>(), as_of);
        }
        let counted = |group: &FigureGroup| {
            let relation = group.relation.with_row_counts(as_of)?;
            let mut figures = group.figures.clone();
            for count in group.figures.iter().filter_map(Figure::row_count) {
                // The rows may have it already, since a rank may be counted by what is made of the same rows.
                let is_known = figures.iter().any(|known| known.name() == count.name())
                    || [all, &base.table].iter().any(|rows| rows.column(count.name()).is_some());
                if !is_known {
                    figures.push(count);
                }
            }
            Ok(FigureGroup { relation, figures, ..group.clone() })
        };
        let groups = figures.groups.iter().map(counted).collect::<Result<Vec<_>, RuleError>>()?;
        base.with_figures(&groups, as_of)
    }

    /// The column with the number of rows behind the figure of this column, where [`Relation::with_row_counts`] has added
    /// one.
    pub fn row_count_column(&self, name: &str) -> Option<String> {
        let count = self.row_count_of(name)?.name().to_owned();
        self.table.column(&count).is_some().then_some(count)
    }

    fn row_count_of(&self, name: &str) -> Option<Figure> {
        let figures = self.figures.as_ref()?;
        let mut found = figures.groups.iter().flat_map(|group| &group.figures);
        match found.find(|figure| figure.name() == name) {
            Some(figure) => figure.row_count(),
            None => figures.base.row_count_of(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{AS_OF, col, customers, orders, parent};
    use crate::{Aggregate, Expr};

    fn row_count(expr: &Expr) -> Option<String> {
        expr.figures()[0].row_count().map(|count| count.to_string())
    }

    #[test]
    fn what_is_made_of_several_rows_has_their_number() {
        let paid = orders(Some(col("paid")), Aggregate::Sum(col("total")));
        let count = Some("SalesOrder.where(paid).count()".to_owned());
        assert_eq!(row_count(&paid), count);
        assert_eq!(row_count(&orders(Some(col("paid")), Aggregate::Exists)), count);
        let of_parent = parent("tenantId", orders(None, Aggregate::Max(col("at"))));
        assert_eq!(row_count(&of_parent), Some("tenantId.SalesOrder.count()".into()));
        // A count is one, and a column is of one row.
        assert_eq!(row_count(&orders(None, Aggregate::Count)), None);
        assert_eq!(row_count(&parent("tenantId", col("name"))), None);
    }

    #[test]
    fn rows_without_figures_have_no_numbers() {
        let rows = customers().with_row_counts(AS_OF).expect("rows");
        assert_eq!(rows.table.columns.len(), customers().table.columns.len());
        assert_eq!(rows.row_count_column("orders"), None);
    }
}
