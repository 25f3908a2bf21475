//! One enrolment that waits: what to check before signing, and the yes or no.

use locum_control::enrolments::EnrolmentSeen;
use locum_domain::authenticator::Enrolment;
use locum_domain::{PrincipalId, Refusal};
use maud::{Markup, html};

use super::account::kind;
use crate::ceremony::{self, SIGN, SIGNATURE};
use crate::page::{Page, csrf};
use crate::shown::{Mood, copied, person, sentence, short, state, when};
use crate::view::View;

const WITHOUT_SCRIPT: &str = "Signing asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";

/// An enrolment as its reader stands to it.
pub(crate) struct Standing<'a> {
    pub(crate) seen: &'a EnrolmentSeen,
    /// Whether the reader holds a passkey to sign with.
    pub(crate) has_passkey: bool,
    pub(crate) signers: &'a [PrincipalId],
}

/// The page.
pub(crate) fn whole(view: &View, standing: &Standing<'_>) -> Page {
    let seen = standing.seen;
    let enrolment = &seen.enrolment;
    let it = &enrolment.authenticator;
    let is_over = seen.decided.is_none() && enrolment.decide_by() <= view.now;
    let lead = html! {
        @match &seen.decided {
            Some(decided) if decided.is_approved => { (state(Mood::Good, "signed")) " by " (person(view, &decided.by)) " " (when(view, decided.at)) "; nothing is left to decide." }
            Some(decided) => { (state(Mood::Bad, "denied")) " by " (person(view, &decided.by)) " " (when(view, decided.at)) "; nothing is left to decide." }
            None if is_over => { (state(Mood::Over, "lapsed")) "; nobody signed in time. The person asks again." }
            None => {
                (state(Mood::Waiting, "waiting")) " · "
                @if seen.may_decide.is_ok() && seen.may_sign.is_ok() { strong { "your" } " move, if you are sure" } @else { "somebody else signs it" }
                ", lapses " (when(view, enrolment.decide_by()))
            }
        }
    };
    let is_open = seen.decided.is_none() && !is_over;
    let body = html! {
        section.decision aria-label="The enrolment" {
            p.who { strong { (person(view, &it.person)) } " asks that “" (it.name) "” count as theirs." }
            dl.facts {
                dt { "Person" } dd { (person(view, &it.person)) " " code { (it.person) } }
                dt { "Authenticator" } dd { (it.name) " " span.quiet { (kind(it)) } }
                dt { "Fingerprint" } dd { (copied(it.thumbprint().as_str())) }
                dt { "Asked" } dd { (when(view, enrolment.at)) }
                @if let Some(id) = &enrolment.replaces { dt { "In place of" } dd { (short(id)) } }
                @if let Some(id) = &enrolment.invited_by { dt { "Invited by" } dd { (person(view, id)) ", who signs nothing here" } }
            }
            @if is_open {
                @match &seen.may_decide {
                    Ok(()) => {
                        @if seen.may_sign.is_ok() { (check(view, &it.person)) }
                        (choices(view, standing))
                    }
                    Err(refusal) => (not_you(view, standing, refusal)),
                }
            }
        }
        p.quiet { "Enrolment " (short(&enrolment.id)) }
    };
    Page::new("Enrolment", lead, body).with_script()
}

/// Nobody's screen says who holds a key: only the person does.
fn check(view: &View, id: &PrincipalId) -> Markup {
    html! {
        h2 { "Before you sign" }
        ol.steps {
            li { "Call " (person(view, id)) " on a number you already have, or meet them. Not by the chat or mail that told you of this." }
            li { "Ask whether they asked for this just now, and why they need another one." }
            li { "Have them read the fingerprint from their own page. Sign only if all of it is the same." }
        }
        p.quiet {
            "Your signature says on the record that you did. Whatever this authenticator signs afterwards, you can "
            "neither ask for nor approve as the second person."
        }
    }
}

fn choices(view: &View, standing: &Standing<'_>) -> Markup {
    let enrolment = &standing.seen.enrolment;
    let id = &enrolment.id;
    html! {
        div.choices {
            @if let Err(refusal) = &standing.seen.may_sign {
                p { strong { "You do not sign this: " } (sentence(view, &refusal.detail)) span.quiet { " " code { (refusal.denial.code()) } } }
            } @else if standing.has_passkey {
                form.approve method="post" action={ "/enrolments/" (id) "/approve" }
                    data-ceremony=(SIGN) data-options={ "/enrolments/" (id) "/statement" } data-field=(SIGNATURE) {
                    (csrf(view))
                    label.choice {
                        input type="checkbox" name="checked" value="yes" required;
                        " I spoke to " (person(view, &enrolment.authenticator.person)) " and compared the fingerprint"
                    }
                    button.primary type="submit" { "Sign the enrolment" }
                    (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT))
                }
            } @else {
                p { "Signing takes a passkey of your own, and you have none. " a href="/account" { "Enrol one" } " first." }
            }
            details {
                summary.button.dangerous { "Deny" }
                form.stacked method="post" action={ "/enrolments/" (id) "/deny" } {
                    (csrf(view))
                    div.field {
                        label for="reason" { "Why not; the person reads it" }
                        textarea id="reason" name="reason" rows="2" required {}
                    }
                    button.dangerous type="submit" { "Deny" }
                }
            }
        }
        (exactly(view, enrolment))
    }
}

/// The statement in plain words.
fn exactly(view: &View, enrolment: &Enrolment) -> Markup {
    let it = &enrolment.authenticator;
    html! {
        details.exactly {
            summary { "What exactly you sign" }
            dl.facts {
                dt { "You" } dd { @if let Some(reader) = &view.reader { code { (reader.principal) } } }
                dt { "Say that" } dd { code { (it.id) } " is " code { (it.person) } "’s" }
                dt { "With the key" } dd { code { (it.thumbprint()) } }
                @if let Some(id) = &enrolment.replaces { dt { "In place of" } dd { code { (id) } } }
                @if let Some(id) = &enrolment.invited_by { dt { "Invited by" } dd { code { (id) } } }
                dt { "Enrolment" } dd { code { (enrolment.id) } }
                dt { "Used once" } dd { code { (enrolment.nonce) } }
            }
        }
    }
}

fn not_you(view: &View, standing: &Standing<'_>, refusal: &Refusal) -> Markup {
    let signers = standing.signers;
    html! {
        div.not-you {
            p {
                strong { "You do not sign this: " } (sentence(view, &refusal.detail))
                span.quiet { " " code { (refusal.denial.code()) } }
            }
            p {
                "Who can: "
                @for (place, id) in signers.iter().enumerate() { @if place > 0 { ", " } strong { (person(view, id)) } }
                @if signers.is_empty() { "nobody: it takes a manager, security or a founder" }
            }
        }
    }
}
