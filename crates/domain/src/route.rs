//! The route: the approvals that policy demands for a request, each with the rule that demanded it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::authenticator::Signature;
use crate::catalog::Tier;
use crate::ids::{ApplicationId, PrincipalId};
use crate::scope::{Minutes, ScopeDigest};

/// On whose authority a step is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    ApplicationOwner,
    Delegate,
    ManagerOrSecurityControlOwner,
    SecurityOrPrivacyOrCompliance,
    BreakGlass,
    NextAuthority,
}

impl Authority {
    /// The authority as the contract writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Authority::ApplicationOwner => "application-owner",
            Authority::Delegate => "delegate",
            Authority::ManagerOrSecurityControlOwner => "manager-or-security-control-owner",
            Authority::SecurityOrPrivacyOrCompliance => "security-or-privacy-or-compliance",
            Authority::BreakGlass => "break-glass",
            Authority::NextAuthority => "next-authority",
        }
    }
}

/// One demanded approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub authority: Authority,
    /// The application this authority is held for; `None` for those over the whole request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// The `@id` of the rule that demands the step.
    pub rule: String,
    /// The named people who held the authority when the request was filed. They are resolved again when
    /// somebody decides; both are evidence.
    pub approvers: Vec<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

impl Step {
    /// Whether its approver must say why crossing applications is unavoidable, and which controls are in place.
    pub fn judges_crossing(&self) -> bool {
        self.authority == Authority::ManagerOrSecurityControlOwner
    }
}

/// One named person's yes, with its grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub scope_digest: ScopeDigest,
    /// The `@id`s of the rules that let this person decide.
    pub rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavoidable_because: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensating_controls: Vec<String>,
    /// Whether the approver also agreed to any narrower version of what was shown.
    #[serde(default)]
    pub covers_narrower: bool,
    /// The approver's own, over the approval's statement; verified before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// One compensating control that Locum can see for itself (R08).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlSeen {
    pub control: CompensatingControl,
    pub holds: bool,
    /// What was seen, in a sentence.
    pub because: String,
}

/// The controls that Locum looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompensatingControl {
    /// Every request is durable before it reaches an application.
    RequestsRecorded,
    /// Nothing but reading is asked for.
    ReadOnly,
    /// Every page says who acts as whom.
    Banner,
    /// At most half of what the route allows.
    ShortExpiry,
}

impl CompensatingControl {
    /// The control as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            CompensatingControl::RequestsRecorded => "requests-recorded",
            CompensatingControl::ReadOnly => "read-only",
            CompensatingControl::Banner => "banner",
            CompensatingControl::ShortExpiry => "short-expiry",
        }
    }
}

/// All that policy decided about a request's way: who, how long, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub steps: Vec<Step>,
    /// The authorities that an emergency skips: each signs within one working day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub afterwards: Vec<Step>,
    /// The compensating controls that Locum looked for itself, where several applications are crossed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls_seen: Vec<ControlSeen>,
    /// Minutes from filing to lapse when nobody decides.
    pub decide_within: Minutes,
    /// Minutes from approval to lapse when nobody activates.
    pub activate_within: Minutes,
    /// Who hears of a request that nobody answers, by name. Being told gives no authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<PrincipalId>,
    /// The longest session this route allows.
    pub longest: Minutes,
    /// Minutes of idleness after which a session ends.
    pub idle_within: Minutes,
    /// Working days until the review is due.
    pub review_within_days: u32,
    /// Whether every approval must carry its approver's own signature.
    pub signature_demanded: bool,
    /// The tier of the strictest application asked for: whose signature is good enough follows from it.
    #[serde(default = "regulated")]
    pub strictest: Tier,
}

/// What nobody said is the strictest.
fn regulated() -> Tier {
    Tier::Regulated
}

impl Route {
    /// Whether every step has its approval.
    pub fn is_complete(&self) -> bool {
        self.steps.iter().all(|step| step.approval.is_some())
    }

    /// Whether this person already approved a step.
    pub fn has_approved(&self, person: &PrincipalId) -> bool {
        self.approvals().any(|approval| approval.by == *person)
    }

    /// Whether an offer can stand for its maker's approval of this step. It carries neither a signature nor the
    /// texts on a crossing, so where those are demanded its maker approves what was taken like everybody else.
    pub fn offer_approves(&self, step: usize) -> bool {
        !self.signature_demanded && self.steps.get(step).is_some_and(|it| !it.judges_crossing())
    }

    /// The approvals so far.
    pub fn approvals(&self) -> impl Iterator<Item = &Approval> {
        self.steps.iter().filter_map(|step| step.approval.as_ref())
    }

    /// The signatures of those whom an emergency skipped, so far.
    pub fn countersignatures(&self) -> impl Iterator<Item = &Approval> {
        let afterwards = self.afterwards.iter();
        afterwards.filter_map(|step| step.approval.as_ref())
    }

    /// The first step that no set of different people could satisfy together with the others; `None` when
    /// every open step can have a person of its own.
    pub fn unstaffed_step(&self) -> Option<&Step> {
        let open: Vec<&Step> = self
            .steps
            .iter()
            .filter(|step| step.approval.is_none())
            .collect();
        let taken: BTreeSet<&PrincipalId> = self.approvals().map(|approval| &approval.by).collect();
        let mut holder: BTreeMap<&PrincipalId, usize> = BTreeMap::new();
        for index in 0..open.len() {
            let mut seen = BTreeSet::new();
            if !staff(index, &open, &taken, &mut holder, &mut seen) {
                return open.get(index).copied();
            }
        }
        None
    }

    /// The open step this person should decide, of those they hold authority for: one that leaves the
    /// others staffed, so that nobody uses up the only authority another step has.
    pub fn step_for(&self, person: &PrincipalId, permitted: &BTreeSet<usize>) -> Option<usize> {
        let open = |index: &&usize| {
            self.steps
                .get(**index)
                .is_some_and(|step| step.approval.is_none())
        };
        let choices: Vec<usize> = permitted.iter().filter(open).copied().collect();
        let leaves_others_staffed = |index: &usize| {
            let mut rest = self.clone();
            rest.steps.remove(*index);
            for step in &mut rest.steps {
                step.approvers.retain(|approver| approver != person);
            }
            rest.unstaffed_step().is_none()
        };
        choices
            .iter()
            .find(|index| leaves_others_staffed(index))
            .or(choices.first())
            .copied()
    }
}

/// One augmenting path of a bipartite matching between steps and people.
fn staff<'a>(
    index: usize,
    open: &[&'a Step],
    taken: &BTreeSet<&PrincipalId>,
    holder: &mut BTreeMap<&'a PrincipalId, usize>,
    seen: &mut BTreeSet<&'a PrincipalId>,
) -> bool {
    let Some(step) = open.get(index) else {
        return false;
    };
    for person in &step.approvers {
        if taken.contains(person) || !seen.insert(person) {
            continue;
        }
        let displaced = holder.get(person).copied();
        if displaced.is_none_or(|other| staff(other, open, taken, holder, seen)) {
            holder.insert(person, index);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(steps: &[&[&str]]) -> Route {
        let step = |people: &&[&str]| Step {
            authority: Authority::ApplicationOwner,
            application: None,
            rule: "r".into(),
            approvers: people.iter().map(|p| p.parse().unwrap()).collect(),
            approval: None,
        };
        Route {
            steps: steps.iter().map(step).collect(),
            afterwards: Vec::new(),
            controls_seen: Vec::new(),
            decide_within: Minutes(60),
            activate_within: Minutes(60),
            escalation: None,
            longest: Minutes(60),
            idle_within: Minutes(15),
            review_within_days: 2,
            signature_demanded: false,
            strictest: Tier::Standard,
        }
    }

    #[test]
    fn r09_two_steps_with_one_person_between_them_are_not_staffed() {
        assert!(route(&[&["oscar"], &["oscar"]]).unstaffed_step().is_some());
        assert!(
            route(&[&["oscar"], &["oscar", "prya"]])
                .unstaffed_step()
                .is_none()
        );
        assert!(
            route(&[&["oscar", "prya"], &["oscar"]])
                .unstaffed_step()
                .is_none()
        );
        assert!(route(&[&[]]).unstaffed_step().is_some());
    }

    #[test]
    fn r08_a_person_of_two_authorities_decides_the_step_that_leaves_the_other_staffed() {
        let route = route(&[&["oscar", "sam"], &["sam"]]);
        let both = BTreeSet::from([0, 1]);
        assert_eq!(route.step_for(&"sam".parse().unwrap(), &both), Some(1));
    }
}
