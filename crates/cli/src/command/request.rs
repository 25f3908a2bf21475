//! Asking: preview, request, extend, withdraw, answer, accept.

use locum_api::{
    AcceptBody, AnswerBody, ApplicationScope, ControlSeenView, ExtendBody, PreviewView,
    RequestBody, RequestView, StepView,
};

use crate::args::RequestArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn preview(
    client: &Connection<'_>,
    output: &Output,
    args: &RequestArgs,
) -> Result<(), Failure> {
    let preview: PreviewView = client
        .post("/api/v1/requests/preview", &body(args)?)
        .await?;
    output.answer(&preview, || {
        let mut text = format!(
            "as {} for {} \u{201c}{}\u{201d}\n\n{}",
            preview.subject,
            preview.case.id,
            preview.case.title.as_deref().unwrap_or("no title"),
            route(output, &preview.route)
        );
        text.push_str(&beside(output, &preview.afterwards, &preview.controls_seen));
        for warning in &preview.warnings {
            text.push_str(&format!("\n! {warning}"));
        }
        text
    })
}

pub(crate) async fn file(
    client: &Connection<'_>,
    output: &Output,
    args: &RequestArgs,
) -> Result<(), Failure> {
    let request: RequestView = client.post("/api/v1/requests", &body(args)?).await?;
    output.answer(&request, || card(output, &request))
}

pub(crate) async fn extend(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    duration_minutes: u32,
    reason: String,
) -> Result<(), Failure> {
    let body = ExtendBody {
        duration_minutes,
        reason,
    };
    let request: RequestView = client
        .post(&format!("/api/v1/requests/{}/extend", encoded(id)), &body)
        .await?;
    output.answer(&request, || card(output, &request))
}

pub(crate) async fn withdraw(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/withdraw", encoded(id));
    let request: RequestView = client.post(&path, &serde_json::json!({})).await?;
    output.answer(&request, || format!("{} is {}", request.id, request.state))
}

pub(crate) async fn answer(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    answer: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/answer", encoded(id));
    let request: RequestView = client.post(&path, &AnswerBody { answer }).await?;
    output.answer(&request, || {
        format!("answered; {} is {}", request.id, request.state)
    })
}

pub(crate) async fn accept(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    digest: Option<String>,
) -> Result<(), Failure> {
    let scope_digest = match digest {
        Some(digest) => digest,
        None => {
            let request: RequestView = client
                .get(&format!("/api/v1/requests/{}", encoded(id)))
                .await?;
            let offer = request
                .offer
                .ok_or_else(|| Failure::State(format!("no offer stands on {id}")))?;
            offer.scope_digest
        }
    };
    let path = format!("/api/v1/requests/{}/accept", encoded(id));
    let request: RequestView = client.post(&path, &AcceptBody { scope_digest }).await?;
    output.answer(&request, || card(output, &request))
}

fn body(args: &RequestArgs) -> Result<RequestBody, Failure> {
    Ok(RequestBody {
        case: args.case.clone(),
        reason: args.reason.clone(),
        subject: args.subject.clone(),
        applications: applications(&args.applications)?,
        duration_minutes: args.minutes,
        break_glass: args.break_glass,
        actor: args.actor.clone(),
    })
}

/// `billing=invoice.read,invoice.resend` as the API says it.
pub(crate) fn applications(words: &[String]) -> Result<Vec<ApplicationScope>, Failure> {
    let one = |word: &String| {
        let (application, operations) = word.split_once('=').ok_or_else(|| {
            Failure::Usage(format!(
                "`{word}` is not APPLICATION=OPERATION,… as billing=invoice.read"
            ))
        })?;
        let application = application.trim().to_owned();
        let operations: Vec<String> = operations
            .split(',')
            .map(|it| it.trim().to_owned())
            .filter(|it| !it.is_empty())
            .collect();
        if application.is_empty() || operations.is_empty() {
            return Err(Failure::Usage(format!(
                "`{word}` names no application or no operation; billing=invoice.read names both"
            )));
        }
        Ok(ApplicationScope {
            application,
            operations,
        })
    };
    words.iter().map(one).collect()
}

/// Whom an emergency skips, and the controls that Locum looked for on a crossing.
fn beside(output: &Output, afterwards: &[StepView], controls: &[ControlSeenView]) -> String {
    let mut text = String::new();
    if !afterwards.is_empty() {
        let skipped = route(output, afterwards);
        text.push_str(&format!(
            "\nskipped, and to be signed within one working day:\n{skipped}\n"
        ));
    }
    for it in controls {
        let holds = if it.holds { "holds" } else { "DOES NOT HOLD" };
        text.push_str(&format!("\n{} {holds}: {}", it.control, it.because));
    }
    if !controls.is_empty() {
        text.push('\n');
    }
    text
}

/// The request as people read it: who, as whom, where, why, how long, and whose move it is.
pub(crate) fn card(output: &Output, request: &RequestView) -> String {
    let mut text = format!(
        "{}  {}\n{} acts as {} for {} \u{201c}{}\u{201d}, {} minutes{}\n",
        request.id,
        request.state,
        request.actor,
        request.subject,
        request.case.id,
        within(request.case.title.as_deref().unwrap_or("no title")),
        request.duration_minutes,
        if request.break_glass {
            ", EMERGENCY"
        } else {
            ""
        },
    );
    for scope in &request.applications {
        text.push_str(&format!(
            "  in {}: {}\n",
            scope.application,
            scope.operations.join(", ")
        ));
    }
    text.push_str(&format!("because: {}\n", within(&request.reason)));
    if request.requester != request.actor {
        text.push_str(&format!("asked for by {}\n", request.requester));
    }
    if let Some(owner) = &request.accountable_owner {
        text.push_str(&format!("answerable for the chain: {owner}\n"));
    }
    text.push_str(&format!(
        "version {}, nonce {}\ndigest {}\n",
        request.version, request.nonce, request.scope_digest
    ));
    for warning in &request.warnings {
        text.push_str(&format!("! {warning}\n"));
    }
    if let Some(offer) = &request.offer {
        text.push_str(&format!(
            "{} offers {} minutes: {}\ndigest {} of the offer\n",
            offer.by,
            offer.duration_minutes,
            within(&offer.note),
            offer.scope_digest
        ));
    }
    for question in &request.questions {
        let answer = within(question.answer.as_deref().unwrap_or("(no answer yet)"));
        text.push_str(&format!(
            "{} asks: {} \u{2014} {answer}\n",
            question.by,
            within(&question.question)
        ));
    }
    if let Some(because) = &request.denied_because {
        text.push_str(&format!("denied: {}\n", within(because)));
    }
    text.push_str(&format!("\n{}\n", route(output, &request.route)));
    text.push_str(&beside(output, &request.afterwards, &request.controls_seen));
    if let Some(by) = &request.countersign_by {
        text.push_str(&format!("what was skipped is signed until {by}\n"));
    }
    match (
        request.state.as_str(),
        &request.decide_by,
        &request.activate_by,
    ) {
        ("pending", Some(by), _) => text.push_str(&format!("\nthe people above decide by {by}")),
        ("offered", Some(by), _) => {
            text.push_str(&format!("\n{} accepts or not by {by}", request.requester))
        }
        ("approved", _, Some(by)) => {
            text.push_str(&format!("\n{} activates by {by}", request.actor))
        }
        _ => {}
    }
    text
}

/// Somebody's words within a line of ours: further lines of theirs are set in, so that none passes for ours.
pub(crate) fn within(text: &str) -> String {
    text.replace('\n', "\n    ")
}

pub(crate) fn route(output: &Output, steps: &[StepView]) -> String {
    output.table(
        ["AUTHORITY", "FOR", "WHO", "DECISION"],
        steps.iter().map(|step| {
            let decision = match (&step.decision, &step.decided_by) {
                (Some(decision), Some(by)) => format!("{decision} by {by}"),
                _ => "not yet".to_owned(),
            };
            [
                step.authority.clone(),
                step.application.clone().unwrap_or_default(),
                step.approvers.join(", "),
                decision,
            ]
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Vec<(String, Vec<String>)>, Failure> {
        let words: Vec<String> = words.iter().map(|&it| it.to_owned()).collect();
        let scopes = applications(&words)?;
        Ok(scopes
            .into_iter()
            .map(|it| (it.application, it.operations))
            .collect())
    }

    #[test]
    fn an_application_and_its_operations_are_one_word() {
        let found = parsed(&[
            "billing=invoice.read, invoice.resend,",
            "crm = contact.read",
        ])
        .unwrap();
        let expected = [
            (
                "billing".to_owned(),
                vec!["invoice.read".to_owned(), "invoice.resend".to_owned()],
            ),
            ("crm".to_owned(), vec!["contact.read".to_owned()]),
        ];
        assert_eq!(found, expected);
        assert_eq!(parsed(&[]).unwrap(), []);
    }

    #[test]
    fn half_a_word_is_wrong_usage() {
        for word in ["billing", "billing=", "=invoice.read", "billing= ,", ""] {
            assert!(matches!(parsed(&[word]), Err(Failure::Usage(_))), "{word}");
        }
    }

    #[test]
    fn nobodys_words_pass_for_a_line_of_the_card() {
        assert_eq!(within("a\ndigest 00"), "a\n    digest 00");
    }
}
