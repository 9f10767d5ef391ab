//! `what-if`: what other settings would give, in one read-only pass over the data.

mod combinations;
mod comparison;

use std::path::Path;

use leora_report::{Failure, FailureKind, Observer, Outcome, Report};

use crate::cli::VariedSetting;
use crate::commands::context::Context;
use crate::commands::shared::{
    FolderRuleCollector, LoadedFolder, RUNNING_SCRIPTS, ReportPage, RowsFile, begin_read_only,
    open_target, set_outcome, target_report,
};
use combinations::{combine, merge_varied};
use comparison::Comparison;

pub(crate) fn what_if(path: &Path, vary: &[VariedSetting], context: &Context) -> u8 {
    let mut report = context.new_report(path);
    let page = ReportPage::begin("what-if", context);
    let rows = match RowsFile::begin(context) {
        Ok(rows) => rows,
        Err(failure) => return context.fail(failure),
    };
    let listing = rows.context(context);
    let ended = page.run(|| compare_settings(path, vary, &mut report, &listing));
    set_outcome(&mut report, ended, Outcome::Planned);
    let listed = rows.write_for(&mut report, &context.options);
    context.screen().show_what_if(&report);
    listed.iter().for_each(|remark| context.screen().remark(remark));
    page.write(&report, context);
    report.exit_code()
}

fn compare_settings(
    path: &Path,
    vary: &[VariedSetting],
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let loaded = LoadedFolder::load_for(report, path, context)?;
    report.next.clear();
    report.back.clear();
    let varied = merge_varied(vary, &context.options.set)?;
    let combinations = combine(&varied)?;
    for values in &combinations {
        loaded.settings.with_varied(values).check_known(loaded.program.settings())?;
    }
    if context.rows.is_some() && combinations.len() > 1 {
        return Err(several_combinations(combinations.len()));
    }
    let opened = open_target(context)?;
    report.target = Some(target_report(&opened.target));
    context.screen().show_title(report);
    let session = begin_read_only(opened.target, context)?;
    let collector = FolderRuleCollector::new(session, &loaded, context);
    context.screen().on_start(RUNNING_SCRIPTS);
    let comparison = Comparison::collect(&collector, &loaded.settings, varied, combinations)?;
    report.settings = comparison.unvaried_settings();
    report.what_if = Some(comparison.compare(&report.folder, context)?);
    match &context.rows {
        Some(rows) => comparison.list_rows(rows),
        None => Ok(()),
    }
}

fn several_combinations(count: usize) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("--rows lists one combination of settings, and these are {count}"),
        Some("give each setting of --vary one value".into()),
    )
}
