//! What helps whoever proposes files and is refused.

use std::path::Path;

use locum_domain::Denial;

use crate::failure::Failure;

/// What helps here, where the server's remedy is one for requests.
pub(crate) fn remedied(directory: &Path, failure: Failure) -> Failure {
    let Failure::Refused(mut problem) = failure else {
        return failure;
    };
    let folder = directory.display();
    let is = |denial: Denial| problem.code == denial.code();
    let remedy = if is(Denial::StaleApproval) {
        Some(format!(
            "somebody applied something else: `locum plan {folder}` says what yours changes of it now"
        ))
    } else if is(Denial::NotAnApprover) {
        Some(
            "have somebody of security apply it, or the owner of the one application it is about"
                .to_owned(),
        )
    } else if is(Denial::NoApproverLeft) {
        Some("let somebody propose it who does not hold that authority alone, or leave out what they gain".to_owned())
    } else if is(Denial::TooManyOpen) {
        Some("confirm, deny or withdraw some first: `locum changes --state waiting`".to_owned())
    } else if is(Denial::Malformed) {
        Some(format!(
            "correct the files in {folder}: `locum check` names most faults before"
        ))
    } else if is(Denial::ReasonMissing) {
        Some("say why with --note".to_owned())
    } else if is(Denial::Conflict) {
        Some(format!("correct that in {folder}"))
    } else {
        None
    };
    if let Some(remedy) = remedy {
        problem.remedy = Some(remedy);
    }
    Failure::Refused(problem)
}
