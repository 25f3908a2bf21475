//! Ends that begin at the gateway, carried to the control room.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use locum_control::Control;
use locum_domain::SessionId;
use locum_domain::session::EndedBecause;
use locum_gateway::{EndNotRecorded, EndOrders};

/// Knows the control room while it is open. The control room knows the gateway, and the gateway this: whoever
/// stops the server closes the circle, so that all of them end.
#[derive(Default)]
pub(crate) struct EndOrdersToControl(ArcSwapOption<Control>);

impl EndOrdersToControl {
    pub(crate) fn open(&self, control: Control) {
        self.0.store(Some(Arc::new(control)));
    }

    pub(crate) fn close(&self) {
        self.0.store(None);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the control room is not open")]
struct NotOpen;

impl EndOrders for EndOrdersToControl {
    fn ended_by_actor<'a>(
        &'a self,
        session: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), EndNotRecorded>> {
        async move {
            let control = self.0.load_full();
            let control = control.ok_or_else(|| EndNotRecorded(Box::new(NotOpen)))?;
            let ended = control
                .end_by_itself(session, EndedBecause::EndedByActor)
                .await;
            ended.map_err(|refusal| EndNotRecorded(Box::new(refusal)))
        }
        .boxed()
    }

    fn expired(&self, session: &SessionId) {
        let Some(control) = self.0.load_full() else {
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
