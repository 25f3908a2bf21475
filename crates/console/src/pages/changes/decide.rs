//! Yes or no to a change, as a second person; or taking one's own back.

use axum::extract::Path;
use axum::response::Response;
use locum_control::change::{self, ChangeSeen};
use locum_domain::{ChangeId, Refusal};

use crate::ceremony::{self, ToSign};
use crate::fetched::{self, Fetched};
use crate::pages::refusal::Refused;
use crate::posted::Posted;
use crate::visitor::named;

/// Where the change is looked at; what is none leads to the list.
fn back(id: &str) -> String {
    match id.parse::<ChangeId>() {
        Ok(id) => format!("/changes/{id}"),
        Err(_) => "/changes".to_owned(),
    }
}

fn to(done: Result<ChangeSeen, Refusal>) -> Result<String, Refusal> {
    done.map(|it| format!("/changes/{}", it.change.id))
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, .. }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<ChangeId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        ToSign::of(change::change_statement(control, caller, &id).await?)
    };
    fetched::answer(asked.await)
}

/// Lets it count.
pub(crate) async fn confirm(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let confirmed = async {
        let id = named::<ChangeId>(&id)?;
        let signature = ceremony::signature_if_any(&fields)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        let digest = fields.words("digest");
        change::confirm_change(control, caller, &id, digest, signature.as_ref()).await
    };
    let to = to(confirmed.await);
    visitor.go_sure(to, Refused::new("confirm this change", &back(&id)))
}

/// No.
pub(crate) async fn deny(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let denied = async {
        let id = named::<ChangeId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        change::deny_change(control, caller, &id, fields.words("reason")).await
    };
    let to = to(denied.await);
    visitor.go(to, Refused::new("deny this change", &back(&id)))
}

/// Takes it back.
pub(crate) async fn withdraw(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let withdrawn = async {
        let id = named::<ChangeId>(&id)?;
        change::withdraw_change(&visitor.state.control, &visitor.caller, &id).await
    };
    let to = to(withdrawn.await);
    visitor.go(to, Refused::new("take this change back", &back(&id)))
}
