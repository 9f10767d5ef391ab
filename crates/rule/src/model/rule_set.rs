//! Rules that are written together: those of one `.set(#{...})`, each of which is decided on the row as it was before any of
//! them, and those of a later `.set`, which read the row as the earlier ones leave it.

use crate::{Expr, Rule, RuleError, Table};

impl Rule {
    /// Rules in order, those of one `.set` together.
    pub fn by_set(rules: &[Self]) -> impl Iterator<Item = &[Self]> {
        rules.chunk_by(|_, next| next.joins_previous)
    }

    /// Those at some places, in the sets in which they are.
    pub fn only(rules: &[Self], takes: impl Fn(usize) -> bool) -> Vec<Self> {
        let (mut taken, mut place) = (Vec::new(), 0);
        for set in Self::by_set(rules) {
            let mut joins_previous = false;
            for rule in set {
                if takes(place) {
                    taken.push(Self { joins_previous, ..rule.clone() });
                    joins_previous = true;
                }
                place += 1;
            }
        }
        taken
    }

    /// Whether applying all of them to a row that they have changed changes nothing.
    pub fn are_repeatable(rules: &[Self], table: &Table) -> bool {
        let sets: Vec<&[Self]> = Self::by_set(rules).collect();
        sets.iter().enumerate().all(|(place, set)| {
            let reads_own =
                |rule: &Self| set.iter().any(|other| rule.arms_read(&other.column, table));
            let reads_later = |rule: &Self| {
                let later = sets[place + 1..].iter().flat_map(|set| set.iter());
                later.into_iter().any(|other| rule.reads(&other.column, table))
            };
            set.iter()
                .all(|rule| rule.is_repeatable(table) && !reads_own(rule) && !reads_later(rule))
        })
    }

    /// Whether what it does depends on this column, of the row or of other rows of its table.
    fn reads(&self, column: &str, table: &Table) -> bool {
        let in_filter = |filter: &Expr| {
            filter.columns().contains(&column) || self.reads_of_others(column, filter, table)
        };
        self.arms_read(column, table) || self.filter.as_ref().is_some_and(in_filter)
    }
}

/// Refuses values of one `.set` that depend on each other, as in a swap of two columns: a second run would change them back.
///
/// # Errors
/// [`RuleError::ReadEachOther`].
pub fn check_circle(rules: &[Rule], table: &Table) -> Result<(), RuleError> {
    let reads = |from: &Rule, to: &Rule| from.value_reads(&to.column, table);
    for (start, rule) in rules.iter().enumerate() {
        let mut reached = vec![start];
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            for (number, other) in rules.iter().enumerate() {
                if !reads(&rules[at], other) || at == number {
                    continue;
                }
                if number == start {
                    let (column, other) = (rule.column.clone(), rules[at].column.clone());
                    return Err(RuleError::ReadEachOther { column, other });
                }
                if !reached.contains(&number) {
                    reached.push(number);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_circle;
    use crate::fixtures::{col, set, table};
    use crate::{Assignment, Rule};

    fn gives(column: &str, from: &str) -> Rule {
        set(column, Assignment::Value(col(from)))
    }

    #[test]
    fn rules_of_one_set_stay_together() {
        let joined = |rule: Rule| Rule { joins_previous: true, ..rule };
        let rules = [
            gives("orders", "amount"),
            joined(gives("priority", "grade")),
            gives("orders", "amount"),
        ];
        let sizes: Vec<usize> = Rule::by_set(&rules).map(<[Rule]>::len).collect();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn values_may_read_another_column_of_the_set_but_not_each_other() {
        let table = table();
        let keeps_the_old = [gives("priority", "grade"), gives("grade", "orders")];
        assert!(check_circle(&keeps_the_old, &table).is_ok());
        assert!(!Rule::are_repeatable(&keeps_the_old, &table));
        let swaps = [gives("priority", "grade"), gives("grade", "priority")];
        let error = check_circle(&swaps, &table).expect_err("a second run swaps them back");
        assert_eq!(
            error.to_string(),
            "the values set for priority and grade read each other, so a second run would change them again"
        );
        let circle =
            [gives("priority", "grade"), gives("grade", "orders"), gives("orders", "priority")];
        assert!(check_circle(&circle, &table).is_err());
    }
}
