//! How a run differs from the plan that was approved, as far as it is known before its steps run.

use std::collections::BTreeSet;

use crate::plan_file::PlanFile;

impl PlanFile {
    /// The differences in scripts, SQL files, address and program, a line each: they are known before there is a
    /// connection.
    pub fn file_and_target_differences(&self, now: &Self) -> Vec<String> {
        let mut lines = self.file_differences(now);
        let mut compare = |what: &str, planned: &str, now: &str| {
            if planned != now {
                lines.push(format!("the plan is for {what}{planned}, and this is {what}{now}"));
            }
        };
        let name = |plan: &Self| format!("{} at {}", plan.target.database, plan.target.host);
        let (planned, found) = (name(self), name(now));
        compare("", &planned, &found);
        if planned == found {
            let place = |plan: &Self| format!("{}:{}", plan.target.host, plan.target.port);
            compare("", &place(self), &place(now));
        }
        compare("the target ", &self.target.name, &now.target.name);
        compare("schema ", &self.target.schema, &now.target.schema);
        compare("leora-run ", &self.tool, &now.tool);
        lines
    }

    fn file_differences(&self, now: &Self) -> Vec<String> {
        let paths: BTreeSet<&String> = self.checksums.keys().chain(now.checksums.keys()).collect();
        let mut lines = Vec::new();
        for path in paths {
            match (self.checksums.get(path), now.checksums.get(path)) {
                (Some(planned), Some(found)) if planned == found => {}
                (Some(_), Some(_)) => lines.push(format!("{path} has changed")),
                (Some(_), None) => lines.push(format!("{path} is gone")),
                (None, _) => lines.push(format!("{path} is new")),
            }
        }
        // Another folder, not the same with edits: every file would be listed.
        if !lines.is_empty() && self.folder != now.folder {
            lines = vec![format!("the plan is of {}, and this is {}", self.folder, now.folder)];
        }
        lines
    }

    /// The differences in server, database and role, a line each: they are known when there is a connection.
    pub fn server_differences(&self, now: &Self) -> Vec<String> {
        let (planned, now) = (&self.server, &now.server);
        let mut lines = Vec::new();
        let mut compare = |what: &str, planned: &str, now: &str| {
            if planned != now {
                lines.push(format!("the plan is for {what} {planned}, and this is {what} {now}"));
            }
        };
        match (&planned.system, &now.system) {
            (Some(planned), Some(now)) => compare("the server with the identifier", planned, now),
            // Where a role may not ask for the identifier, the version has to do.
            _ => compare("a server of version", &planned.version, &now.version),
        }
        compare("role", &planned.role, &now.role);
        if planned.database_id != now.database_id {
            lines.push(format!(
                "the database was made anew since: its id was {}, and is {}",
                planned.database_id, now.database_id
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use leora_report::ServerIdentity;

    use super::PlanFile;
    use crate::plan_file::{FORMAT_VERSION, PlannedTarget};

    fn plan(checksums: &[(&str, &str)]) -> PlanFile {
        let pair = |(path, sum): &(&str, &str)| ((*path).to_owned(), (*sum).to_owned());
        let plan = PlanFile {
            leora_plan: FORMAT_VERSION,
            tool: "0.1.0".into(),
            folder: "scripts/phase2".into(),
            as_of: "2025-10-25".into(),
            target: PlannedTarget {
                name: "crm".into(),
                host: "localhost".into(),
                port: 5432,
                database: "crm".into(),
                schema: "public".into(),
            },
            server: ServerIdentity {
                system: Some("7".into()),
                version: "15.8".into(),
                database_id: "16384".into(),
                role: "ann".into(),
            },
            settings: [("share".to_owned(), "1.50".to_owned())].into(),
            checksums: checksums.iter().map(pair).collect(),
            steps: vec![],
            digest: String::new(),
            signature: None,
        };
        PlanFile { digest: plan.compute_digest(), ..plan }
    }

    #[test]
    fn a_plan_does_not_differ_from_itself() {
        let plan = plan(&[("a.rhai", "1")]);
        assert!(plan.file_and_target_differences(&plan).is_empty());
        assert!(plan.server_differences(&plan).is_empty());
    }

    #[test]
    fn each_file_that_differs_is_named() {
        let planned = plan(&[("a.rhai", "1"), ("b.rhai", "1"), ("c.rhai", "1")]);
        let now = plan(&[("b.rhai", "1"), ("c.rhai", "2"), ("d.rhai", "1")]);
        let lines = ["a.rhai is gone", "c.rhai has changed", "d.rhai is new"];
        assert_eq!(planned.file_and_target_differences(&now), lines);
    }

    #[test]
    fn another_folder_or_target_is_one_line() {
        let planned = plan(&[("scripts/phase2/a.rhai", "1")]);
        let mut now = plan(&[("scripts/verify/a.rhai", "1")]);
        now.folder = "scripts/verify".into();
        now.target.host = "db.example.org".into();
        now.target.port = 5433;
        assert_eq!(
            planned.file_and_target_differences(&now),
            [
                "the plan is of scripts/phase2, and this is scripts/verify",
                "the plan is for crm at localhost, and this is crm at db.example.org"
            ]
        );
    }

    #[test]
    fn another_port_schema_and_program_are_named() {
        let (planned, mut now) = (plan(&[]), plan(&[]));
        now.target.port = 5433;
        now.target.schema = "sales".into();
        now.tool = "0.2.0".into();
        assert_eq!(
            planned.file_and_target_differences(&now),
            [
                "the plan is for localhost:5432, and this is localhost:5433",
                "the plan is for schema public, and this is schema sales",
                "the plan is for leora-run 0.1.0, and this is leora-run 0.2.0"
            ]
        );
    }

    #[test]
    fn another_server_database_and_role_are_named() {
        let (planned, mut now) = (plan(&[]), plan(&[]));
        now.server.system = Some("8".into());
        now.server.version = "15.9".into();
        now.server.database_id = "16400".into();
        now.server.role = "bob".into();
        let server = "the plan is for the server with the identifier 7, and this is the server with the identifier 8";
        let role = "the plan is for role ann, and this is role bob";
        let database = "the database was made anew since: its id was 16384, and is 16400";
        assert_eq!(planned.server_differences(&now), [server, role, database]);
        now.server.system = None;
        let version =
            "the plan is for a server of version 15.8, and this is a server of version 15.9";
        assert_eq!(planned.server_differences(&now), [version, role, database]);
    }

    #[test]
    fn an_edit_shows_unless_a_value_is_only_spelt_otherwise() {
        let whole = plan(&[]);
        let with = |value: &str| {
            let settings = [("share".to_owned(), value.to_owned())].into();
            PlanFile { settings, ..whole.clone() }
        };
        assert!(whole.is_whole() && with("1.5").is_whole());
        assert!(!with("1.51").is_whole());
        assert!(!PlanFile { folder: "scripts/verify".into(), ..whole.clone() }.is_whole());
        assert!(!PlanFile { steps: vec![Default::default()], ..whole }.is_whole());
    }
}
