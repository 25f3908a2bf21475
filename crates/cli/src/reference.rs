//! Completions, manual pages and the command reference, all generated from the same definitions.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use crate::args::Cli;
use crate::failure::Failure;

/// A shell's completions.
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    // Into memory first: the generator panics when a pipe closes under it.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "locum", &mut text);
    text
}

/// Writes a manual page for every command.
///
/// # Errors
/// When the folder cannot be written.
pub fn man_pages(directory: &Path) -> Result<(), Failure> {
    let wrong =
        |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(wrong)?;
    clap_mangen::generate_to(Cli::command(), directory).map_err(wrong)
}

/// The command reference as Markdown.
pub fn reference() -> String {
    let mut text = String::from(
        "# Command reference\n\nGenerated from the program's own help. Every command also takes `--json`, `--url` \
         and `--token`.\n",
    );
    let mut root = Cli::command().term_width(100);
    root.build();
    write(&root, "locum", &mut text);
    text
}

fn write(command: &Command, path: &str, text: &mut String) {
    for sub in command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        let path = format!("{path} {}", sub.get_name());
        if sub.has_subcommands() {
            if !sub.is_subcommand_required_set() {
                section(sub, &path, text);
            }
            write(sub, &path, text);
            continue;
        }
        section(sub, &path, text);
    }
}

fn section(command: &Command, path: &str, text: &mut String) {
    let help = command
        .clone()
        .disable_help_flag(true)
        .render_long_help()
        .to_string();
    let own: Vec<&str> = help.lines().map(str::trim_end).collect();
    // A `String` takes every write.
    let _ = write!(
        text,
        "\n## `{path}`\n\n```text\n{}\n```\n",
        own.join("\n").trim_end()
    );
}
