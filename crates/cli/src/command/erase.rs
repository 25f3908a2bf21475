//! Erasing what the record holds of one subject, by two people.

use locum_api::{ConfirmBody, ErasureBody, ErasureView, Listing, ReasonBody};

use super::beside::elsewhere;
use crate::args::EraseArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn erase(
    client: &Connection<'_>,
    output: &Output,
    args: EraseArgs,
) -> Result<(), Failure> {
    let path = |id: &str, act: &str| format!("/api/v1/erasures/{}/{act}", encoded(id));
    let reason = args.reason.unwrap_or_default();
    let erasure: ErasureView = match (args.subject, args.confirm, args.deny) {
        (Some(subject), ..) => {
            let body = ErasureBody { subject, reason };
            client.post("/api/v1/erasures", &body).await?
        }
        (None, Some(id), _) => {
            let confirmed = client
                .post(&path(&id, "confirm"), &ConfirmBody::default())
                .await;
            confirmed.map_err(|failure| elsewhere(client, "erasures", failure))?
        }
        (None, None, Some(id)) => {
            client
                .post(&path(&id, "deny"), &ReasonBody { reason })
                .await?
        }
        (None, None, None) => {
            let listed: Listing<ErasureView> = client.get("/api/v1/erasures").await?;
            return output.answer(&listed, || erasures(output, &listed.items));
        }
    };
    output.answer(&erasure, || {
        let ErasureView { id, state, .. } = &erasure;
        match state.as_str() {
            "waiting" => format!(
                "{id} waits for somebody else without any part; nothing is erased before: `locum erase --confirm {id}`"
            ),
            "done" => format!("{id} is done: the data is gone, and the record says by whose word"),
            _ => format!("{id} is {state}; nothing was erased"),
        }
    })
}

fn erasures(output: &Output, items: &[ErasureView]) -> String {
    if items.is_empty() {
        return "no erasure was ever asked for".to_owned();
    }
    let row = |it: &ErasureView| {
        [
            it.id.clone(),
            it.state.clone(),
            it.subject.clone(),
            it.asked_by.clone(),
            it.decided_by.clone().unwrap_or_default(),
            it.decided_at.clone().unwrap_or_default(),
        ]
    };
    output.table(
        [
            "ERASURE",
            "STATE",
            "SUBJECT",
            "ASKED BY",
            "DECIDED BY",
            "AT",
        ],
        items.iter().map(row),
    )
}
