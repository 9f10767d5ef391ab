//! The numbers behind a chart: how many rows had each value before and after, and which went where.

use leora_report::ValueCount;
use leora_rule::Transition;

/// The most values that a chart shows one by one.
const SHOWN: usize = 10;

/// A value of a column, and how many rows have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) label: String,
    /// The colour's class: none for no value.
    pub(crate) class: String,
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Rows that go from one value to another, or stay; positions in the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) rows: u64,
}

/// A column's values before and after.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) standings: Vec<Standing>,
    pub(crate) bands: Vec<Band>,
}

impl Figure {
    /// From the distribution before, where it was read, and what went where.
    pub(crate) fn of(before: &[ValueCount], transitions: &[Transition]) -> Self {
        let values = values(before, transitions);
        let position = |value: &Option<String>| {
            let at = values.iter().position(|one| one == value).unwrap_or(values.len());
            at.min(values.len().min(SHOWN + 1) - 1)
        };
        let shown = values.len().min(SHOWN + 1);
        let mut standings: Vec<Standing> = (0..shown).map(|at| standing(&values, at)).collect();
        for share in before {
            standings[position(&share.value)].before += share.rows;
            standings[position(&share.value)].after += share.rows;
        }
        let mut bands: Vec<Band> = Vec::new();
        for one in transitions {
            let (from, to) = (position(&one.old), position(&one.new));
            if before.is_empty() {
                standings[from].before += one.rows;
                standings[from].after += one.rows;
            }
            standings[from].after = standings[from].after.saturating_sub(one.rows);
            standings[to].after += one.rows;
            add(&mut bands, Band { from, to, rows: one.rows });
        }
        for (at, one) in standings.iter().enumerate() {
            let left: u64 = bands.iter().filter(|band| band.from == at).map(|band| band.rows).sum();
            let stays = one.before.saturating_sub(left);
            if stays > 0 {
                add(&mut bands, Band { from: at, to: at, rows: stays });
            }
        }
        bands.sort_by_key(|band| (band.from, band.to));
        Self { standings, bands }
    }

    /// How many rows there are.
    pub(crate) fn total(&self) -> u64 {
        self.standings.iter().map(|one| one.before).sum()
    }
}

fn add(bands: &mut Vec<Band>, band: Band) {
    match bands.iter_mut().find(|known| (known.from, known.to) == (band.from, band.to)) {
        Some(known) => known.rows += band.rows,
        None => bands.push(band),
    }
}

/// Every value once: those that rows come to have in the column's order, then those that they had, none last. When
/// there are many, those of most rows come first.
fn values(before: &[ValueCount], transitions: &[Transition]) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = Vec::new();
    let new = transitions.iter().map(|one| &one.new);
    let old = transitions.iter().map(|one| &one.old);
    for value in before.iter().map(|share| &share.value).chain(new).chain(old) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    if values.len() > SHOWN {
        let rows = |value: &Option<String>| {
            let had: u64 =
                before.iter().filter(|one| one.value == *value).map(|one| one.rows).sum();
            let get: u64 =
                transitions.iter().filter(|one| one.new == *value).map(|one| one.rows).sum();
            had.max(get)
        };
        values.sort_by_key(|value| std::cmp::Reverse(rows(value)));
    } else {
        values.sort_by_key(Option::is_none);
    }
    values
}

fn standing(values: &[Option<String>], at: usize) -> Standing {
    let (before, after) = (0, 0);
    if at == SHOWN {
        let label = format!("{} others", values.len() - SHOWN);
        return Standing { label, class: "none".into(), before, after };
    }
    let class = values[at].as_ref().map_or_else(|| "none".into(), |_| format!("v{}", at % 8));
    Standing { label: crate::render::html::value(values[at].as_deref()), class, before, after }
}
