//! One answer of policy, told.

use std::collections::BTreeSet;

use locum_domain::route::Step;
use locum_domain::{PrincipalId, Refusal};
use locum_policy::{Asked, Explained, Traced};

/// How a question came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    Refused,
    /// A policy demands an approval by objecting to going without it.
    Demanded,
    /// A policy could not be evaluated, and that denies.
    Broken,
}

impl Verdict {
    /// The word for answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::Refused => "refused",
            Verdict::Demanded => "demanded",
            Verdict::Broken => "policy-error",
        }
    }
}

/// One question, in words, with the policies that decided it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub about: String,
    pub verdict: Verdict,
    pub explained: Explained,
}

fn judged(traced: &Traced, asked: &Asked, about: String) -> Judged {
    let verdict = match (asked.errors().is_empty(), asked.is_allowed()) {
        (false, _) => Verdict::Broken,
        (true, true) => Verdict::Allowed,
        (true, false) if asked.action() == "go-without" => Verdict::Demanded,
        (true, false) => Verdict::Refused,
    };
    Judged {
        about,
        verdict,
        explained: traced.explain(asked),
    }
}

/// Everything that was asked about a filing, each question once: eligibility, filing, case, subject, and the
/// approvals it cannot go without. `refusal` says for what the eligibilities that do not cover it are to be told.
pub(super) fn of_filing(traced: &Traced, refusal: Option<&Refusal>) -> Vec<Judged> {
    let lacks_eligibility = refusal.and_then(|it| it.rule.as_deref()) == Some("guard-eligibility");
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    for asked in traced.asked() {
        let (who, what) = (asked.principal(), asked.resource());
        let about = match asked.action() {
            "ask" if asked.is_allowed() || lacks_eligibility || !asked.errors().is_empty() => {
                format!("whether {who} is eligible through `{what}`")
            }
            "file" => format!("whether {who} may ask for `{what}`"),
            "cite" => format!("whether the case `{what}` justifies it"),
            "trust-origin" => format!("whether somebody who gains nothing made the case `{what}`"),
            "act-as" => {
                let application = asked.in_context("application").unwrap_or_default();
                format!("whether anybody may act as this user in `{application}`")
            }
            "go-without" if !asked.is_allowed() => match asked.in_context("application") {
                Some(application) => format!("the approval of `{what}` of `{application}`"),
                None => format!("the approval of `{what}`"),
            },
            "activate" => "whether it may begin".to_owned(),
            _ => continue,
        };
        // Of one eligibility and many operations one answer is enough, and so it is of many protected attributes;
        // a refusal is always told.
        let key = (about.clone(), asked.rules().to_vec());
        if seen.insert(key) {
            told.push(judged(traced, &asked, about));
        }
    }
    told
}

/// What was asked about this person and these steps, one answer for each: the last, for the first may have been
/// whether somebody stands in.
pub(super) fn of_deciding(traced: &Traced, person: &PrincipalId, steps: &[Step]) -> Vec<Judged> {
    let asked = traced.asked();
    let of_step = |step: &Step| {
        let application = step.application.as_ref().map(ToString::to_string);
        let is_it = |it: &&Asked| {
            it.action() == "approve"
                && it.principal() == person.as_str()
                && it.in_context("authority").as_deref() == Some(step.authority.as_str())
                && it.in_context("application") == application
                && it.in_context("rule").as_deref() == Some(step.rule.as_str())
        };
        let found = asked.iter().rfind(is_it)?;
        let about = format!("whether {person} may decide as {}", seat(step));
        Some(judged(traced, found, about))
    };
    steps.iter().filter_map(of_step).collect()
}

/// `application-owner` of `billing`.
pub(super) fn seat(step: &Step) -> String {
    match &step.application {
        Some(application) => format!("`{}` of `{application}`", step.authority.as_str()),
        None => format!("`{}`", step.authority.as_str()),
    }
}
