//! The functions of a script, closures too: a walk over the tree does not say which one it is in.

use rhai::{AST, ASTNode, Position};

/// The first and last position of each function's body.
pub(crate) struct FunctionBodies(Vec<(Position, Position)>);

impl FunctionBodies {
    pub(crate) fn from_ast(ast: &AST) -> Self {
        let functions = ast.shared_lib().iter_script_fn_info();
        let span = functions
            .map(|(.., function)| (function.body.start_position(), function.body.end_position()));
        Self(span.collect())
    }

    /// The function that a path of a walk is in, from 1; 0 is the script itself.
    pub(crate) fn containing(&self, path: &[ASTNode<'_>]) -> usize {
        let at = path.first().map_or(Position::NONE, ASTNode::position);
        let around =
            self.0.iter().enumerate().filter(|(_, (start, end))| (*start..=*end).contains(&at));
        // The innermost starts last.
        around.max_by_key(|(_, (start, _))| *start).map_or(0, |(index, _)| index + 1)
    }
}
