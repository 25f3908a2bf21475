//! The founding: two people put their keys under everything else.

mod finished;
mod link;
mod steps;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use locum_control::enrol_founder::enrol_founder;
use locum_control::founding::{self, founding};
use locum_control::sign_founding::sign_founding;
use locum_control::sign_in;
use locum_domain::event::LoginEndedBecause;
use locum_domain::{Authenticator, Denial, Founding, Refusal};
use locum_login::attempts::Attempt;
use locum_login::{How, NewLogin};
use maud::html;

use super::login::{LISTENER, NewlyIn, NotIn, begun, by_its_own_name, not_in};
use super::refusal::Refused;
use crate::ceremony::{self, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::Page;
use crate::peer::Peer;
use crate::posted::{Fields, Posted};
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;
use crate::visitor::{Visitor, view};

/// Where every step leads back to.
const FOUNDING: &str = "/founding";

const ANOTHER_SITE: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "The form does not come from this console's own page.",
    remedy: "Open your founder's link again.",
};
/// The same for a link that never was, was used, or ran out.
const NO_LINK: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "This link is nobody's, or was used, or has run out.",
    remedy: "A new start of the server makes new ones while the founding is not complete. If somebody else used yours, tell the other founder before you go on.",
};
const TOO_OFTEN: NotIn = NotIn {
    status: StatusCode::TOO_MANY_REQUESTS,
    words: "Too many links were tried from where you are.",
    remedy: "Wait a minute, then open yours again.",
};
const NOT_NOW: NotIn = NotIn {
    status: StatusCode::SERVICE_UNAVAILABLE,
    words: "The founding cannot go on at the moment: nothing can be recorded.",
    remedy: "Have the server started anew, and use the new link.",
};

/// `/founding/{code}`: whose the link is, what it is for, and one button. Opening it uses nothing up.
pub(crate) async fn open(
    State(console): State<ConsoleState>,
    Path(code): Path<String>,
    peer: Peer,
) -> Response {
    let path = format!("{FOUNDING}/{code}");
    if let Some(elsewhere) = by_its_own_name(&console, &peer.headers, &path) {
        return elsewhere;
    }
    let view = view(&console, FOUNDING, None);
    // Looking counts for nothing: nobody finds such a code by trying.
    let page = match console.founding_codes.meant(&code) {
        Some(founder) => link::page(&view, &founder, &code),
        None => {
            console.strangers.refused(LISTENER, "no-founding-code");
            link::not_followed(NO_LINK)
        }
    };
    page.answer(&view)
}

/// Uses the link up, and signs its founder in for the founding alone.
pub(crate) async fn begin(
    State(console): State<ConsoleState>,
    peer: Peer,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let no = |reason: &str, why| not_in(&console, &peer.headers, FOUNDING, reason, why);
    if sent_from(&peer.headers, &console.public_url) != SentFrom::Here {
        return no("another-site", ANOTHER_SITE);
    }
    let Some(person) = console.founding_codes.redeem(fields.words(link::CODE)) else {
        let attempts = &console.attempts;
        return match attempts.count(Attempt::FoundingCode, peer.counted_as(), None) {
            Ok(()) => no("no-founding-code", NO_LINK),
            Err(_) => no("too-many-attempts", TOO_OFTEN),
        };
    };
    let how = How::FoundingLink;
    let login = NewLogin::new(person.clone(), how.clone(), peer.seen_from());
    let Some(started) = console.logins.begin(login) else {
        return no("no-randomness", NOT_NOW);
    };
    let newly = NewlyIn {
        person,
        how,
        started,
    };
    match begun(&console, &peer, newly, FOUNDING).await {
        Some(response) => response,
        None => no("not-recorded", NOT_NOW),
    }
}

/// `/founding`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let found = founding(&visitor.state.control).await;
    let page = found.map(|found| match found {
        Some(founding) => steps::page(&visitor.view, &founding),
        None => none(),
    });
    visitor.show(page, Refused::new("see the founding", "/"))
}

fn none() -> Page {
    let lead = html! { "This house has no founders, and needs none: in development nobody’s signature is demanded." };
    let body = html! {
        p { "Founders are two people, named under " code { "[login] founders" } " in " code { "locum.toml" } "." }
        p { a.button href="/" { "Today" } }
    };
    Page::new("Founding", lead, body)
}

/// What the browser is asked for to make a founder's passkey.
pub(crate) async fn options(Fetched { visitor, .. }: Fetched) -> Response {
    let asked = async {
        let found = founding(&visitor.state.control).await?;
        let enrolled = found.map(|it| it.enrolled).unwrap_or_default();
        let own = enrolled.get(&visitor.caller.principal).cloned();
        let own: Vec<Authenticator> = own.into_iter().collect();
        visitor.to_register(&own)
    };
    fetched::answer(asked.await)
}

/// Enrols the founder's passkey.
pub(crate) async fn enrol(Posted { visitor, fields }: Posted) -> Response {
    let enrolled = match visitor.registered(&fields) {
        Ok(it) => enrol_founder(&visitor.state.control, &visitor.caller, &it).await,
        Err(refusal) => Err(visitor.refused("enrol-founder", refusal).await),
    };
    let to = enrolled.map(|_| FOUNDING.to_owned());
    visitor.go(to, Refused::new("enrol this passkey", FOUNDING))
}

/// What both founders sign.
pub(crate) async fn statement(Fetched { visitor, .. }: Fetched) -> Response {
    let statement = founding::statement(&visitor.state.control, &visitor.caller).await;
    fetched::answer(statement.and_then(ToSign::of))
}

/// One founder's signature. After the last, no link opens anything, and what links opened is over: the answer is the
/// finished page itself.
pub(crate) async fn sign(Posted { visitor, fields }: Posted) -> Response {
    let signed = signed(&visitor, &fields).await;
    let is_by_link = visitor.signed_in.how == How::FoundingLink;
    let to = match signed {
        Ok(founding) if founding.is_complete() => {
            end_links(&visitor.state).await;
            if is_by_link {
                return over(&visitor.state, &founding);
            }
            Ok(FOUNDING.to_owned())
        }
        signed => signed.map(|_| FOUNDING.to_owned()),
    };
    visitor.go(to, Refused::new("sign the founding", FOUNDING))
}

/// Ends what founders' links opened, on the record. It has ended whether that can be recorded or not.
async fn end_links(console: &ConsoleState) {
    console.founding_codes.close();
    for ended in console.logins.end_founding_links() {
        let (principal, login) = (&ended.principal, ended.id.as_str());
        let because = LoginEndedBecause::FoundingComplete;
        let _ = sign_in::end(&console.control, principal, login, because).await;
    }
}

/// The finished founding, for whoever is signed in no more.
fn over(console: &ConsoleState, founding: &Founding) -> Response {
    let view = view(console, FOUNDING, None);
    let page = finished::page(&view, founding).answer(&view);
    let cookie = AppendHeaders([(SET_COOKIE, console.logins.ended_cookie())]);
    (cookie, page).into_response()
}

async fn signed(visitor: &Visitor, fields: &Fields) -> Result<Founding, Refusal> {
    if !fields.is_ticked("compared") {
        let detail = "compare the fingerprints aloud first, and say so";
        return Err(Denial::Malformed.because(detail).at("/compared"));
    }
    let signature = ceremony::signature(fields)?;
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    sign_founding(control, caller, &signature).await
}
