//! Whether two texts of a script mean the same.

use leora_folder::normalized_checksum;
use rhai::{AST, Engine};

use crate::compiled_script::CompiledScript;
use crate::piece::{Piece, split_pieces};

/// Whether the other text has the same pieces, comments included, the same checksum of its meaning, and compiles to the
/// same.
pub(super) fn means_the_same(
    path: &str,
    before: &CompiledScript,
    text: &str,
    engine: &Engine,
) -> bool {
    let pieces = |text| -> Vec<_> {
        split_pieces(text).into_iter().map(|piece: Piece<'_>| (piece.kind, piece.text)).collect()
    };
    let checksum = |text| normalized_checksum(path, text);
    pieces(&before.text) == pieces(text)
        && checksum(&before.text) == checksum(text)
        && engine.compile(text).is_ok_and(|ast| without_places(&ast) == without_places(&before.ast))
}

/// What a script compiles to, without what tells where it stands: lines, columns, and the names of closures.
fn without_places(ast: &AST) -> String {
    let mut functions: Vec<_> =
        ast.shared_lib().iter_script_fn_info().map(|(.., one)| one).collect();
    functions.sort_by_key(|function| function.body.start_position());
    let mut text = format!("{:?}", ast.statements());
    for function in functions {
        text += &format!("{function} {:?}", function.body);
    }
    let text =
        text.split(CLOSURE).map(|part| part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    let text: Vec<&str> = text.collect();
    let mut kept = String::new();
    let is_of_place = |c: char| c.is_ascii_digit() || ":-".contains(c);
    for word in text.join(CLOSURE).split_inclusive(|c| !is_of_place(c)) {
        let place = word.trim_end_matches(|c| !is_of_place(c));
        let is_place = place.starts_with(|c: char| c.is_ascii_digit()) && place.contains(':');
        kept += if is_place { &word[place.len()..] } else { word };
    }
    kept
}

/// How the engine begins the name of a closure; its hash follows.
const CLOSURE: &str = "anon$";

#[cfg(test)]
mod tests {
    use leora_folder::{Limits, SourceFile};

    use super::means_the_same;
    use crate::compiled_script::CompiledScript;
    use crate::engine;

    fn same(before: &str, after: &str) -> bool {
        let (engine, limits) = (engine::compiling(&Limits::default()), Limits::default());
        let source =
            SourceFile { path: "a.rhai".into(), text: before.into(), sha256: String::new() };
        let before = CompiledScript::compile(&engine, &source, &limits).expect("it compiles");
        means_the_same("a.rhai", &before, after, &engine)
    }

    #[test]
    fn white_space_between_pieces_means_nothing() {
        let closure = "let a = [1].map(|x| { x + 1 });\nnote(`${a}`);";
        assert!(same(closure, "  let a=[ 1 ] .map(| x |\n{ x+1 } );\n\nnote(`${a}`);  "));
        assert!(same("//! T\nlet a = 1; // b", "//! T  \n let a = 1;   // b \n"));
    }

    #[test]
    fn everything_else_does() {
        for (before, after) in [
            ("note(\"a b\");", "note(\"a  b\");"),
            ("note(`a ${1} b`);", "note(`a ${1}  b`);"),
            ("let a = 1; // b", "let a = 1; // c"),
            ("let a = 1; // b", "let a = 1;"),
            ("let a = 1; // b\nnote(\"\");", "let a = 1; // b note(\"\");"),
            ("let ab = 1;", "let a b = 1;"),
            ("let a = 12;", "let a = 1 2;"),
            ("let a = 1;\nlet b = 2;", "let b = 2;\nlet a = 1;"),
            ("let a = 1 < 2;", "let a = 1 <= 2;"),
            ("let a = [1, 2];", "let a = [1, 2,];"),
        ] {
            assert!(!same(before, after), "{before}  and  {after}");
        }
    }
}
