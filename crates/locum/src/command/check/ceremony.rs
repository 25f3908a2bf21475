//! Which ceremony is next, by the files and, beside a running server or without it, by what the store says.

use locum_catalog::Deployment;
use locum_catalog::settings::{Environment, Store as StoreSettings};
use locum_control::ports::Store as _;
use locum_domain::{Aggregate, Founding, PrincipalId, Stream};
use locum_store_sqlite::SqliteStore;

/// How everybody else comes in, where only who holds a passkey can sign in. Nothing where there is another way.
pub(super) fn others(deployment: &Deployment) -> Option<String> {
    let settings = &deployment.settings;
    let is_by_passkey_alone = settings.environment == Environment::Production
        && settings.login.oidc.is_none()
        && !settings.login.founders.is_empty();
    is_by_passkey_alone.then(|| {
        format!(
            "without [login.oidc] nobody but the founders can sign in to ask for a first passkey: others come in by \
             invitation, made at {}/enrolments",
            settings.server.public_url
        )
    })
}

/// A sentence about it; nothing where people sign in by development tokens alone.
pub(super) async fn next(deployment: &Deployment) -> Option<String> {
    let settings = &deployment.settings;
    let founders = &settings.login.founders;
    // Written when the founding was completed; the ledger behind it may be large, and is not copied to say so again.
    let kept = settings.folder.join("keys").join("founders");
    if kept.exists() {
        return Some(format!(
            "the founding is complete: auditors keep {}",
            kept.display()
        ));
    }
    if let Some(founding) = recorded(deployment).await {
        return Some(after(&founding));
    }
    if founders.is_empty() {
        let provider = settings.login.oidc.as_ref();
        return provider
            .filter(|_| settings.environment == Environment::Production)
            .map(|oidc| {
                format!(
                    "people sign in at {}; nobody can enrol an authenticator",
                    oidc.issuer
                )
            });
    }
    let names = names(founders.iter());
    Some(match &settings.login.oidc {
        Some(oidc) => format!(
            "next: the founding. {names} sign in at {} and found at {}/founding; both enrol a passkey, then both sign",
            oidc.issuer, settings.server.public_url
        ),
        None => format!(
            "next: the founding. `locum serve` keeps a link for each of {names} in {}, to be handed over one by one; both \
             enrol a passkey, then both sign",
            settings.folder.join("keys").join("founding").display()
        ),
    })
}

/// The founding that the store tells of, which need not be there yet.
async fn recorded(deployment: &Deployment) -> Option<Founding> {
    let StoreSettings::Sqlite { path } = &deployment.settings.store;
    if !path.exists() {
        return None;
    }
    // In a copy: a server may be running, and whoever checks changes nothing.
    let store = SqliteStore::snapshot(path);
    let state = store.ok()?.load(&Stream::Founding).await.ok()?.state?;
    match state {
        Aggregate::Founding(founding) => Some(*founding),
        _ => None,
    }
}

fn after(founding: &Founding) -> String {
    let waiting = |is_done: &dyn Fn(&PrincipalId) -> bool| -> Vec<&PrincipalId> {
        let founders = founding.founders.iter();
        founders.filter(|founder| !is_done(founder)).collect()
    };
    if let Some(at) = founding.completed_at {
        return format!("the founding was completed at {at}");
    }
    let to_enrol = waiting(&|founder| founding.enrolled.contains_key(founder));
    if !to_enrol.is_empty() {
        return format!(
            "next: a passkey for the founding, of {}",
            names(to_enrol.into_iter())
        );
    }
    let to_sign = waiting(&|founder| founding.signed.contains_key(founder));
    format!(
        "next: the founding's signature, of {}",
        names(to_sign.into_iter())
    )
}

fn names<'n>(people: impl Iterator<Item = &'n PrincipalId>) -> String {
    let people: Vec<&str> = people.map(PrincipalId::as_str).collect();
    people.join(" and ")
}
