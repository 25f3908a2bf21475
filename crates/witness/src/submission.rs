//! What a ledger sends (C2SP tlog-witness, "add-checkpoint").

use locum_tlog::{Checkpoint, CheckpointError, ConsistencyLinesError, Hash, parse_consistency};

/// A checkpoint and the proof that it continues the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Leaves of the checkpoint that the proof begins at.
    pub old: u64,
    /// The consistency proof (RFC 6962, section 2.1.2).
    pub proof: Vec<Hash>,
    /// The signed note.
    pub note: String,
}

/// Why a body is no submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// Not UTF-8, or no empty line between the proof and the checkpoint.
    #[error("the body is not an old size, a proof, an empty line and a checkpoint")]
    Form,
    /// The first line is no `old N`.
    #[error("the first line is not `old` and a size in decimal")]
    Old,
    /// The proof's lines.
    #[error("the consistency proof cannot be read: {0}")]
    Proof(#[from] ConsistencyLinesError),
    /// The checkpoint.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(#[from] CheckpointError),
}

impl Submission {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`SubmissionError`] when it has another form.
    pub fn parse(body: &[u8]) -> Result<Self, SubmissionError> {
        let body = std::str::from_utf8(body).map_err(|_| SubmissionError::Form)?;
        let (first, rest) = body.split_once('\n').ok_or(SubmissionError::Form)?;
        let old = first.strip_prefix("old ").and_then(decimal);
        let old = old.ok_or(SubmissionError::Old)?;
        let (proof, note) = match rest.strip_prefix('\n') {
            Some(note) => ("", note),
            None => {
                let end = rest.find("\n\n").ok_or(SubmissionError::Form)?;
                let (proof, note) = rest.split_at(end + 1);
                (proof, note.get(1..).unwrap_or_default())
            }
        };
        let proof = parse_consistency(proof)?;
        Checkpoint::parse_unverified(note)?;
        Ok(Self {
            old,
            proof,
            note: note.to_owned(),
        })
    }
}

/// The one spelling of a size: digits, without leading zeroes.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use locum_tlog::{LedgerKey, encode_consistency, leaf_hash};

    fn note() -> String {
        let key = LedgerKey::from_seed("ledger.example", &[1; 32]).unwrap();
        key.sign_checkpoint(7, leaf_hash(b"root"))
    }

    #[test]
    fn a_submission_is_read_with_and_without_a_proof() {
        let note = note();
        let read = Submission::parse(format!("old 0\n\n{note}").as_bytes()).unwrap();
        assert_eq!((read.old, read.proof.len()), (0, 0));
        assert_eq!(read.note, note);
        let proof = [leaf_hash(b"a"), leaf_hash(b"b")];
        let body = format!("old 5\n{}\n{note}", encode_consistency(&proof));
        let read = Submission::parse(body.as_bytes()).unwrap();
        assert_eq!((read.old, read.proof.as_slice()), (5, proof.as_slice()));
        assert_eq!(read.note, note);
    }

    #[test]
    fn any_other_form_is_refused() {
        let note = note();
        for (body, expected) in [
            (String::new(), SubmissionError::Form),
            (note.clone(), SubmissionError::Old),
            (format!("old 05\n\n{note}"), SubmissionError::Old),
            (format!("old +5\n\n{note}"), SubmissionError::Old),
            (format!("old -1\n\n{note}"), SubmissionError::Old),
            (format!("old\n\n{note}"), SubmissionError::Old),
            (
                format!("old 5\nnot a hash\n\n{note}"),
                SubmissionError::Proof(ConsistencyLinesError::Line(
                    1,
                    Hash::from_base64("not a hash").unwrap_err(),
                )),
            ),
            (
                "old 5\n\nnot a note\n".to_owned(),
                SubmissionError::Checkpoint(CheckpointError::Note),
            ),
        ] {
            assert_eq!(Submission::parse(body.as_bytes()), Err(expected), "{body}");
        }
        let line = leaf_hash(b"a").to_base64();
        let many = format!("old 5\n{}\n{note}", format!("{line}\n").repeat(64));
        assert_eq!(
            Submission::parse(many.as_bytes()),
            Err(SubmissionError::Proof(ConsistencyLinesError::TooMany))
        );
        assert_eq!(
            Submission::parse(&[0xff, b'\n', b'\n']),
            Err(SubmissionError::Form)
        );
    }
}
