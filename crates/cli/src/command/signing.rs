//! Signing what was shown here: the statement is built again from the rendered card, and hashed on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use locum_api::{ApproveBody, RequestView, SignatureBody, StatementView, StepView};
use locum_domain::authenticator::{ApprovalStatement, Statement as _, StatementDigest};
use locum_domain::ids::{CaseRef, OperationId, PrincipalId, RequestId, SubjectId};
use locum_domain::route::Authority;
use locum_domain::scope::{Minutes, Reason, Scope, Shown};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;
use crate::key_file::KeyFile;
use crate::output::harmless;

/// A request exactly as the card shows it. What the terminal would not show as it is cannot be in here.
struct Rendered {
    request: RequestId,
    version: u32,
    requester: PrincipalId,
    actor: PrincipalId,
    subject: SubjectId,
    case: CaseRef,
    reason: Reason,
    scope: Scope,
    duration: Minutes,
    break_glass: bool,
    nonce: String,
}

impl Rendered {
    fn of(card: &RequestView) -> Result<Self, Failure> {
        let scope = card.applications.iter().map(|one| {
            let operations = one.operations.iter().map(|it| shown(it));
            let operations: Result<BTreeSet<OperationId>, Failure> = operations.collect();
            Ok((shown(&one.application)?, operations?))
        });
        let scope: Result<BTreeMap<_, _>, Failure> = scope.collect();
        Ok(Self {
            request: shown(&card.id)?,
            version: card.version,
            requester: shown(&card.requester)?,
            actor: shown(&card.actor)?,
            subject: shown(&card.subject)?,
            case: shown(&card.case.id)?,
            reason: word(&harmless(&card.reason))?,
            scope: Scope(scope?),
            duration: Minutes(card.duration_minutes),
            break_glass: card.break_glass,
            nonce: harmless(&card.nonce),
        })
    }

    fn shown(&self) -> Shown<'_> {
        Shown {
            request: &self.request,
            version: self.version,
            requester: &self.requester,
            actor: &self.actor,
            subject: &self.subject,
            case: &self.case,
            reason: &self.reason,
            scope: &self.scope,
            duration_minutes: self.duration,
            break_glass: self.break_glass,
            nonce: &self.nonce,
        }
    }
}

/// A name as it stands on the card.
fn shown<N: FromStr>(text: &str) -> Result<N, Failure> {
    let seen = harmless(text);
    seen.parse()
        .map_err(|_| Failure::State(format!("`{seen}` is no name; nothing was signed")))
}

/// A word of ours, or a text, by its wire form.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| Failure::State(format!("`{text}` means nothing here; nothing was signed")))
}

/// Whether the digest that stands on the card is that of the card.
///
/// # Errors
/// When the server shows one request and names another.
pub(crate) fn is_of_the_card(card: &RequestView) -> Result<(), Failure> {
    let rendered = Rendered::of(card)?;
    if rendered.shown().digest().as_str() == card.scope_digest {
        return Ok(());
    }
    let why = "the server's digest is not that of the request it shows; nothing was signed";
    Err(Failure::State(why.to_owned()))
}

/// On whose authority the caller decides, and for which application, as the server says and the card has it.
pub(crate) fn step<'c>(
    card: &'c RequestView,
    statement: &StatementView,
) -> Result<&'c StepView, Failure> {
    let of = |name| statement.statement.get(name).and_then(Value::as_str);
    let meant = card.route.iter().find(|step| {
        of("authority") == Some(step.authority.as_str())
            && of("application") == step.application.as_deref()
            && step.decided_by.is_none()
    });
    meant.ok_or_else(|| {
        let why = "the server would have you sign for a step that the card does not show open";
        Failure::State(why.to_owned())
    })
}

/// The digest of the approval in these words, computed here from the card.
fn digest(
    card: &RequestView,
    step: &StepView,
    by: &str,
    words: &ApproveBody,
) -> Result<StatementDigest, Failure> {
    let rendered = Rendered::of(card)?;
    let by = shown(by)?;
    let authority: Authority = word(&step.authority)?;
    let application = step.application.as_deref().map(shown).transpose()?;
    let statement = ApprovalStatement {
        by: &by,
        authority,
        application: application.as_ref(),
        shown: rendered.shown(),
        note: words.note.as_deref(),
        unavoidable_because: words.unavoidable_because.as_deref(),
        compensating_controls: &words.compensating_controls,
        covers_narrower: words.covers_narrower,
    };
    Ok(statement.digest())
}

/// Signs the approval of what the card shows.
///
/// # Errors
/// When the server's digest is of anything else, or the key is none of the caller's: then nothing is signed.
pub(crate) fn signature(
    card: &RequestView,
    step: &StepView,
    by: &str,
    words: &ApproveBody,
    statement: &StatementView,
    key: &KeyFile,
) -> Result<SignatureBody, Failure> {
    let digest = digest(card, step, by, words)?;
    if hex::encode(digest.0) != statement.digest || statement.purpose != ApprovalStatement::PURPOSE
    {
        let why = "what the server wants signed is not what it shows; nothing was signed";
        return Err(Failure::State(why.to_owned()));
    }
    let authenticator = key.id().to_string();
    if !statement.key_files.contains(&authenticator) {
        let why = format!(
            "the key {authenticator} may not sign this: it is not enrolled for you, or not everything asked for is \
             `low`; decide in the console with your passkey"
        );
        return Err(Failure::State(why));
    }
    Ok(SignatureBody::KeyFile {
        authenticator,
        signature: key.sign(&digest),
    })
}
