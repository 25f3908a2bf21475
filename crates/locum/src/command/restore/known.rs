//! A back-up compared with everything that is remembered of the ledger here, and by its witnesses.

use std::path::Path;
use std::sync::Arc;

use locum_catalog::Settings;
use locum_catalog::settings::WhenUnwitnessed;
use locum_cli::Failure;
use locum_control::ports::Store;
use locum_control::witnessing::AskedFirst;
use locum_domain::WitnessStanding;
use locum_domain::hold::Hold;
use locum_domain::restoration::LongerHistory;
use locum_store_sqlite::{PayloadKey, SqliteStore};
use locum_tlog::{Checkpoint, LedgerKey, VerifierKey};

use super::words::{another, holds_in};
use crate::command::serve::start_failure;
use crate::server::witnesses_of;
use crate::wiring::{Held, Remembered, consistent, epoch, held_of, signed_in_any_epoch};

/// A checkpoint of this ledger, and who remembers it.
struct Known {
    whose: String,
    note: String,
    checkpoint: Checkpoint,
}

/// What is remembered here.
pub(super) struct Here {
    known: Vec<Known>,
    /// The store that is there, where it can be read.
    old: Option<SqliteStore>,
}

impl Here {
    /// Looks beside the store and into it.
    pub(super) async fn look(
        database: &Path,
        key: &VerifierKey,
        payload_key: Option<PayloadKey>,
    ) -> Result<Self, Failure> {
        let unverified = |error: &dyn std::fmt::Display| Failure::Unverified(error.to_string());
        let mut here = Self {
            known: Vec::new(),
            old: None,
        };
        let remembered = Remembered::beside(database);
        // What its own key did not sign is nothing to go by in a store, and an alarm in the file beside it.
        remembered.read(key).map_err(|error| unverified(&error))?;
        let note = remembered.note().map_err(|error| unverified(&error))?;
        here.take("the file beside the store", note, key);
        if !database.exists() {
            return Ok(here);
        }
        let Ok(old) = SqliteStore::snapshot_with(database, payload_key) else {
            // It is damaged, which is what a restore is for.
            crate::tell(
                &"the store that is there cannot be read, and is not compared with the back-up",
            );
            return Ok(here);
        };
        let newest = old.checkpoint().await.ok().flatten();
        here.take("the store that is there", newest, key);
        let witnessed = old.newest_witnessed().await.ok().flatten();
        here.take("a witnessed checkpoint", witnessed, key);
        here.old = Some(old);
        Ok(here)
    }

    /// A checkpoint that somebody kept elsewhere.
    ///
    /// # Errors
    /// When it cannot be read, or this ledger's key did not sign it.
    pub(super) fn take_given(
        &mut self,
        file: Option<&Path>,
        key: &VerifierKey,
    ) -> Result<(), Failure> {
        let Some(file) = file else {
            return Ok(());
        };
        let name = file.display();
        let note = std::fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("`{name}`: {error}")))?;
        signed_in_any_epoch(&note, key)
            .map_err(|error| Failure::Unverified(format!("`{name}`: {error}")))?;
        self.take("the checkpoint you gave", Some(note), key);
        Ok(())
    }

    fn take(&mut self, whose: &str, note: Option<String>, key: &VerifierKey) {
        let known = note.and_then(|note| {
            let checkpoint = signed_in_any_epoch(&note, key).ok()?;
            let whose = whose.to_owned();
            Some(Known {
                whose,
                note,
                checkpoint,
            })
        });
        self.known.extend(known);
    }

    /// The stops that stand in the store that is there.
    pub(super) async fn holds(&self) -> Vec<Hold> {
        match &self.old {
            Some(old) => holds_in(old).await,
            None => Vec::new(),
        }
    }

    /// What is remembered and not in the back-up.
    ///
    /// # Errors
    /// When the back-up tells another history than one that is remembered.
    pub(super) async fn beyond(
        &self,
        store: &dyn Store,
        own: &Checkpoint,
    ) -> Result<Vec<LongerHistory>, Failure> {
        let mut longer = Vec::new();
        for Known {
            whose,
            note,
            checkpoint,
        } in &self.known
        {
            let held = held_of(store, Some(own), epoch(own.origin()), checkpoint).await;
            let held = held.map_err(|error| Failure::State(error.to_string()))?;
            let is_longer = checkpoint.size() > own.size();
            match held {
                Held::All => {}
                Held::Fewer | Held::EarlierEpoch if is_longer => longer.push(LongerHistory {
                    known_by: whose.clone(),
                    origin: checkpoint.origin().to_owned(),
                    entries: checkpoint.size(),
                    checkpoint: Some(note.clone()),
                }),
                _ => return Err(another(whose)),
            }
        }
        self.is_beginning_of_the_old(own).await?;
        Ok(longer)
    }

    /// Whether the store that is there, where it goes on further, begins with what the back-up holds.
    async fn is_beginning_of_the_old(&self, own: &Checkpoint) -> Result<(), Failure> {
        let whose = "the store that is there";
        let newest = self.known.iter().find(|known| known.whose == whose);
        if let (Some(old), Some(newest)) = (&self.old, newest)
            && newest.checkpoint.size() > own.size()
            && !consistent(old, own, &newest.checkpoint).await
        {
            return Err(another(whose));
        }
        Ok(())
    }
}

/// What witnesses cosigned beyond the back-up.
///
/// # Errors
/// When one cosigned another history, or is silent where nothing may begin without it.
pub(super) async fn witnessed_beyond(
    store: &Arc<dyn Store>,
    own: &Checkpoint,
    key: &LedgerKey,
    settings: &Settings,
) -> Result<Vec<LongerHistory>, Failure> {
    let stated = settings.ledger.witnesses.as_ref();
    let heard = witnesses_of(store, key, stated).await;
    let heard = heard.map_err(|failure| start_failure(&failure))?;
    let must_answer = stated.is_some_and(|it| it.when_unwitnessed == WhenUnwitnessed::Stop);
    let mut longer = Vec::new();
    for AskedFirst { witness, says } in heard {
        match says {
            WitnessStanding::Cosigns => {}
            WitnessStanding::Ahead { cosigned, .. } => longer.push(LongerHistory {
                known_by: format!("the witness {witness}"),
                origin: own.origin().to_owned(),
                entries: cosigned,
                checkpoint: None,
            }),
            WitnessStanding::Disagrees { .. } => {
                return Err(another(&format!("the witness {witness}")));
            }
            WitnessStanding::Silent { why } if must_answer => {
                return Err(Failure::State(format!(
                    "the witness {witness} does not say what it knows ({why}), and `when_unwitnessed = \"stop\"`. \
                     Nothing was changed"
                )));
            }
            WitnessStanding::Silent { why } => crate::tell(&format_args!(
                "the witness {witness} does not say what it knows ({why}); the back-up is not compared with it"
            )),
        }
    }
    Ok(longer)
}
