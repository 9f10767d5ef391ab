//! Where in a script a name is written: the call that fails on it may be lines below.

use leora_report::Place;
use rhai::{AST, ASTNode, Expr, Position};

use crate::syntax_tree::position::place;

/// Where a text or a map's key is written: its only place in the script, else its only place in the statement at `near`.
pub(crate) fn find_name(ast: &AST, name: &str, near: &Place) -> Option<Place> {
    let mut found: Vec<(Position, Position)> = Vec::new();
    ast.walk(&mut |path| {
        let statement = path.first().map_or(Position::NONE, ASTNode::position);
        match path.last() {
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) if text == name => {
                found.push((statement, *position));
            }
            Some(ASTNode::Expr(Expr::Map(parts, _))) => {
                let keys = parts.0.iter().filter(|(key, _)| key.name == name);
                found.extend(keys.map(|(key, _)| (statement, key.pos)));
            }
            _ => {}
        }
        true
    });
    if let [(_, only)] = found.as_slice() {
        return place(*only, &near.file);
    }
    let before = |position: &Position| {
        (position.line(), position.position()) <= (Some(near.line), Some(near.column))
    };
    let here = found.iter().map(|(statement, _)| *statement).filter(before).max()?;
    let mut inside = found.iter().filter(|(statement, _)| *statement == here);
    match (inside.next(), inside.next()) {
        (Some((_, only)), None) => place(*only, &near.file),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use leora_report::Place;

    use super::find_name;
    use crate::testing::parse;

    fn found(script: &str, name: &str, line: usize) -> Option<(usize, usize)> {
        let near = Place { file: "step.rhai".into(), line, column: 40 };
        find_name(&parse(script), name, &near).map(|place| (place.line, place.column))
    }

    #[test]
    fn the_only_place_of_a_name_is_found_wherever_it_is() {
        assert_eq!(found("let a = col(\"citty\");\nlet b = 1;\nb + 1;", "citty", 3), Some((1, 13)));
        assert_eq!(found("let a = #{ citty: 1 };", "citty", 1), Some((1, 12)));
    }

    #[test]
    fn of_several_places_the_only_one_in_the_statement_counts() {
        let script = "let a = col(\"x\");\nlet b = col(\"x\");";
        assert_eq!(found(script, "x", 2), Some((2, 13)));
        assert_eq!(found("let a = [col(\"x\"), col(\"x\")];", "x", 1), None);
    }
}
