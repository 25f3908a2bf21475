//! Sentences with blanks.

/// What stands in the blanks of `pattern` (written `_`) in this sentence, if it has its form. A blank takes as
/// little as it can, and never nothing.
pub(super) fn blanks<'s>(pattern: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut parts = pattern.split('_');
    let mut rest = sentence.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = if parts.peek().is_none() {
            // The last part is the sentence's end.
            rest.len()
                .checked_sub(part.len())
                .filter(|_| rest.ends_with(part))?
        } else {
            rest.find(part)?
        };
        let (blank, after) = rest.split_at(end);
        if blank.is_empty() {
            return None;
        }
        found.push(blank);
        rest = after.strip_prefix(part)?;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_fills_the_blanks_of_its_pattern_and_of_no_other() {
        let filled = blanks(
            "_ asks for _ on _",
            "alice asks for page.read in wiki on desk:7",
        );
        assert_eq!(filled.unwrap(), ["alice", "page.read in wiki", "desk:7"]);
        assert_eq!(blanks("_ approves", "oscar approves").unwrap(), ["oscar"]);
        assert_eq!(
            blanks("nobody has access", "nobody has access").unwrap(),
            [""; 0]
        );
        assert!(blanks("_ approves", "oscar approves nothing").is_none());
        assert!(blanks("_ approves", " approves").is_none());
    }
}
