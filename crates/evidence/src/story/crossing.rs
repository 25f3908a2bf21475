//! R25: what a session across applications must have beside a single one, as far as the record itself shows it.

use locum_domain::catalog::RecordTiming;

use super::findings::finding;
use super::{AccessEvent, Finding};

/// Records durable before each request everywhere, and witnesses who had signed before the first.
pub(super) fn work(told: &AccessEvent, first_admitted: Option<u64>, findings: &mut Vec<Finding>) {
    if told.applications.len() < 2 {
        return;
    }
    let position = told.activation.map(|line| line.position);
    let late = told.applications.iter();
    let late = late.filter(|it| it.record != RecordTiming::Before);
    findings.extend(late.map(|it| {
        let sentence = format!(
            "Requests at {} went on before the record of them was durable.",
            it.application
        );
        finding("record-not-before", position, sentence)
    }));
    let Some(first) = first_admitted else {
        return;
    };
    let witnessed = told.witnessed.as_ref().map(|it| it.line.position);
    if witnessed.is_none_or(|witnessed| witnessed > first) {
        let sentence = "The session crosses applications, and no checkpoint that witnesses signed stands on the record between its beginning and its first request.";
        findings.push(finding(
            "beginning-unwitnessed",
            position,
            sentence.to_owned(),
        ));
    }
}

/// Somebody who looks after security reviews it.
pub(super) fn reviewer(told: &AccessEvent, findings: &mut Vec<Finding>) {
    let Some(review) = &told.review else {
        return;
    };
    if told.applications.len() > 1 && !review.is_security {
        let sentence = "The session crosses applications, and its review is not owed by anybody who looks after security.";
        let position = Some(review.opened.position);
        findings.push(finding(
            "reviewer-not-security",
            position,
            sentence.to_owned(),
        ));
    }
}
