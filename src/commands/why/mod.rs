//! `why`: what each rule of a folder makes of one row, and why. It only reads.

mod asked_row;
mod distance;
mod explain;
mod find_row;
mod nearest_values;

use std::path::Path;

use leora_execution::CollectedRule;
use leora_report::{Failure, FailureKind, Observer, Outcome, Report, WhyReport};

use crate::commands::context::Context;
use crate::commands::shared::{
    FolderRuleCollector, FolderRules, LoadedFolder, RUNNING_SCRIPTS, begin_read_only, open_target,
    set_outcome, target_report,
};
use asked_row::AskedRow;
use explain::{explain_rules, predict_changes};
use find_row::find_row;

pub(crate) fn why(path: &Path, row: &str, context: &Context) -> u8 {
    let mut report = context.new_report(path);
    let ended = explain_row(path, row, &mut report, context);
    set_outcome(&mut report, ended, Outcome::Planned);
    context.screen().show_why(&report);
    report.exit_code()
}

fn explain_row(
    path: &Path,
    row: &str,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let loaded = LoadedFolder::load_for(report, path, context)?;
    report.next.clear();
    report.back.clear();
    let opened = open_target(context)?;
    report.target = Some(target_report(&opened.target));
    context.screen().show_title(report);
    let session = begin_read_only(opened.target, context)?;
    let collector = FolderRuleCollector::new(session, &loaded, context);
    report.why = Some(ask(&collector, &loaded, row, report, context)?);
    Ok(())
}

fn ask(
    collector: &FolderRuleCollector<'_>,
    loaded: &LoadedFolder,
    row: &str,
    report: &mut Report,
    context: &Context,
) -> Result<WhyReport, Failure> {
    context.screen().on_start(RUNNING_SCRIPTS);
    let FolderRules { rules, switches, stored, settings, notes } =
        collector.collect(&loaded.settings)?;
    report.settings = settings;
    let folder = &loaded.folder.path;
    if rules.is_empty() {
        let fact = format!("{folder} sets no column, so there is nothing to ask of a row");
        return Err(Failure::new(FailureKind::Usage, fact, notes.first().cloned()));
    }
    context.screen().on_start("looking for the row");
    let found = find_row(collector, &stored, row, folder)?;
    let stored = &stored[&found.table];
    let asked = AskedRow { collector, stored, key: &found.key, as_of: context.options.as_of };
    let of_table = |(rule, _): &(CollectedRule, _)| rule.rule.table == found.table;
    let (rules, switches): (Vec<CollectedRule>, Vec<_>) =
        rules.into_iter().zip(switches).filter(of_table).unzip();
    context.screen().on_start("reading the row");
    let mut explained = explain_rules(&asked, rules.iter().zip(switches))?;
    predict_changes(&asked, &rules, &mut explained)?;
    Ok(WhyReport {
        key: stored.table.key.iter().cloned().zip(found.key).collect(),
        table: found.table,
        labels: found.labels,
        rules: explained,
        notes,
    })
}
