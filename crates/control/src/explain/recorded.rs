//! What was decided: the recorded decisions of one request, each asked again with what was known then. The record is
//! what counts; asking again says which facts its rules read.

use std::collections::BTreeSet;

use locum_domain::route::{Approval, Step};
use locum_domain::{Event, PrincipalId, Recorded, Refusal, Request, Timestamp};
use locum_policy::{Filing, Traced};

use super::judged::{Judged, of_deciding, of_filing, seat};
use super::then::{Then, before};
use crate::caller::Caller;
use crate::control::Control;

/// One recorded decision.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Its place in the ledger.
    pub position: u64,
    pub at: Timestamp,
    pub kind: &'static str,
    pub by: Option<PrincipalId>,
    pub sentence: String,
    /// What was refused, as it was recorded.
    pub refusal: Option<Refusal>,
    /// The `@id`s of the rules that were recorded with it.
    pub rules: Vec<String>,
    /// The questions as they come out when they are asked again with what was known then.
    pub questions: Vec<Judged>,
    /// Why they do not come out as recorded, where they do not.
    pub differs: Option<String>,
}

impl Decided {
    fn new(recorded: &Recorded, by: &PrincipalId, sentence: String) -> Self {
        Self {
            position: recorded.position,
            at: recorded.at,
            kind: recorded.event.kind(),
            by: Some(by.clone()),
            sentence,
            refusal: None,
            rules: Vec::new(),
            questions: Vec::new(),
            differs: None,
        }
    }

    fn by_rules(mut self, rules: &[String]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// The same with what was asked again; rules that were recorded and did not decide now are named.
    fn asked_again(mut self, questions: Vec<Judged>) -> Self {
        let decided: BTreeSet<&str> = questions
            .iter()
            .flat_map(|it| &it.explained.rules)
            .map(|it| it.rule.id.as_str())
            .collect();
        let missing = self
            .rules
            .iter()
            .filter(|it| !decided.contains(it.as_str()));
        let missing: Vec<String> = missing.map(|it| format!("`{it}`")).collect();
        if !missing.is_empty() {
            let rules = missing.join(", ");
            self.differs = Some(format!(
                "asked again with what is recorded of that time, {rules} does not decide: what it read then is not \
                 known any more"
            ));
        }
        self.questions = questions;
        self
    }
}

impl Control {
    /// Every recorded decision of the request.
    pub(super) async fn decided(
        &self,
        caller: &Caller,
        request: &Request,
        events: &[Recorded],
    ) -> Result<Vec<Decided>, Refusal> {
        let mut decided = Vec::new();
        for recorded in events {
            let one = self.one_decided(request, events, recorded).await?;
            decided.extend(one.map(|mut one| {
                one.questions = self.withhold(caller, request, one.questions);
                one
            }));
        }
        Ok(decided)
    }

    async fn one_decided(
        &self,
        request: &Request,
        events: &[Recorded],
        recorded: &Recorded,
    ) -> Result<Option<Decided>, Refusal> {
        let new = |by: &PrincipalId, sentence: String| Decided::new(recorded, by, sentence);
        let step = |index: &usize| {
            request
                .route
                .steps
                .get(*index)
                .map_or_else(String::new, seat)
        };
        let then = || before(events, recorded.position);
        Ok(Some(match &recorded.event {
            Event::RequestFiled { request } => self.filing_then(recorded, request).await?,
            Event::RequestApproved {
                step: index,
                approval,
                ..
            } => {
                let sentence = format!("{} approved as {}", approval.by, step(index));
                let one = new(&approval.by, sentence).by_rules(&approval.rules);
                self.with_decider(one, then(), &approval.by).await?
            }
            Event::OfferMade { offer, .. } => {
                let sentence = format!(
                    "{} offered a narrower version as {}",
                    offer.by,
                    step(&offer.step)
                );
                let one = new(&offer.by, sentence).by_rules(&offer.rules);
                self.with_decider(one, then(), &offer.by).await?
            }
            Event::RequestDenied { by, reason, .. } => {
                let one = new(by, format!("{by} denied it: {reason}"));
                self.with_decider(one, then(), by).await?
            }
            Event::RequestCountersigned {
                step: index,
                approval,
                ..
            } => {
                let skipped = request.route.afterwards.get(*index);
                self.countersigned(recorded, then(), skipped, approval)
                    .await?
            }
            Event::RequestActivated { .. } => {
                let one = new(&request.actor, format!("{} activated it", request.actor));
                self.with_activation(one, then()).await?
            }
            Event::RequestLapsed { because, .. } => Decided {
                by: None,
                refusal: because.clone(),
                rules: because.iter().filter_map(|it| it.rule.clone()).collect(),
                ..new(&request.requester, "it lapsed".to_owned())
            },
            Event::Refused {
                by, act, refusal, ..
            } => {
                let rules: Vec<String> = refusal.rule.iter().cloned().collect();
                let one = Decided {
                    refusal: Some(refusal.clone()),
                    rules,
                    ..new(
                        by,
                        format!(
                            "{by} was refused to {}: {}",
                            act.replace('-', " "),
                            refusal.detail
                        ),
                    )
                };
                match act.as_str() {
                    _ if one.rules.is_empty() => one,
                    "activate" => self.with_activation(one, then()).await?,
                    _ => self.with_decider(one, then(), by).await?,
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Filing, asked again: eligibility, the case and the subject as they were recorded, and every demanded step.
    async fn filing_then(
        &self,
        recorded: &Recorded,
        request: &Request,
    ) -> Result<Decided, Refusal> {
        let Then { catalog, policies } = self.in_force_before(recorded.position).await?;
        let provisions = self.provisions_of(request, request.filed_at).await?;
        let filing = Filing::again(
            &catalog,
            &provisions,
            request,
            self.circumstances(request.filed_at),
        );
        let traced = policies.tracing();
        let history = self
            .history_before(&filing, request, &request.case, recorded.position)
            .await?;
        let route = ask_for_route(&traced, &filing, request, &history);
        let who = &request.requester;
        let sentence = match request.route.steps.len() {
            1 => format!("{who} asked; one approval was demanded"),
            steps => format!("{who} asked; {steps} approvals were demanded"),
        };
        let rules: Vec<String> = request
            .route
            .steps
            .iter()
            .map(|it| it.rule.clone())
            .collect();
        // A request filed again keeps its steps, each under the rule by which it goes to its earlier decider.
        let same = |route: &locum_domain::Route| {
            let of = |step: &Step| (step.authority, step.application.clone(), step.rule.clone());
            route
                .steps
                .iter()
                .map(of)
                .eq(request.route.steps.iter().map(of))
        };
        let differs = match &route {
            Ok(route) if same(route) => None,
            Ok(_) => Some(
                "asked again with what is recorded of that time, other steps are demanded: the steps above are those \
                 that were recorded"
                    .to_owned(),
            ),
            Err(refusal) => Some(format!(
                "asked again with what is recorded of that time, it would be refused ({refusal}): something it stood \
                 on is not on the record any more"
            )),
        };
        let questions = of_filing(&traced, route.as_ref().err());
        Ok(Decided {
            rules,
            questions,
            differs,
            ..Decided::new(recorded, who, sentence)
        })
    }

    async fn with_decider(
        &self,
        decided: Decided,
        request: Option<Request>,
        by: &PrincipalId,
    ) -> Result<Decided, Refusal> {
        let Some(request) = request else {
            return Ok(decided);
        };
        let then = self.in_force_before(decided.position).await?;
        let traced = then.policies.tracing();
        let circumstances = self.circumstances(decided.at);
        // What comes of it is on the record; what was asked on the way is what is wanted here.
        let _ = traced
            .policies()
            .may_decide(&then.catalog, &request, by, circumstances);
        let questions = of_deciding(&traced, by, &request.route.steps);
        Ok(decided.asked_again(questions))
    }

    async fn countersigned(
        &self,
        recorded: &Recorded,
        request: Option<Request>,
        skipped: Option<&Step>,
        approval: &Approval,
    ) -> Result<Decided, Refusal> {
        let as_whom = skipped.map_or_else(String::new, seat);
        let sentence = format!("{} signed afterwards as {as_whom}", approval.by);
        let decided = Decided::new(recorded, &approval.by, sentence).by_rules(&approval.rules);
        let Some(request) = request else {
            return Ok(decided);
        };
        let then = self.in_force_before(recorded.position).await?;
        let traced = then.policies.tracing();
        let circumstances = self.circumstances(recorded.at);
        let _ =
            traced
                .policies()
                .may_countersign(&then.catalog, &request, &approval.by, circumstances);
        let questions = of_deciding(&traced, &approval.by, &request.route.afterwards);
        Ok(decided.asked_again(questions))
    }

    /// Activation, asked again with the case as it was recorded when the request was filed.
    async fn with_activation(
        &self,
        decided: Decided,
        request: Option<Request>,
    ) -> Result<Decided, Refusal> {
        let Some(request) = request else {
            return Ok(decided);
        };
        let then = self.in_force_before(decided.position).await?;
        let provisions = self.provisions_of(&request, decided.at).await?;
        let circumstances = self.circumstances(decided.at);
        let filing = Filing::again(&then.catalog, &provisions, &request, circumstances);
        let traced = then.policies.tracing();
        let outcome = traced
            .policies()
            .may_activate(&filing, &request, &request.case);
        let mut questions = of_filing(&traced, outcome.as_ref().err());
        // The steps are there; each is told where it was demanded and decided.
        questions.retain(|it| it.explained.action != "go-without");
        Ok(decided.asked_again(questions))
    }
}

/// Everything that filing asks, in its order.
pub(super) fn ask_for_route(
    traced: &Traced,
    filing: &Filing<'_>,
    request: &Request,
    history: &locum_policy::History,
) -> Result<locum_domain::Route, Refusal> {
    let policies = traced.policies();
    let allowed = policies.may_file(filing)?;
    let finding = policies.judge_case(filing, &request.case, &request.subject)?;
    for (id, there) in &request.subjects {
        if let Some(application) = filing.catalog.applications.get(id) {
            policies.judge_subject(filing, application, &request.case, there)?;
        }
    }
    let is_signed = request.route.signature_demanded;
    policies.route(
        filing,
        &allowed,
        &request.case,
        &finding,
        history,
        is_signed,
    )
}
