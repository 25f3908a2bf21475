//! An admitted request: recorded, sent on, answered.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::OptionFuture;
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use jiff::Timestamp;
use locum_domain::access::{Admitted, Outcome, Permit};
use locum_domain::aggregate::Stream;
use locum_domain::catalog::RecordTiming;
use locum_domain::{Denial, Event, Happened, OperationId, Refusal};

use super::admit::admit;
use super::authenticate::{Authenticated, Unknown};
use super::door::Door;
use super::outgoing::{Outgoing, Trusted, destination, trusted};
use super::upload::{Upload, UploadProgress};
use super::usage::is_use;
use crate::answer::{self, Answer, RefusalAnswer};
use crate::door::Wire;
use crate::gateway::Inner;
use crate::ports::RecordNotKept;
use crate::session::{CurrentAssertion, Exchange, record_bytes};
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
    let boot_ms = door.gateway.ports.clock.boot_ms();
    let (method, path) = (request.method().as_str(), request.uri().path());
    let headers = request.headers();
    let judged = destination(headers, &site)
        .map_err(|detail| (None, Denial::Malformed.because(detail)))
        .and_then(|destination| admit(&known, method, path, destination, headers, boot_ms));
    match judged {
        Ok(permit) => exchange(door, known, site, permit, request, wire).await,
        Err((operation, refusal)) => refuse(door, &known, &site, &request, operation, &refusal),
    }
}

/// Says why not, and puts it on the record.
fn refuse<B>(
    door: &Door,
    known: &Authenticated,
    site: &Site,
    request: &Request<B>,
    operation: Option<OperationId>,
    refusal: &Refusal,
) -> Response<Answer> {
    if refusal.denial == Denial::SessionEnded {
        // Its time is over and the timer has not come round yet.
        door.gateway.keep_time();
        if let Some(note) = known.session.ended() {
            return door.unknown(request, site, Unknown::Ended(known.session.clone(), note));
        }
    }
    door.refused(request, &known.session, site, operation, refusal);
    RefusalAnswer::of(refusal).to(request, Some(site), &door.gateway)
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
    permit: Permit,
    request: Request<Incoming>,
    wire: Arc<Wire>,
) -> Response<Answer> {
    let gateway = &door.gateway;
    let (now, boot_ms) = gateway.times();
    let said = statements(gateway, &known, &site, now);
    let (Some((assertion, trusted)), Some(application)) = (said, known.application()) else {
        return RefusalAnswer::unassertable().to(&request, Some(&site), gateway);
    };
    application.used(permit.index(), boot_ms);
    let (parts, body) = request.into_parts();
    let (number, record) = gateway.next_record();
    let exchange = Exchange::begin(
        number,
        record,
        known.session.clone(),
        site.clone(),
        wire.clone(),
        &gateway.ports,
        is_use(&known, &permit, &parts),
    );
    // Registered first, looked at afterwards: an end that missed the exchange is seen here.
    if let Some(note) = known.session.ended() {
        exchange.never_happened();
        let request = Request::from_parts(parts, ());
        return door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note));
    }
    let admitted = admitted(&exchange, &permit, &parts, &assertion, now);
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
    let has_body = !body.is_end_stream();
    let may_repeat = !has_body && parts.method.is_idempotent();
    let upload = Upload::of(body, exchange.clone(), progress.clone());
    let sent = recorded(door, &exchange, admitted, async {
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
    admitted: Option<Bytes>,
    send: impl Future<Output = Result<Sent, SendError>>,
) -> Result<Result<Sent, SendError>, RecordNotKept> {
    let recorder = &door.gateway.ports.recorder;
    let admitted = admitted.ok_or(RecordNotKept)?;
    exchange.session.count_admitted();
    match exchange.site.record {
        RecordTiming::Before => {
            let durable = exchange.admit(|| recorder.append(admitted));
            durable.ok_or(RecordNotKept)?.await?;
            // It may have been cut while it was recorded.
            let still_open = (!exchange.is_closed()).then_some(send);
            match OptionFuture::from(still_open).await {
                Some(sent) => Ok(sent),
                None => Err(RecordNotKept),
            }
        }
        RecordTiming::With => {
            let durable = exchange.admit(|| recorder.append(admitted));
            let durable = durable.ok_or(RecordNotKept)?;
            let (kept, sent) = futures_util::future::join(durable, send).await;
            kept.map(|()| sent)
        }
        RecordTiming::After => {
            let queued = exchange.admit(|| recorder.append(admitted));
            // Nothing waits for it, but a closed door says so at once, and then nothing is forwarded either.
            if let Some(kept) = queued.ok_or(RecordNotKept)?.now_or_never() {
                kept?;
            }
            Ok(send.await)
        }
    }
}

fn admitted(
    exchange: &Exchange,
    permit: &Permit,
    parts: &http::request::Parts,
    assertion: &CurrentAssertion,
    at: Timestamp,
) -> Option<Bytes> {
    record_bytes(&Happened {
        stream: Stream::Session(exchange.session.facts.id.clone()),
        at,
        event: Event::AccessAdmitted(Admitted {
            record: exchange.record.clone(),
            session: exchange.session.facts.id.clone(),
            application: exchange.site.id.clone(),
            operation: permit.operation().clone(),
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            object: permit.object().map(str::to_owned),
            assertion: Some(assertion.id.clone()),
            at,
        }),
    })
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
