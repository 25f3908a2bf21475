//! What a decision read, recorded with it; and the rules it stands on, recorded with the first decision by them.

use std::sync::{Mutex, PoisonError};

use locum_catalog::Bundle;
use locum_domain::facts::{ApplicationSliced, Decision, Facts, Past, ProvisionsRead, Slice};
use locum_domain::{
    Case, Event, Happened, PrincipalId, Provisions, Recorded, Refusal, Request, RequestId,
    RulesInForce, Stream, Timestamp,
};
use locum_policy::{History, Indexed, Policies};

use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::ledger::{CommitListener, open_row};
use crate::ports::Proposal;

/// The digest of the rules that were recorded last: read once, and told by every commit from then on.
#[derive(Debug, Default)]
pub(crate) struct RulesOnRecord(Mutex<Option<String>>);

impl RulesOnRecord {
    /// Whether they are those with this digest; `None` before anybody looked.
    fn is(&self, digest: &str) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_deref().map(|it| it == digest)
    }

    /// What the store says; a commit that came meanwhile says it better.
    fn was(&self, digest: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(digest);
    }
}

impl CommitListener for RulesOnRecord {
    fn committed(&self, events: &[Recorded]) {
        let rules = events
            .iter()
            .rev()
            .find_map(|recorded| match &recorded.event {
                Event::RulesInForce { rules, .. } => Some(rules.digest()),
                _ => None,
            });
        if let Some(digest) = rules {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some(digest);
        }
    }
}

/// The rules of what was applied, with the catalog as it counts.
pub(crate) fn rules(bundle: &Bundle, catalog: &Indexed, signature_demanded: bool) -> RulesInForce {
    let policies = bundle.policies();
    let applications = catalog.applications.values();
    RulesInForce {
        applied: bundle.digest(),
        files: bundle.file_digests(),
        settings: bundle.settings_digest(),
        built_in: Policies::built_in(),
        policies: policies
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
        signature_demanded,
        applications: applications
            .map(|it| (it.id.clone(), ApplicationSliced::of(it, []).digest()))
            .collect(),
    }
}

/// The past of a filing, as it is recorded.
pub(crate) fn past(history: &History) -> Past {
    Past {
        crossed: history.crossed.clone(),
        minutes_in_24h: history.minutes_in_24h,
        case_age_days: history.case_age_days,
        emergencies_in_30_days: history.emergencies_in_30_days,
        earlier_decider: history.earlier_decider.clone(),
    }
}

impl Control {
    /// The facts of a decision that is taken now.
    pub(crate) fn facts(
        &self,
        decision: Decision,
        in_force: &InForce,
        slice: Slice,
        provisions: &Provisions,
        at: Timestamp,
    ) -> Facts {
        let circumstances = self.circumstances(at);
        Facts {
            decision,
            rules: in_force.rules_digest.clone(),
            today: circumstances.today,
            local_hour: circumstances.local_hour,
            provisions: ProvisionsRead::of(provisions, &slice),
            catalog: slice,
            case: None,
            past: None,
        }
    }

    /// The facts of somebody's decision on a request: an approval, an offer, a countersignature.
    pub(crate) fn facts_to_decide(
        &self,
        decision: Decision,
        (in_force, catalog): (&InForce, &Indexed),
        (request, by): (&Request, &PrincipalId),
        at: Timestamp,
    ) -> Facts {
        let slice = catalog.slice_to_decide(request, by);
        self.facts(decision, in_force, slice, Provisions::NONE, at)
    }

    /// Records these facts with the decision that begins the proposal, and before it the rules, where nobody who reads the
    /// record could know them yet.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer.
    pub(crate) async fn with_facts(
        &self,
        mut proposal: Proposal,
        in_force: &InForce,
        request: &RequestId,
        facts: Facts,
        at: Timestamp,
    ) -> Result<Proposal, Refusal> {
        let read = Happened {
            stream: Stream::Request(request.clone()),
            at,
            event: Event::FactsRead {
                request: request.clone(),
                facts: Box::new(facts),
                at,
            },
        };
        let after_the_decision = proposal.events.len().min(1);
        proposal.events.insert(after_the_decision, read);
        if !self.are_on_record(in_force).await? {
            let rules = Happened {
                stream: Stream::Rules,
                at,
                event: Event::RulesInForce {
                    rules: Box::new(RulesInForce::clone(&in_force.rules)),
                    at,
                },
            };
            proposal.events.insert(0, rules);
        }
        Ok(proposal)
    }

    /// Whether the rules in force are those that were recorded last.
    async fn are_on_record(&self, in_force: &InForce) -> Result<bool, Refusal> {
        let digest = &in_force.rules_digest;
        if let Some(is_it) = self.rules_on_record.is(digest) {
            return Ok(is_it);
        }
        let rows = self.ports.store.history(&Stream::Rules).await;
        let rows = rows.map_err(unavailable)?;
        let Some(row) = rows.last() else {
            return Ok(false);
        };
        let recorded = open_row(row).map_err(unavailable)?;
        let Event::RulesInForce { rules, .. } = &recorded.event else {
            return Ok(false);
        };
        self.rules_on_record.was(rules.digest());
        Ok(self.rules_on_record.is(digest) == Some(true))
    }
}

/// The case as it was looked up, where it says something else than at the filing: what the decision reads of it.
pub(crate) fn looked_up(case: &Case, request: &Request) -> Option<Box<Case>> {
    let read = |case: &Case| Case {
        title: None,
        opened_at: None,
        looked_up_at: request.case.looked_up_at,
        ..case.clone()
    };
    let now = read(case);
    (now != read(&request.case)).then(|| {
        Box::new(Case {
            looked_up_at: case.looked_up_at,
            ..now
        })
    })
}
