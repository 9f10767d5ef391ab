//! `share_as_percent`: `top_percent(0.2, ...)`, which takes two of a thousand rows, where a fifth of them is meant.

use leora_report::{Finding, FindingKind};
use rhai::Expr;
use rust_decimal::Decimal;

use crate::compiled_script::CompiledScript;
use crate::messages::wording::message;
use crate::syntax_tree::calls::call_of_node;

/// Only numbers that stand in the call: one with a name of its own is taken as it is meant.
pub(crate) fn shares_as_percent(script: &CompiledScript) -> Vec<Finding> {
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).map(|(call, _)| call);
        if let Some(call) = call.filter(|call| call.name == "top_percent")
            && let Some(Expr::DynamicConstant(value, position)) = call.args.first()
            && let Some(share) = value.clone().try_cast::<Decimal>()
            && share > Decimal::ZERO
            && share < Decimal::ONE
            && let Some((_, rest)) = script.split_at(*position)
        {
            let percent = (share * Decimal::ONE_HUNDRED).normalize();
            let is_digit = |letter: char| letter.is_ascii_digit() || ['.', '_'].contains(&letter);
            let written = &rest[..rest.len() - rest.trim_start_matches(is_digit).len()];
            let message = message(
                format!("top_percent({written}, ...) takes {share} of 100 rows"),
                format!(
                    "for {percent} of 100 write top_percent({percent}, ...); to take so few, give the number a name: let share = {written}"
                ),
            );
            let message = message.rewriting(written, percent.to_string());
            found.push(script.finding(FindingKind::ShareAsPercent, *position, message));
        }
        true
    });
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    #[test]
    fn a_share_in_place_of_a_number_of_percent_is_found() {
        let script = "table(\"T\").where(top_percent(0.2, \"a\"));";
        let expected = "1:30: share_as_percent: top_percent(0.2, ...) takes 0.2 of 100 rows";
        assert_eq!(findings(&folder(script)), [expected]);
        for script in [
            "table(\"T\").where(top_percent(2.5, \"a\"));",
            "let share = 0.2; table(\"T\").where(top_percent(share, \"a\"));",
        ] {
            assert_eq!(findings(&folder(script)), [] as [&str; 0], "{script}");
        }
    }
}
