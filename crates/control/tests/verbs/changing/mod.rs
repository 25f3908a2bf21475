//! Changes of what counts (R33).

mod delegating;
mod draft;
mod looking;
mod loosening;
mod redefining;
mod refusing;
mod second_person;
mod taking_effect;
mod tightening;

use locum_testkit::house::{House, HouseBuilder};

/// The public key of the agent, without which nothing is founded for production.
const AIDAS_KEY: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// A production server on disk, with founders.
fn production() -> HouseBuilder {
    let builder = House::builder().production().founders().on_disk();
    builder.files(|files| {
        files.put("catalog/keys/aida.pub.jwk", AIDAS_KEY);
    })
}
