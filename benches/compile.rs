//! What this program's own work costs, without a database: compiling a folder, compiling rules to SQL, and the host
//! that tries examples on a row in memory. All of it on `scripts/phase2`.

use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, Mutex};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::{Date, date};
use leora_folder::ScriptFolder;
use leora_host::ExampleHost;
use leora_report::{Entry, Observer};
use leora_rule::{
    Column, DataType, KeyBy, Kind, Placement, Relation, Rule, Table, compile_preview,
    compile_update,
};
use leora_script::{Program, RunEnvironment, Settings, read_examples, run_examples};
use leora_system::Interrupt;

const AS_OF: Date = date(2025, 10, 25);

struct NoObserver;

impl Observer for NoObserver {
    fn on_entry(&mut self, _: &Entry) {}
    fn on_start(&mut self, _: &str) {}
}

fn opened() -> ScriptFolder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/phase2");
    ScriptFolder::open(&path).expect("the folder opens")
}

fn compiled(folder: &ScriptFolder) -> Program {
    Program::compile(folder).expect("it compiles")
}

/// The rules of the folder, in order.
fn rules(folder: &ScriptFolder, program: &Program) -> Vec<Rule> {
    let host = Arc::new(Mutex::new(ExampleHost::default()));
    let by = RunEnvironment {
        host: host.clone(),
        observer: Arc::new(Mutex::new(NoObserver)),
        settings: Settings::default(),
        interrupt: Interrupt::default(),
    };
    for step in 0..folder.steps.len() {
        program.run_step(step, &by);
    }
    let host = host.lock().expect("nobody failed with it");
    host.reached_rules().iter().map(|reached| reached.rule.clone()).collect()
}

fn column(name: &str, cast: &str, kind: Kind) -> Column {
    let data_type = DataType::new(cast, cast, kind);
    let name = name.to_owned();
    Column {
        name,
        data_type,
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
        is_tied: false,
        figure: None,
    }
}

fn labelled(name: &str, labels: [&str; 3]) -> Column {
    let kind = Kind::Enum {
        name: name.to_owned(),
        labels: labels.map(str::to_owned).into_iter().collect(),
    };
    let column_name = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
    column(&column_name, &format!("public.\"{name}\""), kind)
}

/// The customers, with the columns that the rules read.
fn customers() -> Relation {
    Relation::from_table(Arc::new(Table {
        schema: "public".to_owned(),
        name: "Customer".to_owned(),
        columns: vec![
            column("id", "uuid", Kind::Uuid),
            column("lastOrderDate", "timestamp", Kind::Timestamp),
            labelled("AccountType", ["ACTIVE", "TARGET", "PROSPECT"]),
            labelled("AccountPriority", ["LOW", "MEDIUM", "HIGH"]),
            column("accountPriorityManuallySet", "boolean", Kind::Bool),
        ],
        key: vec!["id".to_owned()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
        is_watched: false,
        placement: Placement::Own,
    }))
}

fn compile_a_folder(criterion: &mut Criterion) {
    let folder = opened();
    criterion.bench_function("open a folder", |bench| bench.iter(opened));
    criterion.bench_function("compile its scripts", |bench| bench.iter(|| compiled(&folder)));
}

fn compile_rules(criterion: &mut Criterion) {
    let folder = opened();
    let (rules, customers) = (rules(&folder, &compiled(&folder)), customers());
    assert_eq!(rules.len(), 2, "the rules of Phase 2");
    for rule in rules {
        let name = format!("compile the rule of {} to SQL", rule.column);
        criterion.bench_function(&name, |bench| {
            bench.iter(|| {
                let rule = black_box(&rule);
                let preview = compile_preview(rule, &customers, AS_OF).expect("SQL");
                (
                    preview,
                    compile_update(std::slice::from_ref(rule), &customers, AS_OF).expect("SQL"),
                )
            })
        });
    }
}

fn try_on_the_example_host(criterion: &mut Criterion) {
    let folder = opened();
    let program = compiled(&folder);
    let (settings, interrupt) = (Settings::default(), Interrupt::default());
    let (examples, wrong) = read_examples(&program, &folder, &settings, &interrupt);
    assert!(wrong.is_empty() && examples.len() > 5, "the examples of Phase 2");
    criterion.bench_function("run the steps on the example host", |bench| {
        bench.iter(|| rules(&folder, &program))
    });
    let name = format!("try {} examples on the example host", examples.len());
    criterion.bench_function(&name, |bench| {
        bench.iter(|| {
            let tried = run_examples(&examples, &program, &settings, AS_OF, &interrupt);
            assert!(tried.examples.iter().all(|example| example.outcome.passed()), "they hold");
        })
    });
}

criterion_group!(benches, compile_a_folder, compile_rules, try_on_the_example_host);
criterion_main!(benches);
