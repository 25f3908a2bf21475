//! Why a request in a session was refused: which operation it was, whether that is closed or out of scope, and what
//! the actor can do.

use std::collections::BTreeMap;

use locum_domain::access::RefusedInSession;
use locum_domain::catalog::Operation;
use locum_domain::{
    ApplicationId, Denial, Event, OperationId, PrincipalId, Refusal, Session, SessionId, Stream,
    Timestamp,
};

use crate::caller::Caller;
use crate::control::Control;

/// What was refused in a session, and why.
#[derive(Debug, Clone)]
pub struct RefusedUse {
    pub session: SessionId,
    pub actor: PrincipalId,
    /// Its place in the ledger, and of the same again the last.
    pub position: u64,
    pub at: Timestamp,
    /// How often the same was refused.
    pub times: usize,
    pub application: ApplicationId,
    /// The operation that the route is, where it is one.
    pub operation: Option<OperationId>,
    pub effect: Option<&'static str>,
    /// The class that keeps it closed.
    pub closed: Option<String>,
    pub in_scope: bool,
    pub method: String,
    pub path: String,
    pub denial: Denial,
    pub because: String,
    /// What the actor can do next.
    pub next: String,
    /// What the grant allows in this application.
    pub granted: Vec<OperationId>,
}

/// Every refusal in a session, the same ones together, the last of each in ledger order.
///
/// # Errors
/// `not-found` for what is not there or not for the caller's eyes.
pub async fn explain_session(
    control: &Control,
    caller: &Caller,
    id: &SessionId,
) -> Result<Vec<RefusedUse>, Refusal> {
    control.visible_session(caller, id).await?;
    let stream = Stream::Session(id.clone());
    let what = format!("{id}, its refusals explained");
    control.looked(caller, &stream, &what).await?;
    let mut uses: BTreeMap<(ApplicationId, String, String, Denial), RefusedUse> = BTreeMap::new();
    for recorded in control.recorded_of(&stream).await? {
        let Event::AccessRefused(refused) = &recorded.event else {
            continue;
        };
        let key = (
            refused.application.clone(),
            refused.method.clone(),
            refused.path.clone(),
            refused.denial,
        );
        match uses.get_mut(&key) {
            Some(known) => {
                known.times += 1;
                known.position = recorded.position;
                known.at = recorded.at;
            }
            None => {
                let used = control
                    .refused_use(caller, recorded.position, refused)
                    .await?;
                uses.insert(key, used);
            }
        }
    }
    let mut uses: Vec<RefusedUse> = uses.into_values().collect();
    uses.sort_by_key(|it| it.position);
    Ok(uses)
}

impl Control {
    /// One refusal in a session, in the catalog of that time.
    pub(super) async fn refused_use(
        &self,
        caller: &Caller,
        position: u64,
        refused: &RefusedInSession,
    ) -> Result<RefusedUse, Refusal> {
        let session = self.visible_session(caller, &refused.session).await?;
        let then = self.in_force_before(position).await?;
        let application = then.catalog.applications.get(&refused.application);
        let operation = refused.operation.as_ref();
        let operation = operation.and_then(|id| application?.operations.get(id));
        let here = session.applications.get(&refused.application);
        let granted = here.map(|it| it.operations.clone()).unwrap_or_default();
        let may_ask = match (application, operation) {
            (Some(application), Some(operation)) => {
                let today = self.circumstances(self.time_to_end()).today;
                let eligible = self.in_force().policies.eligible_operations(
                    &self.in_force().catalog,
                    &session.actor,
                    application,
                    today,
                );
                eligible.is_ok_and(|them| them.contains(&operation.id))
            }
            _ => false,
        };
        let owner = application.map(|it| &it.owner);
        let (because, next) = words(refused, operation, &session, owner, may_ask);
        Ok(RefusedUse {
            session: session.id.clone(),
            actor: session.actor.clone(),
            position,
            at: refused.at,
            times: 1,
            application: refused.application.clone(),
            operation: refused.operation.clone(),
            effect: operation.map(|it| it.effect.as_str()),
            closed: operation.and_then(|it| it.closed.clone()),
            in_scope: refused
                .operation
                .as_ref()
                .is_some_and(|it| granted.contains(it)),
            method: refused.method.clone(),
            path: refused.path.clone(),
            denial: refused.denial,
            because,
            next,
            granted: granted.into_iter().collect(),
        })
    }
}

/// Why, and what helps.
fn words(
    refused: &RefusedInSession,
    operation: Option<&Operation>,
    session: &Session,
    owner: Option<&PrincipalId>,
    may_ask: bool,
) -> (String, String) {
    let application = &refused.application;
    let name = refused.operation.as_ref().map_or("it", |it| it.as_str());
    let remedy = || refused.denial.remedy().to_owned();
    match refused.denial {
        Denial::UnclassifiedRoute => {
            let next = match owner {
                Some(owner) => {
                    format!("ask {owner}, who owns `{application}`, to say which operation it is")
                }
                None => remedy(),
            };
            (
                format!("no operation of `{application}` has this route"),
                next,
            )
        }
        Denial::ClosedOperation => {
            let class = operation.and_then(|it| it.closed.as_deref());
            let because = match class {
                Some(class) => {
                    format!("`{name}` is closed to everybody who acts for somebody else: {class}")
                }
                None => format!("`{name}` was closed to everybody who acts for somebody else"),
            };
            let next = "only the user can do this; owner and security together may open it for a time by an exception";
            (because, next.to_owned())
        }
        Denial::OutOfScope => {
            let next = match may_ask {
                true => format!(
                    "ask for `{name}` in a new request: {} is eligible for it",
                    session.actor
                ),
                false => format!(
                    "no eligibility of {} covers `{name}`: have one granted by its owner first",
                    session.actor
                ),
            };
            (
                format!("the grant of this session does not name `{name}`"),
                next,
            )
        }
        Denial::BudgetSpent => match operation.and_then(|it| it.max_per_session) {
            Some(most) => (
                format!("`{name}` may be used {most} times in one session"),
                "ask again in a new request".to_owned(),
            ),
            None => ("it was used as often as allowed".to_owned(), remedy()),
        },
        Denial::SessionEnded => {
            let because = match &session.ended {
                Some(ended) => format!("the session was over: {}", ended.because.as_str()),
                None => "the session was over".to_owned(),
            };
            (because, remedy())
        }
        Denial::WrongApplication => (
            format!("the way in was for another application than `{application}`"),
            remedy(),
        ),
        other => (other.code().replace('-', " "), remedy()),
    }
}
