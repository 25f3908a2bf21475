//! A change as it is answered: short in lists, with its plan wherever one is decided, whole where it is looked at.

use std::collections::BTreeMap;

use locum_api::{ChangeView, PreviewedChangeView};
use locum_control::change::ChangeSeen;
use locum_domain::{Catalog, Change};
use locum_plan::{Named, Plan, Planned};
use serde_json::Value;

/// In a list.
pub(super) fn listed(seen: &ChangeSeen) -> ChangeView {
    ChangeView {
        could_confirm: ids(seen),
        may_confirm: seen.may_confirm.is_ok(),
        may_not_confirm: seen.may_confirm.as_ref().err().map(Into::into),
        restart: seen.restart.clone(),
        ..ChangeView::of(&seen.change)
    }
}

/// With the difference.
pub(super) fn planned(seen: &ChangeSeen, catalog: &Catalog) -> ChangeView {
    let against = "what was in force when it was proposed";
    ChangeView {
        plan: Some(plan(seen, catalog, against)),
        ..listed(seen)
    }
}

/// With every word that the caller may see.
pub(super) fn whole(seen: &ChangeSeen, catalog: &Catalog) -> ChangeView {
    let change = &seen.change;
    let every_word = seen.sees_every_word;
    let files = match every_word {
        true => change.files.clone(),
        false => differing(change, &seen.plan),
    };
    ChangeView {
        files: Some(files),
        settings: every_word.then(|| change.settings.clone()),
        ..planned(seen, catalog)
    }
}

/// One that nobody proposed yet.
pub(super) fn previewed(seen: &ChangeSeen, catalog: &Catalog) -> PreviewedChangeView {
    PreviewedChangeView {
        base: seen.change.base.clone(),
        digest: seen.change.digest.clone(),
        would_wait: !seen.change.loosens.is_empty(),
        loosens: seen.change.loosens.clone(),
        could_confirm: ids(seen),
        restart: seen.restart.clone(),
        plan: plan(seen, catalog, "what is in force"),
    }
}

fn ids(seen: &ChangeSeen) -> Vec<String> {
    seen.could_confirm.iter().map(ToString::to_string).collect()
}

/// The texts that differ, as they would be.
fn differing(change: &Change, plan: &Plan) -> BTreeMap<String, String> {
    let text = |path: &String| Some((path.clone(), change.files.get(path)?.clone()));
    plan.files.iter().filter_map(|it| text(&it.path)).collect()
}

fn plan(seen: &ChangeSeen, catalog: &Catalog, against: &str) -> Value {
    let named = |id: &locum_domain::PrincipalId| Named {
        name: catalog
            .principal(id)
            .map_or_else(|| id.to_string(), |it| it.name().to_owned()),
        id: id.clone(),
    };
    let could_confirm = seen.could_confirm.iter().map(named).collect();
    let planned = Planned::of(seen.plan.clone(), against.to_owned(), could_confirm);
    serde_json::to_value(planned).unwrap_or_default()
}
