//! Values that are given as texts, compared as the server compares the values of a column: 10 and 10.00, or a date and its
//! midnight, are equal.

use leora_report::DatabaseError;
use leora_rule::{Comparability, DataType, Kind, Sql};

use crate::Reader;
use crate::connection::Cells;

impl Reader<'_> {
    /// Which of the texts are equal values of this type: the place of one in `values`, and of the other in `others`. `None`
    /// where the server refuses one of them, or can't compare such values.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the server's refusal.
    pub fn equal_values(
        &mut self,
        data_type: &DataType,
        values: &[&str],
        others: &[&str],
    ) -> Result<Option<Vec<(usize, usize)>>, DatabaseError> {
        if data_type.comparability == Comparability::Incomparable {
            return Ok(None);
        }
        let read = |parameter: &str| {
            format!(
                "(SELECT place, {} AS value FROM pg_catalog.json_array_elements_text({parameter}::pg_catalog.text::pg_catalog.json) \
                 WITH ORDINALITY AS listed (written, place))",
                data_type.value_of_text("written")
            )
        };
        let text = format!(
            "SELECT one.place::pg_catalog.text, other.place::pg_catalog.text FROM {} AS one JOIN {} AS other ON {}",
            read("$1"),
            read("$2"),
            data_type.operation("one.value", "=", "other.value"),
        );
        let parameters = [values, others].map(|texts| Some(serde_json::json!(texts).to_string()));
        let rows = self.try_texts(&Sql { text, parameters: parameters.into() })?;
        let pair = |row| {
            let mut cells = Cells::new(row);
            // The server counts from 1.
            let mut place =
                || usize::try_from(cells.number()).unwrap_or_default().saturating_sub(1);
            (place(), place())
        };
        Ok(rows.map(|rows| rows.into_iter().map(pair).collect()))
    }

    /// Why a column of this type can't have the value that this text is, if it can't: the server does not read it, or the
    /// column would keep another one.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the server's refusal.
    pub fn refusal_of_value(
        &mut self,
        data_type: &DataType,
        text: &str,
    ) -> Result<Option<String>, DatabaseError> {
        let (given, kept) = data_type.given_and_kept("$1::pg_catalog.text");
        // A type of another kind may have no equality.
        let same = match data_type.kind {
            Kind::Other => format!("({kept}) IS NOT NULL"),
            _ => data_type.operation(&given, "=", &kept),
        };
        let text = Sql {
            text: format!("SELECT {same}::pg_catalog.text, ({kept})::pg_catalog.text"),
            parameters: vec![Some(text.to_owned())],
        };
        match self.session.without_effects(|session| session.connection.fetch(&text)) {
            Ok(rows) => {
                let mut cells = Cells::of_first(rows);
                let (same, kept) = (cells.flag(), cells.text());
                Ok((!same).then(|| format!("it would keep {kept}")))
            }
            Err(DatabaseError::Server(error)) => Ok(Some(error.message)),
            Err(other) => Err(other),
        }
    }
}
