//! Exceptions, absences, and signing for what an emergency skipped.

use locum_api::{
    AbsenceBody, AbsenceView, ConfirmBody, CountersignBody, ExceptionBody, ExceptionView, Listing,
    MeView, ReasonBody, RequestView,
};
use serde_json::json;

use crate::args::{AbsenceCommand, ExceptionCommand};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn exception(
    client: &Connection<'_>,
    output: &Output,
    command: ExceptionCommand,
) -> Result<(), Failure> {
    let path = |id: &str, act: &str| format!("/api/v1/exceptions/{}/{act}", encoded(id));
    let exception: ExceptionView = match command {
        ExceptionCommand::List => {
            let listed: Listing<ExceptionView> = client.get("/api/v1/exceptions").await?;
            return output.answer(&listed, || exceptions(output, &listed.items));
        }
        ExceptionCommand::Ask {
            application,
            operation,
            until,
            reason,
        } => {
            let body = ExceptionBody {
                application,
                operation,
                reason,
                until,
            };
            client.post("/api/v1/exceptions", &body).await?
        }
        ExceptionCommand::Confirm { id } => {
            let path = path(&id, "confirm");
            let confirmed = client.post(&path, &ConfirmBody::default()).await;
            confirmed.map_err(|failure| elsewhere(client, "exceptions", failure))?
        }
        ExceptionCommand::Deny { id, reason } => {
            client
                .post(&path(&id, "deny"), &ReasonBody { reason })
                .await?
        }
        ExceptionCommand::End { id } => client.post(&path(&id, "end"), &json!({})).await?,
    };
    output.answer(&exception, || {
        let ExceptionView {
            id,
            state,
            operation,
            application,
            until,
            ..
        } = &exception;
        match state.as_str() {
            "waiting" => format!(
                "{id} waits for somebody of the other authority; nothing is open before: `locum exception confirm {id}`"
            ),
            "open" => format!("{operation} in {application} is open until {until}"),
            _ => format!("{id} is {state}; {operation} in {application} is closed"),
        }
    })
}

fn exceptions(output: &Output, items: &[ExceptionView]) -> String {
    if items.is_empty() {
        return "no exception was ever asked for".to_owned();
    }
    let row = |it: &ExceptionView| {
        [
            it.id.clone(),
            it.state.clone(),
            it.application.clone(),
            it.operation.clone(),
            it.until.clone(),
            it.asked_by.clone(),
            it.decided_by.clone().unwrap_or_default(),
        ]
    };
    output.table(
        [
            "EXCEPTION",
            "STATE",
            "APPLICATION",
            "OPERATION",
            "UNTIL",
            "ASKED BY",
            "DECIDED BY",
        ],
        items.iter().map(row),
    )
}

pub(crate) async fn absence(
    client: &Connection<'_>,
    output: &Output,
    command: AbsenceCommand,
) -> Result<(), Failure> {
    let absence: AbsenceView = match command {
        AbsenceCommand::List => {
            let listed: Listing<AbsenceView> = client.get("/api/v1/absences").await?;
            return output.answer(&listed, || absences(output, &listed.items));
        }
        AbsenceCommand::Announce {
            from,
            until,
            deputy,
            person,
        } => {
            let body = AbsenceBody {
                person,
                from,
                until,
                deputy,
            };
            client.post("/api/v1/absences", &body).await?
        }
        AbsenceCommand::End { person } => {
            let person = match person {
                Some(person) => person,
                None => client.get::<MeView>("/api/v1/me").await?.id,
            };
            let path = format!("/api/v1/absences/{}/end", encoded(&person));
            client.post(&path, &json!({})).await?
        }
    };
    output.answer(&absence, || {
        let AbsenceView {
            person,
            from,
            until,
            ..
        } = &absence;
        match (absence.ended, &absence.deputy) {
            (true, _) => format!("{person} is back"),
            (false, Some(deputy)) => {
                format!("{person} is away from {from} to {until}; {deputy} is asked first")
            }
            (false, None) => format!("{person} is away from {from} to {until}"),
        }
    })
}

fn absences(output: &Output, items: &[AbsenceView]) -> String {
    if items.is_empty() {
        return "nobody is away".to_owned();
    }
    let row = |it: &AbsenceView| {
        [
            it.person.clone(),
            it.from.clone(),
            it.until.clone(),
            it.deputy.clone().unwrap_or_default(),
        ]
    };
    output.table(["PERSON", "FROM", "UNTIL", "DEPUTY"], items.iter().map(row))
}

pub(crate) async fn countersign(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    note: Option<String>,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}", encoded(id));
    let seen: RequestView = client.get(&path).await?;
    let body = CountersignBody {
        scope_digest: seen.scope_digest,
        note,
        signature: None,
    };
    let signed = client.post(&format!("{path}/countersign"), &body).await;
    let page = format!("requests/{}", encoded(id));
    let request: RequestView = signed.map_err(|failure| elsewhere(client, &page, failure))?;
    output.answer(&request, || {
        let open = request.afterwards.iter();
        match open.filter(|step| step.decided_by.is_none()).count() {
            0 => "signed; nobody else has to".to_owned(),
            1 => "signed; 1 more authority has to".to_owned(),
            more => format!("signed; {more} more authorities have to"),
        }
    })
}

/// Where a signature is demanded, the browser has it.
pub(super) fn elsewhere(client: &Connection<'_>, page: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut problem) if problem.code == "signature-required" => {
            let base = client.base();
            problem.remedy = Some(format!(
                "open {base}/{page} and sign there with your passkey"
            ));
            Failure::Refused(problem)
        }
        other => other,
    }
}
