//! From the empty form to a filed request.

use axum::extract::Query;
use axum::response::Response;
use locum_control::{file_request, preview};
use locum_domain::{Refusal, Request};

use super::new_request::{self, Offered};
use super::refusal::Refused;
use crate::draft::Draft;
use crate::page::Page;
use crate::posted::{Fields, Posted};
use crate::visitor::Visitor;

/// `/requests/new`; fields in the address fill the form.
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = form(&visitor, &Draft::of(&Fields(query)), None);
    visitor.show(page, Refused::new("ask for anything", "/"))
}

/// The preview, or the form again with what would be refused.
pub(crate) async fn preview(Posted { visitor, fields }: Posted) -> Response {
    let draft = Draft::of(&fields);
    let previewed = match draft.asked() {
        Ok(asked) => preview::preview(&visitor.state.control, &visitor.caller, &asked).await,
        Err(refusal) => Err(refusal),
    };
    let page = match previewed {
        Ok(request) => Ok(new_request::preview(&visitor.view, &draft, &request)),
        Err(refusal) => form(&visitor, &draft, Some(&refusal)),
    };
    visitor.show(page, Refused::new("preview this request", "/requests/new"))
}

/// The filled form once more. Nothing is recorded: nothing is asked.
pub(crate) async fn change(Posted { visitor, fields }: Posted) -> Response {
    let page = form(&visitor, &Draft::of(&fields), None);
    visitor.show(page, Refused::new("ask for anything", "/"))
}

/// Files the request.
pub(crate) async fn file(Posted { visitor, fields }: Posted) -> Response {
    let draft = Draft::of(&fields);
    let filed: Result<Request, Refusal> = match draft.asked() {
        Ok(asked) => {
            file_request::file_request(&visitor.state.control, &visitor.caller, &asked).await
        }
        Err(refusal) => Err(refusal),
    };
    let refused = Refused::new("file this request", "/requests/new");
    match filed {
        Ok(request) => visitor.go(Ok(format!("/requests/{}", request.id)), refused),
        Err(refusal) => visitor.show(form(&visitor, &draft, Some(&refusal)), refused),
    }
}

fn form(visitor: &Visitor, draft: &Draft, refusal: Option<&Refusal>) -> Result<Page, Refusal> {
    let in_force = visitor.state.control.in_force();
    let view = &visitor.view;
    let today = view.now.to_zoned_datetime(view.zone.clone()).date();
    let asker = draft.actor.as_ref().unwrap_or(&visitor.caller.principal);
    let mut offered = Vec::new();
    for application in in_force.catalog.applications.values() {
        let (policies, catalog) = (&in_force.policies, &in_force.catalog);
        let eligible = policies.eligible_operations(catalog, asker, application, today)?;
        offered.push(Offered {
            application,
            eligible,
        });
    }
    Ok(new_request::form(view, draft, &offered, refusal))
}
