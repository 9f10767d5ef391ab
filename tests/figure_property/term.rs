//! What a random rule is made of.

/// How the rows of two tables belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// The table of the row itself.
    pub own: &'static str,
    /// The other table.
    pub other: &'static str,
    /// A column of the other table, and the row's own column that it equals.
    pub pairs: &'static [(&'static str, &'static str)],
    /// The column that has the foreign key, where that is what the script names.
    pub by: Option<&'static str>,
}

const fn way(
    own: &'static str,
    other: &'static str,
    pairs: &'static [(&'static str, &'static str)],
    by: Option<&'static str>,
) -> Way {
    Way { own, other, pairs, by }
}

/// The ways to the one row of another table.
pub const PARENTS: &[Way] = &[
    way("Region", "Region", &[("id", "upperId")], Some("upperId")),
    way("Customer", "Region", &[("id", "regionId")], Some("regionId")),
    way("Customer", "Customer", &[("id", "upperId")], Some("upperId")),
    way("Customer", "Region", &[("a", "a"), ("b", "b")], None),
    way("Customer", "Region", &[("id", "size")], None),
    way("Order", "Customer", &[("id", "customerId")], Some("customerId")),
    way("Order", "Region", &[("a", "a"), ("b", "b")], None),
    way("Order", "Customer", &[("id", "size")], None),
];

/// The ways to many rows.
pub const RELATED: &[Way] = &[
    way("Region", "Customer", &[("regionId", "id")], Some("regionId")),
    way("Region", "Region", &[("upperId", "id")], Some("upperId")),
    way("Region", "Customer", &[("a", "a"), ("b", "b")], None),
    way("Region", "Order", &[("a", "a")], None),
    way("Region", "Order", &[("size", "id")], None),
    way("Customer", "Order", &[("customerId", "id")], Some("customerId")),
    way("Customer", "Customer", &[("upperId", "id")], Some("upperId")),
    way("Customer", "Order", &[("a", "a"), ("b", "b")], None),
    way("Customer", "Customer", &[("a", "a")], None),
    way("Customer", "Order", &[("price", "size")], None),
    way("Order", "Order", &[("customerId", "customerId")], None),
    way("Order", "Customer", &[("a", "a"), ("b", "b")], None),
    way("Order", "Region", &[("size", "size"), ("mood", "mood")], None),
];

/// A value or a condition over the columns of one row.
#[derive(Clone, Debug)]
pub enum Term {
    Missing,
    Number(&'static str),
    Text(&'static str),
    Label(&'static str),
    Truth(bool),
    /// So many months before the business date.
    Ago(u64),
    Column(&'static str),
    Outer(&'static str),
    /// `+`, `-`, `*`, `/`
    Calculate(char, Box<Term>, Box<Term>),
    Coalesce(Box<Term>, Box<Term>),
    Parent(Way, Box<Term>),
    Related {
        way: Way,
        filter: Option<Box<Term>>,
        /// `count`, `exists`, `sum`, ...
        made: &'static str,
        of: Option<Box<Term>>,
    },
    Rank {
        /// `rank`, `percent_rank`, `ntile`, `top_percent`
        name: &'static str,
        /// Buckets, or percent.
        count: &'static str,
        value: Box<Term>,
        by: Vec<&'static str>,
        among: Option<Box<Term>>,
    },
    Compare(&'static str, Box<Term>, Box<Term>),
    IsMissing(Box<Term>),
    IsOneOf(Box<Term>, Vec<Term>),
    Within(Box<Term>, u64),
    And(Box<Term>, Box<Term>),
    Or(Box<Term>, Box<Term>),
    Not(Box<Term>),
}

/// A rule: what it sets, and to what.
#[derive(Debug)]
pub struct RandomRule {
    pub table: &'static str,
    pub column: &'static str,
    pub filter: Option<Term>,
    /// `None` is `otherwise`.
    pub arms: Vec<(Option<Term>, Term)>,
    /// Whether it sets a further column of the rule before it.
    pub joins_previous: bool,
}

impl RandomRule {
    /// All terms of it.
    pub fn terms(&self) -> Vec<&Term> {
        let arms = self.arms.iter().flat_map(|(condition, value)| condition.iter().chain([value]));
        self.filter.iter().chain(arms).collect()
    }
}

impl Term {
    /// The terms in it that are over the same row.
    pub fn children(&self) -> Vec<&Term> {
        match self {
            Self::Calculate(_, a, b)
            | Self::Coalesce(a, b)
            | Self::Compare(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b) => vec![a, b],
            Self::IsMissing(a) | Self::IsOneOf(a, _) | Self::Within(a, _) | Self::Not(a) => vec![a],
            // Computed on the row itself, too.
            Self::Rank { value, among, .. } => {
                std::iter::once(&**value).chain(among.as_deref()).collect()
            }
            _ => vec![],
        }
    }

    /// Those that other rows give, in it and in what is over the same row.
    pub fn figures(&self) -> Vec<&Term> {
        let is_figure = matches!(self, Self::Parent(..) | Self::Related { .. } | Self::Rank { .. });
        let inner = self.children().into_iter().flat_map(Self::figures);
        is_figure.then_some(self).into_iter().chain(inner).collect()
    }
}
