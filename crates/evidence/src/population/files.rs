//! The names in a population's archive.

use locum_domain::EventId;

/// What the manifest says the archive is.
pub(crate) const FORMAT: &str = "locum-population/1";

pub(super) const TOLD: &str = "population.json";
pub(super) const INDEX: &str = "index.html";
const PACKS: &str = "events/";

/// Where the evidence pack of an event stands.
pub(super) fn pack(event: &EventId) -> String {
    format!("{PACKS}{event}.zip")
}

/// The event whose evidence pack stands under a name.
pub(super) fn event_of(name: &str) -> Option<EventId> {
    let id = name.strip_prefix(PACKS)?.strip_suffix(".zip")?;
    id.parse().ok()
}
