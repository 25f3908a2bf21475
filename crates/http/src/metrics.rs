//! Counters in OpenMetrics text. Each says what it counts and nothing else.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::state::Front;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusClass {
    class: &'static str,
}

/// The counters of this listener, and gauges that are set when somebody asks.
pub(crate) struct Metrics {
    registry: Registry,
    answers: Family<StatusClass, Counter>,
    ledger_entries: Gauge,
    live_sessions: Gauge,
    is_recording: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("locum"),
            answers: Family::default(),
            ledger_entries: Gauge::default(),
            live_sessions: Gauge::default(),
            is_recording: Gauge::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "http_answers",
            "Answers of the API's listener, by class of status",
            self.answers.clone(),
        );
        registry.register(
            "ledger_entries",
            "Entries that the last checkpoint covers",
            self.ledger_entries.clone(),
        );
        registry.register(
            "live_sessions",
            "Sessions that the enforcement point holds",
            self.live_sessions.clone(),
        );
        registry.register(
            "recorder_available",
            "1 while access records can be made durable, 0 while every door is closed",
            self.is_recording.clone(),
        );
        self
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, status: StatusCode) {
        let class = match status.as_u16() {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.answers.get_or_create(&StatusClass { class }).inc();
    }
}

/// `GET /metrics`.
pub(crate) async fn metrics(State(front): State<Front>) -> Response {
    let (metrics, control) = (&front.metrics, front.control());
    let entries = *control.sequencer().size().borrow();
    let live = control.data_plane().live().len();
    metrics
        .ledger_entries
        .set(i64::try_from(entries).unwrap_or(i64::MAX));
    metrics
        .live_sessions
        .set(i64::try_from(live).unwrap_or(i64::MAX));
    metrics.is_recording.set(i64::from(control.is_recording()));
    let mut text = String::new();
    if encode(&mut text, &metrics.registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = HeaderValue::from_static(OPENMETRICS);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
