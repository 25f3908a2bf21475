//! Refusals: `application/problem+json` (RFC 9457), or the same said in a page to a browser.

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use locum_domain::{Denial, Refusal};
use serde_json::json;

use super::{Answer, Asked, Page, prefers_html};
use crate::door::Malformed;
use crate::gateway::Inner;
use crate::session::EndNote;
use crate::site::Site;

/// A refusal before it is known who reads it.
#[derive(Debug, Clone)]
pub(crate) struct RefusalAnswer {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    remedy: &'static str,
    closes: bool,
    ended: Option<EndNote>,
}

impl RefusalAnswer {
    fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            remedy,
            closes: false,
            ended: None,
        }
    }

    /// A refusal that the domain decided.
    pub(crate) fn of(refusal: &Refusal) -> Self {
        let denial = refusal.denial;
        let (status, title) = match denial {
            Denial::SessionEnded => (StatusCode::UNAUTHORIZED, "The session has ended"),
            Denial::Malformed => (StatusCode::BAD_REQUEST, "The request was not understood"),
            Denial::NotFound => (StatusCode::NOT_FOUND, "Nothing is here"),
            Denial::BudgetSpent => (StatusCode::TOO_MANY_REQUESTS, "Used as often as allowed"),
            Denial::RecorderUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The record cannot be written",
            ),
            Denial::OutOfScope => (StatusCode::FORBIDDEN, "Not part of this session"),
            Denial::ClosedOperation => (StatusCode::FORBIDDEN, "Closed to everybody but the user"),
            Denial::UnclassifiedRoute => (StatusCode::FORBIDDEN, "Nobody has classified this yet"),
            Denial::WrongApplication => (StatusCode::FORBIDDEN, "Another application's session"),
            _ => (StatusCode::FORBIDDEN, "Refused"),
        };
        Self::new(
            status,
            denial.code(),
            title,
            refusal.detail.clone(),
            denial.remedy(),
        )
    }

    fn denied(denial: Denial, detail: impl Into<String>) -> Self {
        Self::of(&denial.because(detail))
    }

    /// The session is over, why, and since when.
    pub(crate) fn ended(note: EndNote) -> Self {
        let mut answer = Self::denied(
            Denial::SessionEnded,
            format!("{} at {}", note.because.as_str(), note.at),
        );
        answer.ended = Some(note);
        answer
    }

    /// No session that is known here.
    pub(crate) fn no_session() -> Self {
        Self::denied(
            Denial::SessionEnded,
            "no live session is known here; open the application from Locum",
        )
    }

    /// A ticket that opens nothing.
    pub(crate) fn spent_ticket() -> Self {
        Self::denied(
            Denial::SessionEnded,
            "the ticket was used or is too old; open the application from Locum again",
        )
    }

    /// Bytes that were not understood; the connection closes.
    pub(crate) fn malformed(malformed: Malformed) -> Self {
        let mut answer = Self::denied(Denial::Malformed, malformed.to_string());
        if malformed == Malformed::TooLarge {
            answer.status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        }
        answer.closes = true;
        answer
    }

    /// A development server stands behind no proxy, so nobody may speak for others there.
    pub(crate) fn forwarding(header: &str) -> Self {
        Self::denied(
            Denial::Malformed,
            format!("a development server takes no `{header}`: it is not behind a proxy"),
        )
    }

    /// A host that is none of ours.
    pub(crate) fn misdirected() -> Self {
        let mut answer = Self::denied(
            Denial::UnknownApplication,
            "no application has this host here",
        );
        answer.status = StatusCode::MISDIRECTED_REQUEST;
        answer.title = "No such application";
        answer
    }

    /// The record is not durable, so nothing happened.
    pub(crate) fn unrecorded() -> Self {
        Self::denied(
            Denial::RecorderUnavailable,
            "the request was not forwarded because its record is not durable",
        )
    }

    /// No assertion can be made for this session.
    pub(crate) fn unassertable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "assertion-unavailable",
            "Nobody can be vouched for",
            "no assertion could be signed, so the request was not forwarded",
            "tell the people who run Locum",
        )
    }

    /// The application cannot be reached or broke off.
    pub(crate) fn upstream_unreachable(application: &str) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "upstream-unreachable",
            "The application does not answer",
            format!("{application} could not be reached or broke off"),
            "try again; if it stays so, tell the application's owner",
        )
    }

    /// The application took too long.
    pub(crate) fn upstream_too_late(application: &str) -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "upstream-too-late",
            "The application does not answer in time",
            format!("{application} did not begin its answer in time"),
            "try again; what was asked may have happened all the same",
        )
    }

    /// A page that cannot carry the banner.
    pub(crate) fn unbannered(why: &str) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "page-without-banner",
            "The page cannot be shown",
            format!("the page cannot carry the banner: {why}"),
            "ask the application's owner to answer as it was asked",
        )
    }

    /// A method that an own endpoint does not have.
    pub(crate) fn method(allowed: &'static str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "malformed",
            "Asked in the wrong way",
            format!("only {allowed} is answered here"),
            "correct the request as the detail says",
        )
    }

    /// Another site made the browser ask for one of the gateway's own endpoints.
    pub(crate) fn foreign() -> Self {
        Self::denied(
            Denial::WrongApplication,
            "another site or application made the browser ask for this",
        )
    }

    /// Nothing of the gateway's own is there.
    pub(crate) fn nothing_here() -> Self {
        Self::denied(Denial::NotFound, "Locum has nothing under this address")
    }

    /// The end is done here and not on the record yet.
    pub(crate) fn end_unrecorded() -> Self {
        Self::denied(
            Denial::RecorderUnavailable,
            "the session is cut here, and its end is not on the record yet",
        )
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer, in the form that the client prefers.
    pub(crate) fn to<'r>(
        &self,
        asked: impl Into<Asked<'r>>,
        site: Option<&Site>,
        gateway: &Inner,
    ) -> Response<Answer> {
        let asked = asked.into();
        let (kind, text) = if asked.headers.is_some_and(prefers_html) {
            ("text/html; charset=utf-8", self.page(asked, site, gateway))
        } else {
            ("application/problem+json", self.problem())
        };
        let mut response = Response::new(Answer::text(text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        Page::headers(headers);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_token\""),
            );
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn problem(&self) -> String {
        let mut problem = json!({
            "type": format!("https://locum.dev/problems/{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "remedy": self.remedy,
        });
        if let (Some(note), Some(members)) = (self.ended, problem.as_object_mut()) {
            members.insert("ended_because".to_owned(), json!(note.because));
            members.insert("ended_at".to_owned(), json!(note.at));
        }
        problem.to_string()
    }

    /// What was refused, who can open it, and the one button to ask, whatever the refusal is.
    fn page(&self, asked: Asked<'_>, site: Option<&Site>, gateway: &Inner) -> String {
        let mut sentences = Vec::new();
        sentences.extend(asked.shown().map(|asked| format!("Refused: {asked}")));
        sentences.push(self.detail.clone());
        let mut ask = format!("{}/requests/new", gateway.settings.public_url);
        match site {
            Some(site) => {
                sentences.push(format!("{} can open {}.", site.owner, site.name));
                ask.push_str("?application=");
                ask.extend(percent_encoding::utf8_percent_encode(
                    site.id.as_str(),
                    percent_encoding::NON_ALPHANUMERIC,
                ));
            }
            None => sentences.push("The application's owner can open it.".to_owned()),
        }
        sentences.push(format!("What helps: {}.", self.remedy));
        Page {
            title: self.title,
            sentences,
            button: Some((ask, "Ask for access")),
            code: Some(self.code),
            onward: None,
        }
        .html()
    }
}
