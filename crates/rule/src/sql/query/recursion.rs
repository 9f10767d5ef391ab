//! Recursive queries: how much their further rows may take up.
//!
//! The server keeps the rows of each round, and with UNION those of all rounds, in memory or on its disk. So the part that
//! gives further rows is bounded as an aggregate that gathers is.

use squawk_parser::SyntaxKind::{
    self, EXCEPT, FETCH_CLAUSE, LIMIT_CLAUSE, OFFSET_CLAUSE, ORDER_BY_CLAUSE, UNION, WITH_CLAUSE,
    WITH_TABLE,
};

use crate::sql::query::draft::Draft;
use crate::sql::query::rendering::Insertion;
use crate::sql::query::{Judgement, cannot_use};
use crate::sql::token::SqlToken;

/// With one of these behind it, a UNION is no recursion that the server accepts.
const NO_RECURSION: [SyntaxKind; 5] =
    [EXCEPT, ORDER_BY_CLAUSE, LIMIT_CLAUSE, OFFSET_CLAUSE, FETCH_CLAUSE];

/// Notes the parts of WITH RECURSIVE that may give rows again and again.
pub(super) fn judge(draft: &Draft<'_>, judgement: &mut Judgement) -> Result<(), String> {
    for (with, clause) in draft.tree.of_kind(WITH_CLAUSE) {
        if !draft.tokens_in(&clause.range).get(1).is_some_and(|word| word.is_word("RECURSIVE")) {
            continue;
        }
        for (_, named) in draft.tree.children(with).filter(|(_, node)| node.kind == WITH_TABLE) {
            let body = body(draft.tokens_in(&named.range));
            if body.first().is_some_and(|first| first.is_word("WITH")) {
                return Err(cannot_use("WITH at the start of a part of WITH RECURSIVE"));
            }
            if let Some(further) = further_part(draft, body) {
                judgement.insertions.extend(Insertion::bound_recursion(further));
            }
        }
    }
    Ok(())
}

/// What stands in the last brackets, without brackets around the whole.
fn body<'t>(named: &'t [SqlToken<'t>]) -> &'t [SqlToken<'t>] {
    let mut body = named;
    let opened = |tokens: &[SqlToken<'_>]| {
        let (mut depth, mut opened) = (0_usize, 0);
        for (at, token) in tokens.iter().enumerate() {
            if token.is_symbol("(") {
                if depth == 0 {
                    opened = at;
                }
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            }
        }
        opened
    };
    if body.last().is_some_and(|last| last.is_symbol(")")) {
        body = &body[opened(body) + 1..body.len() - 1];
    }
    while body.len() > 1
        && body[body.len() - 1].is_symbol(")")
        && body[0].is_symbol("(")
        && opened(body) == 0
    {
        body = &body[1..body.len() - 1];
    }
    body
}

/// The bytes behind the last UNION that is in no brackets. Such a word may also be a name: the tree says which it is.
fn further_part(draft: &Draft<'_>, body: &[SqlToken<'_>]) -> Option<std::ops::Range<usize>> {
    let mut depth = 0_usize;
    let mut outside: Vec<(usize, SyntaxKind)> = vec![];
    for (at, token) in body.iter().enumerate() {
        match token.text {
            "(" if token.is_symbol("(") => depth += 1,
            ")" if token.is_symbol(")") => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.extend(draft.innermost(token).map(|node| (at, node.kind))),
            _ => {}
        }
    }
    let union = outside.iter().rposition(|(_, kind)| *kind == UNION)?;
    if outside[union + 1..].iter().any(|(_, kind)| NO_RECURSION.contains(kind)) {
        return None;
    }
    // UNION, UNION ALL and UNION DISTINCT are one node, or the word behind it is a node in it.
    let mut start = outside[union].0 + 1;
    if body.get(start).is_some_and(|token| token.is_word("ALL") || token.is_word("DISTINCT")) {
        start += 1;
    }
    Some(body.get(start)?.start..body.last()?.end())
}

#[cfg(test)]
mod tests {
    use crate::Query;

    fn statement(text: &str) -> String {
        Query::judge(text).unwrap().statement(&[])
    }

    #[test]
    fn further_rows_are_given_while_there_is_room() {
        for text in [
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t",
            "WITH RECURSIVE t(n) AS (((SELECT 1 UNION (SELECT n + 1 FROM t)))) SELECT n FROM t",
            "SELECT * FROM (WITH RECURSIVE t AS (SELECT 1 AS n UNION DISTINCT SELECT n + 1 FROM t) SELECT n FROM t) AS x",
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 AS limit FROM t) SELECT n FROM t",
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION SELECT x.order + 1 AS offset FROM t AS x(\"order\")) SELECT n FROM t",
            "WITH RECURSIVE t(n) AS (SELECT 1 AS union UNION ALL SELECT n + 1 AS fetch FROM t) SELECT n FROM t",
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT n + 1 FROM t) SELECT n FROM t",
            "WITH RECURSIVE a AS (SELECT 1 AS n), t AS (SELECT n FROM a UNION SELECT n + 1 FROM t) SELECT n FROM t",
        ] {
            let sent = statement(text);
            assert!(sent.contains("select further.* from ("), "{sent}");
            assert!(sent.contains(") as further where "), "{sent}");
            assert!(Query::judge(text).unwrap().gathers(), "{text}");
        }
    }

    #[test]
    fn what_gives_no_further_rows_is_sent_as_it_is() {
        for text in [
            "WITH t AS (SELECT 1 AS n UNION ALL SELECT 2) SELECT n FROM t",
            "WITH RECURSIVE t AS (SELECT 1 AS n) SELECT n FROM t UNION SELECT 2",
            "WITH RECURSIVE t AS (SELECT 1 AS n UNION SELECT 2 ORDER BY 1 LIMIT 1) SELECT n FROM t",
            "WITH RECURSIVE t AS (SELECT 1 AS n UNION SELECT 2 EXCEPT SELECT 1) SELECT n FROM t",
        ] {
            assert!(!statement(text).contains("further"), "{text}");
        }
    }

    #[test]
    fn an_inner_list_before_the_rows_is_refused() {
        let text = "WITH RECURSIVE t AS (WITH a AS (SELECT 1 AS n) (SELECT n FROM a UNION SELECT n FROM t)) SELECT n FROM t";
        let refused = Query::judge(text).unwrap_err();
        assert_eq!(refused, "a query can't use WITH at the start of a part of WITH RECURSIVE");
    }
}
