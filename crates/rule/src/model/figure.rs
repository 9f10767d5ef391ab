//! Figures: values that a row has from other rows, such as the sum of its orders, a column of its tenant, or its rank. To
//! the rest of a rule a figure is one more column of the row, of which the database computes the values.

use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use crate::{Expr, Node, Rank};

/// The most levels of other rows inside one another: the orders of the tenant of a row are two.
pub const MAX_LEVELS: u32 = 3;

/// Names have at most 63 bytes.
const READABLE_BYTES: usize = 40;

/// What `outer("x")` is called among the columns of the related row.
const OUTER: &str = "#outer ";

/// A value that a row has from other rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    name: String,
    given_name: GivenName,
    source: FigureSource,
    parts: u32,
    levels: u32,
}

/// What a script calls a figure. It tells nothing of the figure: two that differ in it alone are equal.
#[derive(Clone, Default)]
struct GivenName(Option<Arc<str>>);

impl PartialEq for GivenName {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for GivenName {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names of columns are made from this text.
        Ok(())
    }
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureSource {
    /// The one row that this row refers to.
    Parent {
        /// Which row that is.
        link: Link,
        /// A column of it, or a figure.
        value: Expr,
    },
    /// All rows that refer to this row.
    Related {
        /// Which rows these are.
        link: Link,
        /// Those of them that count; all when `None`.
        filter: Option<Expr>,
        /// What is made of them.
        aggregate: Aggregate,
    },
    /// The place of this row among the rows of its table.
    Rank {
        /// How the place is counted.
        rank: Rank,
        /// By which value.
        value: Expr,
        /// Only among the rows that have the same values here.
        partition: Vec<Expr>,
        /// The rows that have a place; all when `None`.
        among: Option<Expr>,
    },
}

/// How rows of two tables belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// By the foreign key that this column has: a column of the row itself towards its parent, a column of `table` towards
    /// its related rows.
    ForeignKey {
        /// The table of the related rows; a parent's is found by the foreign key.
        table: Option<String>,
        /// The column with the foreign key.
        column: String,
    },
    /// By equal columns.
    Columns {
        /// The other table.
        table: String,
        /// A column of the other table, and the row's own column that it equals.
        pairs: Vec<(String, String)>,
    },
}

/// What is made of several rows. Values are expressions over the related row.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// Whether there is one.
    Exists,
    /// How many different values they have.
    CountDistinct(Expr),
    /// The sum; 0 of none.
    Sum(Expr),
    /// The smallest value.
    Min(Expr),
    /// The largest value.
    Max(Expr),
    /// The mean.
    Average(Expr),
}

impl Aggregate {
    /// Its name in scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Exists => "exists",
            Self::CountDistinct(_) => "count_distinct",
            Self::Sum(_) => "sum",
            Self::Min(_) => "min",
            Self::Max(_) => "max",
            Self::Average(_) => "average",
        }
    }

    /// The value of each row that it takes.
    pub fn value(&self) -> Option<&Expr> {
        match self {
            Self::Count | Self::Exists => None,
            Self::CountDistinct(value)
            | Self::Sum(value)
            | Self::Min(value)
            | Self::Max(value)
            | Self::Average(value) => Some(value),
        }
    }
}

/// Other rows lie too deep inside one another: more than [`MAX_LEVELS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "other rows lie at most {MAX_LEVELS} levels deep, as the tenant of the customer of an order does"
)]
pub struct TooDeep;

impl Figure {
    /// The figure of this source.
    ///
    /// # Errors
    /// [`TooDeep`] past [`MAX_LEVELS`].
    pub fn new(source: FigureSource) -> Result<Self, TooDeep> {
        let inner = source.expressions();
        let parts = inner.iter().fold(1_u32, |sum, expr| sum.saturating_add(expr.parts()));
        let deepest = inner.iter().map(|expr| expr.levels()).max().unwrap_or(0);
        // A rank is among the rows of the same table.
        let levels = deepest + u32::from(!matches!(source, FigureSource::Rank { .. }));
        if levels > MAX_LEVELS {
            return Err(TooDeep);
        }
        let name = unique_name(&source);
        Ok(Self { name, given_name: GivenName::default(), source, parts, levels })
    }

    /// The same, shown by the name that the script gives it.
    pub fn called(self, name: &str) -> Self {
        Self { given_name: GivenName(Some(name.into())), ..self }
    }

    /// The name of its column: equal for equal figures, and no name that a table is likely to have.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it comes from.
    pub fn source(&self) -> &FigureSource {
        &self.source
    }

    /// This figure or one in it, by the name of its column.
    pub(crate) fn named(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        let inner = self.source.expressions().into_iter().flat_map(Expr::figures);
        inner.into_iter().find_map(|figure| figure.named(name))
    }

    /// The number of rows that it is made of, as a figure; `None` where it is made of one row, or is that number.
    pub(crate) fn row_count(&self) -> Option<Self> {
        let source = match &self.source {
            FigureSource::Related { aggregate: Aggregate::Count, .. }
            | FigureSource::Rank { .. } => return None,
            FigureSource::Related { link, filter, .. } => {
                let (link, filter) = (link.clone(), filter.clone());
                FigureSource::Related { link, filter, aggregate: Aggregate::Count }
            }
            FigureSource::Parent { link, value } => {
                let Node::Figure(inner) = value.node() else { return None };
                let count = Node::Figure(Arc::new(inner.row_count()?));
                FigureSource::Parent { link: link.clone(), value: Expr::new(count).ok()? }
            }
        };
        Self::new(source).ok()
    }

    /// How many figures it is, with those in it.
    pub fn count(&self) -> usize {
        let inner = self.source.expressions().into_iter().flat_map(Expr::figures);
        1 + inner.map(Self::count).sum::<usize>()
    }

    /// Whether it is a rank, or computed from one.
    pub(crate) fn is_ranked(&self) -> bool {
        let inner = self.source.expressions().into_iter().flat_map(Expr::figures);
        matches!(self.source, FigureSource::Rank { .. }) || inner.into_iter().any(Self::is_ranked)
    }

    pub(crate) fn parts(&self) -> u32 {
        self.parts
    }

    pub(crate) fn levels(&self) -> u32 {
        self.levels
    }
}

impl FigureSource {
    /// The expressions in it: over the other rows, but those of a rank over the row itself.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::Parent { value, .. } => vec![value],
            Self::Related { filter, aggregate, .. } => {
                filter.iter().chain(aggregate.value()).collect()
            }
            Self::Rank { value, partition, among, .. } => {
                std::iter::once(value).chain(partition).chain(among).collect()
            }
        }
    }
}

fn unique_name(source: &FigureSource) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{source:?}").hash(&mut hasher);
    // Without what is in it: a script may have a name for that, which says nothing of the figure.
    let readable = match source {
        FigureSource::Parent { link, .. } => link.name().to_owned(),
        FigureSource::Related { link, aggregate, .. } => {
            format!("{}.{}", link.name(), aggregate.name())
        }
        FigureSource::Rank { rank, .. } => rank.name().to_owned(),
    };
    let readable: String = readable.chars().filter(char::is_ascii).collect();
    let readable = readable.get(..READABLE_BYTES).unwrap_or(&readable);
    format!("#{readable} {:016x}", hasher.finish())
}

/// The name that the column `name` of the row itself has among those of a related row.
pub(crate) fn outer_column(name: &str) -> String {
    format!("{OUTER}{name}")
}

/// The row's own column that a column of a related row stands for, if it does.
pub fn own_column(name: &str) -> Option<&str> {
    name.strip_prefix(OUTER)
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given_name.0 {
            Some(name) => f.write_str(name),
            None => self.source.fmt(f),
        }
    }
}

impl fmt::Display for FigureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent { link, value } => write!(f, "{}.{value}", link.name()),
            Self::Related { link, filter, aggregate } => {
                f.write_str(link.name())?;
                if let Some(filter) = filter {
                    write!(f, ".where({filter})")?;
                }
                match aggregate.value() {
                    Some(value) => write!(f, ".{}({value})", aggregate.name()),
                    None => write!(f, ".{}()", aggregate.name()),
                }
            }
            Self::Rank { rank, value, partition, among } => {
                write!(f, "{}(", rank.name())?;
                if let Some(count) = rank.argument() {
                    write!(f, "{count}, ")?;
                }
                write!(f, "{value}")?;
                partition.iter().try_for_each(|by| write!(f, ", {by}"))?;
                f.write_str(")")?;
                among.iter().try_for_each(|among| write!(f, ".among({among})"))
            }
        }
    }
}

impl Link {
    /// The row's own columns that say which rows these are, as far as scripts name them.
    pub fn own_columns(&self, is_parent: bool) -> Vec<String> {
        match self {
            Self::ForeignKey { column, .. } if is_parent => vec![column.clone()],
            Self::ForeignKey { .. } => vec![],
            Self::Columns { pairs, .. } => pairs.iter().map(|(_, mine)| mine.clone()).collect(),
        }
    }

    /// The other table, or the column that refers to it.
    pub fn name(&self) -> &str {
        match self {
            Self::ForeignKey { table: Some(table), .. } | Self::Columns { table, .. } => table,
            Self::ForeignKey { table: None, column } => column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{col, figure, orders, parent};

    #[test]
    fn equal_figures_have_one_name_and_others_have_others() {
        let total = || orders(Some(col("paid")), Aggregate::Sum(col("total")));
        assert_eq!(total().columns(), total().columns());
        assert_ne!(total().columns(), orders(None, Aggregate::Sum(col("total"))).columns());
        let long = orders(Some(col(&"a".repeat(60))), Aggregate::Count);
        assert!(long.columns()[0].len() <= 63, "{:?}", long.columns());
    }

    #[test]
    fn a_name_that_the_script_gives_is_shown_and_makes_no_other_figure() {
        let rank = |orders: Expr| FigureSource::Rank {
            rank: Rank::Ntile(5),
            value: orders,
            partition: vec![],
            among: None,
        };
        let plain = orders(None, Aggregate::Count);
        let Node::Figure(count) = plain.node() else { panic!("{plain}") };
        let called = count.as_ref().clone().called("visits");
        assert_eq!((called.to_string().as_str(), called.name()), ("visits", count.name()));
        let called = Expr::new(Node::Figure(called.into())).expect("small");
        let [one, other] = [plain, called].map(|orders| figure(rank(orders)));
        assert_eq!(other.to_string(), "ntile(5, visits)");
        assert_eq!((one.columns(), &one), (other.columns(), &other));
    }

    #[test]
    fn a_figure_reads_as_a_script_names_it() {
        for (figure, expected) in [
            (orders(None, Aggregate::Count), "SalesOrder.count()"),
            (
                orders(Some(col("at").within("1y")), Aggregate::Max(col("at"))),
                "SalesOrder.where(at.within(1y)).max(at)",
            ),
            (parent("tenantId", parent("regionId", col("name"))), "tenantId.regionId.name"),
            (
                figure(FigureSource::Rank {
                    rank: Rank::TopPercent(20.into()),
                    value: col("orders"),
                    partition: vec![col("grade")],
                    among: Some(col("active")),
                }),
                "top_percent(20, orders, grade).among(active)",
            ),
        ] {
            assert_eq!(figure.to_string(), expected);
        }
    }

    #[test]
    fn other_rows_lie_three_levels_deep_and_no_deeper() {
        let three = parent("a", parent("b", parent("c", col("d"))));
        assert_eq!(three.levels(), MAX_LEVELS);
        let link = Link::ForeignKey { table: None, column: "z".into() };
        assert_eq!(Figure::new(FigureSource::Parent { link, value: three }), Err(TooDeep));
    }
}
