//! `wrong_arguments`: an arm that has more than a condition and a value, since a comma stands in a number.

use leora_report::{Finding, FindingKind};
use rhai::{Expr, FnCallExpr};

use crate::compiled_script::CompiledScript;
use crate::messages::calls::number_with_comma;
use crate::syntax_tree::calls::call_of_node;
use crate::syntax_tree::position::back;

pub(crate) fn decimal_commas(script: &CompiledScript) -> Vec<Finding> {
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).filter(|(call, _)| call.name == "set");
        let parts = call.into_iter().flat_map(|(call, _)| parts_of_long_arms(call));
        found.extend(parts.filter_map(|part| {
            let position = part.start_position();
            let (before, after) = script.split_at(position)?;
            let (characters, message) = number_with_comma(before, after)?;
            let position = back(position, characters);
            Some(script.finding(FindingKind::WrongArguments, position, message))
        }));
        true
    });
    found
}

fn parts_of_long_arms(call: &FnCallExpr) -> impl Iterator<Item = &Expr> {
    let lists = call.args.iter().filter_map(|argument| match argument {
        Expr::Array(arms, _) => Some(arms.iter()),
        _ => None,
    });
    let arms = lists.flatten().filter_map(|arm| match arm {
        Expr::Array(parts, _) if parts.len() > 2 => Some(parts.iter()),
        _ => None,
    });
    arms.flatten()
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    #[test]
    fn a_number_with_a_comma_makes_an_arm_too_long() {
        let script = "update(\"T\").set(\"c\", [[col(\"a\") > 10,000, 1], [otherwise, 0]]);";
        let expected =
            "1:35: wrong_arguments: `10,000` is read as two values: a number has no comma";
        assert_eq!(findings(&folder(script)), [expected]);
        let script = "update(\"T\").set(\"c\", [[col(\"a\") > 10, 1], [otherwise, 0]]);";
        assert_eq!(findings(&folder(script)), [] as [&str; 0]);
    }
}
