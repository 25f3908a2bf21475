//! Where and what: applications with their tier, operations grouped by what they do.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::Effect;
use locum_domain::{ApplicationId, OperationId, Scope};
use maud::{Markup, html};

use super::names::{application, person};
use crate::view::View;

/// What an effect does, as a verb. Anything but `reads` stands out by its word.
pub(crate) fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Asset => "shows",
        Effect::Read => "reads",
        Effect::Write => "CHANGES",
        Effect::Mint => "CREATES CREDENTIALS",
        Effect::Egress => "TAKES DATA OUT",
        Effect::Admin => "ADMINISTERS",
    }
}

/// The whole scope, one block for each application.
pub(crate) fn scope(view: &View, scope: &Scope) -> Markup {
    html! {
        ul.scope {
            @for (id, operations) in &scope.0 {
                li {
                    (heading(view, id))
                    (by_effect(view, id, operations))
                }
            }
        }
    }
}

/// Only the applications' names.
pub(crate) fn scope_line(view: &View, scope: &Scope) -> Markup {
    html! {
        @for (place, id) in scope.applications().enumerate() {
            @if place > 0 { ", " }
            (application(view, id))
        }
    }
}

fn heading(view: &View, id: &ApplicationId) -> Markup {
    html! {
        strong { (application(view, id)) }
        @if let Some(known) = view.catalog.applications.get(id) {
            " " span.quiet {
                (known.tier.as_str())
                @for class in &known.data { ", " (class.as_str()) }
                " · owner " (person(view, &known.owner))
            }
        }
    }
}

/// One application's operations, grouped by what they do.
pub(crate) fn by_effect(
    view: &View,
    id: &ApplicationId,
    operations: &BTreeSet<OperationId>,
) -> Markup {
    let known = view.catalog.applications.get(id);
    let mut grouped: BTreeMap<Option<Effect>, Vec<&OperationId>> = BTreeMap::new();
    for operation in operations {
        let effect = known
            .and_then(|it| it.operations.get(operation))
            .map(|it| it.effect);
        grouped.entry(effect).or_default().push(operation);
    }
    html! {
        @for (effect, operations) in grouped {
            @let word = effect.map_or("UNKNOWN", effect_word);
            @let is_quiet = matches!(effect, Some(Effect::Read | Effect::Asset));
            div.effect {
                span.verb.loud[!is_quiet] { (word) }
                @for operation in operations { " " code { (operation) } }
            }
        }
    }
}
