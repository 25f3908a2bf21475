//! What Locum guarantees, in twelve sentences: every promise, of formulas and of routes, says which one it is part of.

use serde::Serialize;

/// A sentence that several promises make true together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    OwnApproval,
    Beneficiary,
    HumanApprover,
    NamedApprover,
    Approval,
    TwoPeople,
    Crossing,
    ShortEmergency,
    ClosedOperation,
    ProtectedSubject,
    OpenCase,
    Loosening,
    /// All that is promised besides.
    Further,
}

impl Guarantee {
    /// In the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::OwnApproval,
        Self::Beneficiary,
        Self::HumanApprover,
        Self::NamedApprover,
        Self::Approval,
        Self::TwoPeople,
        Self::Crossing,
        Self::ShortEmergency,
        Self::ClosedOperation,
        Self::ProtectedSubject,
        Self::OpenCase,
        Self::Loosening,
        Self::Further,
    ];

    /// Its name in `policies/invariants.cedar` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnApproval => "own-approval",
            Self::Beneficiary => "beneficiary",
            Self::HumanApprover => "human-approver",
            Self::NamedApprover => "named-approver",
            Self::Approval => "approval",
            Self::TwoPeople => "two-people",
            Self::Crossing => "crossing",
            Self::ShortEmergency => "short-emergency",
            Self::ClosedOperation => "closed-operation",
            Self::ProtectedSubject => "protected-subject",
            Self::OpenCase => "open-case",
            Self::Loosening => "loosening",
            Self::Further => "further",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// The sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::OwnApproval => "Nobody approves their own request.",
            Self::Beneficiary => "Nobody approves what they gain from.",
            Self::HumanApprover => "Nothing but a person approves.",
            Self::NamedApprover => "Nobody unnamed or inactive approves.",
            Self::Approval => "Every grant has an approval.",
            Self::TwoPeople => {
                "Regulated, finance, HR and health data takes two different people of different authority."
            }
            Self::Crossing => "A crossing takes a manager or security control owner.",
            Self::ShortEmergency => {
                "An emergency expires strictly sooner than an ordinary session."
            }
            Self::ClosedOperation => "A closed operation is closed to everybody.",
            Self::ProtectedSubject => "A protected subject is out of reach.",
            Self::OpenCase => "Nothing is permitted while its case is not open.",
            Self::Loosening => "What an earlier version denied, this one does not permit.",
            Self::Further => "And what is promised besides.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_json_and_finds_its_guarantee() {
        for it in Guarantee::ALL {
            assert_eq!(serde_json::to_value(it).unwrap(), it.as_str());
            assert_eq!(Guarantee::named(it.as_str()), Some(it));
        }
        assert_eq!(Guarantee::named("anything"), None);
    }
}
