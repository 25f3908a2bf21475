//! What `locum init` writes: a commented deployment that starts unchanged.
//!
//! Both kinds begin as `development` on loopback. Keys, tokens and the day are the caller's: nothing here is
//! random, and no token is ever the same twice. `keys/ledger.key` is the caller's to write, and for the sample
//! people also [`AGENT_PUBLIC_KEY`].

use jiff::ToSpan as _;
use jiff::civil::Date;

/// The public half of the sample agent's key, as a JSON Web Key.
pub const AGENT_PUBLIC_KEY: &str = "keys/aida.pub.jwk";

/// What the catalog begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One person to rename, everything else as comments. Nothing under `policies/` names anything of the
    /// catalog.
    Bare,
    /// Sample people, applications and a case desk.
    Example,
}

macro_rules! files {
    ($kind:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../templates/", $kind, "/", $path)))),+]
    };
}

const BARE: &[(&str, &str)] = files!("bare":
    "locum.toml",
    "catalog/people.toml",
    "catalog/chains.toml",
    "catalog/eligibility.toml",
    "catalog/applications/application.toml.sample",
    "policies/house.cedar",
    "policies/tests/house.toml",
);

const EXAMPLE: &[(&str, &str)] = files!("example":
    "locum.toml",
    "catalog/people.toml",
    "catalog/chains.toml",
    "catalog/eligibility.toml",
    "catalog/applications/billing.toml",
    "catalog/applications/crm.toml",
    "catalog/applications/wiki.toml",
    "policies/house.cedar",
    "policies/tests/house.toml",
);

const BARE_PEOPLE: &[&str] = &["you@corp.example"];
const EXAMPLE_PEOPLE: &[&str] = &[
    "alice@corp.example",
    "ann@bpo.example",
    "oscar@corp.example",
    "petra@corp.example",
    "paul@corp.example",
    "mia@corp.example",
    "sam@corp.example",
    "prya@corp.example",
    "audrey@corp.example",
    "olga@corp.example",
    "bea@bpo.example",
];

/// Every file of a new deployment, by its path relative to the new folder, except keys.
///
/// `origin` names the ledger and must end in `.development`. `secret` answers another unguessable text at each
/// call: 64 lower-case hexadecimal digits. Files whose path begins with `keys/` and `development-tokens.toml`
/// hold secrets: nobody but the server's account should read them.
pub fn deployment(
    content: Content,
    today: Date,
    origin: &str,
    secret: &mut dyn FnMut() -> String,
) -> Vec<(String, String)> {
    let (texts, people) = match content {
        Content::Bare => (BARE, BARE_PEOPLE),
        Content::Example => (EXAMPLE, EXAMPLE_PEOPLE),
    };
    let fill = |text: &str| {
        text.replace("@ORIGIN@", &toml::Value::from(origin).to_string())
            .replace(
                "@CERTIFIED_UNTIL@",
                &today.saturating_add(90.days()).to_string(),
            )
            .replace(
                "@DELEGATED_UNTIL@",
                &today.saturating_add(30.days()).to_string(),
            )
    };
    let mut files: Vec<(String, String)> = texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), fill(text)))
        .collect();
    files.push(("development-tokens.toml".to_owned(), tokens(people, secret)));
    if content == Content::Example {
        // Standard Webhooks: base64 after the prefix, and hexadecimal digits are base64 too.
        files.push((
            "keys/desk-webhook".to_owned(),
            format!("whsec_{}\n", secret()),
        ));
    }
    files
}

fn tokens(people: &[&str], secret: &mut dyn FnMut() -> String) -> String {
    let mut text = String::from(
        "# Who a bearer token is. Whoever has one of these is that person here; refused in production.\n\
         # The command line takes it from LOCUM_TOKEN, the console's sign-in page asks for it.\n\n",
    );
    for person in people {
        text.push_str(&format!("\"{}\" = \"{person}\"\n", secret()));
    }
    text
}
