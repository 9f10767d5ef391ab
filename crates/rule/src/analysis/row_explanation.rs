//! Why a rule gives a row its value: the server evaluates each part of the rule on that one row.

use jiff::civil::Date;

use crate::sql::list::PLACE;
use crate::sql::own_names::operation;
use crate::sql::table::AS_TEXT;
use crate::{
    Assignment, ColumnsShown, Expr, Node, Relation, Rule, RuleError, Sql, SqlBuilder,
    quote_identifier,
};

/// The result of a condition on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionVerdict {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It is NULL: something that it reads has no value.
    NoValue,
    /// An earlier arm has won.
    NotTried,
}

/// What a rule makes of one row, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowExplanation {
    /// The columns that the rule reads, and their values; behind a rank the value by which it is counted.
    pub reads: Vec<(String, Option<String>)>,
    /// For each of them, how many rows of another table it is made of; none where it is made of none, or of one.
    pub of_rows: Vec<Option<u64>>,
    /// Whether `where` takes the row.
    pub taken: ConditionVerdict,
    /// The parts of `where` that do not hold, where it does not take the row.
    pub against: Vec<(String, ConditionVerdict)>,
    /// The value before the rule.
    pub before: Option<String>,
    /// The verdict of each arm.
    pub arms: Vec<ConditionVerdict>,
    /// The value that the arms give, also where `where` does not take the row, unless they can't be computed there; the
    /// value before when no arm matches.
    pub given: Option<String>,
}

impl RowExplanation {
    /// The value that the rule reads of a column; `None` also when it reads no such column.
    pub fn value_read(&self, column: &str) -> Option<String> {
        let read = self.reads.iter().find(|(name, _)| name == column);
        read.and_then(|(_, value)| value.clone())
    }

    /// The arm that wins, counted from 0.
    pub fn winner(&self) -> Option<usize> {
        self.arms.iter().position(|verdict| *verdict == ConditionVerdict::Yes)
    }

    /// Whether the arms were tried: on a row that `where` leaves out they may be impossible to compute.
    pub fn has_tried_arms(&self) -> bool {
        self.arms.iter().any(|verdict| *verdict != ConditionVerdict::NotTried)
    }

    /// The value after the rule.
    pub fn after(&self) -> &Option<String> {
        if self.taken == ConditionVerdict::Yes { &self.given } else { &self.before }
    }
}

/// On which rows the arms are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriedArms {
    /// On every row. The server may fail on one that `where` leaves out, as by a division by zero.
    Always,
    /// On rows that `where` takes, as a run does it.
    WhereTaken,
}

/// The statement that evaluates each part of a rule on one row.
#[derive(Debug)]
pub struct RowExplanationQuery {
    /// The statement: one row, all columns text.
    pub sql: Sql,
    reads: ColumnsShown,
    parts: Vec<String>,
}

impl RowExplanationQuery {
    /// Compiles the statement for the row of this key.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn compile(
        rule: &Rule,
        source: &Relation,
        key: &[String],
        tried: TriedArms,
        as_of: Date,
    ) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(source, as_of);
        let reads = ColumnsShown::of(rule, source, |_| true);
        let leaves: Vec<&Expr> = rule.filter.as_ref().map_or_else(Vec::new, leaves);
        let taken = sql.filter(rule.filter.as_ref())?;
        let mut parts = Vec::new();
        for leaf in &leaves {
            parts.push(letter(&sql.condition(leaf)?));
        }
        let (mut winner, arms) = arms(rule, &mut sql)?;
        let mut given = sql.rule_value(rule)?;
        if tried == TriedArms::WhereTaken {
            // Every arm comes after the winner 0.
            winner = format!("CASE WHEN {taken} THEN {winner} ELSE 0 END");
            given = format!("(CASE WHEN {taken} THEN {given} END)");
        }
        let pairs = sql.joined_pairs(rule)?;
        let target = quote_identifier(&source.table.require_column(&rule.column)?.name);
        let shown: Vec<String> = reads
            .selected()
            .iter()
            .map(|name| format!("{}{AS_TEXT}", quote_identifier(name)))
            .collect();
        let head = [
            format!("{target}{AS_TEXT}"),
            letter(&taken),
            letters(&parts),
            letters(&arms),
            format!("{given}{AS_TEXT}"),
        ];
        let text = format!(
            "SELECT {} FROM (SELECT *, {winner} AS \"the winner\" FROM {} AS rows{pairs} WHERE {}) AS judged",
            head.into_iter().chain(shown).collect::<Vec<_>>().join(", "),
            source.text(),
            sql.key_condition(key)?,
        );
        let parts = leaves.iter().map(ToString::to_string).collect();
        Ok(Self { sql: sql.finish(text), reads, parts })
    }

    /// Reads the result of the statement; `None` when there is no such row.
    pub fn read(self, rows: Vec<Vec<Option<String>>>) -> Option<RowExplanation> {
        let mut cells = rows.into_iter().next()?.into_iter();
        let mut next = || cells.next().flatten();
        let (before, taken, parts, arms, given) = (next(), next(), next(), next(), next());
        let taken = verdicts(&taken).first().copied().unwrap_or(ConditionVerdict::NoValue);
        let against = self.parts.into_iter().zip(verdicts(&parts));
        let against = against.filter(|(_, verdict)| {
            *verdict != ConditionVerdict::Yes && taken != ConditionVerdict::Yes
        });
        let against = against.collect();
        let arms = verdicts(&arms);
        let (values, of_rows) = self.reads.read(cells.collect());
        let reads = self.reads.names.into_iter().zip(values).collect();
        Some(RowExplanation { reads, of_rows, taken, against, before, arms, given })
    }
}

/// The number of the arm that wins, from 1, and the verdict of each arm. An arm after the winner is not evaluated: it may
/// fail on this row, as a division by zero does.
fn arms(rule: &Rule, sql: &mut SqlBuilder<'_>) -> Result<(String, Vec<String>), RuleError> {
    if let Assignment::Lookup { column, pairs } = &rule.assignment {
        return Ok(pair_verdicts(column, pairs.len()));
    }
    let (mut winner, mut verdicts) = (String::from("CASE"), Vec::new());
    for (index, arm) in rule.arms().iter().enumerate() {
        let number = index + 1;
        let condition = arm.condition.as_ref();
        winner.push_str(&format!(" WHEN {} THEN {number}", sql.filter(condition)?));
        let judged = letter(&sql.filter(condition)?);
        let later = operation("\"the winner\"", "<", &number.to_string());
        verdicts.push(format!("CASE WHEN {later} THEN '-' ELSE {judged} END"));
    }
    let none = verdicts.len() + 1;
    let winner = if none == 1 { none.to_string() } else { format!("{winner} ELSE {none} END") };
    Ok((winner, verdicts))
}

/// The same for a lookup, whose pairs are joined: one text has the verdicts of all of them.
fn pair_verdicts(column: &str, pairs: usize) -> (String, Vec<String>) {
    let column = quote_identifier(column);
    let repeat = |letter: char, count: &str| format!("pg_catalog.repeat('{letter}', {count})");
    let place = format!("{PLACE}::integer");
    let before = operation(&place, "-", "1");
    let after = operation(&pairs.to_string(), "-", &place);
    let untried = operation("\"the winner\"", "=", "0");
    let all = format!(
        "CASE WHEN {untried} THEN {} WHEN {column} IS NULL THEN {} WHEN {PLACE} IS NULL THEN {} \
         ELSE pg_catalog.concat({}, 'y', {}) END",
        repeat('-', &pairs.to_string()),
        repeat('?', &pairs.to_string()),
        repeat('n', &pairs.to_string()),
        repeat('n', &before),
        repeat('-', &after),
    );
    (PLACE.to_owned(), vec![all])
}

fn letter(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 'y' WHEN ({condition}) IS NULL THEN '?' ELSE 'n' END")
}

/// Letters as one text: a SELECT can have 1,664 columns, and a lookup may have more pairs.
fn letters(verdicts: &[String]) -> String {
    format!("pg_catalog.array_to_string(ARRAY[{}]::pg_catalog.text[], '')", verdicts.join(", "))
}

fn verdicts(letters: &Option<String>) -> Vec<ConditionVerdict> {
    let verdict = |letter| match letter {
        'y' => ConditionVerdict::Yes,
        'n' => ConditionVerdict::No,
        '-' => ConditionVerdict::NotTried,
        _ => ConditionVerdict::NoValue,
    };
    letters.iter().flat_map(|text| text.chars()).map(verdict).collect()
}

fn leaves(expr: &Expr) -> Vec<&Expr> {
    match expr.node() {
        Node::And(a, b) | Node::Or(a, b) => leaves(a).into_iter().chain(leaves(b)).collect(),
        // The value of a setting: the row does not decide it.
        Node::Literal(_) => vec![],
        _ => vec![expr],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, priority};

    #[test]
    fn the_row_is_read_back_as_it_was_asked() {
        let many = col("orders").greater(5);
        let filter = col("active").and(col("grade").eq_to("A"));
        let rule = priority([(Some(many), "HIGH"), (None, "LOW")]).with_filter(filter);
        let query = RowExplanationQuery::compile(
            &rule,
            &customers(),
            &["x".into()],
            TriedArms::Always,
            AS_OF,
        );
        let cell = |text: &str| Some(text.to_owned());
        let row = vec![
            cell("MEDIUM"),
            cell("n"),
            cell("y?"),
            cell("y-"),
            cell("HIGH"),
            cell("7"),
            cell("true"),
            None,
        ];
        let explanation = query.expect("a rule").read(vec![row]).expect("a row");
        let reads = [("orders", cell("7")), ("active", cell("true")), ("grade", None)];
        assert_eq!(explanation.reads, reads.map(|(name, value)| (name.to_owned(), value)));
        let unknown = ("grade == \"A\"".to_owned(), ConditionVerdict::NoValue);
        assert_eq!(explanation.against, [unknown]);
        assert_eq!(explanation.arms, [ConditionVerdict::Yes, ConditionVerdict::NotTried]);
        assert_eq!(explanation.winner(), Some(0));
        // `where` leaves the row out, so that it keeps its value.
        assert_eq!(explanation.after(), &cell("MEDIUM"));
    }
}
