//! `locum demo`: everything in one process on loopback, and nothing left behind.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use locum_cli::{DemoArgs, Failure, Output};
use locum_demo::apps::{self, Trust};
use locum_demo::desk::{self, Webhook};
use locum_demo::story;
use locum_demo::world::{PEOPLE, Ports, World};
use locum_evidence::{VerifyOptions, verify};
use locum_tlog::VerifierKey;
use ring::rand::{SecureRandom as _, SystemRandom};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::command::serve::{AskedToStop, start_failure};
use crate::server::Server;
use crate::tell;
use crate::wiring::write_new_keys;

/// Where the interactive demo answers if nobody else does.
const USUAL_CONTROL: u16 = 8470;
const USUAL_GATEWAY: u16 = 8471;
const REMOVALS: u32 = 100;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(50);

pub(crate) async fn run(args: &DemoArgs, output: &Output) -> Result<(), Failure> {
    // Heard from the first moment: a signal nobody listens to would leave the folder behind.
    let asked = AskedToStop::listen()?;
    let folder = TempDir::with_prefix("locum-demo-").map_err(wrong)?.keep();
    let outcome = play_or_serve(args, output, &folder, asked).await;
    take_away(&folder);
    outcome
}

async fn play_or_serve(
    args: &DemoArgs,
    output: &Output,
    folder: &Path,
    mut asked: AskedToStop,
) -> Result<(), Failure> {
    // A start takes a moment and is waited for: half of one cannot be tidied up.
    let interrupted = || Failure::State("stopped before the story was told".to_owned());
    let demo = Demo::start(args.once, folder).await?;
    let outcome = if args.once {
        tokio::select! {
            outcome = demo.play(args.out.as_deref(), output) => outcome,
            () = asked.wait() => Err(interrupted()),
        }
    } else {
        let said = demo.say_who_may_sign_in(output);
        asked.wait().await;
        said
    };
    demo.stop().await;
    outcome
}

/// Takes the whole deployment away. What still ends in the background may write a file meanwhile.
fn take_away(folder: &Path) {
    for _ in 0..REMOVALS {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                std::thread::sleep(BETWEEN_REMOVALS)
            }
            _ => return,
        }
    }
    tracing::error!(folder = %folder.display(), "the demonstration's folder could not be taken away");
}

struct Demo {
    world: World,
    server: Server,
    samples: JoinSet<()>,
    stop: CancellationToken,
}

impl Demo {
    async fn start(is_played: bool, folder: &Path) -> Result<Self, Failure> {
        crate::command::serve::log_to_standard_error("warn");
        let random = SystemRandom::new();
        let [billing, crm, desk] = [bind(0).await?, bind(0).await?, bind(0).await?];
        let usual = |port| if is_played { 0 } else { port };
        let ports = Ports {
            control: free(usual(USUAL_CONTROL)).await?,
            gateway: free(usual(USUAL_GATEWAY)).await?,
            billing: port(&billing)?,
            crm: port(&crm)?,
            desk: port(&desk)?,
        };
        let webhook_secret = format!("whsec_{}", STANDARD.encode(bytes(&random)?));
        let world = World {
            ports,
            today: super::today(),
            login_secret: URL_SAFE_NO_PAD.encode(bytes(&random)?),
            webhook_secret: webhook_secret.clone(),
            agent_public_jwk: agent_public_jwk(&random)?,
        };
        for file in world.files() {
            let mode = if file.is_secret { 0o600 } else { 0o640 };
            write(&folder.join(file.path), &file.text, mode)?;
        }
        write_new_keys(&folder.join("keys"), &random).map_err(wrong)?;
        let stop = CancellationToken::new();
        let clock: locum_demo::Clock = Arc::new(Timestamp::now);
        let accepted_logs = folder.join("accepted");
        fs::create_dir_all(&accepted_logs).map_err(wrong)?;
        let trust = Trust {
            issuer: world.public_url(),
            jwks_url: world.jwks_url(),
            clock: Arc::clone(&clock),
            accepted_logs: Some(accepted_logs),
            // Nobody else looks on at a demonstration.
            witnesses: None,
        };
        let webhook = Webhook::new(world.webhook_url(), &webhook_secret).map_err(wrong)?;
        let mut samples = JoinSet::new();
        let (one, two) = (trust.clone(), stop.clone());
        samples
            .spawn(async move { ended("billing", apps::billing::serve(billing, one, two).await) });
        let end = stop.clone();
        samples.spawn(async move { ended("crm", apps::crm::serve(crm, trust, end).await) });
        let end = stop.clone();
        samples.spawn(
            async move { ended("desk", desk::serve(desk, Some(webhook), clock, end).await) },
        );
        let deployment = super::deployment(&folder.join("locum.toml"))?;
        let guide = crate::wiring::demo_guide(&world);
        let server = Server::start(deployment, &super::variables(), stop.clone(), Some(guide))
            .await
            .map_err(|failure| start_failure(&failure))?;
        Ok(Self {
            world,
            server,
            samples,
            stop,
        })
    }

    async fn play(&self, out: Option<&Path>, output: &Output) -> Result<(), Failure> {
        let is_json = output.is_json();
        let say = |line: &str| {
            if is_json {
                tell(&line);
            } else {
                // A closed pipe must not stop the story: its exit status is the answer.
                let _ = output.line(line);
            }
        };
        let played = story::play(&self.world, &verify_offline, &self.server.vkey, &say).await;
        let evidence =
            played.map_err(|failed| Failure::State(format!("the story stopped: {failed}")))?;
        let mut document = serde_json::json!({ "event": evidence.event, "verifies": true });
        if let Some(out) = out {
            fs::create_dir_all(out).map_err(wrong)?;
            let (pack, vkey) = (out.join("evidence.zip"), out.join("ledger.vkey"));
            fs::write(&pack, &evidence.pack).map_err(wrong)?;
            fs::write(&vkey, format!("{}\n", self.server.vkey)).map_err(wrong)?;
            if let Some(document) = document.as_object_mut() {
                document.insert("pack".to_owned(), serde_json::json!(pack));
                document.insert("ledger_vkey".to_owned(), serde_json::json!(vkey));
            }
        }
        output.answer(&document, || match out {
            Some(out) => format!(
                "\nEvery step did what it should. Check the evidence yourself:\n  locum evidence verify {0}/evidence.zip \
                 --key {0}/ledger.vkey",
                out.display()
            ),
            None => "\nEvery step did what it should.".to_owned(),
        })
    }

    fn say_who_may_sign_in(&self, output: &Output) -> Result<(), Failure> {
        let mut lines = self.server.greeting();
        lines.push(format!(
            "case desk         http://127.0.0.1:{}",
            self.world.ports.desk
        ));
        lines.push(format!(
            "\nOpen {} and pick who you are:",
            self.world.public_url()
        ));
        let people = PEOPLE.iter();
        lines.extend(people.map(|person| format!("  {:<14} {}", person.name, person.part)));
        lines.push("\nCtrl-C ends it and leaves nothing behind.".to_owned());
        let document = serde_json::json!({
            "public_url": self.world.public_url(),
            "ledger_vkey": self.server.vkey,
            "desk": format!("http://127.0.0.1:{}", self.world.ports.desk),
            "people": PEOPLE.iter().map(|person| person.id).collect::<Vec<_>>(),
        });
        output.answer(&document, || lines.join("\n"))
    }

    async fn stop(mut self) {
        self.stop.cancel();
        while self.samples.join_next().await.is_some() {}
        self.server.stopped().await;
    }
}

/// What `locum evidence verify --key --decided-again` does, on bytes.
fn verify_offline(pack: &[u8], vkey: &str) -> Result<String, String> {
    let trusted_key = VerifierKey::parse(vkey).map_err(|error| error.to_string())?;
    let options = VerifyOptions {
        trusted_key: Some(trusted_key),
        must_decide_again: true,
        ..VerifyOptions::default()
    };
    verify(pack, &options)
        .map(|verified| format!("{}; {}", verified.sentence, verified.decided_again.sentence))
        .map_err(|failure| failure.to_string())
}

/// The public half of a key that nobody keeps: in the demonstration the agent is looked at, not played.
fn agent_public_jwk(random: &SystemRandom) -> Result<String, Failure> {
    let pem = locum_token::generate_pem(locum_token::Algorithm::EdDsa, random).map_err(wrong)?;
    let key = locum_token::SigningKey::from_pkcs8_pem(&pem, random).map_err(wrong)?;
    Ok(key.verifying_key().to_jwk().to_string())
}

fn bytes(random: &SystemRandom) -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    random
        .fill(&mut bytes)
        .map_err(|_| Failure::Usage("the system has no random bytes".to_owned()))?;
    Ok(bytes)
}

async fn bind(port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(wrong)
}

fn port(listener: &TcpListener) -> Result<u16, Failure> {
    Ok(listener.local_addr().map_err(wrong)?.port())
}

/// The usual port if nobody has it, else another one.
async fn free(usual: u16) -> Result<u16, Failure> {
    match bind(usual).await {
        Ok(listener) => port(&listener),
        Err(_) => port(&bind(0).await?),
    }
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)
}

fn ended(what: &str, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(what, %error, "a sample ended");
    }
}

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}
