//! The node's recorder as the port it is here.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use locum_record::Recorder;

use crate::ports::{AccessRecorder, RecordNotKept};

impl AccessRecorder for Recorder {
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>> {
        Box::pin(async move {
            Recorder::append(self, record)
                .await
                .map(|_| ())
                .map_err(|_| RecordNotKept)
        })
    }

    fn append_unawaited(&self, record: Bytes) {
        // A recorder that cannot write refuses every later `append`: that is where the door closes.
        let _ = Recorder::append_unawaited(self, record);
    }
}
