//! One session: its applications, its time, what was done in it, and its end.

use axum::extract::Path;
use axum::response::Response;
use locum_control::evidence::{self, AccessEvent, Accessed};
use locum_control::ports::LiveView;
use locum_control::{end_session, open_application, read};
use locum_domain::access::AdmittedBy;
use locum_domain::catalog::{Effect, Role};
use locum_domain::session::ApplicationState;
use locum_domain::{ApplicationId, Denial, OperationId, Refusal, Session, SessionId};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::{Page, csrf};
use crate::posted::Posted;
use crate::same_site::origin;
use crate::shown::{
    Mood, application, by_effect, effect_word, ended_because, person, principal_line,
    session_state, short, state, when,
};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// The newest records shown.
const RECORDS: usize = 30;

/// `/sessions/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this session", "/sessions"))
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let session = read::session(control, caller, &named::<SessionId>(id)?).await?;
    let story = evidence::access_event(control, caller, &session.event).await?;
    let live = control
        .data_plane()
        .live()
        .into_iter()
        .find(|it| it.session == session.id);
    let mut page = whole(&visitor.view, &session, &story, live.as_ref());
    let bases = session
        .applications
        .keys()
        .filter_map(|it| control.data_plane().base_url(it));
    // Opening goes by redirect to the application's host, and once through the console's own address.
    page.form_targets = bases.map(|base| origin(&base).to_owned()).collect();
    page.form_targets
        .push(origin(&visitor.state.public_url).to_owned());
    Ok(page)
}

/// The page.
pub(crate) fn whole(
    view: &View,
    session: &Session,
    story: &AccessEvent,
    live: Option<&LiveView>,
) -> Page {
    let is_actor = view.is_reader(&session.actor);
    let lead = html! {
        (session_state(session)) " · "
        @match &session.ended {
            Some(ended) => {
                "ended " (when(view, ended.at)) " because " (ended_because(ended.because))
                @if let Some(by) = &ended.by { " (" (person(view, by)) ")" }
            }
            None => { "ends " strong { (when(view, session.end_by)) } ", or with case " code { (session.case) } }
        }
    };
    let body = html! {
        section.decision {
            p.who { (principal_line(view, &session.actor)) " acts as " strong { (session.subject) } @if let Some(tenant) = &session.tenant { " (" (tenant) ")" } }
            (applications(view, session, is_actor))
            @if let Some(live) = live {
                p.quiet { (live.in_flight) " under way · " (live.refused) " refused · ends after " (session.idle_within.0) " idle minutes" }
            }
        }
        @if session.is_live() && may_end(view, session) { (end_form(view, session, live)) }
        (records(view, story))
        p {
            a href={ "/requests/" (session.request) } { "The request and its story" } " · "
            a href={ "/events/" (session.event) } { "Access event and evidence" } " · "
            a href={ "/sessions/" (session.id) } { "Look again" }
        }
        p.quiet { "Session " (short(&session.id)) ". Nobody can join it." }
    };
    let actor = view
        .catalog
        .principal(&session.actor)
        .map_or(session.actor.as_str(), |it| it.name());
    Page::new(format!("{actor} as {}", session.subject), lead, body)
}

fn applications(view: &View, session: &Session, is_actor: bool) -> Markup {
    html! {
        ul.scope {
            @for (id, it) in &session.applications {
                li {
                    div.heading {
                        span {
                            strong { (application(view, id)) } " "
                            @match it.state {
                                ApplicationState::Live => (state(Mood::Good, "live")),
                                ApplicationState::Ending => (state(Mood::Waiting, "ending")),
                                ApplicationState::Ended => (state(Mood::Over, "ended")),
                            }
                            span.quiet { " as " (it.subject) }
                        }
                        @if is_actor && session.is_live() && it.state == ApplicationState::Live {
                            form method="post" action={ "/sessions/" (session.id) "/open" } {
                                (csrf(view))
                                input type="hidden" name="application" value=(id);
                                button.primary type="submit" { "Open " (application(view, id)) }
                            }
                        }
                    }
                    (by_effect(view, id, &it.operations))
                }
            }
        }
    }
}

/// An operation, with its effect where it does more than read.
pub(crate) fn one_operation(view: &View, id: &ApplicationId, operation: &OperationId) -> Markup {
    let known = view
        .catalog
        .applications
        .get(id)
        .and_then(|it| it.operations.get(operation));
    let loud = known
        .map(|it| it.effect)
        .filter(|it| !matches!(it, Effect::Read | Effect::Asset));
    html! {
        @if let Some(effect) = loud { span.verb.loud { (effect_word(effect)) } " " }
        code { (operation) }
    }
}

fn may_end(view: &View, session: &Session) -> bool {
    view.is_reader(&session.actor)
        || view.is_reader(&session.requester)
        || session.approvers.iter().any(|it| view.is_reader(it))
        || view
            .owned()
            .iter()
            .any(|it| session.applications.contains_key(*it))
        || view.has_role(&[Role::Security])
}

fn end_form(view: &View, session: &Session, live: Option<&LiveView>) -> Markup {
    let under_way = live.map_or(0, |it| it.in_flight);
    html! {
        form.move method="post" action={ "/sessions/" (session.id) "/end" } {
            (csrf(view))
            button.dangerous type="submit" { "End the session" }
            span.quiet {
                " Ends 1 session in " (session.applications.len()) " application" @if session.applications.len() != 1 { "s" }
                " and cuts " (under_way) " request" @if under_way != 1 { "s" } " under way. It cannot be taken back."
            }
        }
    }
}

/// Where something was touched that no object names: a root field says more than the one address of all documents.
fn address(row: &Accessed) -> &str {
    let is_path = row.template.starts_with('/');
    if is_path { &row.path } else { &row.template }
}

/// What was done and what was refused, newest first.
pub(crate) fn records(view: &View, story: &AccessEvent) -> Markup {
    let mut rows: Vec<_> = story
        .applications
        .iter()
        .flat_map(|it| it.accessed.iter().map(move |row| (it, row)))
        .collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.ends.last));
    let refused: Vec<_> = story
        .applications
        .iter()
        .flat_map(|it| it.refused.iter().map(move |row| (&it.application, row)))
        .chain(
            story
                .refused_elsewhere
                .iter()
                .map(|it| (&it.application, &it.refused)),
        )
        .collect();
    html! {
        section {
            h2 { "What was done" }
            @if rows.is_empty() { p.empty { "Nothing. Every request through the gateway leaves a record here, by operation and object, never with its contents." } }
            @else {
                table.stack {
                    thead { tr { th { "Operation" } th { "What" } th { "Where" } th { "Times" } th { "Last" } th { "Went" } } }
                    tbody {
                        @for (it, row) in rows.into_iter().take(RECORDS) {
                            tr {
                                td { (one_operation(view, &it.application, &row.operation)) }
                                td {
                                    code { (row.object.as_deref().unwrap_or_else(|| address(row))) }
                                    @if row.rule == AdmittedBy::Exception { " " (state(Mood::Waiting, "by an exception")) }
                                }
                                td { (application(view, &it.application)) }
                                td.number data-label="times" { (row.ends.count) }
                                td.quiet { (when(view, row.ends.last.at)) }
                                td { @for (place, (outcome, count)) in row.outcomes.iter().enumerate() { @if place > 0 { ", " } (count) " " (outcome) }
                                    @for (status, count) in &row.statuses { ", " (count) " \u{d7} " (status) }
                                }
                            }
                        }
                    }
                }
            }
            @if !refused.is_empty() {
                div.heading {
                    h3 { "Refused" }
                    @if let Some(id) = &story.session { a href={ "/sessions/" (id) "/explain" } { "Why, and what helps" } }
                }
                table.stack {
                    thead { tr { th { "Why" } th { "What" } th { "Where" } th { "Times" } th { "Last" } } }
                    tbody {
                        @for (id, row) in refused {
                            tr {
                                td { (state(Mood::Bad, row.code.code())) }
                                td { code { (row.method) " " (row.path) } }
                                td { (application(view, id)) }
                                td.number data-label="times" { (row.ends.count) }
                                td.quiet { (when(view, row.ends.last.at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A fresh one-time way into one application.
pub(crate) async fn open(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let way = async {
        let id = named::<SessionId>(&id)?;
        let unknown = |_| Denial::UnknownApplication.because("no application has this id");
        let application: ApplicationId = fields.words("application").parse().map_err(unknown)?;
        open_application::open_application(
            &visitor.state.control,
            &visitor.caller,
            &id,
            &application,
        )
        .await
    };
    let to = way.await.map(|way| way.open_url);
    visitor.go(to, Refused::new("open this application", &back(&id)))
}

/// Ends the session.
pub(crate) async fn end(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let ended = match named::<SessionId>(&id) {
        Ok(id) => end_session::end_session(&visitor.state.control, &visitor.caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let to = ended.map(|session| format!("/sessions/{}", session.id));
    visitor.go(to, Refused::new("end this session", &back(&id)))
}

fn back(id: &str) -> String {
    match id.parse::<SessionId>() {
        Ok(id) => format!("/sessions/{id}"),
        Err(_) => "/sessions".to_owned(),
    }
}
