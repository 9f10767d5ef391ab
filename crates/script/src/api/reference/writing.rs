//! Writing otherwise.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Writing otherwise",
    about: "What the manifest must allow: inserts by a table in `writes` or a rolled-back folder, SQL files by `sql`.",
    functions: &[
        Function {
            name: "insert",
            forms: &["table.insert(values: map) -> map"],
            about: "Inserts a row and returns it as it was stored.",
            usage: "table(\"CallPlan\").insert(#{ name: \"Week 43\" })",
            example: "let user = table(\"User\").rows([\"id\", \"tenantId\"], 1)[0];\nlet plan = table(\"CallPlan\").insert(#{\n    id: \"00000000-0000-4000-8000-00000000a001\", tenantId: user.tenantId, userId: user.id,\n    name: \"Week 43\", updatedAt: \"2025-10-20\",\n});\nexpect(\"it is there\", plan.name == \"Week 43\");",
            errors: &[
                "the manifest does not allow inserting into CallPlan",
                "name needs a plain value, not a column",
            ],
        },
        Function {
            name: "rejects",
            forms: &["table.rejects(values: map) -> text"],
            about: "Tries to insert a row and keeps nothing: the name of the constraint that refuses it, or `()`.",
            usage: "table(\"CallPlan\").rejects(#{ name: () })",
            example: "let refused = table(\"CallPlan\").rejects(#{ name: () });\nexpect(\"a call plan without a name is refused\", refused != ());",
            errors: &[],
        },
        Function {
            name: "delete",
            forms: &["table.delete(it: condition) -> integer"],
            about: "Deletes rows, in rolled-back folders only; returns how many.",
            usage: "table(\"CallPlan\").delete(col(\"name\") == \"Week 43\")",
            example: "let gone = table(\"CallPlan\").delete(col(\"name\") == \"Week 43\");\nnote(`${gone} deleted`);",
            errors: &["rows can only be deleted in a folder whose access is \"rolled-back\""],
        },
        Function {
            name: "run_sql",
            forms: &["run_sql(file: text) -> integer"],
            about: "Runs an SQL file that the manifest names; returns how many objects it created, changed or dropped.",
            usage: "run_sql(\"phase2-migration.sql\")",
            example: "let objects = run_sql(\"phase2-migration.sql\");\nnote(`${objects} objects changed`);",
            errors: &["the manifest does not name the SQL file drop-all.sql"],
        },
        Function {
            name: "record_migration",
            forms: &["record_migration(name: text) -> nothing"],
            about: "Writes the migration's name in the history, once.",
            usage: "record_migration(\"20251025173000_phase2_complete\")",
            example: "record_migration(\"20251025173000_phase2_complete\");",
            errors: &[
                "a migration can only be recorded by a folder whose access is \"read-write\"",
            ],
        },
        Function {
            name: "record_rollback",
            forms: &["record_rollback(name: text) -> nothing"],
            about: "Writes in the history that the migration was taken back.",
            usage: "record_rollback(\"20251025173000_phase2_complete\")",
            example: "record_rollback(\"20251025173000_phase2_complete\");",
            errors: &[],
        },
    ],
};
