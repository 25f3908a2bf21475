//! Breaks in what was recorded, in the words in which an operator is told of them.

use std::fmt;

/// A place where a segment's records break off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Torn {
    /// The segment's number.
    pub segment: u64,
    /// Just after the last whole record before the break.
    pub offset: u64,
    /// What is missing.
    pub kind: TornKind,
}

/// What is missing at a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TornKind {
    /// A batch that was cut short; nobody was told it was durable.
    Tail,
    /// Records between the break and this offset were acknowledged and cannot be read: the disk
    /// lost them, or somebody did. The file is kept.
    Acknowledged {
        /// Everything before this offset was durable.
        until: u64,
    },
    /// The file is shorter than it was made. No kill does that: acknowledged records may be gone with its end. The
    /// file is kept.
    Short {
        /// The bytes it was made with.
        made: u64,
    },
    /// The segment's header cannot be read, so neither can anything in it. The file is kept.
    Header,
    /// The segment is gone with records that the mark does not cover.
    Missing,
}

impl Torn {
    /// Whether records are gone that somebody relied on. A [`TornKind::Tail`] is what a kill leaves, and no finding.
    #[must_use]
    pub const fn is_finding(&self) -> bool {
        !matches!(self.kind, TornKind::Tail)
    }
}

/// One sentence on what is missing and one on what to do.
impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            segment, offset, ..
        } = self;
        match self.kind {
            TornKind::Tail => write!(
                f,
                "segment {segment} ends at byte {offset} with a batch that was cut short while it was written. Nobody \
                 was told that it is on the record; nothing needs to be done."
            ),
            TornKind::Acknowledged { until } => write!(
                f,
                "segment {segment} lacks records that were acknowledged, between bytes {offset} and {until}: the disk \
                 lost them, or somebody changed the file. It is kept beside the others, with `.damaged` behind its \
                 name; examine the disk, and look for the missing records in a copy of this folder."
            ),
            TornKind::Short { made } => write!(
                f,
                "segment {segment} is shorter than the {made} bytes it was made with, and its records break off at byte \
                 {offset}: somebody, or the file system, cut it. Records that were acknowledged may be gone with its \
                 end. It is kept beside the others, with `.damaged` behind its name; examine the disk, and look for \
                 the segment in a copy of this folder."
            ),
            TornKind::Header => write!(
                f,
                "segment {segment} cannot be read, because its first bytes are damaged: the disk lost them, or somebody \
                 changed the file. It is kept beside the others, with `.damaged` behind its name; examine the disk, and \
                 look for the segment in a copy of this folder."
            ),
            TornKind::Missing => write!(
                f,
                "segment {segment} is gone, with records that the database does not hold. Either somebody removed it, \
                 or the database and this folder are not of one moment: stop the server, and restore both from the \
                 same back-up."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_of_a_break_learns_what_is_missing_and_what_to_do() {
        let told = |kind| {
            let torn = Torn {
                segment: 3,
                offset: 812,
                kind,
            };
            (torn.is_finding(), torn.to_string())
        };
        let (is_finding, tail) = told(TornKind::Tail);
        assert!(!is_finding);
        assert!(tail.contains("nothing needs to be done"), "{tail}");
        for (kind, words) in [
            (
                TornKind::Acknowledged { until: 2_020 },
                "between bytes 812 and 2020",
            ),
            (
                TornKind::Short { made: 4_096 },
                "shorter than the 4096 bytes",
            ),
            (TornKind::Header, "first bytes are damaged"),
            (TornKind::Missing, "restore both from the same back-up"),
        ] {
            let (is_finding, text) = told(kind);
            assert!(is_finding && text.contains("segment 3"), "{text}");
            assert!(text.contains(words), "{text}");
        }
    }
}
