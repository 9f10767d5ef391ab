//! The operators of expressions: one table of how each is written and what it means. SQL, evaluation in memory,
//! analysis and the page's script all take an operator's meaning from here.

use std::cmp::Ordering;

/// An enum whose variants are the rows of a table: the operator's symbol in scripts, then its meaning.
macro_rules! operators {
    ($(#[$doc:meta])* $name:ident of $meaning:ty { $($variant:ident $symbol:literal $value:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $symbol, "`")] $variant,)*
        }

        impl $name {
            /// Every operator.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The operator as scripts write it.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)* }
            }

            fn meaning(self) -> $meaning {
                match self { $(Self::$variant => $value,)* }
            }
        }
    };
}

operators! {
    /// How two values are compared.
    Comparison of Meaning {
        Equal "==" Meaning { sql: "=", truth: [false, true, false], mirrored: Comparison::Equal },
        NotEqual "!=" Meaning { sql: "<>", truth: [true, false, true], mirrored: Comparison::NotEqual },
        Less "<" Meaning { sql: "<", truth: [true, false, false], mirrored: Comparison::Greater },
        LessOrEqual "<=" Meaning { sql: "<=", truth: [true, true, false], mirrored: Comparison::GreaterOrEqual },
        Greater ">" Meaning { sql: ">", truth: [false, false, true], mirrored: Comparison::Less },
        GreaterOrEqual ">=" Meaning { sql: ">=", truth: [false, true, true], mirrored: Comparison::LessOrEqual },
    }
}

struct Meaning {
    sql: &'static str,
    /// Whether it holds where the left value is less than, equal to, and greater than the right one.
    truth: [bool; 3],
    /// The operator that says the same with its sides swapped.
    mirrored: Comparison,
}

operators! {
    /// How two numbers are combined.
    Arithmetic of &'static str {
        Add "+" "+",
        Subtract "-" "-",
        Multiply "*" "*",
        Divide "/" "/",
    }
}

impl Comparison {
    pub(crate) fn sql(self) -> &'static str {
        self.meaning().sql
    }

    /// Whether it holds where the left value is less than, equal to, and greater than the right one.
    pub fn truth(self) -> [bool; 3] {
        self.meaning().truth
    }

    pub(crate) fn holds(self, order: Ordering) -> bool {
        let [less, equal, greater] = self.truth();
        match order {
            Ordering::Less => less,
            Ordering::Equal => equal,
            Ordering::Greater => greater,
        }
    }

    pub(crate) fn mirrored(self) -> Self {
        self.meaning().mirrored
    }

    /// Whether it only asks whether the values are equal, so that it needs no order of them.
    pub fn tests_equality(self) -> bool {
        let [less, _, greater] = self.truth();
        less == greater
    }
}

impl Arithmetic {
    pub(crate) fn sql(self) -> &'static str {
        self.meaning()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_a_comparison_says_the_same_with_its_sides_swapped() {
        for &comparison in Comparison::ALL {
            let [less, equal, greater] = comparison.truth();
            assert_eq!(comparison.mirrored().truth(), [greater, equal, less], "{comparison:?}");
        }
    }

    #[test]
    fn each_operator_holds_as_its_symbol_says() {
        let orders = [1.cmp(&2), 2.cmp(&2), 3.cmp(&2)];
        let held = |symbol: &str| {
            let found = Comparison::ALL.iter().find(|one| one.symbol() == symbol);
            orders.map(|order| found.expect(symbol).holds(order))
        };
        assert_eq!(held("=="), [1, 2, 3].map(|n| n == 2));
        assert_eq!(held("!="), [1, 2, 3].map(|n| n != 2));
        assert_eq!(held("<"), [1, 2, 3].map(|n| n < 2));
        assert_eq!(held("<="), [1, 2, 3].map(|n| n <= 2));
        assert_eq!(held(">"), [1, 2, 3].map(|n| n > 2));
        assert_eq!(held(">="), [1, 2, 3].map(|n| n >= 2));
    }
}
