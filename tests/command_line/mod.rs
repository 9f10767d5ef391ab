//! The command line: arguments, the way to the database, folders, and how results are printed.

mod arguments;
mod folders;
mod formats;
mod json;
mod shells;
mod sql_files;
mod targets;
