//! A `tower` layer that lets no request through without its assertion.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::lock::Mutex;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use locum_token::{JwkSet, TokenError};
use tower::{Layer, Service};

use crate::accepted_log::AcceptedLog;
use crate::impersonation::Impersonation;
use crate::verifier::{Rejection, Verifier};
use crate::witnessed::{Unwitnessed, Witnessed};

/// A fetch of the issuer's keys; `None` when it failed.
pub type KeysFuture = Pin<Box<dyn Future<Output = Option<JwkSet>> + Send>>;

/// Whoever sends assertions with invented key ids causes one fetch in this time, not one each.
const AFTER_A_FETCH: SignedDuration = SignedDuration::from_secs(30);

/// An issuer that could not be reached may be back sooner.
const AFTER_A_FAILURE: SignedDuration = SignedDuration::from_secs(2);

/// When to come again to what may be otherwise in a moment, in seconds.
const COME_AGAIN: HeaderValue = HeaderValue::from_static("2");

const ASSERTION: HeaderName = HeaderName::from_static("locum-assertion");

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type FetchKeys = Arc<dyn Fn() -> KeysFuture + Send + Sync>;

/// Its lock is held while a fetch runs, so that requests which arrive meanwhile wait for its keys.
struct LastFetch {
    at: Timestamp,
    pause: SignedDuration,
}

#[derive(Clone)]
struct Gate {
    verifier: Arc<Verifier>,
    header: HeaderName,
    clock: Clock,
    fetch_keys: Option<FetchKeys>,
    last_fetch: Arc<Mutex<Option<LastFetch>>>,
    witnessed: Option<Arc<Witnessed>>,
    accepted_log: Option<Arc<AcceptedLog>>,
}

/// Why a request goes no further.
enum Refused {
    Rejected(Rejection),
    Unwitnessed(Unwitnessed),
    /// What was accepted could not be written down.
    Unwritten,
}

/// Puts [`Impersonation`] into the extensions of every request it lets through, and answers 401
/// to every other.
///
/// 503 with `Retry-After` answers a request whose session is not on the witnessed record yet
/// ([`Self::require_witnessed`]) or could not be written into the application's own log
/// ([`Self::with_accepted_log`]).
#[derive(Clone)]
pub struct AssertionLayer {
    gate: Gate,
}

/// The service that [`AssertionLayer`] makes.
#[derive(Clone)]
pub struct AssertionService<S> {
    gate: Gate,
    inner: S,
}

impl AssertionLayer {
    /// A layer that checks with `verifier` at the time that `clock` tells. Whoever keeps a second
    /// `Arc` of the verifier can replace its keys while the layer works.
    pub fn new(
        verifier: impl Into<Arc<Verifier>>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self {
            gate: Gate {
                verifier: verifier.into(),
                header: ASSERTION,
                clock: Arc::new(clock),
                fetch_keys: None,
                last_fetch: Arc::new(Mutex::new(None)),
                witnessed: None,
                accepted_log: None,
            },
        }
    }

    /// The same, letting nobody in before witnesses whom this application trusts have seen the
    /// start of the session. A stolen signing key alone opens nothing then.
    #[must_use]
    pub fn require_witnessed(mut self, witnessed: impl Into<Arc<Witnessed>>) -> Self {
        self.gate.witnessed = Some(witnessed.into());
        self
    }

    /// The same, writing down every assertion before its first request goes on, for
    /// `locum reconcile`. What cannot be written down is not let in.
    #[must_use]
    pub fn with_accepted_log(mut self, log: impl Into<Arc<AcceptedLog>>) -> Self {
        self.gate.accepted_log = Some(log.into());
        self
    }

    /// The same for applications whose catalog entry names another header.
    #[must_use]
    pub fn with_header(mut self, header: HeaderName) -> Self {
        self.gate.header = header;
        self
    }

    /// The same, calling `fetch_keys` when an assertion names a key that is not known yet, at
    /// most once in half a minute (after a failure, in two seconds). The function brings its own time-out.
    #[must_use]
    pub fn with_fetch_keys(
        mut self,
        fetch_keys: impl Fn() -> KeysFuture + Send + Sync + 'static,
    ) -> Self {
        self.gate.fetch_keys = Some(Arc::new(fetch_keys));
        self
    }
}

impl Gate {
    async fn admit(&self, headers: &HeaderMap) -> Result<Impersonation, Refused> {
        let impersonation = self.check(headers).await.map_err(Refused::Rejected)?;
        if let Some(witnessed) = &self.witnessed {
            let checked = witnessed.check(&impersonation, &*self.clock).await;
            checked.map_err(Refused::Unwitnessed)?;
        }
        if let Some(log) = &self.accepted_log {
            let written = log.accepted(&impersonation, (self.clock)());
            written.map_err(|_| Refused::Unwritten)?;
        }
        Ok(impersonation)
    }

    async fn check(&self, headers: &HeaderMap) -> Result<Impersonation, Rejection> {
        let first = self.verify(headers);
        let Err(Rejection::Refused(TokenError::UnknownKey { .. })) = &first else {
            return first;
        };
        let Some(fetch_keys) = &self.fetch_keys else {
            return first;
        };
        let mut last_fetch = self.last_fetch.lock().await;
        let second = self.verify(headers);
        let Err(Rejection::Refused(TokenError::UnknownKey { .. })) = &second else {
            return second;
        };
        let now = (self.clock)();
        if last_fetch.as_ref().is_some_and(|last| last.holds_at(now)) {
            return second;
        }
        // Written first: a client that goes away drops this future in the middle.
        let last = last_fetch.insert(LastFetch {
            at: now,
            pause: AFTER_A_FAILURE,
        });
        let Some(keys) = fetch_keys().await else {
            return second;
        };
        last.pause = AFTER_A_FETCH;
        self.verifier.replace_keys(keys);
        self.verify(headers)
    }

    fn verify(&self, headers: &HeaderMap) -> Result<Impersonation, Rejection> {
        let now = (self.clock)();
        self.verifier.verify_headers(headers, &self.header, now)
    }
}

impl LastFetch {
    /// A clock that was set back ends the pause too.
    fn holds_at(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() < self.pause
    }
}

impl<S> Layer<S> for AssertionLayer {
    type Service = AssertionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AssertionService {
            gate: self.gate.clone(),
            inner,
        }
    }
}

impl<S, B, R> Service<Request<B>> for AssertionService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let gate = self.gate.clone();
        // The clone that was asked whether it is ready is the one that must be called.
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            match gate.admit(request.headers()).await {
                Ok(impersonation) => {
                    request.extensions_mut().insert(impersonation);
                    ready.call(request).await
                }
                Err(refused) => Ok(refused.answer()),
            }
        })
    }
}

impl Refused {
    fn answer<R: Default>(&self) -> Response<R> {
        match self {
            Self::Rejected(rejection) => unauthorized(rejection.code()),
            Self::Unwitnessed(unwitnessed) if !unwitnessed.may_pass() => unauthorized("unrecorded"),
            Self::Unwitnessed(_) | Self::Unwritten => {
                let mut response = Response::new(R::default());
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                response.headers_mut().insert(RETRY_AFTER, COME_AGAIN);
                response
            }
        }
    }
}

fn unauthorized<R: Default>(code: &str) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = format!("Locum-Assertion error=\"{code}\"");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl fmt::Debug for AssertionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionLayer")
            .field("verifier", &self.gate.verifier)
            .field("header", &self.gate.header)
            .field("witnessed", &self.gate.witnessed)
            .field("accepted_log", &self.gate.accepted_log)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for AssertionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionService").finish_non_exhaustive()
    }
}
