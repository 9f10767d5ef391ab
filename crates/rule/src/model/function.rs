//! The functions of one row's values: one table of how each is written, what it takes, what it gives, and its SQL. The
//! compiler, the types, the display and the API of scripts are made from it.

/// How a function is written in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `name.lower()`, `name.contains("a")`
    Method,
    /// `round(price, 2)`
    Plain,
    /// `least([a, b])`
    OfList,
    /// `ago(days(count))`
    PeriodAgo,
}

/// What a function takes at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A text.
    Text,
    /// A text that is written in the rule: a pattern for `like`.
    Pattern,
    /// A date, with or without a time.
    Moment,
    /// A number; a float stays one.
    Number,
    /// A number, which is computed exactly.
    Exact,
    /// A whole number that is written in the rule: how many decimals are kept.
    Places,
    /// A value of any type that has an order, as long as all are of one type.
    Alike,
}

/// The type of what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    Text,
    Whole,
    Number,
    Truth,
    Moment,
    /// That of its first argument.
    AsGiven,
}

struct Meaning {
    name: &'static str,
    style: Style,
    parameters: &'static [Parameter],
    returns: Returns,
    /// `{0}` is the first argument. `{today}` is the business date's midnight; `{longest}` is the longest period that does
    /// not reach back before the year 1. Every argument is a name, a call, a cast or in parentheses.
    sql: &'static str,
}

/// An enum whose variants are the rows of the table.
macro_rules! functions {
    ($($variant:ident $name:literal $style:ident $parameters:tt -> $returns:ident $sql:literal,)*) => {
        /// A function of the values of one row. Where an argument is NULL, so is the result, but for [`Function::Least`]
        /// and [`Function::Greatest`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Function {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Function {
            /// Every function.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            fn meaning(self) -> Meaning {
                use Parameter::*;
                match self {
                    $(Self::$variant => Meaning {
                        name: $name,
                        style: Style::$style,
                        parameters: &$parameters,
                        returns: Returns::$returns,
                        sql: $sql,
                    },)*
                }
            }
        }
    };
}

// Texts are searched by their characters: a collation that makes different texts equal refuses to search before
// PostgreSQL 18. An infinite date has no year, and no distance.
functions! {
    Lower "lower" Method [Text] -> Text "pg_catalog.lower({0})",
    Upper "upper" Method [Text] -> Text "pg_catalog.upper({0})",
    Trim "trim" Method [Text] -> Text "pg_catalog.btrim({0}, E' \\t\\n\\r\\f\\x0B')",
    Length "length" Method [Text] -> Whole "pg_catalog.length({0})",
    StartsWith "starts_with" Method [Text, Text] -> Truth
        "pg_catalog.starts_with({0} COLLATE pg_catalog.\"C\", {1} COLLATE pg_catalog.\"C\")",
    EndsWith "ends_with" Method [Text, Text] -> Truth
        "pg_catalog.starts_with(pg_catalog.reverse({0}) COLLATE pg_catalog.\"C\", pg_catalog.reverse({1}) COLLATE pg_catalog.\"C\")",
    Contains "contains" Method [Text, Text] -> Truth
        "(pg_catalog.strpos({0} COLLATE pg_catalog.\"C\", {1} COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.>) 0)",
    Like "like" Method [Text, Pattern] -> Truth
        "(({0} COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.~~) ({1} COLLATE pg_catalog.\"C\"))",
    ILike "ilike" Method [Text, Pattern] -> Truth
        "(({0} COLLATE pg_catalog.\"default\") OPERATOR(pg_catalog.~~*) ({1} COLLATE pg_catalog.\"default\"))",
    Year "year" Method [Moment] -> Whole
        "(CASE WHEN pg_catalog.isfinite({0}) THEN pg_catalog.date_part('year', {0})::integer END)",
    Quarter "quarter" Method [Moment] -> Whole "pg_catalog.date_part('quarter', {0})::integer",
    Month "month" Method [Moment] -> Whole "pg_catalog.date_part('month', {0})::integer",
    Weekday "weekday" Method [Moment] -> Whole "pg_catalog.date_part('isodow', {0})::integer",
    DaysBetween "days_between" Plain [Moment, Moment] -> Whole
        "(CASE WHEN pg_catalog.isfinite({0}) AND pg_catalog.isfinite({1}) \
         THEN {1}::pg_catalog.date OPERATOR(pg_catalog.-) {0}::pg_catalog.date END)",
    AgoDays "days" PeriodAgo [Number] -> Moment
        "(CASE WHEN {0} OPERATOR(pg_catalog.>=) 0 AND {0} OPERATOR(pg_catalog.<=) {longest} \
         THEN {today} OPERATOR(pg_catalog.-) pg_catalog.make_interval(days => pg_catalog.trunc({0})::integer) END)",
    AgoMonths "months" PeriodAgo [Number] -> Moment
        "(CASE WHEN {0} OPERATOR(pg_catalog.>=) 0 AND {0} OPERATOR(pg_catalog.<=) {longest} \
         THEN {today} OPERATOR(pg_catalog.-) pg_catalog.make_interval(months => pg_catalog.trunc({0})::integer) END)",
    Round "round" Plain [Exact, Places] -> Number "pg_catalog.round({0}, {1})",
    Abs "abs" Plain [Number] -> Number "pg_catalog.abs({0})",
    Least "least" OfList [Alike] -> AsGiven "LEAST({all})",
    Greatest "greatest" OfList [Alike] -> AsGiven "GREATEST({all})",
}

/// The most decimals that `round` keeps, and digits before the point that it rounds away.
pub const MOST_PLACES: i64 = 20;

/// A piece of a function's SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqlPiece {
    Written(&'static str),
    Argument(usize),
    AllArguments,
    Today,
    LongestPeriod,
}

impl Function {
    /// Its name in scripts; of a period, its unit.
    pub fn name(self) -> &'static str {
        self.meaning().name
    }

    /// How it is written.
    pub fn style(self) -> Style {
        self.meaning().style
    }

    /// What it takes: all elements of a list are of the one kind.
    pub fn parameters(self) -> &'static [Parameter] {
        self.meaning().parameters
    }

    pub(crate) fn returns(self) -> Returns {
        self.meaning().returns
    }

    /// What it takes at this place.
    pub(crate) fn parameter(self, place: usize) -> Parameter {
        let parameters = self.parameters();
        parameters[place.min(parameters.len() - 1)]
    }

    /// Whether it gives a value although one that it is given is missing.
    pub(crate) fn ignores_null(self) -> bool {
        matches!(self, Self::Least | Self::Greatest)
    }

    /// How it is named in messages: `lower(...)`.
    pub(crate) fn in_messages(self) -> String {
        format!("{}(...)", self.name())
    }

    /// How often its SQL has the argument of this place, so that a statement grows no faster than its expression counts.
    pub(crate) fn uses_of(self, place: usize) -> u32 {
        let same = |piece: &SqlPiece| match piece {
            SqlPiece::Argument(one) => *one == place,
            other => *other == SqlPiece::AllArguments,
        };
        self.sql_pieces().iter().map(|piece| u32::from(same(piece))).sum()
    }

    pub(crate) fn sql_pieces(self) -> Vec<SqlPiece> {
        let mut pieces = Vec::new();
        let mut rest = self.meaning().sql;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            pieces.push(SqlPiece::Written(before));
            pieces.push(match name {
                "today" => SqlPiece::Today,
                "longest" => SqlPiece::LongestPeriod,
                "all" => SqlPiece::AllArguments,
                place => SqlPiece::Argument(place.parse().expect("the place of an argument")),
            });
            rest = after;
        }
        pieces.push(SqlPiece::Written(rest));
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sql_of_each_function_has_each_of_its_arguments() {
        for &function in Function::ALL {
            for place in 0..function.parameters().len() {
                assert!(function.uses_of(place) > 0, "{function:?} {place}");
            }
        }
        assert_eq!(Function::DaysBetween.uses_of(1), 2);
        assert_eq!(Function::Least.uses_of(7), 1);
    }
}
