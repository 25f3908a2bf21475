//! Every signature in the pack, in ledger order: whose it is, whether that key counted then, and by whose word.
//!
//! A key counts from the entry on whose signature made it count, so each signature is judged by what stands before
//! it, and every chain ends at the founding or nowhere. Who may sign an enrolment (a manager, security, a founder) is
//! in the catalog and not in the pack: that is not judged here.

mod approval;
mod enrolment;
mod finding;
mod founding;

use std::collections::BTreeMap;

use locum_domain::authenticator::{Signature, StatementDigest, Thumbprint};
use locum_domain::{
    AuthenticatorId, Event, PrincipalId, Recorded, Request, RequestId, Review, ReviewId, Timestamp,
};
use serde::Serialize;

use super::VerifyFailure;
use crate::chain::{Counted, Counting, Founders};
use crate::examined::Examined;
use crate::pack::{Approved, approvals};
use crate::signature::verify_signature;
use crate::story::SignedBy;

/// What a person signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signs {
    Approval,
    Countersignature,
    /// What a review found.
    Finding,
}

impl Signs {
    /// What they did.
    pub(super) const fn did(self) -> &'static str {
        match self {
            Signs::Approval => "approved",
            Signs::Countersignature => "countersigned",
            Signs::Finding => "found",
        }
    }
}

impl std::fmt::Display for Signs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Signs::Approval => "approval",
            Signs::Countersignature => "countersignature",
            Signs::Finding => "finding",
        })
    }
}

/// The witnessed checkpoint under which a key was enrolled: whoever made the key up later would have to have witnesses
/// contradict themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrolledUnder {
    /// Entries under the checkpoint.
    pub entries: u64,
    /// When the last of the witnesses that the policy counts signed it.
    pub witnessed_at: Timestamp,
}

/// An approval's, a countersignature's or a finding's signature that verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureVerified {
    /// Where it stands.
    pub position: u64,
    pub signs: Signs,
    pub request: RequestId,
    pub by: PrincipalId,
    pub signed_by: SignedBy,
    /// Seconds from the key's enrolment to the filing of the request it signed for; negative when it was enrolled
    /// while the request was open.
    pub enrolled_before_request_seconds: i64,
    /// The earliest witnessed checkpoint of the pack over the key's enrolment, by the cosignatures that were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolled_under: Option<EnrolledUnder>,
}

/// Where the signatures lead.
pub(super) struct Led {
    pub(super) signatures: Vec<SignatureVerified>,
    pub(super) founded: Founded,
    /// Signatures over what was erased: nobody can check them any more.
    pub(super) unrebuilt: usize,
    /// Approvals that nobody signed.
    pub(super) unsigned: usize,
    /// The same of countersignatures.
    pub(super) unsigned_afterwards: usize,
    /// The same of findings.
    pub(super) unsigned_findings: usize,
}

impl Led {
    /// Says under which of these witnessed checkpoints each key was enrolled first.
    pub(super) fn enrolled_under(&mut self, seen: BTreeMap<u64, Timestamp>) {
        for signature in &mut self.signatures {
            let enrolled = signature.signed_by.enrolled.position;
            let first = seen.range(enrolled.saturating_add(1)..).next();
            signature.enrolled_under = first.map(|(entries, at)| EnrolledUnder {
                entries: *entries,
                witnessed_at: *at,
            });
        }
    }
}

/// Whether the founders' keys are those somebody holds the fingerprints of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Founded {
    /// No approval in the pack is signed, so that no key is at stake.
    NothingSigned,
    /// What was signed is erased, so that no signature could be checked.
    Erased,
    /// Nobody said what the founders' keys are.
    Unchecked,
    Checked,
}

/// What was read so far.
struct Walk {
    counting: Counting,
    /// The highest count each authenticator signed with.
    counts: BTreeMap<AuthenticatorId, u32>,
    requests: BTreeMap<RequestId, Request>,
    reviews: BTreeMap<ReviewId, Review>,
    examined: Examined,
    approvals: BTreeMap<u64, Approved>,
    verified: Vec<SignatureVerified>,
    /// Signatures over what was erased.
    unrebuilt: usize,
}

/// Judges every signature, and compares the founders with those given. Whoever gives them trusts nothing else: what the
/// pack says of itself, that its route demanded no signature, excuses none.
pub(super) fn check(
    events: &[Recorded],
    examined: Examined,
    origin: &str,
    founders: Option<&Founders>,
) -> Result<Led, VerifyFailure> {
    let approvals = approvals(events);
    let is_unsigned = |approved: &&Approved| approved.signature.is_none();
    let unsigned: Vec<Approved> = approvals.iter().filter(is_unsigned).cloned().collect();
    let mut walk = Walk {
        counting: Counting::default(),
        counts: BTreeMap::new(),
        requests: BTreeMap::new(),
        reviews: BTreeMap::new(),
        examined,
        approvals: approvals.into_iter().map(|it| (it.position, it)).collect(),
        verified: Vec::new(),
        unrebuilt: 0,
    };
    for recorded in events {
        walk.judge(recorded, origin)
            .map_err(|rule| VerifyFailure::Rule {
                position: recorded.position,
                rule,
            })?;
        walk.take(recorded);
    }
    if let Some(first) = unsigned.first().filter(|_| founders.is_some()) {
        return Err(VerifyFailure::Unsigned {
            position: first.position,
            what: if first.is_afterwards {
                "a countersignature"
            } else {
                "an approval"
            },
            by: first.by.clone(),
        });
    }
    let unsigned_found = |recorded: &&Recorded| match &recorded.event {
        Event::ReviewCompleted { completion, .. } => completion.signature.is_none(),
        _ => false,
    };
    let found: Vec<&Recorded> = events.iter().filter(unsigned_found).collect();
    if let Some(first) = found.first().filter(|_| founders.is_some())
        && let Event::ReviewCompleted { completion, .. } = &first.event
    {
        return Err(VerifyFailure::Unsigned {
            position: first.position,
            what: "a finding",
            by: completion.by.clone(),
        });
    }
    let founded = walk.founded(founders)?;
    let unsigned_afterwards = unsigned.iter().filter(|it| it.is_afterwards).count();
    Ok(Led {
        signatures: walk.verified,
        founded,
        unrebuilt: walk.unrebuilt,
        unsigned: unsigned.len().saturating_sub(unsigned_afterwards),
        unsigned_afterwards,
        unsigned_findings: found.len(),
    })
}

impl Walk {
    /// What must hold before the event is taken. The error is a sentence.
    fn judge(&mut self, recorded: &Recorded, origin: &str) -> Result<(), String> {
        match &recorded.event {
            Event::FoundingBegun { founding } => self.begun(founding, origin),
            Event::FounderEnrolled { authenticator, .. } => self.founder(authenticator),
            Event::FoundingSigned { by, signature, .. } => self.founded_by(by, signature),
            Event::EnrolmentInvited { person, by, .. } => self.invited(person, by),
            Event::EnrolmentAsked { enrolment } => self.asked(enrolment),
            Event::EnrolmentApproved {
                enrolment,
                by,
                signature,
                ..
            } => self.enrolled(enrolment, by, signature),
            Event::RequestApproved {
                request, approval, ..
            } => self.approved(recorded.position, request, approval, Signs::Approval),
            Event::RequestCountersigned {
                request, approval, ..
            } => self.approved(
                recorded.position,
                request,
                approval,
                Signs::Countersignature,
            ),
            Event::ReviewCompleted { review, completion } => {
                self.found(recorded.position, review, completion)
            }
            Event::RequestActivated { request, .. } | Event::SessionExtended { request, .. } => {
                self.used(request)
            }
            Event::SessionStarted { session } => self.used(&session.request),
            _ => Ok(()),
        }
    }

    fn take(&mut self, recorded: &Recorded) {
        self.counting.take(recorded);
        let id = match recorded.event.stream() {
            Some(locum_domain::Stream::Request(id)) => id,
            Some(locum_domain::Stream::Review(id)) => {
                let before = self.reviews.remove(&id);
                if let Some(after) = Review::evolve(before, &recorded.event) {
                    self.reviews.insert(id, after);
                }
                return;
            }
            _ => return,
        };
        let before = self.requests.remove(&id);
        if let Some(after) = Request::evolve(before, &recorded.event) {
            self.requests.insert(id, after);
        }
    }

    /// The key behind a signature, if it is this person's, counted here, and signed just this.
    fn signed(
        &mut self,
        by: &PrincipalId,
        signature: &Signature,
        digest: StatementDigest,
    ) -> Result<Counted, String> {
        let id = signature.authenticator();
        let counted = self.counting.known(id);
        let counted = counted.ok_or_else(|| format!("{by} signed with a key nobody enrolled"))?;
        if counted.authenticator.person != *by {
            return Err(format!("{by} signed with somebody else's key"));
        }
        if counted.revoked.is_some() {
            return Err(format!("{by} signed with a key that was revoked"));
        }
        let counted = counted.clone();
        self.verifies(by, signature, &counted.authenticator, digest)?;
        Ok(counted)
    }

    /// Checks the signature itself, and counts it.
    fn verifies(
        &mut self,
        by: &PrincipalId,
        signature: &Signature,
        authenticator: &locum_domain::Authenticator,
        digest: StatementDigest,
    ) -> Result<(), String> {
        let last = self.counts.get(&authenticator.id).copied();
        let signed = verify_signature(signature, authenticator, &digest.0, last);
        let signed = signed.map_err(|error| {
            let why = super::chain(&error);
            format!("the signature of {by} does not count: {why}")
        })?;
        self.counts
            .insert(authenticator.id.clone(), signed.sign_count);
        Ok(())
    }

    fn founded(&self, founders: Option<&Founders>) -> Result<Founded, VerifyFailure> {
        if self.verified.is_empty() {
            return Ok(match self.unrebuilt {
                0 => Founded::NothingSigned,
                _ => Founded::Erased,
            });
        }
        let Some(founders) = founders else {
            return Ok(Founded::Unchecked);
        };
        let founding = self.counting.founding.iter();
        let found: BTreeMap<PrincipalId, Thumbprint> = founding
            .flat_map(|founding| &founding.enrolled)
            .map(|(person, key)| (person.clone(), key.thumbprint()))
            .collect();
        if founders.are(&found) {
            return Ok(Founded::Checked);
        }
        let found = found.iter();
        let found: Vec<String> = found.map(|(who, key)| format!("{who} {key}")).collect();
        Err(VerifyFailure::OtherFounders {
            found: found.join(", "),
        })
    }
}
