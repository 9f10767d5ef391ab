//! A script's own SELECT: what it may say, and the statement that is sent for it.
//!
//! A query is judged as a syntax tree. What is not on a list of allowed kinds of nodes, functions and relations is
//! refused. What is sent is written from what was judged, in one spelling, and never the script's text.
//! Which objects the names stand for, only the server can say: it is asked about [`QueryNames`].

mod clock;
mod constructs;
mod draft;
mod functions;
mod recursion;
mod relations;
mod rendering;
mod spelling;
mod tree;

use std::collections::BTreeSet;

use squawk_parser::SyntaxKind;

pub use crate::sql::query::rendering::GATHERED;
pub use crate::sql::query::spelling::MAX_PARAMETERS;

use crate::Value;
use crate::sql::lexer::lex;
use crate::sql::query::draft::Draft;
use crate::sql::query::rendering::{Insertion, render};
use crate::sql::query::spelling::spell_tokens;
use crate::sql::query::tree::Tree;
use crate::sql::token::{SqlToken, SqlTokenKind};

/// The most bytes of a query: long lists are for parameters.
const MAX_BYTES: usize = 65_536;
/// The most levels of brackets, CASE and NOT inside one another.
const MAX_DEPTH: usize = 100;

/// One SELECT that was judged.
#[derive(Clone, Debug)]
pub struct Query {
    written: String,
    text: String,
    parameters: usize,
    reads_times: bool,
    judgement: Judgement,
}

/// The names in a query of which the server must say what they stand for.
#[derive(Clone, Debug, Default)]
pub struct QueryNames {
    /// Names after a dot, which are columns, or functions of a row.
    pub fields: BTreeSet<String>,
    /// Relations that are read, without their schemas.
    pub relations: BTreeSet<String>,
    /// Functions that are called.
    pub functions: BTreeSet<String>,
    /// Types.
    pub types: BTreeSet<String>,
    /// Operators, also those that a word stands for, as IN does.
    pub operators: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Judgement {
    names: QueryNames,
    insertions: Vec<Insertion>,
}

impl Query {
    /// Judges the text of a query.
    ///
    /// # Errors
    /// What the query says that none may, such as "a query can't use the function pg_sleep".
    pub fn judge(written: &str) -> Result<Self, String> {
        if written.len() > MAX_BYTES {
            return Err(format!(
                "a query has at most {MAX_BYTES} bytes, and this one {}",
                written.len()
            ));
        }
        let tokens = lex(written).map_err(|unreadable| cannot_use(unreadable.what))?;
        check_start(&tokens)?;
        check_adjacent(&tokens)?;
        let text = spell_tokens(&tokens).map_err(|what| cannot_use(&what))?;
        let tokens = lex(&text).map_err(|unreadable| cannot_use(unreadable.what))?;
        check_brackets(&tokens)?;
        let tree = Tree::parse(&text);
        let draft = Draft { text: &text, tokens: &tokens, tree: &tree };
        let mut judgement = Judgement::default();
        check_constructs(&tree)?;
        functions::judge(&draft, &mut judgement)?;
        recursion::judge(&draft, &mut judgement)?;
        relations::judge(&draft, &mut judgement.names.relations)?;
        clock::judge(&draft)?;
        collect_names(&draft, &mut judgement.names)?;
        if let Some(error) = &tree.error {
            return Err(format!("the query is no SELECT that can be read: {error}"));
        }
        judgement.insertions.sort_by_key(Insertion::place);
        let parameters = tokens.iter().filter_map(SqlToken::parameter).max().unwrap_or(0);
        let reads_times = clock::reads_times(&draft);
        Ok(Self { written: written.to_owned(), parameters, reads_times, judgement, text })
    }

    /// The text that the script gave.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The same in the one spelling in which it is judged.
    pub fn spelled(&self) -> &str {
        &self.text
    }

    /// The number of parameters that it takes.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// What the server must be asked about.
    pub fn names(&self) -> &QueryNames {
        &self.judgement.names
    }

    /// Whether it has an aggregate that keeps all its values, or a recursion, which count them down in the setting
    /// [`GATHERED`].
    pub fn gathers(&self) -> bool {
        let counts = |one: &Insertion| {
            matches!(one, Insertion::Guard { .. } | Insertion::AfterRecursion { .. })
        };
        self.judgement.insertions.iter().any(counts)
    }

    /// The first parameter, from 1, that may be read as a moment of the server's clock.
    pub fn clock_parameter(&self, values: &[Value]) -> Option<usize> {
        let reads_clock =
            |value: &Value| matches!(value, Value::Text(text) if clock::may_read_clock(text, true));
        let at = values.iter().position(reads_clock).filter(|_| self.reads_times);
        at.map(|at| at + 1)
    }

    /// The statement that is sent. Its functions are the server's own, but for those that keep their names: an extension
    /// has them for its types.
    pub fn statement(&self, keep_names: &[String]) -> String {
        render(&self.text, 0..self.text.len(), &self.judgement.insertions, keep_names)
    }
}

fn cannot_use(what: &str) -> String {
    format!("a query can't use {what}")
}

fn is_listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

fn check_start(tokens: &[SqlToken<'_>]) -> Result<(), String> {
    let starts = ["SELECT", "WITH", "VALUES", "TABLE"];
    match tokens.first().filter(|first| first.kind == SqlTokenKind::Word) {
        Some(first) if !starts.iter().any(|start| first.is_word(start)) => {
            Err(format!("a query starts with SELECT, not with {}", first.text.to_ascii_uppercase()))
        }
        _ => Ok(()),
    }
}

/// Refuses a parameter that runs into a word, which is an error from PostgreSQL 15 on.
fn check_adjacent(tokens: &[SqlToken<'_>]) -> Result<(), String> {
    let runs_into = |pair: &[SqlToken<'_>]| {
        pair[0].kind == SqlTokenKind::Parameter
            && pair[1].kind == SqlTokenKind::Word
            && pair[0].end() == pair[1].start
    };
    match tokens.windows(2).any(runs_into) {
        true => Err(cannot_use("a parameter that runs into a word")),
        false => Ok(()),
    }
}

/// Refuses brackets that would lead out of those in which the query is sent, and what is nested too deep to be read.
fn check_brackets(tokens: &[SqlToken<'_>]) -> Result<(), String> {
    let (mut round, mut square, mut cases, mut prefixes, mut withs) =
        (0_usize, 0_usize, 0_usize, 0, 0);
    for token in tokens {
        let is_prefix = token.kind == SqlTokenKind::Operator || token.is_word("not");
        prefixes = if is_prefix { prefixes + 1 } else { 0 };
        withs += usize::from(token.is_word("with"));
        match token.text {
            "(" => round += 1,
            ")" => {
                let outer = round.checked_sub(1);
                round = outer.ok_or_else(|| cannot_use("a bracket that closes nothing"))?;
            }
            "[" => square += 1,
            "]" => square = square.saturating_sub(1),
            "case" => cases += 1,
            "end" => cases = cases.saturating_sub(1),
            _ => {}
        }
        if round + square + cases + prefixes > MAX_DEPTH || withs > MAX_DEPTH {
            return Err(cannot_use(&format!("more than {MAX_DEPTH} levels inside one another")));
        }
    }
    if round > 0 { Err(cannot_use("a bracket that is not closed")) } else { Ok(()) }
}

fn check_constructs(tree: &Tree) -> Result<(), String> {
    let is_refused =
        |node: &&tree::Node| node.kind != SyntaxKind::ERROR && !constructs::is_allowed(node.kind);
    if let Some(node) = tree.iter().map(|(_, node)| node).find(is_refused) {
        return Err(cannot_use(&constructs::name(node.kind)));
    }
    match tree.children(0).count() {
        0 | 1 => Ok(()),
        _ => Err("a query is one SELECT".to_owned()),
    }
}

fn collect_names(draft: &Draft<'_>, names: &mut QueryNames) -> Result<(), String> {
    use SyntaxKind::{
        ARG_LIST, CASE_EXPR, FIELD_EXPR, IS_DISTINCT_FROM, IS_NOT_DISTINCT_FROM, JOIN_USING_CLAUSE,
        LITERAL, NAME_REF, PATH_TYPE, TARGET, WHEN_CLAUSE_LIST,
    };
    for (number, node) in draft.tree.iter() {
        let implied: &[&str] = match node.kind {
            FIELD_EXPR => {
                let base = draft.tree.children(number).next().map(|(_, base)| base.kind);
                match base {
                    Some(NAME_REF | FIELD_EXPR) => {}
                    Some(LITERAL) => return Err(cannot_use("a name after a value, as in $1.name")),
                    _ => return Err(cannot_use("a name after a value, as in (...).name")),
                }
                // Of a schema, a table and a column, the last may be a function.
                let is_whole =
                    draft.tree.parent(node).is_none_or(|parent| parent.kind != FIELD_EXPR);
                let last = draft.tokens_in(&node.range).last().filter(|_| is_whole);
                names.fields.extend(last.and_then(SqlToken::identifier));
                &[]
            }
            PATH_TYPE => {
                names.types.extend(draft.names_in(node).into_iter().last());
                &[]
            }
            CASE_EXPR => match draft.tree.children(number).next() {
                Some((_, first)) if first.kind != WHEN_CLAUSE_LIST => &["="],
                _ => &[],
            },
            IS_DISTINCT_FROM | IS_NOT_DISTINCT_FROM | JOIN_USING_CLAUSE => &["="],
            _ => &[],
        };
        names.operators.extend(implied.iter().map(|operator| (*operator).to_owned()));
    }
    for token in draft.tokens {
        let implied: &[&str] = match token.text {
            "natural" | "nullif" => &["="],
            "in" => &["=", "<>"],
            "between" => &["<", "<=", ">", ">="],
            "like" => &["~~", "!~~"],
            "ilike" => &["~~*", "!~~*"],
            "similar" => &["~", "!~"],
            "!=" => &["<>"],
            _ => &[],
        };
        names.operators.extend(implied.iter().map(|operator| (*operator).to_owned()));
        let innermost = (token.text == "*").then(|| draft.innermost(token)).flatten();
        let is_star =
            innermost.is_some_and(|node| matches!(node.kind, ARG_LIST | TARGET | FIELD_EXPR));
        if token.kind == SqlTokenKind::Operator && !is_star {
            names.operators.extend(operators(token.text));
        }
    }
    Ok(())
}

/// The operators that the server may read in a run of their characters: it may end one before the signs at its end, of
/// which each is one of its own then.
fn operators(run: &str) -> impl Iterator<Item = String> {
    let parts = run.split(':').flat_map(|part| {
        let bare = part.trim_end_matches(['+', '-']);
        let signs = part[bare.len()..].split("").filter(|sign| !sign.is_empty());
        [part, bare].into_iter().chain(signs)
    });
    parts.filter(|part| !part.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
