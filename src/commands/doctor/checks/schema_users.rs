//! Who else uses the schema: Prisma, and a Data API such as Supabase's.

use leora_postgres::PrismaMigrations;
use leora_report::{DoctorCheck, shell_option};
use leora_rule::{format_count, printable_sql, quote_qualified};

use crate::commands::doctor::examined::ExaminedSchema;

/// The most open tables that are named.
const MAX_SHOWN: usize = 4;

/// What Prisma has recorded, and whether the folder's migrations are among that.
pub(crate) fn prisma(schema: &ExaminedSchema) -> DoctorCheck {
    let (done, failed) = match &schema.prisma {
        PrismaMigrations::Absent => {
            let message = "not found: there is no _prisma_migrations, and it is not needed";
            return DoctorCheck::ok("prisma", message);
        }
        PrismaMigrations::Hidden => {
            return DoctorCheck::warn(
                "prisma",
                "found, and this role may not read _prisma_migrations",
                "GRANT SELECT ON \"_prisma_migrations\" to the role",
            );
        }
        PrismaMigrations::Present { done, failed } => (done, failed),
    };
    if let Some(name) = failed.first() {
        return DoctorCheck::warn(
            "prisma",
            format!("found; its migration {name} failed, and prisma migrate goes no further"),
            format!(
                "npx prisma migrate resolve {} (or --applied)",
                shell_option("--rolled-back", name)
            ),
        );
    }
    let count = format_count(done.len() as u64, "migration");
    let is_recorded = |name: &String| match done.contains(name) {
        true => format!("{name} is recorded"),
        false => format!("{name} is not recorded yet"),
    };
    let recorded: Vec<String> = schema.migrations.iter().map(is_recorded).collect();
    let recorded = match recorded.as_slice() {
        [] => String::new(),
        recorded => format!("; {}", recorded.join(", ")),
    };
    DoctorCheck::ok("prisma", format!("found, with {count}{recorded}"))
}

/// Whether tables are open to everybody through a Data API, now or once the folder has created them.
pub(crate) fn data_api(schema: &ExaminedSchema) -> Vec<DoctorCheck> {
    const NAME: &str = "data api";
    let ExaminedSchema { name: schema, exposure, new_tables, .. } = schema;
    if exposure.roles.is_empty() {
        return vec![DoctorCheck::ok(NAME, "none: there are no roles anon and authenticated here")];
    }
    let enable = |tables: &[String]| {
        let statement = |table: &String| {
            format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", quote_qualified(schema, table))
        };
        printable_sql(&tables.iter().map(statement).collect::<Vec<_>>().join("\n"))
    };
    let roles = exposure.roles.join(" and ");
    let mut checks = Vec::new();
    if !new_tables.is_empty() && exposure.by_default {
        let tables = new_tables.join(", ");
        checks.push(DoctorCheck::warn(
            NAME,
            format!("{tables} would be open to {roles}, without row-level security"),
            format!("after the run:\n{}", enable(new_tables)),
        ));
    }
    if !exposure.open.is_empty() {
        let (shown, more) = exposure.open.split_at(exposure.open.len().min(MAX_SHOWN));
        let more = match more.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let message = format!(
            "{}{more} can be used by {roles}, without row-level security",
            shown.join(", ")
        );
        checks.push(DoctorCheck::warn(NAME, message, enable(shown)));
    }
    if checks.is_empty() {
        let message = format!("{roles} see no table without row-level security");
        checks.push(DoctorCheck::ok(NAME, message));
    }
    checks
}
