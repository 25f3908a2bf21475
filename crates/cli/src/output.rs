//! What a command says: tables for people, one JSON document for machines.

use std::future::Future;
use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Write};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::Failure;

/// What takes longer shows that it is under way.
const PATIENCE: Duration = Duration::from_secs(1);

/// Columns below which a folded table is no table any more.
const NARROWEST: u16 = 40;

const TICK: Duration = Duration::from_millis(100);

/// Where and how a command answers.
pub struct Output {
    is_json: bool,
    /// Does a person read standard output as it comes?
    is_terminal: bool,
    /// Does a person read standard error?
    is_watched: bool,
    out: Mutex<Box<dyn Write + Send>>,
}

/// Whether anybody reads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Listens,
    /// The pipe is closed, as `head` does once it has seen enough: no error, but nothing more is needed.
    Gone,
}

impl Output {
    /// Answers on standard output; `is_json` for machines.
    pub fn new(is_json: bool) -> Self {
        Self {
            is_json,
            is_terminal: std::io::stdout().is_terminal(),
            is_watched: std::io::stderr().is_terminal(),
            out: Mutex::new(Box::new(std::io::stdout())),
        }
    }

    /// Answers into `out`, which no person watches.
    pub fn into_writer(is_json: bool, out: impl Write + Send + 'static) -> Self {
        Self {
            is_json,
            is_terminal: false,
            is_watched: false,
            out: Mutex::new(Box::new(out)),
        }
    }

    /// Whether machines read the answer.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// Waits for `work`, and after a second shows on a terminal that it is under way. Nothing is shown in a pipe
    /// and for machines.
    pub async fn waiting<T>(&self, what: &str, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        let spinner = self.spinner(what);
        let done = work.await;
        spinner.finish_and_clear();
        done
    }

    fn spinner(&self, what: &str) -> indicatif::ProgressBar {
        if self.is_json || !self.is_watched {
            return indicatif::ProgressBar::hidden();
        }
        let spinner = indicatif::ProgressBar::new_spinner().with_elapsed(PATIENCE);
        if let Ok(style) =
            indicatif::ProgressStyle::with_template("{spinner} {msg} ({elapsed} so far)")
        {
            spinner.set_style(style);
        }
        spinner.set_message(what.to_owned());
        spinner.enable_steady_tick(TICK);
        spinner
    }

    /// Says something that is not the answer, on standard error.
    pub(crate) fn remark(&self, text: &str) {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(std::io::stderr(), "{}", harmless(text));
    }

    /// Whether a person is there to be asked.
    pub(crate) fn is_asking(&self) -> bool {
        !self.is_json && self.is_watched && std::io::stdin().is_terminal()
    }

    /// Asks the person at the terminal for yes or no; `None` where there is none.
    pub(crate) fn confirmed(&self, question: &str) -> Option<bool> {
        let answer = self.asked(&format!("{question} [y/N]"))?;
        Some(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks the person at the terminal for a line; `None` where there is none. What cannot be read is empty.
    pub(crate) fn asked(&self, question: &str) -> Option<String> {
        if !self.is_asking() {
            return None;
        }
        let _ = write!(std::io::stderr(), "{question} ");
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        Some(read.map_or_else(|_| String::new(), |_| line.trim().to_owned()))
    }

    /// Answers with a document, or with lines for people.
    ///
    /// # Errors
    /// When standard output cannot be written. A reader that has gone is no error.
    pub fn answer<T: Serialize>(
        &self,
        document: &T,
        lines: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        self.offer(document, lines).map(|_| ())
    }

    /// The same, for whoever has more to say and need not when nobody reads on.
    pub(crate) fn offer<T: Serialize>(
        &self,
        document: &T,
        lines: impl FnOnce() -> String,
    ) -> Result<Reader, Failure> {
        if self.is_json {
            let text = serde_json::to_string(document);
            let text = text.map_err(|error| Failure::Usage(format!("no JSON form: {error}")))?;
            return self.write(&text);
        }
        let lines = lines();
        if lines.is_empty() {
            Ok(Reader::Listens)
        } else {
            self.write(&harmless(lines.trim_end()))
        }
    }

    /// One line on standard output.
    ///
    /// # Errors
    /// When standard output cannot be written. A reader that has gone is no error: the exit status is told all
    /// the same.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.write(text).map(|_| ())
    }

    fn write(&self, text: &str) -> Result<Reader, Failure> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Ok(()) => Ok(Reader::Listens),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => Err(Failure::State(format!("standard output: {error}"))),
        }
    }

    /// A table that fits the terminal; wide in a pipe.
    pub fn table<const N: usize>(
        &self,
        head: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(head);
        for row in rows {
            table.add_row(row);
        }
        // A terminal that does not know its size says 0.
        let width = table.width().filter(|width| *width >= NARROWEST);
        if let Some(width) = width.filter(|_| self.is_terminal) {
            fold(&mut table, width);
        }
        table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Folds the table to a width. What stands in the first column is copied and typed elsewhere, such as an id: it stays
/// whole where it leaves the others half of the line.
fn fold(table: &mut Table, width: u16) {
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    let widest = table.column_max_content_widths().first().copied();
    if widest.is_some_and(|widest| widest < width / 2)
        && let Some(column) = table.column_mut(0)
    {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// Text in which nobody's words can move the cursor, change colours or turn the reading direction: what is approved
/// must be what is seen.
pub(crate) fn harmless(text: &str) -> String {
    let acts = |it: char| {
        (it.is_control() && !matches!(it, '\n' | '\t'))
            || matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(acts, "\u{fffd}")
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("is_json", &self.is_json)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        let output = Output::into_writer(true, Broken(ErrorKind::BrokenPipe));
        assert!(output.line("one").is_ok());
        assert!(output.answer(&1, String::new).is_ok());
        assert_eq!(output.offer(&1, String::new).unwrap(), Reader::Gone);
    }

    #[test]
    fn an_answer_that_is_lost_is_an_error() {
        let output = Output::into_writer(true, Broken(ErrorKind::StorageFull));
        assert!(matches!(output.line("one"), Err(Failure::State(_))));
    }

    #[test]
    fn a_table_in_a_pipe_is_one_line_each_however_wide() {
        let output = Output::into_writer(false, std::io::sink());
        let long = "x".repeat(300);
        let rows = [
            ["a".to_owned(), long.clone()],
            ["bcd".to_owned(), String::new()],
        ];
        let table = output.table(["HEAD", "WIDE"], rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines,
            [
                " HEAD  WIDE".to_owned(),
                format!(" a     {long}"),
                " bcd".to_owned()
            ]
        );
    }

    #[test]
    fn at_eighty_columns_words_fold_and_ids_do_not() {
        let id = format!("chg_{}", "0".repeat(32));
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(["CHANGE", "STATE", "WHAT"]);
        table.add_row([id.clone(), "waiting".to_owned(), "word ".repeat(30)]);
        fold(&mut table, 80);
        let lines: Vec<String> = table.lines().collect();
        assert!(lines.len() > 3, "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
        assert!(lines.iter().any(|line| line.contains(&id)), "{lines:?}");
    }

    #[test]
    fn nobodys_words_move_the_cursor() {
        let typed = "ann\u{1b}[2K\rbea \u{202e}lla\nzo\u{eb} \u{2014} ok";
        let seen = "ann\u{fffd}[2K\u{fffd}bea \u{fffd}lla\nzo\u{eb} \u{2014} ok";
        assert_eq!(harmless(typed), seen);
    }

    #[test]
    fn nothing_spins_where_nobody_watches() {
        for is_json in [false, true] {
            let output = Output::into_writer(is_json, std::io::sink());
            assert!(output.spinner("waiting").is_hidden());
        }
    }

    #[test]
    fn nobody_is_asked_where_nobody_watches() {
        let output = Output::into_writer(false, std::io::sink());
        assert_eq!(output.confirmed("Approve exactly this?"), None);
    }
}
