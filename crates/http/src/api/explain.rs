//! Why: the policies that decided, the facts they read, and what would have to change.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{
    DecidedView, ExplainedRefusalView, ExplanationView, FactView, JudgedView, Listing,
    MayDecideView, RefusalView, RefusedUseView, RuleView, SeatView, StepView, TodayView,
};
use locum_control::explain::{
    self, Decided, ExplainedRefusal, ExplainedRule, Explanation, Judged, MayDecide, RefusedUse,
    Rule, Today,
};
use locum_domain::{Denial, RequestId, SessionId};

use super::look::looked;
use super::words;
use crate::command::Asking;
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

/// How many of somebody's own refusals are told, unless they say otherwise.
const LAST: u32 = 5;
const MOST: u32 = 50;

/// How a request was decided, by the record, and how it would be decided today.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}/explain",
    tag = "requests",
    params(
        ("id" = String, Path, description = "The request's id, `req_…`"),
        ("as" = Option<String>, Query, description = "One more person, of whom is said whether they may decide; `me` is the caller"),
    ),
    responses((status = 200, body = ExplanationView, description = "Policies, facts and what would have to change"))
)]
pub(crate) async fn request(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let also = query.person("as", &caller)?;
    let explained = match words::id::<RequestId>(&id) {
        Ok(id) => explain::explain_request(front.control(), &caller, &id, also.as_ref()).await,
        Err(refusal) => Err(refusal),
    };
    let explained = looked(&front, &caller, explained).await?;
    Ok(Json(explanation(explained)).into_response())
}

/// What was refused in a session, and why.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}/explain",
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id, `ses_…`")),
    responses((status = 200, body = Listing<RefusedUseView>, description = "In ledger order, the same ones together"))
)]
pub(crate) async fn session(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let uses = match words::id::<SessionId>(&id) {
        Ok(id) => explain::explain_session(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let uses = looked(&front, &caller, uses).await?;
    let items: Vec<RefusedUseView> = uses.into_iter().map(refused_use).collect();
    Ok(Json(Listing { items, next: None }).into_response())
}

/// The caller's own refusals, the newest first, those that filed nothing among them.
#[utoipa::path(
    get,
    path = "/api/v1/refusals",
    tag = "requests",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 50, description = "At most so many; 5 unless told")),
    responses((status = 200, body = Listing<ExplainedRefusalView>, description = "Each with its rule and what helps"))
)]
pub(crate) async fn own_refusals(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let most = query.number_within("limit", 1..=MOST)?.unwrap_or(LAST);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let refusals = explain::explain_own_refusals(front.control(), &caller, most).await;
    let refusals = looked(&front, &caller, refusals).await?;
    let items: Vec<ExplainedRefusalView> = refusals.into_iter().map(refusal_view).collect();
    Ok(Json(Listing { items, next: None }).into_response())
}

/// One recorded refusal.
#[utoipa::path(
    get,
    path = "/api/v1/refusals/{id}",
    tag = "requests",
    params(("id" = String, Path, description = "The refusal's place in the ledger")),
    responses((status = 200, body = ExplainedRefusalView, description = "The rule and what helps"))
)]
pub(crate) async fn refusal(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let explained = match id.parse::<u64>() {
        Ok(position) => explain::explain_refusal(front.control(), &caller, position).await,
        Err(_) => Err(Denial::NotFound.because("a place in the ledger is a number")),
    };
    let explained = looked(&front, &caller, explained).await?;
    Ok(Json(refusal_view(explained)).into_response())
}

fn explanation(explained: Explanation) -> ExplanationView {
    ExplanationView {
        request: explained.request.id.to_string(),
        state: explained.request.state.as_str().to_owned(),
        answer: explained.answer,
        next: explained.next,
        decided: explained.decided.into_iter().map(decided).collect(),
        today: today(explained.today),
        differences: explained.differences,
    }
}

fn decided(decided: Decided) -> DecidedView {
    DecidedView {
        position: decided.position,
        at: decided.at.to_string(),
        kind: decided.kind.to_owned(),
        by: decided.by.map(|it| it.to_string()),
        sentence: decided.sentence,
        refusal: decided.refusal.as_ref().map(RefusalView::from),
        rules: decided.rules,
        questions: decided.questions.into_iter().map(judged).collect(),
        differs: decided.differs,
    }
}

fn today(today: Today) -> TodayView {
    let steps = today.route.as_ref().map(|route| &route.steps);
    let steps = steps.into_iter().flatten();
    let begin_refusal = today.activation.as_ref().and_then(|it| it.as_ref().err());
    TodayView {
        at: today.at.to_string(),
        route: steps.map(StepView::from).collect(),
        refusal: today.route.as_ref().err().map(RefusalView::from),
        may_begin: today.activation.as_ref().map(Result::is_ok),
        begin_refusal: begin_refusal.map(RefusalView::from),
        questions: today.questions.into_iter().map(judged).collect(),
        people: today.people.into_iter().map(may_decide).collect(),
    }
}

fn may_decide(person: MayDecide) -> MayDecideView {
    let seat = |it: explain::Seat| SeatView {
        authority: it.authority.as_str().to_owned(),
        application: it.application.map(|it| it.to_string()),
    };
    MayDecideView {
        person: person.person.to_string(),
        is_caller: person.is_caller,
        is_named: person.is_named,
        has_approved: person.has_approved,
        may_decide: person.seats.into_iter().map(seat).collect(),
        refusal: person.refusal.as_ref().map(RefusalView::from),
        questions: person.questions.into_iter().map(judged).collect(),
    }
}

fn judged(judged: Judged) -> JudgedView {
    let silent = judged.explained.silent.into_iter();
    JudgedView {
        about: judged.about,
        verdict: judged.verdict.as_str().to_owned(),
        rules: judged.explained.rules.into_iter().map(rule).collect(),
        silent: silent
            .map(|it| RuleView {
                text: None,
                ..rule(it)
            })
            .collect(),
    }
}

fn rule(explained: ExplainedRule) -> RuleView {
    let facts = explained.facts.into_iter().map(|it| FactView {
        path: it.path,
        of: it.of,
        is: it.is,
    });
    RuleView {
        facts: facts.collect(),
        changes: explained.changes,
        error: explained.error,
        ..by_itself(explained.rule)
    }
}

fn by_itself(rule: Rule) -> RuleView {
    RuleView {
        id: rule.id,
        effect: if rule.permits { "permit" } else { "forbid" }.to_owned(),
        written_by: if rule.is_locums { "locum" } else { "operator" }.to_owned(),
        because: rule.because,
        remedy: rule.remedy,
        row: rule.row,
        file: rule.file,
        line: rule.line,
        text: Some(rule.text),
        facts: Vec::new(),
        changes: Vec::new(),
        error: None,
    }
}

fn refusal_view(explained: ExplainedRefusal) -> ExplainedRefusalView {
    let mut refusal = RefusalView::from(&explained.refusal);
    if let Some(used) = &explained.used {
        refusal.remedy.clone_from(&used.next);
    }
    let read = explained.refusal.read.iter().flatten();
    let facts: Vec<FactView> = read
        .map(|it| FactView {
            path: it.path.clone(),
            of: it.of.clone(),
            is: it.is.clone(),
        })
        .collect();
    ExplainedRefusalView {
        position: explained.position,
        at: explained.at.to_string(),
        by: explained.by.to_string(),
        act: explained.act,
        about: explained.about.to_string(),
        refusal,
        rule: explained.rule.map(|rule| RuleView {
            facts,
            ..by_itself(rule)
        }),
        used: explained.used.map(refused_use),
    }
}

fn refused_use(used: RefusedUse) -> RefusedUseView {
    RefusedUseView {
        session: used.session.to_string(),
        position: used.position,
        at: used.at.to_string(),
        times: used.times,
        application: used.application.to_string(),
        operation: used.operation.map(|it| it.to_string()),
        effect: used.effect.map(ToOwned::to_owned),
        closed: used.closed,
        in_scope: used.in_scope,
        method: used.method,
        path: used.path,
        code: used.denial.code().to_owned(),
        because: used.because,
        next: used.next,
        granted: used.granted.iter().map(ToString::to_string).collect(),
    }
}
