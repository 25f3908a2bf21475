//! The staff identity provider: npm's `oidc-provider`, certified, as it is.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use locum_browser::Page;
use serde_json::{Value, json};

use super::free_port;

/// What Locum and the provider both know.
pub(crate) const CLIENT_ID: &str = "locum";
pub(crate) const CLIENT_SECRET: &str = "a secret between locum and the provider";

/// A running provider. It ends with the tests: its input does.
pub(crate) struct Provider {
    child: Child,
    /// Where it is, as it writes itself.
    pub(crate) issuer: String,
}

impl Provider {
    /// Starts it with one client: the Locum that answers at `console`.
    pub(crate) fn start(console: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "oidc-provider is not installed; run `npm ci` in tests/browser, or `cargo xtask test`"
        );
        let settings = json!({
            "port": free_port(),
            "client": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "redirect_uris": [format!("{console}/login/oidc/callback")],
                "post_logout_redirect_uris": [format!("{console}/login")],
                "backchannel_logout_uri": format!("{console}/login/oidc/back-channel-logout"),
                "backchannel_logout_session_required": true,
                "response_types": ["code"],
                "grant_types": ["authorization_code"],
                "id_token_signed_response_alg": "ES256",
            },
        });
        let mut command = Command::new("node");
        command
            .arg("provider.mjs")
            .arg(settings.to_string())
            .current_dir(folder)
            .env("NODE_ENV", "production")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("node starts");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        // It goes on talking, and would end of a closed pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let told: Value = serde_json::from_str(&line).expect("the provider says where it is");
        let issuer = told["issuer"].as_str().unwrap().to_owned();
        Self { child, issuer }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers the provider's question at a page that stands there; with a security key the provider says so.
pub(crate) async fn answer_provider(page: &Page, account: &str, has_key: bool) {
    page.see("Who are you?").await;
    page.fill("Account", account).await;
    if has_key {
        page.press("Security key").await;
    }
    page.press("Continue").await;
}
