//! One listener's door: every request that comes through it gets its answer here.

use std::sync::Arc;

use http::header::HOST;
use http::{Request, Response, Version};
use hyper::body::Incoming;
use locum_domain::access::{NotAdmitted, RefusedInSession, redacted_method, redacted_path};
use locum_domain::aggregate::Stream;
use locum_domain::{Denial, Event, Happened};

use super::authenticate::{Unknown, authenticate};
use super::cookies;
use super::forwarding::forwarding;
use super::{forward, host_name};
use crate::answer::{Answer, Asked, RefusalAnswer};
use crate::door::{Malformed, Wire};
use crate::gateway::Inner;
use crate::own;
use crate::ports::Listener;
use crate::session::{LiveSession, record_bytes};
use crate::site::Site;

/// So many refusals after its end are on a session's record; what comes later is counted with the strangers,
/// or a dead cookie could fill the record.
const REFUSALS_AFTER_END: u32 = 100;

/// A listener and what it serves.
pub(crate) struct Door {
    pub(crate) gateway: Arc<Inner>,
    which: Listener,
    name: String,
}

impl Door {
    pub(crate) fn new(gateway: Arc<Inner>, which: Listener) -> Self {
        Self {
            name: which.name(),
            gateway,
            which,
        }
    }

    /// The answer to a request.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        wire: Arc<Wire>,
    ) -> Response<Answer> {
        // The stand-in of a refused head is HTTP/1.0; requests before it on the connection are answered.
        if request.version() == Version::HTTP_10
            && let Some(malformed) = wire.malformed()
        {
            return self.malformed(malformed);
        }
        let Some(site) = self.site(&request) else {
            self.stranger("unknown-host");
            return RefusalAnswer::misdirected().to(&request, None, &self.gateway);
        };
        if self.gateway.settings.is_development
            && let Some(header) = forwarding(request.headers())
        {
            self.stranger("forwarding-header");
            return RefusalAnswer::forwarding(header).to(&request, Some(&site), &self.gateway);
        }
        let path = request.uri().path();
        if own::is_own(path) {
            return own::answer(self, &site, request).await;
        }
        let known = match authenticate(&self.gateway, &site, request.headers()) {
            Ok(known) => known,
            Err(unknown) => return self.unknown(&request, &site, unknown),
        };
        forward::forward(self, known, request, wire).await
    }

    /// The application whose host the request names.
    fn site(&self, request: &Request<Incoming>) -> Option<Arc<Site>> {
        let host = request.headers().get(HOST)?.to_str().ok()?;
        let host = host_name(host);
        let sites = self.gateway.sites.load();
        match &self.which {
            Listener::Domain => sites.at_host(host).cloned(),
            Listener::Application(id) => sites
                .by_id
                .get(id)
                .filter(|site| site.host.eq_ignore_ascii_case(host))
                .cloned(),
        }
    }

    fn malformed(&self, malformed: Malformed) -> Response<Answer> {
        self.stranger(if malformed == Malformed::TooLarge {
            "head-too-large"
        } else {
            "malformed"
        });
        RefusalAnswer::malformed(malformed).to(Asked::unread(), None, &self.gateway)
    }

    /// Counts a stranger.
    pub(crate) fn stranger(&self, reason: &str) {
        self.gateway.ports.strangers.refused(&self.name, reason);
    }

    /// Refuses somebody who has no live session here.
    pub(crate) fn unknown<B>(
        &self,
        request: &Request<B>,
        site: &Site,
        unknown: Unknown,
    ) -> Response<Answer> {
        // A cookie that opens nothing any more takes with it what the browser kept of the session.
        let is_over = !matches!(unknown, Unknown::WrongApplication(_))
            && cookies::named(request.headers(), site.cookie_name())
                .next()
                .is_some();
        let answer = match unknown {
            Unknown::Stranger(reason) => {
                self.stranger(reason);
                RefusalAnswer::no_session()
            }
            Unknown::Ended(session, note) => {
                let refusal = Denial::SessionEnded.because(note.because.as_str());
                self.refused(request, &session, site, *NotAdmitted::because(refusal));
                RefusalAnswer::ended(note)
            }
            Unknown::WrongApplication(session) => {
                let refusal =
                    Denial::WrongApplication.because("this credential opens another application");
                let answer = RefusalAnswer::of(&refusal);
                self.refused(request, &session, site, *NotAdmitted::because(refusal));
                answer
            }
        };
        let mut response = answer.to(request, Some(site), &self.gateway);
        if is_over {
            own::forget(response.headers_mut(), site);
        }
        response
    }

    /// Puts the refusal of a known session on the record.
    pub(crate) fn refused<B>(
        &self,
        request: &Request<B>,
        session: &LiveSession,
        site: &Site,
        not: NotAdmitted,
    ) {
        if session.ended().is_some() && session.count_refused_after_end() > REFUSALS_AFTER_END {
            self.stranger("session-ended");
            return;
        }
        session.count_refused();
        let at = self.gateway.ports.clock.now();
        let (_, record) = self.gateway.next_record();
        let facts = &session.facts;
        let here = session.application(&site.id);
        let path: String = request.uri().path().chars().take(2048).collect();
        let happened = Happened {
            stream: Stream::Session(facts.id.clone()),
            at,
            event: Event::AccessRefused(RefusedInSession {
                record,
                txn: facts.event.clone(),
                session: facts.id.clone(),
                actor: facts.actor.clone(),
                subject: here.map(|it| it.subject.clone()),
                application: site.id.clone(),
                operation: not.operation,
                rule: not.refusal.rule,
                method: redacted_method(request.method().as_str()).to_owned(),
                template: not.template,
                path: redacted_path(&path).into_owned(),
                asked: not.asked,
                denial: not.refusal.denial,
                at,
            }),
        };
        if let Some(bytes) = record_bytes(&happened) {
            self.gateway.ports.recorder.append_unawaited(bytes);
        }
    }
}
