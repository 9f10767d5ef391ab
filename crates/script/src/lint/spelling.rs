//! Where in a script a name is written.

use leora_report::Place;
use rhai::{AST, ASTNode, Expr, Position};

use crate::messages::runtime::at;

/// Where a text or a map's key is written: the only place in the script, else the only one in the statement
/// at `near`.
pub(crate) fn written(ast: &AST, text: &str, near: &Place) -> Option<Place> {
    let mut places: Vec<(Position, Position)> = Vec::new();
    ast.walk(&mut |path| {
        let statement = path.first().map_or(Position::NONE, ASTNode::position);
        match path.last() {
            Some(ASTNode::Expr(Expr::StringConstant(found, position))) if found == text => {
                places.push((statement, *position));
            }
            Some(ASTNode::Expr(Expr::Map(parts, _))) => {
                let keys = parts.0.iter().filter(|(key, _)| key.name == text);
                places.extend(keys.map(|(key, _)| (statement, key.pos)));
            }
            _ => {}
        }
        true
    });
    if let [(_, only)] = places.as_slice() {
        return at(*only, &near.file);
    }
    let before = |position: &Position| {
        (position.line(), position.position()) <= (Some(near.line), Some(near.column))
    };
    let starts = places.iter().map(|(statement, _)| *statement).filter(before);
    let here = starts.max_by_key(|start| (start.line(), start.position()))?;
    let mut inside = places.iter().filter(|(statement, _)| *statement == here);
    match (inside.next(), inside.next()) {
        (Some((_, only)), None) => at(*only, &near.file),
        _ => None,
    }
}
