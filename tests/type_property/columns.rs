//! The columns that random rules read and set, with their types, and what their rows hold.

use leora_host::GivenAnswers;
use leora_rule::{ColumnType, Value, parse_decimal};

use crate::support::Random;

/// Values that can stand beside one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Label,
    Text,
    Number,
    Moment,
    Truth,
    Uuid,
}

/// Two columns of one type, such as `note1` and `note2`.
#[derive(Debug)]
pub struct Pair {
    pub name: &'static str,
    /// As in CREATE TABLE.
    pub definition: &'static str,
    /// As an example gives it.
    pub given: &'static str,
    pub family: Family,
    /// The first major version that has the type.
    pub since: u32,
}

const fn pair(
    name: &'static str,
    definition: &'static str,
    given: &'static str,
    family: Family,
) -> Pair {
    Pair { name, definition, given, family, since: 13 }
}

const PAIRS: &[Pair] = &[
    pair("mood", "\"Mood\"", "Mood", Family::Label),
    pair("note", "text COLLATE \"C\"", "text collate C", Family::Text),
    pair("word", "text", "text", Family::Text),
    pair("spelt", "text COLLATE \"any_case\"", "text collate any_case", Family::Text),
    pair("code", "varchar(5) COLLATE \"C\"", "varchar(5) collate C", Family::Text),
    pair("padded", "char(3) COLLATE \"C\"", "char(3) collate C", Family::Text),
    pair("small", "smallint", "smallint", Family::Number),
    pair("size", "integer", "integer", Family::Number),
    pair("big", "bigint", "bigint", Family::Number),
    pair("price", "numeric(9,2)", "numeric(9,2)", Family::Number),
    pair("amount", "numeric", "numeric", Family::Number),
    Pair { since: 15, ..pair("round", "numeric(5,-2)", "numeric(5,-2)", Family::Number) },
    pair("ratio", "real", "real", Family::Number),
    pair("wide", "double precision", "double precision", Family::Number),
    pair("day", "date", "date", Family::Moment),
    pair("second", "timestamp(0)", "timestamp(0)", Family::Moment),
    pair("seen", "timestamp(3)", "timestamp(3) without time zone", Family::Moment),
    pair("exactly", "timestamp", "timestamp", Family::Moment),
    pair("zoned", "timestamptz", "timestamptz", Family::Moment),
    pair("tenth", "timestamptz(1)", "timestamp(1) with time zone", Family::Moment),
    pair("flag", "boolean", "boolean", Family::Truth),
    pair("key", "uuid", "uuid", Family::Uuid),
];

pub const MOODS: [&str; 4] = ["low", "HIGH", "a \"b\"", "Ü"];
const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "B",
    "ab",
    "ab ",
    "ü '",
    "2025-06-30",
    "hello   ",
    "ÜI",
    "b\\_",
    "20%",
    " \ta",
    "aB漢",
];
const MOMENTS: [&str; 12] = [
    "2025-06-30",
    "2025-01-01T00:00:00",
    "2024-12-31T23:59:59.999",
    "2024-12-31T23:59:59.9996",
    "2025-01-31T12:00:00.5",
    "2024-02-29",
    "2025-02-28T00:00:00.0005",
    "1999-12-31T23:59:58.5",
    "1999-07-01T10:20:30.0005",
    "1969-12-31T23:59:59.25",
    "2025-02-28T23:59:60",
    "2025-02-28T10:00:00.000001",
];
const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "-2",
    "2.5",
    "3.5",
    "-2.50",
    "0.333",
    "7",
    "100.01",
    "0.1",
    "12345.67",
    "16777217",
    "32767.5",
    "1250",
    "9999999.995",
    "9007199254740993",
    "1000000000000000",
    "0.00000000000001",
];
const UUIDS: [&str; 4] = [
    "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
    "6BA7B810-9DAD-41D1-80B4-00C04FD430C8",
    "{00000000-0000-4000-8000-00000000000a}",
    "0000000000004000800000000000000a",
];

/// The table `Item` on one server.
pub struct Columns {
    pairs: Vec<&'static Pair>,
}

impl Columns {
    /// Those that a server of this version has.
    pub fn of(major: u32) -> Self {
        Self { pairs: PAIRS.iter().filter(|pair| pair.since <= major).collect() }
    }

    /// Every column, with its pair.
    pub fn all(&self) -> Vec<(String, &'static Pair)> {
        let both = |pair: &&'static Pair| [1, 2].map(|n| (format!("{}{n}", pair.name), *pair));
        self.pairs.iter().flat_map(both).collect()
    }

    /// The pair of a column.
    pub fn pair(&self, column: &str) -> &'static Pair {
        let all = self.all();
        all.into_iter().find(|(name, _)| name == column).expect("one of them").1
    }

    /// A column of a family.
    pub fn some(&self, random: &mut Random, family: Family) -> String {
        let of_family: Vec<_> = self.pairs.iter().filter(|pair| pair.family == family).collect();
        let pair = of_family[random.below(of_family.len() as u64) as usize];
        format!("{}{}", pair.name, random.below(2) + 1)
    }

    /// The statements that make the table.
    pub fn definition(&self) -> String {
        let labels = MOODS.map(|label| format!("'{label}'")).join(", ");
        let columns =
            self.all().into_iter().map(|(name, pair)| format!("{name} {}", pair.definition));
        format!(
            "CREATE TYPE \"Mood\" AS ENUM ({labels}); \
             CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
             CREATE TABLE \"Item\" (id int PRIMARY KEY, {})",
            columns.collect::<Vec<_>>().join(", ")
        )
    }

    /// The types, as an example gives them.
    pub fn types(&self) -> Vec<(String, ColumnType)> {
        let columns = self.all().into_iter().map(|(name, pair)| (name, pair.given.to_owned()));
        let tables = [("Item".to_owned(), Some(columns.collect()))].into();
        let enums = [("Mood".to_owned(), Some(MOODS.map(str::to_owned).into()))].into();
        GivenAnswers { tables, enums, ..GivenAnswers::default() }.column_types("Item")
    }

    /// A value that a row holds in a column, NULL among them.
    pub fn cell(&self, random: &mut Random, family: Family) -> Value {
        if random.one_in(5) {
            return Value::Null;
        }
        if family == Family::Moment && random.one_in(8) {
            return Value::Text(random.pick(&["infinity", "-infinity"]));
        }
        value(random, family)
    }
}

/// A value, as a rule writes it.
pub fn value(random: &mut Random, family: Family) -> Value {
    match family {
        Family::Number => Value::Decimal(parse_decimal(&random.pick(&NUMBERS)).expect("a number")),
        Family::Truth => Value::Bool(random.one_in(2)),
        Family::Label => Value::Text(random.pick(&MOODS)),
        Family::Text => Value::Text(random.pick(&TEXTS)),
        Family::Moment => Value::Text(random.pick(&MOMENTS)),
        Family::Uuid => Value::Text(random.pick(&UUIDS)),
    }
}
