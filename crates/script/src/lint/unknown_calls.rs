//! `unknown_function`, `wrong_arguments`: calls of functions that do not exist, or with another number of arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use leora_folder::Limits;
use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};

use crate::api::{function_arities, usage};
use crate::compiled_script::CompiledScript;
use crate::engine;
use crate::messages::calls::{
    api_functions, called_with, declared, no_function, no_module_function, number_with_comma,
    part_of_date_as_period, wrong_count,
};
use crate::messages::wording::{Message, message};
use crate::syntax_tree::calls::{call_of_node, chain_links, only_narrows};
use crate::syntax_tree::imports::module_aliases;
use crate::syntax_tree::position::back;

struct KnownFunctions {
    /// How many arguments each function takes; an object before the dot counts as one.
    arities: BTreeMap<String, BTreeSet<usize>>,
    api: Vec<String>,
}

/// What the language calls without registering it, with any number of arguments that it takes.
const KEYWORDS: [&str; 8] =
    ["call", "curry", "eval", "Fn", "is_def_fn", "is_def_var", "is_shared", "type_of"];

impl KnownFunctions {
    /// Those of the language and the API, which are the same for every folder.
    fn get() -> &'static Self {
        static KNOWN: OnceLock<KnownFunctions> = OnceLock::new();
        KNOWN.get_or_init(|| Self::from_engine(&engine::with_api(&Limits::default())))
    }

    fn from_engine(engine: &Engine) -> Self {
        let all = engine.collect_fn_metadata(
            None,
            |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
            true,
        );
        let mut arities: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (name, arity) in all {
            arities.entry(name).or_default().insert(arity);
        }
        Self { arities, api: api_functions(engine) }
    }
}

struct WrittenCall<'a> {
    function: &'a FnCallExpr,
    is_method: bool,
    /// Whether it is called on `related(...)`.
    of_related: bool,
}

impl WrittenCall<'_> {
    fn name(&self) -> &str {
        self.function.name.as_str()
    }

    fn count(&self) -> usize {
        self.function.args.len()
    }
}

pub(crate) fn unknown_calls(
    script: &CompiledScript,
    modules: &BTreeMap<String, CompiledScript>,
) -> Vec<Finding> {
    let aliases = module_aliases(&script.ast);
    let in_maps: BTreeSet<String> =
        modules.values().chain([script]).flat_map(|one| names_in_maps(&one.ast)).collect();
    let related = variables_of_related(&script.ast);
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let Some((function, position)) = path.last().and_then(call_of_node) else { return true };
        let is_method = matches!(path.last(), Some(ASTNode::Expr(Expr::MethodCall(..))));
        let of_related = is_method
            && chain_above(path).is_some_and(|chain| is_related(chain_links(chain)[0], &related));
        let call = WrittenCall { function, is_method, of_related };
        let alias = function.namespace.path.first().map(|first| first.name.to_string());
        let wrong = match alias {
            _ if function.op_token.is_some() => None,
            // A function in a map is called like a method of it.
            None if is_method && in_maps.contains(call.name()) => None,
            None => unknown_function(&call, &script.ast),
            // The functions of a module inside a module are checked in the outer one.
            Some(_) if function.namespace.path.len() > 1 => None,
            Some(alias) => aliases
                .get(&alias)
                .and_then(|module| modules.get(module))
                .and_then(|module| unknown_in_module(&call, &alias, &module.ast)),
        };
        found.extend(wrong.map(|(kind, message)| {
            let comma = number_with_commas(function, script);
            let comma = comma.filter(|_| kind == FindingKind::WrongArguments);
            let (position, message) = comma.unwrap_or((position, message));
            script.finding(kind, position, message)
        }));
        true
    });
    found
}

/// The whole chain of calls that the last node of a path is a link of.
fn chain_above<'a>(path: &[ASTNode<'a>]) -> Option<&'a Expr> {
    let above = path.iter().rev().skip(1).map_while(|node| match node {
        ASTNode::Expr(chain @ Expr::Dot(..)) => Some(*chain),
        _ => None,
    });
    above.last()
}

/// The variables that hold `related(...)`, perhaps narrowed.
fn variables_of_related(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Var(parts, ..))) = path.last() {
            let links = chain_links(&parts.1);
            if is_related(links[0], &names) && only_narrows(&links) {
                names.insert(parts.0.name.to_string());
            }
        }
        true
    });
    names
}

fn is_related(expr: &Expr, variables: &BTreeSet<String>) -> bool {
    match expr {
        Expr::Variable(parts, ..) => variables.contains(parts.1.as_str()),
        Expr::FnCall(call, _) => call.name == "related",
        _ => false,
    }
}

/// A number among the arguments that a comma makes two of.
fn number_with_commas(call: &FnCallExpr, script: &CompiledScript) -> Option<(Position, Message)> {
    call.args.iter().find_map(|argument| {
        let position = argument.start_position();
        let (before, after) = script.split_at(position)?;
        let (characters, message) = number_with_comma(before, after)?;
        Some((back(position, characters), message))
    })
}

fn unknown_function(call: &WrittenCall<'_>, ast: &AST) -> Option<(FindingKind, Message)> {
    let known = KnownFunctions::get();
    let name = call.name();
    if let [Expr::IntegerConstant(..)] = &call.function.args[..]
        && let Some(message) = part_of_date_as_period(name)
        && !is_declared_so(call, ast)
    {
        return Some((FindingKind::WrongArguments, message));
    }
    let arities = known.arities.get(name);
    let seen_by_engine = call.count() + usize::from(call.is_method);
    if KEYWORDS.contains(&name)
        || is_declared_so(call, ast)
        || arities.is_some_and(|arities| arities.contains(&seen_by_engine))
            && !lacks_its_object(call)
            && !lacks_its_value(call)
    {
        return None;
    }
    if let Some(declared) = declared(ast, name) {
        return Some((FindingKind::WrongArguments, wrong_count(name, call.count(), &declared)));
    }
    let Some(arities) = arities else {
        return Some((
            FindingKind::UnknownFunction,
            no_function(name, call.of_related, ast, &known.api),
        ));
    };
    let help = match usage(name) {
        Some(usage) => format!("write it like {usage}"),
        None => format!("it takes {}", describe_arities(arities, call.is_method)),
    };
    Some((FindingKind::WrongArguments, message(called_with(name, call.count()), help)))
}

/// Whether it is called as a function with the arguments of a method of the same name: a text is no object of those.
fn lacks_its_object(call: &WrittenCall<'_>) -> bool {
    let on_text = matches!(call.function.args.first(), Some(Expr::StringConstant(..)));
    let arities = function_arities(call.name());
    !call.is_method && on_text && !arities.is_empty() && !arities.contains(&call.count())
}

/// Whether it is a `set` with a column alone: with one argument it takes a map of columns.
fn lacks_its_value(call: &WrittenCall<'_>) -> bool {
    let only_column = matches!(&call.function.args[..], [Expr::StringConstant(..)]);
    call.is_method && call.name() == "set" && only_column
}

fn is_declared_so(call: &WrittenCall<'_>, ast: &AST) -> bool {
    ast.iter_functions().any(|one| one.name == call.name() && one.params.len() == call.count())
}

/// `1 argument`, `2 or 3 arguments`
fn describe_arities(arities: &BTreeSet<usize>, is_method: bool) -> String {
    let counts: Vec<String> = arities
        .iter()
        .filter_map(|arity| arity.checked_sub(usize::from(is_method)))
        .map(|arity| arity.to_string())
        .collect();
    match counts.as_slice() {
        [one] if one == "1" => "1 argument".into(),
        counts => format!("{} arguments", counts.join(" or ")),
    }
}

fn unknown_in_module(
    call: &WrittenCall<'_>,
    alias: &str,
    module: &AST,
) -> Option<(FindingKind, Message)> {
    if is_declared_so(call, module) {
        return None;
    }
    let name = call.name();
    if let Some(declared) = declared(module, name) {
        let message = wrong_count(&format!("{alias}::{name}"), call.count(), &declared);
        return Some((FindingKind::WrongArguments, message));
    }
    let functions = module.iter_functions().map(|one| one.name);
    Some((FindingKind::UnknownFunction, no_module_function(alias, name, functions)))
}

/// The keys of maps, and the properties that are set: they may hold functions.
fn names_in_maps(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Map(parts, _))) => {
                names.extend(parts.0.iter().map(|(key, _)| key.name.to_string()));
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => {
                names.extend(assigned_name(&parts.1.lhs))
            }
            _ => {}
        }
        true
    });
    names
}

/// The property or key that is set, of `map.name = ...` and `map["name"] = ...`.
fn assigned_name(target: &Expr) -> Option<String> {
    let (Expr::Dot(pair, ..) | Expr::Index(pair, ..)) = target else { return None };
    match &pair.rhs {
        Expr::Property(name, _) => Some(name.2.to_string()),
        Expr::StringConstant(name, _) => Some(name.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder, folder_with_module};

    #[test]
    fn calls_that_nothing_answers_are_found() {
        for (script, finding) in [
            ("isnull(1);", "1:1: unknown_function: there is no function `isnull`"),
            ("col(\"a\").is_nul();", "1:10: unknown_function: there is no function `is_nul`"),
            ("col(\"a\", \"b\");", "1:1: wrong_arguments: `col` is called with 2 arguments"),
            ("month(6);", "1:1: wrong_arguments: `month` can't be used with a whole number"),
            ("months();", "1:1: wrong_arguments: `months` is called with no arguments"),
            (
                "table(\"T\").where(col(\"a\") > 10,000);",
                "1:29: wrong_arguments: `10,000` is read as two values: a number has no comma",
            ),
            (
                "table(\"T\").where(col(\"a\") > 0,25);",
                "1:29: wrong_arguments: `0,25` is read as two values: a number has no comma",
            ),
            ("fn f(a) { a } f(1, 2);", "1:15: wrong_arguments: `f` is called with 2 arguments"),
        ] {
            assert_eq!(findings(&folder(script)), [finding], "{script}");
        }
    }

    #[test]
    fn functions_in_maps_and_of_the_language_are_known() {
        let script =
            "let m = #{ f: |a| a }; m.f(1); m[\"g\"] = |a| a; m.g(1); type_of(m); [1].map(|a| a);";
        assert_eq!(findings(&folder(script)), [] as [&str; 0]);
    }

    #[test]
    fn functions_of_modules_are_checked_where_they_are_called() {
        let script = "import \"lib/shared\" as s; s::double(1); s::double(); s::dubble(1);";
        let expected = [
            "1:44: wrong_arguments: `s::double` is called with no arguments",
            "1:57: unknown_function: module s has no function `dubble`",
        ];
        assert_eq!(findings(&folder_with_module(script, "fn double(a) { a + a }")), expected);
    }
}
