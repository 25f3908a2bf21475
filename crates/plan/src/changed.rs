//! The difference of two versions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::{ApplicationId, Catalog};
use locum_policy::plan::{self, AccessChange, DeciderChange, RuleChange, RuleChanged, Side};
use locum_policy::{Indexed, Policies};
use serde::{Deserialize, Serialize};

use crate::field::FieldChange;
use crate::fields;
use crate::unweighed;
use crate::version::Version;

/// What a version changes, compared with what counts before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The digest of what counts; absent before the founding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The digest of what would count.
    pub after: String,
    /// Who gains and who loses.
    pub access: Vec<AccessChange>,
    /// Who may decide, see and administer.
    pub deciders: Vec<DeciderChange>,
    /// Rules, by their `@id`.
    pub rules: Vec<RuleChange>,
    /// Every other difference of catalog and settings.
    pub fields: Vec<FieldChange>,
    /// Which texts differ. What counts of them stands above; a table test or a comment stands only here.
    pub files: Vec<FileChange>,
    /// What a policy could not answer, on either side.
    pub troubles: Vec<String>,
}

/// One file whose text differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Relative to the folder of `locum.toml`.
    pub path: String,
    pub change: RuleChanged,
}

impl Plan {
    /// Compares `after` with `before`, on the day it is in the operator's time zone. `before` is nothing before the
    /// founding, and everything is added then. `progress` hears how many of how many groups of people are done.
    ///
    /// It never fails: what a policy cannot answer opens nothing, stands in [`Plan::troubles`], and loosens.
    pub fn between(
        before: Option<&Version>,
        after: &Version,
        today: Date,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Plan {
        let nothing = Indexed::of(Catalog::default());
        // The guardrails alone always load; where they did not, the policies themselves stand for no difference.
        let no_rules = Policies::load(&BTreeMap::new()).unwrap_or_else(|_| after.policies.clone());
        let side = before.map_or(
            Side {
                catalog: &nothing,
                policies: &no_rules,
            },
            side,
        );
        let computed = plan::compare(side, self::side(after), today, progress);
        let mut changes = fields::of_catalogs(side.catalog, &after.catalog);
        changes.extend(fields::of_settings(
            before.map(|it| &it.settings),
            &after.settings,
        ));
        if let Some(before) = before {
            unweighed::note(before, after, &mut changes);
        }
        let no_files = BTreeMap::new();
        let old = before.map_or(&no_files, |it| &it.files);
        Plan {
            before: before.map(|it| it.digest.clone()),
            after: after.digest.clone(),
            access: computed.access,
            deciders: computed.deciders,
            rules: computed.rules,
            fields: changes,
            files: files(old, &after.files),
            troubles: computed.troubles.into_iter().collect(),
        }
    }

    /// Whether nothing differs at all, not even a comment.
    pub fn is_empty(&self) -> bool {
        let Plan {
            before: _,
            after: _,
            access,
            deciders,
            rules,
            fields,
            files,
            troubles: _,
        } = self;
        access.is_empty()
            && deciders.is_empty()
            && rules.is_empty()
            && fields.is_empty()
            && files.is_empty()
    }

    /// The application whose own file is all that differs, if it is one: its owner may ask for that.
    pub fn only_application(&self) -> Option<ApplicationId> {
        let [FileChange { path, .. }] = self.files.as_slice() else {
            return None;
        };
        let id = path
            .strip_prefix("catalog/applications/")?
            .strip_suffix(".toml")?;
        let id: ApplicationId = id.parse().ok()?;
        let concerns_it = |change: &FieldChange| change.application.as_ref() == Some(&id);
        self.fields.iter().all(concerns_it).then_some(id)
    }

    /// The applications that something differs in.
    pub fn applications(&self) -> BTreeSet<ApplicationId> {
        let access = self.access.iter().map(|it| &it.application);
        let deciders = self
            .deciders
            .iter()
            .filter_map(|it| it.application.as_ref());
        let fields = self.fields.iter().filter_map(|it| it.application.as_ref());
        access.chain(deciders).chain(fields).cloned().collect()
    }
}

fn side(version: &Version) -> Side<'_> {
    Side {
        catalog: &version.catalog,
        policies: &version.policies,
    }
}

fn files(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<FileChange> {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |path: &String| match (old.get(path), new.get(path)) {
        (None, _) => Some(RuleChanged::Added),
        (_, None) => Some(RuleChanged::Removed),
        (Some(old), Some(new)) => (old != new).then_some(RuleChanged::Changed),
    };
    let changed = |path: &String| {
        Some(FileChange {
            path: path.clone(),
            change: change(path)?,
        })
    };
    paths.into_iter().filter_map(changed).collect()
}
