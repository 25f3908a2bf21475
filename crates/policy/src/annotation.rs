//! What a policy says about itself beside its `@id`: `@because`, `@remedy` and `@row`. Whoever is refused reads
//! them, and they are kept with the refusal, so that what they may hold is checked when a set is loaded.

use cedar_policy::Policy;

/// The longest sentence that fits a card and a terminal, in characters.
const LONGEST: usize = 200;
/// The last row of the requirements.
const LAST_ROW: u8 = 34;

/// What is wrong with a policy's annotations, each with what to do about it.
pub(crate) fn faults(policy: &Policy) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    for name in ["because", "remedy"] {
        let Some(sentence) = policy.annotation(name) else {
            continue;
        };
        if sentence.trim().is_empty() || sentence.chars().any(char::is_control) {
            let hint = "write one sentence for the person who is refused, or leave it out";
            faults.push((format!("`@{name}` says nothing that fits a line"), hint));
        } else if sentence.chars().count() > LONGEST {
            let hint = "say it in at most 200 characters";
            faults.push((format!("`@{name}` is longer than a line"), hint));
        }
    }
    if let Some(row) = policy.annotation("row")
        && !is_row(row)
    {
        let hint = "name one of Locum's requirements, R01 to R34, or leave it out";
        faults.push((format!("`{row}` is no row of the requirements"), hint));
    }
    faults
}

fn is_row(row: &str) -> bool {
    let number = row.strip_prefix('R').filter(|digits| digits.len() == 2);
    let number = number.and_then(|digits| digits.parse::<u8>().ok());
    number.is_some_and(|number| (1..=LAST_ROW).contains(&number))
}
