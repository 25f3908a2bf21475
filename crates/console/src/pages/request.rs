//! One request: the decision on top, its story below.

use axum::extract::Path;
use axum::response::Response;
use locum_control::authenticators::authenticators;
use locum_control::consider::{Considered, consider};
use locum_control::evidence::{self, AccessEvent};
use locum_control::read::{self, RequestFilter};
use locum_domain::authenticator::Held;
use locum_domain::{EventId, PrincipalId, Refusal, Request, RequestId};
use maud::{Markup, html};

use super::card::{Card, card};
use super::countersigning;
use super::moves::moves;
use super::refusal::Refused;
use super::request_list;
use crate::page::Page;
use crate::shown::{person, request_state, route, short, timeline, whose_move};
use crate::signing::Signing;
use crate::view::View;
use crate::visitor::{Visitor, named};

/// How many earlier requests of the actor stand below the fold.
const EARLIER: usize = 5;

/// `/requests/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this request", "/requests"))
}

/// One request with everything its page says.
pub(crate) struct Whole {
    pub(crate) request: Request,
    pub(crate) considered: Option<Considered>,
    pub(crate) is_recording: bool,
    pub(crate) story: AccessEvent,
    pub(crate) earlier: Vec<Request>,
    pub(crate) signing: Signing,
    /// Whether the reader signs for an authority that the emergency skipped.
    pub(crate) may_countersign: bool,
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let request = read::request(control, caller, &named::<RequestId>(id)?).await?;
    let considered = match request.state.is_settled() {
        true => None,
        false => Some(consider(control, caller, &request).await?),
    };
    let story =
        evidence::access_event(control, caller, &event_of(visitor, &request).await?).await?;
    let earlier = earlier(visitor, &request.actor, &request.id).await?;
    let may_decide = considered.as_ref().is_some_and(|it| it.may_decide.is_ok());
    let held: Vec<Held> = match may_decide && request.route.signature_demanded {
        true => own(visitor).await?,
        false => Vec::new(),
    };
    let signing = Signing::of(&visitor.view, &request, &held);
    let may_countersign = countersigning::may_sign(visitor, &request).await?;
    let whole = Whole {
        request,
        may_countersign,
        considered,
        is_recording: control.is_recording(),
        story,
        earlier,
        signing,
    };
    Ok(self::whole(&visitor.view, &whole))
}

/// The reader's own authenticators in use.
async fn own(visitor: &Visitor) -> Result<Vec<Held>, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let own = authenticators(control, caller, &caller.principal).await?;
    Ok(own.live().cloned().collect())
}

/// A request for more time tells its session's story, not one of its own.
async fn event_of(visitor: &Visitor, request: &Request) -> Result<EventId, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    match &request.extends {
        Some(session) => Ok(read::session(control, caller, session).await?.event),
        None => Ok(request.event.clone()),
    }
}

async fn earlier(
    visitor: &Visitor,
    actor: &PrincipalId,
    id: &RequestId,
) -> Result<Vec<Request>, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let filter = RequestFilter {
        requester: Some(actor.clone()),
        ..RequestFilter::default()
    };
    let listed = read::requests(control, caller, &filter, None, 20).await?;
    let others = listed.items.into_iter().filter(|it| it.id != *id);
    Ok(others.take(EARLIER).collect())
}

/// The page.
pub(crate) fn whole(view: &View, whole: &Whole) -> Page {
    let request = &whole.request;
    let lead = html! { (request_state(&request.state)) " · " (whose_move(view, request)) };
    let card_of = Card {
        request,
        considered: whole.considered.as_ref(),
        is_recording: whole.is_recording,
        signing: whole.signing,
    };
    let body = html! {
        (card(view, &card_of))
        (moves(view, request))
        section { h2 { "Who decides" } (route(view, &request.route)) }
        (countersigning::afterwards(view, request, whole.may_countersign))
        section {
            div.heading {
                h2 { "Story" }
                span {
                    a href={ "/requests/" (request.id) "/explain" } { "Why it was decided so" } " · "
                    a href={ "/events/" (whole.story.id) } { "Access event and evidence" }
                }
            }
            (timeline(view, &whole.story.timeline))
        }
        (below(view, whole))
    };
    let subject = request.subject.as_str();
    let actor = view
        .catalog
        .principal(&request.actor)
        .map_or(request.actor.as_str(), |it| it.name());
    let page = Page::new(format!("{actor} as {subject}"), lead, body);
    // Only a decision that is signed asks an authenticator.
    let signs = whole.signing == Signing::Ready && whole.considered.is_some();
    match signs || (whole.may_countersign && request.route.signature_demanded) {
        true => page.with_script(),
        false => page,
    }
}

fn below(view: &View, whole: &Whole) -> Markup {
    let earlier: Vec<&Request> = whole.earlier.iter().collect();
    let request = &whole.request;
    html! {
        @if !earlier.is_empty() {
            section {
                h2 { "Asked before by " (person(view, &request.actor)) }
                (request_list::table(view, &earlier))
            }
        }
        p.quiet {
            "Request " (short(&request.id)) " · version " (request.version) " · digest " code title=(request.scope_digest().as_str()) { (digest(request)) }
        }
    }
}

fn digest(request: &Request) -> String {
    let digest = request.scope_digest();
    format!("{}…", digest.as_str().chars().take(12).collect::<String>())
}
