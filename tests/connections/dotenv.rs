//! `.env`, against the packages that Prisma reads it with.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

use leora_postgres::dotenv_variables;

use crate::support::{Database, Output, PrismaProject};

/// Texts as people write them, and as nobody should.
const PLAIN: [&str; 66] = [
    "A=plain",
    "A = spaced out  ",
    "export A=exported",
    "export   A = x",
    "A: colon",
    "A:colon",
    "A=before # after",
    "A=pa#ss",
    "A='pa#ss'",
    "A=\"pa#ss\" # comment",
    "A='pa#ss' # it's",
    "A=`pa'\"ss`",
    "A=\"one\\ntwo\"",
    "A='one\\ntwo'",
    "A=`one\\ntwo`",
    "A=one\\ntwo",
    "A=\"one\ntwo\"",
    "A='one\ntwo'",
    "A=`one\ntwo`",
    "A=\"say \\\"x\\\"\"",
    "A='it\\'s'",
    "A=",
    "A=''",
    "A=\"\"",
    "A='unclosed",
    "A=\"unclosed",
    "A=closed\"",
    "\u{feff}A=marked",
    "# comment\n\nnot a variable\nA=found",
    "A=first\r\nA=last\r\n",
    "A=a=b==",
    "A=one\rB=two",
    "  A=indented",
    "\tA=tabbed",
    "A.b=dotted",
    "A-b=dashed",
    "1A=digit",
    "A=\"x\" y",
    "A='x'y",
    "A=x\"y\"z",
    "A=\" padded \"",
    "A=' padded '",
    "A= # only a comment",
    "A=#hash",
    "A=\"a\\rb\"",
    "A=\"tab\\tstays\"",
    "A=\"\\\\n\"",
    "A=\\",
    "A= \"quoted after space\"",
    "A=postgresql://u:p%40ss@h:5432/d?schema=public&sslmode=require",
    "A=\"postgresql://u:p@h/d?x=#y\"",
    "A=€uro",
    "A=$HOME_TOWN",
    "A=$",
    "A=${",
    "A={x}",
    "A=$(id)",
    "A=`id`",
    "A",
    "=x",
    "A==x",
    "A =\"x\"",
    "export",
    "exportA=x",
    "A=1\nB=2\n\nC=3 #x\n",
    "A='a'\"b\"",
];

/// References, and what the first variable is then: as Prisma 6.19 (`@prisma/internals`, `dotenvExpand`) filled them where
/// the environment has `HOME_TOWN=Napa`.
const FILLED: [(&str, &str); 23] = [
    ("A=${B}\nB=b", "b"),
    ("A=x${B}y${B}z\nB=b", "xbybz"),
    ("A=${B}\nB=${C}!\nC=c", "c!"),
    ("A=\\${B}\nB=b", "${B}"),
    ("A=${NOWHERE}|", "|"),
    ("A='${B}'\nB=b", "b"),
    ("A=`${B}`\nB=b", "b"),
    ("A=\"${B}\"\nB=\"b # c\"", "b # c"),
    ("A=${HOME_TOWN}\nHOME_TOWN=Rome", "Napa"),
    ("A=${}", ""),
    ("A=${B-b}", "${B-b}"),
    ("A=${B:-x}\nB=", "${B:-x}"),
    ("A=${B C}", "${B C}"),
    ("A=$B\nB=b", "$B"),
    ("A=$${B}\nB=b", "$b"),
    ("A=${B}${C}\nB=b\nC=c", "bc"),
    ("A=\\${B}${B}\nB=b", "b${B}"),
    ("B=b\nA=${B}", "b"),
    ("A=${B.C}\nB.C=x", "${B.C}"),
    ("A=${b}\nB=x", ""),
    ("A=postgresql://${U}:${P}@${H}/d\nU=u\nP=p%24\nH=h", "postgresql://u:p%24@h/d"),
    ("A=${B}\nB=\\${C}\nC=c", "${C}"),
    ("HOME_TOWN=Rome", "Napa"),
];

fn environment(name: &str) -> Option<String> {
    (name == "HOME_TOWN").then(|| "Napa".to_owned())
}

fn ours(text: &str) -> BTreeMap<String, String> {
    dotenv_variables(text, ".env", &environment).expect("no circle")
}

/// What the package of this lock file reads.
fn theirs(texts: &[&str]) -> Vec<BTreeMap<String, String>> {
    let (prisma, database) = (PrismaProject::new("before.prisma"), Database::empty());
    let mut command = prisma.command(&database, "dotenv.mjs");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node");
    let asked = serde_json::to_string(texts).expect("JSON");
    child.stdin.take().expect("a pipe").write_all(asked.as_bytes()).expect("it reads");
    let output = Output::of(child.wait_with_output().expect("it ends")).exits(0);
    serde_json::from_str(&output.stdout).expect("JSON")
}

#[test]
fn every_text_is_read_as_the_dotenv_package_reads_it() {
    for (text, theirs) in PLAIN.iter().zip(theirs(&PLAIN)) {
        assert_eq!(ours(text), theirs, "{text:?}");
    }
}

#[test]
fn references_are_filled_as_prisma_6_did_and_the_package_alone_leaves_them() {
    let texts: Vec<&str> = FILLED.iter().map(|(text, _)| *text).collect();
    let mut left = 0;
    for ((text, filled), theirs) in FILLED.iter().zip(theirs(&texts)) {
        let name = text.split_once('=').expect("a variable").0;
        assert_eq!(ours(text)[name], *filled, "{text:?}");
        left += usize::from(theirs[name] != *filled);
    }
    assert!(left > 10, "the package fills references itself now: docs/connections.md is old");
    // Prisma took these for patterns of its own replacement: a password lost a dollar.
    assert_eq!(ours("A=${B}\nB=two$$dollars")["A"], "two$$dollars");
    assert_eq!(ours("A=${B}\nB=x$&y")["A"], "x$&y");
    // And this was filled or not by the order of the lines.
    assert_eq!(ours("B=\\${C}\nC=c\nA=${B}")["A"], "${C}");
}

#[test]
fn one_env_file_leads_prisma_and_a_run_to_the_same_database() {
    let (prisma, database) = (PrismaProject::new("before.prisma"), Database::sample());
    let url = database.url();
    for line in [
        format!("export DATABASE_URL=\"{url}\" # the database"),
        format!("DATABASE_URL: '{url}'"),
        format!(
            "# old\r\nDATABASE_URL=postgresql://nobody@127.0.0.1:1/x\r\nDATABASE_URL = `{url}`\r\n"
        ),
    ] {
        prisma.project.write(".env", &line);
        let status = "node_modules/prisma/build/index.js migrate status --config dotenv.config.ts";
        let mut command = prisma.command(&database, status);
        let told = Output::of(command.env_remove("DATABASE_URL").output().expect("node"));
        let all = format!("{}{}", told.stdout, told.stderr);
        assert!(all.contains("No migration found"), "{line}: {all}");
        let mut doctor = prisma.project.command("doctor --format json");
        let doctor = prisma.project.output(&mut doctor).exits(0).json();
        assert_eq!(doctor["target"]["database"], database.name.as_str(), "{line}");
    }
}
