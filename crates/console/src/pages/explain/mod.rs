//! Why a request was decided as it was, who may decide it and why not, and how it stands now.

mod refusals;
mod rule;

use axum::extract::{Path, Query};
use axum::response::Response;
use locum_control::explain::{
    Decided, Explanation, Judged, MayDecide, Today, Verdict, explain_request,
};
use locum_domain::{Denial, IdError, PrincipalId, Refusal, RequestId};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{
    Mood, application, authority, people, person, request_state, sentence, short, state, told,
    when, whose_move,
};
use crate::view::View;
use crate::visitor::{Visitor, named};
pub(crate) use refusals::{own, session};

/// `/requests/{id}/explain?as=`
pub(crate) async fn show(
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let page = page(&visitor, &id, &Fields(query)).await;
    visitor.show(page, Refused::new("have this explained", "/requests"))
}

async fn page(visitor: &Visitor, id: &str, query: &Fields) -> Result<Page, Refusal> {
    let id = named::<RequestId>(id)?;
    let also = match query.text("as") {
        Some(person) => Some(person.trim().parse::<PrincipalId>().map_err(nobody)?),
        None => None,
    };
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let explained = explain_request(control, caller, &id, also.as_ref()).await?;
    Ok(whole(&visitor.view, &explained))
}

fn nobody(_: IdError) -> Refusal {
    Denial::NotFound.because("nobody of this name has a part in the request")
}

/// The page.
fn whole(view: &View, explained: &Explanation) -> Page {
    let request = &explained.request;
    let lead = html! { (request_state(&request.state)) " · " (whose_move(view, request)) };
    let body = html! {
        section {
            div.heading {
                h2 { "In short" }
                a href={ "/requests/" (request.id) } { "The request" }
            }
            @for line in &explained.answer { p { (sentence(view, line)) } }
            @if !explained.next.is_empty() {
                h3 { "What you can do" }
                ul { @for line in &explained.next { li { (sentence(view, line)) } } }
            }
        }
        section id="who" {
            h2 { "Who may decide, and why not" }
            @for one in &explained.today.people { (who(view, one, request.state.is_settled())) }
            (ask_for(view, explained))
        }
        section {
            h2 { "What was decided" }
            ol.timeline { @for one in &explained.decided { (decided(view, one)) } }
        }
        (now(view, &explained.today))
        @if !explained.differences.is_empty() {
            section {
                h2 { "What is not as it was" }
                ul { @for line in &explained.differences { li { (sentence(view, line)) } } }
            }
        }
        p.quiet {
            "Request " (short(&request.id)) " · "
            a href={ "/api/v1/requests/" (request.id) "/explain" } { "As JSON" }
        }
    };
    let actor = view.catalog.principal(&request.actor);
    let actor = actor.map_or(request.actor.as_str(), |it| it.name());
    Page::new(format!("Why: {actor} as {}", request.subject), lead, body)
}

/// One person: whether, as whom, or by which rule not.
fn who(view: &View, one: &MayDecide, is_settled: bool) -> Markup {
    let is_decisive = |it: &&Judged| {
        let rule = one.refusal.as_ref().and_then(|it| it.rule.as_deref());
        let mut rules = it.explained.rules.iter();
        rule.is_some_and(|rule| rules.any(|it| it.rule.id == rule))
    };
    let decisive = one.questions.iter().find(is_decisive);
    html! {
        div.card {
            p {
                strong { (person(view, &one.person)) }
                @if one.is_caller { " (you)" }
                " "
                @match &one.refusal {
                    _ if one.has_approved => { (state(Mood::Good, "has approved")) }
                    // Nothing is left to decide, and who could have is still worth knowing.
                    None if is_settled => { (state(Mood::Over, "holds the authority")) }
                    None => { (state(Mood::Good, "may decide")) }
                    Some(_) => { (state(Mood::Bad, "may not decide")) }
                }
            }
            @match &one.refusal {
                None => {
                    p.quiet {
                        @for (place, seat) in one.seats.iter().enumerate() {
                            @if place > 0 { ", and " } @else { "as " }
                            (authority(seat.authority))
                            @if let Some(id) = &seat.application { " of " (application(view, id)) }
                        }
                    }
                }
                Some(refusal) => {
                    p {
                        (sentence(view, &refusal.detail))
                        span.quiet { " " code { (refusal.denial.code()) } @if let Some(rule) = &refusal.rule { " · rule " code { (rule) } } }
                    }
                    p { "What helps: " (sentence(view, refusal.remedy())) }
                }
            }
            @if let Some(question) = decisive {
                details { summary { "The rule, and what it read" } (rule::questions(view, std::slice::from_ref(question))) }
            } @else if !one.questions.is_empty() {
                details { summary { "The rules, and what they read" } (rule::questions(view, &one.questions)) }
            }
        }
    }
}

/// Somebody else may be asked about by their id.
fn ask_for(view: &View, explained: &Explanation) -> Markup {
    let known = explained.today.people.iter();
    let asked: Vec<PrincipalId> = known.map(|it| it.person.clone()).collect();
    html! {
        details {
            summary { "Ask about somebody else" }
            form.stacked method="get" action={ "/requests/" (explained.request.id) "/explain" } {
                div.field {
                    label for="as" { "Their id" }
                    p.hint id="as-hint" { "Besides " (people(view, &asked)) "." }
                    input type="text" id="as" name="as" aria-describedby="as-hint" required;
                }
                button type="submit" { "May they decide?" }
            }
        }
    }
}

fn decided(view: &View, one: &Decided) -> Markup {
    let mark = match (one.kind, &one.refusal) {
        (_, Some(_)) | ("request-denied", _) => "bad",
        ("request-approved" | "request-countersigned" | "request-activated", _) => "good",
        _ => "plain",
    };
    html! {
        li.(mark) {
            p { (sentence(view, &one.sentence)) }
            p.quiet {
                (when(view, one.at)) " · " code title="place in the ledger" { "#" (one.position) }
                @for rule in &one.rules { " · rule " code { (rule) } }
            }
            @if let Some(refusal) = &one.refusal { p { "What helps: " (sentence(view, refusal.remedy())) } }
            @if let Some(differs) = &one.differs { p.warning { (sentence(view, differs)) } }
            @if !one.questions.is_empty() {
                details { summary { "The rules, and what they read then" } (rule::questions(view, &one.questions)) }
            }
        }
    }
}

fn now(view: &View, today: &Today) -> Markup {
    let stands = |verdict| today.questions.iter().any(|it| it.verdict == verdict);
    html! {
        section {
            h2 { "Asked again now" }
            p {
                @match &today.route {
                    Err(refusal) => {
                        (state(Mood::Bad, "refused")) " " (sentence(view, &refusal.detail))
                        " What helps: " (sentence(view, refusal.remedy()))
                    }
                    Ok(route) => { (state(Mood::Good, "may be asked")) " " (route.steps.len()) " approvals would be demanded." }
                }
            }
            @if stands(Verdict::Broken) { p.warning { "A policy cannot be evaluated, and that denies: have it corrected." } }
            @match &today.activation {
                Some(Err(refusal)) => { p.warning { "It could not begin: " (told(view, &refusal.detail)) } }
                Some(Ok(())) => { p { "It could begin." } }
                None => {}
            }
            details { summary { "The rules, and what they read" } (rule::questions(view, &today.questions)) }
            p.quiet { "Asked of the catalog and the policies in force, " (when(view, today.at)) "." }
        }
    }
}
