//! A case signal: what a case system says on its own account. It can end access and never grant it.

use locum_domain::case::{CaseLookupError, CaseSignal};
use locum_domain::session::EndedBecause;
use locum_domain::{Case, CaseRef, Denial, Refusal, Session, SessionId, Timestamp};
use tokio::task::JoinSet;

use crate::control::{Control, unavailable};
use crate::end_case::CaseEnd;
use crate::ledger::SequencerError;
use crate::ports::{Guard, OutboxItem, Proposal, Rejected};

/// One authentic delivery of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub connector: String,
    /// The sender's id of this delivery; a repeated one does nothing.
    pub id: String,
    pub signal: CaseSignal,
}

/// What a signal led to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signalled {
    pub is_repeated: bool,
    pub ended: Vec<SessionId>,
}

impl Signalled {
    pub(crate) fn repeated() -> Self {
        Self {
            is_repeated: true,
            ended: Vec::new(),
        }
    }
}

/// How many look-ups for one signal are under way at once.
const AT_ONCE: usize = 16;

/// The outbox kind of a look-up that is owed.
pub(crate) const LOOK_UP: &str = "look-up-case";

/// Acts on an authentic delivery: a close ends at once and is looked up afterwards; anything else makes Locum
/// look the case up.
///
/// # Errors
/// `recorder-unavailable` when nothing can be recorded; the sender tries again.
pub async fn case_signal(control: &Control, delivery: &Delivery) -> Result<Signalled, Refusal> {
    let unseen = Guard::Unseen {
        connector: delivery.connector.clone(),
        delivery: delivery.id.clone(),
    };
    match &delivery.signal {
        CaseSignal::Closed { case, state } => {
            let end = CaseEnd {
                unseen: Some(unseen),
                ..CaseEnd::closed(case, state, "webhook")
            };
            control.end_case(end).await
        }
        CaseSignal::Changed { case } => {
            let cases = vec![case.clone()];
            control.look_up_soon(cases, unseen).await
        }
        CaseSignal::SomethingChanged { connector } => {
            let cases = control.watched_cases(Some(connector)).await?;
            control.look_up_soon(cases, unseen).await
        }
    }
}

impl Control {
    /// The cases that access hangs on, each once: those of live sessions, and those of approved requests, because
    /// a grant whose case was closed and reopened is not revived.
    pub(crate) async fn watched_cases(
        &self,
        connector: Option<&str>,
    ) -> Result<Vec<CaseRef>, Refusal> {
        let sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        let approved = self
            .requests_with("state", "approved", Timestamp::MIN)
            .await?;
        let mut cases: Vec<CaseRef> = sessions.into_iter().map(|session| session.case).collect();
        cases.extend(approved.into_iter().map(|request| request.case.reference));
        cases.retain(|case| connector.is_none_or(|connector| case.connector() == connector));
        cases.sort();
        cases.dedup();
        Ok(cases)
    }

    async fn look_up_soon(&self, cases: Vec<CaseRef>, unseen: Guard) -> Result<Signalled, Refusal> {
        let at = self.time_to_end();
        let outbox = cases.iter().map(|case| look_up_item(case, at)).collect();
        let proposal = Proposal {
            guards: vec![unseen],
            events: Vec::new(),
            outbox,
        };
        match self.sequencer.commit(proposal).await {
            Ok(_) => {}
            Err(SequencerError::Rejected(Rejected::Seen)) => return Ok(Signalled::repeated()),
            Err(error) => return Err(unavailable(error)),
        }
        // They are owed from here on: one that fails now is the outbox's, and delays no other.
        let mut waiting = cases.into_iter();
        let mut running = JoinSet::new();
        let mut signalled = Signalled::default();
        loop {
            while running.len() < AT_ONCE
                && let Some(case) = waiting.next()
            {
                let control = self.clone();
                running.spawn(async move {
                    let ended = control.look_at_case(&case, "look-up").await;
                    ended.map_err(|refusal| (case, refusal))
                });
            }
            match running.join_next().await {
                None => return Ok(signalled),
                Some(Ok(Ok(ended))) => signalled.ended.extend(ended),
                Some(Ok(Err((case, refusal)))) => {
                    tracing::warn!(%case, %refusal, "a look-up failed and is owed");
                }
                Some(Err(error)) => tracing::error!(%error, "a look-up broke off and is owed"),
            }
        }
    }

    /// Looks one case up and ends what no longer stands on it. An unreachable case is the poller's to count, and
    /// one whose case system is not configured any more is unreachable.
    pub(crate) async fn look_at_case(
        &self,
        reference: &CaseRef,
        source: &str,
    ) -> Result<Vec<SessionId>, Refusal> {
        let unreachable =
            |why: String| Denial::CaseUnreachable.because(format!("`{reference}`: {why}"));
        let name = reference.connector();
        let system = self.ports.cases.get(name);
        let system =
            system.ok_or_else(|| unreachable(format!("no case system is called `{name}`")))?;
        match system.look_up(reference, self.time_to_end()).await {
            Ok(case) => self.judge_watched_case(&case, source).await,
            Err(CaseLookupError::Unknown) => {
                let end = CaseEnd::closed(reference, "unknown to its system", source);
                Ok(self.end_case(end).await?.ended)
            }
            Err(CaseLookupError::Unreachable(why)) => Err(unreachable(why)),
        }
    }

    async fn judge_watched_case(
        &self,
        case: &Case,
        source: &str,
    ) -> Result<Vec<SessionId>, Refusal> {
        let reference = &case.reference;
        if !case.is_open {
            let end = CaseEnd::closed(reference, &case.state, source);
            return Ok(self.end_case(end).await?.ended);
        }
        let catalog = self.in_force().catalog.clone();
        let falls = |session: &Session| {
            let assignee = case.assignee.as_deref();
            let is_actors = assignee.is_some_and(|account| {
                catalog.is_account_of(&session.actor, reference.connector(), account)
            });
            let is_subjects = case.subject.as_ref() == Some(&session.subject);
            !(is_actors && is_subjects && case.tenant == session.tenant)
        };
        let keys = [("live-case", reference.to_string())];
        let sessions = self.live_sessions(&keys).await.map_err(unavailable)?;
        let fallen: Vec<Session> = sessions.into_iter().filter(falls).collect();
        if fallen.is_empty() {
            return Ok(Vec::new());
        }
        let end = CaseEnd {
            because: EndedBecause::CaseReassigned,
            is_open: true,
            only: Some(fallen.into_iter().map(|session| session.id).collect()),
            ..CaseEnd::closed(reference, &case.state, source)
        };
        Ok(self.end_case(end).await?.ended)
    }
}

pub(crate) fn look_up_item(case: &CaseRef, due: Timestamp) -> OutboxItem {
    OutboxItem {
        kind: LOOK_UP.to_owned(),
        body: serde_json::json!({ "case": case.to_string() }),
        due,
    }
}
