//! The form of a new request, and its preview: who will be asked, before anybody is.

use std::collections::BTreeSet;

use locum_domain::catalog::{Application, Effect, Operation};
use locum_domain::{OperationId, PrincipalId, Refusal, Request};
use maud::{Markup, html};

use crate::draft::{Draft, IN};
use crate::page::{Page, csrf};
use crate::shown::{
    application, effect_word, minutes, person, principal_line, route, scope, sentence, told, when,
};
use crate::status;
use crate::view::View;

/// Minutes to choose from.
const CHOICES: [u32; 5] = [10, 15, 30, 60, 120];

/// One application with what the reader may ask for there.
pub(crate) struct Offered<'a> {
    pub(crate) application: &'a Application,
    pub(crate) eligible: BTreeSet<OperationId>,
}

/// The form, with what was wrong about it last time.
pub(crate) fn form(
    view: &View,
    draft: &Draft,
    offered: &[Offered<'_>],
    refusal: Option<&Refusal>,
) -> Page {
    let lead = html! { "You ask; nothing opens before the people named in the preview say yes." };
    let (open, shut): (Vec<_>, Vec<_>) = offered.iter().partition(|it| !it.eligible.is_empty());
    let body = html! {
        @if let Some(refusal) = refusal { (summary(view, refusal)) }
        form.stacked method="post" action="/requests/preview" {
            (csrf(view))
            (case(view, draft, refusal))
            (actor(view, draft))
            fieldset {
                legend { "Where, and what" }
                (problem(view, refusal, "/applications"))
                @if open.is_empty() {
                    p.empty { "You may ask for nothing: no eligibility names you. Its owner can grant you one; being eligible opens nothing by itself." }
                }
                div.cards { @for it in open { (card(view, draft, it)) } }
            }
            (duration(view, draft, refusal))
            (reason(view, draft, offered, refusal))
            @if !view.catalog.break_glass.is_empty() { (emergency(draft)) }
            p.actions { button.primary type="submit" { "Preview: who will be asked" } }
        }
        @if !shut.is_empty() {
            details {
                summary { "What you cannot ask for, and why" }
                ul.lines {
                    @for it in shut {
                        li {
                            strong { (application(view, &it.application.id)) }
                            span.quiet { "no eligibility names you; its owner is " (person(view, &it.application.owner)) }
                        }
                    }
                }
            }
        }
    };
    let page = Page::new("New request", lead, body);
    match refusal {
        Some(refusal) => page.with_status(status::of(refusal.denial)),
        None => page,
    }
}

fn summary(view: &View, refusal: &Refusal) -> Markup {
    html! {
        div.problem role="alert" {
            p { strong { "This would be refused: " } (sentence(view, &refusal.detail)) }
            p.quiet {
                code { (refusal.denial.code()) }
                @if let Some(rule) = &refusal.rule { " · rule " code { (rule) } }
                " · " (sentence(view, refusal.remedy()))
            }
        }
    }
}

fn problem(view: &View, refusal: Option<&Refusal>, place: &str) -> Markup {
    let here = refusal.filter(|it| {
        it.pointer
            .as_deref()
            .is_some_and(|at| at.starts_with(place))
    });
    html! { @if let Some(refusal) = here { p.error { (sentence(view, &refusal.detail)) } } }
}

fn case(view: &View, draft: &Draft, refusal: Option<&Refusal>) -> Markup {
    html! {
        div.field {
            label for="case" { "Case" }
            p.hint id="case-hint" { "As the desk writes it, with the desk's name before it: " code { "desk:12" } ". It must be open and assigned to you; whom you will act as is what the case says." }
            (problem(view, refusal, "/case"))
            input.narrow type="text" id="case" name="case" value=(draft.case) required autocomplete="off" aria-describedby="case-hint";
        }
    }
}

/// Sponsors may ask for the agents they answer for.
fn actor(view: &View, draft: &Draft) -> Markup {
    let agents: Vec<_> = view
        .catalog
        .agents
        .values()
        .filter(|agent| agent.is_active && view.is_reader(&agent.sponsor))
        .collect();
    let chosen = |id: &PrincipalId| draft.actor.as_ref() == Some(id);
    html! {
        @if !agents.is_empty() {
            div.field {
                label for="actor" { "Who will act" }
                select id="actor" name="actor" {
                    option value="" { "you" }
                    @for agent in agents { option value=(agent.id) selected[chosen(&agent.id)] { (agent.name) } }
                }
            }
        }
    }
}

fn card(view: &View, draft: &Draft, offered: &Offered<'_>) -> Markup {
    let it = offered.application;
    let eligible = |operation: &&Operation| {
        offered.eligible.contains(&operation.id) && operation.effect != Effect::Asset
    };
    let operations: Vec<&Operation> = it.operations.values().filter(eligible).collect();
    let effects: BTreeSet<Effect> = operations
        .iter()
        .map(|operation| operation.effect)
        .collect();
    let shut: Vec<&Operation> = it
        .operations
        .values()
        .filter(|operation| operation.effect != Effect::Asset && !eligible(operation))
        .collect();
    html! {
        div.card {
            p { strong { (it.name) } " " span.badge { (it.tier.as_str()) } }
            p.quiet {
                "owner " (person(view, &it.owner))
                @for class in &it.data { " · " (class.as_str()) }
                @if it.needs_two_people() { " · two people decide" }
            }
            @for effect in effects {
                div.effect {
                    span.verb.loud[effect != Effect::Read] { (effect_word(effect)) }
                    @for operation in operations.iter().filter(|operation| operation.effect == effect) {
                        label.choice {
                            input type="checkbox" name={ (IN) (it.id) } value=(operation.id) checked[draft.has(&it.id, &operation.id)];
                            " " code { (operation.id) }
                        }
                    }
                }
            }
            @for operation in shut {
                p.quiet {
                    code { (operation.id) } ": "
                    @match &operation.closed {
                        Some(class) => { "closed (" (class) "), no approval opens it" }
                        None => "no eligibility names you",
                    }
                }
            }
        }
    }
}

fn duration(view: &View, draft: &Draft, refusal: Option<&Refusal>) -> Markup {
    let mut choices: BTreeSet<u32> = CHOICES.into();
    choices.insert(draft.minutes);
    html! {
        fieldset {
            legend { "How long" }
            p.hint { "The clock starts when you activate. The session ends with the case, whichever comes first." }
            (problem(view, refusal, "/duration_minutes"))
            div.chips {
                @for choice in choices {
                    label.choice {
                        input type="radio" name="minutes" value=(choice) checked[choice == draft.minutes];
                        " " (minutes(locum_domain::Minutes(choice)))
                    }
                }
            }
        }
    }
}

fn reason(
    view: &View,
    draft: &Draft,
    offered: &[Offered<'_>],
    refusal: Option<&Refusal>,
) -> Markup {
    let prompts: BTreeSet<&str> = offered
        .iter()
        .filter(|it| !it.eligible.is_empty())
        .filter_map(|it| it.application.reason_prompt.as_deref())
        .collect();
    html! {
        div.field {
            label for="reason" { "Why" }
            p.hint id="reason-hint" {
                "In your own words, 15 characters or more: what must you do as this customer, and why can't they do it themselves? "
                @for prompt in prompts { (prompt) " " }
            }
            (problem(view, refusal, "/reason"))
            textarea id="reason" name="reason" rows="3" maxlength="2000" required aria-describedby="reason-hint" { (draft.reason) }
        }
    }
}

fn emergency(draft: &Draft) -> Markup {
    html! {
        div.field {
            label.choice {
                input type="checkbox" name="break_glass" value="yes" checked[draft.break_glass];
                " " strong { "Emergency" } ": one named person answers, the session is shorter, and it is always reviewed"
            }
        }
    }
}

/// The route and the names, before the request is filed.
pub(crate) fn preview(view: &View, draft: &Draft, request: &Request) -> Page {
    let title = "Preview";
    let lead = html! { "Nothing is filed yet. Your move: file it, or change it." };
    let case = &request.case;
    let body = html! {
        section.decision {
            p.who { (principal_line(view, &request.actor)) " wants to act as " strong { (request.subject) } @if let Some(tenant) = &request.tenant { " (" (tenant) ")" } }
            (scope(view, &request.scope))
            p { code { (case.reference) } " " @if let Some(title) = &case.title { strong { (title) } " · " } (case.state) ", looked up " (when(view, case.looked_up_at)) }
            blockquote { (request.reason.as_str()) }
            p { strong { (minutes(request.duration)) } " from activation; ends with the case." }
        }
        @for warning in &request.warnings { p.warning { (told(view, warning)) } }
        section {
            h2 { "Who will be asked" }
            (route(view, &request.route))
            p.quiet {
                "They have " (minutes(request.route.decide_within)) " to decide"
                @if let Some(escalation) = &request.route.escalation { "; at half of it " (person(view, escalation)) " hears of it" }
                ". You have " (minutes(request.route.activate_within)) " to activate after the last yes."
            }
        }
        form method="post" action="/requests" {
            (csrf(view))
            (hidden(draft))
            p.actions {
                button.primary type="submit" { "File the request" }
                button type="submit" formaction="/requests/change" { "Change it" }
            }
        }
        p.quiet { "This preview is on the record." }
    };
    Page::new(title, lead, body)
}

fn hidden(draft: &Draft) -> Markup {
    html! {
        input type="hidden" name="case" value=(draft.case);
        input type="hidden" name="reason" value=(draft.reason);
        input type="hidden" name="minutes" value=(draft.minutes);
        @if draft.break_glass { input type="hidden" name="break_glass" value="yes"; }
        @if let Some(actor) = &draft.actor { input type="hidden" name="actor" value=(actor); }
        @for (application, operations) in &draft.scope {
            @for operation in operations { input type="hidden" name={ (IN) (application) } value=(operation); }
        }
    }
}
