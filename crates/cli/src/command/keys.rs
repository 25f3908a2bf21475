//! Locum's own signing keys.

use locum_api::{KeyView, Listing, RotateKeyBody, RotationView};

use crate::args::KeysCommand;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn run(
    client: &Connection<'_>,
    output: &Output,
    command: KeysCommand,
) -> Result<(), Failure> {
    match command {
        KeysCommand::List { .. } => {
            let keys: Listing<KeyView> = client.get("/api/v1/keys").await?;
            output.answer(&keys, || table(output, &keys.items))
        }
        KeysCommand::Rotate {
            purpose,
            application,
        } => {
            let path = format!("/api/v1/keys/{purpose}/rotate");
            let rotation: RotationView = client.post(&path, &RotateKeyBody { application }).await?;
            output.answer(&rotation, || {
                format!(
                    "{} signs now; {} is kept for verification",
                    rotation.new_kid, rotation.old_kid
                )
            })
        }
    }
}

fn table(output: &Output, items: &[KeyView]) -> String {
    let row = |it: &KeyView| {
        let signs = match &it.retired_at {
            Some(at) => format!("no more since {at}"),
            None => "now".to_owned(),
        };
        [
            it.purpose.clone(),
            it.application.clone().unwrap_or_default(),
            it.kid.clone(),
            signs,
        ]
    };
    output.table(["PURPOSE", "FOR", "KEY", "SIGNS"], items.iter().map(row))
}
