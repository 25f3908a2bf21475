//! Whether anything is allowed at all. A set that allows nothing keeps every promise and proves none.

use cedar_policy::{Effect, EntityUid, Policy, PolicySet};

use crate::assumption::assuming;
use crate::engine::Engine;
use crate::property::Property;
use crate::prove::{Case, RequestType, compile, rules};
use crate::report::{Finding, is_locums};

/// Proved when somebody can; otherwise the rules that stand in everybody's way.
pub(crate) async fn judge(
    case: &Case<'_>,
    engine: &mut Engine<'_>,
    property: &Property,
    action: &EntityUid,
    promise: &Policy,
) -> Result<Finding, String> {
    let wish = PolicySet::from_policies([assuming(promise, action, "wish")?])
        .map_err(|error| error.to_string())?;
    let mut undecided = None;
    let mut empty = Vec::new();
    for one in case.of(action) {
        let wanted = compile(&wish, &one.env, case.schema)?;
        let answer = engine
            .ask(async |it| it.check_disjoint_opt(&one.all, &wanted).await)
            .await;
        match answer {
            Ok(false) => return Ok(Finding::proved(property)),
            Ok(true) => empty.push(one),
            Err(because) => undecided = Some(because),
        }
    }
    if let Some(because) = undecided {
        return Ok(Finding::undecided(property, because));
    }
    let Some(one) = empty.first() else {
        return Err(format!("the schema has no request for {action}"));
    };
    let causes = causes(case, engine, one, action, &wish).await?;
    let because = match causes.len() {
        0 => "no rule permits it to anybody".to_owned(),
        1 => format!("{} forbids it to everybody", quoted(&causes)),
        _ => format!("{} together forbid it to everybody", quoted(&causes)),
    };
    Ok(Finding::refuted(property, causes, because, None))
}

/// Just those `forbid`s that together leave nothing, operators' first; none when nothing permits it anyway.
async fn causes(
    case: &Case<'_>,
    engine: &mut Engine<'_>,
    one: &RequestType,
    action: &EntityUid,
    wish: &PolicySet,
) -> Result<Vec<String>, String> {
    let permits: Vec<Policy> = rules(case.set, Effect::Permit, action).collect();
    let mut guilty: Vec<Policy> = rules(case.set, Effect::Forbid, action).collect();
    // Locum's are acquitted first, so that the operator's are left where either would do.
    guilty.sort_by_key(|policy| (!is_locums(policy.id().as_ref()), policy.id().to_string()));
    let wanted = compile(wish, &one.env, case.schema)?;
    let mut leaves_nothing = async |forbids: &[Policy]| -> Result<bool, String> {
        let set = PolicySet::from_policies(permits.iter().chain(forbids).cloned())
            .map_err(|error| error.to_string())?;
        let set = compile(&set, &one.env, case.schema)?;
        engine
            .ask(async |it| it.check_disjoint_opt(&set, &wanted).await)
            .await
    };
    if leaves_nothing(&[]).await? {
        return Ok(Vec::new());
    }
    for suspect in guilty.clone() {
        let others: Vec<Policy> = guilty
            .iter()
            .filter(|policy| policy.id() != suspect.id())
            .cloned()
            .collect();
        if leaves_nothing(&others).await? {
            guilty = others;
        }
    }
    let mut ids: Vec<String> = guilty.iter().map(|it| it.id().to_string()).collect();
    ids.sort_by_key(|id| (is_locums(id), id.clone()));
    Ok(ids)
}

pub(crate) fn quoted(rules: &[String]) -> String {
    let quoted: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
    quoted.join(" and ")
}
