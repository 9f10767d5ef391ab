//! Lists and lookups as one array parameter each, so that a statement does not grow with them. The server hashes a long
//! one, whatever it knows of the table: the time of a row does not depend on the length of a list.

use crate::model::types::{check_fits, type_source};
use crate::sql::builder::{Casts, ShortLookups};
use crate::{
    Assignment, Column, Comparison, DataType, Expr, Kind, Pair, Rule, RuleError, RulePart,
    SqlBuilder, Value,
};

/// A list up to this length is searched value by value, which lets the server use an index, and is cheaper.
const SHORT: usize = 32;

/// The place of a pair in the lookup, from 1.
pub(crate) const PLACE: &str = "\"#place\"";

impl SqlBuilder<'_> {
    /// Whether an expression equals one of the values; NULL where it is NULL.
    pub(super) fn one_of(&mut self, a: &Expr, values: &[Value]) -> Result<String, RuleError> {
        let beside = type_source(a, self.table);
        let left = self.expression(a, None)?;
        let mut element: Option<String> = None;
        for value in values {
            let natural = self.literal_type(value, beside)?;
            self.same_family(a, &Expr::literal(value.clone()), "compared")?;
            // Among whole numbers one with decimals makes all of them such.
            if element.is_none() || natural == "numeric" {
                element = Some(natural.to_owned());
            }
        }
        let (Some(first), Some(element)) = (values.first(), element) else {
            return Ok("false".into());
        };
        self.check_comparable(Comparison::Equal, [a, a])?;
        if values.len() == 1 {
            let literal = self.literal(first, beside)?;
            return Ok(equal(beside.map(|column| &column.data_type), &left, &literal));
        }
        let array = self.bind_array(values.iter().map(Value::to_sql_text), &element);
        let class = beside.and_then(|column| column.data_type.operators.as_ref());
        let class = class.and_then(|class| Some((&class.operand, class.operators.get("=")?)));
        let (left, operator, element) = match class {
            Some((operand, operator)) => {
                (format!("{left}::{operand}"), operator.as_str(), operand.as_str())
            }
            None => (left, "OPERATOR(pg_catalog.=)", element.as_str()),
        };
        Ok(match self.casts {
            Casts::Literal => format!("({left} {operator} ANY ({array}::{element}[]))"),
            _ if values.len() <= SHORT => {
                format!("({left} {operator} ANY ((SELECT {array})::{element}[]))")
            }
            // Inside CASE the server keeps it a test of each row by a hash table; a join of its choice may compare each
            // row with each value. It can't see through the inner SELECT how long the list is: a table for a long one
            // would seem too large to it, and it would search the list for each row.
            _ => format!(
                "(CASE WHEN {left} IS NOT NULL THEN {left} {operator} ANY \
                 (SELECT pg_catalog.unnest((SELECT {array}))::{element}) END)"
            ),
        })
    }

    /// An array of texts, cast to one of this type. An array that the statement has already is not sent again.
    pub(crate) fn bind_array(
        &mut self,
        elements: impl Iterator<Item = Option<String>>,
        element: &str,
    ) -> String {
        let text = Some(array_text(elements));
        let known = self.parameters.iter().position(|parameter| *parameter == text);
        let place = known.unwrap_or_else(|| {
            self.parameters.push(text);
            self.parameters.len() - 1
        });
        match self.casts {
            Casts::Literal => format!("${}::{element}[]", place + 1),
            Casts::InPlace | Casts::Once => {
                format!("${}::pg_catalog.text::{element}[]", place + 1)
            }
        }
    }

    /// What stands after the rows in FROM, for a rule whose value is looked up: the pairs, joined to those rows that have
    /// one. Nothing for another rule, and where the statement takes literals.
    ///
    /// # Errors
    /// [`RuleError`] where a key or a value does not fit its column.
    pub fn joined_pairs(&mut self, rule: &Rule) -> Result<String, RuleError> {
        let pairs = self.pairs(rule)?;
        Ok(pairs.map(|(pairs, test)| format!(" LEFT JOIN {pairs} ON {test}")).unwrap_or_default())
    }

    /// The pairs of a lookup as something to select from, and when one of them is that of a row.
    pub(crate) fn pairs(&mut self, rule: &Rule) -> Result<Option<(String, String)>, RuleError> {
        let Some((name, pairs)) = self.looked_up(rule) else { return Ok(None) };
        let column = self.table.require_column(name)?;
        let target = self.table.require_column(&rule.column)?;
        for (index, Pair { key, value, .. }) in pairs.iter().enumerate() {
            let part = |part| move |error: RuleError| error.in_part(rule, part);
            let key = check_fits(key, &self.slot(column, false));
            key.map_err(part(RulePart::Condition(index)))?;
            let value = check_fits(value, &self.slot(target, true));
            value.map_err(part(RulePart::Value(index)))?;
        }
        let (key_type, value_type) = (&column.data_type.base.cast, &target.data_type.cast);
        let keys = self.bind_array(pairs.iter().map(|pair| pair.key.to_sql_text()), key_type);
        let kept =
            |pair: &Pair| pair.value.to_sql_text().map(|text| target.data_type.kept_text(text));
        let values = self.bind_array(pairs.iter().map(kept), value_type);
        let key = match &column.data_type.collation {
            Some(collation) => format!("key COLLATE {collation}"),
            None => "key".into(),
        };
        // The first of equal keys counts.
        let (first, order) = match differ_as_texts(column) {
            true => (String::new(), String::new()),
            false => (format!("DISTINCT ON ({key}) "), format!(" ORDER BY {key}, place")),
        };
        let pairs = format!(
            "(SELECT {first}{key} AS {own_key}, given AS {own_value}, place AS {PLACE} \
             FROM ROWS FROM (pg_catalog.unnest({keys}), pg_catalog.unnest({values})) \
             WITH ORDINALITY AS pairs (key, given, place){order}) AS {own_pairs}",
            own_key = self.pair_name("key"),
            own_value = self.pair_name("given"),
            own_pairs = self.pair_name("pairs"),
        );
        let test = column.data_type.operation(&self.column(name), "=", &self.pair_name("key"));
        Ok(Some((pairs, test)))
    }

    /// A name, quoted, of the rule that is compiled.
    fn pair_name(&self, of: &str) -> String {
        match self.rule {
            0 => format!("\"#{of}\""),
            rule => format!("\"#{of} of {rule}\""),
        }
    }

    /// The column and the pairs of a lookup that is joined.
    pub(super) fn looked_up<'r>(&self, rule: &'r Rule) -> Option<(&'r str, &'r [Pair])> {
        let Assignment::Lookup { column, pairs } = &rule.assignment else { return None };
        let as_arms = self.short_lookups == ShortLookups::Arms && pairs.len() <= SHORT;
        (self.casts != Casts::Literal && !as_arms).then_some((column, pairs))
    }

    /// Whether the row has a pair in the lookup, and the value of that; `None` for a rule without one.
    pub(super) fn joined_value(&self, rule: &Rule) -> Option<(String, String)> {
        self.looked_up(rule)?;
        Some((format!("({} IS NOT NULL)", self.pair_name("key")), self.pair_name("given")))
    }
}

impl Rule {
    /// How long the longest list is that has to be searched for each row where the server can't hash it.
    pub fn longest_list(&self) -> usize {
        let lists = self.filter.iter().map(Expr::longest_list);
        match &self.assignment {
            Assignment::Lookup { pairs, .. } => lists.chain([pairs.len()]).max(),
            Assignment::Value(value) => lists.chain([value.longest_list()]).max(),
            Assignment::Arms(arms) => {
                let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref());
                let values = arms.iter().map(|arm| &arm.value);
                lists.chain(conditions.chain(values).map(Expr::longest_list)).max()
            }
        }
        .unwrap_or(0)
    }
}

/// Whether different texts are always different values of the column.
fn differ_as_texts(column: &Column) -> bool {
    let DataType { kind, base, operators, collation, .. } = &column.data_type;
    let is_text = ["pg_catalog.text", "\"pg_catalog\".\"text\"", "\"pg_catalog\".\"varchar\""]
        .contains(&base.cast.as_str());
    let plain = operators.is_none() && collation.is_none();
    matches!(kind, Kind::Enum { .. }) || (is_text && plain)
}

fn equal(data_type: Option<&DataType>, left: &str, right: &str) -> String {
    match data_type {
        Some(data_type) => data_type.operation(left, "=", right),
        None => crate::sql::own_names::operation(left, "=", right),
    }
}

/// An array as PostgreSQL reads one.
fn array_text(elements: impl Iterator<Item = Option<String>>) -> String {
    let mut text = String::from("{");
    for element in elements {
        if text.len() > 1 {
            text.push(',');
        }
        let Some(element) = element else {
            text.push_str("NULL");
            continue;
        };
        text.push('"');
        for sign in element.chars() {
            if matches!(sign, '"' | '\\') {
                text.push('\\');
            }
            text.push(sign);
        }
        text.push('"');
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::array_text;

    #[test]
    fn an_element_can_not_end_its_quotes() {
        let elements = [Some("a\"b\\c,{}"), None, Some(""), Some("NULL")];
        let text = array_text(elements.into_iter().map(|text| text.map(str::to_owned)));
        assert_eq!(text, "{\"a\\\"b\\\\c,{}\",NULL,\"\",\"NULL\"}");
    }
}
