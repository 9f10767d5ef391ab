//! What messages call the engine's types, and how each function of the API is written.

/// A type of the engine as people call it.
pub(super) fn sort_of(name: &str) -> String {
    let bare = name.trim_start_matches("&mut ").split(" | ").next().unwrap_or(name);
    let bare = bare.rsplit("::").next().unwrap_or(bare).trim_start_matches('&');
    match bare {
        "" => String::new(),
        "str" | "ImmutableString" | "String" | "string" | "char" => "a text".into(),
        "i64" => "a whole number".into(),
        "f64" | "decimal" | "Decimal" => "a number".into(),
        "bool" => "true or false".into(),
        "array" | "Array" | "Vec<rhai::Dynamic>" => "a list".into(),
        "map" | "Map" => "a map".into(),
        "()" => "(), no value".into(),
        "otherwise" => "`otherwise`".into(),
        "lookup" => "a lookup(...)".into(),
        "update" => "an update(...)".into(),
        "Expr" => "a column".into(),
        "Selection" => "a table".into(),
        "Fn" | "FnPtr" => "a function".into(),
        other => format!("a {}", other.to_lowercase()),
    }
}

/// "a column, a text and a list"
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// How a function of the API is written, by name.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    USAGE.iter().find(|(known, _)| *known == name).map(|(_, usage)| *usage)
}

const USAGE: &[(&str, &str)] = &[
    ("ago", "ago(months(6))"),
    ("and", "col(\"city\") == \"Napa\" and col(\"accountType\").is_null()"),
    ("coalesce", "coalesce([col(\"reactivatedDate\"), col(\"lastOrderDate\")])"),
    ("col", "col(\"lastOrderDate\")"),
    ("col_or", "col_or(\"accountPriorityManuallySet\", false)"),
    ("column", "column(\"Customer\", \"accountType\")"),
    ("count", "table(\"Customer\").count(col(\"accountType\").is_null())"),
    ("days", "days(90)"),
    ("counted", "counted(5394, \"customer\"), which gives 5,394 customers"),
    ("delete", "table(\"CallPlan\").delete(col(\"name\") == \"Week 43\")"),
    ("distribution", "table(\"Customer\").distribution(\"accountType\")"),
    ("distribution_by", "table(\"Customer\").distribution_by(\"tenantId\", \"accountType\")"),
    ("enum_values", "enum_values(\"AccountType\")"),
    ("expect", "expect(\"every customer has a class\", left_out == 0)"),
    ("foreign_keys", "foreign_keys(\"Customer\")"),
    ("has_table", "has_table(\"CallPlan\")"),
    ("index", "index(\"Customer_territory_idx\")"),
    ("insert", "table(\"CallPlan\").insert(#{ name: \"Week 43\" })"),
    ("is_null", "col(\"accountType\").is_null()"),
    ("is_one_of", "col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"])"),
    ("last_run", "last_run(\"phase2\")"),
    ("lookup", "lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })"),
    ("months", "months(6)"),
    ("not", "not(col(\"isPermanentlyClosed\"))"),
    ("note", "note(\"what there is to say\")"),
    ("or", "col(\"city\") == \"Napa\" or col(\"city\").is_null()"),
    ("query", "query(\"SELECT count(*) AS n FROM \\\"Customer\\\" WHERE city = $1\", [\"Napa\"])"),
    ("record_migration", "record_migration(\"20251025173000_phase2_complete\")"),
    ("record_rollback", "record_rollback(\"20251025173000_phase2_complete\")"),
    ("refuse", "refuse(\"what is wrong\", \"what to do about it\")"),
    ("rejects", "table(\"CallPlan\").rejects(#{ name: () })"),
    ("rows", "table(\"Tenant\").rows([\"id\", \"slug\"])"),
    ("run_sql", "run_sql(\"phase2-migration.sql\")"),
    (
        "set",
        ".set(\"accountType\", \"ACTIVE\") or .set(\"accountType\", [[condition, value], ...])",
    ),
    ("setting", "setting(\"active_within\", months(6))"),
    ("share", "table(\"Customer\").distribution(\"accountType\").share(\"ACTIVE\")"),
    ("show", "show(table(\"Customer\").distribution(\"accountType\"))"),
    ("table", "table(\"Customer\")"),
    ("today", "today()"),
    ("update", "update(\"Customer\").where(condition).set(\"accountType\", value)"),
    ("warn_unless", "warn_unless(\"the shares are as expected\", findings)"),
    ("where", "where(col(\"accountType\").is_null())"),
    ("within", "col(\"lastOrderDate\").within(months(6))"),
    ("years", "years(1)"),
];
