//! An admitted request: recorded, sent on, answered.

use std::sync::Arc;

use futures_util::future::OptionFuture;
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use locum_domain::access::{Admitted, Outcome, Permit};
use locum_domain::aggregate::Stream;
use locum_domain::catalog::{Effect, RecordTiming};
use locum_domain::{Denial, Event, Happened};

use super::admit::admit;
use super::authenticate::{Authenticated, Unknown};
use super::door::Door;
use super::is_ahead;
use super::outgoing::{Outgoing, destination, trusted};
use super::upload::{Upload, UploadProgress};
use crate::answer::{self, Answer, RefusalAnswer};
use crate::door::Wire;
use crate::ports::RecordNotKept;
use crate::session::{CurrentAssertion, Exchange, record_bytes};
use crate::upstream::{SendError, Sent};

/// Judges a request of a known session and forwards it.
pub(crate) async fn forward(
    door: &Door,
    known: Authenticated,
    request: Request<Incoming>,
    wire: Arc<Wire>,
) -> Response<Answer> {
    let gateway = &door.gateway;
    let (now, boot_ms) = gateway.times();
    let site = known.opened.site.clone();
    let judged = destination(request.headers(), &site)
        .map_err(|detail| (None, Denial::Malformed.because(detail)))
        .and_then(|destination| {
            let (method, path) = (request.method().as_str(), request.uri().path());
            admit(
                &known,
                method,
                path,
                destination,
                request.headers(),
                boot_ms,
            )
        });
    let permit = match judged {
        Ok(permit) => permit,
        Err((_, refusal)) if refusal.denial == Denial::SessionEnded => {
            // Its time is over and the timer has not come round yet.
            gateway.keep_time();
            return match known.session.ended() {
                Some(note) => {
                    door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note))
                }
                None => RefusalAnswer::of(&refusal).to(request.headers(), Some(&site), gateway),
            };
        }
        Err((operation, refusal)) => {
            door.refused(&request, &known.session, &site, operation, &refusal);
            return RefusalAnswer::of(&refusal).to(request.headers(), Some(&site), gateway);
        }
    };
    let Some(application) = known.application() else {
        return door.unknown(
            &request,
            &site,
            Unknown::WrongApplication(known.session.clone()),
        );
    };
    let issuer = &gateway.settings.issuer;
    let random = &gateway.ports.random;
    let assertion =
        match CurrentAssertion::of(&known.session, application, &site, issuer, now, random) {
            Ok(assertion) => assertion,
            Err(error) => {
                tracing::warn!(%error, application = %site.id, "no assertion could be made");
                return RefusalAnswer::unassertable().to(request.headers(), Some(&site), gateway);
            }
        };
    let Ok(trusted) = trusted(&site, application) else {
        tracing::warn!(application = %site.id, "the subject's id cannot stand in a header");
        return RefusalAnswer::unassertable().to(request.headers(), Some(&site), gateway);
    };
    application.used(permit.index(), boot_ms);
    let (number, record) = gateway.next_record();
    let exchange = Exchange::begin(
        number,
        record,
        known.session.clone(),
        site.clone(),
        wire.clone(),
        &gateway.ports,
        permit.effect() != Effect::Asset && !is_ahead(request.headers()),
    );
    // Registered first, looked at afterwards: an end that missed the exchange is seen here.
    if let Some(note) = known.session.ended() {
        exchange.never_happened();
        return door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note));
    }
    let (parts, body) = request.into_parts();
    let admitted = admitted(&exchange, &permit, &parts, &assertion, now);
    let Some(admitted) = record_bytes(&admitted) else {
        exchange.never_happened();
        return RefusalAnswer::unrecorded().to(&parts.headers, Some(&site), gateway);
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
        Err(RecordNotKept) => {
            exchange.never_happened();
            if let Some(note) = known.session.ended() {
                let request = Request::from_parts(parts, ());
                return door.unknown(&request, &site, Unknown::Ended(known.session.clone(), note));
            }
            known.session.count_refused();
            RefusalAnswer::unrecorded().to(&parts.headers, Some(&site), gateway)
        }
        Ok(Err(error)) => {
            let answer = match wire.malformed() {
                Some(malformed) if has_body => RefusalAnswer::malformed(malformed),
                _ => failed(&error, &site.name),
            };
            exchange.answered(answer.status());
            exchange.close(Outcome::Failed);
            answer.to(&parts.headers, Some(&site), gateway)
        }
        Ok(Ok(Sent { answer, held })) => {
            answer::from_application(gateway, &exchange, &parts, answer, held, progress)
        }
    }
}

/// Has the admission recorded and the request sent, in the order that the application's catalog entry demands.
async fn recorded(
    door: &Door,
    exchange: &Exchange,
    admitted: bytes::Bytes,
    send: impl Future<Output = Result<Sent, SendError>>,
) -> Result<Result<Sent, SendError>, RecordNotKept> {
    let recorder = &door.gateway.ports.recorder;
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
            let queued = exchange.admit(|| recorder.append_unawaited(admitted));
            queued.ok_or(RecordNotKept)?;
            Ok(send.await)
        }
    }
}

fn admitted(
    exchange: &Exchange,
    permit: &Permit,
    parts: &http::request::Parts,
    assertion: &CurrentAssertion,
    at: jiff::Timestamp,
) -> Happened {
    Happened {
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
