//! Who the case's subject is in an application: listed in the catalog, or asked of the application itself.

use std::collections::BTreeMap;

use async_trait::async_trait;
use locum_control::ports::{SubjectDirectory, SubjectLookupError};
use locum_domain::SubjectId;
use locum_domain::catalog::{Application, ListedSubject, SubjectSource};
use locum_domain::request::SubjectThere;

use crate::generic::named;
use crate::settings::SettingsError;
use crate::web::{Found, NoAnswer, Proof, Template, WebClient, find, scalar};

/// Looks subjects up as each application's `[subjects]` says.
#[derive(Debug)]
pub struct Subjects {
    web: WebClient,
}

impl Subjects {
    /// A directory that asks with this client.
    pub fn new(web: WebClient) -> Self {
        Self { web }
    }

    /// Whether the address of an application's directory can be asked at all.
    ///
    /// # Errors
    /// When it is no address with `{subject}` once, after the host.
    pub fn check(source: &SubjectSource) -> Result<(), SettingsError> {
        match source {
            SubjectSource::File { .. } => Ok(()),
            SubjectSource::Http { url, .. } => Template::parse(url, "subject").map(drop),
        }
    }
}

#[async_trait]
impl SubjectDirectory for Subjects {
    async fn look_up(
        &self,
        application: &Application,
        subject: &SubjectId,
    ) -> Result<SubjectThere, SubjectLookupError> {
        let found = match &application.subjects {
            // The contract: without `[subjects]` the case's subject is used as it is.
            None => Ok(as_it_is(subject)),
            Some(SubjectSource::File { subjects }) => listed(subjects, subject),
            Some(SubjectSource::Http {
                url,
                id,
                tenant,
                attributes,
            }) => {
                let places = Places {
                    id,
                    tenant: tenant.as_deref(),
                    attributes,
                };
                self.ask(url, &places, subject).await
            }
        };
        found.map_err(|no_answer| match no_answer {
            NoAnswer::NotThere => SubjectLookupError::Unknown,
            NoAnswer::Because(cause) => SubjectLookupError::Unreachable(cause),
        })
    }
}

fn as_it_is(subject: &SubjectId) -> SubjectThere {
    SubjectThere {
        id: subject.as_str().to_owned(),
        tenant: None,
        attributes: BTreeMap::new(),
    }
}

fn listed(subjects: &[ListedSubject], subject: &SubjectId) -> Result<SubjectThere, NoAnswer> {
    let found = subjects
        .iter()
        .find(|listed| &listed.case_subject == subject);
    let found = found.ok_or(NoAnswer::NotThere)?;
    Ok(SubjectThere {
        id: found.id.clone(),
        tenant: found.tenant.clone(),
        attributes: found.attributes.clone(),
    })
}

/// Where in the directory's answer everything stands (JSON Pointers).
struct Places<'a> {
    id: &'a str,
    tenant: Option<&'a str>,
    attributes: &'a BTreeMap<String, String>,
}

impl Subjects {
    async fn ask(
        &self,
        url: &str,
        places: &Places<'_>,
        subject: &SubjectId,
    ) -> Result<SubjectThere, NoAnswer> {
        let template = Template::parse(url, "subject")
            .map_err(|_| NoAnswer::because("its address holds no `{subject}`"))?;
        let url = template.fill(subject.as_str()).ok_or(NoAnswer::NotThere)?;
        let answer = self.web.get_json(url, &Proof::default()).await?;
        let id: Option<SubjectId> = named("id", find(&answer, "id", places.id)?.text())?;
        let id = id.ok_or_else(|| NoAnswer::because("its answer has no `id`"))?;
        let tenant = match places.tenant {
            None => None,
            Some(pointer) => match find(&answer, "tenant", pointer)? {
                Found::Text(text) => Some(text),
                Found::Nothing => None,
                // The comparison with the case's tenant must not be lost because the answer changed its shape.
                Found::Absent => return Err(NoAnswer::because("its answer has no `tenant`")),
            },
        };
        // What cannot be read as one value is left out, and an attribute that nobody supplies counts as protected.
        let attributes = places.attributes.iter().filter_map(|(name, pointer)| {
            let value = answer.pointer(pointer).and_then(scalar)?;
            Some((name.clone(), value))
        });
        Ok(SubjectThere {
            id: id.into(),
            tenant: named("tenant", tenant)?,
            attributes: attributes.collect(),
        })
    }
}
