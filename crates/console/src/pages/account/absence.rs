//! My absence: from when to when, and whom my requests go to meanwhile.

use axum::response::Response;
use jiff::civil::Date;
use locum_control::absences::{self, Announced};
use locum_domain::{Absence, Denial, Refusal};
use maud::{Markup, html};

use crate::page::csrf;
use crate::pages::refusal::Refused;
use crate::posted::{Fields, Posted};
use crate::shown::person;
use crate::view::View;
use crate::visitor::{Visitor, named};

/// The reader's own absence, today's or one ahead.
pub(super) async fn own(visitor: &Visitor) -> Result<Option<Absence>, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let all = absences::absences(control, caller).await?.into_iter();
    let mut own = all.filter(|it| it.person == caller.principal);
    Ok(own.next())
}

pub(super) fn absence(view: &View, absence: Option<&Absence>) -> Markup {
    html! {
        section {
            h2 { "When you are away" }
            @match absence {
                Some(it) => {
                    p {
                        "Away from " strong { (it.from) } " to " strong { (it.until) } ". "
                        @match &it.deputy {
                            Some(id) => { "What you would decide goes to " (person(view, id)) " first, where they hold the authority themselves." }
                            None => "Others who hold the authority decide; nobody is named as deputy.",
                        }
                    }
                    form method="post" action="/account/absence/end" {
                        (csrf(view))
                        button type="submit" { "I am back" }
                    }
                }
                None => p.quiet { "Requests go to you. Say when you are away, and they go round you; you lose nothing by it." },
            }
            details {
                summary { @if absence.is_some() { "Change it" } @else { "Say that you will be away" } }
                form.stacked method="post" action="/account/absence" {
                    (csrf(view))
                    div.field { label for="from" { "First day away" } input.narrow type="date" id="from" name="from" required; }
                    div.field { label for="until" { "Last day away" } input.narrow type="date" id="until" name="until" required; }
                    div.field {
                        label for="deputy" { "Deputy" }
                        select id="deputy" name="deputy" {
                            option value="" { "nobody by name" }
                            @for it in view.catalog.people.values().filter(|it| it.is_active && !view.is_reader(&it.id)) { option value=(it.id) { (it.name) } }
                        }
                    }
                    button type="submit" { "Announce" }
                }
            }
        }
    }
}

/// Announces.
pub(crate) async fn announce(Posted { visitor, fields }: Posted) -> Response {
    let announced = async {
        let announced = announced(&fields)?;
        absences::announce_absence(&visitor.state.control, &visitor.caller, &announced).await
    };
    let to = announced.await.map(|_| "/account".to_owned());
    visitor.go(to, Refused::new("announce this absence", "/account"))
}

fn announced(fields: &Fields) -> Result<Announced, Refusal> {
    let day = |name: &'static str| {
        let words = fields.words(name);
        words.parse::<Date>().map_err(|_| {
            let detail = format!("`{words}` is no day, as 2026-12-21 is one");
            Denial::Malformed.because(detail).at(format!("/{name}"))
        })
    };
    Ok(Announced {
        person: None,
        from: day("from")?,
        until: day("until")?,
        deputy: fields.text("deputy").as_deref().map(named).transpose()?,
    })
}

/// Back.
pub(crate) async fn end(Posted { visitor, .. }: Posted) -> Response {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let ended = absences::end_absence(control, caller, &caller.principal).await;
    let to = ended.map(|_| "/account".to_owned());
    visitor.go(to, Refused::new("end this absence", "/account"))
}
