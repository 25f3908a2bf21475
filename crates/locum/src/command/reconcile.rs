//! `locum reconcile --config`: an application's log against the store itself, whatever a server would say.

use locum_api::{AcceptedSession, UnexplainedView};
use locum_cli::{Comparison, Failure, Output, ReconcileArgs, reconcile_answer};
use locum_control::ledger::{SessionsOnRecord, sessions_on_record};
use locum_control::reconcile::{Accepted, unexplained};
use locum_domain::{ApplicationId, SessionId};

use super::ledger;

pub(crate) async fn run(args: &ReconcileArgs, output: &Output) -> Result<(), Failure> {
    let config = args
        .config
        .as_ref()
        .ok_or_else(|| Failure::Usage("--config is missing".to_owned()))?;
    let application: ApplicationId = args.application.parse().map_err(|_| {
        let application = &args.application;
        Failure::Usage(format!("`{application}` is no id of an application"))
    })?;
    let (store, key) = ledger::opened(config, true).await?;
    let sessions = sessions_on_record(&store, key.verifier_key())
        .await
        .map_err(ledger::unavailable)?
        .map_err(Failure::Unverified)?;
    let comparison = OnRecord {
        application,
        sessions,
    };
    reconcile_answer(args, output, comparison).await
}

/// Every session of the ledger.
struct OnRecord {
    application: ApplicationId,
    sessions: SessionsOnRecord,
}

impl Comparison for OnRecord {
    async fn compare(
        &mut self,
        accepted: Vec<AcceptedSession>,
    ) -> Result<Vec<UnexplainedView>, Failure> {
        let accepted = accepted.into_iter().zip(0..);
        let found =
            accepted.flat_map(|(it, index)| compared(&self.application, &self.sessions, it, index));
        Ok(found.collect())
    }
}

fn compared(
    application: &ApplicationId,
    sessions: &SessionsOnRecord,
    asked: AcceptedSession,
    index: u32,
) -> Vec<UnexplainedView> {
    let on_record = asked.session.parse::<SessionId>().ok();
    let on_record = on_record.and_then(|id| sessions.get(&id));
    // What is no time was refused with its line.
    let time = |text: Option<String>| text.and_then(|it| it.parse().ok());
    let accepted = Accepted {
        session: asked.session,
        event: asked.event,
        first: time(asked.first),
        last: time(asked.last),
    };
    let view = |(why, detail): (locum_control::reconcile::Unexplained, String)| UnexplainedView {
        index,
        session: accepted.session.clone(),
        why: why.as_str().to_owned(),
        detail,
    };
    let found = unexplained(application, &accepted, on_record);
    found.into_iter().map(view).collect()
}
