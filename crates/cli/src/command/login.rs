//! Signing in as a device (RFC 8628), and out again (RFC 7009).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use locum_api::{Client, ClientError, DeviceAuthorizationView, MeView, TokenView};
use serde_json::json;

use crate::args::Server;
use crate::failure::Failure;
use crate::kept_logins::{KeptLogin, KeptLogins};
use crate::output::Output;

const CLIENT: (&str, &str) = ("client_id", "locum-cli");
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How much longer to wait once the server says that it is asked too often (RFC 8628, section 3.5).
const SLOWER: u64 = 5;

fn kept(server: &Server) -> Result<KeptLogins, Failure> {
    let nowhere = "there is no place for a token: set HOME or XDG_STATE_HOME, or use --logins";
    KeptLogins::at(server.logins.as_deref()).ok_or_else(|| Failure::Usage(nowhere.to_owned()))
}

/// Asks to be let in, says where, and waits until somebody did.
pub(crate) async fn login(server: &Server, output: &Output) -> Result<(), Failure> {
    let kept = kept(server)?;
    let client = Client::new(server.address()?, None)?;
    let asked: DeviceAuthorizationView = client
        .form("/oauth2/device_authorization", &[CLIENT])
        .await?;
    // Whoever reads the device's own code gets the token: it is shown to nobody.
    let document = json!({
        "verification_uri": asked.verification_uri,
        "verification_uri_complete": asked.verification_uri_complete,
        "user_code": asked.user_code,
        "expires_in": asked.expires_in,
    });
    output.answer(&document, || {
        format!(
            "open {} in a browser where you are signed in, and enter {}",
            asked.verification_uri, asked.user_code
        )
    })?;
    let token = let_in(&client, output, &asked).await?;
    let own = Client::new(server.address()?, Some(token.access_token.clone()))?;
    let me: MeView = own.get("/api/v1/me").await?;
    let life = SignedDuration::from_secs(i64::try_from(token.expires_in).unwrap_or(i64::MAX));
    let expires_at = Timestamp::now()
        .saturating_add(life)
        .unwrap_or(Timestamp::MAX);
    let login = KeptLogin {
        token: token.access_token,
        person: me.id.clone(),
        expires_at: expires_at.to_string(),
    };
    kept.keep(client.base(), login)?;
    let until = expires_at.to_string();
    told(output, client.base(), &me, Some(&until))
}

async fn let_in(
    client: &Client,
    output: &Output,
    asked: &DeviceAuthorizationView,
) -> Result<TokenView, Failure> {
    let form = [
        ("grant_type", DEVICE_CODE),
        ("device_code", asked.device_code.as_str()),
        CLIENT,
    ];
    let polling = async {
        let mut interval = asked.interval;
        loop {
            tokio::time::sleep(Duration::from_secs(interval)).await;
            match client.form::<TokenView>("/oauth2/token", &form).await {
                Err(ClientError::OAuth(problem)) => match problem.error.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => interval = interval.saturating_add(SLOWER),
                    "access_denied" => {
                        return Err(Failure::State("somebody refused this login".to_owned()));
                    }
                    "expired_token" => {
                        let why = "nobody entered the code in time; run `locum login` again";
                        return Err(Failure::State(why.to_owned()));
                    }
                    _ => return Err(ClientError::OAuth(problem).into()),
                },
                Ok(token) => return Ok(token),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let what = format!("waiting for somebody to enter {}", asked.user_code);
    output.waiting(&what, polling).await
}

/// Says who is signed in at the server.
pub(crate) async fn status(server: &Server, output: &Output) -> Result<(), Failure> {
    let client = Client::new(server.address()?, None)?;
    if server.bearer()?.is_some() {
        let own = Client::new(server.address()?, server.bearer()?)?;
        let me: MeView = own.get("/api/v1/me").await?;
        return told(output, client.base(), &me, None);
    }
    let Some(login) = kept(server)?.of(client.base())? else {
        let why = format!(
            "nobody is signed in at {}; run `locum login`",
            client.base()
        );
        return Err(Failure::State(why));
    };
    let own = Client::new(server.address()?, Some(login.token))?;
    let me: MeView = own.get("/api/v1/me").await?;
    told(output, client.base(), &me, Some(&login.expires_at))
}

/// How long a token lasts that came with the command line is not ours to know.
fn told(output: &Output, server: &str, me: &MeView, until: Option<&str>) -> Result<(), Failure> {
    let document = json!({
        "server": server, "person": me.id, "how": me.how, "assurance": me.assurance, "until": until,
    });
    output.answer(&document, || {
        let until = until.map(|until| format!(" until {until}"));
        let until = until.unwrap_or_default();
        format!("signed in at {server} as {} ({}){until}", me.id, me.how)
    })
}

/// Throws the login away, there and here. One that the server knows no more is forgotten all the same.
pub(crate) async fn logout(server: &Server, output: &Output) -> Result<(), Failure> {
    let kept = kept(server)?;
    let client = Client::new(server.address()?, None)?;
    let login = kept.of(client.base())?;
    if let Some(login) = &login {
        let form = [("token", login.token.as_str()), CLIENT];
        let _: serde_json::Value = client.form("/oauth2/revoke", &form).await?;
        kept.forget(client.base())?;
    }
    let document = json!({
        "server": client.base(), "ended": login.as_ref().map(|login| &login.person),
    });
    output.answer(&document, || match &login {
        Some(login) => format!("{} is signed out at {}", login.person, client.base()),
        None => format!("nobody was signed in at {}", client.base()),
    })
}
