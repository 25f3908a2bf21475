//! `locum witness`: a key and a memory of its own, for somebody else's ledger.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use locum_cli::{Failure, Output, WitnessCommand, WitnessInitArgs, WitnessServeArgs};
use locum_tlog::{CosignerKey, VerifierKey, WitnessKey};
use locum_witness::{Memory, Witness, router};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::serve::{AskedToStop, log_to_standard_error};
use crate::wiring::{connections, write_private};
use crate::{listen, tell};

const LEDGERS: &str = "\
# The ledgers whose checkpoints this witness cosigns: a verifier key a line, as their operators hand it out
# (keys/ledger.vkey in their folder). Take each from its operator in person, or by another way that you trust.
";

pub(crate) async fn run(command: WitnessCommand, output: &Output) -> Result<(), Failure> {
    match command {
        WitnessCommand::Init(args) => init(&args, output),
        WitnessCommand::Serve(args) => serve(&args).await,
    }
}

/// The files of a witness.
struct Folder(PathBuf);

impl Folder {
    fn key(&self) -> PathBuf {
        self.0.join("witness.key")
    }

    fn vkey(&self) -> PathBuf {
        self.0.join("witness.vkey")
    }

    fn ledgers(&self) -> PathBuf {
        self.0.join("ledgers")
    }

    fn memory(&self) -> PathBuf {
        self.0.join("memory")
    }
}

fn init(args: &WitnessInitArgs, output: &Output) -> Result<(), Failure> {
    let folder = Folder(args.folder.clone());
    if folder.0.exists() {
        let folder = folder.0.display();
        return Err(Failure::Usage(format!("`{folder}` is there already")));
    }
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new()
        .fill(&mut *seed)
        .map_err(|_| Failure::State("there is no randomness here".to_owned()))?;
    let key = WitnessKey::from_seed(&args.name, &seed)
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", args.name)))?;
    let pem = locum_tlog::generate_pem(&seed).map_err(|error| state(&folder.key(), &error))?;
    write_private(&folder.key(), &pem).map_err(|error| state(&folder.key(), &error))?;
    let vkey = key.cosigner_key().to_string();
    write(&folder.vkey(), &format!("{vkey}\n"))?;
    write(&folder.ledgers(), LEDGERS)?;
    // Last: without it the witness does not start, and a folder half made is no witness.
    Memory::create(&folder.memory()).map_err(|error| state(&folder.memory(), &error))?;
    let document = serde_json::json!({ "vkey": vkey });
    output.answer(&document, || {
        let (ledgers, folder) = (folder.ledgers(), folder.0.display());
        format!(
            "verifier key   {vkey}\n\nWrite the ledgers it watches into {}, and start it:\n  locum witness serve {folder}",
            ledgers.display()
        )
    })
}

async fn serve(args: &WitnessServeArgs) -> Result<(), Failure> {
    log_to_standard_error("info");
    let mut asked = AskedToStop::listen()?;
    let folder = Folder(args.folder.clone());
    let key = key(&folder)?;
    let ledgers = ledgers(&folder.ledgers())?;
    let memory = Memory::open(&folder.memory(), key.cosigner_key());
    let memory = memory.map_err(|error| Failure::Usage(error.to_string()))?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        Failure::Usage(format!("`{}` cannot be listened on: {error}", args.listen))
    })?;
    let address = listener.local_addr().unwrap_or(args.listen);
    tell(&format_args!("witness      {}", key.cosigner_key()));
    for ledger in &ledgers {
        tell(&format_args!("ledger       {}", ledger.name()));
    }
    tell(&format_args!("listening    http://{address}/"));
    let router = router(Witness::new(key, ledgers, memory), now);
    let stop = CancellationToken::new();
    let serving = listen::serve(listener, router, connections(), stop.clone());
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => return Ok(()),
        () = asked.wait() => stop.cancel(),
    }
    serving.await;
    Ok(())
}

/// The key under the name that its verifier key says.
fn key(folder: &Folder) -> Result<WitnessKey, Failure> {
    let vkey = read(&folder.vkey())?;
    let vkey = CosignerKey::parse(&vkey).map_err(|error| usage(&folder.vkey(), &error))?;
    let pem = Zeroizing::new(read(&folder.key())?);
    let key =
        WitnessKey::from_pem(vkey.name(), &pem).map_err(|error| usage(&folder.key(), &error))?;
    if *key.cosigner_key() == vkey {
        return Ok(key);
    }
    let (key, vkey) = (folder.key(), folder.vkey());
    Err(Failure::Usage(format!(
        "`{}` is not the private half of `{}`",
        key.display(),
        vkey.display()
    )))
}

fn ledgers(file: &Path) -> Result<Vec<VerifierKey>, Failure> {
    let text = read(file)?;
    let mut ledgers = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key = VerifierKey::parse(line).map_err(|error| {
            Failure::Usage(format!("`{}`, line {number}: {error}", file.display()))
        })?;
        ledgers.push(key);
    }
    if ledgers.is_empty() {
        let file = file.display();
        return Err(Failure::Usage(format!(
            "`{file}` names no ledger: write the verifier key of one into it"
        )));
    }
    Ok(ledgers)
}

/// Seconds since 1970-01-01 UTC. A clock before that signs no time that anybody believes.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| usage(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| state(path, &error))
}

fn usage(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("`{}`: {error}", path.display()))
}

fn state(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::State(format!("`{}`: {error}", path.display()))
}
