//! Ends that begin at the gateway, carried to the control room.

use std::sync::OnceLock;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use locum_control::Control;
use locum_domain::SessionId;
use locum_domain::session::EndedBecause;
use locum_gateway::{EndNotRecorded, EndOrders};

/// Set once both rooms exist; before that no session can be live.
#[derive(Default)]
pub(crate) struct EndOrdersToControl(pub(crate) OnceLock<Control>);

#[derive(Debug, thiserror::Error)]
#[error("the control room is not open")]
struct NotOpen;

impl EndOrders for EndOrdersToControl {
    fn ended_by_actor<'a>(
        &'a self,
        session: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), EndNotRecorded>> {
        async move {
            let control = self
                .0
                .get()
                .ok_or_else(|| EndNotRecorded(Box::new(NotOpen)))?;
            let ended = control
                .end_by_itself(session, EndedBecause::EndedByActor)
                .await;
            ended.map_err(|refusal| EndNotRecorded(Box::new(refusal)))
        }
        .boxed()
    }

    fn expired(&self, session: &SessionId) {
        let Some(control) = self.0.get().cloned() else {
            return;
        };
        let session = session.clone();
        tokio::spawn(async move {
            // The jobs record it a moment later when this fails; the session is cut already.
            if let Err(refusal) = control.end_by_itself(&session, EndedBecause::Expired).await {
                tracing::warn!(%session, %refusal, "an expiry is not recorded yet");
            }
        });
    }
}
