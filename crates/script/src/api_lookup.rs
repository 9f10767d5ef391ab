//! One function of the script API, by the name that somebody asks for.

use leora_report::ApiFunction;
use leora_rule::nearest;

use crate::api::{Form, Function, GROUPS, Group};

/// The functions of this name, which may be written as in a script: `within`, `col(..).within` or `table.count()`.
///
/// # Errors
/// The nearest name, if one is near, where there is no such function.
pub fn find_functions(asked: &str) -> Result<Vec<ApiFunction>, Option<&'static str>> {
    let (object, name) = parts(asked);
    let all = || GROUPS.iter().flat_map(|group| group.functions().map(move |one| (group, one)));
    let named: Vec<_> = all().filter(|(_, one)| answers_to(one, &name)).collect();
    let of_object = |(_, one): &(&Group, &Function)| is_method_of(one, &object);
    let narrowed: Vec<_> = named.iter().copied().filter(of_object).collect();
    let found = if narrowed.is_empty() { named } else { narrowed };
    match found.is_empty() {
        true => Err(nearest(&name, all().map(|(_, one)| one.name).filter(|name| is_word(name)))),
        false => Ok(found.into_iter().map(|(group, one)| described(group, one)).collect()),
    }
}

/// The value whose method it is, and the name: what is left without the arguments.
fn parts(asked: &str) -> (String, String) {
    let mut depth = 0_usize;
    let mut bare = String::new();
    for c in asked.trim().chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    match bare.rsplit_once('.') {
        Some((object, name)) if !name.is_empty() => (object.to_owned(), name.to_owned()),
        _ => (String::new(), bare),
    }
}

/// No sign: a sign is near to every short name.
fn is_word(name: &str) -> bool {
    name.starts_with(char::is_alphabetic)
}

fn answers_to(function: &Function, name: &str) -> bool {
    function.name == name || function.forms.iter().any(|form| Form::parse(form).name == name)
}

fn is_method_of(function: &Function, object: &str) -> bool {
    let owned = |form: &&str| form.split_once('.').is_some_and(|(owner, _)| owner == object);
    function.forms.iter().any(owned)
}

fn described(group: &Group, function: &Function) -> ApiFunction {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    ApiFunction {
        name: function.name.to_owned(),
        group: group.title.to_owned(),
        forms: owned(function.forms),
        about: function.about.to_owned(),
        example: function.example.to_owned(),
        errors: owned(function.errors),
    }
}

#[cfg(test)]
mod tests {
    use super::find_functions;

    fn forms(asked: &str) -> Vec<String> {
        find_functions(asked).expect(asked).into_iter().flat_map(|one| one.forms).collect()
    }

    #[test]
    fn a_name_is_found_as_scripts_write_it() {
        let within = ["column.within(how_long: period) -> condition"];
        for asked in ["within", " within() ", "column.within", "col(\"a.b\").within(days(2))"] {
            assert_eq!(forms(asked), within, "{asked}");
        }
        assert!(forms("<").contains(&"column < value -> condition".to_owned()));
        assert_eq!(forms("otherwise"), ["otherwise -> condition"]);
    }

    #[test]
    fn a_name_of_several_functions_gives_all_unless_the_object_is_named() {
        assert!(find_functions("count").expect("count").len() > 1);
        let of_table = find_functions("table.count").expect("table.count");
        assert_eq!(of_table.len(), 1);
        assert!(of_table[0].forms.iter().all(|form| form.starts_with("table.count(")));
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(find_functions("withn"), Err(Some("within")));
        assert_eq!(find_functions("col(\"a\").withn(days(2))"), Err(Some("within")));
        assert_eq!(find_functions("classify_everything"), Err(None));
        assert_eq!(find_functions(""), Err(None));
    }
}
