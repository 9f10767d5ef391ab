//! The syntax tree of a query.
//!
//! The parser accepts what is no SQL and goes on after a mistake, as a linter has to. So a tree is judged by what it
//! is made of, and the server decides whether it is a statement.

use std::ops::Range;

use squawk_parser::{EntryPoint, LexedStr, StrStep, SyntaxKind};

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: SyntaxKind,
    pub(super) parent: Option<usize>,
    /// The number of the next node that is not inside of it.
    after: usize,
    /// The bytes of the text, without white space around them.
    pub(super) range: Range<usize>,
}

/// The nodes of a text, without its tokens.
#[derive(Debug)]
pub(super) struct Tree {
    /// In the order in which they start.
    nodes: Vec<Node>,
    /// The parser's first complaint.
    pub(super) error: Option<String>,
}

impl Tree {
    pub(super) fn parse(text: &str) -> Self {
        let lexed = LexedStr::new(text);
        let parsed = EntryPoint::SourceFile.parse(&lexed.to_input());
        let mut tree = Self { nodes: vec![], error: None };
        let (mut open, mut at): (Vec<usize>, usize) = (vec![], 0);
        lexed.intersperse_trivia(&parsed, &mut |step| match step {
            StrStep::Enter { kind } => {
                let parent = open.last().copied();
                open.push(tree.nodes.len());
                tree.nodes.push(Node { kind, parent, after: 0, range: at..at });
            }
            StrStep::Exit => {
                if let Some(node) = open.pop() {
                    tree.nodes[node].range.end = at;
                    tree.nodes[node].after = tree.nodes.len();
                }
            }
            StrStep::Token { text, .. } => at += text.len(),
            StrStep::Error { msg, .. } => _ = tree.error.get_or_insert_with(|| msg.to_owned()),
        });
        tree
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate()
    }

    pub(super) fn of_kind(&self, kind: SyntaxKind) -> impl Iterator<Item = (usize, &Node)> {
        self.iter().filter(move |(_, node)| node.kind == kind)
    }

    pub(super) fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Node)> {
        let end = self.nodes[parent].after;
        let inside = move |number: usize| (number < end).then_some(number);
        let next = move |number: &usize| inside(self.nodes[*number].after);
        let numbers = std::iter::successors(inside(parent + 1), next);
        numbers.map(|number| (number, &self.nodes[number]))
    }

    pub(super) fn child(&self, parent: usize, kind: SyntaxKind) -> Option<(usize, &Node)> {
        self.children(parent).find(|(_, node)| node.kind == kind)
    }

    pub(super) fn parent(&self, node: &Node) -> Option<&Node> {
        node.parent.map(|parent| &self.nodes[parent])
    }

    pub(super) fn innermost(&self, at: usize) -> Option<&Node> {
        let before = self.nodes.partition_point(|node| node.range.start <= at);
        let mut node = self.nodes[..before].last();
        while let Some(inner) = node.filter(|node| node.range.end <= at) {
            node = self.parent(inner);
        }
        node
    }
}
