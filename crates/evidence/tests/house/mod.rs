//! A house with real rules: an honest server's decisions, and what whoever holds its key would rather have on the record.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "test harness; every test file uses its own part of it"
)]

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::event::Granted;
use locum_domain::facts::{ApplicationSliced, Decision, Facts, Past, ProvisionsRead, Slice};
use locum_domain::request::SubjectThere;
use locum_domain::route::Approval;
use locum_domain::rules::{applied_digest, text_digest};
use locum_domain::{
    Case, Event, EventId, GrantId, Minutes, PrincipalId, Provisions, Recorded, Request, RequestId,
    RequestState, RulesInForce, Scope, SessionId, Stream,
};
use locum_policy::{Circumstances, Filing, History, Indexed, Policies};
use serde_json::json;

use crate::ledger::{Ledger, time};

/// The operator's own rule.
pub(crate) const NIGHT: &str = "@id(\"not-at-night\")
forbid (principal, action == Locum::Action::\"file\", resource)
when { context.local_hour < 6 };";

/// What the liar changes; by default nothing.
pub(crate) struct Lie {
    pub(crate) rules: fn(&mut RulesInForce),
    /// The filing as it is recorded.
    pub(crate) filing: fn(&mut Request, &mut Facts),
    pub(crate) facts: fn(Decision, &mut Facts),
    /// Who takes a step instead of somebody who may.
    pub(crate) approver: fn(usize) -> Option<&'static str>,
    /// Whether a decision goes without its facts.
    pub(crate) is_silent: fn(Decision) -> bool,
    /// Whether other rules were put in force before the filing, and the approvals stand on those before.
    pub(crate) is_ruled_twice: bool,
}

impl Default for Lie {
    fn default() -> Self {
        Self {
            rules: |_| {},
            filing: |_, _| {},
            facts: |_, _| {},
            approver: |_| None,
            is_silent: |_| false,
            is_ruled_twice: false,
        }
    }
}

impl Lie {
    pub(crate) fn about_the_filing(filing: fn(&mut Request, &mut Facts)) -> Self {
        Self {
            filing,
            ..Self::default()
        }
    }
}

/// The rules demand signed approvals.
pub(crate) const SIGNED: fn(&mut RulesInForce) = |rules| rules.signature_demanded = true;

fn catalog() -> Slice {
    let person = |roles: &[&str]| json!({ "roles": roles });
    let ann = json!({ "roles": ["support"], "manager": "mia", "accounts": [{ "system": "desk", "id": "ann@desk" }] });
    let catalog = json!({
        "people": {
            "ann": ann, "oscar": person(&[]), "mallory": person(&[]), "mia": person(&["manager"]),
            "sam": person(&["security", "security-control-owner"]), "prya": person(&["privacy"]),
        },
        "applications": { "billing": {
            "tier": "regulated", "data": ["finance"], "owner": "oscar", "record": "before",
            "operations": { "invoice.read": { "effect": "read" }, "payout.create": { "effect": "write", "closed": "money" } },
        } },
        "eligibilities": [{
            "id": "support-reads", "holder": { "role": "support" }, "applications": ["billing"],
            "operations": ["invoice.read"], "longest_minutes": 60, "owner": "sam", "certified_until": "2027-02-15",
        }],
    });
    serde_json::from_value(catalog).unwrap()
}

fn rules(catalog: &Indexed) -> RulesInForce {
    let policies = BTreeMap::from([("policies/house.cedar".to_owned(), NIGHT.to_owned())]);
    let mut files = BTreeMap::from([("catalog/people.toml".to_owned(), text_digest("people"))]);
    files.extend(
        policies
            .iter()
            .map(|(name, text)| (name.clone(), text_digest(text))),
    );
    let settings = text_digest("{}");
    let applications = catalog.applications.iter();
    RulesInForce {
        applied: applied_digest(&files, &settings),
        files,
        settings,
        built_in: Policies::built_in(),
        policies,
        signature_demanded: false,
        applications: applications
            .map(|(id, it)| (id.clone(), ApplicationSliced::of(it, []).digest()))
            .collect(),
    }
}

fn case() -> Case {
    let case = json!({
        "reference": "desk:12", "is_open": true, "state": "open", "assignee": "ann@desk", "subject": "carla",
        "tenant": null, "title": null, "priority": null, "queue": null, "opened_by": "carla@desk",
        "subject_set_by": null, "opened_at": null, "looked_up_at": time(0)
    });
    serde_json::from_value(case).unwrap()
}

const NOON: u8 = 12;

/// One story as the server, or the liar, recorded it.
struct Telling<'l> {
    lie: &'l Lie,
    catalog: Indexed,
    policies: Policies,
    circumstances: Circumstances,
    rules_digest: String,
    /// What the filing stands on.
    newest: String,
    story: Vec<(Stream, Event)>,
}

/// The pack of the story of one request, filed, approved and activated.
pub(crate) fn tell(lie: &Lie) -> Vec<u8> {
    let mut ledger = Ledger::new(1);
    let mut streams = Vec::new();
    for (stream, event) in story(lie) {
        ledger.record(&stream, &event);
        streams.push(stream);
    }
    ledger.fill(3);
    ledger.pack(&streams).build().unwrap()
}

/// The same story without a ledger.
pub(crate) fn events(lie: &Lie) -> Vec<Recorded> {
    let recorded = |((stream, event), position): (_, u64)| Recorded {
        position,
        stream,
        at: time(0),
        event,
    };
    story(lie).into_iter().zip(0..).map(recorded).collect()
}

fn story(lie: &Lie) -> Vec<(Stream, Event)> {
    let catalog = Indexed::of(catalog().catalog());
    let honest = rules(&catalog);
    let mut recorded = honest.clone();
    (lie.rules)(&mut recorded);
    let mut telling = Telling {
        policies: Policies::recorded(&honest.built_in, &honest.policies).unwrap(),
        catalog,
        circumstances: Circumstances {
            today: time(0).to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
            local_hour: NOON,
        },
        rules_digest: recorded.digest(),
        newest: recorded.digest(),
        story: Vec::new(),
        lie,
    };
    telling.ruled(recorded.clone());
    if lie.is_ruled_twice {
        recorded.settings = text_digest("others");
        recorded.applied = applied_digest(&recorded.files, &recorded.settings);
        telling.newest = recorded.digest();
        telling.ruled(recorded);
    }
    let request = telling.filed();
    let request = telling.approved(request);
    telling.activated(&request);
    telling.story
}

impl Telling<'_> {
    fn ruled(&mut self, rules: RulesInForce) {
        let rules = Box::new(rules);
        let event = Event::RulesInForce { rules, at: time(0) };
        self.story.push((Stream::Rules, event));
    }

    /// The request as the story tells it up to here.
    fn happened(&mut self, request: Option<Request>, event: Event) -> Request {
        let after = Request::evolve(request, &event).unwrap();
        self.story.push((Stream::Request(after.id.clone()), event));
        after
    }

    fn read(&mut self, request: &RequestId, mut facts: Facts) {
        (self.lie.facts)(facts.decision, &mut facts);
        if (self.lie.is_silent)(facts.decision) {
            return;
        }
        let event = Event::FactsRead {
            request: request.clone(),
            facts: Box::new(facts),
            at: time(0),
        };
        self.story.push((Stream::Request(request.clone()), event));
    }

    fn facts(&self, decision: Decision, slice: Slice) -> Facts {
        Facts {
            decision,
            rules: self.rules_digest.clone(),
            today: self.circumstances.today,
            local_hour: self.circumstances.local_hour,
            provisions: ProvisionsRead::of(Provisions::NONE, &slice),
            catalog: slice,
            case: None,
            past: None,
        }
    }

    fn filed(&mut self) -> Request {
        let ann: PrincipalId = "ann".parse().unwrap();
        let operations = BTreeSet::from(["invoice.read".parse().unwrap()]);
        let scope = Scope(BTreeMap::from([("billing".parse().unwrap(), operations)]));
        let (case, history) = (case(), History::default());
        let filing = Filing {
            catalog: &self.catalog,
            provisions: Provisions::NONE,
            requester: &ann,
            actor: &ann,
            scope: &scope,
            duration: Minutes(30),
            break_glass: false,
            impersonating: false,
            circumstances: self.circumstances,
        };
        let allowed = self.policies.may_file(&filing).unwrap();
        let subject = "carla".parse().unwrap();
        let finding = self.policies.judge_case(&filing, &case, &subject).unwrap();
        let there = SubjectThere {
            id: "u-1".to_owned(),
            tenant: None,
            attributes: BTreeMap::new(),
        };
        let subjects = BTreeMap::from([("billing".parse().unwrap(), there)]);
        let route = self
            .policies
            .route(&filing, &allowed, &case, &finding, &history, false);
        let route = route.unwrap();
        let slice = filing.slice(&case, &subjects, &history, &route);
        let mut facts = Facts {
            past: Some(Past::default()),
            rules: self.newest.clone(),
            ..self.facts(Decision::Filing, slice)
        };
        let decide_by = time(0)
            .saturating_add(route.decide_within.duration())
            .unwrap();
        let mut request = Request {
            id: RequestId::from_bytes([1; 16]),
            event: EventId::from_bytes([1; 16]),
            filed_at: time(0),
            requester: ann.clone(),
            actor: ann,
            accountable_owner: None,
            subject,
            tenant: None,
            case,
            reason: serde_json::from_value("Carla's invoice does not open".into()).unwrap(),
            scope,
            duration: Minutes(30),
            break_glass: false,
            version: 1,
            nonce: "00".repeat(16),
            subjects,
            route,
            warnings: Vec::new(),
            extends: None,
            questions: Vec::new(),
            escalated: None,
            security_told: Vec::new(),
            owed: None,
            grant: None,
            state: RequestState::Pending { decide_by },
        };
        (self.lie.filing)(&mut request, &mut facts);
        let id = request.id.clone();
        let request = Box::new(request);
        let filed = self.happened(None, Event::RequestFiled { request });
        self.read(&id, facts);
        filed
    }

    fn approved(&mut self, mut request: Request) -> Request {
        let last = request.route.steps.len() - 1;
        for step in 0..=last {
            let at = time(60);
            let taken: Vec<PrincipalId> =
                request.route.approvals().map(|it| it.by.clone()).collect();
            let mut free = request.route.steps[step].approvers.iter();
            let by = free.find(|it| !taken.contains(it)).unwrap().clone();
            let by = (self.lie.approver)(step).map_or(by, |it| it.parse().unwrap());
            let may = self
                .policies
                .may_decide(&self.catalog, &request, &by, self.circumstances);
            let rules = may.ok().and_then(|it| it.get(&step).cloned());
            let approval = Approval {
                by: by.clone(),
                at,
                scope_digest: request.scope_digest(),
                rules: rules.unwrap_or_default(),
                note: None,
                unavoidable_because: None,
                compensating_controls: Vec::new(),
                covers_narrower: false,
                signature: None,
            };
            let granted = (step == last).then(|| Granted {
                grant: GrantId::from_bytes([1; 16]),
                activate_by: time(3_600),
            });
            let facts = self.facts(
                Decision::Approval,
                self.catalog.slice_to_decide(&request, &by),
            );
            let event = Event::RequestApproved {
                request: request.id.clone(),
                step,
                approval,
                granted,
            };
            request = self.happened(Some(request), event);
            self.read(&request.id.clone(), facts);
        }
        request
    }

    fn activated(&mut self, request: &Request) {
        let (provisions, today) = (Provisions::NONE, self.circumstances);
        let filing = Filing::again(&self.catalog, provisions, request, today);
        let slice = filing.slice_to_activate(request, &request.case);
        let facts = self.facts(Decision::Activation, slice);
        let event = Event::RequestActivated {
            request: request.id.clone(),
            session: SessionId::from_bytes([1; 16]),
            at: time(120),
        };
        let request = self.happened(Some(request.clone()), event);
        self.read(&request.id, facts);
    }
}
