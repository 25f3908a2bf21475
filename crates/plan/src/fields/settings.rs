//! What of `locum.toml` counts as recorded.

use std::collections::{BTreeMap, BTreeSet};

use locum_catalog::settings::{
    Budgets, Environment, Governed, GovernedConnector, GovernedLogin, GovernedOidc, OverdueReviews,
    SignatureRule,
};
use locum_domain::PrincipalId;
use locum_domain::catalog::Role;
use serde_json::Value;

use crate::field::{
    FieldChange, Judged, Kind, MORE_ALLOWED, Sheet, listed, loosens, quoted, shown, tightens,
};

pub(crate) fn compare(before: Option<&Governed>, after: &Governed, changes: &mut Vec<FieldChange>) {
    match before {
        Some(before) => {
            fields(&mut sheet(changes), before, after);
            for name in names(&before.connectors, &after.connectors) {
                let connector = |it: &Governed| it.connectors.get(name).cloned();
                compare_connector(name, connector(before), connector(after), changes);
            }
        }
        None => {
            founding(&mut sheet(changes), after);
            for (name, connector) in &after.connectors {
                compare_connector(name, None, Some(connector.clone()), changes);
            }
        }
    }
}

fn sheet(changes: &mut Vec<FieldChange>) -> Sheet<'_> {
    Sheet {
        kind: Kind::Settings,
        id: String::new(),
        application: None,
        gains: BTreeSet::new(),
        changes,
    }
}

fn names<'m>(
    old: &'m BTreeMap<String, GovernedConnector>,
    new: &'m BTreeMap<String, GovernedConnector>,
) -> BTreeSet<&'m String> {
    old.keys().chain(new.keys()).collect()
}

fn fields(sheet: &mut Sheet<'_>, before: &Governed, after: &Governed) {
    let Governed {
        environment,
        origin,
        time_zone,
        approvals_signature,
        overdue_reviews,
        budgets,
        connectors: _,
        witnesses,
        login,
    } = before;
    let words = |it: Environment| it.as_str().to_owned();
    let kind = loosens("people's access depends on another kind of server");
    sheet.field(
        "environment",
        &words(*environment),
        &words(after.environment),
        kind,
    );
    let other = loosens("what is recorded is checked against another ledger's name");
    sheet.field("[ledger] origin", origin, &after.origin, other);
    let hours = loosens("rules that look at the clock mean other hours");
    sheet.field("[policies] time_zone", time_zone, &after.time_zone, hours);
    let signed = |it: SignatureRule| match it {
        SignatureRule::Required => "required",
        SignatureRule::Optional => "optional",
    };
    let rule = (
        signed(*approvals_signature),
        signed(after.approvals_signature),
    );
    sheet.judged(
        "[approvals] signature",
        &rule.0,
        &rule.1,
        |_, new| match *new {
            "required" => tightens("approvals need their approver's own signature"),
            _ => loosens("approvals need no signature any more"),
        },
    );
    let overdue = |it: OverdueReviews| match it {
        OverdueReviews::Block => "block",
        OverdueReviews::Warn => "warn",
    };
    let rule = (overdue(*overdue_reviews), overdue(after.overdue_reviews));
    sheet.judged(
        "[approvals] overdue_reviews",
        &rule.0,
        &rule.1,
        |_, new| match *new {
            "block" => tightens("whoever owes an overdue review no longer asks"),
            _ => loosens("whoever owes an overdue review may ask all the same"),
        },
    );
    let Budgets {
        open_requests,
        live_sessions,
        subjects_per_day,
    } = *budgets;
    let new = after.budgets;
    for (field, old, new) in [
        ("[budgets] open_requests", open_requests, new.open_requests),
        ("[budgets] live_sessions", live_sessions, new.live_sessions),
        (
            "[budgets] subjects_per_day",
            subjects_per_day,
            new.subjects_per_day,
        ),
    ] {
        sheet.limit(field, Some(old), Some(new), loosens(MORE_ALLOWED));
    }
    super::witnesses::witnesses(sheet, witnesses.as_ref(), after.witnesses.as_ref());
    sign_in(sheet, login, &after.login);
}

fn sign_in(sheet: &mut Sheet<'_>, old: &GovernedLogin, new: &GovernedLogin) {
    let GovernedLogin {
        founders,
        rp_id,
        public_origin,
        oidc,
    } = old;
    if *founders != new.founders {
        let named = |founders: &[PrincipalId]| listed(&founders.iter().collect());
        let texts = (named(founders), named(&new.founders));
        let vouch = loosens("founders vouch for everybody's keys");
        sheet.note(
            "[login] founders",
            texts,
            vouch,
            new.founders.iter().cloned(),
        );
    }
    let bound = loosens("passkeys and sign-ins are bound to another name");
    sheet.field("[login.passkeys] rp_id", rp_id, &new.rp_id, bound);
    sheet.field(
        "[server] public_url",
        public_origin,
        &new.public_origin,
        bound,
    );
    match (oidc, &new.oidc) {
        (Some(old), Some(new)) => provider(sheet, old, new),
        (None, None) => {}
        (old, new) => {
            let judged = match new {
                Some(_) => loosens("an identity provider says who somebody is"),
                None => tightens("no identity provider says who somebody is any more"),
            };
            let issuer = |it: &Option<GovernedOidc>| it.as_ref().map(|it| quoted(&it.issuer));
            sheet.note("[login.oidc]", (issuer(old), issuer(new)), judged, []);
        }
    }
}

fn provider(sheet: &mut Sheet<'_>, old: &GovernedOidc, new: &GovernedOidc) {
    let GovernedOidc {
        issuer,
        client_id,
        account_claim,
        system,
        groups_claim,
        roles,
        stepped_up_acr,
        scopes,
    } = old;
    const WHO: Judged = loosens("somebody else, or something else, says who a person is");
    sheet.field("[login.oidc] issuer", issuer, &new.issuer, WHO);
    sheet.field("[login.oidc] client_id", client_id, &new.client_id, WHO);
    sheet.field(
        "[login.oidc] account_claim",
        account_claim,
        &new.account_claim,
        WHO,
    );
    sheet.field("[login.oidc] system", system, &new.system, WHO);
    let groups = loosens("another claim confirms people's roles");
    sheet.field(
        "[login.oidc] groups_claim",
        groups_claim,
        &new.groups_claim,
        groups,
    );
    let confirmed = |it: &BTreeMap<String, Role>| -> BTreeMap<String, &'static str> {
        it.iter()
            .map(|(group, role)| (group.clone(), role.as_str()))
            .collect()
    };
    let narrows = confirms_no_more(roles, &new.roles);
    let (old_roles, new_roles) = (confirmed(roles), confirmed(&new.roles));
    sheet.judged(
        "[login.oidc.roles]",
        &old_roles,
        &new_roles,
        |_, _| match narrows {
            true => {
                tightens("fewer groups confirm a role, or a role needs a group that needed none")
            }
            false => loosens("another group confirms a role, or a role needs no group any more"),
        },
    );
    let set = |it: &[String]| -> BTreeSet<String> { it.iter().cloned().collect() };
    sheet.set(
        "[login.oidc] stepped_up_acr",
        &set(stepped_up_acr),
        &set(&new.stepped_up_acr),
        loosens("another way of signing in counts as a fresh proof"),
        tightens("fewer ways of signing in count as a fresh proof"),
    );
    let asked = loosens("the provider is asked for other things");
    sheet.set(
        "[login.oidc] scopes",
        &set(scopes),
        &set(&new.scopes),
        asked,
        asked,
    );
}

/// Whether no role counts for anybody for whom it did not: roles that the table names need one of their groups.
fn confirms_no_more(old: &BTreeMap<String, Role>, new: &BTreeMap<String, Role>) -> bool {
    let is_named = |role: &Role| old.values().any(|it| it == role);
    let no_new_group = new
        .iter()
        .all(|(group, role)| old.get(group) == Some(role) || !is_named(role));
    no_new_group && old.values().all(|role| new.values().any(|it| it == role))
}

fn compare_connector(
    name: &str,
    old: Option<GovernedConnector>,
    new: Option<GovernedConnector>,
    changes: &mut Vec<FieldChange>,
) {
    let mut sheet = Sheet {
        kind: Kind::Connector,
        id: name.to_owned(),
        application: None,
        gains: BTreeSet::new(),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            let judged = tightens("its cases justify nothing any more");
            return sheet.entry(false, quoted(&old.url), judged, []);
        }
        (None, Some(new)) => {
            let judged = loosens("another system's cases justify access");
            return sheet.entry(true, quoted(&new.url), judged, []);
        }
        (None, None) => return,
    };
    let GovernedConnector {
        kind,
        url,
        map,
        grace_seconds,
    } = old;
    let elsewhere =
        loosens("whether a case is open, whose it is and whom it concerns is read elsewhere");
    sheet.field("kind", &kind, &new.kind, elsewhere);
    sheet.field("url", &url, &new.url, elsewhere);
    for (field, was, is) in members(&map, &new.map) {
        let text = |it: Option<&Value>| it.map(ToString::to_string);
        sheet.note(&field, (text(was), text(is)), elsewhere, []);
    }
    let (was, is) = (Some(grace_seconds), Some(new.grace_seconds));
    sheet.limit("grace_seconds", was, is, loosens(MORE_ALLOWED));
}

/// What differs of a map: member by member where both have members, else the whole of it.
fn members<'m>(
    old: &'m Value,
    new: &'m Value,
) -> Vec<(String, Option<&'m Value>, Option<&'m Value>)> {
    if old == new {
        return Vec::new();
    }
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return vec![("map".to_owned(), Some(old), Some(new))];
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .map(|name| (format!("map.{name}"), old.get(name), new.get(name)))
        .filter(|(_, old, new)| old != new)
        .collect()
}

/// Before the founding nothing was said.
fn founding(sheet: &mut Sheet<'_>, after: &Governed) {
    let founded = loosens("the founding says so");
    let signature = match after.approvals_signature {
        SignatureRule::Required => "required",
        SignatureRule::Optional => "optional",
    };
    let overdue = match after.overdue_reviews {
        OverdueReviews::Block => "block",
        OverdueReviews::Warn => "warn",
    };
    let provider = after.login.oidc.as_ref().map(|it| quoted(&it.issuer));
    for (field, said) in [
        ("environment", Some(after.environment.as_str().to_owned())),
        ("[ledger] origin", shown(&after.origin)),
        ("[policies] time_zone", shown(&after.time_zone)),
        ("[approvals] signature", Some(signature.to_owned())),
        ("[approvals] overdue_reviews", Some(overdue.to_owned())),
        (
            "[budgets] open_requests",
            Some(after.budgets.open_requests.to_string()),
        ),
        (
            "[budgets] live_sessions",
            Some(after.budgets.live_sessions.to_string()),
        ),
        (
            "[budgets] subjects_per_day",
            Some(after.budgets.subjects_per_day.to_string()),
        ),
        (
            "[login] founders",
            listed(&after.login.founders.iter().collect()),
        ),
        ("[login.passkeys] rp_id", shown(&after.login.rp_id)),
        ("[server] public_url", shown(&after.login.public_origin)),
        ("[login.oidc]", provider),
    ] {
        if said.is_some() {
            sheet.note(field, (None, said), founded, []);
        }
    }
}
