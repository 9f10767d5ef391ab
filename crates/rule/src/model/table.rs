//! Tables, columns, types and indexes as the catalog describes them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::figure::own_column;
use crate::sql::own_names::own_type;
use crate::{Placement, RuleError, nearest};

/// A table (or view) as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The schema it lives in.
    pub schema: String,
    /// Its name, as written, without quotes.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its key, in key order; empty when it has none.
    pub key: Vec<String>,
    /// How the key is known.
    pub key_by: KeyBy,
    /// Why rules can't change it (a view, a foreign table, inherited children), if so.
    pub unwritable: Option<String>,
    /// Whether anything else notices when its rows are updated or read: triggers, policies of other tables that read it,
    /// inheritance. Then a rule is written where it stands.
    pub is_watched: bool,
    /// Where its rows are.
    pub placement: Placement,
}

/// How it is known that some columns identify the rows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyBy {
    /// They are its primary key.
    #[default]
    PrimaryKey,
    /// The manifest declares it, so that it must be checked.
    Declared,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as written, without quotes.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Its default as PostgreSQL writes it.
    pub default: Option<String>,
    /// The table whose rows change with it, by a foreign key's ON UPDATE action.
    pub cascades_to: Option<String>,
    /// Whether it is generated (stored, or identity always), so that it can't be set.
    pub generated: bool,
    /// Whether a foreign key, a unique index or an exclusion constraint is about it.
    pub is_tied: bool,
    /// Where other rows give its values and no table has it: what it is.
    pub figure: Option<FigureColumn>,
}

/// A column whose values other rows give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureColumn {
    /// How scripts name it.
    pub shown: String,
    /// The stored columns that it is made from, each with its table: of the other rows, and of the own ones that a rank is
    /// counted by.
    pub reads: BTreeSet<(String, String)>,
    /// Whether a view or a foreign table gives it, which may call any function.
    pub may_call: bool,
}

/// A column's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataType {
    /// The type to cast to, with its schema, unless the grammar has a keyword for it.
    pub cast: String,
    /// The type as PostgreSQL displays it: `timestamp(3) without time zone`, `"AccountType"`.
    pub display: String,
    /// The kind of values it holds.
    pub kind: Kind,
    /// Its operators, where they are not PostgreSQL's own.
    pub operators: Option<OperatorClass>,
    /// The type under all its domains.
    pub base: BaseType,
    /// The column's collation, with its schema, where it makes texts equal that are spelt differently.
    pub collation: Option<String>,
    /// Whether its values can be compared.
    pub comparability: Comparability,
}

/// How PostgreSQL can compare the values of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparability {
    /// They have an order: a B-tree can hold them.
    Ordered,
    /// They are equal or not, and have no order, as those of xid.
    EqualOnly,
    /// They have no equality, or an operator `=` that asks for something else: that of box compares areas.
    Incomparable,
}

/// The type under all domains of a type, or the type itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseType {
    /// The type to cast to where a value is compared and not stored: no length or precision cuts or rounds it.
    pub cast: String,
    /// The type as PostgreSQL displays it, with its length or precision: `character varying(5)`.
    pub display: String,
}

impl BaseType {
    /// The numbers in the brackets of its name: of `numeric(9,2)`, or of `timestamp(3) without time zone`.
    pub(crate) fn modifiers(&self) -> Vec<u32> {
        let inside = self.display.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let inside = inside.map_or("", |(inside, _)| inside);
        inside.split(',').filter_map(|number| number.trim().parse().ok()).collect()
    }
}

/// The operators of a type of another schema, such as an extension's: those of its default operator class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorClass {
    /// The type that they take, with its schema.
    pub operand: String,
    /// Each as it is written in a statement, by the symbol of PostgreSQL's own that means the same: `OPERATOR(public.=)`.
    pub operators: BTreeMap<String, String>,
}

/// The kind of values that a type holds, as far as rules distinguish them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// boolean
    Bool,
    /// smallint, integer, bigint, with their range
    Integer {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    },
    /// numeric
    Decimal,
    /// real, double precision
    Float,
    /// text, varchar, char
    Text,
    /// uuid
    Uuid,
    /// date
    Date,
    /// timestamp without time zone
    Timestamp,
    /// timestamp with time zone
    TimestampTz,
    /// An enum, with its labels in their order.
    Enum {
        /// The type's name.
        name: String,
        /// Its labels, in their order.
        labels: Vec<String>,
    },
    /// Any other type: it can be counted, shown and tested for NULL.
    Other,
}

/// An index, as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The table it is on.
    pub table: String,
    /// Its columns in order; an expression as PostgreSQL writes it.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// Whether it can be used; one whose creation was interrupted can't.
    pub valid: bool,
    /// Whether it is a plain one: btree, ascending, on every row, with nothing more.
    pub plain: bool,
    /// The statement that would create it.
    pub definition: String,
}

/// A foreign key, as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub table: String,
    /// The referenced columns.
    pub references: Vec<String>,
    /// What deleting the referenced row does: `CASCADE`, `RESTRICT`, `SET NULL`, ...
    pub on_delete: String,
    /// What changing the referenced key does.
    pub on_update: String,
    /// Whether it has been checked for every row.
    pub validated: bool,
}

impl Kind {
    /// Whether it holds dates, with or without a time.
    pub(crate) fn is_moment(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::TimestampTz)
    }
}

impl DataType {
    /// A type that is no domain.
    pub fn new(cast: &str, display: &str, kind: Kind) -> Self {
        let without_modifiers = match cast.split_once('(') {
            Some((name, rest)) => {
                format!("{name}{}", rest.split_once(')').map_or("", |(_, rest)| rest))
            }
            None => cast.to_owned(),
        };
        Self {
            cast: cast.to_owned(),
            display: display.to_owned(),
            kind,
            operators: None,
            base: BaseType { cast: without_modifiers, display: display.to_owned() },
            collation: None,
            comparability: Comparability::Ordered,
        }
    }

    /// A type that is built in, under the name that it is cast by and shown as.
    pub(crate) fn built_in(name: &str, kind: Kind) -> Self {
        Self::new(&own_type(name), name, kind)
    }

    /// The most characters that a text may have, of `varchar(n)`, `char(n)` and domains over them.
    pub(crate) fn max_characters(&self) -> Option<usize> {
        let length = self.base.modifiers().first().copied();
        length.filter(|_| self.kind == Kind::Text).and_then(|length| length.try_into().ok())
    }
}

impl Column {
    /// A nullable column with nothing more to it.
    pub fn nullable(name: &str, data_type: DataType) -> Self {
        Self {
            name: name.to_owned(),
            data_type,
            nullable: true,
            default: None,
            cascades_to: None,
            generated: false,
            is_tied: false,
            figure: None,
        }
    }
}

impl Table {
    /// The column of this name, if there is one.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`RuleError::UnknownColumn`], which suggests the nearest name.
    pub fn require_column(&self, name: &str) -> Result<&Column, RuleError> {
        self.column(name).ok_or_else(|| match own_column(name) {
            Some(own) => RuleError::NoOuterRow { column: own.to_owned() },
            None => RuleError::UnknownColumn {
                table: self.name.clone(),
                column: name.to_owned(),
                nearest: nearest(name, self.stored_names()).map(str::to_owned),
            },
        })
    }

    /// The name of a column as people know it: as scripts name it, where other rows give its values.
    pub fn shown_name<'n>(&'n self, name: &'n str) -> &'n str {
        let figure = self.column(name).and_then(|column| column.figure.as_ref());
        figure.map_or(name, |figure| figure.shown.as_str())
    }

    /// Whether a view or a foreign table gives one of its columns, so that to read it may call any function.
    pub fn may_call(&self) -> bool {
        let mut figures = self.columns.iter().filter_map(|column| column.figure.as_ref());
        figures.any(|figure| figure.may_call)
    }

    /// The stored columns that these columns are made from, each with its table.
    pub fn made_from<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> BTreeSet<(String, String)> {
        let mut read = BTreeSet::new();
        for column in names.into_iter().filter_map(|name| self.column(name)) {
            match &column.figure {
                Some(figure) => read.extend(figure.reads.iter().cloned()),
                None => {
                    read.insert((self.name.clone(), column.name.clone()));
                }
            }
        }
        read
    }

    /// The names of the columns that are stored: not those whose values other rows give.
    pub fn stored_names(&self) -> impl Iterator<Item = &str> {
        let stored = self.columns.iter().filter(|column| column.figure.is_none());
        stored.map(|column| column.name.as_str())
    }

    /// The names of its columns.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }
}
