//! Roundup: each right apart, because a tracker's roles give them apart.
//!
//! What Roundup answers to a write depends on the order in which it looks (`rest.py` of 2.6): creating is
//! decided before the properties are looked at, retiring before the version is, changing after the version and
//! before the value. So creating is tried with a property that no class has, retiring under a version that
//! nothing has, and changing first on `creation`, which nobody can set; only if that is refused are properties
//! set to the values they have, to find a right to change just those.

use http::header::{HeaderMap, HeaderValue, IF_MATCH};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ProbeFinding, Verdict};
use crate::roundup::Roundup;
use crate::web::{NoAnswer, scalar};

/// The newest issue: its number, its version and the values it has.
struct Newest {
    number: String,
    version: HeaderValue,
    attributes: Value,
}

impl Roundup {
    /// Asks the tracker and tries what must be refused.
    pub async fn probe(&self) -> Vec<ProbeFinding> {
        const READ: &str = "read the newest issue";
        let newest = match self.newest().await {
            Ok(newest) => newest,
            Err(cause) => return vec![ProbeFinding::new(READ, Verdict::Failed(cause))],
        };
        let mut findings = vec![self.probe_create().await];
        match &newest {
            None => {
                let why = "the tracker has no issue this account sees".to_owned();
                findings.push(ProbeFinding::new("change an issue", Verdict::Unproven(why)));
            }
            Some(issue) => {
                findings.insert(0, ProbeFinding::new(READ, Verdict::Read));
                findings.push(self.probe_retire(issue).await);
                let change = self
                    .probe_change(issue, "creation", json!("2000-01-01"))
                    .await;
                let is_refused = matches!(change.verdict, Verdict::Refused(_));
                findings.push(change);
                if is_refused {
                    for property in [
                        &self.fields.state,
                        &self.fields.assignee,
                        &self.fields.title,
                    ] {
                        let value = own_value(&issue.attributes, property);
                        findings.push(self.probe_change(issue, property, value).await);
                    }
                }
            }
        }
        findings
    }

    async fn newest(&self) -> Result<Option<Newest>, String> {
        let words = |no_answer| match no_answer {
            NoAnswer::NotThere => "no tracker answers at its address".to_owned(),
            NoAnswer::Because(cause) => cause,
        };
        let list = self
            .address("issue?@page_size=1&@sort=-id")
            .map_err(words)?;
        let list = self.web.get_json(list, &self.proof).await.map_err(words)?;
        let Some(number) = list.pointer("/data/collection/0/id").and_then(scalar) else {
            return match list.pointer("/data/collection") {
                Some(Value::Array(none)) if none.is_empty() => Ok(None),
                _ => Err("its answer holds no collection".to_owned()),
            };
        };
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err("its issues are not numbered".to_owned());
        }
        let item = self
            .address(&format!("issue/{number}?@verbose=1"))
            .map_err(words)?;
        let mut item = self.web.get_json(item, &self.proof).await.map_err(words)?;
        // The header's version ends in `-gzip` behind a compressing proxy; the body's is the bare one.
        let version = item.pointer("/data/@etag").and_then(Value::as_str);
        let version = version.and_then(|text| HeaderValue::from_str(text).ok());
        Ok(Some(Newest {
            number,
            version: version.ok_or("its answer holds no version")?,
            attributes: item
                .pointer_mut("/data/attributes")
                .map(Value::take)
                .unwrap_or_default(),
        }))
    }

    async fn probe_create(&self) -> ProbeFinding {
        let body = json!({"locum_probe": "1"});
        let tried = self.attempt(Method::POST, "issue", None, &body).await;
        ProbeFinding::new("create an issue", judge(tried, "locum_probe"))
    }

    async fn probe_retire(&self, issue: &Newest) -> ProbeFinding {
        let version = HeaderValue::from_static("\"locum-probe\"");
        let path = format!("issue/{}", issue.number);
        let tried = self
            .attempt(Method::DELETE, &path, Some(version), &json!({}))
            .await;
        let verdict = match tried {
            // The version is compared after the right was.
            Ok((StatusCode::PRECONDITION_FAILED, _)) => Verdict::Allowed(412),
            tried => judge(tried, "retire"),
        };
        ProbeFinding::new("retire an issue", verdict)
    }

    async fn probe_change(&self, issue: &Newest, property: &str, value: Value) -> ProbeFinding {
        let path = format!("issue/{}", issue.number);
        let body = Value::Object([(property.to_owned(), value)].into_iter().collect());
        let version = Some(issue.version.clone());
        let tried = self.attempt(Method::PATCH, &path, version, &body).await;
        ProbeFinding::new(
            format!("change an issue's `{property}`"),
            judge(tried, property),
        )
    }

    async fn attempt(
        &self,
        method: Method,
        path: &str,
        version: Option<HeaderValue>,
        body: &Value,
    ) -> Result<(StatusCode, String), NoAnswer> {
        let mut headers: HeaderMap = self.writing();
        if let Some(version) = version {
            headers.insert(IF_MATCH, version);
        }
        let url = self.address(path)?;
        self.web
            .attempt(method, url, headers, &self.proof, body)
            .await
    }
}

/// The value that a property has, as Roundup takes it: a link by its id, nothing as an empty text.
fn own_value(attributes: &Value, property: &str) -> Value {
    match attributes.get(property) {
        None | Some(Value::Null) => json!(""),
        Some(Value::Object(link)) => link.get("id").cloned().unwrap_or_default(),
        Some(value) => value.clone(),
    }
}

/// What an answer says about the right. `named` is what the request was about: a 400 that mentions it comes
/// from looking at the request, which is done after looking at the right; any other 400 does not (Roundup
/// refuses writes with 400 when `Origin` is not the tracker's own address).
fn judge(tried: Result<(StatusCode, String), NoAnswer>, named: &str) -> Verdict {
    let (status, said) = match tried {
        Ok(answer) => answer,
        Err(NoAnswer::Because(cause)) => return Verdict::Failed(cause),
        Err(NoAnswer::NotThere) => return Verdict::Failed("it is not there".to_owned()),
    };
    let code = status.as_u16();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED => {
            Verdict::Refused(code)
        }
        StatusCode::BAD_REQUEST if said.contains(named) => Verdict::Allowed(code),
        StatusCode::BAD_REQUEST => Verdict::Unproven(
            "the tracker takes no writes from this address; use the one in its `config.ini`"
                .to_owned(),
        ),
        StatusCode::PRECONDITION_FAILED => {
            Verdict::Unproven("the issue changed meanwhile; try again".to_owned())
        }
        _ if status.is_success() => Verdict::Allowed(code),
        _ => Verdict::Unproven(format!("it answered {code} instead of refusing")),
    }
}
