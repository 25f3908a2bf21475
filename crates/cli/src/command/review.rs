//! Reviewing: a finding, and the reviewer's signature over what they were shown, hashed on this machine.

use std::str::FromStr;

use locum_api::{
    CompleteReviewBody, FindingWordsBody, MeView, ReviewView, SignatureBody, StatementView,
};
use locum_domain::SessionShown;
use locum_domain::authenticator::{FindingStatement, Statement as _};
use locum_domain::review::Finding;
use serde_json::Value;

use super::request::within;
use crate::args::ReviewArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::key_file::KeyFile;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn review(
    client: &Connection<'_>,
    output: &Output,
    args: ReviewArgs,
) -> Result<(), Failure> {
    let path = format!("/api/v1/reviews/{}", encoded(&args.id));
    let signature = match &args.key {
        Some(file) => Some(signed(client, output, &path, &args, &KeyFile::read(file)?).await?),
        None => None,
    };
    let body = CompleteReviewBody {
        finding: args.finding,
        note: args.note,
        signature,
    };
    let is_signed = body.signature.is_some();
    let completed = client.post(&format!("{path}/complete"), &body).await;
    let review: ReviewView =
        completed.map_err(|failure| elsewhere(client, &args.id, is_signed, failure))?;
    output.answer(&review, || {
        let finding = review.finding.clone().unwrap_or_default();
        format!("{} is completed: {finding}", review.id)
    })
}

/// The signature over the finding and the session as it is shown here.
async fn signed(
    client: &Connection<'_>,
    output: &Output,
    path: &str,
    args: &ReviewArgs,
    key: &KeyFile,
) -> Result<SignatureBody, Failure> {
    let me: MeView = client.get("/api/v1/me").await?;
    let review: ReviewView = client.get(path).await?;
    let words = FindingWordsBody {
        finding: args.finding.clone(),
        note: args.note.clone(),
    };
    let to_sign: StatementView = client.post(&format!("{path}/statement"), &words).await?;
    let shown = to_sign.statement.get("shown").cloned().unwrap_or_default();
    let shown: SessionShown = serde_json::from_value(shown)
        .map_err(|_| unsigned("the server shows no session to sign for"))?;
    output.remark(&card(&me.id, &review, &shown, args));
    if !args.yes && output.confirmed("\nSign exactly this?") == Some(false) {
        return Err(Failure::State("nothing was found".to_owned()));
    }
    signature(&me.id, &review, &shown, args, &to_sign, key)
}

/// Everything that is signed.
fn card(by: &str, review: &ReviewView, shown: &SessionShown, args: &ReviewArgs) -> String {
    let SessionShown {
        activation,
        admitted,
        completed,
        refused,
        ended_because,
        ended_at,
        last,
        leaf,
    } = shown;
    let because = ended_because.as_str();
    format!(
        "{} of {} ({}), request {}\n\
         began at {activation} in the ledger; {admitted} requests admitted, {completed} completed, {refused} refused\n\
         ended {ended_at}: {because}; its last record is {last}, {leaf}\n\
         {by} finds it {}: {}",
        review.id,
        review.session,
        review.event,
        review.request,
        args.finding,
        within(&args.note),
    )
}

/// Signs what the card shows and nothing else.
fn signature(
    by: &str,
    review: &ReviewView,
    shown: &SessionShown,
    args: &ReviewArgs,
    to_sign: &StatementView,
    key: &KeyFile,
) -> Result<SignatureBody, Failure> {
    let finding: Finding = serde_json::from_value(Value::String(args.finding.clone()))
        .map_err(|_| unsigned("that is no finding"))?;
    let statement = FindingStatement {
        by: &id(by)?,
        review: &id(&review.id)?,
        event: &id(&review.event)?,
        request: &id(&review.request)?,
        session: &id(&review.session)?,
        finding,
        note: args.note.trim(),
        shown,
    };
    let digest = statement.digest();
    if hex::encode(digest.0) != to_sign.digest || to_sign.purpose != FindingStatement::PURPOSE {
        return Err(unsigned(
            "what the server wants signed is not what it shows",
        ));
    }
    let authenticator = key.id().to_string();
    if !to_sign.key_files.contains(&authenticator) {
        return Err(Failure::State(format!(
            "the key {authenticator} may not sign this: it is not enrolled for you, or not everything that was asked \
             for is `low`; complete the review in the console with your passkey"
        )));
    }
    Ok(SignatureBody::KeyFile {
        authenticator,
        signature: key.sign(&digest),
    })
}

fn id<N: FromStr>(text: &str) -> Result<N, Failure> {
    text.parse()
        .map_err(|_| unsigned(&format!("`{}` is no name", within(text))))
}

fn unsigned(why: &str) -> Failure {
    Failure::State(format!("{why}; nothing was signed"))
}

/// Where a signature is demanded that this machine does not have, the browser has it.
fn elsewhere(client: &Connection<'_>, id: &str, is_signed: bool, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut problem) if problem.code == "signature-required" => {
            let mut remedy = format!(
                "open {}/reviews/{} and complete it there with your passkey",
                client.base(),
                encoded(id)
            );
            if !is_signed {
                remedy.push_str("; where everything asked for was `low`, `--key FILE` signs here");
            }
            problem.remedy = Some(remedy);
            Failure::Refused(problem)
        }
        other => other,
    }
}
