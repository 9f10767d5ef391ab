//! A table in ranges of pages: of the table itself, or of its partitions.

use std::collections::VecDeque;

use leora_report::DatabaseError;
use leora_rule::{Table, operation};

use crate::Session;
use crate::connection::Cells;

/// Pages of 8 kB in a range: 2 MB, some thousand rows, a twentieth of a second.
const RANGE_PAGES: u64 = 256;

/// A list of so many values is read in about the time of a range, and is read again for each.
const VALUES_OF_A_RANGE: u64 = 20_000;

const PARTITIONS: &str = "\
SELECT n.nspname::text, c.relname::text, c.oid::text, pg_relation_filenode(c.oid)::text, (pg_relation_size(c.oid) / current_setting('block_size')::int)::text
  FROM (SELECT to_regclass($1::text)::oid AS oid) AS the
  JOIN pg_class c ON c.oid IN (SELECT the.oid UNION SELECT relid FROM pg_partition_tree(the.oid))
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' ORDER BY c.oid";

/// The first version that reads a range of a table's pages. Before it, each place in them is looked up.
const READS_RANGES: u32 = 140_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageRange {
    pub(crate) partition: usize,
    from: u64,
    to: u64,
    /// How often it was put off, because another session was in the way.
    pub(crate) put_off: u32,
}

impl PageRange {
    /// The condition that a row is in it, such that a server of this version reads nothing else.
    pub(crate) fn condition(&self, version: u32) -> String {
        let Self { from, to, .. } = self;
        if version >= READS_RANGES {
            return format!(" AND {}", pages_condition(*from, *to));
        }
        let block = "pg_catalog.current_setting('block_size')::integer";
        let rows = operation(&operation(block, "-", "24"), "/", "28");
        // As many rows as a page can hold: behind its head, each takes a pointer and its own head.
        format!(
            " AND ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT pg_catalog.format('(%s,%s)', page, place)::pg_catalog.tid \
               FROM pg_catalog.generate_series({from}, {last}) AS page, pg_catalog.generate_series(1, {rows}) AS place))",
            last = to - 1
        )
    }

    pub(crate) fn pages(&self) -> u64 {
        self.to - self.from
    }

    /// Its two halves, or the single page that it is, put off once more.
    fn halves(&self) -> Vec<Self> {
        let middle = self.from + self.pages() / 2;
        let put_off = Self { put_off: self.put_off + 1, ..*self };
        match self.pages() {
            ..=1 => vec![put_off],
            _ => vec![Self { to: middle, ..put_off }, Self { from: middle, ..put_off }],
        }
    }
}

/// The page `to` is excluded.
pub(crate) fn pages_condition(from: u64, to: u64) -> String {
    let first_of = |page: u64| format!("'({page},0)'::pg_catalog.tid");
    let (not_before, before) =
        (operation("ctid", ">=", &first_of(from)), operation("ctid", "<", &first_of(to)));
    format!("{not_before} AND {before}")
}

/// A partition of a table, or the table itself where it has none.
pub(crate) struct Partition {
    /// With the columns of the whole.
    pub(crate) table: Table,
    oid: String,
    /// The number of the file that its pages are in.
    file: String,
}

impl Partition {
    /// Whether its rows are in the same file still. A transaction that has read it knows then that its pages were what they
    /// were: until it ends, nobody can give the partition another file, as VACUUM FULL and others do.
    pub(crate) fn is_in_place(&self, session: &mut Session) -> Result<bool, DatabaseError> {
        let text = format!("SELECT pg_relation_filenode({})::text", self.oid);
        Ok(Cells::of_first(session.connection.fetch_text(&text)?).text() == self.file)
    }
}

/// The partitions of a table, and all their ranges in order, for a rule whose lists have at most so many values.
pub(crate) fn page_ranges(
    session: &mut Session,
    table: &Table,
    values: usize,
) -> Result<(Vec<Partition>, Vec<PageRange>), DatabaseError> {
    let (mut partitions, mut ranges) = (Vec::new(), Vec::new());
    for row in session.connection.fetch_inlined(PARTITIONS, &[&table.qualified()])? {
        let mut cells = Cells::new(row);
        let (schema, name) = (cells.text(), cells.text());
        let (oid, file, pages) = (cells.text(), cells.text(), cells.number());
        let length = RANGE_PAGES * (1 + values as u64 / VALUES_OF_A_RANGE);
        ranges.extend(ranges_of(partitions.len(), pages, length));
        partitions.push(Partition { table: Table { schema, name, ..table.clone() }, oid, file });
    }
    Ok((partitions, ranges))
}

fn ranges_of(partition: usize, pages: u64, length: u64) -> impl Iterator<Item = PageRange> {
    let range = move |from| PageRange { partition, from, to: pages.min(from + length), put_off: 0 };
    (0..pages).step_by(length as usize).map(range)
}

/// Each connection has a stretch.
pub(crate) struct PageQueue {
    stretches: Vec<VecDeque<PageRange>>,
    put_off: VecDeque<PageRange>,
}

impl PageQueue {
    /// All of them, in as many stretches that follow each other, each about as long.
    pub(crate) fn new(ranges: Vec<PageRange>, stretches: usize) -> Self {
        let length = ranges.len().div_ceil(stretches).max(1);
        let stretch = |ranges: &[PageRange]| ranges.iter().copied().collect();
        let mut all: Vec<_> = ranges.chunks(length).map(stretch).collect();
        all.resize(stretches, VecDeque::new());
        Self { stretches: all, put_off: VecDeque::new() }
    }

    /// The next range of one's own stretch; then the last one of the longest, and then what was put off.
    pub(crate) fn next(&mut self, own: usize) -> Option<PageRange> {
        let Self { stretches, put_off } = self;
        stretches[own]
            .pop_front()
            .or_else(|| stretches.iter_mut().max_by_key(|stretch| stretch.len())?.pop_back())
            .or_else(|| put_off.pop_front())
    }

    pub(crate) fn put_off(&mut self, range: PageRange) {
        self.put_off.extend(range.halves());
    }
}

#[cfg(test)]
mod tests {
    use super::{PageQueue, PageRange, RANGE_PAGES, ranges_of};

    fn ranges(pages: u64) -> Vec<PageRange> {
        ranges_of(0, pages, RANGE_PAGES).collect()
    }

    #[test]
    fn the_ranges_cover_every_page_once() {
        for pages in [0, 1, 255, 256, 257, 1_000] {
            let ranges = ranges(pages);
            assert_eq!(ranges.iter().map(PageRange::pages).sum::<u64>(), pages);
            assert!(ranges.windows(2).all(|two| two[0].to == two[1].from), "{ranges:?}");
        }
    }

    #[test]
    fn each_connection_has_its_own_stretch_and_then_helps_with_the_other() {
        let all = ranges(6 * 256);
        let mut queue = PageQueue::new(all.clone(), 2);
        assert_eq!(queue.next(0), Some(all[0]));
        assert_eq!(queue.next(1), Some(all[3]));
        assert_eq!((queue.next(0), queue.next(0)), (Some(all[1]), Some(all[2])));
        assert_eq!(queue.next(0), Some(all[5]), "the last of the other's stretch");
        assert_eq!((queue.next(1), queue.next(1)), (Some(all[4]), None));
    }

    #[test]
    fn a_range_that_is_put_off_comes_last_and_in_halves() {
        let mut queue = PageQueue::new(ranges(2 * 256), 1);
        let first = queue.next(0).expect("a range");
        queue.put_off(first);
        assert_eq!(queue.next(0).map(|range| range.put_off), Some(0));
        let halves = [queue.next(0), queue.next(0)].map(|half| half.expect("a half"));
        assert_eq!(
            halves.map(|half| (half.from, half.to, half.put_off)),
            [(0, 128, 1), (128, 256, 1)]
        );
        assert_eq!(queue.next(0), None);
    }

    #[test]
    fn a_single_page_is_not_halved() {
        let mut queue = PageQueue::new(ranges(1), 1);
        let page = queue.next(0).expect("a range");
        queue.put_off(page);
        assert_eq!(queue.next(0), Some(PageRange { put_off: 1, ..page }));
        assert_eq!(queue.next(0), None);
    }

    #[test]
    fn a_server_that_reads_ranges_is_asked_for_one() {
        let range = ranges(1)[0];
        assert_eq!(
            range.condition(140_000),
            " AND (ctid OPERATOR(pg_catalog.>=) '(0,0)'::pg_catalog.tid) AND (ctid OPERATOR(pg_catalog.<) '(1,0)'::pg_catalog.tid)"
        );
        assert!(range.condition(139_999).contains("generate_series(0, 0)"));
    }
}
