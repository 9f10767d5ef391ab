//! Who else works with the schema: Prisma, and a Data API such as Supabase's.

use leora_postgres::{DataApiExposure, PrismaMigrations};
use leora_report::DoctorCheck;
use leora_rule::quote_qualified;

/// What Prisma has recorded, and whether the folder's migration is in it.
pub(crate) fn prisma(history: &PrismaMigrations, recorded: &[String]) -> DoctorCheck {
    let (done, failed) = match history {
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
            format!("npx prisma migrate resolve --rolled-back {name} (or --applied)"),
        );
    }
    let count = done.len();
    let known: Vec<String> = recorded
        .iter()
        .map(|name| match done.contains(name) {
            true => format!("{name} is recorded"),
            false => format!("{name} is not recorded yet"),
        })
        .collect();
    let known = if known.is_empty() { String::new() } else { format!("; {}", known.join(", ")) };
    let word = if count == 1 { "migration" } else { "migrations" };
    DoctorCheck::ok("prisma", format!("found, with {count} {word}{known}"))
}

/// Whether tables are open to everybody through a Data API, now or once the folder has made them.
pub(crate) fn exposure(
    exposure: &DataApiExposure,
    schema: &str,
    new: &[String],
) -> Vec<DoctorCheck> {
    const NAME: &str = "data api";
    if exposure.roles.is_empty() {
        return vec![DoctorCheck::ok(NAME, "none: there are no roles anon and authenticated here")];
    }
    let enable = |tables: &[String]| {
        let one = |table: &String| {
            format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", quote_qualified(schema, table))
        };
        tables.iter().map(one).collect::<Vec<_>>().join("\n")
    };
    let roles = exposure.roles.join(" and ");
    let mut checks = Vec::new();
    if !new.is_empty() && exposure.by_default {
        checks.push(DoctorCheck::warn(
            NAME,
            format!("{} would be open to {roles}, without row-level security", new.join(", ")),
            format!("after the run:\n{}", enable(new)),
        ));
    }
    if !exposure.open.is_empty() {
        let (shown, more) = exposure.open.split_at(exposure.open.len().min(4));
        let more =
            if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        checks.push(DoctorCheck::warn(
            NAME,
            format!(
                "{}{more} can be used by {roles}, without row-level security",
                shown.join(", ")
            ),
            enable(shown),
        ));
    }
    if checks.is_empty() {
        checks.push(DoctorCheck::ok(
            NAME,
            format!("{roles} see no table without row-level security"),
        ));
    }
    checks
}
