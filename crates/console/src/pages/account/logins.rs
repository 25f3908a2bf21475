//! My logins: where somebody is signed in as me.

use locum_login::LoginView;
use maud::{Markup, html};

use crate::page::csrf;
use crate::shown::{Mood, browser, state, when};
use crate::view::View;

pub(super) fn logins(view: &View, logins: &[LoginView]) -> Markup {
    html! {
        section {
            h2 { "Where you are signed in" }
            table.stack {
                thead { tr { th { "Which" } th { "How" } th { "From" } th { "Began" } th { "Last used" } th { "End" } } }
                tbody { @for it in logins { (row(view, it)) } }
            }
            @if logins.iter().any(|it| !it.is_this) {
                form method="post" action="/account/logins/end-others" {
                    (csrf(view))
                    button.dangerous type="submit" { "End all others" }
                }
            }
            p.quiet { "What you do not recognise: end it, then tell security. A login ends by itself after 8 hours, or when nobody uses it for one." }
        }
    }
}

fn row(view: &View, it: &LoginView) -> Markup {
    html! {
        tr {
            td { @if it.is_this { (state(Mood::Good, "this one")) } @else { (state(Mood::Over, "another")) } }
            td { (word(it.how)) }
            td {
                (browser(it.seen_from.browser.as_deref()))
                @if let Some(address) = &it.seen_from.address { " " code { (address) } }
            }
            td data-label="began" { (when(view, it.began_at)) }
            td data-label="last used" { (when(view, it.last_seen_at)) span.quiet { ", ends " (when(view, it.end_by)) } }
            td {
                form method="post" action={ "/account/logins/" (it.id) "/end" } {
                    (csrf(view))
                    button type="submit" { @if it.is_this { "Sign out here" } @else { "End" } }
                }
            }
        }
    }
}

/// How a login began, in a word or two.
fn word(how: &str) -> &str {
    match how {
        "oidc" => "identity provider",
        "picked" => "picked, in development",
        "founding-link" => "founder's link",
        "device" => "device you let in",
        other => other,
    }
}
