//! What an authentic message tells us.

use locum_domain::CaseRef;
use locum_domain::case::CaseSignal;
use serde_json::Value;

use super::WebhookSettings;
use crate::web::scalar;

/// Reads a message that is known to be authentic. Whatever cannot be understood makes Locum look everywhere:
/// the sender did tell us that something happened.
pub(super) fn read(settings: &WebhookSettings, body: &[u8]) -> CaseSignal {
    let somewhere = || CaseSignal::SomethingChanged {
        connector: settings.connector.clone(),
    };
    let Ok(message) = serde_json::from_slice::<Value>(body) else {
        return somewhere();
    };
    let text = |pointer: &str| message.pointer(pointer).and_then(scalar);
    let named = text(&settings.id).map(|number| format!("{}:{number}", settings.connector));
    let case: Option<CaseRef> = named.and_then(|name| name.parse().ok());
    match (case, text(&settings.state)) {
        (Some(case), Some(state)) if !settings.open.contains(&state) => {
            CaseSignal::Closed { case, state }
        }
        (Some(case), _) => CaseSignal::Changed { case },
        (None, _) => somewhere(),
    }
}
