//! What a reader should see before anything else.

use std::collections::HashSet;

use locum_domain::review::Finding as ReviewFinding;
use locum_domain::session::ApplicationState;
use locum_domain::{Event, RecordId, Recorded};
use locum_record::instant;

use super::{AccessEvent, Finding, request};
use crate::pack::approvals;

/// Everything open, missing or wrong that the events themselves show, in a fixed order.
pub(super) fn find(told: &AccessEvent, events: &[Recorded]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if told.activation.is_some() {
        end(told, &mut findings);
        requests(told, events, &mut findings);
        review(told, &mut findings);
        skipped(told, events, &mut findings);
    }
    unsigned(events, &mut findings);
    findings
}

fn finding(code: &str, position: Option<u64>, sentence: String) -> Finding {
    Finding {
        code: code.to_owned(),
        sentence,
        position,
    }
}

fn end(told: &AccessEvent, findings: &mut Vec<Finding>) {
    let Some(ended) = told.ended else {
        let position = told.activation.map(|line| line.position);
        findings.push(finding(
            "session-not-ended",
            position,
            "The session has not ended.".to_owned(),
        ));
        return;
    };
    let unconfirmed = told
        .applications
        .iter()
        .filter(|it| it.state != ApplicationState::Ended);
    findings.extend(unconfirmed.map(|it| {
        let sentence = format!(
            "The end of the session is not confirmed in {}.",
            it.application
        );
        finding("end-unconfirmed", Some(ended.position), sentence)
    }));
}

/// Admissions and completions that lack their other half, with the first entry of each.
fn requests(told: &AccessEvent, events: &[Recorded], findings: &mut Vec<Finding>) {
    let mut admitted: HashSet<&RecordId> = HashSet::new();
    let mut completed: HashSet<&RecordId> = HashSet::new();
    for recorded in events {
        match &recorded.event {
            Event::AccessAdmitted(it) => admitted.insert(&it.record),
            Event::AccessCompleted(it) => completed.insert(&it.record),
            _ => false,
        };
    }
    let unfinished: Vec<u64> = events
        .iter()
        .filter(|recorded| matches!(&recorded.event, Event::AccessAdmitted(it) if !completed.contains(&it.record)))
        .map(|recorded| recorded.position)
        .collect();
    if let Some(first) = unfinished.first() {
        let sentence = format!(
            "{} admitted, and what became of it is not on the record.",
            counted(unfinished.len())
        );
        findings.push(finding(
            "admission-without-completion",
            Some(*first),
            sentence,
        ));
    }
    let unbegun: Vec<u64> = events
        .iter()
        .filter(|recorded| matches!(&recorded.event, Event::AccessCompleted(it) if !admitted.contains(&it.record)))
        .map(|recorded| recorded.position)
        .collect();
    if let Some(first) = unbegun.first() {
        let sentence = format!(
            "{} completed whose admission is not on the record.",
            counted(unbegun.len())
        );
        findings.push(finding(
            "completion-without-admission",
            Some(*first),
            sentence,
        ));
    }
    for stray in events
        .iter()
        .filter(|recorded| is_elsewhere(told, &recorded.event))
    {
        let sentence =
            "A request was admitted at an application that the session does not have.".to_owned();
        findings.push(finding(
            "access-outside-session",
            Some(stray.position),
            sentence,
        ));
    }
}

fn is_elsewhere(told: &AccessEvent, event: &Event) -> bool {
    matches!(event, Event::AccessAdmitted(it)
        if !told.applications.iter().any(|application| application.application == it.application))
}

fn counted(requests: usize) -> String {
    if requests == 1 {
        "1 request was".to_owned()
    } else {
        format!("{requests} requests were")
    }
}

fn review(told: &AccessEvent, findings: &mut Vec<Finding>) {
    let Some(review) = &told.review else {
        if let Some(ended) = told.ended {
            let sentence = "No review of the session was opened.".to_owned();
            findings.push(finding("review-missing", Some(ended.position), sentence));
        }
        return;
    };
    let Some(verdict) = &review.completed else {
        let reviewer = review
            .reviewer
            .as_ref()
            .map_or("nobody by name", |reviewer| reviewer.as_str());
        let sentence = format!(
            "The review owed by {reviewer} until {} is open.",
            instant::to_text(review.due)
        );
        findings.push(finding(
            "review-open",
            Some(review.opened.position),
            sentence,
        ));
        return;
    };
    let (by, position) = (&verdict.note.by, Some(verdict.note.line.position));
    match verdict.finding {
        ReviewFinding::Justified => {}
        ReviewFinding::JustifiedWithFollowUp => {
            let sentence = format!("{by} found the session justified, with a follow-up.");
            findings.push(finding("review-follow-up", position, sentence));
        }
        ReviewFinding::Unjustified => {
            let sentence = format!("{by} found the session unjustified.");
            findings.push(finding("review-unjustified", position, sentence));
        }
    }
}

/// R11: an emergency of which nobody told security; an authority that it skipped and that nobody has signed for, or not
/// in time.
fn skipped(told: &AccessEvent, events: &[Recorded], findings: &mut Vec<Finding>) {
    let Some((_, request)) = request::fold(&told.request, events) else {
        return;
    };
    if request.break_glass && request.security_told.is_empty() {
        let sentence = "Nobody who looks after security was told of the emergency.".to_owned();
        findings.push(finding(
            "security-not-told",
            Some(told.filed.position),
            sentence,
        ));
    }
    let position = told.activation.map(|line| line.position);
    let due = request.owed.as_ref().map(|owed| owed.due);
    let late = request::of(&told.request, events).filter_map(|recorded| match &recorded.event {
        Event::RequestCountersigned { approval, .. } => {
            let due = due.filter(|due| approval.at > *due)?;
            let (by, due) = (&approval.by, instant::to_text(due));
            let sentence = format!("{by} signed for what the emergency skipped after {due}.");
            Some(finding(
                "countersignature-late",
                Some(recorded.position),
                sentence,
            ))
        }
        _ => None,
    });
    findings.extend(late);
    let unsigned = request.route.afterwards.iter();
    let unsigned = unsigned.filter(|step| step.approval.is_none());
    findings.extend(unsigned.map(|step| {
        let authority = step.authority.as_str();
        let of = match &step.application {
            Some(application) => format!(" of {application}"),
            None => String::new(),
        };
        let sentence = format!(
            "The emergency skipped {authority}{of}, and nobody has signed for it afterwards."
        );
        finding("countersignature-missing", position, sentence)
    }));
}

/// R13, R25: an approval or countersignature without its maker's own signature is only the word of whoever holds the
/// ledger's key, whatever the route says it demanded.
fn unsigned(events: &[Recorded], findings: &mut Vec<Finding>) {
    let approvals = approvals(events).into_iter();
    let unsigned = approvals.filter(|approved| approved.signature.is_none());
    findings.extend(unsigned.map(|approved| {
        let (code, did) = if approved.is_afterwards {
            ("countersignature-unsigned", "countersigned")
        } else {
            ("approval-unsigned", "approved")
        };
        let sentence = format!(
            "{} {did} without their own signature: only the ledger's key says that they did.",
            approved.by
        );
        finding(code, Some(approved.position), sentence)
    }));
}
