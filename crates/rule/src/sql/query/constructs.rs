//! The kinds of nodes that a query may consist of.

use squawk_parser::SyntaxKind::{self, *};

pub(super) fn is_allowed(kind: SyntaxKind) -> bool {
    is_statement(kind) || is_source(kind) || is_clause(kind) || is_expression(kind) || is_type(kind)
}

fn is_statement(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SOURCE_FILE
            | SELECT
            | COMPOUND_SELECT
            | PAREN_SELECT
            | UNION
            | INTERSECT
            | EXCEPT
            | ALL
            | TABLE
            | VALUES
            | ROW_LIST
            | ROW
            | WITH_CLAUSE
            | WITH_TABLE
            | CTE_NAME
            | COLUMN_LIST
            | COLUMN_NAME
            | MATERIALIZED
            | NOT_MATERIALIZED
            | RELATION_NAME
    )
}

fn is_source(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        FROM_CLAUSE
            | RELATION_FROM_ITEM
            | RELATION_NAME_REF
            | PAREN_FROM_ITEM
            | FUNCTION_FROM_ITEM
            | WITH_ORDINALITY
            | FROM_ALIAS
            | TABLE_ALIAS
            | JOIN_EXPR
            | JOIN
            | JOIN_CROSS
            | JOIN_FULL
            | JOIN_INNER
            | JOIN_LEFT
            | JOIN_RIGHT
            | ON_CLAUSE
            | JOIN_USING_CLAUSE
            | COLUMN_REF_LIST
            | COLUMN_NAME_REF
    )
}

fn is_clause(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SELECT_CLAUSE
            | DISTINCT_CLAUSE
            | DISTINCT_ON
            | DISTINCT
            | TARGET_LIST
            | TARGET
            | AS_NAME
            | WHERE_CLAUSE
            | GROUP_BY_CLAUSE
            | GROUP_BY_LIST
            | GROUPING_EXPR
            | GROUPING_SETS
            | GROUPING_ROLLUP
            | GROUPING_CUBE
            | HAVING_CLAUSE
            | WINDOW_CLAUSE
            | WINDOW_DEF
            | WINDOW
            | WINDOW_SPEC
            | WINDOW_REF
            | OVER_WINDOW_SPEC
            | PARTITION_BY_CLAUSE
            | FRAME_CLAUSE
            | FRAME_ROWS
            | FRAME_RANGE
            | FRAME_GROUPS
            | FRAME_BETWEEN
            | FRAME_EXCLUDE
            | UNBOUNDED_PRECEDING
            | UNBOUNDED_FOLLOWING
            | EXPR_PRECEDING
            | EXPR_FOLLOWING
            | CURRENT_ROW
            | GROUP
            | TIES
            | NO_OTHERS
            | ORDER_BY_CLAUSE
            | SORT_BY_LIST
            | SORT_BY
            | SORT_ASC
            | SORT_DESC
            | SORT_USING
            | NULLS_FIRST
            | NULLS_LAST
            | LIMIT_CLAUSE
            | OFFSET_CLAUSE
            | FETCH_CLAUSE
            | FETCH_ONLY
            | WITH_TIES
    )
}

fn is_expression(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        LITERAL
            | NAME_REF
            | FIELD_EXPR
            | PAREN_EXPR
            | TUPLE_EXPR
            | ARRAY_EXPR
            | INDEX_EXPR
            | SLICE_EXPR
            | PREFIX_EXPR
            | POSTFIX_EXPR
            | BIN_EXPR
            | CUSTOM_OP
            | OP
            | BETWEEN_EXPR
            | SYMMETRIC
            | ASYMMETRIC
            | CASE_EXPR
            | WHEN_CLAUSE_LIST
            | WHEN_CLAUSE
            | ELSE_CLAUSE
            | CAST_EXPR
            | COLON_COLON
            | COLLATE
            | COLLATION_REF
            | AT_TIME_ZONE
            | IS_NOT
            | IS_DISTINCT_FROM
            | IS_NOT_DISTINCT_FROM
            | NOT_IN
            | NOT_LIKE
            | NOT_ILIKE
            | SIMILAR_TO
            | NOT_SIMILAR_TO
            | NEQ
            | NEQB
            | LTEQ
            | GTEQ
            | LESS_LESS
            | GREATER_GREATER
            | CALL_EXPR
            | ARG_LIST
            | ARG
            | FILTER_CLAUSE
            | OVER_CLAUSE
            | WITHIN_CLAUSE
            | RESPECT_NULLS
            | IGNORE_NULLS
            | EXISTS_FN
            | ANY_FN
            | ALL_FN
            | SOME_FN
            | EXTRACT_FN
            | EXTRACT_FIELD_NAME
            | EXTRACT_FIELD_LITERAL
            | POSITION_FN
            | TRIM_FN
            | TRIM_BOTH
            | TRIM_LEADING
            | TRIM_TRAILING
            | TRIM_FROM
            | TRIM_EXPR_FROM
            | TRIM_EXPRS
            | OVERLAY_FN
            | OVERLAY_PLACING
            | OVERLAY_EXPRS
            | SUBSTRING_FN
            | SUBSTRING_FROM_FOR
            | SUBSTRING_FOR_FROM
            | SUBSTRING_SIMILAR_ESCAPE
            | SUBSTRING_EXPRS
    )
}

fn is_type(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        PATH_TYPE
            | PATH_REF
            | PATH_SEGMENT_REF
            | ARRAY_TYPE
            | ARRAY_BOUND
            | BIT_TYPE
            | BIT_VARYING_TYPE
            | CHARACTER_TYPE
            | VARCHAR_TYPE
            | DOUBLE_TYPE
            | TIME_TYPE
            | TIMESTAMP_TYPE
            | WITH_TIMEZONE
            | WITHOUT_TIMEZONE
            | INTERVAL_TYPE
            | INTERVAL_YEAR
            | INTERVAL_MONTH
            | INTERVAL_DAY
            | INTERVAL_HOUR
            | INTERVAL_MINUTE
            | INTERVAL_SECOND
    )
}

/// The name of what a query may not have.
pub(super) fn name(kind: SyntaxKind) -> String {
    match kind {
        LOCKING_CLAUSE => "FOR UPDATE or FOR SHARE".to_owned(),
        SELECT_INTO | INTO_CLAUSE => "SELECT INTO".to_owned(),
        OPERATOR_CALL => "OPERATOR(...)".to_owned(),
        NAMED_ARG => "arguments by name".to_owned(),
        ROWS_FROM_ITEM => "ROWS FROM".to_owned(),
        JSON_TABLE_FROM_ITEM => "JSON_TABLE".to_owned(),
        XML_TABLE_FROM_ITEM => "XMLTABLE".to_owned(),
        TABLESAMPLE_CLAUSE => "TABLESAMPLE".to_owned(),
        EXPR_FROM_ITEM => "a value in FROM".to_owned(),
        other => format!("{other:?}").replace("_CLAUSE", "").replace("_FN", "").replace('_', " "),
    }
}
