//! A plan as tables: who gains and who loses, who decides, which rules and which fields differ.

use std::collections::BTreeMap;

use locum_domain::ApplicationId;
use locum_plan::{
    AccessChange, DeciderChange, FieldChange, Named, Plan, Reach, RuleChange, Urgency, Verdict,
};
use maud::{Markup, html};

use crate::shown::{Mood, application, authority, minutes, state, told};
use crate::view::View;

/// Everything that differs, in the order in which a second person reads it.
pub(super) fn difference(view: &View, plan: &Plan) -> Markup {
    html! {
        @for trouble in &plan.troubles { p.warning { "A policy cannot answer: " (trouble) } }
        (access(view, &plan.access))
        (deciders(view, &plan.deciders))
        (rules(&plan.rules))
        (fields(view, &plan.fields))
    }
}

/// A verdict in a shape and a word.
fn verdict(it: Verdict) -> Markup {
    let mood = match it {
        Verdict::Loosens => Mood::Bad,
        Verdict::Tightens => Mood::Good,
        Verdict::Neutral => Mood::Over,
    };
    state(mood, it.as_str())
}

fn access(view: &View, changes: &[AccessChange]) -> Markup {
    let mut by_application: BTreeMap<&ApplicationId, Vec<&AccessChange>> = BTreeMap::new();
    for change in changes {
        let of = by_application.entry(&change.application).or_default();
        of.push(change);
    }
    html! {
        section {
            h2 { "Who gains and who loses" }
            @if by_application.is_empty() {
                p.empty { "Nobody: everybody may ask for exactly what they could ask for, and it takes the same approvals. Computed over everybody, every application, ordinary and emergency." }
            }
            @for (id, changes) in by_application {
                h3 { (application(view, id)) }
                table.stack {
                    thead { tr { th { "Who" } th { "Operations" } th { "Before" } th { "After" } th { "Verdict" } } }
                    tbody { @for change in changes { (access_row(change)) } }
                }
            }
        }
    }
}

fn access_row(change: &AccessChange) -> Markup {
    html! {
        tr {
            td { strong { (names(&change.who)) } @if let Some(verb) = verb(change) { " " (verb) } }
            td {
                @for (place, id) in change.operations.iter().enumerate() { @if place > 0 { ", " } code { (id) } }
                @if change.urgency == Urgency::Emergency { " " span.badge.loud { "emergency" } }
                @if let Some(when) = &change.when { " " span.quiet { (when) } }
            }
            td data-label="before:" { (reach(change.before.as_ref())) }
            td data-label="after:" { (reach(change.after.as_ref())) }
            td { (verdict(change.verdict)) }
        }
    }
}

fn verb(change: &AccessChange) -> Option<&'static str> {
    let is_one = change.who.len() == 1;
    match (change.is_gain(), change.is_loss()) {
        (true, _) => Some(if is_one { "gains" } else { "gain" }),
        (_, true) => Some(if is_one { "loses" } else { "lose" }),
        _ => None,
    }
}

/// Up to how long, and whose yes it takes.
fn reach(reach: Option<&Reach>) -> Markup {
    html! {
        @match reach {
            None => "may not ask",
            Some(Reach { nobody_left_for: Some(missing), .. }) => { "nobody is left to decide as " (authority(*missing)) }
            Some(reach) => {
                "up to " (minutes(locum_domain::Minutes(reach.longest_minutes)))
                @for need in &reach.needs {
                    ", " (authority(need.authority)) " "
                    span.quiet { "(" (names(&need.people)) ")" }
                }
            }
        }
    }
}

fn names(people: &[Named]) -> Markup {
    html! {
        @if people.is_empty() { "nobody" }
        @for (place, it) in people.iter().enumerate() {
            @if place > 0 { ", " }
            span title=(it.id) { (it.name) }
        }
    }
}

fn deciders(view: &View, changes: &[DeciderChange]) -> Markup {
    html! {
        @if !changes.is_empty() {
            section {
                h2 { "Who decides, sees and administers" }
                table.stack {
                    thead { tr { th { "Where" } th { "May" } th { "Joins" } th { "Leaves" } th { "Verdict" } } }
                    tbody {
                        @for change in changes {
                            tr {
                                td { @match &change.application { Some(id) => (application(view, id)), None => "everywhere" } }
                                td { (change.office.does()) @if let Some(when) = &change.when { " " span.quiet { (when) } } }
                                td data-label="joins:" { (names(&change.joins)) }
                                td data-label="leaves:" { (names(&change.leaves)) }
                                td { (verdict(change.verdict)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn rules(changes: &[RuleChange]) -> Markup {
    html! {
        @if !changes.is_empty() {
            section {
                h2 { "Rules" }
                @for change in changes {
                    p {
                        (verdict(change.verdict)) " the " @if change.permits { "permit " } @else { "forbid " }
                        code { (change.id) } " is " (change.change.as_str()) ": " (change.because) " "
                        span.quiet { (change.file) ":" (change.line) }
                    }
                    @if let Some(text) = &change.before {
                        details { summary { "As it was: " (change.id) } pre.policy { (text) } }
                    }
                    @if let Some(text) = &change.after {
                        details { summary { "As it would be: " (change.id) } pre.policy { (text) } }
                    }
                }
            }
        }
    }
}

fn fields(view: &View, changes: &[FieldChange]) -> Markup {
    html! {
        @if !changes.is_empty() {
            section {
                h2 { "Every other difference" }
                table.stack {
                    thead { tr { th { "What" } th { "Before" } th { "After" } th { "Verdict" } } }
                    tbody {
                        @for change in changes {
                            tr {
                                td { (told(view, &change.place())) }
                                td data-label="before:" { (said(change.before.as_deref())) }
                                td data-label="after:" { (said(change.after.as_deref())) }
                                td { (verdict(change.verdict)) br; span.quiet { (change.because) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn said(text: Option<&str>) -> Markup {
    html! { @match text { Some(text) => code.text { (text) }, None => span.quiet { "nothing" } } }
}
