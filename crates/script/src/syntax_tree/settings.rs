//! The settings that a script declares with `setting("name", default)`, with the comments beside them.

use leora_report::{Place, Setting};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position};

use crate::syntax_tree::calls::first_text;
use crate::syntax_tree::position::place;

pub(crate) fn declared_settings(ast: &AST, file: &str, text: &str) -> Vec<Setting> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, position))) = path.last()
            && call.name == "setting"
            && let (Some(name), Some(place)) = (first_text(call), place(*position, file))
        {
            found.push(setting(name, call, place, &lines));
        }
        true
    });
    found
}

fn setting(name: &str, call: &FnCallExpr, place: Place, lines: &[&str]) -> Setting {
    let line = lines.get(place.line.wrapping_sub(1));
    let comment = line.and_then(|line| line.split_once("//")).map(|(_, comment)| comment);
    let default = call.args.get(1);
    Setting {
        name: name.to_owned(),
        place,
        comment: comment.map(|text| text.trim().trim_start_matches("...").trim().to_owned()),
        default: default.map_or_else(String::new, |one| last_argument(lines, one.start_position())),
        switch: matches!(default, Some(Expr::BoolConstant(false, _))),
    }
}

/// The text of a call's last argument, from where it starts to the bracket that closes the call.
fn last_argument(lines: &[&str], start: Position) -> String {
    let (line, column) = (start.line().unwrap_or(1), start.position().unwrap_or(1));
    let text = lines.get(line - 1).copied().unwrap_or_default();
    let mut depth = 0_i32;
    let inside = text.chars().skip(column - 1).take_while(|sign| {
        depth += match sign {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        depth >= 0
    });
    inside.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::declared_settings;
    use crate::testing::parse;

    #[test]
    fn a_setting_has_its_default_and_the_comment_of_its_line() {
        let text = "let within = setting(\"within\", months(6));    // ... an order this recent\nlet again = setting(\"again\", false);";
        let settings = declared_settings(&parse(text), "step.rhai", text);
        let [within, again] = settings.as_slice() else { panic!("{settings:?}") };
        assert_eq!((within.name.as_str(), within.default.as_str()), ("within", "months(6)"));
        assert_eq!(within.comment.as_deref(), Some("an order this recent"));
        assert!(!within.switch && again.switch);
        assert_eq!((again.place.line, again.place.column), (2, 13));
        assert_eq!(again.comment, None);
    }
}
