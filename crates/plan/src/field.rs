//! One field that differs, and the sheet on which differences are noted.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use locum_domain::{ApplicationId, PrincipalId};
use locum_policy::plan::Verdict;
use serde::{Deserialize, Serialize};

/// What a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Application,
    Operation,
    Eligibility,
    BreakGlass,
    Person,
    Agent,
    Vendor,
    Chain,
    Settings,
    Connector,
}

impl Kind {
    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Application => "application",
            Kind::Operation => "operation",
            Kind::Eligibility => "eligibility",
            Kind::BreakGlass => "break-glass line of",
            Kind::Person => "person",
            Kind::Agent => "agent",
            Kind::Vendor => "vendor",
            Kind::Chain => "chain",
            Kind::Settings => "settings",
            Kind::Connector => "connector",
        }
    }
}

/// One field of catalog or settings that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub kind: Kind,
    /// Which of its kind; empty for the settings, of which there is one.
    pub id: String,
    /// The application it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// As the files write it; empty when the whole entry is added or removed.
    pub field: String,
    /// Absent where nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Absent where nothing is said any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub verdict: Verdict,
    /// Why the verdict is what it is.
    pub because: String,
    /// Whether it takes away what guards an application, so that its owners do not loosen it between themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_guard: bool,
    /// Who gains by it, as far as it names anybody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gains: BTreeSet<PrincipalId>,
}

impl FieldChange {
    /// What differs, as a reader finds it.
    pub fn place(&self) -> String {
        let thing = match (self.kind, &self.application) {
            (Kind::Settings, _) if self.field.is_empty() => return "the settings".to_owned(),
            (Kind::Settings, _) => return format!("setting `{}`", self.field),
            (Kind::Operation, Some(application)) => {
                format!("operation `{application}/{}`", self.id)
            }
            (kind, _) => format!("{} `{}`", kind.as_str(), self.id),
        };
        match self.field.as_str() {
            "" => thing,
            field => format!("{thing}, {field}"),
        }
    }

    /// The difference in a sentence.
    pub fn says(&self) -> String {
        let takes = match self.is_guard {
            true => "; needs security",
            false => "",
        };
        let change = match (&self.before, &self.after, self.field.as_str()) {
            (None, Some(_), "") => "is added".to_owned(),
            (Some(_), None, "") => "is removed".to_owned(),
            (None, Some(new), _) => format!("is {new}, and was not said"),
            (Some(old), None, _) => format!("was {old}, and is no longer said"),
            (Some(old), Some(new), _) => format!("is {new} instead of {old}"),
            (None, None, _) => return format!("{}: {}{takes}", self.place(), self.because),
        };
        format!("{} {change}: {}{takes}", self.place(), self.because)
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) because: &'static str,
    /// Whether the owners of an application may let it count between themselves.
    is_owners: bool,
}

impl Judged {
    /// The one that asks for more.
    fn or(self, other: Self) -> Self {
        let strictness = |it: &Self| (it.verdict, !it.is_owners);
        match strictness(&self) >= strictness(&other) {
            true => self,
            false => other,
        }
    }
}

pub(crate) const fn tightens(because: &'static str) -> Judged {
    Judged {
        verdict: Verdict::Tightens,
        because,
        is_owners: true,
    }
}

pub(crate) const fn neutral(because: &'static str) -> Judged {
    Judged {
        verdict: Verdict::Neutral,
        because,
        is_owners: true,
    }
}

/// In an application it takes security: what is not said to be the owners' own is a guard.
pub(crate) const fn loosens(because: &'static str) -> Judged {
    Judged {
        verdict: Verdict::Loosens,
        because,
        is_owners: false,
    }
}

/// What the owners of an application may give between themselves.
pub(crate) const fn owners_loosen(because: &'static str) -> Judged {
    Judged {
        verdict: Verdict::Loosens,
        because,
        is_owners: true,
    }
}

/// Where the differences of one thing are noted.
pub(crate) struct Sheet<'s> {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) application: Option<&'s ApplicationId>,
    /// Whoever gains by whatever of it loosens.
    pub(crate) gains: BTreeSet<PrincipalId>,
    pub(crate) changes: &'s mut Vec<FieldChange>,
}

impl Sheet<'_> {
    /// Notes a difference of texts; `gains` are who gains by it besides whoever gains by all of it.
    pub(crate) fn note(
        &mut self,
        field: &str,
        (before, after): (Option<String>, Option<String>),
        judged: Judged,
        gains: impl IntoIterator<Item = PrincipalId>,
    ) {
        let Judged {
            verdict,
            because,
            is_owners,
        } = judged;
        let gains = match verdict {
            Verdict::Loosens => self.gains.iter().cloned().chain(gains).collect(),
            _ => BTreeSet::new(),
        };
        self.changes.push(FieldChange {
            kind: self.kind,
            id: self.id.clone(),
            application: self.application.cloned(),
            field: field.to_owned(),
            before,
            after,
            verdict,
            because: because.to_owned(),
            is_guard: !is_owners && self.application.is_some(),
            gains,
        });
    }

    /// A whole entry that is added or removed.
    pub(crate) fn entry(
        &mut self,
        is_added: bool,
        told: String,
        judged: Judged,
        gains: impl IntoIterator<Item = PrincipalId>,
    ) {
        let texts = match is_added {
            true => (None, Some(told)),
            false => (Some(told), None),
        };
        self.note("", texts, judged, gains);
    }

    /// A field whose verdict does not depend on its values.
    pub(crate) fn field<T: PartialEq + Debug>(
        &mut self,
        field: &str,
        old: &T,
        new: &T,
        judged: Judged,
    ) {
        self.judged(field, old, new, |_, _| judged);
    }

    /// A field whose verdict follows from its values.
    pub(crate) fn judged<T: PartialEq + Debug>(
        &mut self,
        field: &str,
        old: &T,
        new: &T,
        judge: impl FnOnce(&T, &T) -> Judged,
    ) {
        if old != new {
            let judged = judge(old, new);
            self.note(field, (shown(old), shown(new)), judged, []);
        }
    }

    /// A field that names somebody who gains by being named; where it loosens that nobody is, whoever was gains too.
    pub(crate) fn office(
        &mut self,
        field: &str,
        old: Option<&PrincipalId>,
        new: Option<&PrincipalId>,
        named: Judged,
        unnamed: Judged,
    ) {
        if old != new {
            let judged = if new.is_some() { named } else { unnamed };
            let texts = (old.map(quoted), new.map(quoted));
            let freed = old.filter(|_| unnamed.verdict == Verdict::Loosens);
            self.note(field, texts, judged, new.into_iter().chain(freed).cloned());
        }
    }

    /// A set whose additions and removals have a verdict each; the one that loosens decides.
    pub(crate) fn set<T: Ord + Display>(
        &mut self,
        field: &str,
        old: &BTreeSet<T>,
        new: &BTreeSet<T>,
        added: Judged,
        removed: Judged,
    ) {
        let is_added = new.iter().any(|it| !old.contains(it));
        let is_removed = old.iter().any(|it| !new.contains(it));
        let judged = match (is_added, is_removed) {
            (false, false) => return,
            (true, false) => added,
            (false, true) => removed,
            (true, true) => added.or(removed),
        };
        self.note(field, (listed(old), listed(new)), judged, []);
    }

    /// A limit: lower tightens, and none is higher than any.
    pub(crate) fn limit(&mut self, field: &str, old: Option<u32>, new: Option<u32>, more: Judged) {
        let height = |it: Option<u32>| it.unwrap_or(u32::MAX);
        self.judged(field, &old, &new, |old, new| {
            match height(*new) < height(*old) {
                true => tightens("less is allowed"),
                false => more,
            }
        });
    }
}

/// What is said of a limit that is raised.
pub(crate) const MORE_ALLOWED: &str = "more is allowed";

/// A value as somebody would write it in a file; nothing for nothing.
pub(crate) fn shown<T: Debug>(value: &T) -> Option<String> {
    let text = format!("{value:?}");
    let inner = text
        .strip_prefix("Some(")
        .and_then(|it| it.strip_suffix(')'));
    let inner = inner.unwrap_or(&text);
    // Newtypes show what they hold.
    let plain = inner
        .strip_prefix("Minutes(")
        .and_then(|it| it.strip_suffix(')'));
    match plain.unwrap_or(inner) {
        "None" | "{}" | "[]" | "\"\"" => None,
        plain => Some(plain.to_owned()),
    }
}

/// A list as somebody would write it in a file; nothing for an empty one.
pub(crate) fn listed<T: Display>(values: &BTreeSet<T>) -> Option<String> {
    let texts: Vec<String> = values.iter().map(quoted).collect();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(", ")))
}

pub(crate) fn quoted(value: impl Display) -> String {
    format!("\"{value}\"")
}
