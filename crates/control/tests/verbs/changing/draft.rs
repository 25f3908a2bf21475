//! What somebody wants to count instead of what is in force.

use std::collections::BTreeMap;

use locum_control::change::{ChangeSeen, ProposedChange, confirm_change, propose_change};
use locum_control::exceptions::{AskedException, ask_exception, confirm_exception};
use locum_domain::{ChangeId, Refusal};
use locum_testkit::house::{House, HouseBuilder};
use serde_json::Value;

pub(super) const BILLING: &str = "catalog/applications/billing.toml";
pub(super) const CRM: &str = "catalog/applications/crm.toml";
pub(super) const WIKI: &str = "catalog/applications/wiki.toml";
pub(super) const ELIGIBILITY: &str = "catalog/eligibility.toml";
pub(super) const PEOPLE: &str = "catalog/people.toml";
pub(super) const POLICY: &str = "policies/house.cedar";

/// Arno may resend invoices, as Alice may: it loosens something of billing's, and Arno gains by it.
pub(super) const FOR_ARNO: &str = r#"
[[eligibility]]
id = "arno-resends"
who = { person = "arno@corp.example" }
applications = ["billing"]
operations = ["invoice.resend"]
longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-15"
"#;

/// Files and settings in force, for somebody to write in.
pub(super) struct Draft {
    pub(super) files: BTreeMap<String, String>,
    pub(super) settings: Value,
}

impl Draft {
    pub(super) fn of(house: &House) -> Self {
        let applied = house.control.in_force().applied.clone();
        Self {
            files: applied.files,
            settings: applied.settings,
        }
    }

    /// Replaces text that must be there.
    pub(super) fn replace(&mut self, path: &str, from: &str, to: &str) -> &mut Self {
        let file = self.files.get_mut(path).expect("no such file");
        assert!(file.contains(from), "`{path}` does not say `{from}`");
        *file = file.replace(from, to);
        self
    }

    /// Adds to the end of a file.
    pub(super) fn append(&mut self, path: &str, text: &str) -> &mut Self {
        self.files.get_mut(path).unwrap().push_str(text);
        self
    }

    /// Writes one setting, whose place is there already.
    pub(super) fn set(&mut self, pointer: &str, value: impl Into<Value>) -> &mut Self {
        *self.settings.pointer_mut(pointer).expect(pointer) = value.into();
        self
    }

    pub(super) fn proposed(self) -> ProposedChange {
        ProposedChange {
            base: None,
            files: self.files,
            settings: self.settings,
            note: "the team was asked for it on Monday".to_owned(),
        }
    }
}

/// What is in force, with this difference.
pub(super) fn draft(house: &House, change: impl FnOnce(&mut Draft)) -> ProposedChange {
    let mut draft = Draft::of(house);
    change(&mut draft);
    draft.proposed()
}

/// Proposes the difference, and may be refused.
pub(super) async fn propose(
    house: &House,
    by: &str,
    change: impl FnOnce(&mut Draft),
) -> Result<ChangeSeen, Refusal> {
    let proposed = draft(house, change);
    propose_change(&house.control, &house.caller(by), &proposed).await
}

/// A change that loosens something, by Sam: it waits.
pub(super) async fn for_arno(house: &House) -> ChangeId {
    let seen = propose(house, crate::SAM, |draft| {
        draft.append(ELIGIBILITY, FOR_ARNO);
    });
    seen.await.unwrap().change.id
}

/// Confirms the change as it stands, and may be refused.
pub(super) async fn confirm(house: &House, by: &str, id: &ChangeId) -> Result<ChangeSeen, Refusal> {
    let digest = digest(house, id).await;
    confirm_change(&house.control, &house.caller(by), id, &digest, None).await
}

/// The digest of the change, whoever looks.
pub(super) async fn digest(house: &House, id: &ChangeId) -> String {
    let stream = locum_domain::Stream::Change(id.clone());
    match house.state(&stream).await {
        Some(locum_domain::Aggregate::Change(change)) => change.digest,
        other => panic!("{id} is {other:?}"),
    }
}

/// Proposed by one and confirmed by the other.
pub(super) async fn counted(
    house: &House,
    [by, second]: [&str; 2],
    change: impl FnOnce(&mut Draft),
) -> ChangeSeen {
    let waiting = propose(house, by, change).await.unwrap();
    confirm(house, second, &waiting.change.id).await.unwrap()
}

/// A house in which Alice may ask for payouts, were they not closed.
pub(super) fn with_payouts() -> HouseBuilder {
    House::builder().files(|files| {
        let may = r#"operations = ["invoice.resend"]"#;
        let and = r#"operations = ["invoice.resend", "payout.create"]"#;
        files.replace("catalog/eligibility.toml", may, and);
    })
}

/// Payouts are open for three days, by owner and privacy together.
pub(super) async fn open_payouts(house: &House) {
    let asked = AskedException {
        application: "billing".parse().unwrap(),
        operation: "payout.create".parse().unwrap(),
        reason: "the bank's own portal is down until Friday".to_owned(),
        until: house.clock.says() + jiff::SignedDuration::from_hours(72),
    };
    let oscar = house.caller(crate::OSCAR);
    let exception = ask_exception(&house.control, &oscar, &asked).await.unwrap();
    let prya = house.caller(crate::PRYA);
    confirm_exception(&house.control, &prya, &exception.id, None)
        .await
        .unwrap();
}
