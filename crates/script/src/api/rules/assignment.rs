//! What `set` gives a column: a value, a list of arms, or a lookup.

use leora_report::Place;
use leora_rule::{Arm, Assignment, Expr, Pair, RulePart};
use rhai::{Array, Dynamic};

use crate::api::rules::condition::condition;
use crate::api::rules::lookup::LookupValue;
use crate::api::rules::otherwise::Otherwise;
use crate::api::rules::sheet_pairs;
use crate::api::values::plain_value;
use crate::api_call::{Answer, ApiCall};
use crate::messages::wording::arm_after_otherwise;

const ARM: &str = "write each arm like [ condition, value ]";

/// What `set` gives a column, and the data file that has it.
pub(super) struct Given {
    pub(super) assignment: Assignment,
    pub(super) data_file: Option<String>,
}

/// The column that a call of `set` gives something.
#[derive(Clone, Copy)]
pub(super) struct SetTarget<'a> {
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    /// Whether the call sets others too: messages then name the column.
    pub(super) is_one_of_several: bool,
}

impl SetTarget<'_> {
    pub(super) fn assignment(self, call: &ApiCall<'_>, value: Dynamic) -> Answer<Given> {
        let lookup = value.clone().try_cast::<LookupValue>();
        if let Some(lookup) = lookup.filter(|lookup| lookup.is_sheet) {
            let LookupValue { column, pairs, file, .. } =
                sheet_pairs::with_types(call, self.table, self.column, lookup)?;
            return Ok(Given { assignment: Assignment::Lookup { column, pairs }, data_file: file });
        }
        let assignment = self.written_assignment(call, value)?;
        Ok(Given { assignment, data_file: None })
    }

    fn written_assignment(self, call: &ApiCall<'_>, value: Dynamic) -> Answer<Assignment> {
        if let Some(LookupValue { column, mut pairs, file, .. }) = value.clone().try_cast() {
            // A line means nothing beside the name of another file.
            if file != call.place().map(|place| place.file) {
                pairs = pairs.iter().map(|pair| Pair { line: None, ..pair.clone() }).collect();
            }
            return Ok(Assignment::Lookup { column, pairs });
        }
        if let Some(list) = value.clone().try_cast::<Array>() {
            return self.arms(call, &list).map(Assignment::Arms);
        }
        self.value(call, &value, self.part(call, RulePart::Value(0), 1)).map(Assignment::Value)
    }

    /// The value that a rule gives: a column expression or a plain value, `()` for none.
    fn value(self, call: &ApiCall<'_>, value: &Dynamic, place: Option<Place>) -> Answer<Expr> {
        if let Some(expr) = value.clone().try_cast::<Expr>() {
            return Ok(expr);
        }
        plain_value(value).map(Expr::literal).ok_or_else(|| {
            call.mistake_at(
                place,
                format!("a value is needed here, and this is {}", call.describe(value)),
                "give a text, a number, true/false, a column, or () for none",
            )
        })
    }

    fn arms(self, call: &ApiCall<'_>, list: &Array) -> Answer<Vec<Arm>> {
        call.check_size(list)?;
        if list.is_empty() {
            let what = match self.is_one_of_several {
                true => format!("there are no arms for {}, so nothing would be set", self.column),
                false => "there are no arms, so nothing would be set".to_owned(),
            };
            return Err(call.mistake_at(self.list(call), what, ARM));
        }
        let mut arms: Vec<Arm> = Vec::new();
        for (index, item) in list.iter().enumerate() {
            if arms.last().is_some_and(|arm| arm.condition.is_none()) {
                let message = arm_after_otherwise(index + 1);
                let place = self.arm_place(call, index, list.len());
                let help = message.help.unwrap_or_default();
                return Err(call.mistake_at(place, message.text, help));
            }
            arms.push(self.arm(call, index, item, list.len())?);
        }
        Ok(arms)
    }

    /// An arm, counted from 0, of this many.
    fn arm(self, call: &ApiCall<'_>, index: usize, item: &Dynamic, arms: usize) -> Answer<Arm> {
        let map = call.source_map();
        let line = map.and_then(|map| map.arm_line(call.position(), self.column, index, arms));
        let Some(pair) = item.clone().try_cast::<Array>().filter(|pair| pair.len() == 2) else {
            let of = match self.is_one_of_several {
                true => format!(" of {}", self.column),
                false => String::new(),
            };
            let what = format!("arm {}{of} is not a condition and a value", index + 1);
            return Err(call.mistake_at(self.arm_place(call, index, arms), what, ARM));
        };
        let place = |part| self.part(call, part, arms);
        let condition = match pair[0].is::<Otherwise>() {
            true => None,
            false => Some(condition(call, &pair[0], place(RulePart::Condition(index)))?),
        };
        let value = self.value(call, &pair[1], place(RulePart::Value(index)))?;
        Ok(Arm { condition, value, line })
    }

    fn part(self, call: &ApiCall<'_>, part: RulePart, arms: usize) -> Option<Place> {
        let map = call.source_map()?;
        call.place_of(map.part(call.position(), (self.column, part), arms)?)
    }

    fn arm_place(self, call: &ApiCall<'_>, index: usize, arms: usize) -> Option<Place> {
        let map = call.source_map()?;
        call.place_of(map.arm(call.position(), self.column, index, arms)?)
    }

    /// Where the name of the column stands, of several.
    fn list(self, call: &ApiCall<'_>) -> Option<Place> {
        call.place_of(call.source_map()?.column(call.position(), self.column)?)
    }
}
