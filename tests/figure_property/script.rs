//! A random rule as a script writes it.

use super::term::{RandomRule, Term, Way};

/// The line of a rule, or of those that set several columns of a table at once.
pub fn set(rules: &[RandomRule]) -> String {
    let RandomRule { table, filter, .. } = &rules[0];
    let filter =
        filter.as_ref().map_or(String::new(), |filter| format!(".where({})", term(filter)));
    let given = match rules {
        [only] => format!("\"{}\", {}", only.column, assigned(only)),
        several => {
            let pair = |rule: &RandomRule| format!("{}: {}", rule.column, assigned(rule));
            format!("#{{ {} }}", several.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    };
    format!("update(\"{table}\"){filter}.set({given});\n")
}

fn assigned(rule: &RandomRule) -> String {
    match rule.arms.as_slice() {
        [(None, value)] => term(value),
        arms => {
            let arm = |(condition, value): &(Option<Term>, Term)| {
                let condition = condition.as_ref().map_or("otherwise".into(), term);
                format!("[{condition}, {}]", term(value))
            };
            format!("[{}]", arms.iter().map(arm).collect::<Vec<_>>().join(", "))
        }
    }
}

fn text(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

/// A term after the parents in `path`, which end with a dot.
fn on(path: &str, it: &Term) -> String {
    match it {
        Term::Column(name) => format!("{path}col(\"{name}\")"),
        Term::Parent(way, value) => on(&format!("{path}parent({}).", link(way, true)), value),
        Term::Related { way, filter, made, of } => {
            let filter =
                filter.as_ref().map_or(String::new(), |filter| format!(".where({})", term(filter)));
            let of = of.as_ref().map_or(String::new(), |of| term(of));
            format!("{path}related({}){filter}.{made}({of})", link(way, false))
        }
        _ => panic!("no script says {it:?} of a parent"),
    }
}

fn link(way: &Way, is_parent: bool) -> String {
    match way.by {
        Some(column) if is_parent => format!("\"{column}\""),
        Some(column) => format!("\"{}\", \"{column}\"", way.other),
        None => {
            let pairs = way.pairs.iter().map(|(theirs, mine)| format!("{theirs}: \"{mine}\""));
            format!("\"{}\", #{{ {} }}", way.other, pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

fn term(it: &Term) -> String {
    match it {
        Term::Missing => "()".into(),
        Term::Number(number) => (*number).into(),
        Term::Text(it) | Term::Label(it) => text(it),
        Term::Truth(truth) => truth.to_string(),
        Term::Ago(months) => format!("ago(months({months}))"),
        Term::Column(_) | Term::Parent(..) | Term::Related { .. } => on("", it),
        Term::Outer(name) => format!("outer(\"{name}\")"),
        Term::Calculate(operator, a, b) => format!("({} {operator} {})", term(a), term(b)),
        Term::Coalesce(a, b) => format!("coalesce([{}, {}])", term(a), term(b)),
        Term::Rank { name, count, value, by, among } => {
            let count = if count.is_empty() { String::new() } else { format!("{count}, ") };
            let by: Vec<String> = by.iter().map(|name| text(name)).collect();
            let by = if by.is_empty() { String::new() } else { format!(", [{}]", by.join(", ")) };
            let among =
                among.as_ref().map_or(String::new(), |among| format!(".among({})", term(among)));
            format!("{name}({count}{}{by}){among}", term(value))
        }
        Term::Compare(operator, a, b) => format!("({} {operator} {})", term(a), term(b)),
        Term::IsMissing(a) => format!("{}.is_null()", term(a)),
        Term::IsOneOf(a, values) => {
            let values: Vec<String> = values.iter().map(term).collect();
            format!("{}.is_one_of([{}])", term(a), values.join(", "))
        }
        Term::Within(a, months) => format!("{}.within(months({months}))", term(a)),
        Term::And(a, b) => format!("({} and {})", term(a), term(b)),
        Term::Or(a, b) => format!("({} or {})", term(a), term(b)),
        Term::Not(a) => format!("not({})", term(a)),
    }
}
