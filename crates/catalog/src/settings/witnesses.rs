//! `[ledger] witnesses`: who cosigns the ledger's checkpoints, and what happens when too few do.

use locum_tlog::TrustPolicy;
use serde::{Deserialize, Serialize};

use crate::read::Fields;

/// Long enough for a witness to be restarted, in seconds.
const AFTER_SECONDS: u32 = 600;

/// What happens while too few witnesses cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenUnwitnessed {
    /// Everything goes on; it is shown.
    #[default]
    Continue,
    /// No session begins.
    Stop,
}

/// The operator's witnesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// A transparency log trust policy (C2SP tlog-policy) as it was written; it reads.
    pub policy: String,
    pub when_unwitnessed: WhenUnwitnessed,
    /// For how long nothing need have become final before that.
    pub unwitnessed_after_seconds: u32,
}

/// The names of `[ledger]` that are read here.
pub(super) const NAMES: [&str; 3] = ["witnesses", "when_unwitnessed", "unwitnessed_after_seconds"];

pub(super) fn witnesses(section: &Fields<'_>) -> Option<Witnesses> {
    let words = [
        ("continue", WhenUnwitnessed::Continue),
        ("stop", WhenUnwitnessed::Stop),
    ];
    let when_unwitnessed = section.word("when_unwitnessed", &words);
    let after = section.get::<u32>("unwitnessed_after_seconds");
    let Some(policy) = section.get::<String>("witnesses") else {
        for place in [
            when_unwitnessed.as_ref().map(|it| &it.place),
            after.as_ref().map(|it| &it.place),
        ]
        .into_iter()
        .flatten()
        {
            section
                .problems
                .error(place, "there are no `witnesses` that this could be about");
        }
        return None;
    };
    let problems = section.problems;
    match TrustPolicy::parse(&policy.value) {
        Err(error) => problems.error_with(
            &policy.place,
            format!("`witnesses` is no trust policy: {error}"),
            "C2SP tlog-policy: `witness NAME VKEY URL` lines, `group` lines, one `quorum` line",
        ),
        Ok(trust) if trust.is_without_witnesses() => problems.error_with(
            &policy.place,
            "`quorum none` asks for no cosignature",
            "name a witness or a group, or take `witnesses` out",
        ),
        Ok(trust) => {
            for witness in trust.witnesses().iter().filter(|it| it.url.is_none()) {
                problems.error_with(
                    &policy.place,
                    format!(
                        "witness `{}` has no address, and cannot be asked",
                        witness.name
                    ),
                    "write its submission prefix behind its key",
                );
            }
        }
    }
    Some(Witnesses {
        policy: policy.value,
        when_unwitnessed: when_unwitnessed.map(|it| it.value).unwrap_or_default(),
        unwitnessed_after_seconds: after.map_or(AFTER_SECONDS, |it| it.value),
    })
}
