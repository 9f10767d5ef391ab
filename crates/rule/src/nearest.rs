//! Suggests the name that was meant, for "did you mean".

/// The candidate that `name` was most likely meant to be: within a Damerau-Levenshtein distance of a third of its length
/// (at least 1), in any case of letters.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Computing the distance takes the square of the length, and a name this long is not a typing mistake.
    if name.len() > 200 {
        return None;
    }
    let wanted = name.to_lowercase();
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 200)
        .map(|candidate| {
            (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_suggested() {
        let names = ["accountType", "accountPriority", "city"];
        let cases = [
            ("accounttype", Some("accountType")),
            ("acountTyp", Some("accountType")),
            ("ctiy", Some("city")),
            ("cat", None),
            ("street", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }
}
