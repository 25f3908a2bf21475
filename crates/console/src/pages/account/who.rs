//! Who I am here, how I signed in, and how sure Locum is of it.

use locum_control::Assurance;
use locum_domain::catalog::{Principal, Role};
use locum_login::{How, SignedIn};
use maud::{Markup, html};

use crate::shown::{Mood, person, role_word, state};
use crate::view::View;

pub(super) fn who(view: &View, signed_in: &SignedIn) -> Markup {
    html! {
        section {
            h2 { "Who you are" }
            dl.facts {
                dt { "You" }
                dd { strong { (person(view, &signed_in.principal)) } " " code { (signed_in.principal) } }
                dt { "Signed in" }
                dd { (how(&signed_in.how)) }
                dt { "How sure" }
                dd { (sure(signed_in.assurance)) }
                dt { "Roles" }
                dd { (roles(view, signed_in)) }
            }
        }
    }
}

/// How a login began, as a part of a sentence.
fn how(how: &How) -> Markup {
    html! {
        @match how {
            How::Oidc(sign_in) => {
                "at " code { (sign_in.issuer) }
                @if let Some(acr) = &sign_in.acr { " (" code { (acr) } ")" }
            }
            How::Passkey { .. } => "with your passkey",
            How::FoundingLink => "with a founder's one-time link",
            How::Picked => "picked from a list, in development",
            How::DevelopmentToken => "with a development token",
            How::Device(_) => "on a device you let in",
            How::Program => "as a program",
        }
    }
}

fn sure(assurance: Assurance) -> Markup {
    html! {
        @match assurance {
            Assurance::SteppedUp => { (state(Mood::Good, "sure")) ": you proved it is you within the last 15 minutes" }
            Assurance::Ordinary => {
                (state(Mood::Waiting, "ordinary")) ": you signed in, and have shown no authenticator lately. "
                a href="/confirm?to=%2Faccount" { "Confirm it is you" }
            }
            Assurance::Device => { (state(Mood::Waiting, "device")) ": enough to look and ask" }
        }
    }
}

fn roles(view: &View, signed_in: &SignedIn) -> Markup {
    let roles: Vec<Role> = match view.catalog.principal(&signed_in.principal) {
        Some(Principal::Person(person)) => person.roles.iter().copied().collect(),
        _ => Vec::new(),
    };
    let (withheld, carried): (Vec<Role>, Vec<Role>) = roles
        .into_iter()
        .partition(|role| signed_in.withheld_roles.contains(role));
    html! {
        @if carried.is_empty() { "none" }
        @for (place, role) in carried.iter().enumerate() {
            @if place > 0 { ", " }
            (role_word(*role))
        }
        @for role in withheld {
            div.quiet {
                (state(Mood::Over, "not in this login")) ": " (role_word(role))
                ". The catalog gives it to you; your identity provider did not confirm its group."
            }
        }
    }
}
