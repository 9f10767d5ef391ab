//! What bounds the figures: a text whose `{...}` are figures of the run itself.

use std::collections::BTreeMap;

use super::measure::{cpu, median};
use super::results::ByName;

type Sizes = BTreeMap<u64, ByName>;

/// The text with its figures. `{1000000 undo}` is a median in seconds, `{1000000 undo / one UPDATE}` the ratio of two,
/// `{1000000 cpu undo / one UPDATE}` that of their processor times, and `{1000000/200000 undo}` how many times as long it
/// took at the larger size.
pub(super) fn filled(text: &str, sizes: &Sizes) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (asked, after) = part.split_once('}').expect("a closing brace");
        let told = figure(asked, sizes).unwrap_or_else(|| "(not measured)".into());
        filled.push_str(&told);
        filled.push_str(after);
    }
    filled
}

fn figure(asked: &str, sizes: &Sizes) -> Option<String> {
    let (size, what) = asked.split_once(' ').expect("a size, then a name");
    if let Some((large, small)) = size.split_once('/') {
        let ratio = seconds(large, what, sizes)? / seconds(small, what, sizes)?;
        return Some(format!("{ratio:.2}"));
    }
    let (of_cpu, what) = what.strip_prefix("cpu ").map_or((false, what), |what| (true, what));
    let take = |name: &str| match of_cpu {
        true => sizes.get(&number(size))?.get(name).map(|all| median(all, cpu)),
        false => seconds(size, name, sizes),
    };
    match what.split_once(" / ") {
        Some((above, below)) => Some(format!("{:.2}", take(above)? / take(below)?)),
        None => Some(format!("{:.3} s", take(what)?)),
    }
}

fn seconds(size: &str, name: &str, sizes: &Sizes) -> Option<f64> {
    let all = sizes.get(&number(size))?.get(name)?;
    Some(median(all, |one| one.seconds))
}

fn number(size: &str) -> u64 {
    size.parse().unwrap_or_else(|_| panic!("{size} is no size"))
}
