//! Lines that fit a terminal: sentences are folded at words, and a section that says nothing is left out.

/// Columns of the narrowest usual terminal.
const WIDE: usize = 80;

/// Text under way.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    /// A heading that waits for its first line.
    heading: Option<String>,
}

impl Lines {
    /// Begins a section; it shows once something is put into it.
    pub(super) fn section(&mut self, heading: &str) {
        self.heading = Some(heading.to_owned());
    }

    /// A sentence, folded under its own beginning.
    pub(super) fn put(&mut self, indent: usize, sentence: &str) {
        self.folded(indent, indent + 2, sentence);
    }

    /// A sentence with a mark before it.
    pub(super) fn item(&mut self, indent: usize, sentence: &str) {
        self.folded(indent, indent + 2, &format!("- {sentence}"));
    }

    /// A line that is not folded, as it is written somewhere.
    pub(super) fn verbatim(&mut self, indent: usize, line: &str) {
        self.begin();
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn begin(&mut self) {
        if let Some(heading) = self.heading.take() {
            self.text.push_str(&format!("\n{heading}\n"));
        }
    }

    fn folded(&mut self, first: usize, rest: usize, sentence: &str) {
        self.begin();
        let mut line = " ".repeat(first);
        let mut is_empty = true;
        for word in sentence.split_whitespace() {
            let is_full = line.chars().count() + 1 + word.chars().count() > WIDE;
            if is_full && !is_empty {
                self.text.push_str(&line);
                self.text.push('\n');
                line = " ".repeat(rest);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.text.push_str(&line);
        self.text.push('\n');
    }

    /// Everything.
    pub(super) fn whole(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_folded_and_empty_sections_left_out() {
        let mut lines = Lines::default();
        lines.section("Nothing");
        lines.section("Something");
        lines.item(2, &"word ".repeat(20));
        let whole = lines.whole();
        assert!(!whole.contains("Nothing"));
        assert!(whole.lines().all(|line| line.chars().count() <= WIDE));
        assert!(whole.contains("\n    word"), "{whole}");
    }
}
