//! Whether an SQL text reads a column that an earlier rule sets and nobody has written yet.

/// The first of these columns, `Table.column`, whose own name stands in the text of an SQL file.
pub(crate) fn mentioned<'a>(sql: &str, pending: &'a [String]) -> Option<&'a str> {
    pending.iter().map(String::as_str).find(|name| {
        let column = name.split_once('.').map(|(_, column)| column);
        column.is_some_and(|column| sql.contains(column))
    })
}

/// The same for a query, which may also read all the columns of a table.
pub(crate) fn read_by_query<'a>(query: &str, pending: &'a [String]) -> Option<&'a str> {
    let reads_all = query.replace("count(*)", "").contains('*');
    let of_table = |name: &&str| {
        let table = name.split_once('.').map(|(table, _)| table);
        table.is_some_and(|table| query.contains(table))
    };
    mentioned(query, pending)
        .or_else(|| pending.iter().map(String::as_str).find(|name| reads_all && of_table(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Vec<String> {
        vec!["Customer.accountType".into(), "Tenant.slug".into()]
    }

    #[test]
    fn a_column_is_found_by_its_own_name() {
        assert_eq!(mentioned("UPDATE x SET slug = ''", &pending()), Some("Tenant.slug"));
        assert_eq!(mentioned("SELECT * FROM \"Tenant\"", &pending()), None);
    }

    #[test]
    fn a_star_reads_every_column_of_its_table() {
        let read = |query| read_by_query(query, &pending()).map(str::to_owned);
        assert_eq!(read("SELECT * FROM \"Tenant\"").as_deref(), Some("Tenant.slug"));
        assert_eq!(read("SELECT count(*) FROM \"Tenant\""), None);
        assert_eq!(read("SELECT * FROM \"User\""), None);
    }
}
