//! What a development server refuses: it signs anybody in, so only this machine may speak to it, by its own name.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Refuses names that are not this machine's (a page elsewhere could have made its own name lead here) and the
/// headers by which a proxy says that it speaks for others.
pub(crate) async fn loopback_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if let Some(header) = forwarding(headers) {
        let detail = format!("a development server takes no `{header}`: it is not behind a proxy");
        return refusal(StatusCode::BAD_REQUEST, &detail);
    }
    let host = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned())
        .or_else(|| {
            headers
                .get(HOST)
                .and_then(|host| host.to_str().ok())
                .map(str::to_owned)
        });
    match host.as_deref().map(is_this_machine) {
        Some(true) => next.run(request).await,
        _ => refusal(
            StatusCode::MISDIRECTED_REQUEST,
            "a development server answers as localhost and by its loopback address only",
        ),
    }
}

fn forwarding(headers: &HeaderMap) -> Option<&str> {
    headers
        .keys()
        .map(|name| name.as_str())
        .find(|name| *name == "forwarded" || name.starts_with("x-forwarded-"))
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let is_loopback = name
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    is_loopback || name == "localhost" || name.ends_with(".localhost")
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    let problem = locum_api::Problem::new(status.as_u16(), "malformed", detail);
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let headers = [
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_server_is_this_machine_and_nothing_else() {
        for ours in [
            "localhost",
            "localhost:8470",
            "a.localhost:1",
            "127.0.0.1:80",
            "[::1]:80",
            "LOCALHOST",
        ] {
            assert!(is_this_machine(ours), "{ours}");
        }
        for theirs in [
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "0.0.0.0",
            "",
            "xlocalhost",
        ] {
            assert!(!is_this_machine(theirs), "{theirs}");
        }
    }
}
