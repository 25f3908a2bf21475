//! The Roundup issue tracker, through its REST API (Roundup 2.x, "REST API for Roundup").
//!
//! The issue is asked of its collection (`issue?id=N`) and not by its own address: the item answers 200 for
//! a retired issue too, while the collection leaves it out; and the collection has `creator` and `creation`,
//! which the item keeps back unless it is asked for protected properties.

use std::collections::BTreeSet;

use async_trait::async_trait;
use http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use locum_control::ports::CaseSystem;
use locum_domain::case::CaseLookupError;
use locum_domain::{Case, CaseRef, Timestamp};
use serde_json::Value;
use url::Url;

use crate::generic::{is_open, named, refusal};
use crate::settings::{Pace, RoundupFields, RoundupSettings, SettingsError};
use crate::web::{NoAnswer, Proof, WebClient, scalar};

/// One tracker.
#[derive(Debug)]
pub struct Roundup {
    pub(crate) web: WebClient,
    pub(crate) base: Url,
    pub(crate) proof: Proof,
    pub(crate) fields: RoundupFields,
    pace: Pace,
}

impl Roundup {
    /// A connector with these settings.
    ///
    /// # Errors
    /// When the address, the account or a property in them cannot be used.
    pub fn new(settings: RoundupSettings, web: WebClient) -> Result<Self, SettingsError> {
        let wrong = || SettingsError::Address(settings.url.clone());
        let base = Url::parse(&settings.url).map_err(|_| wrong())?;
        let is_tracker = matches!(base.scheme(), "http" | "https")
            && base.path().ends_with('/')
            && base.query().is_none();
        if !is_tracker {
            return Err(wrong());
        }
        for property in properties(&settings.fields) {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if property.is_empty() || !property.bytes().all(is_plain) {
                return Err(SettingsError::Property(property.to_owned()));
            }
        }
        Ok(Self {
            web,
            base,
            proof: Proof::basic(&settings.user, &settings.password)?,
            fields: settings.fields,
            pace: settings.pace,
        })
    }

    /// An address of the REST API.
    pub(crate) fn address(&self, rest: &str) -> Result<Url, NoAnswer> {
        let joined = self.base.join(&format!("rest/data/{rest}"));
        joined.map_err(|_| NoAnswer::because("its address cannot be put together"))
    }

    /// What Roundup demands of every request that could write, against forged ones of a browser.
    pub(crate) fn writing(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("x-requested-with");
        headers.insert(name, HeaderValue::from_static("locum"));
        let origin = self.base.origin().ascii_serialization();
        if let Ok(origin) = HeaderValue::from_str(&origin) {
            headers.insert(ORIGIN, origin);
        }
        headers
    }

    async fn ask(&self, case: &CaseRef, now: Timestamp) -> Result<Case, NoAnswer> {
        let number = case.number();
        if !is_number(number) {
            return Err(NoAnswer::NotThere);
        }
        let names: Vec<&str> = properties(&self.fields).into_iter().collect();
        let names = names.join(",");
        let url = self.address(&format!("issue?id={number}&@fields={names}&@verbose=2"))?;
        let answer = match self.web.get_json(url, &self.proof).await {
            // The collection is always there; without it this is no tracker, or another one.
            Err(NoAnswer::NotThere) => Err(NoAnswer::because("no tracker answers at its address")),
            other => other,
        }?;
        let issues = answer.pointer("/data/collection").and_then(Value::as_array);
        let issues = issues.ok_or_else(|| NoAnswer::because("its answer holds no collection"))?;
        match issues.as_slice() {
            [] => Err(NoAnswer::NotThere),
            [issue] if issue.get("id").and_then(scalar).as_deref() == Some(number) => {
                Issue(issue).case(&self.fields, case, now)
            }
            _ => Err(NoAnswer::because("it answered another case")),
        }
    }
}

/// Every property that is read, each once.
fn properties(fields: &RoundupFields) -> BTreeSet<&str> {
    let required = [
        &fields.state,
        &fields.assignee,
        &fields.subject,
        &fields.title,
        &fields.opened_at,
        &fields.opened_by,
    ];
    let optional = [&fields.priority, &fields.tenant, &fields.queue];
    let optional = optional.into_iter().flatten();
    required
        .into_iter()
        .chain(optional)
        .map(String::as_str)
        .collect()
}

/// Roundup takes `07` for issue 7 and answers it as `07`: one case must not have two names.
fn is_number(number: &str) -> bool {
    !number.starts_with('0') && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit())
}

#[async_trait]
impl CaseSystem for Roundup {
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

struct Issue<'a>(&'a Value);

impl Issue<'_> {
    fn case(
        &self,
        fields: &RoundupFields,
        case: &CaseRef,
        now: Timestamp,
    ) -> Result<Case, NoAnswer> {
        let state = self
            .text(&fields.state)?
            .ok_or_else(|| NoAnswer::because("the issue has no status"))?;
        let optional = |property: &Option<String>| match property {
            Some(property) => self.text(property),
            None => Ok(None),
        };
        // Roundup does not say who last set a property. The creator cannot be set at all; with any other property
        // as the subject nobody can tell whose doing it was, and that must not be taken for the creator's.
        let opened_by = self.text(&fields.opened_by)?;
        let opened_by = opened_by.filter(|_| fields.subject == fields.opened_by);
        Ok(Case {
            reference: case.clone(),
            is_open: is_open(&fields.open, &state),
            state,
            assignee: self.text(&fields.assignee)?,
            subject: named(&fields.subject, self.text(&fields.subject)?)?,
            tenant: named("tenant", optional(&fields.tenant)?)?,
            title: self.text(&fields.title)?,
            priority: optional(&fields.priority)?,
            queue: optional(&fields.queue)?,
            opened_by,
            subject_set_by: None,
            opened_at: self
                .text(&fields.opened_at)?
                .map(|text| moment(&text))
                .transpose()?,
            looked_up_at: now,
        })
    }

    /// A plain property, or the name of what a link points to.
    fn text(&self, property: &str) -> Result<Option<String>, NoAnswer> {
        match self.0.get(property) {
            // A property that the account may not see is left out; taking it for empty would hide a person.
            None => Err(NoAnswer::Because(format!(
                "its account does not see `{property}`"
            ))),
            Some(Value::Null) => Ok(None),
            Some(Value::Object(link)) => {
                let named = link
                    .iter()
                    .find(|(key, _)| !matches!(key.as_str(), "id" | "link"));
                let label = named.and_then(|(_, value)| scalar(value));
                let unnamed = || {
                    NoAnswer::Because(format!("its account does not see the name in `{property}`"))
                };
                label.ok_or_else(unnamed).map(Some)
            }
            Some(value) => {
                let odd =
                    || NoAnswer::Because(format!("its `{property}` is neither a text nor a link"));
                let text = scalar(value).ok_or_else(odd)?;
                Ok((!text.is_empty()).then_some(text))
            }
        }
    }
}

/// Roundup writes moments as `2026-11-24.22:05:37`, in UTC.
fn moment(text: &str) -> Result<Timestamp, NoAnswer> {
    let odd = || NoAnswer::because("it writes its moments in another way than Roundup does");
    let civil = DateTime::strptime("%Y-%m-%d.%H:%M:%S%.f", text).map_err(|_| odd())?;
    TimeZone::UTC.to_timestamp(civil).map_err(|_| odd())
}
