#!/usr/bin/env bash
# rhai 1.27.0: floats are compared with a relative tolerance, but not everywhere, and with `decimal` a literal is rounded.
#
# `0.1 + 0.2 == 0.3` is expected to be false, as in Rust and for PostgreSQL's double precision. Rhai says true: `==`, `<`
# and `>` take two floats that differ by at most 2.2e-16 of the larger one for equal. Equality is then not transitive, and
# `switch`, which hashes its cases, does not find the case that `==` would.
# With the features `decimal` and `no_float` literals are decimals, and `0.1 + 0.2 == 0.3` is true since it is exact. But a
# literal of more than 28 digits is rounded without an error, and `1e3` is no number any more.
#
# Why it matters: a rule that is tried in a script and run on the server must agree with it at its threshold. Exact numbers
# in scripts need the two features, and a check of the text of each literal, which only the callback for tokens sees.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export CARGO_TARGET_DIR=$work/target

# Evaluates scripts by Rhai with these features, a line each.
evaluate() {
    local features=$1
    shift
    rm -rf project && cargo init --quiet --name finding --vcs none project
    printf 'rhai = { version = "=1.27.0", features = [%s] }\n' "$features" >>project/Cargo.toml
    cat >project/src/main.rs <<'RUST'
fn main() {
    for script in std::env::args().skip(1) {
        match rhai::Engine::new().eval::<rhai::Dynamic>(&script) {
            Ok(value) => println!("{script} -> {value}"),
            Err(error) => println!("{script} -> error: {error}"),
        }
    }
}
RUST
    cargo run --quiet --manifest-path project/Cargo.toml -- "$@" 2>log || { cat log; exit 1; }
}

evaluate '' '0.1 + 0.2 == 0.3' '0.1 + 0.2 > 0.3' 'switch 0.1 + 0.2 { 0.3 => "found", _ => "not found" }' \
    'let a = 1.0; let b = a + 0.0000000000000002220446049250313; let c = b + 0.0000000000000002220446049250313; [a == b, b == c, a == c]' \
    | tee floats
evaluate '"decimal", "no_float"' '0.1 + 0.2 == 0.3' '0.12345678901234567890123456789012' '1e3' | tee decimals

grep -qx '0.1 + 0.2 == 0.3 -> true' floats
grep -qx '0.1 + 0.2 > 0.3 -> false' floats
grep -q '^switch .* -> not found$' floats
grep -q '^let a = .* -> \[true, true, false\]$' floats
grep -qx '0.12345678901234567890123456789012 -> 0.1234567890123456789012345679' decimals
grep -q '^1e3 -> error' decimals
