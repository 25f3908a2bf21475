//! An admitted request: recorded, sent on, answered.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::OptionFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use jiff::Timestamp;
use locum_domain::access::{Admitted, NotAdmitted, Outcome, Permit, redacted_path};
use locum_domain::aggregate::Stream;
use locum_domain::catalog::RecordTiming;
use locum_domain::{Denial, Event, Happened, RecordId};

use super::admit::{admit, from_here};
use super::authenticate::{Authenticated, Unknown};
use super::document;
use super::door::Door;
use super::outgoing::{Outgoing, Trusted, destination, trusted};
use super::upload::{Payload, Upload, UploadProgress};
use super::usage::is_use;
use crate::answer::{self, Answer, RefusalAnswer};
use crate::door::Wire;
use crate::gateway::Inner;
use crate::ports::{AccessRecorder, RecordNotKept};
use crate::session::{CurrentAssertion, Exchange, Records, record_bytes};
use crate::site::Site;
use crate::upstream::{SendError, Sent};

/// Judges a request of a known session and forwards it.
pub(crate) async fn forward(
    door: &Door,
    known: Authenticated,
    request: Request<Incoming>,
    wire: Arc<Wire>,
) -> Response<Answer> {
    let site = known.opened.site.clone();
    let (parts, body) = request.into_parts();
    let judged = judge(door, &known, &site, &parts, body).await;
    match judged {
        Ok(admitted) => exchange(door, known, site, admitted, parts, wire).await,
        Err(not) => refuse(door, &known, &site, Request::from_parts(parts, ()), *not),
    }
}

/// What passes: a permit, the further ones of a document that asks for several things, and the body.
struct Passing {
    permit: Permit,
    beside: Vec<Permit>,
    payload: Payload,
}

async fn judge(
    door: &Door,
    known: &Authenticated,
    site: &Site,
    parts: &http::request::Parts,
    body: Incoming,
) -> Result<Passing, Box<NotAdmitted>> {
    let destination = destination(&parts.headers, site)
        .map_err(|detail| NotAdmitted::because(Denial::Malformed.because(detail)))?;
    from_here(known, &parts.headers)?;
    if document::is_document(site, parts.method.as_str(), parts.uri.path())? {
        let has_destination = destination.is_some();
        let (mut permits, body) =
            document::admit(&door.gateway, known, parts, body, has_destination).await?;
        // There is one at least, or it would not have been admitted.
        let beside = permits.split_off(1.min(permits.len()));
        let permit = permits.pop().ok_or_else(|| {
            NotAdmitted::because(Denial::UnclassifiedRoute.because("the document asks for nothing"))
        })?;
        return Ok(Passing {
            permit,
            beside,
            payload: Payload::Whole(body),
        });
    }
    let now_ms = door.gateway.ports.clock.boot_ms();
    Ok(Passing {
        permit: admit(known, parts, destination, now_ms)?,
        beside: Vec::new(),
        payload: Payload::Streamed(body),
    })
}

/// Says why not, and puts it on the record.
fn refuse(
    door: &Door,
    known: &Authenticated,
    site: &Site,
    request: Request<()>,
    not: NotAdmitted,
) -> Response<Answer> {
    if not.refusal.denial == Denial::SessionEnded {
        // Its time is over and the timer has not come round yet.
        door.gateway.keep_time();
        if let Some(note) = known.session.ended() {
            return door.unknown(&request, site, Unknown::Ended(known.session.clone(), note));
        }
    }
    let answer = RefusalAnswer::of(&not.refusal);
    door.refused(&request, &known.session, site, not);
    answer.to(&request, Some(site), &door.gateway)
}

/// What is said of the subject to the application.
fn statements(
    gateway: &Inner,
    known: &Authenticated,
    site: &Site,
    now: Timestamp,
) -> Option<(Arc<CurrentAssertion>, Trusted)> {
    let application = known.application()?;
    let (issuer, random) = (&gateway.settings.issuer, &gateway.ports.random);
    let assertion = CurrentAssertion::of(&known.session, application, site, issuer, now, random)
        .inspect_err(|error| {
            tracing::warn!(%error, application = %site.id, "no assertion could be made");
        })
        .ok()?;
    let trusted = trusted(site, application)
        .inspect_err(|error| {
            tracing::warn!(%error, application = %site.id, "the subject cannot stand in a header");
        })
        .ok()?;
    Some((assertion, trusted))
}

/// Carries an admitted request to the application and its answer back.
async fn exchange(
    door: &Door,
    known: Authenticated,
    site: Arc<Site>,
    passing: Passing,
    parts: http::request::Parts,
    wire: Arc<Wire>,
) -> Response<Answer> {
    let Passing {
        permit,
        beside,
        payload,
    } = passing;
    let gateway = &door.gateway;
    let clock = &gateway.ports.clock;
    let (now, began_us) = (clock.now(), clock.boot_us());
    let said = statements(gateway, &known, &site, now);
    let (Some((assertion, trusted)), Some(application)) = (said, known.application()) else {
        return RefusalAnswer::unassertable().to(&parts, Some(&site), gateway);
    };
    application.used(permit.index(), began_us / 1000);
    let document = payload.whole();
    let is_use = is_use(&known, &permit, &beside, &parts, document);
    let (number, record) = gateway.next_record();
    let records = Records {
        number,
        first: record,
        beside: beside.iter().map(|_| gateway.next_record().1).collect(),
    };
    let exchange = Exchange::begin(
        records,
        known.session.clone(),
        site.clone(),
        wire.clone(),
        &gateway.ports,
        began_us,
        is_use,
    );
    // Registered first, looked at afterwards: an end that missed the exchange is seen here.
    if let Some(note) = known.session.ended() {
        exchange.never_happened();
        let request = Request::from_parts(parts, ());
        return door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note));
    }
    let admitted = Admitting {
        exchange: &exchange,
        subject: &application.subject,
        method: parts.method.as_str(),
        path: &redacted_path(parts.uri.path()),
        assertion: &assertion,
        at: now,
    };
    let admissions = Admissions {
        first: admitted.record(&exchange.record, &permit),
        beside: std::iter::zip(&exchange.beside, &beside)
            .map(|(record, permit)| admitted.record(record, permit))
            .collect(),
    };
    let outgoing = Outgoing {
        from: &parts,
        site: &site,
        application,
        assertion: &assertion,
        trusted,
        record: &exchange.record,
        effect: permit.effect(),
        peer: wire.peer,
    };
    let progress = UploadProgress::default();
    let has_body = !payload.is_end_stream();
    let may_repeat = !has_body && parts.method.is_idempotent();
    let upload = Upload::of(payload, exchange.clone(), progress.clone());
    let sent = recorded(door, &exchange, admissions, async {
        let again = || outgoing.request(Upload::none(UploadProgress::default()));
        let again: Option<&(dyn Fn() -> Request<Upload> + Send + Sync)> =
            if may_repeat { Some(&again) } else { None };
        let request = outgoing.request(upload);
        site.upstream.send(request, &progress, again).await
    })
    .await;
    match sent {
        Ok(Ok(Sent { answer, held })) => {
            answer::from_application(gateway, &exchange, &parts, answer, held, progress)
        }
        Ok(Err(error)) => {
            let answer = match wire.malformed() {
                Some(malformed) if has_body => RefusalAnswer::malformed(malformed),
                _ => failed(&error, &site.name),
            };
            exchange.answered(answer.status());
            exchange.close(Outcome::Failed);
            answer.to(&parts, Some(&site), gateway)
        }
        Err(RecordNotKept) => {
            exchange.never_happened();
            if let Some(note) = known.session.ended() {
                let request = Request::from_parts(parts, ());
                return door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note));
            }
            known.session.count_refused();
            RefusalAnswer::unrecorded().to(&parts, Some(&site), gateway)
        }
    }
}

/// Has the admission recorded and the request sent, in the order that the application's catalog entry demands.
async fn recorded(
    door: &Door,
    exchange: &Exchange,
    admissions: Admissions,
    send: impl Future<Output = Result<Sent, SendError>>,
) -> Result<Result<Sent, SendError>, RecordNotKept> {
    let recorder = door.gateway.ports.recorder.as_ref();
    let admissions = admissions.whole()?;
    let queue = || admissions.queue(recorder);
    exchange.session.count_admitted();
    match exchange.site.record {
        RecordTiming::Before => {
            let durable = exchange.admit(queue);
            durable.ok_or(RecordNotKept)?.await?;
            // It may have been cut while it was recorded.
            let still_open = (!exchange.is_closed()).then_some(send);
            match OptionFuture::from(still_open).await {
                Some(sent) => Ok(sent),
                None => Err(RecordNotKept),
            }
        }
        RecordTiming::With => {
            let durable = exchange.admit(queue);
            let durable = durable.ok_or(RecordNotKept)?;
            let (kept, sent) = futures_util::future::join(durable, send).await;
            kept.map(|()| sent)
        }
        RecordTiming::After => {
            let queued = exchange.admit(queue);
            // Nothing waits for it, but a closed door says so at once, and then nothing is forwarded either.
            if let Some(kept) = queued.ok_or(RecordNotKept)?.now_or_never() {
                kept?;
            }
            Ok(send.await)
        }
    }
}

/// What is recorded before a request goes on: one admission, and one more for each further thing that its document
/// asks for.
struct Admissions<B = Option<Bytes>> {
    first: B,
    beside: Vec<B>,
}

impl Admissions {
    fn whole(self) -> Result<Admissions<Bytes>, RecordNotKept> {
        Ok(Admissions {
            first: self.first.ok_or(RecordNotKept)?,
            beside: self
                .beside
                .into_iter()
                .collect::<Option<_>>()
                .ok_or(RecordNotKept)?,
        })
    }
}

impl Admissions<Bytes> {
    /// Queues all of them at once; what it answers is done when the last one is durable.
    fn queue(
        self,
        recorder: &dyn AccessRecorder,
    ) -> impl Future<Output = Result<(), RecordNotKept>> {
        let first = recorder.append(self.first);
        let beside: Vec<_> = self
            .beside
            .into_iter()
            .map(|it| recorder.append(it))
            .collect();
        async move {
            first.await?;
            for durable in beside {
                durable.await?;
            }
            Ok(())
        }
    }
}

/// What all admissions of one request say.
struct Admitting<'r> {
    exchange: &'r Exchange,
    subject: &'r str,
    method: &'r str,
    path: &'r str,
    assertion: &'r CurrentAssertion,
    at: Timestamp,
}

impl Admitting<'_> {
    fn record(&self, record: &RecordId, permit: &Permit) -> Option<Bytes> {
        let facts = &self.exchange.session.facts;
        record_bytes(&Happened {
            stream: Stream::Session(facts.id.clone()),
            at: self.at,
            event: Event::AccessAdmitted(Admitted {
                record: record.clone(),
                txn: facts.event.clone(),
                session: facts.id.clone(),
                actor: facts.actor.clone(),
                subject: self.subject.to_owned(),
                application: self.exchange.site.id.clone(),
                operation: permit.operation().clone(),
                rule: permit.rule(),
                method: self.method.to_owned(),
                template: permit.template().clone(),
                path: self.path.to_owned(),
                object: permit.object().map(str::to_owned),
                assertion: Some(self.assertion.id.clone()),
                at: self.at,
            }),
        })
    }
}

fn failed(error: &SendError, application: &str) -> RefusalAnswer {
    tracing::warn!(%error, application, "the application did not answer");
    match error {
        SendError::TooLate => RefusalAnswer::upstream_too_late(application),
        SendError::Unreachable(_) | SendError::Broken(_) => {
            RefusalAnswer::upstream_unreachable(application)
        }
    }
}
