//! What people do with what counts, and what must be so of it.

use std::collections::BTreeSet;

use locum_control::change::{
    ChangeSeen, ProposedChange, change, confirm_change, deny_change, propose_change,
    withdraw_change,
};
use locum_domain::{ChangeId, Refusal};

use super::Played;
use super::holds::same;
use crate::scenario::Step;

/// What somebody can propose in a sentence: in which file, what is written there, and what is to be written instead.
const PROPOSALS: &[(&str, &str, &str, &str)] = &[
    (
        "nobody reads invoices",
        "catalog/applications/billing.toml",
        "id = \"invoice.read\"\n",
        "id = \"invoice.read\"\nclosed = \"money\"\n",
    ),
    (
        "payouts are open",
        "catalog/applications/billing.toml",
        "closed = \"money\"\n",
        "",
    ),
    (
        "support reads for 90 minutes",
        "catalog/eligibility.toml",
        "longest_minutes = 60",
        "longest_minutes = 90",
    ),
    (
        "vendors read at night",
        "policies/house.cedar",
        "context.local_hour >= 20",
        "context.local_hour >= 23",
    ),
    (
        "sven resends invoices",
        "catalog/eligibility.toml",
        "who = { person = \"alice@corp.example\" }",
        "who = { person = \"sven@corp.example\" }",
    ),
    (
        "arno resends invoices instead of alice",
        "catalog/eligibility.toml",
        "who = { person = \"alice@corp.example\" }",
        "who = { person = \"arno@corp.example\" }",
    ),
    (
        "sven is not security any more",
        "catalog/people.toml",
        "roles = [\"security\"]",
        "roles = [\"support\"]",
    ),
];

impl Played {
    /// What people do with what counts. `None` when the step is something else.
    pub(super) async fn changes(&mut self, step: &Step) -> Option<()> {
        let outcome = match step {
            Step::Proposes { who, what } => self.proposes(who, what).await,
            Step::Confirms(who) => self.confirms(who).await,
            Step::DeniesChange(who) => {
                let (caller, id) = (self.house.caller(&self.id(who)), self.change());
                let why = "nobody was asked who has to live with it";
                deny_change(&self.house.control, &caller, &id, why).await
            }
            Step::TakesChangeBack(who) => {
                let (caller, id) = (self.house.caller(&self.id(who)), self.change());
                withdraw_change(&self.house.control, &caller, &id).await
            }
            _ => return None,
        };
        if let Some(seen) = self.note(outcome) {
            self.change = Some(seen.change.id);
        }
        Some(())
    }

    /// What must be so of the newest change. `None` when the step is something else.
    pub(super) async fn change_holds(&self, step: &Step) -> Option<Result<(), String>> {
        Some(match step {
            Step::ChangeIs(state) => same(state, self.change_seen().await.change.state.as_str()),
            Step::ChangeCanBeConfirmedBy(names) => {
                let wanted: BTreeSet<String> = names.iter().map(|it| self.id(it)).collect();
                let could = self.change_seen().await.could_confirm;
                let could: BTreeSet<String> = could.iter().map(ToString::to_string).collect();
                let list =
                    |it: &BTreeSet<String>| it.iter().cloned().collect::<Vec<_>>().join(", ");
                same(&list(&wanted), &list(&could))
            }
            Step::ChangeSays(what) => {
                let loosens = self.change_seen().await.change.loosens;
                match loosens.iter().any(|it| it.contains(what)) {
                    true => Ok(()),
                    false => Err(format!("it says {loosens:?}")),
                }
            }
            _ => return None,
        })
    }

    async fn proposes(&self, who: &str, what: &str) -> Result<ChangeSeen, Refusal> {
        let known = PROPOSALS.iter().find(|it| it.0 == what);
        let (_, path, from, to) = known.expect("nobody knows how to propose that");
        let applied = self.house.control.in_force().applied.clone();
        let mut files = applied.files;
        let file = files.get_mut(*path).unwrap();
        assert!(file.contains(from), "`{path}` does not say `{from}`");
        *file = file.replace(from, to);
        let proposed = ProposedChange {
            base: None,
            files,
            settings: applied.settings,
            note: "the risk committee asked for it".to_owned(),
        };
        let caller = self.house.caller(&self.id(who));
        propose_change(&self.house.control, &caller, &proposed).await
    }

    /// As they were shown it.
    async fn confirms(&self, who: &str) -> Result<ChangeSeen, Refusal> {
        let (caller, id) = (self.house.caller(&self.id(who)), self.change());
        let digest = self.change_seen().await.change.digest;
        confirm_change(&self.house.control, &caller, &id, &digest, None).await
    }

    fn change(&self) -> ChangeId {
        self.change.clone().expect("nobody proposed anything")
    }

    /// The newest change as security sees it.
    async fn change_seen(&self) -> ChangeSeen {
        let security = self.house.caller(&self.id("sam"));
        let seen = change(&self.house.control, &security, &self.change()).await;
        seen.unwrap()
    }
}
