//! Finds the rows that the figures of a rule come from: the other tables, and how their rows belong to those of the rule.

use std::collections::BTreeSet;

use leora_host::HostError;
use leora_postgres::Catalog;
use leora_rule::{
    Expr, Figure, FigureGroup, FigureSource, ForeignKey, Link, Relation, Rule, RuleError, Table,
    nearest, quote_identifier, quote_qualified,
};

use crate::read::DatabaseReader;

/// What the catalog calls a relation that can have no index.
const NO_INDEX: [&str; 2] = ["it is a view", "it is a foreign table"];

impl DatabaseReader {
    /// The rows of the table of rules with all figures that they read.
    pub(crate) fn with_figures_of(
        &mut self,
        relation: Relation,
        rules: &[Rule],
    ) -> Result<Relation, HostError> {
        let expressions: Vec<Expr> = rules.iter().flat_map(Rule::expressions).collect();
        self.with_figures(relation, &expressions.iter().collect::<Vec<_>>())
    }

    /// The rows with all figures that these expressions read.
    pub(crate) fn with_figures(
        &mut self,
        relation: Relation,
        expressions: &[&Expr],
    ) -> Result<Relation, HostError> {
        let known =
            |relation: &Relation, figure: &Figure| relation.table.column(figure.name()).is_some();
        let mut figures: Vec<&Figure> = Vec::new();
        for figure in expressions.iter().flat_map(|expr| expr.figures()) {
            let is_new = !figures.iter().any(|one| one.name() == figure.name());
            if is_new && !known(&relation, figure) {
                figures.push(figure);
            }
        }
        if figures.is_empty() {
            return Ok(relation);
        }
        let limits = self.context.manifest().limits;
        let values = figures.iter().map(|figure| figure.count()).sum();
        check_number(values, limits.related_values, "values", "related_values")?;
        let (ranks, others): (Vec<&Figure>, Vec<&Figure>) = figures
            .into_iter()
            .partition(|figure| matches!(figure.source(), FigureSource::Rank { .. }));
        // What a rank is counted by is a figure of the row itself.
        let ranked_by: Vec<&Expr> =
            ranks.iter().flat_map(|figure| figure.source().expressions()).collect();
        let relation = self.with_figures(relation, &ranked_by)?;
        let as_of = self.context.as_of;
        let mut groups: Vec<(&Link, FigureGroup)> = Vec::new();
        for figure in others.into_iter().filter(|figure| !known(&relation, figure)) {
            let (FigureSource::Parent { link, .. } | FigureSource::Related { link, .. }) =
                figure.source()
            else {
                continue;
            };
            let is_parent = |one: &Figure| matches!(one.source(), FigureSource::Parent { .. });
            let known = groups.iter_mut().find(|(known, group)| {
                *known == link
                    && group.figures.iter().all(|one| is_parent(one) == is_parent(figure))
            });
            match known {
                Some((_, group)) => group.figures.push(figure.clone()),
                None => {
                    let (other, pairs) = self.linked(&relation, link, is_parent(figure))?;
                    groups.push((
                        link,
                        FigureGroup { relation: other, pairs, figures: vec![figure.clone()] },
                    ));
                }
            }
        }
        check_number(groups.len(), limits.related_tables, "sets of rows", "related_tables")?;
        let mut joined = Vec::new();
        for (_, FigureGroup { relation: other, pairs, figures }) in groups {
            let inner: Vec<&Expr> =
                figures.iter().flat_map(|figure| figure.source().expressions()).collect();
            check_columns(&inner, &other.table, &relation.table, |column| {
                format!("inside related(...) the row's own column is outer(\"{column}\")")
            })?;
            check_columns(expressions, &relation.table, &other.table, |column| {
                format!(
                    "write what is made of it, such as related(...).max(\"{column}\") or parent(...).col(\"{column}\")"
                )
            })?;
            let other = self.with_figures(other, &inner)?;
            joined.push(FigureGroup { relation: other, pairs, figures });
        }
        let relation = match joined.as_slice() {
            [] => relation,
            joined => relation.with_figures(joined, as_of)?,
        };
        match ranks.as_slice() {
            [] => Ok(relation),
            ranks => Ok(relation.with_ranks(ranks, as_of)?),
        }
    }

    /// The statements that create the indexes by which related rows would be found faster, each once.
    pub(crate) fn missing_indexes(
        &mut self,
        relation: &Relation,
    ) -> Result<BTreeSet<String>, HostError> {
        let mut missing = BTreeSet::new();
        for (table, columns) in relation.searched_columns() {
            // A view has none of its own.
            if table.unwritable.is_some() {
                continue;
            }
            let indexes = Catalog::new(&mut self.session).indexed_columns(&table.name)?;
            let searches = |index: &Vec<String>| {
                let first = index.iter().take(columns.len());
                first.filter(|name| columns.contains(name)).count() == columns.len()
            };
            if !indexes.iter().any(searches) {
                let names: Vec<String> =
                    columns.iter().map(|name| quote_identifier(name)).collect();
                let table = quote_qualified(&table.schema, &table.name);
                missing.insert(format!(
                    "CREATE INDEX CONCURRENTLY ON {table} ({});",
                    names.join(", ")
                ));
            }
        }
        Ok(missing)
    }

    /// The rows on the other side of a link, and which columns are equal: the other's, and the row's own.
    fn linked(
        &mut self,
        own: &Relation,
        link: &Link,
        is_parent: bool,
    ) -> Result<(Relation, Vec<(String, String)>), HostError> {
        let (table, pairs) = match link {
            Link::Columns { table, pairs } => (table.clone(), pairs.clone()),
            Link::ForeignKey { table: None, column } => self.parent_by_foreign_key(own, column)?,
            Link::ForeignKey { table: Some(table), column } => {
                (table.clone(), self.related_by_foreign_key(own, table, column)?)
            }
        };
        let other = self.relation(&table)?;
        for (theirs, mine) in &pairs {
            other.table.require_column(theirs)?;
            own.table.require_column(mine)?;
        }
        if let (Link::Columns { .. }, true) = (link, is_parent) {
            self.check_unique(&other.table, &pairs)?;
        }
        Ok((other, pairs))
    }

    fn parent_by_foreign_key(
        &mut self,
        own: &Relation,
        column: &str,
    ) -> Result<(String, Vec<(String, String)>), HostError> {
        let name = &own.table.require_column(column)?.name;
        let keys = Catalog::new(&mut self.session).foreign_keys(&own.table.name)?;
        let Some(key) = keys.iter().find(|key| key.columns == [name.as_str()]) else {
            return Err(HostError::NotAllowed {
                entry: None,
                message: format!(
                    "{}.{name} has no foreign key, so it refers to no row",
                    own.table.name
                ),
                help: format!(
                    "name the other table and the columns that are equal: parent(\"Table\", #{{ id: \"{name}\" }})"
                ),
            });
        };
        Ok((key.table.clone(), vec![(first(&key.references), name.clone())]))
    }

    fn related_by_foreign_key(
        &mut self,
        own: &Relation,
        table: &str,
        column: &str,
    ) -> Result<Vec<(String, String)>, HostError> {
        let other = self.relation(table)?;
        let name = other.table.require_column(column)?.name.clone();
        let own = &own.table.name;
        let keys = Catalog::new(&mut self.session).foreign_keys(table)?;
        let of_column = |key: &&ForeignKey| key.columns == [name.as_str()];
        if let Some(key) = keys.iter().filter(of_column).find(|key| key.table == *own) {
            return Ok(vec![(name, first(&key.references))]);
        }
        let message = match keys.iter().find(of_column) {
            Some(key) => format!("{table}.{name} refers to {}, and not to {own}", key.table),
            None => format!("{table}.{name} has no foreign key to {own}"),
        };
        let others: Vec<&str> = keys
            .iter()
            .filter(|key| key.table == *own)
            .filter_map(|key| key.columns.first().map(String::as_str))
            .collect();
        let help = match nearest(&name, others.iter().copied()).or(others.first().copied()) {
            Some(other) => format!("related(\"{table}\", \"{other}\") has one"),
            None => format!(
                "name the columns that are equal: related(\"{table}\", #{{ {name}: \"id\" }})"
            ),
        };
        Err(HostError::NotAllowed { entry: None, message, help })
    }

    /// A row has one parent.
    fn check_unique(&mut self, other: &Table, pairs: &[(String, String)]) -> Result<(), HostError> {
        let table = &other.name;
        let mut wanted: Vec<&str> = pairs.iter().map(|(theirs, _)| theirs.as_str()).collect();
        wanted.sort_unstable();
        let unique = Catalog::new(&mut self.session).unique_keys(table)?;
        let holds = |key: &Vec<String>| key.iter().all(|name| wanted.contains(&name.as_str()));
        if unique.iter().any(holds) {
            return Ok(());
        }
        let names = wanted.join(", ");
        let all = format!("ask for all of them with related(\"{table}\", #{{ ... }})");
        let message =
            format!("several rows of {table} may have the same {names}, so none is the parent");
        let without_index =
            other.unwritable.as_ref().filter(|reason| NO_INDEX.contains(&reason.as_str()));
        let (message, help) = match without_index {
            None => (message, format!("give {table} a unique index on ({names}), or {all}")),
            Some(reason) => (
                format!("{message}: {reason}, and no index can say otherwise"),
                format!("{all}, such as .max(\"...\") of one row"),
            ),
        };
        Err(HostError::NotAllowed { message, help, entry: None })
    }
}

/// To plan a statement that joins very many tables takes the server longer than to compute it.
fn check_number(count: usize, most: u64, what: &str, limit: &str) -> Result<(), HostError> {
    if count as u64 <= most {
        return Ok(());
    }
    Err(HostError::NotAllowed {
        entry: None,
        message: format!(
            "this reads {count} {what} of other tables, and at most {most} are read at once"
        ),
        help: format!("divide it into several rules, or raise {limit} in [limits] of leora.toml"),
    })
}

/// Refuses a column that the table lacks and another has, which is read beside it.
fn check_columns(
    expressions: &[&Expr],
    table: &Table,
    other: &Table,
    help: impl Fn(&str) -> String,
) -> Result<(), RuleError> {
    let is_foreign = |name: &&str| table.column(name).is_none() && other.column(name).is_some();
    match expressions.iter().flat_map(|expr| expr.required_columns()).find(is_foreign) {
        None => Ok(()),
        Some(column) => Err(RuleError::ColumnOfOther {
            table: table.name.clone(),
            column: column.to_owned(),
            other: other.name.clone(),
            help: help(column),
        }),
    }
}

fn first(names: &[String]) -> String {
    names.first().cloned().unwrap_or_default()
}
