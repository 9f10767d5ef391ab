//! Random runs, edits, deletions and undos: every value is what a simple model says.

use std::collections::BTreeMap;

use crate::support::{Database, Project, Random};

/// Cases for each of two databases, which work side by side.
const CASES: u64 = 32;

const COLUMNS: [&str; 3] = ["note", "mood", "price"];
const ROWS: u64 = 12;

const TABLE: &str = "CREATE TYPE \"Mood\" AS ENUM ('low', 'high'); \
     CREATE TABLE \"Item\" (id int PRIMARY KEY, note text, mood \"Mood\", price numeric)";

type Text = Option<String>;
/// A row's id and the place of a column.
type Cell = (u64, usize);

/// What a run did to one value, from the first of its rules that set it to the last.
#[derive(Debug)]
struct Touch {
    run: usize,
    before: Text,
    after: Text,
    writes: u64,
}

/// A run, and the one that it undid.
#[derive(Debug)]
struct Run {
    id: String,
    undoes: Option<usize>,
    changed: u64,
}

/// What the database should hold.
#[derive(Debug, Default)]
struct Model {
    values: BTreeMap<Cell, Text>,
    touches: BTreeMap<Cell, Vec<Touch>>,
    runs: Vec<Run>,
}

/// What an undo should say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    changed: u64,
    edited: u64,
    deleted: u64,
}

/// Whether the column's type takes two values for the same.
fn same(a: &Text, b: &Text) -> bool {
    let number = |text: &Text| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    a == b || matches!((number(a), number(b)), (Some(a), Some(b)) if a == b)
}

impl Model {
    /// A rule sets the value of a row in this run.
    fn set(&mut self, run: usize, cell: Cell, value: Text) {
        let Some(held) = self.values.get_mut(&cell) else { return };
        if same(held, &value) {
            return;
        }
        let before = std::mem::replace(held, value.clone());
        self.runs[run].changed += 1;
        let touches = self.touches.entry(cell).or_default();
        match touches.last_mut().filter(|touch| touch.run == run) {
            Some(touch) => {
                touch.after = value;
                touch.writes += 1;
            }
            None => touches.push(Touch { run, before, after: value, writes: 1 }),
        }
    }

    /// Whether what a run did to a value was not undone there, or that was undone in turn.
    fn stands(&self, touches: &[Touch], at: usize) -> bool {
        !(at + 1..touches.len()).any(|later| {
            self.runs[touches[later].run].undoes == Some(touches[at].run)
                && self.stands(touches, later)
        })
    }

    /// Whether somebody else than an undo, and its undo, has set the value since.
    fn set_since(&self, touches: &[Touch], at: usize) -> bool {
        (at + 1..touches.len()).any(|later| {
            let undoes = self.runs[touches[later].run].undoes;
            let pair = touches[at + 1..later].iter().any(|touch| Some(touch.run) == undoes);
            !pair && self.stands(touches, later)
        })
    }

    /// Undoes a run.
    fn undo(&mut self, past: usize) -> Told {
        let run = self.runs.len();
        self.runs.push(Run { id: String::new(), undoes: Some(past), changed: 0 });
        let mut told = Told::default();
        let mut back = Vec::new();
        for (cell, touches) in &self.touches {
            let Some(at) = touches.iter().position(|touch| touch.run == past) else { continue };
            match self.values.get(cell) {
                None => told.deleted += 1,
                Some(value) if value != &touches[at].after || self.set_since(touches, at) => {
                    told.edited += 1
                }
                Some(value) => back.push((
                    *cell,
                    value.clone(),
                    touches[at].before.clone(),
                    touches[at].writes,
                )),
            }
        }
        for (cell, before, after, writes) in back {
            self.values.insert(cell, after.clone());
            self.touches.entry(cell).or_default().push(Touch { run, before, after, writes });
            told.changed += writes;
        }
        self.runs[run].changed = told.changed;
        told
    }

    /// Whether a run was undone, and that not undone in turn.
    fn undone(&self, run: usize) -> bool {
        (run + 1..self.runs.len())
            .any(|undo| self.runs[undo].undoes == Some(run) && !self.undone(undo))
    }

    fn can_be_undone(&self) -> Vec<usize> {
        (0..self.runs.len())
            .filter(|run| self.runs[*run].changed > 0 && !self.undone(*run))
            .collect()
    }

    /// The rows, as the database should tell them.
    fn rows(&self) -> Vec<Vec<String>> {
        let text =
            |id, at| self.values.get(&(id, at)).cloned().flatten().unwrap_or_else(|| "-".into());
        let ids = (1..=ROWS).filter(|id| self.values.contains_key(&(*id, 0)));
        ids.map(|id| vec![id.to_string(), text(id, 0), text(id, 1), text(id, 2)]).collect()
    }
}

fn value(random: &mut Random, column: usize) -> Text {
    let text = random.pick(match column {
        0 => &["", "a", "it's", "ü \"x\"", "NULL"],
        1 => &["low", "high", "NULL"],
        _ => &["1.5", "1.50", "2", "2.00", "NULL"],
    });
    Some(text).filter(|text| text != "NULL")
}

fn sql(value: &Text) -> String {
    value.as_ref().map_or_else(|| "NULL".into(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// A value of a rule; a number as the script writes it.
fn literal(value: &Text, column: usize) -> String {
    match value {
        None => "()".into(),
        Some(number) if column == 2 => number.clone(),
        Some(text) => format!("\"{}\"", text.replace('"', "\\\"")),
    }
}

fn some_ids(random: &mut Random) -> Vec<u64> {
    (1..=ROWS).filter(|_| random.one_in(3)).collect()
}

/// One sequence, on a database that other sequences have used before it.
struct Case<'t> {
    project: &'t Project,
    database: &'t Database,
    random: Random,
    model: Model,
    seed: u64,
    story: Vec<String>,
}

impl Case<'_> {
    fn start(&mut self) {
        self.database.run("TRUNCATE \"Item\"; DROP SCHEMA IF EXISTS leora_run CASCADE");
        for id in 1..=ROWS {
            let values = [0, 1, 2].map(|column| value(&mut self.random, column));
            let texts = values.each_ref().map(sql);
            self.database.run(&format!("INSERT INTO \"Item\" VALUES ({id}, {})", texts.join(", ")));
            for (column, value) in values.into_iter().enumerate() {
                self.model.values.insert((id, column), value);
            }
        }
    }

    /// A run of one to three rules; more than one may set the same value.
    fn run(&mut self) {
        let run = self.model.runs.len();
        self.model.runs.push(Run { id: String::new(), undoes: None, changed: 0 });
        let mut script = String::new();
        for _ in 0..=self.random.below(3) {
            let column = self.random.below(3) as usize;
            let (ids, mut new) = (some_ids(&mut self.random), value(&mut self.random, column));
            if column == 2 {
                // A script's number has one form.
                new = new.map(|text| if text.starts_with('1') { "1.5".into() } else { "2".into() });
            }
            let name = COLUMNS[column];
            script.push_str(&format!(
                "update(\"Item\").where(col(\"id\").is_one_of({ids:?})).set(\"{name}\", {});\n",
                literal(&new, column)
            ));
            for id in ids {
                self.model.set(run, (id, column), new.clone());
            }
        }
        self.story.push(script.clone());
        self.project.write("scripts/try/01_step.rhai", &script);
        let report = self.project.run(self.database, "scripts/try --format json").exits(0).json();
        self.model.runs[run].id = report["run"].as_str().expect("an id").to_owned();
    }

    /// Somebody edits values, deletes rows or brings one back.
    fn edit(&mut self) {
        let (column, new) = (self.random.below(3) as usize, self.random.below(3) as usize);
        let new = value(&mut self.random, column).filter(|_| new > 0);
        let ids = some_ids(&mut self.random);
        let list = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        if ids.is_empty() {
            return;
        }
        let statement = if self.random.one_in(5) {
            let id = ids[0];
            (0..3).for_each(|column| drop(self.model.values.remove(&(id, column))));
            format!("DELETE FROM \"Item\" WHERE id = {id}")
        } else {
            for id in ids {
                self.model.values.entry((id, column)).and_modify(|value| value.clone_from(&new));
            }
            format!("UPDATE \"Item\" SET {} = {} WHERE id IN ({list})", COLUMNS[column], sql(&new))
        };
        self.database.run(&statement);
        self.story.push(statement);
    }

    /// Undoes some run, with the undos among them.
    fn undo(&mut self) {
        let possible = self.model.can_be_undone();
        if possible.is_empty() {
            return;
        }
        let past = possible[self.random.below(possible.len() as u64) as usize];
        self.story.push(format!("undo run {past} as run {}", self.model.runs.len()));
        let id = self.model.runs[past].id.clone();
        let expected = self.model.undo(past);
        let report =
            self.project.run(self.database, &format!("undo {id} --format json")).exits(0).json();
        let sum = |what: &str| {
            let steps = report["steps"].as_array().expect("a list");
            steps.iter().filter_map(|step| step["changes"][0][what].as_u64()).sum::<u64>()
        };
        let told = Told { changed: sum("changed"), edited: sum("edited"), deleted: sum("deleted") };
        assert_eq!(told, expected, "seed {}\n{}", self.seed, self.story.join("\n"));
        let undo = self.model.runs.last_mut().expect("the undo");
        undo.id = report["run"].as_str().expect("an id").to_owned();
    }

    fn check(&self) {
        let rows = self.database.rows("SELECT id, coalesce(note, '-'), coalesce(mood::text, '-'), coalesce(price::text, '-') FROM \"Item\" ORDER BY id");
        assert_eq!(
            rows,
            self.model.rows(),
            "seed {}\n{}\n{:#?}",
            self.seed,
            self.story.join("\n"),
            self.model.runs
        );
    }

    /// Plays the sequence; how many values its undos put back.
    fn play(mut self) -> u64 {
        self.start();
        self.run();
        for _ in 0..6 {
            match self.random.below(7) {
                0 | 1 => self.run(),
                2 | 3 => self.edit(),
                _ => self.undo(),
            }
            self.check();
        }
        let undos = self.model.runs.iter().filter(|run| run.undoes.is_some());
        undos.map(|run| run.changed).sum()
    }
}

fn cases(first: u64) -> u64 {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    project.script("writes = [\"Item.note\", \"Item.mood\", \"Item.price\"]", "");
    let play = |seed| {
        let (random, model) = (Random::of(seed), Model::default());
        let (project, database) = (&project, &database);
        Case { project, database, random, model, seed, story: vec![] }.play()
    };
    (first..first + CASES).map(play).sum()
}

#[test]
fn every_value_comes_back_unless_it_was_set_since() {
    let put_back = std::thread::scope(|scope| {
        let one = scope.spawn(|| cases(1));
        let other = scope.spawn(|| cases(1_001));
        one.join().expect("it holds") + other.join().expect("it holds")
    });
    assert!(put_back > 300, "only {put_back} values were put back");
}
