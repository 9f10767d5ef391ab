//! What the language server asks the database: the tables, a distribution, the counts of rules. Each is read in a
//! transaction that can't write.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use leora_execution::CollectedRule;
use leora_folder::ScriptFolder;
use leora_lsp::{Database, RowCount, RuleCount};
use leora_postgres::{Catalog, Reader, Session, preview_change};
use leora_report::{Distribution, Failure, FailureKind, TableShapes};
use leora_rule::{Relation, compile_distribution};
use leora_script::ScriptError;
use leora_system::Interrupt;

use crate::commands::context::Context;
use crate::commands::shared::{
    FolderRuleCollector, LoadedFolder, OpenTarget, begin_read_only, kept_table_shapes, open_target,
    read_table_shapes, rule_failure,
};

/// How long somebody waits at an editor.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// The database that the options name, opened when it is first asked.
pub(super) struct EditorDatabase {
    context: Context,
    /// The sandbox stops when this is dropped.
    opened: Option<OpenTarget>,
}

impl EditorDatabase {
    pub(super) fn new(context: &Context) -> Self {
        // Standard output belongs to the editor.
        let mut context = context.silent();
        context.options.statement_timeout = context.options.statement_timeout.min(MOST_PATIENCE);
        Self { context, opened: None }
    }

    fn begin(&mut self, root: &Path, cancel: &Interrupt) -> Result<Session, Failure> {
        self.context.interrupt = cancel.clone();
        if self.opened.is_none() {
            let context = self.context.in_directory(root);
            self.opened = Some(open_target(&context)?);
        }
        let target = self.opened.as_ref().map(|opened| opened.target.clone());
        begin_read_only(target.ok_or_else(none_named)?, &self.context)
    }
}

fn none_named() -> Failure {
    let help = "start the server with --database-url or --sandbox".to_owned();
    Failure::new(FailureKind::Usage, "no database is named", Some(help))
}

impl Database for EditorDatabase {
    fn is_named(&self) -> bool {
        self.context.options.sandbox || self.context.options.database_url.is_some()
    }

    fn kept_tables(&self, root: &Path) -> TableShapes {
        kept_table_shapes(root)
    }

    fn tables(&mut self, root: &Path, cancel: &Interrupt) -> Result<TableShapes, Failure> {
        Ok(read_table_shapes(&mut self.begin(root, cancel)?)?)
    }

    fn distribution(
        &mut self,
        root: &Path,
        table: &str,
        column: &str,
        cancel: &Interrupt,
    ) -> Result<Distribution, Failure> {
        let mut session = self.begin(root, cancel)?;
        let found = Catalog::new(&mut session).table(table)?;
        let relation = found.map(|found| Relation::from_table(Arc::new(found)));
        let relation = relation.ok_or_else(|| {
            Failure::new(FailureKind::Usage, format!("there is no table {table}"), None)
        })?;
        let as_of = self.context.options.as_of;
        let sql =
            compile_distribution(&relation, None, None, column, as_of).map_err(rule_failure)?;
        let values = Reader::new(&mut session).shares(&sql)?;
        Ok(Distribution { table: table.to_owned(), column: column.to_owned(), values })
    }

    fn count_rules(
        &mut self,
        root: &Path,
        folder: &Arc<ScriptFolder>,
        cancel: &Interrupt,
    ) -> Result<Vec<RuleCount>, Failure> {
        let loaded = LoadedFolder::compile(Arc::clone(folder), &self.context)?;
        let session = self.begin(root, cancel)?;
        let collector = FolderRuleCollector::new(session, &loaded, &self.context);
        let rules = collector.collect(&loaded.settings)?.rules;
        let count = |collected: &CollectedRule| self.count(&collector, folder, collected);
        Ok(rules.iter().filter_map(count).collect())
    }
}

impl EditorDatabase {
    /// What a rule would do to the rows as the earlier rules would leave them.
    fn count(
        &self,
        collector: &FolderRuleCollector<'_>,
        folder: &ScriptFolder,
        collected: &CollectedRule,
    ) -> Option<RuleCount> {
        let CollectedRule { rule, relation, skipped_sql, .. } = collected;
        let location = rule.location.as_ref()?;
        let (as_of, strategy) = (self.context.options.as_of, folder.manifest.strategy);
        let count = match skipped_sql.as_slice() {
            [] => collector
                .with_session(|session| {
                    // One that fails must not end the transaction for the others.
                    session.without_effects(|session| {
                        preview_change(session, rule, relation, as_of, strategy)
                    })
                })
                .map(|change| RowCount { rows: change.taken(), changed: change.changed() })
                .map_err(|error| ScriptError::from(leora_host::HostError::from(error)).message),
            files => Err(format!(
                "{}.{} is not there before {} has run",
                rule.table,
                rule.column,
                files.join(", ")
            )),
        };
        Some(RuleCount { file: location.file.clone(), line: location.line, count })
    }
}
