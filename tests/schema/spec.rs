//! The enums, tables, columns, indexes and foreign keys of Phase 2.

/// An enum and its labels. `AccountType` is older than Phase 2.
pub const ENUMS: [(&str, &[&str]); 4] = [
    ("AccountType", &["ACTIVE", "TARGET", "PROSPECT"]),
    ("AccountPriority", &["LOW", "MEDIUM", "HIGH"]),
    ("CallPlanStatus", &["DRAFT", "ACTIVE", "COMPLETED", "ARCHIVED"]),
    ("ContactOutcome", &["NOT_ATTEMPTED", "NO_CONTACT", "CONTACTED", "VISITED"]),
];

/// The tables that Phase 2 adds.
pub const TABLES: [&str; 2] = ["CallPlanAccount", "CallPlanActivity"];

/// A column that Phase 2 adds.
#[derive(Clone, Copy)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    /// As PostgreSQL writes it.
    pub data_type: &'static str,
    pub not_null: bool,
    /// As PostgreSQL writes it.
    pub default: Option<&'static str>,
}

const ID: Option<&str> = Some("gen_random_uuid()");
const NOW: Option<&str> = Some("CURRENT_TIMESTAMP");
const OUTCOME: Option<&str> = Some("'NOT_ATTEMPTED'::\"ContactOutcome\"");
const MOMENT: &str = "timestamp(3) without time zone";

const fn wanted(
    table: &'static str,
    name: &'static str,
    data_type: &'static str,
    default: Option<&'static str>,
) -> Column {
    Column { table, name, data_type, not_null: true, default }
}

const fn nullable(table: &'static str, name: &'static str, data_type: &'static str) -> Column {
    Column { table, name, data_type, not_null: false, default: None }
}

/// Every column.
pub const COLUMNS: [Column; 23] = [
    nullable("Customer", "accountPriority", "\"AccountPriority\""),
    nullable("Customer", "territory", "text"),
    nullable("CallPlan", "weekNumber", "integer"),
    nullable("CallPlan", "year", "integer"),
    nullable("CallPlan", "status", "\"CallPlanStatus\""),
    nullable("CallPlan", "targetCount", "integer"),
    wanted("CallPlanAccount", "id", "uuid", ID),
    wanted("CallPlanAccount", "tenantId", "uuid", None),
    wanted("CallPlanAccount", "callPlanId", "uuid", None),
    wanted("CallPlanAccount", "customerId", "uuid", None),
    nullable("CallPlanAccount", "objective", "text"),
    wanted("CallPlanAccount", "addedAt", MOMENT, NOW),
    wanted("CallPlanAccount", "contactOutcome", "\"ContactOutcome\"", OUTCOME),
    nullable("CallPlanAccount", "contactedAt", MOMENT),
    nullable("CallPlanAccount", "notes", "text"),
    wanted("CallPlanActivity", "id", "uuid", ID),
    wanted("CallPlanActivity", "tenantId", "uuid", None),
    wanted("CallPlanActivity", "callPlanId", "uuid", None),
    wanted("CallPlanActivity", "customerId", "uuid", None),
    wanted("CallPlanActivity", "activityTypeId", "uuid", None),
    wanted("CallPlanActivity", "occurredAt", MOMENT, None),
    nullable("CallPlanActivity", "notes", "text"),
    wanted("CallPlanActivity", "createdAt", MOMENT, NOW),
];

/// An index beside the primary keys.
#[derive(Clone, Copy)]
pub struct Index {
    pub name: &'static str,
    pub table: &'static str,
    pub columns: &'static [&'static str],
    pub unique: bool,
}

const fn plain(name: &'static str, table: &'static str, columns: &'static [&'static str]) -> Index {
    Index { name, table, columns, unique: false }
}

/// Every index beside the primary keys.
pub const INDEXES: [Index; 15] = [
    plain("Customer_territory_idx", "Customer", &["territory"]),
    plain("Customer_accountPriority_idx", "Customer", &["accountPriority"]),
    plain("CallPlan_year_weekNumber_idx", "CallPlan", &["year", "weekNumber"]),
    plain("CallPlan_status_idx", "CallPlan", &["status"]),
    Index {
        name: "CallPlanAccount_callPlanId_customerId_key",
        table: "CallPlanAccount",
        columns: &["callPlanId", "customerId"],
        unique: true,
    },
    plain("CallPlanAccount_tenantId_idx", "CallPlanAccount", &["tenantId"]),
    plain("CallPlanAccount_callPlanId_idx", "CallPlanAccount", &["callPlanId"]),
    plain("CallPlanAccount_customerId_idx", "CallPlanAccount", &["customerId"]),
    plain("CallPlanAccount_contactOutcome_idx", "CallPlanAccount", &["contactOutcome"]),
    plain("CallPlanAccount_contactedAt_idx", "CallPlanAccount", &["contactedAt"]),
    plain("CallPlanActivity_tenantId_idx", "CallPlanActivity", &["tenantId"]),
    plain("CallPlanActivity_callPlanId_idx", "CallPlanActivity", &["callPlanId"]),
    plain("CallPlanActivity_customerId_idx", "CallPlanActivity", &["customerId"]),
    plain("CallPlanActivity_activityTypeId_idx", "CallPlanActivity", &["activityTypeId"]),
    plain("CallPlanActivity_occurredAt_idx", "CallPlanActivity", &["occurredAt"]),
];

/// A foreign key, to the id of the target.
#[derive(Clone, Copy)]
pub struct ForeignKey {
    pub table: &'static str,
    pub column: &'static str,
    pub target: &'static str,
}

const fn key(table: &'static str, column: &'static str, target: &'static str) -> ForeignKey {
    ForeignKey { table, column, target }
}

/// Every foreign key.
pub const FOREIGN_KEYS: [ForeignKey; 7] = [
    key("CallPlanAccount", "tenantId", "Tenant"),
    key("CallPlanAccount", "callPlanId", "CallPlan"),
    key("CallPlanAccount", "customerId", "Customer"),
    key("CallPlanActivity", "tenantId", "Tenant"),
    key("CallPlanActivity", "callPlanId", "CallPlan"),
    key("CallPlanActivity", "customerId", "Customer"),
    key("CallPlanActivity", "activityTypeId", "ActivityType"),
];

/// Names in double quotes, with commas between.
pub fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// Labels in single quotes, with commas between.
fn labels(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

impl Column {
    /// `Table.column`.
    pub fn place(&self) -> String {
        format!("{}.{}", self.table, self.name)
    }

    /// Its definition.
    fn definition(&self) -> String {
        let not_null = if self.not_null { " NOT NULL" } else { "" };
        let default = self.default.map_or(String::new(), |value| format!(" DEFAULT {value}"));
        format!("\"{}\" {}{not_null}{default}", self.name, self.data_type)
    }

    /// The indexes on it.
    pub fn indexes(&self) -> impl Iterator<Item = &'static Index> {
        let Self { table, name, .. } = *self;
        INDEXES.iter().filter(move |index| index.table == table && index.columns.contains(&name))
    }

    /// The foreign key on it.
    pub fn foreign_key(&self) -> Option<&'static ForeignKey> {
        let Self { table, name, .. } = *self;
        FOREIGN_KEYS.iter().find(|key| key.table == table && key.column == name)
    }
}

impl Index {
    /// The statement that creates it.
    pub fn create(&self) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let columns = quoted(self.columns);
        format!("CREATE {unique}INDEX \"{}\" ON \"{}\" ({columns});", self.name, self.table)
    }
}

impl ForeignKey {
    /// Its name.
    pub fn name(&self) -> String {
        format!("{}_{}_fkey", self.table, self.column)
    }

    /// The statement that adds it, with what follows `REFERENCES`.
    pub fn add(&self, reference: &str) -> String {
        let Self { table, column, .. } = self;
        let name = self.name();
        format!(
            "ALTER TABLE \"{table}\" ADD CONSTRAINT \"{name}\" FOREIGN KEY (\"{column}\") REFERENCES {reference};"
        )
    }

    /// The statement that drops it.
    pub fn drop(&self) -> String {
        format!("ALTER TABLE \"{}\" DROP CONSTRAINT \"{}\";", self.table, self.name())
    }
}

/// Every statement of Phase 2, in an order that works, with the objects that it creates.
pub fn create() -> Vec<(String, Vec<String>)> {
    let enums = ENUMS[1..].iter().map(|(name, values)| {
        let sql = format!("CREATE TYPE \"{name}\" AS ENUM ({});", labels(values));
        (sql, vec![format!("enum {name}")])
    });
    let tables = TABLES.iter().map(|table| {
        let columns = COLUMNS.iter().filter(|column| column.table == *table);
        let columns: Vec<String> = columns.map(Column::definition).collect();
        let sql = format!(
            "CREATE TABLE \"{table}\" ({}, CONSTRAINT \"{table}_pkey\" PRIMARY KEY (\"id\"));",
            columns.join(", ")
        );
        (sql, vec![format!("table {table}"), format!("index {table}_pkey")])
    });
    let older = COLUMNS.iter().filter(|column| !TABLES.contains(&column.table)).map(|column| {
        let sql = format!("ALTER TABLE \"{}\" ADD COLUMN {};", column.table, column.definition());
        (sql, vec![format!("column {}", column.place())])
    });
    let indexes =
        INDEXES.iter().map(|index| (index.create(), vec![format!("index {}", index.name)]));
    let keys = FOREIGN_KEYS.iter().map(|key| {
        let target = format!("\"{}\" (\"id\") ON UPDATE CASCADE ON DELETE CASCADE", key.target);
        (key.add(&target), vec![format!("foreign key {}.{}", key.table, key.name())])
    });
    enums.chain(tables).chain(older).chain(indexes).chain(keys).collect()
}

/// Every object of Phase 2, sorted.
pub fn every_object() -> Vec<String> {
    let mut objects: Vec<String> = create().into_iter().flat_map(|(_, objects)| objects).collect();
    objects.sort();
    objects
}
