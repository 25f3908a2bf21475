//! Consistency proofs as text: one base64 hash a line (C2SP tlog-witness, "add-checkpoint").

use crate::hash::{Hash, HashError};

/// More hashes than any consistency proof has.
const MOST_LINES: usize = 63;

/// Why a text is no consistency proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyLinesError {
    /// A line, counted from 1, is no hash.
    #[error("line {0} is no hash")]
    Line(usize, #[source] HashError),
    /// More than 63 lines.
    #[error("more than 63 lines")]
    TooMany,
    /// The last line does not end in a newline.
    #[error("the last line is not ended")]
    Unended,
}

/// Writes one hash a line, each line ended by a newline; the empty proof is the empty text.
#[must_use]
pub fn encode_consistency(proof: &[Hash]) -> String {
    proof.iter().map(|hash| hash.to_base64() + "\n").collect()
}

/// Reads what [`encode_consistency`] wrote.
///
/// # Errors
/// [`ConsistencyLinesError`] for any other text.
pub fn parse_consistency(text: &str) -> Result<Vec<Hash>, ConsistencyLinesError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let lines = text
        .strip_suffix('\n')
        .ok_or(ConsistencyLinesError::Unended)?;
    let mut proof = Vec::new();
    for (line, number) in lines.split('\n').zip(1..) {
        if number > MOST_LINES {
            return Err(ConsistencyLinesError::TooMany);
        }
        let hash =
            Hash::from_base64(line).map_err(|error| ConsistencyLinesError::Line(number, error))?;
        proof.push(hash);
    }
    Ok(proof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf_hash;

    #[test]
    fn a_proof_is_one_base64_line_a_hash() {
        let proof = [leaf_hash(b"a"), leaf_hash(b"b")];
        let text = encode_consistency(&proof);
        assert_eq!(text.lines().count(), 2);
        assert_eq!(parse_consistency(&text).unwrap(), proof);
        assert_eq!(parse_consistency("").unwrap(), []);
    }

    #[test]
    fn any_other_text_is_refused() {
        let line = leaf_hash(b"a").to_base64();
        assert_eq!(
            parse_consistency(&line),
            Err(ConsistencyLinesError::Unended)
        );
        assert_eq!(
            parse_consistency(&format!("{line}\n\n")),
            Err(ConsistencyLinesError::Line(2, HashError))
        );
        assert_eq!(
            parse_consistency(&format!("{line}\n").repeat(64)),
            Err(ConsistencyLinesError::TooMany)
        );
    }
}
