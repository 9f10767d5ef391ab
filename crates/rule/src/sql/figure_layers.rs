//! The figures of several relations together, on other rows or on another day: each table is then read once, however many
//! figures come from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::{Figure, FigureGroup, Relation, RuleError, Table};

impl Relation {
    /// The rows without what other rows give them.
    pub fn without_figures(&self) -> &Self {
        self.figures.as_ref().map_or(self, |figures| figures.base.without_figures())
    }

    /// The tables whose rows give these rows something, each once.
    pub fn other_tables(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(figures) = &self.figures {
            names.extend(figures.base.other_tables());
            for group in &figures.groups {
                names.insert(group.relation.table.name.clone());
                names.extend(group.relation.other_tables());
            }
        }
        names
    }

    /// The tables of related rows, each with the columns by which they are searched.
    pub fn searched_columns(&self) -> Vec<(Arc<Table>, Vec<String>)> {
        let mut found = Vec::new();
        let Some(figures) = &self.figures else { return found };
        found.extend(figures.base.searched_columns());
        for group in &figures.groups {
            if !group.is_parent() {
                let columns = group.pairs.iter().map(|(theirs, _)| theirs.clone()).collect();
                found.push((Arc::clone(&group.relation.table), columns));
            }
            found.extend(group.relation.searched_columns());
        }
        found
    }

    /// The stored columns that the figures of these rows are made from, each with its table.
    pub fn figure_columns(&self) -> BTreeSet<(String, String)> {
        let figures = self.table.columns.iter().filter(|column| column.figure.is_some());
        self.table.made_from(figures.map(|column| column.name.as_str()))
    }

    /// These rows with all figures of the other relations, as of this day.
    ///
    /// # Errors
    /// [`RuleError`] when a figure means nothing on these rows.
    pub fn with_figures_of<'r>(
        &self,
        others: impl IntoIterator<Item = &'r Self>,
        as_of: Date,
    ) -> Result<Self, RuleError> {
        let (mut groups, mut ranks) = (Vec::new(), Vec::new());
        for other in others {
            other.collect_figures(&mut groups, &mut ranks, as_of)?;
        }
        let mut rows = match groups.as_slice() {
            [] => self.clone(),
            groups => self.with_figures(groups, as_of)?,
        };
        // A rank may be counted by another one, which is then a column already.
        while !ranks.is_empty() {
            let is_ready = |rank: &Figure| {
                let inner = rank.source().expressions();
                inner
                    .iter()
                    .flat_map(|expr| expr.figures())
                    .all(|figure| rows.table.column(figure.name()).is_some())
            };
            let (ready, waiting): (Vec<Figure>, Vec<Figure>) =
                ranks.into_iter().partition(is_ready);
            if ready.is_empty() {
                break;
            }
            rows = rows.with_ranks(&ready.iter().collect::<Vec<_>>(), as_of)?;
            ranks = waiting;
        }
        Ok(rows)
    }

    fn collect_figures(
        &self,
        groups: &mut Vec<FigureGroup>,
        ranks: &mut Vec<Figure>,
        as_of: Date,
    ) -> Result<(), RuleError> {
        let Some(figures) = &self.figures else { return Ok(()) };
        figures.base.collect_figures(groups, ranks, as_of)?;
        for group in &figures.groups {
            let inner = &group.relation;
            let relation = inner.without_figures().with_figures_of([inner], as_of)?;
            let group = FigureGroup { relation, ..group.clone() };
            match groups.iter_mut().find(|known| known.has_rows_of(&group)) {
                Some(known) => add_new(&mut known.figures, &group.figures),
                None => groups.push(group),
            }
        }
        add_new(ranks, &figures.ranks);
        Ok(())
    }
}

fn add_new(known: &mut Vec<Figure>, more: &[Figure]) {
    for figure in more {
        if !known.iter().any(|one| one.name() == figure.name()) {
            known.push(figure.clone());
        }
    }
}
