//! Which approvals a filing demands, from whom and until when.

use std::collections::BTreeSet;

use locum_domain::catalog::{Role, Tier};
use locum_domain::route::Step;
use locum_domain::{ApplicationId, Authority, Case, Denial, Minutes, PrincipalId, Refusal, Route};

use crate::case::CaseFinding;
use crate::controls;
use crate::demand::Demand;
use crate::entities::owners;
use crate::filing::{Allowed, Filing};
use crate::holders::candidates;
use crate::limits::Limits;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::seat::Seat;

/// What happened before, as far as a route depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Other applications already asked for on this case, or for this subject in 24 hours by anybody.
    pub crossed: BTreeSet<ApplicationId>,
    /// Minutes already granted to this actor for this subject within 24 hours.
    pub minutes_in_24h: u32,
    /// Age of the case in whole days, where the desk tells it.
    pub case_age_days: Option<u32>,
    /// Emergencies of this requester within 30 days, this one not counted.
    pub emergencies_in_30_days: u32,
    /// Who denied the same request within 24 hours.
    pub earlier_decider: Option<PrincipalId>,
}

/// The rule of a step that goes back to whoever denied the request before.
const REFILED: &str = "guard-refiled";

impl Policies {
    /// The route that this filing, once allowed, must take. Steps of single applications come first, in order of their ids; then
    /// manager or security control owner, then security, privacy or compliance, then the next authority. An
    /// emergency begins with its own step.
    ///
    /// # Errors
    /// `no-approver-left`, naming the authority that has nobody; `policy-error` when a policy cannot be
    /// evaluated.
    pub fn route(
        &self,
        filing: &Filing<'_>,
        allowed: &Allowed,
        case: &Case,
        finding: &CaseFinding,
        history: &History,
        signature_demanded: bool,
    ) -> Result<Route, Refusal> {
        let parties = Parties::of_filing(filing, case);
        let mut steps = Vec::new();
        let demanded = self.demanded(filing, history, finding.needs_second_approver)?;
        let skipped = self.skipped(filing, history, finding, &demanded)?;
        for demand in demanded {
            let step = self.staffed(filing, &parties, demand)?;
            let step = self.refiled(filing, &parties, history, step)?;
            steps.push(in_absence(filing, step));
        }
        let skipped = skipped.into_iter();
        let afterwards = skipped
            .map(|demand| self.staffed(filing, &parties, demand))
            .collect::<Result<_, _>>()?;
        let longest = allowed.longest;
        let is_crossing = steps.iter().any(Step::judges_crossing);
        let limits = Limits::strictest(filing.asked().into_iter().map(|(it, _)| it));
        let within = if filing.break_glass {
            limits.in_emergency()
        } else {
            limits
        };
        let route = Route {
            steps,
            afterwards,
            controls_seen: match is_crossing {
                true => controls::seen(filing, longest),
                false => Vec::new(),
            },
            decide_within: Minutes(within.decide_within),
            activate_within: Minutes(within.activate_within),
            escalation: escalation(filing, &parties).cloned(),
            longest,
            idle_within: Minutes(within.idle_within),
            review_within_days: within.review_within_days,
            signature_demanded,
            strictest: filing
                .asked()
                .into_iter()
                .map(|(application, _)| application.tier)
                .max()
                .unwrap_or(Tier::Regulated),
        };
        match route.unstaffed_step() {
            Some(step) => Err(unstaffed(step)),
            None => Ok(route),
        }
    }

    /// What the ordinary route would demand besides, where this is an emergency.
    fn skipped<'a>(
        &self,
        filing: &Filing<'a>,
        history: &History,
        finding: &CaseFinding,
        demanded: &[Demand<'a>],
    ) -> Result<Vec<Demand<'a>>, Refusal> {
        if !filing.break_glass {
            return Ok(Vec::new());
        }
        let ordinary = Filing {
            break_glass: false,
            ..*filing
        };
        let mut ordinary = self.demanded(&ordinary, history, finding.needs_second_approver)?;
        ordinary.retain(|it| !demanded.iter().any(|other| it.is_of_the_same(other)));
        Ok(ordinary)
    }

    /// The demanded step with everybody who may decide it.
    fn staffed<'a>(
        &self,
        filing: &Filing<'a>,
        parties: &Parties<'a>,
        demand: Demand<'a>,
    ) -> Result<Step, Refusal> {
        let Demand {
            authority,
            application,
            rule,
        } = demand;
        let seat = Seat {
            authority,
            application,
            rule: &rule,
            named: &[],
            owner_stands_in: false,
            circumstances: filing.circumstances,
        };
        let holders = candidates(parties, authority, application);
        let mut approvers = self.seated(parties, seat, holders)?;
        if approvers.is_empty() && authority == Authority::Delegate {
            let seat = Seat {
                owner_stands_in: true,
                ..seat
            };
            let owners = application.map(owners).unwrap_or_default();
            approvers = self.seated(parties, seat, owners)?;
        }
        Ok(Step {
            authority,
            application: application.map(|it| it.id.clone()),
            rule,
            approvers,
            approval: None,
        })
    }

    /// A step that the earlier decider could decide goes back to them, or to their named escalation where
    /// that person holds the authority too (R13).
    fn refiled(
        &self,
        filing: &Filing<'_>,
        parties: &Parties<'_>,
        history: &History,
        step: Step,
    ) -> Result<Step, Refusal> {
        let Some(decider) = &history.earlier_decider else {
            return Ok(step);
        };
        if !step.approvers.contains(decider) {
            return Ok(step);
        }
        let manager = filing.catalog.people.get(decider);
        let above = manager.and_then(|it| it.manager.as_ref());
        let escalation = above.or(escalation(filing, parties));
        let mut approvers = step.approvers;
        approvers.retain(|it| it == decider || Some(it) == escalation);
        Ok(Step {
            approvers,
            rule: REFILED.to_owned(),
            ..step
        })
    }
}

/// The step without those who are away, where somebody else is there; deputies who hold the authority themselves go
/// first. A step whose every holder is away keeps them all: an absence takes no authority and gives none.
fn in_absence(filing: &Filing<'_>, step: Step) -> Step {
    let absence = |id: &PrincipalId| {
        let today = filing.circumstances.today;
        filing.provisions.absence(id, today)
    };
    if !step.approvers.iter().any(|id| absence(id).is_some()) {
        return step;
    }
    let (away, mut here): (Vec<_>, Vec<_>) = step
        .approvers
        .iter()
        .cloned()
        .partition(|id| absence(id).is_some());
    if here.is_empty() {
        return step;
    }
    let deputies: BTreeSet<&PrincipalId> = away
        .iter()
        .filter_map(|id| absence(id)?.deputy.as_ref())
        .collect();
    here.sort_by_key(|id| !deputies.contains(id));
    Step {
        approvers: here,
        ..step
    }
}

/// Who hears, by name, of a request that nobody answers: the requester's manager, else a security control
/// owner, whoever of them is there. It gives them no authority.
fn escalation<'a>(filing: &Filing<'_>, parties: &Parties<'a>) -> Option<&'a PrincipalId> {
    let catalog = parties.catalog;
    let owners = catalog.in_roles(&[Role::SecurityControlOwner]);
    let mut could_hear = parties.manager().into_iter().chain(owners).filter(|id| {
        let is_active = catalog.people.get(*id).is_some_and(|it| it.is_active);
        is_active && !parties.asks_or_acts(id)
    });
    let first = could_hear.next()?;
    let today = filing.circumstances.today;
    let is_here = |id: &&PrincipalId| filing.provisions.absence(id, today).is_none();
    [first]
        .into_iter()
        .chain(could_hear)
        .find(is_here)
        .or(Some(first))
}

fn unstaffed(step: &Step) -> Refusal {
    let authority = step.authority.as_str();
    let held_for = match &step.application {
        Some(application) => format!("`{authority}` of `{application}`"),
        None => format!("`{authority}`"),
    };
    let detail = if step.approvers.is_empty() {
        format!("nobody is left who may decide as {held_for}")
    } else {
        format!("nobody is left for {held_for} besides those whom another step needs")
    };
    Denial::NoApproverLeft.because(detail).by(&step.rule)
}
