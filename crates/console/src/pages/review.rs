//! One review: the story, what was granted beside what was used, and a finding with its sentence.

use axum::extract::Path;
use axum::response::Response;
use locum_control::complete_review::{self, CompleteReview};
use locum_control::evidence::{self, AccessEvent, ApplicationTold};
use locum_control::read;
use locum_domain::review::{Finding, Found};
use locum_domain::{Denial, Refusal, Review, ReviewId, Timestamp};
use maud::{Markup, html};

use super::refusal::Refused;
use super::review_list::review_state;
use super::session::{one_operation, records};
use crate::ceremony::{self, SIGN, SIGNATURE, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::{Page, csrf};
use crate::posted::{Fields, Posted};
use crate::shown::{
    Mood, application, ended_because, person, principal_line, short, state, timeline, told, when,
};
use crate::view::View;
use crate::visitor::{Visitor, named};

const WITHOUT_SCRIPT: &str = "A finding asks your authenticator, which takes a script, and none runs here. \
     Open this page on another device, or use locum review.";

const FINDINGS: [(Finding, &str, &str); 3] = [
    (
        Finding::Justified,
        "Justified",
        "what was done was needed for the case",
    ),
    (
        Finding::JustifiedWithFollowUp,
        "Justified, with follow-up",
        "it was needed, and something must change",
    ),
    (
        Finding::Unjustified,
        "Unjustified",
        "it was not needed, or went too far",
    ),
];

/// `/reviews/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this review", "/reviews"))
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let review = read::review(control, caller, &named::<ReviewId>(id)?).await?;
    let story = evidence::access_event(control, caller, &review.event).await?;
    let is_signed = complete_review::is_finding_signed(control, &review).await?;
    let page = whole(&visitor.view, &review, &story, is_signed);
    Ok(match is_signed {
        true => page.with_script(),
        false => page,
    })
}

/// The page.
pub(crate) fn whole(view: &View, review: &Review, story: &AccessEvent, is_signed: bool) -> Page {
    let lead = html! {
        (review_state(view, review)) " · "
        @match (&review.completed, &review.reviewer) {
            (Some(it), _) => { (person(view, &it.by)) " found so " (when(view, it.at)) }
            (None, Some(id)) if view.is_reader(id) => { strong { "your" } " move, due " (when(view, review.due)) }
            (None, Some(id)) => { strong { (person(view, id)) } " to find, due " (when(view, review.due)) }
            (None, None) => { "nobody by name, due " (when(view, review.due)) }
        }
    };
    let body = html! {
        section.decision {
            p.who { (principal_line(view, &story.actor)) " acted as " strong { (story.subject) } @if let Some(tenant) = &story.tenant { " (" (tenant) ")" } }
            p { code { (story.case.reference) } " " @if let Some(title) = &story.case.title { strong { (title) } } }
            blockquote { (story.reason) }
            p {
                @if let Some(because) = story.ended_because { "Ended because " strong { (ended_because(because)) } "." }
                @if story.break_glass { " " span.badge.loud { "emergency" } }
            }
            @for warning in &story.warnings { p.warning { (told(view, warning)) } }
        }
        (used(view, story))
        (afterwards(view, story))
        (records(view, story))
        @match &review.completed {
            Some(it) => {
                section {
                    h2 { "Finding" }
                    p { (review_state(view, review)) @if it.signature.is_some() { " " (state(Mood::Good, "signed")) } }
                    blockquote { (it.note) }
                }
            }
            None => (find(view, review, is_signed)),
        }
        section {
            div.heading { h2 { "Story" } a href={ "/events/" (review.event) } { "Access event and evidence" } }
            (timeline(view, &story.timeline))
        }
        p.quiet { "Review " (short(&review.id)) }
    };
    Page::new("Review", lead, body)
}

/// What was granted, and how much of it was used.
fn used(view: &View, story: &AccessEvent) -> Markup {
    html! {
        section {
            h2 { "Granted and used" }
            table.stack {
                thead { tr { th { "Where" } th { "Operation" } th { "Used" } } }
                tbody {
                    @for it in &story.applications {
                        @for operation in &it.operations {
                            @let count = times(it, operation);
                            tr {
                                td { (application(view, &it.application)) }
                                td { (one_operation(view, &it.application, operation)) }
                                td { @if count == 0 { (state(Mood::Over, "never")) } @else { (count) @if count == 1 { " time" } @else { " times" } } }
                            }
                        }
                    }
                }
            }
            p.quiet { (story.requests.refused) " requests were refused, " (story.requests.cut) " were cut by the end." }
        }
    }
}

fn times(it: &ApplicationTold, operation: &locum_domain::OperationId) -> u64 {
    let rows = it.accessed.iter().filter(|row| row.operation == *operation);
    rows.map(|row| row.ends.count).sum()
}

/// Anything admitted after Locum learnt that the case was not open any more.
fn afterwards(view: &View, story: &AccessEvent) -> Markup {
    let closed = story
        .case_changes
        .iter()
        .find(|it| !it.is_open)
        .map(|it| it.line.at);
    let is_after = |last: Timestamp| closed.is_some_and(|closed| last > closed);
    let late: Vec<_> = story
        .applications
        .iter()
        .flat_map(|it| it.accessed.iter().map(move |row| (it, row)))
        .filter(|(_, row)| is_after(row.ends.last.at))
        .collect();
    html! {
        @for (it, row) in late {
            p.warning { "After the case closed: " code { (row.operation) } " in " (application(view, &it.application)) " " (when(view, row.ends.last.at)) "." }
        }
    }
}

fn find(view: &View, review: &Review, is_signed: bool) -> Markup {
    let address = format!("/reviews/{}", review.id);
    html! {
        section {
            h2 { "Your finding" }
            @if review.reviewer.as_ref().is_some_and(|id| view.is_reader(id)) {
                form.stacked method="post" action={ (address) "/complete" }
                    data-ceremony=[is_signed.then_some(SIGN)] data-options=[is_signed.then(|| format!("{address}/statement"))]
                    data-field=[is_signed.then_some(SIGNATURE)] {
                    (csrf(view))
                    fieldset {
                        legend { "Was it justified?" }
                        @for (finding, label, meaning) in FINDINGS {
                            label.choice {
                                input type="radio" name="finding" value=(finding.as_str()) required;
                                " " strong { (label) } ": " (meaning)
                            }
                        }
                    }
                    div.field {
                        label for="note" { "In a sentence of 15 characters or more" }
                        textarea id="note" name="note" rows="2" required {}
                    }
                    button.primary type="submit" { "Complete the review" }
                    @if is_signed {
                        p.quiet { "You sign this sentence, this finding and the session as it stands here, down to its last record." }
                        (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT))
                    }
                }
            } @else {
                p {
                    "Only " @match &review.reviewer { Some(id) => { strong { (person(view, id)) } }, None => "a named reviewer" }
                    " completes this. Whoever asked, acted, approved or sponsors may not."
                }
            }
        }
    }
}

/// The finding that a form names.
fn finding(fields: &Fields) -> Result<Finding, Refusal> {
    let word = fields.one("finding");
    let finding = FINDINGS.iter().find(|it| Some(it.0.as_str()) == word);
    let missing = || {
        Denial::Malformed
            .because("choose one of the three findings")
            .at("/finding")
    };
    finding.map(|it| it.0).ok_or_else(missing)
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, fields }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<ReviewId>(&id)?;
        let found = Found {
            finding: finding(&fields)?,
            note: fields.words("note"),
        };
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        ToSign::of(complete_review::finding_statement(control, caller, &id, found).await?)
    };
    fetched::answer(asked.await)
}

/// Completes the review.
pub(crate) async fn complete(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let completed = async {
        let id = named::<ReviewId>(&id)?;
        let complete = CompleteReview {
            finding: finding(&fields)?,
            note: fields.words("note").to_owned(),
            signature: ceremony::signature_if_any(&fields)?,
        };
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        complete_review::complete_review(control, caller, &id, &complete).await
    };
    let to = completed
        .await
        .map(|review| format!("/reviews/{}", review.id));
    let back = match id.parse::<ReviewId>() {
        Ok(id) => format!("/reviews/{id}"),
        Err(_) => "/reviews".to_owned(),
    };
    visitor.go(to, Refused::new("complete this review", &back))
}
