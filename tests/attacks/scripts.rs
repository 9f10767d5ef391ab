//! Scripts made to confuse: functions by name, shared values, words of the language, texts that never end.

use super::Target;

#[test]
fn scripts_that_confuse() {
    let target = Target::new();
    for (name, script) in SCRIPTS {
        target.attack(name, script);
    }
    target.unchanged();
}

const SCRIPTS: [(&str, &str); 46] = [
    ("range step 0", r#"for i in range(0, 10, 0) { }"#),
    ("range contains", r#"let x = (0..1000000000000000000).contains(5); note(x);"#),
    (
        "rc cycle",
        r#"for i in 0..100000 { let a=[]; let f=||a; a.push(f); a.push("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"); }"#,
    ),
    ("shared self", r#"let a=[]; let f=||a.push(1); a.push(a); f.call(); note(`${a}`);"#),
    (
        "shared in array",
        r#"let x=1; let f=||x; let a=[x,x]; a.push(x); x=[a]; let t=`${x}`; a.push(f); note(a.len());"#,
    ),
    ("shared in map assign", r#"let x=#{}; let f=||x; x["y"]=x; x.z=[x]; note(`${x}`);"#),
    ("shared self assign", r#"let x=[0]; let f=||x; x[0]=x; note(`${x}`);"#),
    (
        "shared self lock",
        r#"let x=[1,2]; let f=||x; x.append(x); x+=x; x==x; x.contains(x); note(`${x}`);"#,
    ),
    ("shared lock closure", r#"let x=[1,2,3]; let f=|y|{x.push(y)}; x.for_each(f);"#),
    ("shared map self", r#"let x=[1,2,3]; x.map(|y|{x.clear(); y});"#),
    (
        "sort hostile2",
        r#"let a=[]; for i in 0..1000 { a.push(i*7919%1000); } let n=0; a.sort(|x,y| {n+=1; n*48271%3-1}); note("ok");"#,
    ),
    ("sort nothing", r#"let a=[1,"a",(),[1],#{}]; a.sort(); note("ok");"#),
    ("sort throws", r#"let a=[3,1,2]; a.sort(|x,y| throw "x");"#),
    ("sort recursion", r#"let a=[3,1,2]; fn f(x,y){ let b=[x,y]; b.sort(f); 0 } a.sort(f);"#),
    ("map recursion", r#"fn f(x){[x].map(f)} f(1);"#),
    ("Fn by name eval", r#"let f=Fn("eval"); f.call("note(1)");"#),
    ("Fn by name sleep", r#"let f=Fn("sleep"); f.call(1000);"#),
    ("call by name curry", r#"let f=Fn("note"); f.curry(1);"#),
    ("import in loop", r#"loop { import "a" as a; }"#),
    ("parse_json deep", r#"let s="["; for i in 0..17 { s+=s; } parse_json(s);"#),
    ("parse_json deep map", r#"let s="{\"a\":"; for i in 0..15 { s+=s; } parse_json(s);"#),
    (
        "parse_json big",
        r#"let s="[1,1],"; for i in 0..14 { s+=s; } parse_json("{\"a\":["+s+"1]}");"#,
    ),
    ("parse_json code", r#"parse_json("{\"a\": note(1)}");"#),
    ("parse_json strings", r#"parse_json("{\"a\": `${1+1}`}");"#),
    ("exit", r#"exit(5);"#),
    ("take", r#"let x=[1]; take(x); note(`${x}`);"#),
    ("tag", r#"let x=5; x.tag=9223372036854775807;"#),
    ("tag2", r#"let x=5; x.tag=-1; x.set_tag(5);"#),
    ("get_fn_metadata_list", r#"let l=get_fn_metadata_list(); note(`${l.len()}`);"#),
    ("is_def", r#"note(`${is_def_fn("note",1)} ${is_def_var("x")}`); type_of(1);"#),
    ("this", r#"this.x = 5;"#),
    ("global", r#"note(global::x);"#),
    ("export", r#"export let x = 1;"#),
    ("unicode ident", r#"let ä = 1; let Сustomer = 2; note(ä);"#),
    ("homoglyph table", r#"table("Сustomer").count();"#),
    ("throw big", r#"let s="x"; for i in 0..20 { s+=s; } throw s;"#),
    (
        "throw big map",
        r#"let s="x"; for i in 0..20 { s+=s; } let m=#{}; for i in 0..100000 { m["k"+i]=s; } throw m;"#,
    ),
    (
        "try catch nest",
        r#"try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {try {throw 1;} catch {"#,
    ),
    ("error name big", r#"let s="x"; for i in 0..20 {s+=s;} table(s).count();"#),
    (
        "error column big",
        r#"let s="x"; for i in 0..20 {s+=s;} table("Customer").count(col(s)==1);"#,
    ),
    ("nearest big", r#"let s="Customer"; for i in 0..17 {s+=s;} update("Customer").set(s, "x");"#),
    ("deep expr", r#"let e=col("a").is_null(); for i in 0..10000 { e=not(e); }"#),
    (
        "where doubled",
        r#"let e=col("name").is_null(); for i in 0..9 {e = e and e;} let t=table("Customer"); for i in 0..1000 { t = t.where(e); } t.count();"#,
    ),
    ("query big", r#"let s="SELECT 1"; for i in 0..100 { s += " UNION ALL SELECT 1"; } query(s);"#),
    ("timestamp", r#"timestamp();"#),
    ("elapsed", r#"let f=Fn("timestamp"); f.call();"#),
];

#[test]
fn scripts_that_are_long_or_deep() {
    let target = Target::new();
    let numbered =
        |count: usize, one: &dyn Fn(usize) -> String| -> String { (0..count).map(one).collect() };
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let attacks: Vec<(&str, String)> = vec![
        ("a million lines", "x\n".repeat(1_000_000)),
        ("empty statements", ";\n".repeat(130_000)),
        ("statements", "1;\n".repeat(87_000)),
        ("many variables", numbered(18_000, &|n| format!("let a{n}=1;\n"))),
        ("many functions", numbered(17_000, &|n| format!("fn a{n}(){{}}\n"))),
        ("many parameters", format!("fn f({}){{}}", numbered(30_000, &|n| format!("a{n},")))),
        ("many arguments", format!("note({});", "1,".repeat(100_000))),
        (
            "many cases",
            format!("let x=1; switch x {{{}}}", numbered(20_000, &|n| format!("{n}=>1,"))),
        ),
        ("a long list", format!("let x=[{}];", "1,".repeat(120_000))),
        ("a long map", format!("let x=#{{{}}};", numbered(22_000, &|n| format!("a{n}:1,")))),
        ("64k brackets", nested("(", "1", ")", 65_536)),
        ("64k lists", nested("[", "1", "]", 65_536)),
        ("64k blocks", nested("{", "1", "}", 65_536)),
        ("nested maps", nested("#{a:", "1", "}", 50_000)),
        ("nested texts", nested("`${", "1", "}`", 20_000)),
        ("nested closures", nested("||{", "1", "}", 20_000)),
        ("minus signs", format!("let x={}1;", "- ".repeat(100_000))),
        ("nots", format!("let x={}true;", "!".repeat(100_000))),
        ("else ifs", format!("if false {{}} {}", "else if false {} ".repeat(14_000))),
        ("a long sum", format!("let x=1{};", "+1".repeat(120_000))),
        ("a long and", format!("let x=true{};", " and true".repeat(28_000))),
        ("a long chain", format!("let x=1; x{};", ".abs()".repeat(40_000))),
        ("a long path", format!("let x=1; x{};", "[0]".repeat(80_000))),
        ("nested comments", format!("{}{}", "/*".repeat(60_000), "*/".repeat(60_000))),
        ("open comments", "/*".repeat(130_000)),
        ("an open text", format!("let x = \"{}", "a".repeat(200_000))),
        ("a long line with a mistake", format!("let q=\"{}\"; oops();", "x".repeat(200_000))),
        ("a long name", format!("let {} = oops();", "x".repeat(200_000))),
        ("a long text", format!("let x=\"{}\"; note(\"ok\");", "a".repeat(200_000))),
        ("a wide mistake", format!("note(\"{}\"); oops(", "\u{4e16}".repeat(80_000))),
        ("zero-width mistake", format!("note(\"{}\"); oops(", "\u{301}".repeat(80_000))),
        ("nested tries", format!("{}throw 1;{}", "try {".repeat(40), "} catch { }".repeat(40))),
    ];
    for (name, script) in &attacks {
        target.attack(name, script);
    }
    target.unchanged();
}
