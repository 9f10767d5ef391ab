//! Chains such as `update("T").where(..)`: where they begin, and what type each link gives.

use crate::api::{Form, FormKind, Function, GROUPS, Group};
use crate::cursor::declared::declaration_of;
use crate::piece::{Piece, PieceKind};

/// The links of a chain, from its beginning: each the number of the piece that is its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain(pub(super) Vec<usize>);

/// The chain whose last piece this is: a word, or the bracket that closes a call.
pub(super) fn chain_ending_at(pieces: &[Piece<'_>], last: usize) -> Option<Chain> {
    let mut links = Vec::new();
    let mut end = last;
    loop {
        let name = match pieces.get(end)?.kind {
            PieceKind::Word => end,
            PieceKind::Closing if pieces[end].is(")") => {
                let open = opening_of(pieces, end)?;
                open.checked_sub(1).filter(|&name| pieces[name].kind == PieceKind::Word)?
            }
            _ => return None,
        };
        links.push(name);
        match name.checked_sub(1) {
            Some(dot) if pieces[dot].is(".") => end = dot.checked_sub(1)?,
            _ => break,
        }
    }
    links.reverse();
    Some(Chain(links))
}

fn opening_of(pieces: &[Piece<'_>], closing: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=closing).rev() {
        match pieces[at].kind {
            PieceKind::Closing => depth += 1,
            PieceKind::Opening => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The first argument of a call, where it is a text.
pub(super) fn first_text<'t>(pieces: &[Piece<'t>], name: usize) -> Option<&'t str> {
    let is_call = pieces.get(name + 1).is_some_and(|piece| piece.is("("));
    let text = pieces.get(name + 2).filter(|piece| piece.kind == PieceKind::Quoted && is_call)?;
    Some(text.text.trim_matches('"'))
}

/// How often a variable is followed to what it is declared with.
const MOST_VARIABLES: usize = 8;

/// The chain, with the variable that it begins with replaced by the chain of its declaration.
pub(super) fn resolved(pieces: &[Piece<'_>], chain: Chain) -> Chain {
    let mut chain = chain;
    for _ in 0..MOST_VARIABLES {
        let head = chain.0[0];
        if pieces.get(head + 1).is_some_and(|piece| piece.is("(")) {
            break;
        }
        let Some(end) = declaration_of(pieces, pieces[head].text, head) else { break };
        let Some(Chain(mut links)) = chain_ending_at(pieces, end) else { break };
        links.extend(&chain.0[1..]);
        chain = Chain(links);
    }
    chain
}

/// The type of what stands before a dot, as the reference names it: `column`, `table`, `update`.
pub(super) fn type_before_dot(pieces: &[Piece<'_>], dot: usize) -> Option<String> {
    let chain = chain_ending_at(pieces, dot.checked_sub(1)?)?;
    let Chain(links) = resolved(pieces, chain);
    let mut known = returned(None, pieces[links[0]].text)?;
    for link in &links[1..] {
        known = returned(Some(&known), pieces[*link].text)?;
    }
    Some(known)
}

/// What a function, or a method of a type, returns.
fn returned(object: Option<&str>, name: &str) -> Option<String> {
    let forms = GROUPS.iter().flat_map(Group::functions).flat_map(|one| one.forms);
    let fits = |form: &Form| match (form.kind, object) {
        (FormKind::Function, None) => form.name == name,
        (FormKind::Method | FormKind::Property, Some(object)) => {
            form.name == name && same_type(&form.parameters[0].0, object)
        }
        _ => false,
    };
    forms.map(|form| Form::parse(form)).find(fits).map(|form| form.returns)
}

/// The methods and properties of a type, or of every type where it is not known.
pub fn members_of(object: Option<&str>) -> Vec<&'static Function> {
    let is_member = |form: &Form| {
        let is_behind_dot = matches!(form.kind, FormKind::Method | FormKind::Property);
        is_behind_dot && object.is_none_or(|object| same_type(&form.parameters[0].0, object))
    };
    let functions = GROUPS.iter().flat_map(Group::functions);
    functions.filter(|one| one.forms.iter().any(|form| is_member(&Form::parse(form)))).collect()
}

/// A condition has the methods of a column.
fn same_type(declared: &str, known: &str) -> bool {
    declared == known || declared == "column" && known == "condition"
}
