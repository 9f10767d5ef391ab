//! Random rules that read other rows.

use super::schema::{FAMILIES, Family, MOODS, READ, SET, TABLES};
use super::term::{PARENTS, RELATED, RandomRule, Term, Way};
use crate::support::Random;

const NUMBERS: [&str; 6] = ["0", "1", "2", "3", "0.5", "2.5"];
const TEXTS: [&str; 4] = ["", "a", "B", "ü '"];
const OPERATORS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

/// Makes the rules of one run; each reads what the ones before it have set.
pub struct RandomRules<'r> {
    pub random: &'r mut Random,
    /// What the earlier rules have set.
    pub set: Vec<(&'static str, &'static str)>,
    /// The ways that the rule has taken: an example names them by the other table, or by the column.
    ways: Vec<Way>,
}

/// Where a term stands.
#[derive(Clone, Copy)]
struct Place {
    table: &'static str,
    /// How many more levels of other rows there may be.
    levels: u64,
    /// The table of the row that the rows of a condition are related to.
    outer: Option<&'static str>,
    ranks: bool,
    depth: u64,
}

impl Place {
    fn deeper(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }

    fn plain(self) -> Self {
        Self { levels: 0, ranks: false, depth: 0, ..self }
    }

    fn on(self, table: &'static str) -> Self {
        Self { table, levels: self.levels - 1, outer: None, ..self.deeper() }
    }
}

impl<'r> RandomRules<'r> {
    pub fn new(random: &'r mut Random) -> Self {
        Self { random, set: vec![], ways: vec![] }
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.below(of.len() as u64) as usize]
    }

    /// So many rules, each for a column that none of the earlier ones sets. Some set several columns at once: these are of
    /// one table and condition, and read none of each other.
    pub fn rules(&mut self, count: usize) -> Vec<RandomRule> {
        let mut all: Vec<RandomRule> = Vec::new();
        while all.len() < count {
            let set = self.one_set(count - all.len());
            self.set.extend(set.iter().map(|rule| (rule.table, rule.column)));
            all.extend(set);
        }
        all
    }

    fn one_set(&mut self, most: usize) -> Vec<RandomRule> {
        self.ways.clear();
        let (table, _) = loop {
            let (table, set) = self.one(&TABLES);
            if SET.iter().any(|(column, ..)| !self.set.contains(&(table, column))) {
                break (table, set);
            }
        };
        let levels = 1 + self.random.below(3);
        let place = Place { table, levels, outer: None, ranks: true, depth: 3 };
        let filter = self.random.one_in(4).then(|| self.condition(place));
        let columns = if self.random.one_in(3) { 1 + self.random.below(3) as usize } else { 1 };
        let mut free: Vec<_> =
            SET.into_iter().filter(|(name, ..)| !self.set.contains(&(table, *name))).collect();
        let mut set: Vec<RandomRule> = Vec::new();
        while set.len() < columns.min(most) && !free.is_empty() {
            let (column, _, family) = free.remove(self.random.below(free.len() as u64) as usize);
            let arms = self.arms(place, family);
            let joins_previous = !set.is_empty();
            set.push(RandomRule { table, column, filter: filter.clone(), arms, joins_previous });
        }
        set
    }

    fn arms(&mut self, place: Place, family: Family) -> Vec<(Option<Term>, Term)> {
        let mut arms = Vec::new();
        for _ in 0..self.random.below(3) {
            arms.push((Some(self.condition(place)), self.given(place, family)));
        }
        if arms.is_empty() || self.random.one_in(2) {
            arms.push((None, self.given(place, family)));
        }
        arms
    }

    fn given(&mut self, place: Place, family: Family) -> Term {
        match self.random.below(8) {
            0 => Term::Missing,
            1 | 2 => self.literal(family),
            3 => self.column(place, family),
            _ => self.figure(place, family),
        }
    }

    fn literal(&mut self, family: Family) -> Term {
        match family {
            Family::Number => Term::Number(self.one(&NUMBERS)),
            Family::Text => Term::Text(self.one(&TEXTS)),
            Family::Label => Term::Label(self.one(&MOODS)),
            Family::Moment => Term::Ago(self.random.below(8)),
            Family::Truth => Term::Truth(self.random.one_in(2)),
        }
    }

    fn column_name(&mut self, table: &str, family: Family) -> &'static str {
        let of = |all: &[(&'static str, &str, Family)]| -> Vec<&'static str> {
            let some = all.iter().filter(|(.., other)| *other == family);
            some.map(|(name, ..)| *name).collect()
        };
        let mut all = of(&READ);
        let set = of(&SET).into_iter();
        let known: Vec<_> = set
            .filter(|name| self.set.iter().any(|(own, column)| *own == table && column == name))
            .collect();
        if !known.is_empty() && self.random.one_in(3) {
            all = known;
        }
        self.one(&all)
    }

    fn column(&mut self, place: Place, family: Family) -> Term {
        match place.outer {
            Some(outer) if self.random.one_in(3) => Term::Outer(self.column_name(outer, family)),
            _ => Term::Column(self.column_name(place.table, family)),
        }
    }

    /// A value of this family.
    fn term(&mut self, place: Place, family: Family) -> Term {
        match self.random.below(6) {
            0 | 1 if place.depth > 0 => self.figure(place, family),
            2 if place.depth > 0 => {
                let (a, b) = (self.term(place.deeper(), family), self.literal(family));
                Term::Coalesce(a.into(), b.into())
            }
            3 if family == Family::Number => {
                let a = self.term(place.deeper(), family);
                let b = if self.random.one_in(2) {
                    self.literal(family)
                } else {
                    self.column(place, family)
                };
                Term::Calculate(self.one(&['+', '-', '*']), a.into(), b.into())
            }
            4 if family == Family::Number => {
                let by = Term::Number(self.one(&["3", "7", "0.5"]));
                Term::Calculate('/', Term::Column("price").into(), by.into())
            }
            _ => self.column(place, family),
        }
    }

    /// A way by which the rule may go; of two that an example calls alike always the first.
    fn way(&mut self, all: &[Way], own: &str) -> Way {
        let of_own: Vec<Way> = all.iter().copied().filter(|way| way.own == own).collect();
        let way = self.one(&of_own);
        let is_parent = |way: &Way| PARENTS.contains(way);
        let called =
            |way: &Way| if is_parent(way) { way.by.unwrap_or(way.other) } else { way.other };
        let same = |known: &&Way| {
            known.own == own && is_parent(known) == is_parent(&way) && called(known) == called(&way)
        };
        if let Some(known) = self.ways.iter().find(same) {
            return *known;
        }
        self.ways.push(way);
        way
    }

    /// A value that other rows give.
    fn figure(&mut self, place: Place, family: Family) -> Term {
        let ranked = place.ranks && matches!(family, Family::Number | Family::Truth);
        match self.random.below(5) {
            0 if ranked => self.rank(place, family),
            1 | 2 if place.levels > 0 => {
                let way = self.way(PARENTS, place.table);
                let inner = place.on(way.other);
                let value = match self.random.below(3) {
                    // As scripts have it: a column, a parent or something of related rows.
                    0 if inner.levels > 0 => self.far(inner, family),
                    _ => self.column(inner, family),
                };
                Term::Parent(way, value.into())
            }
            _ if place.levels > 0 => self.related(place, family),
            _ => self.column(place, family),
        }
    }

    fn far(&mut self, place: Place, family: Family) -> Term {
        if self.random.one_in(2) {
            return self.related(place, family);
        }
        let way = self.way(PARENTS, place.table);
        let value = self.column(place.on(way.other), family);
        Term::Parent(way, value.into())
    }

    fn related(&mut self, place: Place, family: Family) -> Term {
        let way = self.way(RELATED, place.table);
        let inner = place.on(way.other);
        let filter = self.random.one_in(2).then(|| {
            let within = Place { outer: Some(place.table), ..inner };
            self.condition(within).into()
        });
        let any = self.one(&FAMILIES);
        let (made, of) = match family {
            Family::Truth => ("exists", None),
            Family::Number => match self.random.below(6) {
                0 => ("count", None),
                1 => ("count_distinct", Some(any)),
                2 => ("sum", Some(family)),
                3 => ("average", Some(family)),
                4 => ("min", Some(family)),
                _ => ("max", Some(family)),
            },
            _ if self.random.one_in(2) => ("min", Some(family)),
            _ => ("max", Some(family)),
        };
        let of = of.map(|family| self.term(inner, family).into());
        Term::Related { way, filter, made, of }
    }

    fn rank(&mut self, place: Place, family: Family) -> Term {
        let inner = Place { ranks: false, outer: None, ..place.deeper() };
        let by_what = self.one(&FAMILIES[..4]);
        let value = self.term(inner, by_what).into();
        let mut by = Vec::new();
        for _ in 0..self.random.below(3) {
            by.push(self.one(&["a", "mood", "flag", "note"]));
        }
        by.dedup();
        let among = self.random.one_in(3).then(|| self.condition(inner).into());
        let (name, count) = match family {
            Family::Truth => ("top_percent", self.one(&["20", "50", "12.5"])),
            _ => self.one(&[("rank", ""), ("percent_rank", ""), ("ntile", "3"), ("ntile", "5")]),
        };
        Term::Rank { name, count, value, by, among }
    }

    fn condition(&mut self, place: Place) -> Term {
        if place.depth > 0 && self.random.one_in(3) {
            let a = self.condition(place.deeper()).into();
            if self.random.one_in(3) {
                return Term::Not(a);
            }
            let b = self.condition(place.deeper().plain()).into();
            return if self.random.one_in(2) { Term::And(a, b) } else { Term::Or(a, b) };
        }
        let family = self.one(&FAMILIES);
        let value = self.term(place, family);
        match (self.random.below(6), family) {
            (0 | 1, Family::Truth) => value,
            (2, _) => Term::IsMissing(value.into()),
            (3, Family::Moment) => Term::Within(value.into(), self.random.below(8)),
            (3, Family::Number | Family::Label) => {
                Term::IsOneOf(value.into(), vec![self.literal(family), self.literal(family)])
            }
            (4, _) => {
                let other = self.column(place, family);
                Term::Compare(self.operator(family), value.into(), other.into())
            }
            _ => {
                let literal = self.literal(family);
                Term::Compare(self.operator(family), value.into(), literal.into())
            }
        }
    }

    fn operator(&mut self, family: Family) -> &'static str {
        match family {
            Family::Truth => self.one(&OPERATORS[..2]),
            _ => self.one(&OPERATORS),
        }
    }
}
