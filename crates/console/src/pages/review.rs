//! One review: the story, what was granted beside what was used, and a finding with its sentence.

use axum::extract::Path;
use axum::response::Response;
use locum_control::evidence::{self, AccessEvent, ApplicationTold};
use locum_control::{complete_review, read};
use locum_domain::review::Finding;
use locum_domain::{Denial, Refusal, Review, ReviewId, Timestamp};
use maud::{Markup, html};

use super::refusal::Refused;
use super::review_list::review_state;
use super::session::{one_operation, records};
use crate::page::{Page, csrf};
use crate::posted::Posted;
use crate::shown::{
    Mood, application, ended_because, person, principal_line, short, state, timeline, told, when,
};
use crate::view::View;
use crate::visitor::{Visitor, named};

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
    Ok(whole(&visitor.view, &review, &story))
}

/// The page.
pub(crate) fn whole(view: &View, review: &Review, story: &AccessEvent) -> Page {
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
            Some(it) => { section { h2 { "Finding" } p { (review_state(view, review)) } blockquote { (it.note) } } }
            None => (find(view, review)),
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

fn find(view: &View, review: &Review) -> Markup {
    html! {
        section {
            h2 { "Your finding" }
            @if review.reviewer.as_ref().is_some_and(|id| view.is_reader(id)) {
                form.stacked method="post" action={ "/reviews/" (review.id) "/complete" } {
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

/// Completes the review.
pub(crate) async fn complete(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let completed = async {
        let id = named::<ReviewId>(&id)?;
        let finding = FINDINGS
            .iter()
            .find(|it| Some(it.0.as_str()) == fields.one("finding"));
        let missing = || {
            Denial::Malformed
                .because("choose one of the three findings")
                .at("/finding")
        };
        let finding = finding.ok_or_else(missing)?.0;
        let note = fields.words("note");
        complete_review::complete_review(
            &visitor.state.control,
            &visitor.caller,
            &id,
            finding,
            note,
        )
        .await
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
