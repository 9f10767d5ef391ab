//! A table in pieces: ranges of pages of the table itself, or of the parts that it is partitioned into.

use std::collections::VecDeque;

use leora_report::DatabaseError;
use leora_rule::{Sql, Table};

use crate::Session;

/// Pages of 8 kB in a piece: 2 MB, some thousand rows, a twentieth of a second.
const PIECE: u64 = 256;

/// The table itself, or its parts, with their pages.
const PARTS: &str = "\
SELECT n.nspname::text, c.relname::text, (pg_relation_size(c.oid) / current_setting('block_size')::int)::text
  FROM (SELECT to_regclass($1::text)::oid AS oid) AS the
  JOIN pg_class c ON c.oid IN (SELECT the.oid UNION SELECT relid FROM pg_partition_tree(the.oid))
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' ORDER BY c.oid";

/// The first version that reads a range of a table's pages. Before it, each place in them is looked up.
const READS_RANGES: u32 = 140_000;

/// A range of pages of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageRange {
    /// The place of the part in the list of parts.
    pub(crate) part: usize,
    from: u64,
    to: u64,
    /// How often it was put off, because somebody else was in the way.
    pub(crate) put_off: u32,
}

impl PageRange {
    /// The condition that a row is in it, such that a server of this version reads nothing else.
    pub(crate) fn condition(&self, version: u32) -> String {
        let Self { from, to, .. } = self;
        if version >= READS_RANGES {
            return format!(" AND ctid >= '({from},0)'::tid AND ctid < '({to},0)'::tid");
        }
        // As many rows as a page can hold: behind its head, each takes a pointer and its own head.
        format!(
            " AND ctid = ANY (ARRAY(SELECT format('(%s,%s)', page, place)::tid \
               FROM generate_series({from}, {to} - 1) AS page, \
                    generate_series(1, (current_setting('block_size')::int - 24) / 28) AS place))"
        )
    }

    /// How many pages it has.
    pub(crate) fn pages(&self) -> u64 {
        self.to - self.from
    }

    /// Its two halves, or the single page that it is, to be written later.
    fn later(&self) -> Vec<Self> {
        let middle = self.from + self.pages() / 2;
        let later = Self { put_off: self.put_off + 1, ..*self };
        match self.pages() {
            ..=1 => vec![later],
            _ => vec![Self { to: middle, ..later }, Self { from: middle, ..later }],
        }
    }
}

/// The parts of a table, each with the shape of the whole, and all their pieces in order.
pub(crate) fn of(
    session: &mut Session,
    table: &Table,
) -> Result<(Vec<Table>, Vec<PageRange>), DatabaseError> {
    let sql = Sql { text: PARTS.to_owned(), parameters: vec![Some(table.qualified())] };
    let (mut parts, mut pieces) = (Vec::new(), Vec::new());
    for row in session.connection.fetch(&sql)? {
        let [schema, name, pages] = <[Option<String>; 3]>::try_from(row).unwrap_or_default();
        let pages: u64 = pages.and_then(|pages| pages.parse().ok()).unwrap_or(0);
        let part = parts.len();
        let piece = |from| PageRange { part, from, to: pages.min(from + PIECE), put_off: 0 };
        pieces.extend((0..pages).step_by(PIECE as usize).map(piece));
        let (schema, name) = (schema.unwrap_or_default(), name.unwrap_or_default());
        parts.push(Table { schema, name, ..table.clone() });
    }
    Ok((parts, pieces))
}

/// The pieces that are still to be written: a stretch for each connection, and those that were put off.
pub(crate) struct Left {
    stretches: Vec<VecDeque<PageRange>>,
    put_off: VecDeque<PageRange>,
}

impl Left {
    /// All of them, in as many stretches that follow each other, each about as long.
    pub(crate) fn of(pieces: Vec<PageRange>, stretches: usize) -> Self {
        let length = pieces.len().div_ceil(stretches).max(1);
        let one = |pieces: &[PageRange]| pieces.iter().copied().collect();
        let mut all: Vec<_> = pieces.chunks(length).map(one).collect();
        all.resize(stretches, VecDeque::new());
        Self { stretches: all, put_off: VecDeque::new() }
    }

    /// The next piece of one's own stretch; then the last one of the longest, and then what was put off.
    pub(crate) fn next(&mut self, own: usize) -> Option<PageRange> {
        let Self { stretches, put_off } = self;
        stretches[own]
            .pop_front()
            .or_else(|| stretches.iter_mut().max_by_key(|stretch| stretch.len())?.pop_back())
            .or_else(|| put_off.pop_front())
    }

    /// Puts a piece off, in halves, behind all the others.
    pub(crate) fn put_off(&mut self, piece: PageRange) {
        self.put_off.extend(piece.later());
    }
}
