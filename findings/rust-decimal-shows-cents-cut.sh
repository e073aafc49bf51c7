#!/usr/bin/env bash
# `{:.2}` of a Decimal in Rust cuts, 2.999 is shown as 2.99, while its two ways to round to cents disagree on 2.345.
#
# Versions: rust_decimal 1.43.0, bigdecimal 0.4.11 (crates), Rust 1.95.
# A good guess: a precision in a format rounds, as it does for f64 and for BigDecimal in Rust and for Decimal in Python; halves go
# where `round_dp` of the same type puts them, and `rescale`, which also gives a number of decimals, rounds alike.
# What happens: the format cuts digits off. `round_dp` takes halves to the even neighbour, `rescale` away from zero. So 2.345 is 2.34
# or 2.35 by the method, and what is shown is neither's for 2.355. The format of BigDecimal rounds as its own `round` does.
# Matters because: a yearly price by month, a mean score, a share of customers are quotients with 28 digits. A page or a mail made with
# `{:.2}` shows a cent, or a hundredth, less than the stored figure, 0.99 for 0.999, and rows that were shown do not add up to
# their sum. Say `round_dp_with_strategy` before anything is shown or kept.
#
# Output seen (`{:.2}` of Decimal, round_dp, rescale; `{:.2}` of BigDecimal, of f64):
#   2.999: 2.99, 3.00, 3.00; 3.00, 3.00
#   2.345: 2.34, 2.34, 2.35; 2.34, 2.35
#   2.355: 2.35, 2.36, 2.36; 2.36, 2.35
#   -0.999: -0.99, -1.00, -1.00; -1.00, -1.00
#   1199.99 / 12 = 99.99916666666666666666666667: 99.99, 100.00, 100.00; 100.00, 100.00
#   200 / 3 = 66.666666666666666666666666667: 66.66, 66.67, 66.67; 66.67, 66.67
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "shown"
version = "0.1.0"
edition = "2021"
[dependencies]
bigdecimal = "=0.4.11"
rust_decimal = "=1.43.0"
TOML
cat > "$folder/src/main.rs" <<'RS'
use bigdecimal::BigDecimal;
use rust_decimal::prelude::*;

fn show(title: &str, amount: Decimal) {
    let mut rescaled = amount;
    rescaled.rescale(2);
    let big: BigDecimal = amount.to_string().parse().unwrap();
    let float: f64 = amount.to_string().parse().unwrap();
    println!("{title}: {amount:.2}, {}, {rescaled}; {big:.2}, {float:.2}", amount.round_dp(2));
}

fn main() {
    for text in ["2.999", "2.345", "2.355", "-0.999"] {
        show(text, text.parse().unwrap());
    }
    for (text, by) in [("1199.99", 12), ("200", 3)] {
        let amount: Decimal = text.parse().unwrap();
        let share = amount / Decimal::from(by);
        show(&format!("{text} / {by} = {share}"), share);
    }
}
RS
(cd "$folder" && CARGO_TARGET_DIR="$folder/target" cargo build --quiet) > "$folder/log" 2>&1
"$folder/target/debug/shown" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
