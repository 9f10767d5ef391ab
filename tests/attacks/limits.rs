//! Scripts that use up more than a script may: each ends at its line, with the limit's name and value.

use super::Target;

/// Runs each attack: its name, the limit that ends it (time may be over before), and the script.
fn all(attacks: &[(&str, &str, &str)]) {
    let target = Target::new();
    for (name, limit, script) in attacks {
        let output = target.attack(name, script).exits(2);
        let ended = |limit: &str| output.stdout.contains(&format!("reached its limit {limit} = "));
        assert!(
            [limit, "time", "operations", "text_bytes", "memory", "call_depth"]
                .into_iter()
                .any(ended),
            "{name}: {}",
            output.stdout
        );
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

const GROWING: [(&str, &str, &str); 28] = [
    ("map index", "time", r#"let m=#{}; let i=0; loop { m["k"+i]=i; i+=1; }"#),
    ("map doubling", "map_entries", r#"let m=#{}; for i in 0..60 { m["k"+i]=m; }"#),
    (
        "map doubling fn",
        "map_entries",
        r#"fn d(m,n) { m["a"+n]=m; m["b"+n]=m; d(m,n+1) } d(#{},0);"#,
    ),
    (
        "shared big strings in a map, to_json",
        "text_bytes",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } let t=m.to_json(); note(t.len());"#,
    ),
    (
        "shared big strings in a map, interpolated",
        "text_bytes",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..2000 { m["k"+i]=s; } let t=`${m}`;"#,
    ),
    (
        "shared big strings in a map, print",
        "text_bytes",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } print(m);"#,
    ),
    (
        "shared big strings map debug",
        "text_bytes",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } debug(m);"#,
    ),
    (
        "shared big strings, expect findings",
        "text_bytes",
        r#"let s="x"; for i in 0..19 { s+=s; } let m=#{}; for i in 0..50000 { m["k"+i]=s; } expect("x", [m]);"#,
    ),
    (
        "shared big strings, show",
        "text_bytes",
        r#"let s="x"; for i in 0..19 { s+=s; } let m=#{}; for i in 0..50000 { m["k"+i]=s; } show([#{a:1}]); show(["a"], [#{a: 1}]); show(["k1","k2","k3"],[m]);"#,
    ),
    (
        "array index set",
        "text_bytes",
        r#"let s="x"; for i in 0..20 { s+=s; } let a=[]; a.pad(1000, 0); for i in 0..1000 { a[i]=s; } let t=a.to_string();"#,
    ),
    (
        "array nested index set",
        "list_elements",
        r#"let a=[0,0]; for i in 0..60 { a[0]=a; a[1]=a; }"#,
    ),
    ("replace char", "text_bytes", r#"let s="a"; for i in 0..19 { s+=s; } s.replace('a', s);"#),
    ("replace str", "text_bytes", r#"let s="a"; for i in 0..19 { s+=s; } s.replace("a", s);"#),
    ("replace empty", "text_bytes", r#"let s="a"; for i in 0..19 { s+=s; } s.replace("", s);"#),
    ("pad string", "text_bytes", r#"let s="a"; s.pad(9223372036854775807, "xy");"#),
    ("pad char", "text_bytes", r#"let s="a"; s.pad(9223372036854775807, 'x');"#),
    ("array pad", "list_elements", r#"let a=[]; a.pad(9223372036854775807, 0);"#),
    (
        "array pad nested",
        "list_elements",
        r#"let a=[]; a.pad(50000,0); let b=[]; b.pad(100000,a);"#,
    ),
    ("blob huge", "list_elements", r#"let b=blob(9223372036854775807);"#),
    ("blob huge value", "list_elements", r#"let b=blob(9223372036854775807, 1);"#),
    ("blob pad", "map_entries", r#"let b=blob(1); b.pad(9223372036854775807, 1);"#),
    (
        "split",
        "list_elements",
        r#"let s="a"; for i in 0..20 { s+=s; } let a=s.split(""); note(a.len());"#,
    ),
    (
        "split2",
        "list_elements",
        r#"let s="a,"; for i in 0..18 { s+=s; } loop { let a=s.split(","); }"#,
    ),
    (
        "chars",
        "list_elements",
        r#"let s="a"; for i in 0..20 { s+=s; } let a=s.to_chars(); note(a.len());"#,
    ),
    ("range", "operations", r#"for i in 0..1000000000000000000 { }"#),
    (
        "range inclusive extreme",
        "operations",
        r#"for i in -9223372036854775808..=9223372036854775807 { }"#,
    ),
    ("range step", "operations", r#"for i in range(0, 1000000000000000000, 1) { }"#),
    ("range float", "operations", r#"for i in range(0.0, 1e300, 1e-300) { }"#),
];

const LOOPING: [(&str, &str, &str); 27] = [
    (
        "range decimal",
        "time",
        r#"for i in range(parse_decimal("0"), parse_decimal("79228162514264337593543950335"), parse_decimal("0.0000000000000000000000000001")) { }"#,
    ),
    ("deep nested array drop", "time", r#"let a=[]; for i in 0..100000 { a=[a]; }"#),
    (
        "deep nested via index",
        "time",
        r#"let a=[0]; for i in 0..1000000 { let b=[0]; b[0]=a; a=b; }"#,
    ),
    (
        "deep nested map via index",
        "time",
        r#"let a=#{}; for i in 0..1000000 { let b=#{}; b.x=a; a=b; }"#,
    ),
    (
        "deep nested shared",
        "time",
        r#"let a=#{x:0}; let f=||a; for i in 0..300000 { let b=#{x:0}; b.x=a; a=b; }"#,
    ),
    (
        "deep fn ptr",
        "time",
        r#"let f=||1; for i in 0..300000 { let g=f; f = || g.call(); } f.call();"#,
    ),
    (
        "fn ptr capture chain in array",
        "time",
        r#"let f=Fn("x"); for i in 0..1000000 { let g=f; f=||{ g }; }"#,
    ),
    (
        "sort hostile",
        "time",
        r#"let a=[]; for i in 0..50000 { a.push(i); } a.sort(|x,y| if x%2==0 {1} else {-1}); note(a.len());"#,
    ),
    ("fn recursion mutual", "call_depth", r#"fn a(n){b(n+1)} fn b(n){a(n+1)} a(0);"#),
    ("closure recursion", "call_depth", r#"let f=|g|g.call(g); f.call(f);"#),
    ("for_each recursion", "call_depth", r#"fn f(x){ let a=[x]; a.for_each(|| f(1)) } f(1);"#),
    ("print flood", "printed", r#"loop { print("x"); }"#),
    ("debug flood", "printed", r#"loop { debug("x"); }"#),
    (
        "print big flood",
        "printed_bytes",
        r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..900 { note(s); }"#,
    ),
    (
        "expect flood",
        "printed_bytes",
        r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..900 { expect(s, true); }"#,
    ),
    (
        "setting flood",
        "printed_bytes",
        r#"let s="x"; for i in 0..19 { s+=s; } for i in 0..2000 { setting(s+i, s); }"#,
    ),
    ("array grow insert", "list_elements", r#"let a=[1,2,3]; loop { a.insert(0, a); }"#),
    ("array grow splice", "list_elements", r#"let a=[1,2,3]; loop { a.splice(0, 0, a); }"#),
    ("array grow append", "list_elements", r#"let a=[1,2,3]; loop { a.append(a); }"#),
    (
        "array zip",
        "list_elements",
        r#"let a=[]; a.pad(50000,0); let z=a.zip(a, |x,y| [x,y]); note(z.len()); loop { z = z.zip(z, |x,y| [x,y]); }"#,
    ),
    (
        "array map grow",
        "text_bytes",
        r#"let s="x"; for i in 0..20 {s+=s;} let a=[]; a.pad(100000,0); let b=a.map(|x| s); note("x"+b.len());"#,
    ),
    (
        "array map copies",
        "memory",
        r#"let s="x"; for i in 0..19 {s+=s;} let a=[]; a.pad(100000,0); let b=a.map(|x| s+x); note("x"+b.len());"#,
    ),
    (
        "reduce grow",
        "list_elements",
        r#"let a=[]; a.pad(1000,"ab"); let b=a.reduce(|x,y| if x==() {[y]} else {[x,x]}); "#,
    ),
    ("dedup", "time", r#"let a=[]; for i in 0..50000 {a.push([i]);} a.dedup(); note(a.len());"#),
    ("array eq big", "time", r#"let a=[]; for i in 0..50000 {a.push(i);} loop { a==a; }"#),
    (
        "array in array",
        "time",
        r#"let a=[]; for i in 0..50000 {a.push(i);} loop { a.contains(-1); }"#,
    ),
    (
        "index_of",
        "time",
        r#"let a=[]; for i in 0..50000 {a.push(i);} for x in a { a.index_of(x); }"#,
    ),
];

const FLOODING: [(&str, &str, &str); 25] = [
    ("nested array eq", "list_elements", r#"let a=[[]]; for i in 0..30 {a=[a,a]; } a==a;"#),
    (
        "string search",
        "time",
        r#"let s="a"; for i in 0..19 {s+=s;} let t=s+"b"; loop { s.contains(t); s.index_of("b"); }"#,
    ),
    (
        "string index loop",
        "time",
        r#"let s="ä"; for i in 0..18 {s+=s;} for i in 0..s.len() { s[s.len()-1]; }"#,
    ),
    (
        "string set index loop",
        "time",
        r#"let s="ä"; for i in 0..18 {s+=s;} for i in 0..100000 { s[i]='b'; }"#,
    ),
    (
        "string remove",
        "time",
        r#"let s="ab"; for i in 0..18 {s+=s;} loop { let t=s-"a"; t.remove("b"); }"#,
    ),
    (
        "to_upper growth",
        "text_bytes",
        r#"let s="ß"; for i in 0..18 {s+=s;} loop { s.make_upper(); s+=s; }"#,
    ),
    (
        "format deep",
        "time",
        r#"let a=[]; for i in 0..9000 { let b=[0]; b[0]=a; a=b; } let s=`${a}`; note("ok"+s.len());"#,
    ),
    (
        "json deep",
        "time",
        r#"let a=#{}; for i in 0..9000 { let b=#{}; b.x=a; a=b; } let s=a.to_json(); note("ok"+s.len());"#,
    ),
    (
        "eq deep",
        "time",
        r#"let a=[]; for i in 0..9000 { let b=[0]; b[0]=a; a=b; } let c=a; note(`${a==c}`);"#,
    ),
    ("clone deep", "time", r#"let a=[]; for i in 0..90000 { let b=[0]; b[0]=a; a=b; } let c=a;"#),
    ("metadata flood", "time", r#"loop { let l=get_fn_metadata_list(); }"#),
    ("throw deep", "time", r#"let a=[]; for i in 0..90000 { let b=[0]; b[0]=a; a=b; } throw a;"#),
    ("while true try", "time", r#"loop { try { throw 1; } catch { continue; } }"#),
    ("do while", "operations", r#"do { } while true"#),
    (
        "lookup flood",
        "text_bytes",
        r#"let m=#{}; for i in 0..100000 {m["k"+i]="x";} lookup("accountType", m);"#,
    ),
    (
        "is_one_of flood",
        "time",
        r#"let a=[]; for i in 0..90000 {a.push(i);} col("x").is_one_of(a);"#,
    ),
    (
        "is_one_of big texts",
        "text_bytes",
        r#"let s="x"; for i in 0..19 {s+=s;} let a=[]; a.pad(2000,0); for i in 0..1900 {a[i]=s;} let c=col("name").is_one_of(a); let d=[]; for i in 0..1000 { d.push(col("name").is_one_of(a)); } table("Customer").count(d[0]);"#,
    ),
    (
        "expr copies",
        "memory",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(col("name")==s); }"#,
    ),
    (
        "col names big",
        "memory",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(col(s)); }"#,
    ),
    (
        "table names big",
        "memory",
        r#"let s="x"; for i in 0..19 {s+=s;} let d=[]; for i in 0..100000 { d.push(table(s)); }"#,
    ),
    ("coalesce flood", "time", r#"let a=[]; for i in 0..90000 {a.push(col("x"));} coalesce(a);"#),
    (
        "arms flood",
        "time",
        r#"let a=[]; for i in 0..50000 {a.push([col("name").is_null(), "ACTIVE"]);} update("Customer").set("accountType", a);"#,
    ),
    (
        "arms doubled",
        "time",
        r#"let e=col("name").is_null(); for i in 0..9 {e = e and e;} let a=[]; for i in 0..50000 {a.push([e, "ACTIVE"]);} update("Customer").set("accountType", a);"#,
    ),
    (
        "pad with string",
        "text_bytes",
        r#"let s="a"; s.pad(1000000, "äöü"); s.pad(1048576, s); note("ok");"#,
    ),
    (
        "rows all",
        "map_entries",
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
fn a_manifest_says_which_limits_there_are() {
    let target = Target::new();
    for (limits, told) in [
        ("tim = 1", "there is no limit tim help: did you mean time?"),
        ("time = 0", "time can't be 0"),
        ("time = -5", "time can't be -5"),
        ("call_depth = 100000", "call_depth can't be 100000"),
        ("time = \"10s\"", "this can't be read"),
    ] {
        let manifest = format!("[limits]\n{limits}");
        let output = target.attack_with(&manifest, limits, "note(\"x\");").exits(2);
        let flat = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let fact = told.split(" help: ").next().unwrap_or(told);
        assert!(flat.contains(fact), "{flat}");
        assert!(flat.contains("scripts/try/leora.toml:4:"), "{flat}");
    }
    target.unchanged();
}
