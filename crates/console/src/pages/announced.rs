//! What Today announces: an authenticator began to count, and whoever did not ask for it revokes it at once.

use locum_control::enrolments::Announcement;
use maud::{Markup, html};

use crate::page::csrf;
use crate::shown::{copied, moment, person, when};
use crate::view::View;

/// The announcements of the last days, none when there are none.
pub(crate) fn announced(view: &View, announced: &[Announcement]) -> Markup {
    html! {
        @for it in announced { (one(view, it)) }
    }
}

fn one(view: &View, announcement: &Announcement) -> Markup {
    let it = &announcement.enrolment.authenticator;
    let is_mine = view.is_reader(&it.person);
    let reason = format!("revoke-{}", it.id);
    html! {
        section.announced aria-label="A new authenticator" {
            p {
                strong { "A new authenticator" } ", “" (it.name) "”, was enrolled for "
                @if is_mine { "you" } @else { (person(view, &it.person)) }
                " by " (person(view, &announcement.decided.by)) " " (when(view, announcement.decided.at))
                ". It signs regulated from " (moment(view, announcement.signs_regulated_from)) "."
            }
            p.quiet { "Fingerprint " (copied(it.thumbprint().as_str())) }
            details {
                summary { @if is_mine { "Not you? Revoke it" } @else { "Not them? Revoke it" } }
                form.stacked method="post" action={ "/account/authenticators/" (it.id) "/revoke" } {
                    (csrf(view))
                    input type="hidden" name="back" value="/";
                    div.field {
                        label for=(reason) { "What is wrong" }
                        input type="text" id=(reason) name="reason" required minlength="3" maxlength="2000";
                    }
                    button.dangerous type="submit" { "Revoke it" }
                }
            }
        }
    }
}
