//! The cases under `scenarios/`, played over the control room.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use locum_control::activate::activate;
use locum_control::approve::approve;
use locum_control::jobs::Jobs;
use locum_control::offer::OfferTerms;
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::{accept_offer, complete_review, deny, extend, offer, stop, withdraw};
use locum_domain::authenticator::Enrolment;
use locum_domain::hold::StopScope;
use locum_domain::review::Finding;
use locum_domain::{
    HoldId, Minutes, Refusal, Request, RequestId, RequestState, Session, SessionId,
};
use locum_testkit::house::{House, SoftAuthenticator};
use locum_testkit::scenario::{self, Asking, Stage, Step};

/// A house with what the story is about at the moment.
struct Played {
    house: House,
    jobs: Jobs,
    request: Option<RequestId>,
    session: Option<SessionId>,
    /// What the newest request said before it was narrowed.
    shown_before: String,
    hold: Option<HoldId>,
    /// What waits to be signed, by who asked.
    enrolments: BTreeMap<String, Enrolment>,
    last: Result<(), Refusal>,
}

impl Played {
    async fn new() -> Self {
        Self {
            house: House::new().await,
            jobs: Jobs::default(),
            request: None,
            session: None,
            shown_before: String::new(),
            hold: None,
            enrolments: BTreeMap::new(),
            last: Ok(()),
        }
    }

    /// The person's id, by their first name.
    fn id(&self, name: &str) -> String {
        let catalog = self.house.control.in_force().catalog.clone();
        let is_named = |id: &str| id == name || id.split('@').next() == Some(name);
        let mut known = catalog.people.keys().chain(catalog.agents.keys());
        let found = known.find(|id| is_named(id.as_str()));
        found.map_or_else(|| format!("{name}@corp.example"), ToString::to_string)
    }

    fn number(case: &str) -> &str {
        case.strip_prefix("desk:").expect("cases are the desk's")
    }

    fn request(&self) -> RequestId {
        self.request.clone().expect("nobody asked yet")
    }

    async fn session(&self) -> Session {
        let id = self.session.clone().expect("nobody activated yet");
        self.house.session(&id).await
    }

    fn note<T>(&mut self, outcome: Result<T, Refusal>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.last = Ok(());
                Some(value)
            }
            Err(refusal) => {
                self.last = Err(refusal);
                None
            }
        }
    }

    /// What people do with keys. `None` when the step is something else.
    async fn keys(&mut self, step: &Step) -> Option<()> {
        let outcome: Result<(), Refusal> = match step {
            Step::ApprovalsAreSigned => {
                self.house.verify().await;
                let house = House::builder().founders().signature_demanded();
                self.house = house.open().await;
                self.house.founded().await;
                Ok(())
            }
            Step::HasKey { who, by } => {
                self.house.enrolled(&self.id(who), &self.key_of(by)).await;
                Ok(())
            }
            Step::AsksForKey(who) => {
                let asked = self.house.ask_to_enrol(&self.key_of(who)).await;
                asked.map(|asked| drop(self.enrolments.insert(self.id(who), asked)))
            }
            Step::LetsCount { who, whose } => {
                let enrolment = &self.enrolments[&self.id(whose)];
                self.house.let_count(&self.key_of(who), enrolment).await
            }
            Step::Signs(who) => self.signs(&self.key_of(who)).await,
            Step::SignsWith { who, whose } => {
                self.signs(&self.key_of(whose).lent_to(&self.id(who))).await
            }
            Step::TakesOutOfUse { who, whose } => {
                let id = self.key_of(whose).public.id;
                let caller = self.house.caller(&self.id(who));
                revoke_authenticator(&self.house.control, &caller, &id, "it was lost")
                    .await
                    .map(drop)
            }
            Step::ActivatesWithProof(who) => {
                let caller = self.house.sure(&self.id(who));
                let activated = activate(&self.house.control, &caller, &self.request()).await;
                activated.map(|activated| self.session = Some(activated.session.id))
            }
            _ => return None,
        };
        self.last = outcome;
        Some(())
    }

    async fn signs(&self, key: &SoftAuthenticator) -> Result<(), Refusal> {
        let request = self.request();
        self.house.approve_signed(key, &request).await.map(drop)
    }

    /// This person's key, whether or not it counts.
    fn key_of(&self, name: &str) -> SoftAuthenticator {
        SoftAuthenticator::passkey(&self.id(name), 1)
    }

    async fn asks(&mut self, asking: Asking) {
        let names: Vec<Vec<&str>> = asking
            .scope
            .iter()
            .map(|(_, operations)| operations.iter().map(String::as_str).collect())
            .collect();
        let scope: Vec<(&str, &[&str])> = asking
            .scope
            .iter()
            .zip(&names)
            .map(|((application, _), operations)| (application.as_str(), operations.as_slice()))
            .collect();
        let mut asked = self.house.asking(&asking.case, &scope, asking.minutes);
        asked.break_glass = asking.is_emergency;
        asked.subject = asking.subject.map(|it| it.parse().unwrap());
        if let Some(reason) = asking.reason {
            asked.reason = reason;
        }
        let outcome = self.house.file(&self.id(&asking.who), &asked).await;
        if let Some(request) = self.note(outcome) {
            self.shown_before = request.scope_digest().as_str().to_owned();
            self.request = Some(request.id);
        }
    }

    /// Everything that people do to the newest request or session.
    async fn act(&mut self, step: Step) {
        let house = &self.house;
        let control = &house.control;
        let by = |name: &str| house.caller(&self.id(name));
        let outcome: Result<(), Refusal> = match step {
            Step::Approves(who) => {
                let who = self.id(&who);
                house.approve(&who, &self.request()).await.map(drop)
            }
            Step::ApprovesWithoutGrounds(who) => {
                let mut words = house.approval_of(&self.request()).await;
                words.unavoidable_because = None;
                approve(control, &by(&who), &self.request(), &words)
                    .await
                    .map(drop)
            }
            Step::ApprovesWhatWasShownBefore(who) => {
                let mut words = house.approval_of(&self.request()).await;
                words.scope_digest = self.shown_before.clone();
                approve(control, &by(&who), &self.request(), &words)
                    .await
                    .map(drop)
            }
            Step::EverybodyNeededApproves => {
                let request = house.request(&self.request()).await;
                house.approved(&request).await;
                Ok(())
            }
            Step::Denies(who) => {
                let why = "the case says nothing about this";
                deny::deny(control, &by(&who), &self.request(), why)
                    .await
                    .map(drop)
            }
            Step::Offers { who, minutes } => {
                let terms = OfferTerms {
                    scope: None,
                    duration: Some(Minutes(minutes)),
                    note: "this will do".to_owned(),
                };
                offer::offer(control, &by(&who), &self.request(), &terms)
                    .await
                    .map(drop)
            }
            Step::Accepts(who) => {
                let state = house.request(&self.request()).await.state;
                let RequestState::Offered { offer, .. } = state else {
                    panic!("no offer stands")
                };
                let digest = offer.scope_digest.as_str();
                accept_offer::accept_offer(control, &by(&who), &self.request(), digest)
                    .await
                    .map(drop)
            }
            Step::Withdraws(who) => withdraw::withdraw(control, &by(&who), &self.request())
                .await
                .map(drop),
            Step::Activates(who) => {
                let activated = house.activate(&self.id(&who), &self.request()).await;
                activated.map(|activated| self.session = Some(activated.session.id))
            }
            Step::Extends { who, minutes } => {
                let why = "the second invoice has the same fault";
                let minutes = Minutes(minutes);
                let longer =
                    extend::extend(control, &by(&who), &self.request(), minutes, why).await;
                longer.map(|longer| self.request = Some(longer.id))
            }
            Step::Ends(who) => {
                let session = self.session().await.id;
                house.end(&self.id(&who), &session).await.map(drop)
            }
            Step::Stops { who, what } => {
                let scope = match what.as_str() {
                    "everything" => StopScope::All,
                    application => StopScope::Application(application.parse().unwrap()),
                };
                let stopped = stop::stop(control, &by(&who), &scope).await;
                stopped.map(|stopped| self.hold = Some(stopped.hold.id))
            }
            Step::Lifts(who) => {
                let hold = self.hold.clone().expect("nobody stopped anything");
                stop::lift(control, &by(&who), &hold).await.map(drop)
            }
            Step::Reviews(who) => {
                let review = house
                    .reviews_of(&self.session().await.id)
                    .await
                    .pop()
                    .unwrap();
                let note = "what was read is what was asked for";
                let finding = Finding::Justified;
                complete_review::complete_review(control, &by(&who), &review.id, finding, note)
                    .await
                    .map(drop)
            }
            other => panic!("{other:?} is nothing that people do"),
        };
        self.last = outcome;
    }

    /// What happens around Locum. `None` when the step is something else.
    async fn happens(&mut self, step: &Step) -> Option<()> {
        let house = &self.house;
        match step {
            Step::CaseIsClosed(case) => house.desk.close(Self::number(case)),
            Step::CaseIsAssigned { case, to } => house.desk.reassign(Self::number(case), to),
            Step::CaseWasOpenedBy { case, who } => {
                let who = Some(who.clone());
                house.desk.edit(Self::number(case), |it| it.opened_by = who);
            }
            Step::CaseIsAbout { case, subject } => {
                let subject = Some(subject.parse().unwrap());
                house
                    .desk
                    .edit(Self::number(case), |it| it.subject = subject);
            }
            Step::NobodyCanTellWhoOpened(case) => {
                house
                    .desk
                    .edit(Self::number(case), |it| it.opened_by = None);
            }
            Step::CaseCloses(case) => {
                house.desk.close(Self::number(case));
                house
                    .closed_webhook(Self::number(case), "delivery-1")
                    .await
                    .unwrap();
            }
            Step::CaseClosesUnheard(case) => house.desk.close(Self::number(case)),
            Step::DeskIsSilent => house.desk.set_unreachable(true),
            Step::DeskAnswers => house.desk.set_unreachable(false),
            Step::SubjectIs {
                application,
                subject,
                role,
            } => house.subjects.set_role(application, subject, role),
            Step::MinutesPass(minutes) => {
                house.clock.advance_minutes(i64::from(*minutes));
                self.jobs.run_once(&house.control).await;
            }
            Step::NobodyUsesTheSession => {
                house.plane.make_idle(&self.session().await.id);
                self.jobs.run_once(&house.control).await;
            }
            _ => return None,
        }
        Some(())
    }

    /// What must be so. `None` when the step is something else.
    async fn holds(&mut self, step: &Step) -> Option<Result<(), String>> {
        let house = &self.house;
        Some(match step {
            Step::ItIsDone => self.last.clone().map_err(|refusal| refusal.to_string()),
            Step::ItIsRefused(code) => match &self.last {
                Err(refusal) => same(code, refusal.denial.code()),
                Ok(()) => Err("it went through".to_owned()),
            },
            Step::RequestIs(state) => same(state, self.now().await.state.as_str()),
            Step::RouteIs(authorities) => {
                let steps = self.now().await.route.steps;
                let route: Vec<&str> = steps.iter().map(|it| it.authority.as_str()).collect();
                same(&authorities.join(", "), &route.join(", "))
            }
            Step::StillMissing(count) => {
                let steps = self.now().await.route.steps;
                let missing = steps.iter().filter(|it| it.approval.is_none()).count();
                same(&count.to_string(), &missing.to_string())
            }
            Step::CardWarns(what) => {
                let warnings = self.now().await.warnings;
                let is_said = warnings.iter().any(|it| it.contains(what));
                if is_said {
                    Ok(())
                } else {
                    Err(format!("it says {warnings:?}"))
                }
            }
            Step::SessionIsLive => {
                let session = self.session().await;
                let is_held = house.plane.holds(&session.id);
                same(
                    "live, held",
                    if session.is_live() && is_held {
                        "live, held"
                    } else {
                        "over"
                    },
                )
            }
            Step::SessionLastsAtMost(minutes) => {
                let session = self.session().await;
                let lasts = session.end_by.duration_since(session.started_at);
                if lasts <= Minutes(*minutes).duration() {
                    Ok(())
                } else {
                    Err(format!("{lasts}"))
                }
            }
            Step::SessionEndedBecause(why) => match self.session().await.ended {
                Some(ended) => same(why, ended.because.as_str()),
                None => Err("it is live".to_owned()),
            },
            Step::NobodyHasAccess => {
                let live = house.live_sessions().await;
                let held = house.control.data_plane().live();
                same("0 0", &format!("{} {}", live.len(), held.len()))
            }
            Step::RecordHas(kind) => {
                let history = house.history().await;
                let is_there = history.iter().any(|it| it.event.kind() == kind);
                if is_there {
                    Ok(())
                } else {
                    Err("it does not".to_owned())
                }
            }
            Step::ReviewIsOpen => {
                let reviews = house.reviews_of(&self.session().await.id).await;
                let open = reviews.iter().filter(|it| it.completed.is_none()).count();
                same("1", &open.to_string())
            }
            Step::ReviewIsNotFor(names) => {
                let review = house
                    .reviews_of(&self.session().await.id)
                    .await
                    .pop()
                    .unwrap();
                let barred: BTreeSet<String> = names.iter().map(|it| self.id(it)).collect();
                match review.reviewer {
                    Some(reviewer) if !barred.contains(reviewer.as_str()) => Ok(()),
                    other => Err(format!("it is for {other:?}")),
                }
            }
            Step::EscalatedTo(who) => {
                let escalated = self.now().await.escalated.map(|it| it.to_string());
                same(&self.id(who), &escalated.unwrap_or_default())
            }
            _ => return None,
        })
    }

    async fn now(&self) -> Request {
        self.house.request(&self.request()).await
    }
}

fn same(wanted: &str, found: &str) -> Result<(), String> {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("it is `{found}`, not `{wanted}`"))
    }
}

impl Stage for Played {
    async fn play(&mut self, step: Step) -> Result<(), String> {
        if self.happens(&step).await.is_some() {
            return Ok(());
        }
        if self.keys(&step).await.is_some() {
            return Ok(());
        }
        if let Some(outcome) = self.holds(&step).await {
            return outcome;
        }
        match step {
            Step::Asks(asking) => self.asks(asking).await,
            step => self.act(step).await,
        }
        Ok(())
    }
}

#[tokio::test]
async fn r01_r02_r05_r06_r07_r13_r16_r33_the_requirements_as_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let scenarios = scenario::read(&folder);
    let mut rows = BTreeSet::new();
    let mut failures = Vec::new();
    for (file, scenario) in &scenarios {
        rows.extend(scenario.rows.clone());
        let mut stage = Played::new().await;
        if let Err(why) = scenario::play(&mut stage, scenario).await {
            failures.push(format!("{file}: {}\n    {why}", scenario.name));
        }
        stage.house.verify().await;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for row in ["R01", "R02", "R05", "R06", "R07", "R13", "R16", "R33"] {
        assert!(rows.contains(row), "no case is about {row}");
    }
}
