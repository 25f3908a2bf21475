//! Each decision of a request, asked again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use locum_domain::facts::{ApplicationSliced, Decision, Facts};
use locum_domain::{
    Case, ERASED, Event, PrincipalId, Provisions, Recorded, Refusal, Request, RequestId,
    RequestState, Stream, Timestamp,
};
use locum_policy::{Circumstances, Filing, History, Indexed};

use super::decided::{DecidedAgain, Difference};
use super::difference;
use super::rules::{Rules, Standing};

/// Decides everything again that these events decided, of whatever requests, by the rules among them.
pub fn decide_again(events: &[Recorded]) -> DecidedAgain {
    let rules = Rules::of(events);
    let mut requests: BTreeMap<&RequestId, Request> = BTreeMap::new();
    let mut outcome = DecidedAgain::default();
    for (index, recorded) in events.iter().enumerate() {
        if let Event::RequestFiled { request } = &recorded.event {
            requests
                .entry(&request.id)
                .or_insert_with(|| (**request).clone());
        }
        let position = recorded.position;
        if let Some((id, decision)) = decision(&recorded.event)
            && let Some(before) = requests.get(id)
        {
            let later = events.get(index.saturating_add(1)..).unwrap_or_default();
            if before.subject.as_str() == ERASED {
                outcome.erased.push(position);
            } else if let Some(facts) = facts_of(later, id, decision) {
                let again = Again::of(before, recorded, facts, &rules);
                match again.and_then(|again| again.decide(&recorded.event)) {
                    Ok(()) => outcome.as_recorded += 1,
                    Err(sentence) => outcome.differences.push(Difference { position, sentence }),
                }
            } else {
                outcome.without_facts.push(position);
            }
        }
        if let Stream::Request(id) = &recorded.stream
            && let Some(request) = requests.get_mut(id)
            && let Some(after) = Request::evolve(Some(request.clone()), &recorded.event)
        {
            *request = after;
        }
    }
    outcome.rules = rules.told();
    outcome.told()
}

fn decision(event: &Event) -> Option<(&RequestId, Decision)> {
    Some(match event {
        Event::RequestFiled { request } => (&request.id, Decision::Filing),
        Event::RequestApproved { request, .. } => (request, Decision::Approval),
        Event::OfferMade { request, .. } => (request, Decision::Offer),
        Event::OfferAccepted { request, .. } => (request, Decision::Acceptance),
        Event::RequestCountersigned { request, .. } => (request, Decision::Countersignature),
        Event::RequestActivated { request, .. } => (request, Decision::Activation),
        _ => return None,
    })
}

/// The facts of a decision stand in its request's stream before the next decision.
fn facts_of<'e>(later: &'e [Recorded], id: &RequestId, made: Decision) -> Option<&'e Facts> {
    let of_request = later
        .iter()
        .filter(|it| matches!(&it.stream, Stream::Request(other) if other == id));
    for recorded in of_request {
        match &recorded.event {
            Event::FactsRead { facts, .. } => return (facts.decision == made).then_some(&**facts),
            event if decision(event).is_some() => return None,
            _ => {}
        }
    }
    None
}

/// One decision with everything that it read.
struct Again<'e> {
    request: &'e Request,
    facts: &'e Facts,
    catalog: Indexed,
    provisions: Provisions,
    circumstances: Circumstances,
    standing: Standing<'e>,
}

impl<'e> Again<'e> {
    fn of(
        request: &'e Request,
        recorded: &Recorded,
        facts: &'e Facts,
        rules: &'e Rules<'_>,
    ) -> Result<Self, String> {
        let standing = rules.standing(facts, recorded.position)?;
        is_of_the_day(facts.today, recorded.at)?;
        for (id, application) in &facts.catalog.applications {
            if standing.rules.applications.get(id) != Some(&application.digest()) {
                return Err(format!(
                    "`{id}` is not what the rules in force say of it: by what was read {}",
                    said_of(application)
                ));
            }
        }
        Ok(Self {
            request,
            facts,
            catalog: Indexed::of(facts.catalog.catalog()),
            provisions: facts.provisions.provisions(),
            circumstances: Circumstances {
                today: facts.today,
                local_hour: facts.local_hour,
            },
            standing,
        })
    }

    fn decide(&self, event: &Event) -> Result<(), String> {
        match event {
            Event::RequestFiled { request } => self.filed(request),
            Event::RequestApproved { step, approval, .. } => {
                self.case_justifies()?;
                self.took(&approval.by, "approved", *step, &approval.rules)
            }
            Event::OfferMade { offer, .. } => {
                self.case_justifies()?;
                self.took(&offer.by, "offered", offer.step, &offer.rules)
            }
            Event::OfferAccepted { .. } => self.accepted(),
            Event::RequestCountersigned { step, approval, .. } => {
                self.countersigned(&approval.by, *step, &approval.rules)
            }
            Event::RequestActivated { .. } => self.activated(),
            _ => Ok(()),
        }
    }

    /// The filing that the request is, with the provisions that were read.
    fn filing(&self) -> Filing<'_> {
        let (catalog, provisions) = (&self.catalog, &self.provisions);
        Filing::again(catalog, provisions, self.request, self.circumstances)
    }

    fn case(&self) -> &Case {
        self.facts.case.as_deref().unwrap_or(&self.request.case)
    }

    fn filed(&self, request: &Request) -> Result<(), String> {
        let policies = self.standing.policies;
        let filing = self.filing();
        let allowed = policies.may_file(&filing);
        let allowed = allowed.map_err(refused("the filing"))?;
        let case = &request.case;
        let finding = policies.judge_case(&filing, case, &request.subject);
        let finding = finding.map_err(refused("the filing"))?;
        self.subjects_may_be_acted_for(case)?;
        let past = self.facts.past.clone().unwrap_or_default();
        let history = History {
            crossed: past.crossed,
            minutes_in_24h: past.minutes_in_24h,
            case_age_days: past.case_age_days,
            emergencies_in_30_days: past.emergencies_in_30_days,
            earlier_decider: past.earlier_decider,
        };
        let is_signed = self.standing.rules.signature_demanded;
        let route = policies.route(&filing, &allowed, case, &finding, &history, is_signed);
        let demanded = route.map_err(refused("the filing"))?;
        difference::of_routes(&demanded, &request.route)?;
        difference::of_deadline(request, &demanded)
    }

    fn subjects_may_be_acted_for(&self, case: &Case) -> Result<(), String> {
        let filing = self.filing();
        for (id, there) in &self.request.subjects {
            let Some(application) = self.catalog.applications.get(id) else {
                return Err(format!("what was read does not say what `{id}` is"));
            };
            let policies = self.standing.policies;
            let judged = policies.judge_subject(&filing, application, case, there);
            judged.map_err(refused("acting as the subject"))?;
        }
        Ok(())
    }

    fn case_justifies(&self) -> Result<(), String> {
        let case = self.case();
        let filing = Filing {
            provisions: Provisions::NONE,
            ..self.filing()
        };
        let policies = self.standing.policies;
        let judged = policies.judge_case(&filing, case, &self.request.subject);
        judged.map_err(refused("the decision"))?;
        if case.tenant != self.request.tenant {
            return Err("the case was of another tenant by then".to_owned());
        }
        Ok(())
    }

    /// Whether this person could decide this step, under just these rules.
    fn took(
        &self,
        by: &PrincipalId,
        did: &str,
        step: usize,
        rules: &[String],
    ) -> Result<(), String> {
        let may =
            self.standing
                .policies
                .may_decide(&self.catalog, self.request, by, self.circumstances);
        let steps = &self.request.route.steps;
        difference::of_decider(by, did, may, steps.get(step), step, Some(rules))
    }

    fn countersigned(&self, by: &PrincipalId, step: usize, rules: &[String]) -> Result<(), String> {
        let may = self.standing.policies.may_countersign(
            &self.catalog,
            self.request,
            by,
            self.circumstances,
        );
        let steps = &self.request.route.afterwards;
        difference::of_decider(by, "countersigned", may, steps.get(step), step, Some(rules))
    }

    fn accepted(&self) -> Result<(), String> {
        self.case_justifies()?;
        let RequestState::Offered { offer, .. } = &self.request.state else {
            return Err("an offer was taken that nobody had made".to_owned());
        };
        let may = self.standing.policies.may_decide(
            &self.catalog,
            self.request,
            &offer.by,
            self.circumstances,
        );
        let steps = &self.request.route.steps;
        let step = steps.get(offer.step);
        difference::of_decider(&offer.by, "offered", may, step, offer.step, None)
    }

    fn activated(&self) -> Result<(), String> {
        let (filing, case) = (self.filing(), self.case());
        let may = self
            .standing
            .policies
            .may_activate(&filing, self.request, case);
        may.map_err(refused("the activation"))?;
        self.case_justifies()
    }
}

fn refused(what: &str) -> impl Fn(Refusal) -> String + '_ {
    move |refusal| {
        format!(
            "the rules in force refuse {what}: {}",
            difference::words(&refusal)
        )
    }
}

/// Whatever the time zone, the date is the entry's or one beside it.
fn is_of_the_day(today: Date, at: Timestamp) -> Result<(), String> {
    let day = at.to_zoned_datetime(TimeZone::UTC).date();
    let beside = [Ok(day), day.yesterday(), day.tomorrow()];
    if beside.into_iter().flatten().any(|it| it == today) {
        return Ok(());
    }
    Err(format!(
        "it was judged by the date {today}, and was recorded on {day}"
    ))
}

fn said_of(application: &ApplicationSliced) -> String {
    let lent = application.delegates.iter();
    let lent: Vec<String> = lent.map(|it| it.person.to_string()).collect();
    let lent = match lent.is_empty() {
        true => "to nobody".to_owned(),
        false => format!("to {}", lent.join(", ")),
    };
    let (owner, tier) = (&application.owner, application.tier.as_str());
    format!("it is `{tier}`, owned by {owner} and lent {lent}")
}
