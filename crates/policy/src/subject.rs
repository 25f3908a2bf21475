//! Whether anybody may act as this subject in this application (R20).

use std::collections::BTreeSet;
use std::sync::Arc;

use locum_domain::catalog::{Application, ProtectedSubject};
use locum_domain::request::SubjectThere;
use locum_domain::{Case, Refusal};

use crate::entities;
use crate::filing::Filing;
use crate::known::Known;
use crate::names;
use crate::policies::Policies;
use crate::question::{Action, No, Objection, Question};
use crate::value::{self, Attributes};

impl Policies {
    /// Judges who the case's subject is in one application. Where an application declares no `[subjects]`,
    /// `there` is the case's subject as it stands.
    ///
    /// # Errors
    /// `case-mismatch` when the application gives another tenant than the case, and `protected-subject`.
    pub fn judge_subject(
        &self,
        filing: &Filing<'_>,
        application: &Application,
        case: &Case,
        there: &SubjectThere,
    ) -> Result<Vec<String>, Refusal> {
        let catalog = filing.catalog;
        let case_subject = case.subject.as_ref().map_or("", |it| it.as_str());
        let attributes = Attributes::default()
            .text("case_subject", case_subject)
            .text("id", &there.id)
            .maybe_text("tenant", there.tenant.as_ref().map(|it| it.as_str()))
            .truth(
                "ours",
                catalog.is_ours(case_subject) || catalog.is_ours(&there.id),
            );
        let tags = there.attributes.iter();
        let tags = tags.map(|(name, text)| (name.as_str(), value::text(text)));
        let subject = names::subject(&there.id);
        let actor = catalog.principal_alone(filing.actor);
        let who = names::of(&actor);
        let known = Known::of([
            actor,
            catalog.application_alone(application),
            entities::tagged(subject.clone(), attributes, [], tags),
        ])?;
        let subject = names::shared(subject);
        // Once for what holds of every subject, and once for each rule of the application.
        let protections = [None]
            .into_iter()
            .chain(application.protected_subjects.iter().map(Some));
        let mut rules = BTreeSet::new();
        let mut against: Vec<Arc<Objection>> = Vec::new();
        for protection in protections {
            let values = protection.into_iter().flat_map(|it| &it.values);
            let attribute = protection.map(|it: &ProtectedSubject| it.attribute.as_str());
            let context = Attributes::default()
                .entity("application", names::application(&application.id))
                .maybe_text("case_tenant", case.tenant.as_ref().map(|it| it.as_str()))
                .maybe_text("protected_attribute", attribute)
                .texts("protected_values", values.map(String::as_str))
                .context();
            let answer = self.ask(Question {
                principal: Arc::clone(&who),
                action: Action::ActAs,
                resource: Arc::clone(&subject),
                context,
                known: &known,
            });
            match answer {
                Ok(allowed) => rules.extend(allowed),
                Err(No::Objections(objections)) if !objections.is_empty() => {
                    against.extend(objections);
                }
                Err(no) => return Err(no.refusal()),
            }
        }
        match against.iter().min() {
            Some(worst) => {
                let detail = format!("`{}`: {}", application.id, worst.because);
                Err(worst.in_words(detail))
            }
            None => Ok(rules.into_iter().collect()),
        }
    }
}
