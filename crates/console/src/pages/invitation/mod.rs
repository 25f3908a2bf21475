//! An invitation: how somebody who has no way to sign in yet asks for their first authenticator. It makes nothing count;
//! somebody else than whoever invited signs for it.

mod invite;
mod pages;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use locum_control::ask_enrolment::ask_by_invitation;
use locum_domain::authenticator::Enrolment;
use locum_domain::{Authenticator, Refusal};
use locum_login::Invitation;
use locum_login::attempts::Attempt;
use locum_login::passkeys::MadeIn;

use super::login::{LISTENER, NotIn, by_its_own_name};
use super::refusal::{self, Refused};
use crate::fetched::{self, FetchedBefore};
use crate::peer::Peer;
use crate::posted::Fields;
use crate::registration;
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;
use crate::visitor::view;

pub(crate) use invite::{form, invite};

/// Where an invitation leads.
const INVITATION: &str = "/invitation";
/// The field that carries the code.
const CODE: &str = "code";

const ANOTHER_SITE: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "The form does not come from this console's own page.",
    remedy: "Open your invitation again.",
};
/// The same for a link that never was, was followed, or ran out.
const NO_INVITATION: NotIn = NotIn {
    status: StatusCode::NOT_FOUND,
    words: "This invitation is nobody's, or was followed, or has run out.",
    remedy: "Whoever invited you makes another. If somebody else followed yours, tell them at once.",
};
const TOO_OFTEN: NotIn = NotIn {
    status: StatusCode::TOO_MANY_REQUESTS,
    words: "Too many invitations were tried from where you are.",
    remedy: "Wait a minute, then open yours again.",
};

/// Why nobody was asked for, or why it was refused.
enum No {
    /// Before anybody was known.
    Link(NotIn),
    /// On the record of the person.
    Refused(Refusal),
}

impl From<NotIn> for No {
    fn from(why: NotIn) -> Self {
        No::Link(why)
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        No::Refused(refusal)
    }
}

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
    // Looking counts for nothing: nobody finds such a code by trying.
    let page = match console.invitation_codes.meant(&code) {
        Some(invitation) => pages::invited(&view, &invitation, &code),
        None => {
            console.strangers.refused(LISTENER, "no-invitation-code");
            pages::not_followed(NO_INVITATION)
        }
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
    let person = match meant(&console, &peer, code) {
        Ok(invitation) => invitation.person,
        Err(NotIn { status, words, .. }) => return fetched::told(status, "no-invitation", words),
    };
    let made_in = MadeIn::Invitation(code);
    fetched::answer(registration::options(&console, made_in, &person, &[]))
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
        Err(No::Link(why)) => pages::not_followed(why),
        Err(No::Refused(refusal)) => refusal::page(
            &view,
            &refusal,
            Refused::new("follow this invitation", "/login"),
        ),
    };
    page.answer(&view)
}

async fn asked(console: &ConsoleState, peer: &Peer, fields: &Fields) -> Result<Enrolment, No> {
    if sent_from(&peer.headers, &console.public_url) != SentFrom::Here {
        console.strangers.refused(LISTENER, "another-site");
        return Err(ANOTHER_SITE.into());
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

/// Whom the code is for. Every one that is nobody's counts.
fn meant(console: &ConsoleState, peer: &Peer, code: &str) -> Result<Invitation, NotIn> {
    if let Some(invitation) = console.invitation_codes.meant(code) {
        return Ok(invitation);
    }
    let attempts = &console.attempts;
    let counted = attempts.count(Attempt::InvitationCode, peer.counted_as(), None);
    let (reason, why) = match counted {
        Ok(()) => ("no-invitation-code", NO_INVITATION),
        Err(_) => ("too-many-attempts", TOO_OFTEN),
    };
    console.strangers.refused(LISTENER, reason);
    Err(why)
}
