//! The declarative connector: read the case that the settings name, then try to write to it.

use http::header::{HeaderMap, HeaderValue, IF_MATCH};
use http::{Method, StatusCode};
use serde_json::json;

use super::{ProbeFinding, Verdict};
use crate::generic::Generic;
use crate::web::NoAnswer;

/// The number asked for when the settings name no case: desks do not have it, or have it as a test.
const UNLIKELY: [&str; 2] = ["locum-probe", "0"];

impl Generic {
    /// Asks the case system and tries the write that must be refused.
    pub async fn probe(&self) -> Vec<ProbeFinding> {
        let named = self.write.case.as_deref();
        let unlikely = UNLIKELY.into_iter().find(|number| self.fits(number));
        let Some(number) = named.or(unlikely) else {
            let why = "name a case in [connectors.NAME.live]".to_owned();
            return vec![ProbeFinding::new("write to a case", Verdict::Unproven(why))];
        };
        vec![
            self.probe_read(number, named.is_some()).await,
            self.probe_write(number, named.is_some()).await,
        ]
    }

    async fn probe_read(&self, number: &str, is_known: bool) -> ProbeFinding {
        let attempt = format!("read case `{number}`");
        let answer = match self.url.fill(number) {
            Some(url) => self.web.get_json(url, &self.proof).await,
            None => Err(NoAnswer::because("it cannot be the number of a case")),
        };
        let verdict = match answer {
            Ok(_) => Verdict::Read,
            Err(NoAnswer::NotThere) if is_known => {
                Verdict::Failed("the case system knows no such case".to_owned())
            }
            Err(NoAnswer::NotThere) => Verdict::Unproven(
                "the case system answers, but name a case it has in [connectors.NAME.live]"
                    .to_owned(),
            ),
            Err(NoAnswer::Because(cause)) => Verdict::Failed(cause),
        };
        ProbeFinding::new(attempt, verdict)
    }

    async fn probe_write(&self, number: &str, is_known: bool) -> ProbeFinding {
        let method = self.write.method.clone();
        let attempt = format!("{method} case `{number}`");
        let Some(url) = self.write.url.fill(number) else {
            let cause = "it cannot be the number of a case".to_owned();
            return ProbeFinding::new(attempt, Verdict::Failed(cause));
        };
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static("\"locum-probe\""));
        let tried = self.try_write(method, url, headers).await;
        let verdict = match tried {
            Ok(status) => judge(status, is_known),
            Err(NoAnswer::Because(cause)) => Verdict::Failed(cause),
            Err(NoAnswer::NotThere) => judge(StatusCode::NOT_FOUND, is_known),
        };
        ProbeFinding::new(attempt, verdict)
    }

    async fn try_write(
        &self,
        method: Method,
        url: url::Url,
        headers: HeaderMap,
    ) -> Result<StatusCode, NoAnswer> {
        let nothing = json!({});
        let tried = self
            .web
            .attempt(method, url, headers, &self.proof, &nothing)
            .await;
        tried.map(|(status, _)| status)
    }
}

/// What the status of a write says about the right to write.
fn judge(status: StatusCode, is_known: bool) -> Verdict {
    let code = status.as_u16();
    match status {
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_IMPLEMENTED => Verdict::Refused(code),
        // The case is there to be read, so what is not there is a way to write to it.
        StatusCode::NOT_FOUND if is_known => Verdict::Refused(code),
        StatusCode::NOT_FOUND => Verdict::Unproven(
            "it knows no such case; name one it has in [connectors.NAME.live]".to_owned(),
        ),
        // Judged by its content or its version: the right to write had been granted before that.
        StatusCode::CONFLICT
        | StatusCode::PRECONDITION_FAILED
        | StatusCode::PRECONDITION_REQUIRED
        | StatusCode::UNPROCESSABLE_ENTITY => Verdict::Allowed(code),
        _ if status.is_success() => Verdict::Allowed(code),
        _ => Verdict::Unproven(format!("it answered {code} instead of refusing")),
    }
}
