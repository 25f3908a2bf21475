//! Somebody who is signed in and looks at a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use locum_control::{Assurance, Caller};
use locum_domain::{Authenticator, Denial, Refusal, Stream, Timestamp};
use locum_login::passkeys::MadeIn;
use locum_login::{How, LoginId, SignedIn};
use maud::html;

use crate::ceremony::Asked;
use crate::page::Page;
use crate::pages::login;
use crate::pages::refusal::{self, Refused};
use crate::posted::Fields;
use crate::registration;
use crate::same_site::origin;
use crate::state::ConsoleState;
use crate::view::{Reader, View};

/// A signed-in person with the page they ask for.
pub(crate) struct Visitor {
    pub(crate) state: ConsoleState,
    pub(crate) caller: Caller,
    pub(crate) login: LoginId,
    /// How they signed in, and how sure that makes us.
    pub(crate) signed_in: SignedIn,
    pub(crate) view: View,
}

impl Visitor {
    /// Who sends these headers, by the login's cookie alone: a bearer token is for programs, and no form can
    /// carry its token. Whoever left since is nobody.
    pub(crate) fn of(state: &ConsoleState, headers: &HeaderMap, path: &str) -> Option<Self> {
        let signed_in = state.logins.authenticate(headers).ok()?;
        if signed_in.how == How::FoundingLink && !is_of_founding(path) {
            return None;
        }
        let catalog = &state.control.in_force().catalog;
        let person = catalog.people.get(&signed_in.principal);
        if !person.is_some_and(|person| person.is_active) {
            return None;
        }
        let (login, csrf) = (signed_in.login.clone()?, signed_in.csrf.clone()?);
        let sign_out_at = match &signed_in.how {
            How::Oidc(it) => Some(origin(&it.issuer).to_owned()),
            _ => None,
        };
        let reader = Reader {
            principal: signed_in.principal.clone(),
            csrf,
            withheld_roles: signed_in.withheld_roles.clone(),
            assurance: signed_in.assurance,
            is_by_founding_link: signed_in.how == How::FoundingLink,
            sign_out_at,
        };
        let view = view(state, path, Some(reader));
        Some(Self {
            state: state.clone(),
            caller: signed_in.caller(),
            login,
            signed_in,
            view,
        })
    }

    /// A refusal that no verb has put on the record yet, because it came before any.
    pub(crate) async fn refused(&self, act: &'static str, refusal: Refusal) -> Refusal {
        let about = Stream::Principal(self.caller.principal.clone());
        self.state
            .control
            .refused(&self.caller, act, &about, refusal)
            .await
    }

    /// What the browser is asked for to make a passkey in this login.
    ///
    /// # Errors
    /// As [`registration::options`].
    pub(crate) fn to_register(&self, existing: &[Authenticator]) -> Result<Asked, Refusal> {
        let made_in = MadeIn::Login(&self.login);
        registration::options(&self.state, made_in, &self.caller.principal, existing)
    }

    /// The passkey that was made in this login.
    ///
    /// # Errors
    /// As [`registration::registered`].
    pub(crate) fn registered(&self, fields: &Fields) -> Result<Authenticator, Refusal> {
        let made_in = MadeIn::Login(&self.login);
        registration::registered(&self.state, made_in, &self.caller.principal, fields)
    }

    /// Whether all that a refusal asks for is that the reader prove themselves again.
    pub(crate) fn is_to_confirm(&self, refusal: &Refusal) -> bool {
        refusal.denial == Denial::SignatureRequired
            && refusal.pointer.is_none()
            && self.caller.assurance == Assurance::Ordinary
    }

    /// The page, or the page of why there is none.
    pub(crate) fn show(&self, page: Result<Page, Refusal>, refused: Refused<'_>) -> Response {
        match page {
            Ok(page) => page.answer(&self.view),
            Err(refusal) => refusal::page(&self.view, &refusal, refused).answer(&self.view),
        }
    }

    /// The same for an act that takes a proof of a moment ago: its refusal leads to where that is given.
    pub(crate) fn go_sure(&self, to: Result<String, Refusal>, refused: Refused<'_>) -> Response {
        let is_to_confirm = to
            .as_ref()
            .is_err_and(|refusal| self.is_to_confirm(refusal));
        match is_to_confirm {
            true => self.go(to, refused.once_sure()),
            false => self.go(to, refused),
        }
    }

    /// On to another page after a change, or the page of why nothing changed.
    pub(crate) fn go(&self, to: Result<String, Refusal>, refused: Refused<'_>) -> Response {
        match to {
            Ok(to) => Redirect::to(&to).into_response(),
            Err(refusal) => self.show(Err(refusal), refused),
        }
    }
}

/// Whether a founder's one-time link opens this: the founding, and the way out.
fn is_of_founding(path: &str) -> bool {
    let mut parts = path.split(['/', '?']).skip(1);
    matches!(parts.next(), Some("founding" | "login" | "logout"))
}

/// The id that a path names. What is none names nothing.
pub(crate) fn named<T: std::str::FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse()
        .map_err(|_| Denial::NotFound.because("nothing here has this id"))
}

/// A page's view for whoever reads it.
pub(crate) fn view(state: &ConsoleState, path: &str, reader: Option<Reader>) -> View {
    let settings = state.control.settings();
    View {
        catalog: state.control.in_force().catalog.clone(),
        zone: settings.time_zone.clone(),
        // Times on a page decide nothing; with a clock nobody may trust, pages still show.
        now: state.control.now().unwrap_or_else(|_| Timestamp::now()),
        is_development: !settings.is_production,
        path: path.to_owned(),
        reader,
    }
}

impl FromRequestParts<ConsoleState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ConsoleState,
    ) -> Result<Self, Self::Rejection> {
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        if let Some(visitor) = Visitor::of(state, &parts.headers, &path) {
            return Ok(visitor);
        }
        if parts.method == Method::GET {
            return Err(Redirect::to(&login::address(&path)).into_response());
        }
        let before = path.rsplit_once('/').map_or("/", |(before, _)| before);
        let view = view(state, &path, None);
        let lead = html! { "Nothing was changed: your login has ended, or there was none." };
        let body = html! { p { a.button href=(login::address(before)) { "Sign in" } } };
        let page = Page::new("Sign in first", lead, body).with_status(StatusCode::UNAUTHORIZED);
        Err(page.answer(&view))
    }
}
