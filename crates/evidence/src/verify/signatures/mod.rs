//! Every signature in the pack, in ledger order: whose it is, whether that key counted then, and by whose word.
//!
//! A key counts from the entry on whose signature made it count, so each signature is judged by what stands before
//! it, and every chain ends at the founding or nowhere. Who may sign an enrolment (a manager, security, a founder) is
//! in the catalog and not in the pack: that is not judged here.

mod approval;
mod enrolment;
mod founding;

use std::collections::BTreeMap;

use locum_domain::authenticator::{Signature, StatementDigest, Thumbprint};
use locum_domain::{AuthenticatorId, Event, PrincipalId, Recorded, Request, RequestId};
use serde::Serialize;

use super::VerifyFailure;
use crate::chain::{Counted, Counting, Founders};
use crate::pack::{Approved, approvals};
use crate::signature::verify_signature;
use crate::story::SignedBy;

/// An approval's or a countersignature's signature that verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureVerified {
    /// Where it stands.
    pub position: u64,
    pub request: RequestId,
    pub by: PrincipalId,
    pub signed_by: SignedBy,
    /// Seconds from the key's enrolment to the filing of the request it signed for; negative when it was enrolled
    /// while the request was open.
    pub enrolled_before_request_seconds: i64,
}

/// Where the signatures lead.
pub(super) struct Led {
    pub(super) signatures: Vec<SignatureVerified>,
    pub(super) founded: Founded,
    /// Approvals that nobody signed.
    pub(super) unsigned: usize,
    /// The same of countersignatures.
    pub(super) unsigned_afterwards: usize,
}

/// Whether the founders' keys are those somebody holds the fingerprints of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Founded {
    /// No approval in the pack is signed, so that no key is at stake.
    NothingSigned,
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
    approvals: BTreeMap<u64, Approved>,
    verified: Vec<SignatureVerified>,
}

/// Judges every signature, and compares the founders with those given. Whoever gives them trusts nothing else: what the
/// pack says of itself, that its route demanded no signature, excuses none.
pub(super) fn check(
    events: &[Recorded],
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
        approvals: approvals.into_iter().map(|it| (it.position, it)).collect(),
        verified: Vec::new(),
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
    let founded = walk.founded(founders)?;
    let unsigned_afterwards = unsigned.iter().filter(|it| it.is_afterwards).count();
    Ok(Led {
        signatures: walk.verified,
        founded,
        unsigned: unsigned.len().saturating_sub(unsigned_afterwards),
        unsigned_afterwards,
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
            } => self.approved(recorded.position, request, approval, "approved"),
            Event::RequestCountersigned {
                request, approval, ..
            } => self.approved(recorded.position, request, approval, "countersigned"),
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
            return Ok(Founded::NothingSigned);
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
