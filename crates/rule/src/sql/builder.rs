//! Collects the parameters of a statement, so that no value stands in its text.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{
    Column, Expr, Node, Relation, RuleError, Sql, Table, inline_parameters, quote_identifier,
};

/// Where a parameter, sent as text, is cast to its type. Where it stands, the server does not fold the cast to a constant,
/// and repeats it for every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Casts {
    /// Where it stands: in a WHERE, so that the server can estimate how many rows match.
    InPlace,
    /// Once a statement, in a subquery that reads nothing, which saves a third of the cost of a row.
    Once,
    /// When the statement is parsed: a literal will stand there. DDL takes nothing else, and Citus sends an expression to the
    /// shards only where its constants have their types.
    Literal,
}

/// Collects the parameters of one statement while its parts are compiled.
#[derive(Debug)]
pub struct SqlBuilder<'t> {
    pub(super) table: &'t Table,
    pub(super) as_of: Date,
    pub(super) parameters: Vec<Option<String>>,
    pub(super) casts: Casts,
    /// The place of the rule that is compiled among those of its statement, from 0: it names the pairs of its lookup.
    pub(super) rule: usize,
    /// What earlier rules of the statement make of columns, as SQL: nobody has written it yet.
    pub(super) given: BTreeMap<String, String>,
    /// Whether a calculation of constants alone is compiled, which the server would compute before it looks at a row: also
    /// where no row comes to it, and it fails.
    pub(super) folding: Folding,
    /// Whether short lookups are compiled as conditions, and not joined.
    pub(super) short_lookups: ShortLookups,
}

/// Whether the server may compute what is compiled once for all rows, before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folding {
    Allowed,
    Kept,
}

/// How a lookup of a few pairs is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShortLookups {
    /// As all others: its pairs are joined to the rows.
    Joined,
    /// As arms: an UPDATE of several columns then reads the table alone.
    Arms,
}

impl<'t> SqlBuilder<'t> {
    /// For expressions over these rows, on this business date.
    pub fn new(source: &'t Relation, as_of: Date) -> Self {
        let (table, parameters) = (&*source.table, source.parameters().to_vec());
        Self {
            table,
            as_of,
            parameters,
            casts: Casts::InPlace,
            rule: 0,
            given: BTreeMap::new(),
            folding: Folding::Allowed,
            short_lookups: ShortLookups::Joined,
        }
    }

    /// For a statement that writes these rows.
    pub(crate) fn for_writing(source: &'t Relation, as_of: Date) -> Self {
        let sql = Self::new(source, as_of);
        if source.table.placement.is_citus() { sql.for_literals() } else { sql }
    }

    /// For a statement whose parameters become literals, as DDL takes them.
    pub(crate) fn for_literals(self) -> Self {
        Self { casts: Casts::Literal, ..self }
    }

    /// Compiles parts that are computed for each row, whose selectivity the server need not estimate.
    pub(crate) fn computed<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.casts;
        if outside == Casts::InPlace {
            self.casts = Casts::Once;
        }
        let compiled = compile(self);
        self.casts = outside;
        compiled
    }

    /// The statement, with the parameters collected so far.
    pub fn finish(self, text: String) -> Sql {
        Sql { text, parameters: self.parameters }
    }

    /// The same for a statement that writes, with literals where it takes nothing else.
    pub(crate) fn finish_writing(self, text: String) -> Sql {
        let as_literals = self.casts == Casts::Literal;
        let sql = self.finish(text);
        match as_literals {
            true => Sql { text: inline_parameters(&sql), parameters: vec![] },
            false => sql,
        }
    }

    /// An expression, if it means something on these rows.
    pub(crate) fn try_expression(&mut self, expr: &Expr) -> Option<String> {
        let known = self.parameters.len();
        let compiled = self.expression(expr, None).ok();
        if compiled.is_none() {
            self.parameters.truncate(known);
        }
        compiled
    }

    pub(crate) fn parameters(&self) -> &[Option<String>] {
        &self.parameters
    }

    /// A column as the rules before the one that is compiled leave it.
    pub(super) fn column(&self, name: &str) -> String {
        self.given.get(name).cloned().unwrap_or_else(|| quote_identifier(name))
    }

    /// A parameter, sent as text and cast by the server.
    pub(crate) fn bind(&mut self, value: Option<String>, cast: &str) -> String {
        self.parameters.push(value);
        let place = self.parameters.len();
        match self.casts {
            Casts::InPlace => format!("${place}::pg_catalog.text::{cast}"),
            Casts::Once => format!("(SELECT ${place}::pg_catalog.text::{cast})"),
            Casts::Literal => self.for_each_row(format!("${place}::{cast}")),
        }
    }

    /// A constant, or what only has a value in a row where the server must not compute with it before.
    fn for_each_row(&self, constant: String) -> String {
        match (self.folding, self.table.key.first()) {
            // DDL takes no subquery, and Citus no function that is not immutable.
            (Folding::Kept, Some(key)) => {
                format!("(CASE WHEN {} IS NOT NULL THEN {constant} END)", quote_identifier(key))
            }
            _ => constant,
        }
    }

    /// Compiles an expression; one that has the same value in every row so that it is computed when a row comes to it.
    pub(super) fn expression(
        &mut self,
        expr: &Expr,
        beside: Option<&Column>,
    ) -> Result<String, RuleError> {
        if !is_constant_calculation(expr) {
            return self.expression_of_row(expr, beside);
        }
        let outside = std::mem::replace(&mut self.folding, Folding::Kept);
        let compiled = self.computed(|sql| sql.expression_of_row(expr, beside));
        self.folding = outside;
        compiled
    }

    /// `key` has one text for each of its columns.
    pub(crate) fn key_condition(&mut self, key: &[String]) -> Result<String, RuleError> {
        let mut tests = Vec::new();
        for (name, value) in self.table.key.iter().zip(key) {
            let column = self.table.require_column(name)?;
            let value = self.bind(Some(value.clone()), &column.data_type.base.cast);
            tests.push(column.data_type.operation(&quote_identifier(name), "=", &value));
        }
        Ok(if tests.is_empty() { "false".into() } else { tests.join(" AND ") })
    }
}

/// Whether it is made of constants alone, and has to be computed.
pub(super) fn is_constant_calculation(expr: &Expr) -> bool {
    let mut is_constant = !expr.node().children().is_empty();
    expr.visit(&mut |one| {
        is_constant &= one.column_name().is_none() && !matches!(one.node(), Node::Figure(_));
    });
    is_constant
}
