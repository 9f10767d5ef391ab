//! Numbers, positions and powers at the edge of what there is.

use super::Target;

#[test]
fn numbers_at_the_edge() {
    let target = Target::new();
    for (name, script) in NUMBERS {
        target.attack(name, script);
    }
    target.unchanged();
}

const NUMBERS: [(&str, &str); 36] = [
    ("huge int literal", r#"let x=99999999999999999999999999999999999999999;"#),
    ("huge int expr", r#"let x=9223372036854775807; x+1;"#),
    ("min / -1", r#"let x=-9223372036854775807-1; x / -1;"#),
    ("min % -1", r#"let x=-9223372036854775807-1; x % -1;"#),
    ("abs min", r#"let x=-9223372036854775807-1; abs(x);"#),
    ("neg min", r#"let x=-9223372036854775807-1; let y = -x;"#),
    (
        "shift",
        r#"let x=1 << 1000; let y=1 >> -1000; let z=1 << -9223372036854775807; let q = 1 << 64;"#,
    ),
    ("pow", r#"let x=2 ** 100000000000; note(x);"#),
    ("pow neg", r#"let x=2 ** -1; note(x);"#),
    ("pow float", r#"let x=10.0 ** 100000000000000000000.0; note(x);"#),
    (
        "decimal pow",
        r#"let x=parse_decimal("1.0000001"); let y = x ** parse_decimal("99999999999999999999"); note(y);"#,
    ),
    ("decimal pow loop", r#"let x=parse_decimal("1.9"); for i in 0..1000 { x = x * x; }"#),
    ("decimal exp", r#"let x=parse_decimal("79228162514264337593543950335").exp(); note(x);"#),
    ("decimal ln", r#"let x=parse_decimal("0.0000000000000000000000000001").ln(); note(x);"#),
    ("decimal sqrt", r#"let x=parse_decimal("-1").sqrt(); note(x);"#),
    ("decimal sin", r#"let x=parse_decimal("79228162514264337593543950335").sin(); note(x);"#),
    ("decimal tan", r#"let x=parse_decimal("1.5707963267948966192313216916").tan(); note(x);"#),
    ("decimal round", r#"let x=parse_decimal("1.5").round(1000000000000); note(x);"#),
    ("decimal round neg", r#"let x=parse_decimal("1.5").round(-1); note(x);"#),
    ("decimal divide", r#"let x=parse_decimal("1") / parse_decimal("0");"#),
    ("decimal from float", r#"let x=(100000000000000000000.0).to_decimal(); note(x);"#),
    (
        "decimal big scale",
        r#"let x=parse_decimal("0."+"0000000000000000000000000000000000000000000000000000000000000000001"); note(x);"#,
    ),
    ("float to int", r#"let x=(100000000000000000000.0).to_int(); note(x);"#),
    ("float nan", r#"let x=0.0/0.0; let y=x.to_int(); note(y);"#),
    (
        "float inf note",
        r#"note(1.0/0.0); note(9999999999999999999999999999.0); note(0.0000000000000000000000000005);"#,
    ),
    ("float setting", r#"let x=1.0/0.0; setting("x", x); col("name")==x;"#),
    (
        "float literal col",
        r#"table("Customer").count(col("latitude") == 100000000000000000000.0);"#,
    ),
    ("parse_int", r#"let x=parse_int("99999999999999999999999"); "#),
    ("parse_int radix", r#"let x=parse_int("zz", 99);"#),
    ("parse_int radix neg", r#"let x=parse_int("zz", -1);"#),
    ("to_hex", r#"note((-1).to_hex());"#),
    ("bits", r#"let x=5; x[1000]=true;"#),
    (
        "bits range",
        r#"let x=5; let y=x[0..10000]; x[0..=63]=1; note(y); note(x.get_bits(-10, 9223372036854775807)); note(x[-9223372036854775808..9223372036854775807]);"#,
    ),
    (
        "get_bits",
        r#"let x=5; note(x.get_bits(0,64)); note(x.get_bits(63,64)); x.set_bits(0,64,1); x.set_bit(64,true); "#,
    ),
    (
        "string ranges",
        r#"let s="äöü"; note(s[0..9223372036854775807]); note(s.sub_string(-9223372036854775808, 9223372036854775807)); s.crop(-9223372036854775808, 9223372036854775807); s.truncate(-1); s.remove("a"); note(s[-1]);"#,
    ),
    (
        "splice",
        r#"let a=[1,2,3]; a.splice(-9223372036854775808, 9223372036854775807, a); a.splice(5..1, a); a.extract(-9223372036854775808, -9223372036854775808); a.insert(-9223372036854775808, 1); a.insert(9223372036854775807,1); a.drain(9223372036854775807..-5); a.retain(-5..9223372036854775807); a.split(-9223372036854775808); a.chop(-9223372036854775808); a.remove(-9223372036854775808); note(`${a}`);"#,
    ),
];
