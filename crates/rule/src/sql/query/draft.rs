//! A query in its spelling, with its tokens and its tree.

use std::ops::Range;

use squawk_parser::SyntaxKind;

use crate::sql::query::tree::{Node, Tree};
use crate::sql::token::{SqlToken, SqlTokenKind};

#[derive(Debug)]
pub(super) struct Draft<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t [SqlToken<'t>],
    pub(super) tree: &'t Tree,
}

impl<'t> Draft<'t> {
    pub(super) fn tokens_in(&self, range: &Range<usize>) -> &'t [SqlToken<'t>] {
        let (start, end) = (range.start, range.end);
        let from = self.tokens.partition_point(|token| token.start < start);
        let to = self.tokens.partition_point(|token| token.start < end);
        &self.tokens[from..to]
    }

    pub(super) fn names_in(&self, node: &Node) -> Vec<String> {
        self.tokens_in(&node.range).iter().filter_map(SqlToken::identifier).collect()
    }

    pub(super) fn innermost(&self, token: &SqlToken<'_>) -> Option<&Node> {
        self.tree.innermost(token.start)
    }

    /// Whether a word stands for a value or column by itself, and is not the name of one.
    pub(super) fn is_value(&self, token: &SqlToken<'_>) -> bool {
        let node = self.innermost(token).filter(|_| token.kind == SqlTokenKind::Word);
        let parent = node.and_then(|node| self.tree.parent(node));
        node.is_some_and(|node| node.kind == SyntaxKind::NAME_REF)
            && parent.is_none_or(|parent| {
                parent.kind != SyntaxKind::FIELD_EXPR || parent.range.start == token.start
            })
    }
}
