//! A production Locum on loopback with its identity provider, its desk and one application.

use std::fs;
use std::path::{Path, PathBuf};

use locum_browser::wait_for;
use serde_json::json;
use tempfile::TempDir;

use super::files::{self, Ports};
use super::locum::{Locum, run};
use super::provider::Provider;
use super::web::{Answer, serve};
use super::{free_port, http};

/// Everything, running. It ends with the value.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) ports: Ports,
    pub(crate) provider: Provider,
    server: Option<Locum>,
}

impl World {
    /// Writes the files and starts everything. People sign in with the identity provider.
    pub(crate) async fn start() -> Self {
        Self::started(true).await
    }

    /// The same where the configuration names no identity provider: people sign in by passkey alone.
    pub(crate) async fn without_provider() -> Self {
        Self::started(false).await
    }

    async fn started(is_provider_named: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_keys(folder.path());
        let ports = Ports {
            server: free_port(),
            gateway: free_port(),
            address: free_port(),
            application: serve(parcels),
            desk: serve(desk),
        };
        let provider = Provider::start(&format!("http://localhost:{}", ports.server));
        let issuer = is_provider_named.then_some(provider.issuer.as_str());
        for (path, text) in files::files(&ports, issuer) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut world = Self {
            folder,
            ports,
            provider,
            server: None,
        };
        world.serve().await;
        world
    }

    /// Where the console answers.
    pub(crate) fn console(&self) -> String {
        format!("http://localhost:{}", self.ports.server)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> String {
        self.path("locum.toml").display().to_string()
    }

    /// `locum serve`, until it says that it is ready.
    pub(crate) async fn serve(&mut self) {
        let mut server = Locum::spawn(&["serve", "--config", &self.config()], &[]);
        let (port, held) = (self.ports.server, std::cell::RefCell::new(&mut server));
        wait_for("the server is ready", || async {
            let ended = held.borrow_mut().ended();
            assert!(ended.is_none(), "{ended:?}");
            match http::get(port, "/readyz", "") {
                Ok(answer) if answer.status == 200 => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        self.server = Some(server);
    }

    /// Ends the server; its files stay.
    pub(crate) fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.stop();
        }
    }

    /// The founding link of a person, as the server keeps it in their file; none where there is a provider.
    pub(crate) fn founding_link(&self, person: &str) -> Option<String> {
        let file = self.path(&format!("keys/founding/{person}.link"));
        let link = fs::read_to_string(file).ok()?;
        Some(link.trim_end().to_owned())
    }

    /// What `serve` printed, for whoever stands at the terminal.
    pub(crate) fn terminal(&self) -> String {
        let server = self.server.as_ref().expect("the server runs");
        format!("{}{}", server.answered(), server.complained())
    }
}

/// The keys that `locum init` makes, and one for each application, which a production server does not make itself.
fn make_keys(folder: &Path) {
    let made = ["made", "made-again"].map(|name| folder.join(name));
    for made in &made {
        let made_it = run(&["init", &made.display().to_string()], &[]);
        assert!(made_it.status.success(), "{made_it:?}");
    }
    let [first, second] = made.map(|made| made.join("keys"));
    let assertions = first.join("assertions");
    fs::create_dir_all(&assertions).unwrap();
    fs::rename(second.join("grants.key"), assertions.join("parcels.key")).unwrap();
    fs::rename(
        second.join("access-tokens.key"),
        assertions.join("payroll.key"),
    )
    .unwrap();
    fs::rename(first, folder.join("keys")).unwrap();
}

/// Case 31 is Iris's, about customer c-31.
fn desk(path: &str, _: &str) -> Answer {
    let Some(number) = path.strip_prefix("/cases/") else {
        return Answer::nothing();
    };
    Answer::json(&json!({ "case": {
        "number": number,
        "status": "working",
        "agent": "i.ivers",
        "title": "A parcel is missing",
        "customer": { "id": "c-31", "company": "lighthouse" },
    }}))
}

fn parcels(path: &str, _: &str) -> Answer {
    Answer::page(&format!(
        "<main><h1>Parcels</h1><p>This is {path}.</p></main>"
    ))
}
