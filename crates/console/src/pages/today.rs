//! Today: what waits for me, my live sessions, my requests and whose move it is. Nothing else.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::SignedDuration;
use locum_control::change::ChangeSeen;
use locum_control::delegations::WaitingDelegation;
use locum_control::enrolments::{self, Announcement, EnrolmentSeen};
use locum_control::founding::founding;
use locum_control::read::{self, RequestFilter};
use locum_domain::{Denial, Exception, Founding, Refusal, Request, RequestState, Review, Session};
use maud::{Markup, html};

use super::refusal::Refused;
use super::{
    announced, changes, countersigning, delegations, exceptions, login, request_list, welcome,
};
use crate::page::Page;
use crate::shown::{application, approvers, person, scope_line, when, whose_move};
use crate::state::ConsoleState;
use crate::view::View;
use crate::visitor::{Visitor, view};

/// How many settled requests are still worth a line.
const SETTLED: usize = 3;
/// How long Today tells of a new authenticator.
const ANNOUNCED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `/`
pub(crate) async fn show(State(console): State<ConsoleState>, headers: HeaderMap) -> Response {
    let guide = console.guide.as_deref();
    match Visitor::of(&console, &headers, "/") {
        Some(visitor) => {
            let page = today(&visitor).await;
            visitor.show(page, Refused::new("see what waits for you", "/"))
        }
        None => {
            if let Some(elsewhere) = login::by_its_own_name(&console, &headers, "/") {
                return elsewhere;
            }
            let view = view(&console, "/", None);
            let is_picking_allowed = console.logins.is_picking_allowed();
            welcome::page(&view, guide, is_picking_allowed).answer(&view)
        }
    }
}

/// What the reader of this page has to do with.
pub(crate) struct Mine {
    pub(crate) to_decide: Vec<Request>,
    pub(crate) to_review: Vec<Review>,
    /// Emergencies that skipped an authority of the reader's.
    pub(crate) to_countersign: Vec<Request>,
    /// Emergencies that the reader was told of for security, and that are not over.
    pub(crate) emergencies: Vec<Request>,
    /// Closed operations that wait for the reader to open.
    pub(crate) to_open: Vec<Exception>,
    /// Changes of what counts that wait for the reader as a second person.
    pub(crate) to_confirm: Vec<ChangeSeen>,
    /// Authority of the reader's that they lend, and have not confirmed.
    pub(crate) to_lend: Vec<WaitingDelegation>,
    pub(crate) live: Vec<Session>,
    pub(crate) requests: Vec<Request>,
    /// Authenticators of others that wait for the reader's signature.
    pub(crate) to_sign: Vec<EnrolmentSeen>,
    /// Keys that began to count lately, the reader's own or of somebody they are manager of.
    pub(crate) announced: Vec<Announcement>,
    /// Whether the founding waits, for the reader too if they are a founder.
    pub(crate) founding: Option<Founding>,
}

impl Mine {
    /// How many things wait for the reader.
    fn count(&self, view: &View) -> usize {
        self.to_decide.len()
            + self.to_review.len()
            + self.to_countersign.len()
            + self.to_open.len()
            + self.to_confirm.len()
            + self.to_lend.len()
            + self.to_sign.len()
            + self.to_move(view).len()
            + usize::from(self.founding.is_some())
    }

    /// The reader's own requests whose next step is the reader's, each with its verb.
    fn to_move(&self, view: &View) -> Vec<(&'static str, &Request)> {
        let verb = |request: &Request| {
            let is_asked = request.questions.iter().any(|it| it.answer.is_none());
            match &request.state {
                RequestState::Approved { .. } if view.is_reader(&request.actor) => Some("Activate"),
                RequestState::Offered { .. } => Some("Take or leave the offer"),
                RequestState::Pending { .. } if is_asked => Some("Answer"),
                _ => None,
            }
        };
        let requests = self.requests.iter();
        requests
            .filter_map(|request| Some((verb(request)?, request)))
            .collect()
    }
}

async fn today(visitor: &Visitor) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let me = Some(caller.principal.clone());
    let pending = RequestFilter {
        state: Some("pending".into()),
        approver: me.clone(),
        ..RequestFilter::default()
    };
    let to_decide = read::requests(control, caller, &pending, None, 100)
        .await?
        .items;
    let filed = RequestFilter {
        requester: me,
        ..RequestFilter::default()
    };
    let requests = read::requests(control, caller, &filed, None, 50)
        .await?
        .items;
    let live = read::sessions(control, caller, Some("live".into()), None, 100)
        .await?
        .items;
    let reviews = read::reviews(control, caller, Some("open".into()), None, 100)
        .await?
        .items;
    let skipped = RequestFilter {
        countersigner: Some(caller.principal.clone()),
        ..RequestFilter::default()
    };
    let to_countersign = read::requests(control, caller, &skipped, None, 100)
        .await?
        .items;
    let told = RequestFilter {
        told: Some(caller.principal.clone()),
        ..RequestFilter::default()
    };
    let emergencies = read::requests(control, caller, &told, None, 100)
        .await?
        .items;
    let waiting = match enrolments::waiting(control, caller).await {
        // Nothing can be signed by a clock that nobody trusts; the page still shows.
        Err(refusal) if refusal.denial == Denial::ClockUntrusted => Vec::new(),
        waiting => waiting?,
    };
    let now = visitor.view.now;
    let since = now.saturating_sub(ANNOUNCED).unwrap_or(now);
    let found = founding(control).await?.filter(|it| !it.is_complete());
    let mine = Mine {
        to_sign: waiting
            .into_iter()
            .filter(|it| it.may_decide.is_ok() && it.may_sign.is_ok())
            .collect(),
        announced: enrolments::announced(control, caller, since).await?,
        founding: found.filter(|it| it.founders.contains(&caller.principal)),
        to_countersign,
        emergencies,
        to_open: exceptions::to_open(visitor).await?,
        to_confirm: changes::to_confirm(visitor).await?,
        to_lend: delegations::to_confirm(visitor).await?,
        to_decide: to_decide
            .into_iter()
            .filter(|it| approvers(it).contains(&caller.principal))
            .collect(),
        to_review: reviews
            .into_iter()
            .filter(|it| it.reviewer.as_ref() == Some(&caller.principal))
            .collect(),
        live: live
            .into_iter()
            .filter(|it| it.actor == caller.principal)
            .collect(),
        requests,
    };
    let mut page = page(&visitor.view, &mine);
    if let Some(guide) = visitor.state.guide.as_deref() {
        page.body = html! { (page.body) (welcome::guide(guide)) };
    }
    Ok(page)
}

/// The page.
pub(crate) fn page(view: &View, mine: &Mine) -> Page {
    let body = html! {
        (announced::announced(view, &mine.announced))
        (waiting(view, mine))
        (emergencies(view, &mine.emergencies))
        (live(view, &mine.live))
        (requests(view, &mine.requests))
        (owned(view))
    };
    Page::new("Today", lead(view, mine), body)
}

fn lead(view: &View, mine: &Mine) -> Markup {
    let waiting = mine.count(view);
    let things = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    html! {
        @if waiting == 0 { "Nothing waits for you. " } @else { strong { (things(waiting, "thing")) } @if waiting == 1 { " waits" } @else { " wait" } " for you. " }
        @if mine.live.is_empty() { "You are nobody else at the moment." }
        @else { "You act in " strong { (things(mine.live.len(), "live session")) } "." }
    }
}

fn waiting(view: &View, mine: &Mine) -> Markup {
    let to_move = mine.to_move(view);
    html! {
        section {
            h2 { "Waits for you" }
            @if mine.count(view) == 0 {
                p.empty { "Requests that name you as approver, and reviews you owe, appear here. Nobody else's silence decides for you, and yours decides nothing." }
            }
            ul.lines {
                @if mine.founding.is_some() {
                    li { a href="/founding" { strong { "Found" } " this house: enrol your passkey and sign" } }
                }
                @for (verb, request) in &to_move {
                    li {
                        a href={ "/requests/" (request.id) } { strong { (verb) } ": as " (request.subject) " in " (scope_line(view, &request.scope)) }
                        span.quiet { (whose_move(view, request)) }
                    }
                }
                @for request in &mine.to_decide { li { (to_decide(view, request)) } }
                @for request in &mine.to_countersign {
                    li {
                        a href={ "/requests/" (request.id) } { strong { "Sign" } " for what an emergency skipped: as " (request.subject) " in " (scope_line(view, &request.scope)) }
                        @if let Some(due) = request.countersign_by() { span.quiet { (countersigning::owed(view, due)) } }
                    }
                }
                @for exception in &mine.to_open {
                    li {
                        a href="/exceptions" { strong { "Open or deny" } " " (exception.operation) " in " (application(view, &exception.application)) }
                        span.quiet { "asked for by " (person(view, &exception.asked_by)) }
                    }
                }
                @for seen in &mine.to_confirm {
                    li {
                        a href={ "/changes/" (seen.change.id) } { strong { "Confirm or deny" } " a change of what counts: " (seen.change.note) }
                        span.quiet { "proposed by " (person(view, &seen.change.by)) }
                    }
                }
                @for waiting in &mine.to_lend {
                    li {
                        a href="/delegations" { strong { "Lend" } " what you decide in " (application(view, &waiting.application)) " to " (person(view, &waiting.delegation.person)) }
                        span.quiet { "until " (waiting.delegation.until) }
                    }
                }
                @for seen in &mine.to_sign { li { (to_sign(view, seen)) } }
                @for review in &mine.to_review {
                    li {
                        a href={ "/reviews/" (review.id) } { strong { "Review" } " a finished session" }
                        span.quiet { "due " (when(view, review.due)) }
                    }
                }
            }
        }
    }
}

fn to_decide(view: &View, request: &Request) -> Markup {
    let decide_by = match &request.state {
        RequestState::Pending { decide_by } | RequestState::Offered { decide_by, .. } => {
            Some(*decide_by)
        }
        _ => None,
    };
    html! {
        a href={ "/requests/" (request.id) } {
            strong { "Decide" } ": " (person(view, &request.actor)) " as " (request.subject)
            " in " (scope_line(view, &request.scope))
        }
        @if request.break_glass { " " span.badge.loud { "emergency" } }
        @if let Some(decide_by) = decide_by { span.quiet { "lapses " (when(view, decide_by)) } }
    }
}

fn to_sign(view: &View, seen: &EnrolmentSeen) -> Markup {
    let it = &seen.enrolment.authenticator;
    html! {
        a href={ "/enrolments/" (seen.enrolment.id) } {
            strong { "Sign or deny" } ": a new authenticator for " (person(view, &it.person))
        }
        span.quiet { "lapses " (when(view, seen.enrolment.decide_by())) }
    }
}

fn live(view: &View, sessions: &[Session]) -> Markup {
    html! {
        @if !sessions.is_empty() {
            section {
                h2 { "You act as" }
                ul.lines {
                    @for session in sessions {
                        li {
                            a href={ "/sessions/" (session.id) } { strong { (session.subject) } " for " (session.case) }
                            span.quiet { "ends " (when(view, session.end_by)) }
                        }
                    }
                }
            }
        }
    }
}

/// What whoever looks after security was told of: nothing waits for them, and nothing goes on behind their back.
fn emergencies(view: &View, emergencies: &[Request]) -> Markup {
    html! {
        @if !emergencies.is_empty() {
            section {
                h2 { "Emergencies, for security to know" }
                ul.lines {
                    @for request in emergencies {
                        li {
                            a href={ "/requests/" (request.id) } {
                                strong { (person(view, &request.actor)) } " as " (request.subject) " in " (scope_line(view, &request.scope))
                            }
                            span.quiet { (whose_move(view, request)) " · asked for " (when(view, request.filed_at)) }
                        }
                    }
                }
            }
        }
    }
}

/// What an owner looks after between requests.
fn owned(view: &View) -> Markup {
    let owned = view.owned();
    html! {
        @if !owned.is_empty() {
            section {
                h2 { "Your applications" }
                ul.lines {
                    @for id in owned {
                        li {
                            (application(view, id))
                            a href={ "/applications/" (id) "/unclassified" } { "What nobody classified in " (application(view, id)) }
                        }
                    }
                }
            }
        }
    }
}

fn requests(view: &View, requests: &[Request]) -> Markup {
    let open = requests.iter().filter(|it| !it.state.is_settled());
    let settled = requests
        .iter()
        .filter(|it| it.state.is_settled())
        .take(SETTLED);
    let shown: Vec<&Request> = open.chain(settled).collect();
    html! {
        section {
            div.heading {
                h2 { "Your requests" }
                a.button href="/requests/new" { "New request" }
            }
            @if shown.is_empty() {
                p.empty {
                    "You have asked for nothing. To act as a customer you need an open case that is assigned to you; "
                    "name it in a new request, say what you must do and why, and see whose yes it takes before you file it."
                }
            } @else {
                (request_list::table(view, &shown))
                p.quiet {
                    "A request says here whose move it is. "
                    a href="/requests?requester=me" { "All of yours" }
                }
            }
        }
    }
}
