//! Exceptions: two people of different authority open one closed operation of one application for a time (R21).

use locum_domain::authenticator::ConfirmationStatement;
use locum_domain::catalog::{Operation, Role, Tier};
use locum_domain::exception::{ExceptionState, Side, definition};
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, ApplicationId, Catalog, Denial, Event, Exception, ExceptionId, Happened,
    OperationId, Refusal, Signature, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::in_person::just_proved;
use crate::ports::{Guard, Proposal};
use crate::sight;
use crate::signing::is_good_enough;
use crate::statement::StatementToSign;

/// An exception as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedException {
    pub application: ApplicationId,
    pub operation: OperationId,
    pub reason: String,
    pub until: Timestamp,
}

/// Who speaks for security when a closed operation is opened.
const FOR_SECURITY: &[Role] = &[Role::Security, Role::Privacy, Role::Compliance];

/// Asks for a closed operation to be open for a time. Nothing is open before somebody of the other authority confirms.
///
/// # Errors
/// `unknown-application`, `unknown-operation`, `already-decided` for an operation that is not closed or is open already,
/// `not-an-approver`, `signature-required`, `reason-missing`, `malformed`; each is on the record.
pub async fn ask_exception(
    control: &Control,
    caller: &Caller,
    asked: &AskedException,
) -> Result<Exception, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt(caller, "ask-exception", about, |at| async move {
            let in_force = control.in_force();
            let operation = closed(&in_force.catalog, asked)?;
            let side = control.speaks_for(caller, &asked.application)?;
            control.proved(caller)?;
            let standing = control.exceptions_in_force(at).await?;
            let is_it = |it: &Exception| {
                it.application == asked.application && it.operation == asked.operation
            };
            if let Some(open) = standing.iter().find(|it| is_it(it)) {
                let detail = format!("`{}` opens it until {} already", open.id, open.until);
                return Err(Denial::AlreadyDecided.because(detail));
            }
            let exception = Exception {
                id: ExceptionId::from_bytes(control.id(at)),
                application: asked.application.clone(),
                operation: asked.operation.clone(),
                definition: definition(operation),
                reason: asked.reason.clone(),
                until: asked.until,
                asked_by: caller.principal.clone(),
                asked_for: *side.first().ok_or_else(speaks_for_nobody)?,
                asked_at: at,
                state: ExceptionState::Waiting,
            };
            let stream = Stream::Exception(exception.id.clone());
            let guards = vec![Guard::Version {
                stream: Stream::Governance,
                version: in_force.version,
            }];
            Ok(Proposal {
                guards,
                events: vec![Happened {
                    stream,
                    at,
                    event: exception.ask()?,
                }],
                outbox: Vec::new(),
            })
        })
        .await?;
    let asked = events.iter().find_map(|recorded| match &recorded.event {
        Event::ExceptionAsked { exception } => Some(exception.id.clone()),
        _ => None,
    });
    let id = asked.ok_or_else(|| Denial::Conflict.because("nothing was asked for"))?;
    Ok(control.exception(&id).await?.0)
}

/// Opens it, as somebody of the other authority, with their own signature where signatures are demanded.
///
/// # Errors
/// `not-found`, `not-an-approver`, `second-person-required`, `conflict` when the operation is defined otherwise since,
/// `signature-required`, `lapsed`, `already-decided`.
pub async fn confirm_exception(
    control: &Control,
    caller: &Caller,
    id: &ExceptionId,
    signature: Option<&Signature>,
) -> Result<Exception, Refusal> {
    let stream = &Stream::Exception(id.clone());
    control
        .attempt(caller, "confirm-exception", stream, |at| async move {
            let in_force = control.in_force();
            let (exception, version) = control.recorded_exception(id).await?;
            let sides = control.speaks_for(caller, &exception.application)?;
            control.proved(caller)?;
            if in_force
                .catalog
                .is_same_human(&caller.principal, &exception.asked_by)
            {
                let detail = "whoever asks for an exception does not open it";
                return Err(Denial::SecondPersonRequired.because(detail));
            }
            if !exception.is_about(&in_force.catalog) {
                let detail =
                    "the operation is defined otherwise since somebody asked for it: ask again";
                return Err(Denial::Conflict.because(detail));
            }
            let side = sides.iter().find(|it| **it != exception.asked_for);
            let side = side.copied().unwrap_or(exception.asked_for);
            let unchanged = control
                .confirmed(caller, stream, &exception.digest(), signature, at)
                .await?;
            let event = exception.confirm(&caller.principal, side, signature.cloned(), at)?;
            let mut proposal = Proposal::of(stream, version, event, at);
            proposal.guards.extend(unchanged);
            proposal.guards.push(Guard::Version {
                stream: Stream::Governance,
                version: in_force.version,
            });
            Ok(proposal)
        })
        .await?;
    Ok(control.exception(id).await?.0)
}

/// What the caller signs to open it.
///
/// # Errors
/// As for [`confirm_exception`]; nothing is on the record, for nothing was decided.
pub async fn exception_statement(
    control: &Control,
    caller: &Caller,
    id: &ExceptionId,
) -> Result<StatementToSign, Refusal> {
    let (exception, _) = control.recorded_exception(id).await?;
    control.speaks_for(caller, &exception.application)?;
    let about = Stream::Exception(id.clone());
    control
        .to_confirm(caller, &about, &exception.digest())
        .await
}

/// Says no to it.
///
/// # Errors
/// `not-found`, `not-an-approver`, `reason-missing`, `already-decided`.
pub async fn deny_exception(
    control: &Control,
    caller: &Caller,
    id: &ExceptionId,
    reason: &str,
) -> Result<Exception, Refusal> {
    let stream = &Stream::Exception(id.clone());
    control
        .attempt(caller, "deny-exception", stream, |at| async move {
            let (exception, version) = control.exception(id).await?;
            control.speaks_for(caller, &exception.application)?;
            let event = exception.deny(&caller.principal, reason, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    Ok(control.exception(id).await?.0)
}

/// Closes the operation again before its time, and ends every session that stands on it. One person is enough.
///
/// # Errors
/// `not-found`, `not-an-approver`, `already-decided`.
pub async fn end_exception(
    control: &Control,
    caller: &Caller,
    id: &ExceptionId,
) -> Result<Exception, Refusal> {
    let stream = &Stream::Exception(id.clone());
    control
        .attempt_to_end(caller, "end-exception", stream, |at| async move {
            let (exception, version) = control.exception(id).await?;
            control.speaks_for(caller, &exception.application)?;
            let event = exception.end(&caller.principal, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    let (exception, _) = control.exception(id).await?;
    control.end_what_stood_on(&exception).await?;
    Ok(exception)
}

/// Every exception that the caller may see, newest first: owners those of their applications; security, privacy,
/// compliance and auditors all. An auditor's look is on the record.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn exceptions(control: &Control, caller: &Caller) -> Result<Vec<Exception>, Refusal> {
    let states = control.all_with("exception", Vec::new()).await?.into_iter();
    let found = states.filter_map(|state| match state {
        Aggregate::Exception(exception) => Some(*exception),
        _ => None,
    });
    let about = Stream::Principal(caller.principal.clone());
    control.looked(caller, &about, "exceptions").await?;
    Ok(found
        .filter(|it| control.may_see_exception(caller, it))
        .collect())
}

/// For whom the caller speaks about this application: the application first.
///
/// # Errors
/// `not-an-approver` for whoever speaks for neither.
pub fn speaks_for(
    control: &Control,
    caller: &Caller,
    application: &ApplicationId,
) -> Result<Vec<Side>, Refusal> {
    control.speaks_for(caller, application)
}

fn closed<'c>(catalog: &'c Catalog, asked: &AskedException) -> Result<&'c Operation, Refusal> {
    let AskedException {
        application,
        operation,
        ..
    } = asked;
    let Some(known) = catalog.applications.get(application) else {
        let detail = format!("no application is called `{application}`");
        return Err(Denial::UnknownApplication
            .because(detail)
            .at("/application"));
    };
    match known.operations.get(operation) {
        None => {
            let detail = format!("`{application}` has no operation `{operation}`");
            Err(Denial::UnknownOperation.because(detail).at("/operation"))
        }
        Some(operation) if operation.closed.is_none() => {
            let detail = format!("`{}` is not closed", operation.id);
            Err(Denial::AlreadyDecided.because(detail).at("/operation"))
        }
        Some(operation) => Ok(operation),
    }
}

fn speaks_for_nobody() -> Refusal {
    let detail =
        "the application's owners, and security, privacy or compliance, decide about exceptions";
    Denial::NotAnApprover.because(detail)
}

impl Control {
    async fn exception(&self, id: &ExceptionId) -> Result<(Exception, u64), Refusal> {
        let stream = Stream::Exception(id.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        match loaded.state {
            Some(Aggregate::Exception(exception)) => Ok((*exception, loaded.version)),
            _ => Err(Denial::NotFound.because("no such exception")),
        }
    }

    /// The exception as its own ledger entries tell it: nobody confirms what the database alone says.
    async fn recorded_exception(&self, id: &ExceptionId) -> Result<(Exception, u64), Refusal> {
        let stream = Stream::Exception(id.clone());
        match self.verified_with_version(&stream).await? {
            (Some(Aggregate::Exception(exception)), version) => Ok((*exception, version)),
            _ => Err(Denial::NotFound.because("no such exception")),
        }
    }

    /// For whom the caller speaks about this application: the application first.
    fn speaks_for(
        &self,
        caller: &Caller,
        application: &ApplicationId,
    ) -> Result<Vec<Side>, Refusal> {
        let catalog = self.catalog_for(caller);
        let who = &caller.principal;
        let is_active = catalog.people.get(who).is_some_and(|it| it.is_active);
        let owner = is_active && sight::owns(&catalog, who, application);
        let security = sight::has_role(&catalog, who, FOR_SECURITY);
        let sides = [
            owner.then_some(Side::Application),
            security.then_some(Side::Security),
        ];
        let sides: Vec<Side> = sides.into_iter().flatten().collect();
        match sides.is_empty() {
            true => Err(speaks_for_nobody()),
            false => Ok(sides),
        }
    }

    /// Whether the exception is there and the caller's to see.
    pub(crate) async fn sees_exception(
        &self,
        caller: &Caller,
        id: &ExceptionId,
    ) -> Result<bool, Refusal> {
        let (exception, _) = self.exception(id).await?;
        Ok(self.may_see_exception(caller, &exception))
    }

    fn may_see_exception(&self, caller: &Caller, exception: &Exception) -> bool {
        let catalog = self.catalog_for(caller);
        self.speaks_for(caller, &exception.application).is_ok()
            || sight::sees_all(&catalog, &caller.principal)
            || sight::has_role(&catalog, &caller.principal, sight::SECURITY)
    }

    fn proved(&self, caller: &Caller) -> Result<(), Refusal> {
        let is_demanded = self.settings().signature_demanded;
        just_proved(caller, is_demanded, "opens nothing that is closed")
    }

    /// Whether a confirmation carries its maker's signature, where one is demanded. Answers the guard by which a
    /// revocation that comes first wins.
    pub(crate) async fn confirmed(
        &self,
        caller: &Caller,
        about: &Stream,
        digest: &str,
        signature: Option<&Signature>,
        at: Timestamp,
    ) -> Result<Option<Guard>, Refusal> {
        let Some(signature) = signature else {
            return match self.settings().signature_demanded {
                true => {
                    let detail = "sign it with your authenticator";
                    Err(Denial::SignatureRequired.because(detail).at("/signature"))
                }
                false => Ok(None),
            };
        };
        let about = about.to_string();
        let statement = ConfirmationStatement {
            by: &caller.principal,
            about: &about,
            digest,
        };
        let signed = self
            .signed_now(&caller.principal, signature, &statement)
            .await?;
        is_good_enough(&signed.held, Tier::Regulated, at)?;
        Ok(Some(signed.unchanged))
    }

    /// What the caller signs to confirm something that stands in this stream.
    pub(crate) async fn to_confirm(
        &self,
        caller: &Caller,
        about: &Stream,
        digest: &str,
    ) -> Result<StatementToSign, Refusal> {
        let about = about.to_string();
        let statement = ConfirmationStatement {
            by: &caller.principal,
            about: &about,
            digest,
        };
        let at = self.now()?;
        self.to_sign(caller, &statement, Tier::Regulated, at).await
    }

    /// Ends the sessions that the exception let use its operation.
    async fn end_what_stood_on(&self, exception: &Exception) -> Result<(), Refusal> {
        let sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        let stood_on_it = sessions.into_iter().filter(|session| {
            let there = session.applications.get(&exception.application);
            there.is_some_and(|it| it.opened.contains(&exception.operation))
        });
        let ids: Vec<_> = stood_on_it.map(|session| session.id).collect();
        self.end_each(ids, EndedBecause::PolicyTightened, None)
            .await;
        Ok(())
    }
}
