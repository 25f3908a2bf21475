//! Who comes in: somebody with an assertion, or nobody.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use locum_sdk::{
    AcceptedLog, AssertionLayer, Impersonation, JwkSet, PauseFuture, ReadFuture, ReadLedger,
    TrustPolicy, Verifier, Witnessed,
};
use maud::{Markup, html};

use crate::apps::customers::Customer;
use crate::page::{Place, page};
use crate::{Clock, loopback};

/// Whose assertions an application believes.
#[derive(Clone)]
pub struct Trust {
    /// Locum's issuer, compared byte by byte.
    pub issuer: String,
    /// Where that issuer publishes its keys; fetched when a key is not known yet, so that Locum
    /// may start after the application.
    pub jwks_url: String,
    /// The application's clock.
    pub clock: Clock,
    /// A folder in which each application keeps what it accepted, as `APPLICATION.jsonl`.
    pub accepted_logs: Option<PathBuf>,
    /// Who must have seen a session's start.
    pub witnesses: Option<Witnesses>,
}

/// Whose word an application asks for beside Locum's.
#[derive(Clone)]
pub struct Witnesses {
    /// A C2SP tlog-policy: the ledger's key, the witnesses' keys, and how many of them.
    pub policy: String,
    /// Where Locum serves its ledger, without a slash at the end.
    pub ledger_url: String,
}

/// The ledger over loopback.
struct Ledger {
    url: String,
}

impl ReadLedger for Ledger {
    fn read(&self, path: String) -> ReadFuture<'_> {
        Box::pin(async move {
            let (status, body) = loopback::get(&format!("{}/{path}", self.url)).await.ok()?;
            status.is_success().then(|| body.to_vec())
        })
    }

    fn pause(&self, time: Duration) -> PauseFuture<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// The customer whom a request is made as, and who makes it.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) customer: &'static Customer,
    pub(crate) acting: Impersonation,
}

/// Finds the customer whom an assertion (and the headers beside it) speaks of.
pub(crate) type FindCustomer = fn(&Impersonation, &HeaderMap) -> Option<&'static Customer>;

impl Trust {
    fn layer(&self, audience: &str) -> io::Result<AssertionLayer> {
        let verifier = Verifier::new(&self.issuer, audience, JwkSet::default());
        let clock = self.clock.clone();
        let url = self.jwks_url.clone();
        let mut layer = AssertionLayer::new(verifier, move || clock()).with_fetch_keys(move || {
            let url = url.clone();
            Box::pin(async move { fetch_keys(&url).await })
        });
        if let Some(witnesses) = &self.witnesses {
            layer = layer.require_witnessed(witnesses.witnessed()?);
        }
        if let Some(folder) = &self.accepted_logs {
            let application = audience.strip_prefix("app:").unwrap_or(audience);
            let path = folder.join(application).with_extension("jsonl");
            layer = layer.with_accepted_log(AcceptedLog::new(path, application));
        }
        Ok(layer)
    }
}

impl Witnesses {
    fn witnessed(&self) -> io::Result<Witnessed> {
        let policy = TrustPolicy::parse(&self.policy).map_err(io::Error::other)?;
        let url = self.ledger_url.clone();
        Witnessed::new(policy, Ledger { url }).map_err(io::Error::other)
    }
}

async fn fetch_keys(url: &str) -> Option<JwkSet> {
    let (status, body) = loopback::get(url).await.ok()?;
    let text = std::str::from_utf8(&body).ok()?;
    status.is_success().then(|| JwkSet::from_json(text).ok())?
}

/// `router` for those alone who bring an assertion for `audience`.
pub(crate) fn guarded(
    router: Router,
    place: &'static Place,
    audience: &str,
    trust: &Trust,
    find: FindCustomer,
) -> io::Result<Router> {
    let router = router
        // An address that does not exist asks for the assertion too.
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn(move |request, next| {
            admit(request, next, place, find)
        }))
        .layer(trust.layer(audience)?)
        .layer(map_response(move |response| sign_in(response, place)));
    Ok(router)
}

async fn admit(
    mut request: Request,
    next: Next,
    place: &'static Place,
    find: FindCustomer,
) -> Response {
    let acting = request.extensions().get::<Impersonation>().cloned();
    let visitor = acting.and_then(|acting| {
        let customer = find(&acting, request.headers())?;
        Some(Visitor { customer, acting })
    });
    let Some(visitor) = visitor else {
        let content = html! {
            h1 { "No account" }
            p.lead { "The assertion is good, but speaks of nobody who has an account here." }
        };
        let page = page(place, "No account", &html! {}, &content);
        return (StatusCode::FORBIDDEN, page).into_response();
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// Gives the layer's bare 401 the application's own face.
async fn sign_in(response: Response, place: &'static Place) -> Response {
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    let challenge = response.headers().get(WWW_AUTHENTICATE).cloned();
    let content = html! {
        div.narrow {
            h1 { "Sign in to " (place.name) }
            p.lead {
                "Customers sign in here. Support comes in through Locum, for one case and as one "
                "customer; this request brought no assertion that says so."
            }
            form {
                label for="login" { "Account" }
                input id="login" disabled;
                label for="password" { "Password" }
                input id="password" type="password" disabled;
                button disabled { "Sign in" }
            }
            p.quiet { "This is a sample and nobody has a password in it." }
        }
    };
    let page = page(place, "Sign in", &html! {}, &content);
    let mut response = (StatusCode::UNAUTHORIZED, page).into_response();
    if let Some(challenge) = challenge {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl Visitor {
    /// The strip on every page. Both people are named: the application hides neither.
    pub(crate) fn strip(&self) -> Markup {
        let acting = &self.acting;
        html! {
            div.acting role="status" {
                span aria-hidden="true" { "⇄ " }
                b { (acting.actor.sub) }
                @if let Some(prior) = &acting.actor.act { " on behalf of " b { (prior.sub) } }
                " acts as " b { (self.customer.name) } " (" (acting.subject) ")"
                " · case " (acting.case)
                code { (acting.session) }
            }
        }
    }
}
