//! What sessions asked an application for and nobody classified.

use axum::extract::{Path, State};
use axum::response::Response;
use locum_api::{Listing, UnclassifiedView};
use locum_control::ports::Unclassified;
use locum_control::unclassified;

use super::look::looked;
use super::words;
use crate::command::Asking;
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

fn view(it: &Unclassified) -> UnclassifiedView {
    UnclassifiedView {
        route: it.route.to_string(),
        method: it.route.method.clone(),
        path: it.route.path.clone(),
        asked: it.asked.clone(),
        count: it.count,
        first_at: it.first_at.to_string(),
        last_at: it.last_at.to_string(),
        last_session: it.last_session.to_string(),
    }
}

/// Addresses of an application that sessions asked for and no operation has, the last seen first; at most 1,000 are
/// kept. For its owners, security and auditors.
#[utoipa::path(
    get,
    path = "/api/v1/applications/{id}/unclassified",
    tag = "catalog",
    params(
        ("id" = String, Path, description = "The application's id"),
        ("cursor" = Option<String>, Query, pattern = "^[0-9]{0,20}$", description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 unless told"),
    ),
    responses((status = 200, body = Listing<UnclassifiedView>, description = "A page; `Link` leads to the next"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Refused> {
    let (_, limit) = query.page()?;
    let before = query.number("cursor")?;
    let page = match words::id(&id) {
        Ok(id) => unclassified::unclassified(front.control(), &caller, &id, before, limit).await,
        Err(refusal) => Err(refusal),
    };
    let page = looked(&front, &caller, page).await?;
    let next = page.next.map(|it| it.to_string());
    Ok(query.listing(page.rows.iter().map(view).collect(), next))
}
