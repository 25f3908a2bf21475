//! The ordinary ways through a house, in one line each.

use locum_control::activate::Activated;
use locum_control::approve::Approve;
use locum_control::case_signal::{Delivery, Signalled, case_signal};
use locum_control::jobs::Jobs;
use locum_control::{Asked, activate, approve, end_session, file_request};
use locum_domain::case::CaseSignal;
use locum_domain::{
    Aggregate, Minutes, Refusal, Request, RequestId, Review, Session, SessionId, Stream,
};

use super::House;

/// The reason of every request that does not need another.
const REASON: &str = "Carla cannot open her August invoice";

impl House {
    /// Half an hour of reading invoices for Alice's case `desk:7`: owner and security decide.
    pub fn asked(&self) -> Asked {
        self.asking("desk:7", &[("billing", &["invoice.read"])], 30)
    }

    /// A request for these operations.
    pub fn asking(&self, case: &str, scope: &[(&str, &[&str])], minutes: u32) -> Asked {
        let operations = |names: &[&str]| names.iter().map(|it| it.parse().unwrap()).collect();
        Asked {
            case: case.parse().unwrap(),
            reason: REASON.to_owned(),
            subject: None,
            applications: scope
                .iter()
                .map(|(application, names)| (application.parse().unwrap(), operations(names)))
                .collect(),
            duration: Minutes(minutes),
            break_glass: false,
            actor: None,
        }
    }

    /// Files, and may be refused.
    pub async fn file(&self, by: &str, asked: &Asked) -> Result<Request, Refusal> {
        file_request::file_request(&self.control, &self.caller(by), asked).await
    }

    /// Files what must be taken.
    pub async fn filed(&self, by: &str, asked: &Asked) -> Request {
        self.file(by, asked).await.unwrap()
    }

    /// Approves the request as it stands now, with the two texts that a crossing needs, and may be refused.
    pub async fn approve(&self, by: &str, id: &RequestId) -> Result<Request, Refusal> {
        let words = self.approval_of(id).await;
        approve::approve(&self.control, &self.caller(by), id, &words).await
    }

    /// An approval of the request as it stands now.
    pub async fn approval_of(&self, id: &RequestId) -> Approve {
        Approve {
            scope_digest: self.request(id).await.scope_digest().as_str().to_owned(),
            note: None,
            unavoidable_because: Some("the contact and the invoice disagree".to_owned()),
            compensating_controls: vec!["read-only, half an hour".to_owned()],
            covers_narrower: false,
            signature: None,
        }
    }

    /// Gives every approval that the route still demands, each by somebody else.
    pub async fn approved(&self, request: &Request) -> Request {
        let mut request = self.request(&request.id).await;
        while !request.route.is_complete() {
            let open = request
                .route
                .steps
                .iter()
                .filter(|it| it.approval.is_none());
            let people: Vec<String> = open
                .flat_map(|step| &step.approvers)
                .filter(|person| !request.route.has_approved(person))
                .map(ToString::to_string)
                .collect();
            let mut given = None;
            for person in people {
                if let Ok(approved) = self.approve(&person, &request.id).await {
                    given = Some(approved);
                    break;
                }
            }
            request = given.expect("nobody is left who approves");
        }
        request
    }

    /// Activates, and may be refused.
    pub async fn activate(&self, by: &str, id: &RequestId) -> Result<Activated, Refusal> {
        activate::activate(&self.control, &self.caller(by), id).await
    }

    /// Files, approves and activates.
    pub async fn activated(&self, by: &str, asked: &Asked) -> Activated {
        let request = self.filed(by, asked).await;
        let request = self.approved(&request).await;
        let actor = request.actor.to_string();
        self.activate(&actor, &request.id).await.unwrap()
    }

    /// Ends, and may be refused.
    pub async fn end(&self, by: &str, id: &SessionId) -> Result<Session, Refusal> {
        end_session::end_session(&self.control, &self.caller(by), id).await
    }

    /// An authentic webhook of the desk: the case is closed.
    pub async fn closed_webhook(&self, number: &str, delivery: &str) -> Result<Signalled, Refusal> {
        let signal = CaseSignal::Closed {
            case: format!("desk:{number}").parse().unwrap(),
            state: "resolved".to_owned(),
        };
        self.webhook(signal, delivery).await
    }

    /// An authentic webhook of the desk.
    pub async fn webhook(&self, signal: CaseSignal, delivery: &str) -> Result<Signalled, Refusal> {
        let delivery = Delivery {
            connector: super::desk::NAME.to_owned(),
            id: delivery.to_owned(),
            signal,
        };
        case_signal(&self.control, &delivery).await
    }

    /// Does everything that is due by itself, once, with a fresh memory.
    pub async fn run_jobs(&self) {
        Jobs::default().run_once(&self.control).await;
    }

    /// The state of a request, whoever looks.
    pub async fn request(&self, id: &RequestId) -> Request {
        match self.state(&Stream::Request(id.clone())).await {
            Some(Aggregate::Request(request)) => *request,
            other => panic!("{id} is {other:?}"),
        }
    }

    /// The state of a session, whoever looks.
    pub async fn session(&self, id: &SessionId) -> Session {
        match self.state(&Stream::Session(id.clone())).await {
            Some(Aggregate::Session(session)) => *session,
            other => panic!("{id} is {other:?}"),
        }
    }

    /// The reviews of a session.
    pub async fn reviews_of(&self, id: &SessionId) -> Vec<Review> {
        let states = self.states("review", &[("session", id.as_str())]).await;
        let review = |state| match state {
            Aggregate::Review(review) => Some(*review),
            _ => None,
        };
        states.into_iter().filter_map(review).collect()
    }
}
