//! Inviting somebody: the link is shown once, for handing over in person.

use axum::response::Response;
use locum_control::invite_to_enrol::invite_to_enrol;
use locum_domain::{Denial, PrincipalId, Refusal, Timestamp};
use locum_login::Invitation;
use maud::{Markup, html};
use secrecy::ExposeSecret as _;

use crate::page::{Page, csrf};
use crate::pages::refusal::Refused;
use crate::posted::{Fields, Posted};
use crate::shown::{copied, moment, person};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// The form, for whoever answers for somebody.
pub(crate) fn form(view: &View, people: &[PrincipalId]) -> Markup {
    html! {
        @if !people.is_empty() {
            details {
                summary.button { "Invite somebody" }
                form.stacked method="post" action="/enrolments/invite" {
                    (csrf(view))
                    p.hint {
                        "For somebody who cannot sign in yet. You get a link for them; whoever follows it asks for an "
                        "authenticator under their name, and somebody else than you signs for it."
                    }
                    div.field {
                        label for="person" { "Whom" }
                        select id="person" name="person" required {
                            option value="" { "choose" }
                            @for id in people { option value=(id) { (view.name_of(id)) } }
                        }
                    }
                    button.primary type="submit" { "Make the link" }
                }
            }
        }
    }
}

/// Invites, and shows the link.
pub(crate) async fn invite(Posted { visitor, fields }: Posted) -> Response {
    let page = invited(&visitor, &fields).await;
    visitor.show(page, Refused::new("invite somebody", "/enrolments"))
}

async fn invited(visitor: &Visitor, fields: &Fields) -> Result<Page, Refusal> {
    let person = named::<PrincipalId>(fields.words("person"))?;
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let until = invite_to_enrol(control, caller, &person).await?;
    let invitation = Invitation {
        person,
        by: caller.principal.clone(),
    };
    let code = visitor.state.invitation_codes.make(&invitation);
    let code =
        code.ok_or_else(|| Denial::RecorderUnavailable.because("there are no random bytes"))?;
    let link = format!(
        "{}/invitation/{}",
        visitor.state.public_url,
        code.expose_secret()
    );
    Ok(made(&visitor.view, &invitation.person, &link, until))
}

fn made(view: &View, id: &PrincipalId, link: &str, until: Timestamp) -> Page {
    let lead = html! {
        "For " strong { (person(view, id)) } ", once, until " (moment(view, until)) ". " strong { "Your" }
        " move: hand it over in person, or where nobody else reads along."
    };
    let body = html! {
        section.decision aria-label="The invitation" { p { (copied(link)) } }
        p.warning { "It is shown here once. Whoever holds it can ask in their name; what they ask for counts only once somebody else has called them and signed." }
        p { a.button href="/enrolments" { "Enrolments" } }
    };
    Page::new("An invitation", lead, body).with_script()
}
