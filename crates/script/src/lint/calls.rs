//! Calls of functions that there are not, or with too few or too many arguments.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::{Finding, FindingKind};
use leora_rule::nearest;
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Stmt};

use crate::api::usage;
use crate::lint::{Subject, chains, modules};
use crate::messages::runtime::{Words, at, counted};

/// How many arguments each function of the engine takes, an object before the dot counted in.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    arities: BTreeMap<String, BTreeSet<usize>>,
    own: Vec<String>,
}

/// What the language calls without registering it, with any number of arguments that it takes.
const KEYWORDS: [&str; 7] =
    ["call", "curry", "eval", "is_def_fn", "is_def_var", "is_shared", "type_of"];

impl Vocabulary {
    /// The functions of an engine that has the whole API.
    pub(crate) fn of(engine: &Engine) -> Self {
        let all = engine.collect_fn_metadata(
            None,
            |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
            true,
        );
        let own =
            engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), false);
        let mut arities: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (name, arity) in all {
            arities.entry(name).or_default().insert(arity);
        }
        let word = |name: &String| name.starts_with(|first: char| first.is_ascii_alphabetic());
        Self { arities, own: own.into_iter().filter(word).collect() }
    }
}

/// A call as it is written.
struct Call<'a> {
    function: &'a FnCallExpr,
    /// Whether something stands before its dot.
    method: bool,
}

impl Call<'_> {
    /// How many arguments the engine's functions see.
    fn arguments(&self) -> usize {
        self.function.args.len() + usize::from(self.method)
    }
}

/// The calls of a script that no function answers.
pub(crate) fn unknown(
    subject: &Subject,
    all: &BTreeMap<String, Subject>,
    vocabulary: &Vocabulary,
) -> Vec<Finding> {
    let aliases = modules::aliases(&subject.ast);
    let held: BTreeSet<String> =
        all.values().chain([subject]).flat_map(|one| held_in_maps(&one.ast)).collect();
    let mut found = Vec::new();
    subject.ast.walk(&mut |path| {
        let Some((function, position)) = path.last().and_then(chains::called) else { return true };
        let method = matches!(path.last(), Some(ASTNode::Expr(Expr::MethodCall(..))));
        let call = Call { function, method };
        let alias = function.namespace.path.first().map(|first| first.name.to_string());
        let wrong = match alias {
            _ if function.op_token.is_some() => None,
            // A function that is held in a map is called like a method of it.
            None if method && held.contains(function.name.as_str()) => None,
            None => unanswered(&call, &subject.ast, vocabulary),
            // A module inside a module is the outer one's affair.
            Some(_) if function.namespace.path.len() > 1 => None,
            Some(alias) => aliases
                .get(&alias)
                .and_then(|module| all.get(module))
                .and_then(|module| missing_in(&call, &alias, &module.ast)),
        };
        found.extend(wrong.map(|(kind, (message, help))| Finding {
            kind,
            message,
            help,
            place: at(position, &subject.file),
        }));
        true
    });
    found
}

/// What is wrong with a call of the script's own functions, or the engine's.
fn unanswered(call: &Call<'_>, ast: &AST, vocabulary: &Vocabulary) -> Option<(FindingKind, Words)> {
    let (name, given) = (call.function.name.as_str(), call.function.args.len());
    if KEYWORDS.contains(&name) || name == "Fn" {
        return None;
    }
    let own: Vec<_> = ast.iter_functions().filter(|one| one.name == name).collect();
    let engine = vocabulary.arities.get(name);
    if own.iter().any(|one| one.params.len() == given)
        || engine.is_some_and(|arities| arities.contains(&call.arguments()))
    {
        return None;
    }
    let told = format!("`{name}` is called with {}", counted(given));
    if let Some(declared) = own.first() {
        let help = format!("it is fn {name}({})", declared.params.join(", "));
        return Some((FindingKind::WrongArguments, (told, Some(help))));
    }
    let Some(arities) = engine else {
        return Some((FindingKind::UnknownFunction, no_function(name, ast, vocabulary)));
    };
    let help = match usage(name) {
        Some(usage) => format!("write it like {usage}"),
        None => format!("it takes {}", takes(arities, call.method)),
    };
    Some((FindingKind::WrongArguments, (told, Some(help))))
}

/// "1 argument", "2 or 3 arguments"
fn takes(arities: &BTreeSet<usize>, method: bool) -> String {
    let counts: Vec<String> = arities
        .iter()
        .filter_map(|arity| arity.checked_sub(usize::from(method)))
        .map(|arity| arity.to_string())
        .collect();
    match counts.as_slice() {
        [one] if one == "1" => "1 argument".into(),
        counts => format!("{} arguments", counts.join(" or ")),
    }
}

/// There is no such function, and the nearest that there is.
fn no_function(name: &str, ast: &AST, vocabulary: &Vocabulary) -> Words {
    let own: Vec<&str> = ast.iter_functions().map(|one| one.name).collect();
    let known = own.into_iter().chain(vocabulary.own.iter().map(String::as_str));
    let help = nearest(name, known).map_or_else(
        || "docs/script-api.md lists what there is".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    (format!("there is no function `{name}`"), Some(help))
}

/// What is wrong with a call of a module's function.
fn missing_in(call: &Call<'_>, alias: &str, module: &AST) -> Option<(FindingKind, Words)> {
    let (name, given) = (call.function.name.as_str(), call.function.args.len());
    let named: Vec<_> = module.iter_functions().filter(|one| one.name == name).collect();
    if named.iter().any(|one| one.params.len() == given) {
        return None;
    }
    if let Some(declared) = named.first() {
        let told = format!("`{alias}::{name}` is called with {}", counted(given));
        let help = format!("it is fn {name}({})", declared.params.join(", "));
        return Some((FindingKind::WrongArguments, (told, Some(help))));
    }
    let names: Vec<&str> = module.iter_functions().map(|one| one.name).collect();
    let help = nearest(name, names).map_or_else(
        || format!("define it in the file that is imported as {alias}"),
        |near| format!("did you mean `{alias}::{near}`?"),
    );
    let told = format!("module {alias} has no function `{name}`");
    Some((FindingKind::UnknownFunction, (told, Some(help))))
}

/// The keys of maps, and the properties that are set: they may hold functions.
fn held_in_maps(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Map(parts, _))) => {
                names.extend(parts.0.iter().map(|(key, _)| key.name.to_string()));
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => names.extend(set_in(&parts.1.lhs)),
            _ => {}
        }
        true
    });
    names
}

/// The property or key that is set, of `map.name = ...` and `map["name"] = ...`.
fn set_in(target: &Expr) -> Option<String> {
    let (Expr::Dot(pair, ..) | Expr::Index(pair, ..)) = target else { return None };
    match &pair.rhs {
        Expr::Property(name, _) => Some(name.2.to_string()),
        Expr::StringConstant(name, _) => Some(name.to_string()),
        _ => None,
    }
}
