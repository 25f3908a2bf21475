//! The kill switch: what it will cut, then a press; a typed word when it is everything.

use axum::extract::Query;
use axum::response::Response;
use locum_control::read;
use locum_control::stop::{self, holds};
use locum_domain::catalog::Role;
use locum_domain::hold::{Hold, Reach, StopScope};
use locum_domain::{ApplicationId, Denial, Refusal, Session};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::{Page, csrf};
use crate::posted::{Fields, Posted};
use crate::shown::{application, person, when};
use crate::view::View;
use crate::visitor::Visitor;

/// What must be typed to stop everything.
const WORD: &str = "everything";
/// What is chosen by its id; applications are listed.
const KINDS: [(&str, &str); 4] = [
    ("actor", "Actor"),
    ("case", "Case"),
    ("subject", "Subject"),
    ("tenant", "Tenant"),
];

/// `/stop`, and `/stop?kind=case&value=desk:7` with what it would cut.
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("stop this", "/stop"))
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    if !visitor.view.may_stop() {
        return Err(
            Denial::NotAnApprover.because("security stops anything, an owner their application")
        );
    }
    let chosen = match query.one("kind") {
        Some(_) => Some(chosen(query)?),
        None => None,
    };
    let live = read::sessions(control, caller, Some("live".into()), None, 200)
        .await?
        .items;
    let in_flight = control.data_plane().live();
    let reached: Vec<&Session> = live
        .iter()
        .filter(|it| chosen.as_ref().is_some_and(|scope| reaches(scope, it)))
        .collect();
    let under_way = in_flight
        .iter()
        .filter(|it| reached.iter().any(|session| session.id == it.session))
        .map(|it| it.in_flight)
        .sum();
    let cut = Cut { reached, under_way };
    Ok(whole(
        &visitor.view,
        chosen.as_ref(),
        &cut,
        &holds(control).await?,
    ))
}

/// What a stop would end now.
pub(crate) struct Cut<'a> {
    pub(crate) reached: Vec<&'a Session>,
    pub(crate) under_way: usize,
}

fn reaches(scope: &StopScope, session: &Session) -> bool {
    let applications: Vec<&ApplicationId> = session.applications.keys().collect();
    scope.reaches(Reach {
        applications: &applications,
        actor: &session.actor,
        case: &session.case,
        subject: &session.subject,
        tenant: session.tenant.as_ref(),
    })
}

/// What the fields name.
fn chosen(fields: &Fields) -> Result<StopScope, Refusal> {
    let value = fields.words("value");
    let wrong = |kind: &str| {
        Denial::Malformed
            .because(format!("`{value}` names no {kind}"))
            .at("/value")
    };
    match fields.words("kind") {
        "all" => Ok(StopScope::All),
        "application" => value
            .parse()
            .map(StopScope::Application)
            .map_err(|_| wrong("application")),
        "actor" => value
            .parse()
            .map(StopScope::Actor)
            .map_err(|_| wrong("actor")),
        "case" => value
            .parse()
            .map(StopScope::Case)
            .map_err(|_| wrong("case")),
        "subject" => value
            .parse()
            .map(StopScope::Subject)
            .map_err(|_| wrong("subject")),
        "tenant" => value
            .parse()
            .map(StopScope::Tenant)
            .map_err(|_| wrong("tenant")),
        other => Err(Denial::Malformed
            .because(format!("`{other}` is nothing one can stop"))
            .at("/kind")),
    }
}

/// The kind and value of a scope, as the form carries them.
fn parts(scope: &StopScope) -> (&'static str, String) {
    match scope {
        StopScope::All => ("all", String::new()),
        StopScope::Application(id) => ("application", id.to_string()),
        StopScope::Actor(id) => ("actor", id.to_string()),
        StopScope::Case(id) => ("case", id.to_string()),
        StopScope::Subject(id) => ("subject", id.to_string()),
        StopScope::Tenant(id) => ("tenant", id.to_string()),
    }
}

/// A scope in words.
pub(crate) fn in_words(view: &View, scope: &StopScope) -> Markup {
    html! {
        @match scope {
            StopScope::All => { strong { "everything" } }
            StopScope::Application(id) => { "application " strong { (application(view, id)) } }
            StopScope::Actor(id) => { "everything by " strong { (person(view, id)) } }
            StopScope::Case(id) => { "case " strong { (id) } }
            StopScope::Subject(id) => { "everything as " strong { (id) } }
            StopScope::Tenant(id) => { "everything at " strong { (id) } }
        }
    }
}

/// The page.
pub(crate) fn whole(
    view: &View,
    chosen: Option<&StopScope>,
    cut: &Cut<'_>,
    holds: &[Hold],
) -> Page {
    let lead = html! { "Ends what is live in a scope and holds it: nothing is asked, approved or activated there until a second person lifts it." };
    let may_all = view.has_role(&[Role::Security, Role::SecurityControlOwner]);
    let body = html! {
        @match chosen {
            Some(scope) => (confirm(view, scope, cut)),
            None => (choose(view, may_all)),
        }
        p {
            a href="/holds" { (holds.len()) @if holds.len() == 1 { " hold stands" } @else { " holds stand" } }
        }
    };
    Page::new("Stop", lead, body)
}

fn choose(view: &View, may_all: bool) -> Markup {
    let mine = view.owned();
    let applications = view.catalog.applications.values();
    let may = |id: &ApplicationId| may_all || mine.contains(&id);
    html! {
        section {
            h2 { "An application" }
            ul.lines {
                @for it in applications.filter(|it| may(&it.id)) {
                    li { a href={ "/stop?kind=application&value=" (it.id) } { (it.name) } span.quiet { "owner " (person(view, &it.owner)) } }
                }
            }
        }
        @if may_all {
            form.stacked method="get" action="/stop" {
                h2 { "Something else" }
                div.field {
                    label for="kind" { "What" }
                    select id="kind" name="kind" { @for (kind, label) in KINDS { option value=(kind) { (label) } } }
                }
                div.field {
                    label for="value" { "Its id" }
                    input.narrow type="text" id="value" name="value" required autocomplete="off";
                }
                button type="submit" { "Show what this cuts" }
            }
            section.apart {
                h2 { "Everything" }
                p { a.button.dangerous href="/stop?kind=all" { "Show what stopping everything cuts" } }
            }
        }
    }
}

fn confirm(view: &View, scope: &StopScope, cut: &Cut<'_>) -> Markup {
    let (kind, value) = parts(scope);
    let sessions = cut.reached.len();
    let sees_all = view.has_role(&[Role::Security, Role::Auditor])
        || matches!(scope, StopScope::Application(_));
    html! {
        section.apart {
            h2 { "Stop " (in_words(view, scope)) }
            p {
                "This ends " @if !sees_all { "at least " }
                strong { (sessions) @if sessions == 1 { " session" } @else { " sessions" } }
                " and cuts " strong { (cut.under_way) @if cut.under_way == 1 { " request" } @else { " requests" } } " under way. "
                "You alone are enough to stop; you cannot lift it yourself."
            }
            ul.lines {
                @for session in &cut.reached {
                    li {
                        a href={ "/sessions/" (session.id) } { (person(view, &session.actor)) " as " (session.subject) }
                        span.quiet { code { (session.case) } " · ends " (when(view, session.end_by)) }
                    }
                }
            }
            form.stacked method="post" action="/stop" {
                (csrf(view))
                input type="hidden" name="kind" value=(kind);
                input type="hidden" name="value" value=(value);
                @if *scope == StopScope::All {
                    div.field {
                        label for="word" { "Type " code { (WORD) } " to stop everything" }
                        input.narrow type="text" id="word" name="word" required autocomplete="off";
                    }
                }
                p.actions {
                    button.dangerous type="submit" { "Stop " (in_words(view, scope)) }
                    a.button href="/stop" { "Leave it" }
                }
            }
        }
    }
}

/// Stops.
pub(crate) async fn stop(Posted { visitor, fields }: Posted) -> Response {
    let stopped = async {
        let scope = chosen(&fields)?;
        if scope == StopScope::All && fields.one("word") != Some(WORD) {
            let detail = format!("type `{WORD}` to stop everything; nothing was stopped");
            return Err(Denial::Malformed.because(detail).at("/word"));
        }
        stop::stop(&visitor.state.control, &visitor.caller, &scope).await
    };
    let to = stopped.await.map(|_| "/holds".to_owned());
    visitor.go(to, Refused::new("stop this", "/stop"))
}
