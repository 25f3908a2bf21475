//! `locum restore`: a back-up put in place, after all of it was verified and compared with what is remembered here and
//! by witnesses. That it was is the next entry of the record.

mod known;
mod place;
mod words;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use locum_catalog::Settings;
use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, Output, RestoreArgs};
use locum_control::ledger::{record_restoration, verify_ledger};
use locum_control::ports::Store;
use locum_domain::Restoration;
use locum_domain::restoration::{LongerHistory, NewEpoch};
use locum_domain::scope::Reason;
use locum_store_sqlite::{Look, OpenError, ProcessLock, SqliteStore};
use locum_tlog::{Checkpoint, LedgerKey, verify_checkpoint};
use ring::rand::SystemRandom;
use serde::Serialize;

use super::archive::{self, Manifest};
use super::backup::STORE;
use crate::wiring::{
    Remembered, Standing, StandingFile, SystemClock, SystemEntropy, epoch, epoch_of_note,
    ledger_key, options_for_restoring,
};
use known::{Here, witnessed_beyond};
use place::{aside, put_in_place};
use words::would_lose;

/// What was put in place.
#[derive(Serialize)]
struct Restored<'m> {
    #[serde(flatten)]
    manifest: &'m Manifest,
    /// What the record says of it.
    restoration: &'m Restoration,
}

pub(crate) async fn run(args: &RestoreArgs, output: &Output) -> Result<(), Failure> {
    let settings = super::deployment(&args.config)?.settings;
    let StoreSettings::Sqlite { path } = &settings.store;
    let said = said(args)?;
    let key = ledger_key(&settings, &super::variables(), false, &SystemRandom::new())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let _lock = ProcessLock::take(path)
        .map_err(|error| Failure::Usage(format!("a server runs, or something like it: {error}")))?;
    let aside = aside(path, args.aside.as_deref())?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let beside = tempfile::Builder::new()
        .prefix(".locum-restore-")
        .tempdir_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| failed(path, &error))?;
    let (manifest, backup) = unpack(&args.file, beside.path())?;
    let unpacked = Unpacked {
        manifest: &manifest,
        backup,
        settings: &settings,
        key: &key,
        args,
        said,
    };
    let store = beside.path().join(STORE);
    let work = unpacked.prepare(&store);
    let prepared = output.waiting("verifying the back-up", work).await?;
    put_in_place(&manifest, beside.path(), path, aside.as_deref())
        .map_err(|error| failed(path, &error))?;
    // From here on the copy is the store: what is remembered beside it is what it says. A start after a crash in between
    // finds in the record what was lost.
    Remembered::beside(path)
        .keep(&prepared.checkpoint)
        .and_then(|()| StandingFile::beside(path).keep(&prepared.standing))
        .map_err(|error| failed(path, &error))?;
    let restored = Restored {
        manifest: &manifest,
        restoration: &prepared.restoration,
    };
    output.answer(&restored, || told(&restored, aside.as_deref()))
}

fn told(restored: &Restored<'_>, aside: Option<&Path>) -> String {
    let Restored {
        manifest,
        restoration,
    } = restored;
    let moved = aside.map(|aside| format!("; what was there is in {}", aside.display()));
    let epoch = restoration.epoch.as_ref().map(|epoch| {
        format!(
            "\n{} entries that were signed are lost. The ledger goes on as epoch {}, {}: give auditors and witnesses \
             keys/ledger.vkey anew once the server has started",
            epoch.entries_lost(),
            epoch.number,
            epoch.origin
        )
    });
    format!(
        "{} entries of {} are in place{}{}\nThe next start ends the sessions that were live in it, and lapses the grants \
         that were unused",
        manifest.size,
        manifest.origin,
        moved.unwrap_or_default(),
        epoch.unwrap_or_default()
    )
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::State(format!("`{}`: {error}", path.display()))
}

/// The operator's words, where there are any.
struct Said {
    by: Option<String>,
    reason: Option<String>,
}

/// The words of whoever restores go on the record for ever, so they are measured as everybody's are.
fn said(args: &RestoreArgs) -> Result<Said, Failure> {
    let by = args.by.as_deref().map(str::trim);
    let is_name = |by: &str| {
        let length = by.chars().count();
        (2..=200).contains(&length) && !by.chars().any(char::is_control)
    };
    if by.is_some_and(|by| !is_name(by)) {
        return Err(Failure::Usage("`--by` names who restores".to_owned()));
    }
    let reason = args.reason.as_deref().map(|it| Reason::parse(it, []));
    let reason = reason
        .transpose()
        .map_err(|error| Failure::Usage(format!("`--reason`: {error}")))?;
    Ok(Said {
        by: by.map(str::to_owned),
        reason: reason.map(|reason| reason.as_str().to_owned()),
    })
}

fn unpack(file: &Path, to: &Path) -> Result<(Manifest, String), Failure> {
    let name = file.display();
    let mut opened =
        File::open(file).map_err(|error| Failure::Usage(format!("`{name}`: {error}")))?;
    archive::read(&mut opened, to).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Failure::Unverified(format!("`{name}` is not restored: {error}"))
        }
        _ => Failure::State(format!("`{name}`: {error}")),
    })
}

/// What stands in the folder beside the store, and what is known of it.
struct Unpacked<'r> {
    manifest: &'r Manifest,
    /// SHA-256 of the file.
    backup: String,
    settings: &'r Settings,
    /// The ledger's, of its first epoch.
    key: &'r LedgerKey,
    args: &'r RestoreArgs,
    said: Said,
}

/// A store that can be put in place.
struct Prepared {
    restoration: Restoration,
    /// Its newest checkpoint, over the restore as well.
    checkpoint: String,
    standing: Standing,
}

impl Unpacked<'_> {
    /// Verifies the store, compares it with what is remembered, and writes the restore into it.
    async fn prepare(self, unpacked: &Path) -> Result<Prepared, Failure> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::Unverified(format!("the store in the back-up: {error}"))
        };
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let options = options_for_restoring(self.settings, &super::variables());
        let options = options.map_err(|error| usage(&error))?;
        let payload_key = options.payload_key.clone();
        let store = SqliteStore::open(unpacked, options).map_err(|error| match error {
            OpenError::NoPayloadKey | OpenError::OtherPayloadKey => usage(&error),
            _ => unreadable(&error),
        })?;
        let number = epoch_of_note(Some(&self.manifest.checkpoint));
        let key = self.key.of_epoch(number).map_err(|error| usage(&error))?;
        let own = self.verified(&store, &key).await?;

        let StoreSettings::Sqlite { path } = &self.settings.store;
        let mut here = Here::look(path, key.verifier_key(), payload_key).await?;
        here.take_given(self.args.known.as_deref(), key.verifier_key())?;
        let mut longer = here.beyond(&store, &own).await?;
        let store: Arc<dyn Store> = Arc::new(store);
        let cosigned = witnessed_beyond(&store, &own, &key, self.settings);
        longer.extend(cosigned.await?);
        let epoch = self.new_epoch(&own, longer)?;
        let file = StandingFile::beside(path);
        let mut standing = file
            .read()
            .map_err(|error| Failure::State(format!("`{}`: {error}", file.name())))?;
        standing = Standing::of(here.holds().await.into_iter().chain(standing.holds));

        let goes_on = epoch.as_ref().map_or(number, |epoch| epoch.number);
        let goes_on = Arc::new(self.key.of_epoch(goes_on).map_err(|error| usage(&error))?);
        let mut recorded = None;
        let restoration = |at| {
            let Said { by, reason } = self.said;
            let restoration = Restoration {
                by,
                reason,
                backup: self.backup,
                checkpoint: self.manifest.checkpoint.clone(),
                epoch,
                at,
            };
            recorded = Some(restoration.clone());
            restoration
        };
        let clock = SystemClock::default();
        let entropy = Arc::new(SystemEntropy(SystemRandom::new()));
        record_restoration(
            &*store,
            key.verifier_key(),
            goes_on,
            &clock,
            entropy,
            restoration,
        )
        .await
        .map_err(|error| Failure::State(format!("the restore cannot be recorded: {error}")))?;
        let unread = || Failure::State("the restored store does not answer".to_owned());
        let checkpoint = store.checkpoint().await.ok().flatten();
        Ok(Prepared {
            restoration: recorded.ok_or_else(unread)?,
            checkpoint: checkpoint.ok_or_else(unread)?,
            standing,
        })
    }

    /// Every byte, entry, payload and table of it, against its manifest and the ledger's key.
    async fn verified(&self, store: &SqliteStore, key: &LedgerKey) -> Result<Checkpoint, Failure> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::Unverified(format!("the store in the back-up: {error}"))
        };
        let damage = store.damage(Look::Whole).await;
        if let Some(damage) = damage.map_err(|error| unreadable(&error))?.first() {
            return Err(unreadable(damage));
        }
        let findings = verify_ledger(store, key.verifier_key())
            .await
            .map_err(|error| unreadable(&error))?;
        if let Some(fault) = findings.faults.first() {
            return Err(unreadable(fault));
        }
        let own = findings
            .checkpoint
            .filter(|note| *note == self.manifest.checkpoint)
            .ok_or_else(|| unreadable(&"its checkpoint is not the manifest's"))?;
        let own =
            verify_checkpoint(&own, key.verifier_key()).map_err(|error| unreadable(&error))?;
        let is_of_manifest = own.size() == self.manifest.size
            && hex::encode(own.root().as_bytes()) == self.manifest.root
            && own.origin() == self.manifest.origin;
        match is_of_manifest {
            true => Ok(own),
            false => Err(unreadable(&"it is not the one of its manifest")),
        }
    }

    /// The epoch that begins, where entries are lost and the operator said that one shall.
    fn new_epoch(
        &self,
        own: &Checkpoint,
        mut longer: Vec<LongerHistory>,
    ) -> Result<Option<NewEpoch>, Failure> {
        longer.sort_by_key(|it| std::cmp::Reverse(it.entries));
        let (longest, wanted) = (longer.first(), self.args.new_epoch);
        match (longest, wanted) {
            (None, false) => Ok(None),
            (None, true) => Err(Failure::Usage(
                "nothing that is remembered is missing in the back-up: it is restored without `--new-epoch`".to_owned(),
            )),
            (Some(longest), false) => Err(would_lose(own.size(), longest)),
            (Some(_), true) => {
                let known = longer.iter().map(|it| epoch(&it.origin));
                let newest = known.chain([epoch(own.origin())]).max().unwrap_or(1);
                let number = newest.saturating_add(1);
                let key = self.key.of_epoch(number);
                let key = key.map_err(|error| Failure::Usage(error.to_string()))?;
                Ok(Some(NewEpoch {
                    number,
                    origin: key.origin().to_owned(),
                    kept: own.size(),
                    lost: longer,
                }))
            }
        }
    }
}
