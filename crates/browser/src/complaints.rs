//! What a page complains about: its console's errors, uncaught exceptions, broken content security policy.

use std::sync::{Arc, Mutex, PoisonError};

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::log::{
    EnableParams, EventEntryAdded, LogEntry, LogEntryLevel, LogEntrySource,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown,
};
use futures_util::{Stream, StreamExt as _};

/// The complaints so far, and those that the test expects.
#[derive(Default)]
pub(crate) struct Complaints {
    said: Mutex<Vec<String>>,
    expected: Mutex<Vec<String>>,
}

impl Complaints {
    /// Collects what a page says from now on.
    pub(crate) async fn listen(self: &Arc<Self>, page: &Page) {
        let entries = page.event_listener::<EventEntryAdded>().await;
        self.collect(entries.expect("the log"), |event| complaint(&event.entry));
        let thrown = page.event_listener::<EventExceptionThrown>().await;
        self.collect(thrown.expect("the exceptions"), |event| {
            let details = &event.exception_details;
            let exception = details
                .exception
                .as_ref()
                .and_then(|it| it.description.clone());
            Some(exception.unwrap_or_else(|| details.text.clone()))
        });
        let called = page.event_listener::<EventConsoleApiCalled>().await;
        self.collect(called.expect("the console"), |event| {
            let is_error = event.r#type == ConsoleApiCalledType::Error;
            is_error.then(|| format!("console.error: {:?}", event.args))
        });
        page.execute(EnableParams::default())
            .await
            .expect("the log is on");
    }

    fn collect<E: Send + Sync + 'static>(
        self: &Arc<Self>,
        mut events: impl Stream<Item = Arc<E>> + Send + Unpin + 'static,
        complaint: impl Fn(&E) -> Option<String> + Send + 'static,
    ) {
        let complaints = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if let Some(said) = complaint(&event) {
                    lock(&complaints.said).push(said);
                }
            }
        });
    }

    /// Complaints that have this text are part of the test.
    pub(crate) fn expect(&self, text: &str) {
        lock(&self.expected).push(text.to_owned());
    }

    /// Whether something with this text was said.
    pub(crate) fn has(&self, text: &str) -> bool {
        lock(&self.said).iter().any(|said| said.contains(text))
    }

    /// What nobody expects.
    pub(crate) fn unexpected(&self) -> Vec<String> {
        let expected = lock(&self.expected);
        let is_expected = |said: &String| expected.iter().any(|text| said.contains(text.as_str()));
        let said = lock(&self.said);
        said.iter().filter(|it| !is_expected(it)).cloned().collect()
    }
}

/// A page that answers with a refusal is no complaint: tests look at what it says.
fn complaint(entry: &LogEntry) -> Option<String> {
    let is_refusal = entry.source == LogEntrySource::Network
        && entry.text.contains("responded with a status of 4");
    let is_error = entry.level == LogEntryLevel::Error && !is_refusal;
    let place = entry.url.as_deref().unwrap_or_default();
    is_error.then(|| format!("{} ({place})", entry.text))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
