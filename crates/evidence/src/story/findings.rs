//! What a reader should see before anything else.

use locum_domain::catalog::Tier;
use locum_domain::review::Finding as ReviewFinding;
use locum_domain::session::ApplicationState;
use locum_domain::{Event, Recorded};
use locum_record::instant;

use super::work::Gaps;
use super::{AccessEvent, Finding, crossing, request};
use crate::epochs;
use crate::pack::approvals;

/// Everything open, missing or wrong that the events themselves show, in a fixed order.
pub(super) fn find(told: &AccessEvent, events: &[Recorded], gaps: &Gaps) -> Vec<Finding> {
    let mut findings = epochs::findings(told.filed.position, events);
    findings.extend(erased(told, events));
    if told.activation.is_some() {
        end(told, &mut findings);
        requests(gaps, &mut findings);
        objects(told, events, gaps, &mut findings);
        crossing::work(told, gaps.first_admitted, &mut findings);
        review(told, gaps, &mut findings);
        crossing::reviewer(told, &mut findings);
        skipped(told, events, &mut findings);
    }
    unsigned(events, &mut findings);
    findings
}

pub(super) fn finding(code: &str, position: Option<u64>, sentence: String) -> Finding {
    Finding {
        code: code.to_owned(),
        sentence,
        position,
    }
}

/// R26: what the record no longer tells, and by whose word.
fn erased(told: &AccessEvent, events: &[Recorded]) -> Option<Finding> {
    request::of(&told.request, events).find_map(|recorded| match &recorded.event {
        Event::PersonalErased {
            asked_by,
            confirmed_by,
            ..
        } => {
            let at = instant::to_text(recorded.at);
            let sentence = format!(
                "The personal data of the subject was erased on {at}: {asked_by} asked and {confirmed_by} confirmed. \
                 What was approved and signed cannot be rebuilt any more; the record still binds it."
            );
            Some(finding("erased", Some(recorded.position), sentence))
        }
        _ => None,
    })
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

/// Admissions and completions that lack their other half, with the first entry of each, and admissions at
/// applications that the session does not have.
fn requests(gaps: &Gaps, findings: &mut Vec<Finding>) {
    let Gaps {
        unfinished,
        unbegun,
        elsewhere,
        ..
    } = gaps;
    if unfinished.first.is_some() {
        let sentence = format!(
            "{} admitted, and what became of it is not on the record.",
            counted(unfinished.count)
        );
        let code = "admission-without-completion";
        findings.push(finding(code, unfinished.first, sentence));
    }
    if unbegun.first.is_some() {
        let sentence = format!(
            "{} completed whose admission is not on the record.",
            counted(unbegun.count)
        );
        let code = "completion-without-admission";
        findings.push(finding(code, unbegun.first, sentence));
    }
    findings.extend(elsewhere.iter().map(|position| {
        let sentence = "A request was admitted at an application that the session does not have.";
        let code = "access-outside-session";
        finding(code, Some(*position), sentence.to_owned())
    }));
}

/// R23: what was touched, of which the record shows only the address. Where the strictest application asked for is of
/// tier `low`, nobody is told.
fn objects(told: &AccessEvent, events: &[Recorded], gaps: &Gaps, findings: &mut Vec<Finding>) {
    let folded = request::fold(&told.request, events);
    if folded.is_none_or(|(_, request)| request.route.strictest == Tier::Low) {
        return;
    }
    let gaps = gaps.without_object.iter();
    findings.extend(gaps.map(|(application, operation, counted)| {
        let requests = match counted.count {
            1 => "1 request".to_owned(),
            count => format!("{count} requests"),
        };
        let say = if counted.count == 1 { "does" } else { "do" };
        let sentence = format!(
            "{requests} of {operation} in {application} {say} not say which object was touched."
        );
        finding("object-unknown", counted.first, sentence)
    }));
}

fn counted(requests: usize) -> String {
    if requests == 1 {
        "1 request was".to_owned()
    } else {
        format!("{requests} requests were")
    }
}

fn review(told: &AccessEvent, gaps: &Gaps, findings: &mut Vec<Finding>) {
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
    let (count, first) = gaps.after_end.unseen(&verdict.shown);
    if first.is_some() {
        let stand = if count == 1 {
            "1 record of the session stands".to_owned()
        } else {
            format!("{count} records of the session stand")
        };
        let sentence = format!("{stand} behind what {by} was shown.");
        findings.push(finding("review-saw-less", first, sentence));
    }
    if !verdict.is_signed {
        let sentence = format!(
            "{by} found so without their own signature: only the ledger's key says that they did."
        );
        findings.push(finding("finding-unsigned", position, sentence));
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
