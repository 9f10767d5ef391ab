//! The statement that is sent for a query: its own text in one spelling, with what makes it safe.

use std::fmt::Write as _;
use std::ops::Range;

#[derive(Clone, Debug)]
pub(super) enum Insertion {
    /// The schema of a function, unless an extension has one of that name.
    Qualify { at: usize, name: String },
    /// A word before the condition of an aggregate.
    BeforeCondition { at: usize },
    /// The condition under which a value is still gathered, and how it continues the text.
    Guard { at: usize, values: Vec<Range<usize>>, as_json: bool, follows_condition: bool },
    /// Before the part of a recursive query that gives further rows.
    BeforeRecursion { at: usize },
    /// Behind that part: its rows are given only as long as there is room.
    AfterRecursion { at: usize },
}

/// The setting that holds how many bytes may still be gathered.
pub const GATHERED: &str = "leora_run.gathered";

impl Insertion {
    /// The condition that a value be gathered only as long as there is room, for an aggregate whose arguments end at
    /// a byte.
    pub(super) fn guard(
        at: usize,
        condition: Option<Range<usize>>,
        values: Vec<Range<usize>>,
        as_json: bool,
    ) -> Vec<Self> {
        match condition {
            None => vec![Self::Guard { at, values, as_json, follows_condition: false }],
            Some(Range { start, end }) => vec![
                Self::BeforeCondition { at: start },
                Self::Guard { at: end, values, as_json, follows_condition: true },
            ],
        }
    }

    /// The condition that the part of a recursive query in this range give rows only as long as there is room.
    pub(super) fn bound_recursion(part: Range<usize>) -> [Self; 2] {
        [Self::BeforeRecursion { at: part.start }, Self::AfterRecursion { at: part.end }]
    }

    /// Where it stands, and which comes first at one place.
    pub(super) fn place(&self) -> (usize, u8) {
        match self {
            Self::BeforeCondition { at } | Self::BeforeRecursion { at } => (*at, 0),
            Self::Qualify { at, .. } => (*at, 1),
            Self::Guard { at, .. } => (*at, 2),
            Self::AfterRecursion { at } => (*at, 3),
        }
    }
}

/// The text of a range with its insertions, which are in order. `bare` are the functions that keep their names.
pub(super) fn render(
    text: &str,
    range: Range<usize>,
    insertions: &[Insertion],
    bare: &[String],
) -> String {
    let (mut rendered, mut done) = (String::new(), range.start);
    let inside = |insertion: &&Insertion| {
        let at = insertion.place().0;
        range.start <= at && (at < range.end || at == text.len() && range.end == at)
    };
    for insertion in insertions.iter().filter(inside) {
        let at = insertion.place().0;
        rendered.push_str(&text[done..at]);
        done = at;
        match insertion {
            Insertion::Qualify { name, .. } if bare.contains(name) => {}
            Insertion::Qualify { .. } => rendered.push_str("pg_catalog."),
            Insertion::BeforeCondition { .. } => rendered.push_str("case when "),
            Insertion::Guard { values, as_json, follows_condition, .. } => {
                let value = |value: &Range<usize>| {
                    let value = render(text, value.clone(), insertions, bare);
                    // Of a row it has the names too.
                    match as_json {
                        true => format!("pg_catalog.json_build_array({value})"),
                        false => value,
                    }
                };
                let room = room_for(values.iter().map(value));
                let _ = match follows_condition {
                    true => write!(rendered, " then {room} else false end"),
                    false => write!(rendered, " filter (where {room})"),
                };
            }
            Insertion::BeforeRecursion { .. } => rendered.push_str("select further.* from ("),
            Insertion::AfterRecursion { .. } => {
                let room = room_for(["further.*".to_owned()]);
                let _ = write!(rendered, ") as further where {room}");
            }
        }
    }
    rendered.push_str(&text[done..range.end]);
    rendered
}

/// The condition that there is room for a row of these values, which takes the room up. Once there is none, no value is looked at.
fn room_for(values: impl IntoIterator<Item = String>) -> String {
    let mut room = format!(
        "case when pg_catalog.current_setting('{GATHERED}') operator(pg_catalog.~~) '-%' then false else pg_catalog.set_config('{GATHERED}', (pg_catalog.current_setting('{GATHERED}')::pg_catalog.int8 \
         operator(pg_catalog.-) (32::pg_catalog.int8"
    );
    for value in values {
        let _ = write!(
            room,
            " operator(pg_catalog.+) greatest(pg_catalog.octet_length(pg_catalog.concat({value})), \
             pg_catalog.pg_column_size({value}), 0)"
        );
    }
    room.push_str("))::pg_catalog.text, true) operator(pg_catalog.!~~) '-%' end");
    room
}
