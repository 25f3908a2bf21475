//! The founding in three steps: enrol, compare aloud, sign both.

use locum_domain::{Authenticator, Founding, PrincipalId};
use maud::{Markup, html};

use crate::ceremony::{self, CREATE, CREDENTIAL, SIGN, SIGNATURE};
use crate::page::{Page, csrf};
use crate::pages::account::kind;
use crate::shown::{Mood, copied, person, state, when};
use crate::view::View;

const WITHOUT_SCRIPT: &str = "The founding asks your authenticator, which takes a script, and none runs here. \
     Open your link in another browser.";

/// The page, whatever state the founding has reached.
pub(crate) fn page(view: &View, founding: &Founding) -> Page {
    match founding.completed_at {
        Some(_) => super::finished::page(view, founding),
        None => under_way(view, founding),
    }
}

fn under_way(view: &View, founding: &Founding) -> Page {
    let is_founder = founding.founders.iter().any(|id| view.is_reader(id));
    let lead = html! {
        "Two people put their own keys under everything this house will decide. "
        @match whose_move(view, founding) {
            Some(id) if view.is_reader(id) => { strong { "Your" } " move." }
            Some(id) => { strong { (person(view, id)) } " is next." }
            None => {}
        }
        " Until both have signed, nobody’s signature counts."
    };
    let body = html! {
        (standing(view, founding))
        @if is_founder {
            (enrol(view, founding))
            (compare(view, founding))
            (sign(view, founding))
        } @else {
            p.empty { "You are none of the two founders. Their names stand in the configuration and on the record." }
        }
        p { a.button href="/founding" { "Look again" } }
    };
    Page::new("Founding", lead, body).with_script()
}

/// Who has something to do now: the reader first, if it is they.
fn whose_move<'a>(view: &View, founding: &'a Founding) -> Option<&'a PrincipalId> {
    let founders = founding.founders.iter();
    let all_enrolled = founding.statement().is_some();
    let mut to_do = founders.filter(|it| match all_enrolled {
        true => !founding.signed.contains_key(*it),
        false => !founding.enrolled.contains_key(*it),
    });
    let other = to_do.clone().next();
    to_do.find(|it| view.is_reader(it)).or(other)
}

/// The reader's own authenticator of the founding.
fn own<'a>(view: &View, founding: &'a Founding) -> Option<&'a Authenticator> {
    let reader = view.reader.as_ref()?;
    founding.enrolled.get(&reader.principal)
}

/// Both founders and how far each is.
fn standing(view: &View, founding: &Founding) -> Markup {
    html! {
        table.stack {
            thead { tr { th { "Founder" } th { "State" } th { "Fingerprint of their key" } } }
            tbody {
                @for id in &founding.founders {
                    tr {
                        td { strong { (person(view, id)) } @if view.is_reader(id) { " " span.badge { "you" } } }
                        td { (how_far(founding, id)) }
                        td {
                            @match founding.enrolled.get(id) {
                                Some(it) => code { (it.thumbprint()) },
                                None => span.quiet { "none yet" },
                            }
                        }
                    }
                }
            }
        }
        p.quiet { "Begun " (when(view, founding.begun_at)) " for " code { (founding.origin) } }
    }
}

fn how_far(founding: &Founding, id: &PrincipalId) -> Markup {
    if founding.signed.contains_key(id) {
        state(Mood::Good, "signed")
    } else if founding.enrolled.contains_key(id) {
        state(Mood::Waiting, "enrolled, not signed")
    } else {
        state(Mood::Waiting, "not enrolled")
    }
}

fn enrol(view: &View, founding: &Founding) -> Markup {
    let own = own(view, founding);
    html! {
        section {
            h2 { "1. Enrol your passkey" }
            @if let Some(it) = own {
                p { (state(Mood::Good, "done")) " “" (it.name) "”, " (kind(it)) }
                p.quiet { "Fingerprint " (copied(it.thumbprint().as_str())) }
            }
            @if founding.signed.is_empty() {
                details open[own.is_none()] {
                    summary { @if own.is_some() { "Enrol another in its place" } @else { "Enrol" } }
                    form.stacked method="post" action="/founding/enrol"
                        data-ceremony=(CREATE) data-options="/founding/options" data-field=(CREDENTIAL) {
                        (csrf(view))
                        div.field {
                            label for="name" { "What you call it" }
                            p.hint { "A security key that you keep, rather than one that a vendor copies between devices." }
                            input type="text" id="name" name="name" required maxlength=(super::super::account::LONGEST_NAME) autocomplete="off";
                        }
                        button.primary type="submit" { "Enrol my passkey" }
                        (ceremony::parts(CREDENTIAL, WITHOUT_SCRIPT))
                    }
                }
            }
        }
    }
}

fn compare(view: &View, founding: &Founding) -> Markup {
    html! {
        section {
            h2 { "2. Compare the fingerprints aloud" }
            @if founding.statement().is_none() {
                p.empty { "When both have enrolled: meet, or call each other, and read both fingerprints aloud, each from their own screen." }
            } @else {
                p { "Read them to each other, each from your own screen. Sign only if both are the same on both. Write your own down: the auditor will ask you for it." }
                dl.facts {
                    @for (id, it) in &founding.enrolled {
                        dt { (person(view, id)) } dd { code.spelled { (in_groups(it.thumbprint().as_str())) } }
                    }
                }
            }
        }
    }
}

/// Four characters at a time, as people read aloud.
fn in_groups(thumbprint: &str) -> String {
    let letters: Vec<char> = thumbprint.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

fn sign(view: &View, founding: &Founding) -> Markup {
    let reader = view.reader.as_ref().map(|it| &it.principal);
    let has_signed = reader.is_some_and(|id| founding.signed.contains_key(id));
    html! {
        section {
            h2 { "3. Sign both" }
            @if has_signed {
                p { (state(Mood::Good, "done")) " You have signed. When the other founder has, the founding is complete." }
            } @else if founding.statement().is_none() {
                p.empty { "When both have enrolled, each signs both keys with their own. After the first signature neither key can be exchanged." }
            } @else {
                form.stacked method="post" action="/founding/sign"
                    data-ceremony=(SIGN) data-options="/founding/statement" data-field=(SIGNATURE) {
                    (csrf(view))
                    label.choice {
                        input type="checkbox" name="compared" value="yes" required;
                        " We read both fingerprints to each other, and they are the same"
                    }
                    button.primary type="submit" { "Sign both keys" }
                    (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT))
                }
                details.exactly {
                    summary { "What exactly you sign" }
                    dl.facts {
                        dt { "For the ledger" } dd { code { (founding.origin) } }
                        @for (id, it) in &founding.enrolled { dt { code { (id) } } dd { code { (it.thumbprint()) } } }
                        dt { "Used once" } dd { code { (founding.nonce) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_aloud_in_fours() {
        assert_eq!(in_groups("abcdefghij"), "abcd efgh ij");
    }
}
