#!/usr/bin/env bash
# rust_decimal 1.43.0: a checked sum, difference or product that needs more than 28 decimals is rounded, and still `Some`.
#
# Checked arithmetic is expected to be exact or `None`, as it is for integers. rust_decimal keeps 96 bits, so
# 1000000000000000 + 0.00000000000001 has 30 digits and does not fit. `checked_add` gives 1000000000000000.0000000000000
# as `Some`, without the last digit. Only a result that is too large gives `None`.
#
# Why it matters: PostgreSQL's numeric keeps every digit of such a sum. A program that evaluates a condition in memory and
# compares it with the server's answer can't rely on `checked_add` to notice that the two differ. It has to compare the
# scale of the result with the scales of the operands.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cargo init --quiet --name finding --vcs none .
printf 'rust_decimal = { version = "=1.43.0", default-features = false, features = ["std"] }\n' >>Cargo.toml
cat >src/main.rs <<'RUST'
use rust_decimal::Decimal;

fn main() {
    let number = |text: &str| text.parse::<Decimal>().expect("a number");
    let (large, small) = (number("1000000000000000"), number("0.00000000000001"));
    let sum = large.checked_add(small);
    println!("1000000000000000 + 0.00000000000001 = {sum:?}");
    println!("equal to the first: {}", sum == Some(large));
    let third = number("0.1234567890123456789");
    let product = third.checked_mul(third);
    println!("0.1234567890123456789 squared = {product:?}");
    println!("decimals kept: {:?} of 38", product.map(|product| product.scale()));
    println!("the largest + 1 = {:?}", Decimal::MAX.checked_add(Decimal::ONE));
}
RUST
cargo run --quiet >seen 2>log || { cat log; exit 1; }
cat seen
grep -qx 'equal to the first: true' seen
grep -qx 'decimals kept: Some(28) of 38' seen
grep -qx 'the largest + 1 = None' seen
