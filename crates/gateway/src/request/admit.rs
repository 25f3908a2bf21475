//! The one decision every request gets.

use http::HeaderMap;
use http::header::ORIGIN;
use locum_domain::access::Permit;
use locum_domain::catalog::Effect;
use locum_domain::{Denial, OperationId, Refusal};

use super::authenticate::Authenticated;
use super::fetch_metadata::{self, FetchSite};
use super::path::{segments, without_parameters};

/// Why it was refused, and the operation where that is known.
pub(crate) type Refused = (Option<OperationId>, Refusal);

/// Judges a request of a known session: where the browser says it comes from, its path, and the session's
/// scope. `destination` is the path that a WebDAV request names besides (RFC 4918 §10.3).
pub(crate) fn admit(
    known: &Authenticated,
    method: &str,
    path: &str,
    destination: Option<&str>,
    headers: &HeaderMap,
    now_ms: u64,
) -> Result<Permit, Refused> {
    let refuse = |denial: Denial, detail: &str| Err((None, denial.because(detail)));
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
    let permit = permit_for(known, method, path, now_ms)?;
    if let Some(destination) = destination {
        let other = permit_for(known, method, destination, now_ms)?;
        if other.index() != permit.index() {
            return Err((
                Some(permit.operation().clone()),
                Denial::OutOfScope.because("`Destination` belongs to another operation"),
            ));
        }
    }
    let is_counted = permit.effect() != Effect::Asset;
    if !known.opened.take(permit.index()) || (is_counted && !known.session.take_use()) {
        return Err((
            Some(permit.operation().clone()),
            Denial::BudgetSpent.because("this session used it as often as allowed"),
        ));
    }
    Ok(permit)
}

/// Whether an operation with this path would be allowed now; takes no use.
fn permit_for(
    known: &Authenticated,
    method: &str,
    path: &str,
    now_ms: u64,
) -> Result<Permit, Refused> {
    let opened = &known.opened;
    let segments =
        segments(path).map_err(|error| (None, Denial::Malformed.because(error.to_string())))?;
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
            return Err((
                None,
                Denial::UnclassifiedRoute.because("the path has two readings, because of its `;`"),
            ));
        }
    }
    Ok(permit)
}
