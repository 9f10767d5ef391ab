//! The days at which arms of the variants begin or stop to match.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::analysis::threshold::Threshold;
use crate::distinct::distinct;
use crate::{Boundary, Expr, Node, Relation, Rule, Variant};

/// A boundary, and the first variant that has it.
pub(super) struct VariantBoundary {
    pub(super) variant: usize,
    pub(super) at: DateTime,
    pub(super) found: Boundary,
}

impl VariantBoundary {
    /// The moments so many days before it, at it, and so many days after it.
    pub(super) fn window(&self, days: u16) -> [DateTime; 3] {
        let days = i64::from(days).days();
        [self.at.saturating_sub(days), self.at, self.at.saturating_add(days)]
    }

    fn is_same(&self, other: &Self) -> bool {
        let of = |one: &Self| (one.at, one.found.column.clone(), one.found.reads.clone());
        of(self) == of(other)
    }
}

/// Each is found once for a column that is set.
pub(super) fn find_boundaries(
    source: &Relation,
    variants: &[Variant],
    as_of: Date,
    near: u16,
) -> Vec<VariantBoundary> {
    let mut boundaries: Vec<VariantBoundary> = Vec::new();
    for (number, variant) in variants.iter().enumerate() {
        for (rule, condition) in variant.rules.iter().flat_map(comparisons) {
            let Some(boundary) = boundary(source, rule, &condition, as_of, near) else { continue };
            let boundary = VariantBoundary { variant: number, ..boundary };
            let settings = settings_in(&condition, &variant.settings);
            let known = boundaries.iter().position(|known| known.is_same(&boundary));
            let known = known.unwrap_or_else(|| {
                boundaries.push(boundary);
                boundaries.len() - 1
            });
            let known = &mut boundaries[known].found.settings;
            *known = distinct(known.drain(..).chain(settings));
        }
    }
    boundaries.sort_by_key(|one| {
        (one.found.column.clone(), one.found.reads.clone(), std::cmp::Reverse(one.at))
    });
    boundaries
}

fn comparisons(rule: &Rule) -> Vec<(&Rule, Expr)> {
    let mut found = Vec::new();
    for condition in rule.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
        condition.visit(&mut |expr| {
            if matches!(expr.node(), Node::Within(..) | Node::Compare(..)) {
                found.push((rule, expr.clone()));
            }
        });
    }
    found
}

fn boundary(
    source: &Relation,
    rule: &Rule,
    condition: &Expr,
    as_of: Date,
    near: u16,
) -> Option<VariantBoundary> {
    let threshold = Threshold::from_condition(condition, as_of)?;
    let column = source.table.column(threshold.column)?;
    let at = threshold.moment(column)?;
    let found = Boundary {
        table: rule.table.clone(),
        column: rule.column.clone(),
        reads: column.name.clone(),
        condition: condition.to_string(),
        settings: vec![],
        on: at.date(),
        days: near,
        before: 0,
        after: 0,
    };
    Some(VariantBoundary { variant: 0, at, found })
}

/// The settings whose value is the period of a condition.
fn settings_in(condition: &Expr, settings: &[(String, String)]) -> Vec<String> {
    let periods: Vec<String> = match condition.node() {
        Node::Within(_, period) => vec![period.to_string()],
        Node::Compare(_, a, b) => [a, b]
            .iter()
            .filter_map(|side| match side.node() {
                Node::Ago(period) => Some(period.to_string()),
                _ => None,
            })
            .collect(),
        _ => vec![],
    };
    settings
        .iter()
        .filter(|(_, value)| periods.contains(value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, priority};

    fn variant(value: &str) -> Variant {
        let arms =
            [(Some(col("seen").within(value)), "HIGH"), (Some(col("orders").greater(5)), "LOW")];
        let settings = vec![("recent".to_owned(), value.to_owned())];
        Variant { settings, rules: vec![priority(arms)] }
    }

    #[test]
    fn variants_share_a_boundary_and_name_their_settings() {
        let variants = [variant("6mo"), variant("1y"), variant("6mo")];
        let found = find_boundaries(&customers(), &variants, AS_OF, 14);
        let told: Vec<String> = found
            .iter()
            .map(|one| format!("{} {} {:?}", one.variant, one.found.on, one.found.settings))
            .collect();
        assert_eq!(told, ["0 2025-04-25 [\"recent=6mo\"]", "1 2024-10-25 [\"recent=1y\"]"]);
    }
}
