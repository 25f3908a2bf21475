//! The frame around every page.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::script;
use crate::security_headers::{self, Allowed};
use crate::shown::person;
use crate::stylesheet;
use crate::view::View;

/// One page.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    /// The first line: what this is, whose move it is, until when.
    pub(crate) lead: Markup,
    pub(crate) body: Markup,
    /// Origins that a form of this page is redirected to.
    pub(crate) form_targets: Vec<String>,
    /// Whether a form of this page asks an authenticator, or something on it is copied.
    has_script: bool,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>, lead: Markup, body: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            lead,
            body,
            form_targets: Vec::new(),
            has_script: false,
        }
    }

    /// The same with the script, which its forms need.
    pub(crate) fn with_script(mut self) -> Self {
        self.has_script = true;
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The page as it is answered.
    pub(crate) fn answer(&self, view: &View) -> Response {
        let sign_out = view.reader.as_ref().and_then(|it| it.sign_out_at.as_ref());
        let form_targets = self.form_targets.iter().chain(sign_out);
        let policy = security_headers::policy(&Allowed {
            has_script: self.has_script,
            form_targets: form_targets.map(String::as_str).collect(),
        });
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (CONTENT_SECURITY_POLICY, policy),
        ];
        (self.status, headers, self.markup(view).into_string()).into_response()
    }

    /// The whole document.
    pub(crate) fn markup(&self, view: &View) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Locum" }
                    link rel="stylesheet" href=(stylesheet::PATH);
                    @if self.has_script { script src=(script::path()) defer {} }
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    (development(view))
                    (header(view))
                    main id="content" {
                        h1 { (self.title) }
                        p.lead { (self.lead) }
                        (self.body)
                    }
                }
            }
        }
    }
}

fn development(view: &View) -> Markup {
    html! {
        @if view.is_development {
            aside.development aria-label="Environment" { strong { "development" } " — nobody proves here who they are" }
        }
    }
}

fn header(view: &View) -> Markup {
    html! {
        header.top {
            a.brand href="/" { "Locum" }
            @if let Some(reader) = &view.reader {
                @if !reader.is_by_founding_link { (places(view)) }
                form.reader method="post" action="/logout" {
                    (csrf(view))
                    @if reader.is_by_founding_link {
                        span { (person(view, &reader.principal)) }
                    } @else {
                        a href="/account" title="Your account" aria-current=[is_at(view, "/account").then_some("page")] { (person(view, &reader.principal)) }
                    }
                    @if view.is_development {
                        a href=(crate::pages::login::address(&view.path)) { "Be somebody else" }
                    }
                    button.plain type="submit" { "Sign out" }
                }
            }
        }
    }
}

fn places(view: &View) -> Markup {
    html! {
        nav aria-label="Main" {
            (place(view, "/", "Today"))
            (place(view, "/requests", "Requests"))
            (place(view, "/sessions", "Sessions"))
            (place(view, "/reviews", "Reviews"))
            @if view.may_stop() { (place(view, "/stop", "Stop")) }
            @if view.may_open_exceptions() { (place(view, "/exceptions", "Exceptions")) }
            @if view.may_see_record() { (place(view, "/record", "Record")) }
            @if view.may_see_erasures() { (place(view, "/erasures", "Erasures")) }
            @if view.may_see_changes() { (place(view, "/changes", "Changes")) }
            @if view.may_sign_enrolments() { (place(view, "/enrolments", "Enrolments")) }
        }
    }
}

fn place(view: &View, address: &str, label: &str) -> Markup {
    html! { a href=(address) aria-current=[is_at(view, address).then_some("page")] { (label) } }
}

fn is_at(view: &View, address: &str) -> bool {
    let path = view.path.split('?').next().unwrap_or_default();
    match address {
        "/" => path == "/",
        _ => path.starts_with(address),
    }
}

/// The hidden field by which a form shows that a page of this login sent it.
pub(crate) fn csrf(view: &View) -> Markup {
    let token = view.reader.as_ref().map(|it| it.csrf.as_str());
    html! { input type="hidden" name="csrf" value=(token.unwrap_or_default()); }
}
