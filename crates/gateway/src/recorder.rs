//! The node's recorder as the port it is here.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use locum_record::Recorder;

use crate::ports::{AccessRecorder, RecordNotKept};

impl AccessRecorder for Recorder {
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>> {
        let durable = Recorder::append(self, record);
        Box::pin(async move { durable.await.map_err(|_| RecordNotKept) })
    }

    fn append_unawaited(&self, record: Bytes) {
        // A recorder that is full refuses every `append` too: that is where the door closes. What is lost
        // here is an admission without its completion, and that is a finding.
        if let Err(error) = Recorder::append_unawaited(self, record) {
            tracing::error!(%error, "what became of a request is not on the record");
        }
    }
}
