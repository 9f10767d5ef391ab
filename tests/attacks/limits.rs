//! Scripts that use up more than a script may: each ends at its line, with the limit's name and value.

use super::Target;
use crate::support::one_line;

/// Runs each attack: its name and the script. Which limit is reached first is a matter of the machine's speed.
fn all(attacks: &[(&str, &str)]) {
    let target = Target::new();
    for (name, script) in attacks {
        let output = target.attack(name, script).exits(2);
        assert!(output.stdout.contains("reached its limit "), "{name}: {}", output.stdout);
        assert!(
            output.stdout.contains(" --> scripts/try/01_step.rhai:1:"),
            "{name}: {}",
            output.stdout
        );
        assert!(output.stdout.contains("nothing was changed"), "{name}: {}", output.stdout);
    }
    target.unchanged();
}

#[test]
fn scripts_that_grow() {
    all(&GROWING);
}

#[test]
fn scripts_that_loop_and_nest() {
    all(&LOOPING);
}

#[test]
fn scripts_that_flood() {
    all(&FLOODING);
}

const GROWING: [(&str, &str); 28] = [
    ("map index", r#"let m=#{}; let i=0; loop { m["k"+i]=i; i+=1; }"#),
    ("map doubling", r#"let m=#{}; for i in 0..60 { m["k"+i]=m; }"#),
    ("map doubling fn", r#"fn d(m,n) { m["a"+n]=m; m["b"+n]=m; d(m,n+1) } d(#{},0);"#),
    (
        "shared big strings in a map, to_json",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } let t=m.to_json(); note(t.len());"#,
    ),
    (
        "shared big strings in a map, interpolated",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..2000 { m["k"+i]=s; } let t=`${m}`;"#,
    ),
    (
        "shared big strings in a map, print",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } print(m);"#,
    ),
    (
        "shared big strings map debug",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } debug(m);"#,
    ),
    (
        "shared big strings, expect findings",
        r#"let s="x"; for i in 0..19 { s+=s; } let m=#{}; for i in 0..50000 { m["k"+i]=s; } expect("x", [m]);"#,
    ),
    (
        "shared big strings, show",
        r#"let s="x"; for i in 0..19 { s+=s; } let m=#{}; for i in 0..50000 { m["k"+i]=s; } show([#{a:1}]); show(["a"], [#{a: 1}]); show(["k1","k2","k3"],[m]);"#,
    ),
    (
        "array index set",
        r#"let s="x"; for i in 0..20 { s+=s; } let a=[]; a.pad(1000, 0); for i in 0..1000 { a[i]=s; } let t=a.to_string();"#,
    ),
    ("array nested index set", r#"let a=[0,0]; for i in 0..60 { a[0]=a; a[1]=a; }"#),
    ("replace char", r#"let s="a"; for i in 0..19 { s+=s; } s.replace('a', s);"#),
    ("replace str", r#"let s="a"; for i in 0..19 { s+=s; } s.replace("a", s);"#),
    ("replace empty", r#"let s="a"; for i in 0..19 { s+=s; } s.replace("", s);"#),
    ("pad string", r#"let s="a"; s.pad(9223372036854775807, "xy");"#),
    ("pad char", r#"let s="a"; s.pad(9223372036854775807, 'x');"#),
    ("array pad", r#"let a=[]; a.pad(9223372036854775807, 0);"#),
    ("array pad nested", r#"let a=[]; a.pad(50000,0); let b=[]; b.pad(100000,a);"#),
    ("blob huge", r#"let b=blob(9223372036854775807);"#),
    ("blob huge value", r#"let b=blob(9223372036854775807, 1);"#),
    ("blob pad", r#"let b=blob(1); b.pad(9223372036854775807, 1);"#),
    ("split", r#"let s="a"; for i in 0..20 { s+=s; } let a=s.split(""); note(a.len());"#),
    ("split2", r#"let s="a,"; for i in 0..18 { s+=s; } loop { let a=s.split(","); }"#),
    ("chars", r#"let s="a"; for i in 0..20 { s+=s; } let a=s.to_chars(); note(a.len());"#),
    ("range", r#"for i in 0..1000000000000000000 { }"#),
    ("range inclusive extreme", r#"for i in -9223372036854775808..=9223372036854775807 { }"#),
    ("range step", r#"for i in range(0, 1000000000000000000, 1) { }"#),
    ("range float", r#"for i in range(0.0, 99999999999999999999.0, 0.00000000000000000001) { }"#),
];

const LOOPING: [(&str, &str); 27] = [
    (
        "range decimal",
        r#"for i in range(parse_decimal("0"), parse_decimal("79228162514264337593543950335"), parse_decimal("0.0000000000000000000000000001")) { }"#,
    ),
    ("deep nested array drop", r#"let a=[]; for i in 0..100000 { a=[a]; }"#),
    ("deep nested via index", r#"let a=[0]; for i in 0..1000000 { let b=[0]; b[0]=a; a=b; }"#),
    ("deep nested map via index", r#"let a=#{}; for i in 0..1000000 { let b=#{}; b.x=a; a=b; }"#),
    (
        "deep nested shared",
        r#"let a=#{x:0}; let f=||a; for i in 0..300000 { let b=#{x:0}; b.x=a; a=b; }"#,
    ),
    ("deep fn ptr", r#"let f=||1; for i in 0..300000 { let g=f; f = || g.call(); } f.call();"#),
    (
        "fn ptr capture chain in array",
        r#"let f=Fn("x"); for i in 0..1000000 { let g=f; f=||{ g }; }"#,
    ),
    (
        "sort hostile",
        r#"let a=[]; for i in 0..50000 { a.push(i); } a.sort(|x,y| if x%2==0 {1} else {-1}); note(a.len());"#,
    ),
    ("fn recursion mutual", r#"fn a(n){b(n+1)} fn b(n){a(n+1)} a(0);"#),
    ("closure recursion", r#"let f=|g|g.call(g); f.call(f);"#),
    ("for_each recursion", r#"fn f(x){ let a=[x]; a.for_each(|| f(1)) } f(1);"#),
    ("print flood", r#"loop { print("x"); }"#),
    ("debug flood", r#"loop { debug("x"); }"#),
    ("print big flood", r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..900 { note(s); }"#),
    ("expect flood", r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..900 { expect(s, true); }"#),
    (
        "setting flood",
        r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..2000 { setting(s+i, s); }"#,
    ),
    ("array grow insert", r#"let a=[1,2,3]; loop { a.insert(0, a); }"#),
    ("array grow splice", r#"let a=[1,2,3]; loop { a.splice(0, 0, a); }"#),
    ("array grow append", r#"let a=[1,2,3]; loop { a.append(a); }"#),
    (
        "array zip",
        r#"let a=[]; a.pad(50000,0); let z=a.zip(a, |x,y| [x,y]); note(z.len()); loop { z = z.zip(z, |x,y| [x,y]); }"#,
    ),
    (
        "array map grow",
        r#"let s="x"; for i in 0..20 {s+=s;} let a=[]; a.pad(100000,0); let b=a.map(|x| s); note("x"+b.len());"#,
    ),
    (
        "array map copies",
        r#"let s="x"; for i in 0..19 {s+=s;} let a=[]; a.pad(100000,0); let b=a.map(|x| s+x); note("x"+b.len());"#,
    ),
    (
        "reduce grow",
        r#"let a=[]; a.pad(1000,"ab"); let b=a.reduce(|x,y| if x==() {[y]} else {[x,x]}); "#,
    ),
    ("dedup", r#"let a=[]; for i in 0..50000 {a.push([i]);} a.dedup(); note(a.len());"#),
    ("array eq big", r#"let a=[]; for i in 0..50000 {a.push(i);} loop { a==a; }"#),
    ("array in array", r#"let a=[]; for i in 0..50000 {a.push(i);} loop { a.contains(-1); }"#),
    ("index_of", r#"let a=[]; for i in 0..50000 {a.push(i);} for x in a { a.index_of(x); }"#),
];

const FLOODING: [(&str, &str); 25] = [
    ("nested array eq", r#"let a=[[]]; for i in 0..30 {a=[a,a]; } a==a;"#),
    (
        "string search",
        r#"let s="a"; for i in 0..19 {s+=s;} let t=s+"b"; loop { s.contains(t); s.index_of("b"); }"#,
    ),
    (
        "string index loop",
        r#"let s="ä"; for i in 0..18 {s+=s;} for i in 0..s.len() { s[s.len()-1]; }"#,
    ),
    (
        "string set index loop",
        r#"let s="ä"; for i in 0..18 {s+=s;} for i in 0..100000 { s[i]='b'; }"#,
    ),
    ("string remove", r#"let s="ab"; for i in 0..18 {s+=s;} loop { let t=s-"a"; t.remove("b"); }"#),
    ("to_upper growth", r#"let s="ß"; for i in 0..18 {s+=s;} loop { s.make_upper(); s+=s; }"#),
    (
        "format deep",
        r#"let a=[]; for i in 0..9000 { let b=[0]; b[0]=a; a=b; } let s=`${a}`; note("ok"+s.len());"#,
    ),
    (
        "json deep",
        r#"let a=#{}; for i in 0..9000 { let b=#{}; b.x=a; a=b; } let s=a.to_json(); note("ok"+s.len());"#,
    ),
    (
        "eq deep",
        r#"let a=[]; for i in 0..9000 { let b=[0]; b[0]=a; a=b; } let c=a; note(`${a==c}`);"#,
    ),
    ("clone deep", r#"let a=[]; for i in 0..90000 { let b=[0]; b[0]=a; a=b; } let c=a;"#),
    ("metadata flood", r#"loop { let l=get_fn_metadata_list(); }"#),
    ("throw deep", r#"let a=[]; for i in 0..90000 { let b=[0]; b[0]=a; a=b; } throw a;"#),
    ("while true try", r#"loop { try { throw 1; } catch { continue; } }"#),
    ("do while", r#"do { } while true"#),
    ("lookup flood", r#"let m=#{}; for i in 0..200000 {m["k"+i]="x";} lookup("accountType", m);"#),
    ("is_one_of flood", r#"let a=[]; for i in 0..200000 {a.push(i);} col("x").is_one_of(a);"#),
    (
        "is_one_of big texts",
        r#"let s="x"; for i in 0..19 {s+=s;} let a=[]; a.pad(2000,0); for i in 0..1900 {a[i]=s;} let c=col("name").is_one_of(a); let d=[]; for i in 0..1000 { d.push(col("name").is_one_of(a)); } table("Customer").count(d[0]);"#,
    ),
    (
        "expr copies",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(col("name")==s); }"#,
    ),
    (
        "col names big",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(col(s)); }"#,
    ),
    (
        "table names big",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(table(s)); }"#,
    ),
    ("coalesce flood", r#"let a=[]; for i in 0..200000 {a.push(col("x"));} coalesce(a);"#),
    (
        "arms flood",
        r#"let a=[]; for i in 0..50000 {a.push([col("name").is_null(), "ACTIVE"]);} update("Customer").set("accountType", a);"#,
    ),
    (
        "arms doubled",
        r#"let e=col("name").is_null(); for i in 0..9 {e = e and e;} let a=[]; for i in 0..50000 {a.push([e, "ACTIVE"]);} update("Customer").set("accountType", a);"#,
    ),
    ("pad with string", r#"let s="a"; s.pad(1000000, "äöü"); s.pad(1048576, s); note("ok");"#),
    (
        "rows all",
        r#"let t=table("Customer"); let a=[]; loop { a.push(t.rows(["id","name","city"])); }"#,
    ),
];

#[test]
fn the_operator_sets_the_limits_and_the_script_does_not() {
    let target = Target::new();
    let few = "access = \"rolled-back\"\n[limits]\nrows = 3";
    let read = "table(\"Tenant\").rows([\"id\"]); table(\"Customer\").rows([\"id\"]);";
    target.attack_with(few, "more rows", read).exits(2).tells("reached its limit rows = 3");
    let short = "access = \"rolled-back\"\n[limits]\nquery_time = 1";
    let slow =
        r#"query("SELECT count(*) AS n FROM \"Customer\" a, \"Customer\" b, \"Customer\" c");"#;
    target
        .attack_with(short, "a slow query", slow)
        .exits(2)
        .tells("reached its limit query_time = 1 s");
    let wide = r#"query("SELECT string_agg(a.id::text || b.id::text, '') AS n FROM \"Customer\" a, \"Tenant\" b, generate_series(1,1) c");"#;
    target
        .attack_with(short, "a function off the list", wide)
        .exits(2)
        .tells("can't use the function generate_series");
    let long =
        r#"query("SELECT string_agg(a.id::text, '') AS n FROM \"Customer\" a, \"Tenant\" b");"#;
    let small = "access = \"rolled-back\"\n[limits]\nread_bytes = 65536";
    target
        .attack_with(small, "a long answer", long)
        .exits(2)
        .tells("reached its limit read_bytes = 65536");
    // The answer is a number, and the server would keep a million values for it.
    for gathered in ["array_agg(a.id)", "string_agg(a.name, a.city)", "json_agg(a)"] {
        let gathered = format!(
            r#"query("SELECT length({gathered}::text) AS n FROM \"Customer\" a, (SELECT FROM \"Customer\" LIMIT 100) b");"#
        );
        let ample = "access = \"rolled-back\"\n[limits]\nquery_time = 60";
        target
            .attack_with(ample, "a small answer from much", &gathered)
            .exits(2)
            .tells("reached its limit read_bytes = 16777216");
    }
    for union in ["UNION", "UNION ALL"] {
        let further = format!(
            r#"query("WITH RECURSIVE t AS (SELECT '' AS path {union} SELECT t.path || c.id FROM t, (SELECT id FROM \"Customer\" LIMIT 10) c) SELECT count(*) AS n FROM t");"#
        );
        target
            .attack("recursion", &further)
            .exits(2)
            .tells("reached its limit read_bytes = 16777216");
    }
    let many = r#"query("SELECT id FROM \"Customer\"");"#;
    target.attack("many answers", many).exits(2).tells("reached its limit query_rows = 1000");
    target.attack("many values", r#"table("Customer").distribution("id"); table("Customer").distribution_by("id", "city"); let d = table("Customer").rows(["id"]); for r in d { } "#).exits(0);
    let values = "access = \"rolled-back\"\n[limits]\nrows = 100";
    target
        .attack_with(values, "many values", r#"table("Customer").distribution("id");"#)
        .exits(2)
        .tells("reached its limit rows = 100");
    target.unchanged();
}

#[test]
fn one_operation_far_past_the_memory_limit_ends_the_process() {
    let target = Target::new();
    let small = "writes = [\"Customer.city\"]\n[limits]\nmemory = 64\nread_bytes = 268435456";
    let script = r#"update("Customer").set("city", "x");
        query("WITH RECURSIVE t AS (SELECT 0 AS n, 'xxxxxxxxx' AS s UNION ALL SELECT n + 1, s || s FROM t WHERE n < 20), longer AS (SELECT s || s || s || s AS s FROM t WHERE n = 20) SELECT s || s || s || s AS s FROM longer");"#;
    target
        .attack_with(small, "a huge answer", script)
        .exits(2)
        .tells("the script reached its limit memory, far beyond, in a single operation");
    target.unchanged();
}

#[test]
fn a_manifest_says_which_limits_there_are() {
    let target = Target::new();
    for (limits, told) in [
        ("tim = 1", "there is no limit tim help: did you mean time?"),
        ("time = 0", "time can't be 0"),
        ("time = -5", "time can't be -5"),
        ("call_depth = 100000", "call_depth can't be 100000"),
        ("time = \"10s\"", "a whole number is needed here, and this is a text"),
    ] {
        let manifest = format!("[limits]\n{limits}");
        let output = target.attack_with(&manifest, limits, "note(\"x\");").exits(2);
        let flat = one_line(&output.stdout);
        let fact = told.split(" help: ").next().unwrap_or(told);
        assert!(flat.contains(fact), "{flat}");
        assert!(flat.contains("scripts/try/leora.toml:4:"), "{flat}");
    }
    target.unchanged();
}
