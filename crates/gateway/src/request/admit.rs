//! The one decision every request gets.

use http::HeaderMap;
use http::header::ORIGIN;
use http::request::Parts;
use locum_domain::Denial;
use locum_domain::access::{NotAdmitted, Permit};
use locum_domain::catalog::Effect;

use super::authenticate::Authenticated;
use super::fetch_metadata::{self, FetchSite};
use super::path::{segments, without_parameters};

/// Judges a request of a known session by its path and the session's scope, after [`from_here`]. `destination` is the path that a WebDAV request names besides (RFC 4918 §10.3).
pub(crate) fn admit(
    known: &Authenticated,
    parts: &Parts,
    destination: Option<&str>,
    now_ms: u64,
) -> Result<Permit, Box<NotAdmitted>> {
    let permit = permit_for(known, parts, now_ms)?;
    if let Some(destination) = destination {
        let other = permit_to(known, parts.method.as_str(), destination, now_ms)?;
        if other.index() != permit.index() {
            let detail = "`Destination` belongs to another operation";
            let refusal = Denial::OutOfScope.because(detail);
            return Err(NotAdmitted::after(&permit, refusal));
        }
    }
    let is_counted = permit.effect() != Effect::Asset;
    if !known.opened.take(permit.index()) || (is_counted && !known.session.take_use()) {
        let detail = "this session used it as often as allowed";
        let refusal = Denial::BudgetSpent.because(detail);
        return Err(NotAdmitted::after(&permit, refusal));
    }
    Ok(permit)
}

/// Whether the browser was made to ask by nobody else than this application, as far as it says.
pub(super) fn from_here(
    known: &Authenticated,
    headers: &HeaderMap,
) -> Result<(), Box<NotAdmitted>> {
    let refuse = |denial: Denial, detail: &str| Err(NotAdmitted::because(denial.because(detail)));
    let from = FetchSite::of(headers);
    let is_from_elsewhere = from == FetchSite::Unsaid
        && known.by_cookie
        && headers
            .get(ORIGIN)
            .is_some_and(|origin| origin.as_bytes() != known.opened.site.origin.as_bytes());
    if from.is_foreign() || is_from_elsewhere {
        return refuse(
            Denial::WrongApplication,
            "another site or application made the browser ask for this",
        );
    }
    if fetch_metadata::is_service_worker(headers) {
        return refuse(
            Denial::ClosedOperation,
            "a service worker would outlive the session",
        );
    }
    Ok(())
}

/// Whether the request's operation would be allowed now, by its method and path; takes no use.
pub(super) fn permit_for(
    known: &Authenticated,
    parts: &Parts,
    now_ms: u64,
) -> Result<Permit, Box<NotAdmitted>> {
    permit_to(known, parts.method.as_str(), parts.uri.path(), now_ms)
}

fn permit_to(
    known: &Authenticated,
    method: &str,
    path: &str,
    now_ms: u64,
) -> Result<Permit, Box<NotAdmitted>> {
    let opened = &known.opened;
    let segments = segments(path)
        .map_err(|error| NotAdmitted::because(Denial::Malformed.because(error.to_string())))?;
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let permit = opened.scope.admit(
        &opened.site.table,
        method,
        &segments,
        opened.as_ref(),
        now_ms,
    )?;
    if segments.iter().any(|segment| segment.contains(';')) {
        // Some applications read `;` as the begin of parameters. Both readings must be one operation.
        let bare: Vec<&str> = segments.iter().map(|it| without_parameters(it)).collect();
        let other =
            opened
                .scope
                .admit(&opened.site.table, method, &bare, opened.as_ref(), now_ms)?;
        if other.index() != permit.index() {
            let detail = "the path has two readings, because of its `;`";
            let refusal = Denial::UnclassifiedRoute.because(detail);
            return Err(NotAdmitted::because(refusal));
        }
    }
    Ok(permit)
}
