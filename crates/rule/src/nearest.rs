//! The nearest right name, for "did you mean".

/// The candidate that `name` was most likely meant to be, if one is near enough.
///
/// Near is a Damerau-Levenshtein distance of at most a third of the name's length (at least 1),
/// or the same name in another case.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes a name this long, and telling how far it is from another takes the square of its length.
    if name.len() > 200 {
        return None;
    }
    let wanted = name.to_lowercase();
    let reach = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 200)
        .map(|candidate| {
            (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}
