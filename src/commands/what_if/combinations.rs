//! The combinations of settings that are tried.

use leora_report::{Failure, FailureKind};
use leora_rule::format_number;

use crate::cli::VariedSetting;

/// More than anybody would read.
const MAX_COMBINATIONS: usize = 200;

pub(crate) type SettingValues = Vec<(String, String)>;

/// Merges settings that `--vary` names more than once, and refuses those that `--set` names too.
pub(crate) fn merge_varied(
    varied: &[VariedSetting],
    set: &[(String, String)],
) -> Result<Vec<VariedSetting>, Failure> {
    let mut merged: Vec<VariedSetting> = Vec::new();
    for VariedSetting { name, values } in varied {
        if set.iter().any(|(set, _)| set == name) {
            let fact = format!("{name} is both set and varied");
            let help = format!("leave out --set {name}, or add its value to --vary {name}=...");
            return Err(Failure::new(FailureKind::Usage, fact, Some(help)));
        }
        let known = merged.iter().position(|setting| setting.name == *name);
        let at = known.unwrap_or_else(|| {
            merged.push(VariedSetting { name: name.clone(), values: vec![] });
            merged.len() - 1
        });
        for value in values {
            if !merged[at].values.contains(value) {
                merged[at].values.push(value.clone());
            }
        }
    }
    Ok(merged)
}

/// The values of the last setting change fastest.
pub(crate) fn combine(varied: &[VariedSetting]) -> Result<Vec<SettingValues>, Failure> {
    let counts = varied.iter().map(|setting| setting.values.len());
    let count = counts.into_iter().try_fold(1_usize, usize::checked_mul);
    if count.is_none_or(|count| count > MAX_COMBINATIONS) {
        let count =
            count.map_or_else(|| "far too many".into(), |count| format_number(count as u64));
        return Err(Failure::new(
            FailureKind::Usage,
            format!("these are {count} combinations; at most {MAX_COMBINATIONS} are tried at once"),
            Some("give --vary fewer values, or vary one setting after the other".into()),
        ));
    }
    let mut combinations: Vec<SettingValues> = vec![vec![]];
    for VariedSetting { name, values } in varied {
        let mut longer = Vec::new();
        for combination in &combinations {
            for value in values {
                let mut combination = combination.clone();
                combination.push((name.clone(), value.clone()));
                longer.push(combination);
            }
        }
        combinations = longer;
    }
    Ok(combinations)
}

#[cfg(test)]
mod tests {
    use super::{combine, merge_varied};
    use crate::cli::VariedSetting;

    fn varied(name: &str, values: &[&str]) -> VariedSetting {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        VariedSetting { name: name.into(), values }
    }

    #[test]
    fn a_setting_that_is_varied_twice_has_each_value_once() {
        let given = [varied("a", &["1", "2"]), varied("b", &["x"]), varied("a", &["2", "3"])];
        let merged = [varied("a", &["1", "2", "3"]), varied("b", &["x"])];
        assert_eq!(merge_varied(&given, &[]).unwrap(), merged);
    }

    #[test]
    fn a_setting_is_not_both_set_and_varied() {
        let set = [("a".to_owned(), "1".to_owned())];
        let failure = merge_varied(&[varied("a", &["2"])], &set).unwrap_err();
        assert_eq!(failure.message, "a is both set and varied");
    }

    #[test]
    fn the_last_setting_changes_fastest() {
        let combinations = combine(&[varied("a", &["1", "2"]), varied("b", &["x", "y"])]).unwrap();
        let words: Vec<String> = combinations
            .iter()
            .map(|values| values.iter().map(|(name, value)| format!("{name}{value}")).collect())
            .collect();
        assert_eq!(words, ["a1bx", "a1by", "a2bx", "a2by"]);
        assert_eq!(combine(&[]).unwrap(), [vec![]]);
    }

    #[test]
    fn there_are_at_most_200_combinations() {
        let many = |name: &str, count: usize| VariedSetting {
            name: name.into(),
            values: (0..count).map(|value| value.to_string()).collect(),
        };
        assert_eq!(combine(&[many("a", 20), many("b", 10)]).unwrap().len(), 200);
        let failure = combine(&[many("a", 67), many("b", 3)]).unwrap_err();
        assert!(failure.message.starts_with("these are 201 combinations"), "{}", failure.message);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];
        let failure = combine(&names.map(|name| many(name, 99))).unwrap_err();
        assert!(failure.message.starts_with("these are far too many"), "{}", failure.message);
    }
}
