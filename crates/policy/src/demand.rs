//! Which approvals a filing cannot go without (R07 to R12). Each authority is asked about; a `forbid` that
//! answers demands it.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy_core::ast::Context;
use locum_domain::catalog::{Application, Effect, Tier};
use locum_domain::{ApplicationId, Authority, Refusal};

use crate::filing::Filing;
use crate::known::Known;
use crate::limits::Limits;
use crate::names::{self, Uid};
use crate::policies::Policies;
use crate::question::{Action, No, Question};
use crate::route::History;
use crate::value::{self, Attributes};

/// One approval that policy demands.
#[derive(Debug, Clone)]
pub(crate) struct Demand<'a> {
    pub(crate) authority: Authority,
    pub(crate) application: Option<&'a Application>,
    /// The `@id` of the rule that demands it.
    pub(crate) rule: String,
}

impl Demand<'_> {
    /// Whether both are decided on the same authority over the same application.
    pub(crate) fn is_of_the_same(&self, other: &Demand<'_>) -> bool {
        let application = |it: &Demand<'_>| it.application.map(|it| it.id.clone());
        self.authority == other.authority && application(self) == application(other)
    }
}

/// The rule whose step only security itself decides, and which therefore goes before others that demand
/// the same authority.
const THIRD_EMERGENCY: &str = "guard-third-emergency";

impl Policies {
    /// Every demanded approval, in the order of the route.
    pub(crate) fn demanded<'a>(
        &self,
        filing: &Filing<'a>,
        history: &History,
        unconfirmed_case: bool,
    ) -> Result<Vec<Demand<'a>>, Refusal> {
        let asked: Vec<&Application> = filing.asked().into_iter().map(|(it, _)| it).collect();
        let of_all = facts(filing, history, unconfirmed_case).context();
        let mut questions = vec![(Authority::BreakGlass, None, of_all.clone())];
        for application in &asked {
            let one = names::application(&application.id);
            let of_one = value::with_entity(&of_all, "application", one);
            for authority in [Authority::ApplicationOwner, Authority::Delegate] {
                questions.push((authority, Some(*application), of_one.clone()));
            }
        }
        for authority in [
            Authority::ManagerOrSecurityControlOwner,
            Authority::SecurityOrPrivacyOrCompliance,
            Authority::NextAuthority,
        ] {
            questions.push((authority, None, of_all.clone()));
        }
        let catalog = filing.catalog;
        let applications = asked.iter().map(|it| catalog.application_alone(it));
        let actor = catalog.principal_alone(filing.actor);
        let who = names::of(&actor);
        let known = Known::of([actor].into_iter().chain(applications))?;
        let mut demands = Vec::new();
        for (authority, application, context) in questions {
            let rule = self.demanding(&who, authority, context, &known)?;
            demands.extend(rule.map(|rule| Demand {
                authority,
                application,
                rule,
            }));
        }
        Ok(demands)
    }

    /// The rule that demands this authority, if one does.
    fn demanding(
        &self,
        who: &Uid,
        authority: Authority,
        context: Context,
        known: &Known,
    ) -> Result<Option<String>, Refusal> {
        let answer = self.ask(Question {
            principal: Arc::clone(who),
            action: Action::GoWithout,
            resource: names::shared(names::authority(authority)),
            context,
            known,
        });
        match answer {
            Ok(_) => Ok(None),
            Err(No::Objections(objections)) if !objections.is_empty() => {
                let strictest = objections.iter().find(|it| it.rule == THIRD_EMERGENCY);
                let rule = strictest.or(objections.first()).map(|it| it.rule.clone());
                Ok(rule)
            }
            Err(no) => Err(no.refusal()),
        }
    }
}

/// What a route depends on.
fn facts(filing: &Filing<'_>, history: &History, unconfirmed_case: bool) -> Attributes {
    let asked = filing.asked();
    let applications = || asked.iter().map(|(application, _)| *application);
    let crossed: BTreeSet<&ApplicationId> = history
        .crossed
        .iter()
        .chain(filing.scope.applications())
        .collect();
    let tiers: BTreeSet<&str> = applications().map(|it| it.tier.as_str()).collect();
    let classes = applications().flat_map(|it| &it.data);
    let data: BTreeSet<&str> = classes.map(|it| it.as_str()).collect();
    let operations = || asked.iter().flat_map(|(_, operations)| operations);
    let effects: BTreeSet<&str> = operations().map(|it| it.effect.as_str()).collect();
    let writes_regulated = asked.iter().any(|(application, operations)| {
        application.tier == Tier::Regulated
            && operations
                .iter()
                .any(|it| !matches!(it.effect, Effect::Read | Effect::Asset))
    });
    Attributes::default()
        .entities(
            "applications",
            filing.scope.applications().map(names::application),
        )
        .texts("tiers", tiers)
        .texts("data", data)
        .truth(
            "two_people",
            applications().any(Application::needs_two_people),
        )
        .number("crossed", i64::try_from(crossed.len()).unwrap_or(i64::MAX))
        .texts("effects", effects)
        .truth("writes_regulated", writes_regulated)
        .truth("break_glass", filing.break_glass)
        .number("duration_minutes", filing.duration.0)
        .number("minutes_in_24h", history.minutes_in_24h)
        .number("ceiling_minutes", Limits::strictest(applications()).ceiling)
        .maybe_number("case_age_days", history.case_age_days)
        .number("emergencies_in_30_days", history.emergencies_in_30_days)
        .truth("unconfirmed_case", unconfirmed_case)
        .circumstances(filing.circumstances)
}
