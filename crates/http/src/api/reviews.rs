//! Reviews: what a named person finds afterwards.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{CompleteReviewBody, FindingWordsBody, Listing, ReviewView, StatementView};
use locum_control::complete_review::{self, CompleteReview};
use locum_control::read;
use locum_domain::review::Found;
use locum_domain::{ReviewId, Signature};

use super::look::looked;
use super::words;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// Reviews that the caller owes or may see, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/reviews",
    tag = "reviews",
    params(
        ("state" = Option<String>, Query, pattern = "^(open|completed)?$", description = "open or completed"),
        ("cursor" = Option<String>, Query, pattern = "^[A-Za-z0-9_]{0,200}$", description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 unless told"),
    ),
    responses((status = 200, body = Listing<ReviewView>, description = "A page; `Link` leads to the next"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let (cursor, limit) = query.page()?;
    let state = query.word("state", &["open", "completed"])?;
    let listed = read::reviews(front.control(), &caller, state, cursor, limit).await;
    let listed = looked(&front, &caller, listed).await?;
    let items: Vec<ReviewView> = listed.items.iter().map(ReviewView::from).collect();
    Ok(query.listing(items, listed.next))
}

/// One review.
#[utoipa::path(
    get,
    path = "/api/v1/reviews/{id}",
    tag = "reviews",
    params(("id" = String, Path, description = "The review's id, `rev_…`")),
    responses((status = 200, body = ReviewView, description = "The review as it stands"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let review = match words::id::<ReviewId>(&id) {
        Ok(id) => read::review(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let review = looked(&front, &caller, review).await?;
    Ok(Json(ReviewView::from(&review)).into_response())
}

/// Completes a review with a finding and a sentence.
#[utoipa::path(
    post,
    path = "/api/v1/reviews/{id}/complete",
    tag = "reviews",
    params(("id" = String, Path, description = "The review's id, `rev_…`")),
    request_body = CompleteReviewBody,
    responses((status = 200, body = ReviewView, description = "Completed"))
)]
pub(crate) async fn complete(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("review", words::id(&id)).await?;
    let body = command.read::<CompleteReviewBody>("review").await?;
    let finding = words::finding(&body.finding);
    let finding = command.typed("review", finding).await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let complete = CompleteReview {
        finding,
        note: body.note,
        signature: command.typed("review", signature).await?,
    };
    let control = command.front.control();
    let review = complete_review::complete_review(control, &command.caller, &id, &complete).await?;
    Ok(Json(ReviewView::from(&review)).into_response())
}

/// What the caller would sign with this finding. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/reviews/{id}/statement",
    tag = "reviews",
    params(("id" = String, Path, description = "The review's id, `rev_…`")),
    request_body = FindingWordsBody,
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn statement(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("review", words::id(&id)).await?;
    let body = command.read::<FindingWordsBody>("review").await?;
    let finding = words::finding(&body.finding);
    let found = Found {
        finding: command.typed("review", finding).await?,
        note: &body.note,
    };
    let control = command.front.control();
    let statement = complete_review::finding_statement(control, &command.caller, &id, found).await;
    let statement = command.typed("review", statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}
