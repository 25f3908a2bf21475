//! What a command says: tables for people, one JSON document for machines.

use std::io::{IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::Failure;

/// Where and how a command answers.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    is_json: bool,
    is_terminal: bool,
}

impl Output {
    /// Answers on standard output; `is_json` for machines.
    pub fn new(is_json: bool) -> Self {
        Self {
            is_json,
            is_terminal: std::io::stdout().is_terminal(),
        }
    }

    /// Whether machines read the answer.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// A progress bar for something of `steps` steps; hidden in a pipe and for machines.
    pub fn progress(&self, steps: u64, what: &'static str) -> indicatif::ProgressBar {
        if self.is_json || !std::io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(steps);
        if let Ok(style) = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar
    }

    /// Answers with a document, or with lines for people.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn answer<T: Serialize>(
        &self,
        document: &T,
        lines: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.is_json {
            let text = serde_json::to_string(document);
            let text = text.map_err(|error| Failure::Usage(format!("no JSON form: {error}")))?;
            return self.line(&text);
        }
        let lines = lines();
        if lines.is_empty() {
            Ok(())
        } else {
            self.line(lines.trim_end())
        }
    }

    /// One line on standard output.
    ///
    /// # Errors
    /// When standard output is closed; a reader that has seen enough is no error of ours, but ends us.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|error| Failure::State(format!("standard output: {error}")))
    }

    /// A table that fits the terminal; wide in a pipe.
    pub fn table<const N: usize>(
        &self,
        head: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(head);
        if self.is_terminal {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        for row in rows {
            table.add_row(row);
        }
        table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
