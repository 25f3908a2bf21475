//! An invitation: how somebody who has no way to sign in yet asks for their first authenticator. It makes nothing count;
//! somebody else than whoever invited signs for it.

mod invite;
mod pages;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use locum_control::ask_enrolment::ask_by_invitation;
use locum_domain::authenticator::Enrolment;
use locum_domain::{Authenticator, Denial, Refusal};
use locum_login::Invitation;
use locum_login::attempts::Attempt;
use locum_login::passkeys::MadeIn;

use super::login::by_its_own_name;
use super::refusal::{self, Refused};
use crate::fetched::{self, FetchedBefore};
use crate::page::Page;
use crate::peer::Peer;
use crate::posted::Fields;
use crate::registration;
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;
use crate::view::View;
use crate::visitor::view;

pub(crate) use invite::{form, invite};

/// Where an invitation leads.
const INVITATION: &str = "/invitation";
/// The field that carries the code.
const CODE: &str = "code";

/// `/invitation/{code}`: who is invited by whom, and the form. Opening it uses nothing up.
pub(crate) async fn open(
    State(console): State<ConsoleState>,
    Path(code): Path<String>,
    peer: Peer,
) -> Response {
    let path = format!("{INVITATION}/{code}");
    if let Some(elsewhere) = by_its_own_name(&console, &peer.headers, &path) {
        return elsewhere;
    }
    let view = view(&console, INVITATION, None);
    let page = match meant(&console, &peer, &code) {
        Ok(invitation) => pages::invited(&view, &invitation, &code),
        Err(refusal) => no(&view, &refusal),
    };
    page.answer(&view)
}

/// What the browser is asked for to make the passkey.
pub(crate) async fn options(
    State(console): State<ConsoleState>,
    peer: Peer,
    FetchedBefore { fields }: FetchedBefore,
) -> Response {
    let code = fields.words(CODE);
    let asked = meant(&console, &peer, code).and_then(|invitation| {
        registration::options(&console, MadeIn::Invitation(code), &invitation.person, &[])
    });
    fetched::answer(asked)
}

/// Asks that the passkey count, and uses the invitation up.
pub(crate) async fn enrol(
    State(console): State<ConsoleState>,
    peer: Peer,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let view = view(&console, INVITATION, None);
    let page = match asked(&console, &peer, &fields).await {
        Ok(enrolment) => pages::waiting(&view, &enrolment),
        Err(refusal) => no(&view, &refusal),
    };
    page.answer(&view)
}

async fn asked(console: &ConsoleState, peer: &Peer, fields: &Fields) -> Result<Enrolment, Refusal> {
    if sent_from(&peer.headers, &console.public_url) != SentFrom::Here {
        return Err(Denial::NotANamedPerson.because("the form does not come from our own page"));
    }
    let code = fields.words(CODE);
    let invitation = meant(console, peer, code)?;
    let made_in = MadeIn::Invitation(code);
    let person = &invitation.person;
    let authenticator: Authenticator = registration::registered(console, made_in, person, fields)?;
    let control = &console.control;
    let enrolment = ask_by_invitation(control, &authenticator, &invitation.by).await?;
    console.invitation_codes.redeem(code);
    Ok(enrolment)
}

/// Whom the code is for. Every one that is tried counts.
fn meant(console: &ConsoleState, peer: &Peer, code: &str) -> Result<Invitation, Refusal> {
    let counted = console
        .attempts
        .count(Attempt::InvitationCode, peer.counted_as(), None);
    counted.map_err(|it| Denial::BudgetSpent.because(it.to_string()))?;
    console.invitation_codes.meant(code).ok_or_else(|| {
        console.strangers.refused("console", "no-invitation-code");
        Denial::NotFound.because(
            "this invitation is nobody's, or was used, or has run out; whoever invited you makes another",
        )
    })
}

fn no(view: &View, refusal: &Refusal) -> Page {
    let status = StatusCode::from_u16(refusal.denial.status()).unwrap_or(StatusCode::FORBIDDEN);
    let refused = Refused::new("follow this invitation", "/login");
    refusal::page(view, refusal, refused).with_status(status)
}
