//! The declarative case system: one GET per case, fields by JSON Pointer.

use std::collections::BTreeSet;

use async_trait::async_trait;
use http::Method;
use locum_control::ports::CaseSystem;
use locum_domain::case::CaseLookupError;
use locum_domain::{Case, CaseRef, Timestamp};
use serde_json::Value;

use crate::settings::{CaseMap, GenericSettings, NumberCheck, Pace, SettingsError};
use crate::web::{Found, NoAnswer, Proof, Template, WebClient, find, time};

/// A case system read as its settings say.
#[derive(Debug)]
pub struct Generic {
    pub(crate) web: WebClient,
    pub(crate) url: Template,
    pub(crate) proof: Proof,
    number: Option<NumberCheck>,
    map: CaseMap,
    pace: Pace,
    pub(crate) write: Write,
}

/// The write that must be refused, checked beforehand.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) case: Option<String>,
    pub(crate) method: Method,
    pub(crate) url: Template,
}

impl Generic {
    /// A connector with these settings.
    ///
    /// # Errors
    /// When an address, a header or a method in them cannot be used.
    pub fn new(settings: GenericSettings, web: WebClient) -> Result<Self, SettingsError> {
        let url = Template::parse(&settings.url, "id")?;
        let write_url = match &settings.probe.url {
            Some(text) => Template::parse(text, "id")?,
            None => url.clone(),
        };
        let method = &settings.probe.method;
        let write = Write {
            method: method
                .parse()
                .map_err(|_| SettingsError::Method(method.clone()))?,
            case: settings.probe.case,
            url: write_url,
        };
        Ok(Self {
            web,
            url,
            proof: Proof::header(settings.auth.as_ref())?,
            number: settings.number,
            map: settings.map,
            pace: settings.pace,
            write,
        })
    }

    /// Whether a number could be one of this desk's. Asked before anything is sent.
    pub(crate) fn fits(&self, number: &str) -> bool {
        self.number.as_ref().is_none_or(|check| check.fits(number))
    }

    /// Fields of the case with this number, as the desk answers now.
    async fn ask(&self, case: &CaseRef, now: Timestamp) -> Result<Case, NoAnswer> {
        let number = case.number();
        if !self.fits(number) {
            return Err(NoAnswer::NotThere);
        }
        let url = self.url.fill(number).ok_or(NoAnswer::NotThere)?;
        let answer = self.web.get_json(url, &self.proof).await?;
        Answer(&answer).case(&self.map, case, now)
    }
}

#[async_trait]
impl CaseSystem for Generic {
    async fn look_up(&self, case: &CaseRef, now: Timestamp) -> Result<Case, CaseLookupError> {
        self.ask(case, now).await.map_err(refusal)
    }

    fn poll_seconds(&self) -> u32 {
        self.pace.poll_seconds
    }

    fn grace_seconds(&self) -> u32 {
        self.pace.grace_seconds
    }
}

pub(crate) fn refusal(no_answer: NoAnswer) -> CaseLookupError {
    match no_answer {
        NoAnswer::NotThere => CaseLookupError::Unknown,
        NoAnswer::Because(cause) => CaseLookupError::Unreachable(cause),
    }
}

struct Answer<'a>(&'a Value);

impl Answer<'_> {
    fn case(&self, map: &CaseMap, case: &CaseRef, now: Timestamp) -> Result<Case, NoAnswer> {
        if let Some(pointer) = &map.id {
            match find(self.0, "id", pointer)? {
                Found::Text(id) if id == case.number() => {}
                Found::Text(_) => return Err(NoAnswer::because("it answered another case")),
                _ => {
                    return Err(NoAnswer::because(
                        "its answer does not say which case it is of",
                    ));
                }
            }
        }
        let state = find(self.0, "state", &map.state)?
            .text()
            .ok_or_else(|| NoAnswer::because("its answer has no `state`"))?;
        let opened_at = self.optional("opened_at", map.opened_at.as_deref())?;
        Ok(Case {
            reference: case.clone(),
            is_open: is_open(&map.open, &state),
            state,
            // A missing field is an answer: nobody is assigned, nobody asked. Both refuse further on.
            assignee: find(self.0, "assignee", &map.assignee)?.text(),
            subject: named("subject", find(self.0, "subject", &map.subject)?.text())?,
            tenant: named("tenant", self.optional("tenant", map.tenant.as_deref())?)?,
            title: self.optional("title", map.title.as_deref())?,
            priority: self.optional("priority", map.priority.as_deref())?,
            queue: self.optional("queue", map.queue.as_deref())?,
            opened_by: self.optional("opened_by", map.opened_by.as_deref())?,
            subject_set_by: self.optional("subject_set_by", map.subject_set_by.as_deref())?,
            opened_at: opened_at.map(|text| time("opened_at", &text)).transpose()?,
            looked_up_at: now,
        })
    }

    fn optional(&self, name: &str, pointer: Option<&str>) -> Result<Option<String>, NoAnswer> {
        match pointer {
            Some(pointer) => Ok(find(self.0, name, pointer)?.text()),
            None => Ok(None),
        }
    }
}

/// A state that nobody listed is not open: a desk's new word for "done" must not keep a session alive.
pub(crate) fn is_open(open: &BTreeSet<String>, state: &str) -> bool {
    open.contains(state)
}

/// Parses an id or a tenant; what cannot be one must not silently become nobody.
pub(crate) fn named<T: std::str::FromStr>(
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, NoAnswer> {
    text.map(|text| text.parse())
        .transpose()
        .map_err(|_| NoAnswer::Because(format!("its `{name}` cannot be an id")))
}
