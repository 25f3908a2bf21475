//! The frame around every page of the samples, and their one stylesheet.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Html;
use axum::routing::get;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};

/// One of the programs, as its visitors know it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Chooses the accent colour in the stylesheet.
    pub(crate) class: &'static str,
    pub(crate) home: &'static str,
    pub(crate) navigation: &'static [(&'static str, &'static str)],
}

/// `above` stands between the navigation and the content: who acts as whom.
pub(crate) fn page(place: &Place, title: &str, above: &Markup, content: &Markup) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (place.name) }
                link rel="icon" href="/static/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/static/style.css";
            }
            body class=(place.class) {
                a.skip href="#content" { "Skip to content" }
                header.top {
                    a.brand href=(place.home) { span.mark aria-hidden="true" {} (place.name) }
                    nav aria-label="Main" {
                        @for (address, label) in place.navigation {
                            a href=(address) { (label) }
                        }
                    }
                }
                (above)
                main id="content" { (content) }
                footer { "A sample application. Every name and amount is invented." }
            }
        }
    };
    Html(markup.into_string())
}

pub(crate) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M")) " UTC" } }
}

pub(crate) fn day(on: Date) -> Markup {
    html! { time datetime=(on) { (on.strftime("%-d %b %Y")) } }
}

/// A state is a word and a shape; the colour only repeats it.
pub(crate) fn state(kind: &'static str, word: &str) -> Markup {
    let shape = match kind {
        "good" => "●",
        "late" => "▲",
        _ => "○",
    };
    html! { span.state.(kind) { span aria-hidden="true" { (shape) } " " (word) } }
}

/// `/static/…`, the same for everybody and open to everybody.
pub(crate) fn assets() -> Router {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text) })
    };
    Router::new()
        .route(
            "/static/style.css",
            file("text/css", include_str!("../assets/style.css")),
        )
        .route(
            "/static/icon.svg",
            file("image/svg+xml", include_str!("../assets/icon.svg")),
        )
        .route(
            "/static/contact.js",
            file("text/javascript", include_str!("../assets/contact.js")),
        )
}

/// For the one page with a script.
pub(crate) fn script(address: &str) -> Markup {
    html! { script src=(address) defer {} }
}
