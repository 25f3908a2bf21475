//! The page that somebody signs in on, and how nobody was signed in.

use axum::http::StatusCode;
use locum_domain::catalog::Person;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ceremony::{self, CREDENTIAL, SHOW};
use crate::page::Page;
use crate::shown::work_of;
use crate::view::View;

const WITHOUT_SCRIPT: &str = "A passkey takes a script, and none runs here. \
     Sign in another way, or open this page in another browser.";

/// The ways in that this server has.
pub(crate) struct Ways<'a> {
    /// The host of the identity provider.
    pub(crate) provider: Option<&'a str>,
    /// Whether anybody may pick who they are: development.
    pub(crate) is_picking_allowed: bool,
    /// Where it goes on afterwards.
    pub(crate) to: &'a str,
}

/// Why nobody was signed in, in words, and with which status that is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotIn {
    pub(crate) status: StatusCode,
    pub(crate) words: &'static str,
    pub(crate) remedy: &'static str,
}

/// The page; `problem` is what came of the last try.
pub(crate) fn page(view: &View, ways: &Ways<'_>, problem: Option<NotIn>) -> Page {
    let lead =
        html! { "As yourself: what you ask, decide and do here is on the record under your name." };
    let body = html! {
        @if let Some(NotIn { words, remedy, .. }) = problem {
            div.problem role="alert" {
                p { strong { (words) } }
                p { (remedy) }
            }
        }
        div.ways {
            @if let Some(host) = ways.provider {
                p { a.button.primary href=(at_provider(ways.to)) { "Sign in with " (host) } }
            }
            form method="post" action="/login/passkey/verify"
                data-ceremony=(SHOW) data-options="/login/passkey/options" data-field=(CREDENTIAL) {
                input type="hidden" name="to" value=(ways.to);
                button type="submit" { "Sign in with a passkey" }
                (ceremony::parts(CREDENTIAL, WITHOUT_SCRIPT))
            }
        }
        p.quiet {
            @if ways.provider.is_some() {
                "A passkey works once it is enrolled. Without one, sign in with your identity provider and enrol it under your name."
            } @else {
                "A passkey works once it is enrolled. Founders begin with the link that was printed when this server started."
            }
        }
        @if ways.is_picking_allowed { (picker(view, ways.to)) }
    };
    let status = problem.map_or(StatusCode::OK, |it| it.status);
    Page::new("Sign in", lead, body)
        .with_status(status)
        .with_script()
}

fn at_provider(to: &str) -> String {
    match to {
        "/" => "/login/oidc".to_owned(),
        to => format!(
            "/login/oidc?to={}",
            utf8_percent_encode(to, NON_ALPHANUMERIC)
        ),
    }
}

/// Everybody one may be in development, as buttons.
pub(crate) fn picker(view: &View, to: &str) -> Markup {
    let people: Vec<&Person> = view
        .catalog
        .people
        .values()
        .filter(|it| it.is_active)
        .collect();
    html! {
        form.picker method="post" action="/login" {
            h2 { "Sign in as" }
            input type="hidden" name="to" value=(to);
            ul {
                @for person in people {
                    li {
                        button type="submit" name="person" value=(person.id) {
                            strong { (person.name) }
                            span.quiet { (work_of(&view.catalog, person)) }
                        }
                    }
                }
            }
        }
    }
}
