//! What of a change waits for the next start.

use locum_domain::Catalog;
use locum_plan::Version;

/// What of this change a running server does not take up, a sentence each. Everything else counts at once.
pub(super) fn waits_for_a_restart(before: &Version, after: &Version) -> Vec<String> {
    let mut waiting = Vec::new();
    if before.settings.connectors != after.settings.connectors {
        waiting.push("the case systems in `[connectors]` are set up at a start".to_owned());
    }
    if before.settings.login.oidc != after.settings.login.oidc {
        waiting.push("the identity provider in `[login.oidc]` is set up at a start".to_owned());
    }
    let address = |catalog: &Catalog, id| {
        let application = catalog.applications.get(id);
        application.and_then(|it| it.address.clone())
    };
    for (id, application) in &after.catalog.applications {
        if application.address.is_some() && application.address != address(&before.catalog, id) {
            waiting.push(format!(
                "`{id}` listens on its own `address` from the next start on"
            ));
        }
    }
    waiting
}
