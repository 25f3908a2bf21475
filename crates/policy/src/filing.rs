//! What is asked for, under which circumstances, and whether it may be asked for at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use locum_domain::catalog::{Application, Operation};
use locum_domain::{Denial, Minutes, PrincipalId, Provisions, Refusal, Request, Scope};

use crate::eligibility::Coverage;
use crate::index::Indexed;
use crate::known::Known;
use crate::limits::{EMERGENCY_CEILING, Limits};
use crate::names;
use crate::policies::Policies;
use crate::question::{Action, No, Objection, Question};
use crate::value::Attributes;

/// The time as policy sees it: in the configured time zone, handed in by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    pub today: Date,
    /// 0 to 23.
    pub local_hour: u8,
}

/// One actor's wish to act, before any case is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Filing<'a> {
    pub catalog: &'a Indexed,
    pub provisions: &'a Provisions,
    pub requester: &'a PrincipalId,
    pub actor: &'a PrincipalId,
    pub scope: &'a Scope,
    pub duration: Minutes,
    pub break_glass: bool,
    /// Whether whoever asks does so from within a session, as somebody else.
    pub impersonating: bool,
    pub circumstances: Circumstances,
}

/// A filing that may be made: without it nobody is given a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The `@id`s of the policies that allowed it.
    pub rules: Vec<String>,
    /// The longest session that eligibilities and tiers allow for it.
    pub(crate) longest: Minutes,
}

impl<'a> Filing<'a> {
    /// What a request would be, were it filed again.
    pub fn again(
        catalog: &'a Indexed,
        provisions: &'a Provisions,
        request: &'a Request,
        circumstances: Circumstances,
    ) -> Self {
        Self {
            catalog,
            provisions,
            requester: &request.requester,
            actor: &request.actor,
            scope: &request.scope,
            duration: request.duration,
            break_glass: request.break_glass,
            impersonating: false,
            circumstances,
        }
    }

    /// Whoever must be eligible: the actor, and somebody else who files in their stead.
    pub(crate) fn askers(&self) -> impl Iterator<Item = &'a PrincipalId> + use<'a> {
        let other = (self.requester != self.actor).then_some(self.requester);
        [self.actor].into_iter().chain(other)
    }

    /// The applications and operations asked for that the catalog declares.
    pub(crate) fn asked(&self) -> Vec<(&'a Application, Vec<&'a Operation>)> {
        let known = |(id, operations): (&_, &'a BTreeSet<_>)| {
            let application = self.catalog.applications.get(id)?;
            let operations = operations
                .iter()
                .filter_map(|operation| application.operations.get(operation));
            Some((application, operations.collect()))
        };
        self.scope.0.iter().filter_map(known).collect()
    }

    fn is_declared(&self) -> Result<(), Refusal> {
        if self.scope.is_empty() {
            return Err(Denial::Malformed.because("name at least one application and operation"));
        }
        for (id, operations) in &self.scope.0 {
            let Some(application) = self.catalog.applications.get(id) else {
                return Err(
                    Denial::UnknownApplication.because(format!("no application is called `{id}`"))
                );
            };
            let unknown = |operation: &&_| !application.operations.contains_key(*operation);
            if let Some(operation) = operations.iter().find(unknown) {
                return Err(Denial::UnknownOperation
                    .because(format!("`{id}` declares no operation `{operation}`")));
            }
        }
        Ok(())
    }
}

impl Policies {
    /// Whether this may be asked for at all.
    ///
    /// The actor must be eligible; so must somebody else who files in their stead, except an agent's sponsor.
    ///
    /// # Errors
    /// In this order: `malformed`, `unknown-application`, `unknown-operation`, `closed-operation`,
    /// `not-eligible`, `duration-too-long`; `policy-error` before all of them when a policy cannot be
    /// evaluated.
    pub fn may_file(&self, filing: &Filing<'_>) -> Result<Allowed, Refusal> {
        filing.is_declared()?;
        let mut rules = BTreeSet::new();
        let mut shortest: Option<u32> = None;
        let mut against: Option<(Arc<Objection>, String)> = None;
        for asker in filing.askers() {
            let coverage = self.coverage(filing, asker)?;
            for (application, operations) in filing.asked() {
                match self.file_one(filing, asker, application, &operations, &coverage) {
                    Ok(allowed) => rules.extend(allowed),
                    Err(No::Objections(objections)) if !objections.is_empty() => {
                        for it in objections {
                            let detail = detail(&it, asker, application, &operations, &coverage);
                            if against.as_ref().is_none_or(|(worst, _)| it < *worst) {
                                against = Some((it, detail));
                            }
                        }
                    }
                    Err(no) => return Err(no.refusal()),
                }
            }
            rules.extend(coverage.rules);
            shortest = shortest.into_iter().chain(coverage.longest).min();
        }
        let limits = Limits::strictest(filing.asked().into_iter().map(|(it, _)| it));
        let longest = limits.longest(shortest, filing.break_glass);
        let Some((objection, detail)) = against else {
            return Ok(Allowed {
                rules: rules.into_iter().collect(),
                longest,
            });
        };
        let refusal = objection.in_words(detail);
        Err(match refusal.denial {
            Denial::DurationTooLong => {
                let detail = format!("{}: at most {} minutes", refusal.detail, longest.0);
                Refusal { detail, ..refusal }.at("/duration_minutes")
            }
            _ => refusal,
        })
    }

    pub(crate) fn file_one(
        &self,
        filing: &Filing<'_>,
        asker: &PrincipalId,
        application: &Application,
        operations: &[&Operation],
        coverage: &Coverage<'_>,
    ) -> Result<Vec<String>, No> {
        let catalog = filing.catalog;
        let principal = catalog.principal_alone(asker);
        let resource = catalog.application_alone(application);
        let (who, what) = (names::of(&principal), names::of(&resource));
        let known = Known::of([principal, resource])?;
        let closed = operations.iter().filter(|it| it.closed.is_some());
        let eligible = coverage.eligible.get(&application.id);
        let context = Attributes::default()
            .texts("operations", operations.iter().map(|it| it.id.as_str()))
            .texts("effects", operations.iter().map(|it| it.effect.as_str()))
            .texts("closed", closed.map(|it| it.id.as_str()))
            .texts(
                "opened",
                filing
                    .provisions
                    .opened_in(&application.id)
                    .map(|it| it.as_str()),
            )
            .texts(
                "eligible",
                eligible.into_iter().flatten().map(|it| it.as_str()),
            )
            .maybe_number("longest_minutes", coverage.longest)
            .number("ceiling_minutes", Limits::of(application.tier).ceiling)
            .number("emergency_ceiling_minutes", EMERGENCY_CEILING)
            .number("duration_minutes", filing.duration.0)
            .truth("break_glass", filing.break_glass)
            .entities(
                "applications",
                filing.scope.applications().map(names::application),
            )
            .truth("impersonating", filing.impersonating)
            .truth(
                "review_overdue",
                filing.provisions.overdue_reviewers.contains(asker),
            )
            .circumstances(filing.circumstances)
            .context();
        self.ask(Question {
            principal: who,
            action: Action::File,
            resource: what,
            context,
            known: &known,
        })
    }
}

/// The objection in a sentence about what was asked for.
fn detail(
    objection: &Objection,
    asker: &PrincipalId,
    application: &Application,
    operations: &[&Operation],
    coverage: &Coverage<'_>,
) -> String {
    let id = &application.id;
    let named = |keep: &dyn Fn(&Operation) -> bool| {
        let names = operations
            .iter()
            .filter(|it| keep(it))
            .map(|it| format!("`{}`", it.id));
        names.collect::<Vec<_>>().join(", ")
    };
    match objection.rule.as_str() {
        "guard-closed-operation" => {
            let closed = named(&|it| it.closed.is_some());
            format!("{closed} in `{id}`: {}", objection.because)
        }
        "guard-eligibility" => {
            let eligible = coverage.eligible.get(id);
            let missing = named(&|it| !eligible.is_some_and(|them| them.contains(&it.id)));
            let lapsed = match coverage.uncertified.first() {
                Some(lapsed) => format!(" (`{lapsed}` would, had it been certified in time)"),
                None => String::new(),
            };
            format!("no eligibility of `{asker}` covers {missing} in `{id}`{lapsed}")
        }
        _ => format!("`{asker}` in `{id}`: {}", objection.because),
    }
}
