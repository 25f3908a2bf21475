//! Authenticators: asking that a key in a file count, and looking after those that do.

use std::path::Path;

use locum_api::{
    AuthenticatorView, EnrolBody, EnrolmentView, InvitationView, InviteBody, Listing,
    PublicKeyBody, ReasonBody,
};
use serde_json::json;

use crate::args::{EnrolArgs, EnrolCommand};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::key_file::KeyFile;
use crate::output::Output;
use crate::uri::{encoded, query};

pub(crate) async fn run(
    client: &Connection<'_>,
    output: &Output,
    args: EnrolArgs,
) -> Result<(), Failure> {
    match (args.command, args.key_file, args.name) {
        (Some(EnrolCommand::List { person }), ..) => list(client, output, person.as_deref()).await,
        (Some(EnrolCommand::Show { id }), ..) => show(client, output, &id).await,
        (Some(EnrolCommand::Invite { person }), ..) => invite(client, output, person).await,
        (Some(EnrolCommand::Approve { id }), ..) => approve(client, output, &id).await,
        (Some(EnrolCommand::Deny { id, reason }), ..) => deny(client, output, &id, reason).await,
        (
            Some(EnrolCommand::Revoke {
                authenticator,
                reason,
            }),
            ..,
        ) => revoke(client, output, &authenticator, reason).await,
        (None, Some(file), Some(name)) => ask(client, output, &file, name, args.replaces).await,
        (None, ..) => Err(Failure::Usage(
            "name the key's file with --key-file, and the key with --name".to_owned(),
        )),
    }
}

async fn ask(
    client: &Connection<'_>,
    output: &Output,
    file: &Path,
    name: String,
    replaces: Option<String>,
) -> Result<(), Failure> {
    let key = KeyFile::read_or_make(file)?;
    let body = EnrolBody {
        name,
        public_key: PublicKeyBody {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: key.x(),
        },
        possession: key.possession(),
        replaces,
    };
    let enrolment: EnrolmentView = client.post("/api/v1/enrolments", &body).await?;
    output.answer(&enrolment, || {
        format!(
            "{} waits for somebody else to sign it, at {}/enrolments/{}\nread them this fingerprint: {}",
            enrolment.id,
            client.base(),
            enrolment.id,
            enrolment.thumbprint
        )
    })
}

async fn list(
    client: &Connection<'_>,
    output: &Output,
    person: Option<&str>,
) -> Result<(), Failure> {
    let query = match query(&[("person", person)]).as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let path = format!("/api/v1/authenticators{query}");
    let keys: Listing<AuthenticatorView> = client.get(&path).await?;
    let waiting: Listing<EnrolmentView> = client.get("/api/v1/enrolments").await?;
    let document = json!({ "authenticators": keys.items, "enrolments": waiting.items });
    output.answer(&document, || {
        let mut text = authenticators(output, &keys.items);
        if !waiting.items.is_empty() {
            text.push_str("\n\n");
            text.push_str(&enrolments(output, &waiting.items));
        }
        text
    })
}

fn authenticators(output: &Output, items: &[AuthenticatorView]) -> String {
    if items.is_empty() {
        return "no authenticator here; passkeys are enrolled at /account, key files with `locum enrol`"
            .to_owned();
    }
    let row = |it: &AuthenticatorView| {
        let use_of = match (&it.revoked, &it.signs_regulated_from) {
            (Some(revoked), _) => format!("revoked at {}: {}", revoked.at, revoked.because),
            (None, Some(from)) => format!("everything, `regulated` from {from}"),
            (None, None) => "`low` only".to_owned(),
        };
        [
            it.id.clone(),
            it.person.clone(),
            it.name.clone(),
            it.kind.clone(),
            it.enrolled_by
                .clone()
                .unwrap_or_else(|| "the founding".to_owned()),
            use_of,
        ]
    };
    output.table(
        [
            "AUTHENTICATOR",
            "OF",
            "NAME",
            "KIND",
            "SIGNED FOR BY",
            "SIGNS",
        ],
        items.iter().map(row),
    )
}

fn enrolments(output: &Output, items: &[EnrolmentView]) -> String {
    let row = |it: &EnrolmentView| {
        [
            it.id.clone(),
            it.state.clone(),
            it.person.clone(),
            it.name.clone(),
            it.kind.clone(),
            it.thumbprint.clone(),
        ]
    };
    output.table(
        ["ENROLMENT", "STATE", "OF", "NAME", "KIND", "FINGERPRINT"],
        items.iter().map(row),
    )
}

async fn shown(client: &Connection<'_>, id: &str) -> Result<EnrolmentView, Failure> {
    let path = format!("/api/v1/enrolments/{}", encoded(id));
    client.get(&path).await
}

async fn show(client: &Connection<'_>, output: &Output, id: &str) -> Result<(), Failure> {
    let enrolment = shown(client, id).await?;
    output.answer(&enrolment, || card(&enrolment))
}

fn card(enrolment: &EnrolmentView) -> String {
    let mut text = format!(
        "{}  {}\n{} asks that the {} \u{201c}{}\u{201d} sign for them\nauthenticator {}\nfingerprint {}\nasked at {}",
        enrolment.id,
        enrolment.state,
        enrolment.person,
        enrolment.kind,
        enrolment.name,
        enrolment.authenticator,
        enrolment.thumbprint,
        enrolment.asked_at,
    );
    if let Some(lost) = &enrolment.replaces {
        text.push_str(&format!("\nin the place of {lost}"));
    }
    if let Some(host) = &enrolment.invited_by {
        text.push_str(&format!("\ninvited by {host}, who signs nothing here"));
    }
    if let (Some(by), Some(at)) = (&enrolment.decided_by, &enrolment.decided_at) {
        text.push_str(&format!("\n{} by {by} at {at}", enrolment.state));
    }
    text
}

async fn invite(client: &Connection<'_>, output: &Output, person: String) -> Result<(), Failure> {
    let body = InviteBody { person };
    let invitation: InvitationView = client.post("/api/v1/enrolments/invitations", &body).await?;
    output.answer(&invitation, || {
        format!(
            "{}\ngood once and until {}: hand it to {} yourself, and to nobody else",
            invitation.link, invitation.good_until, invitation.person
        )
    })
}

/// An enrolment is signed with a passkey, and a passkey is in a browser.
async fn approve(client: &Connection<'_>, output: &Output, id: &str) -> Result<(), Failure> {
    let enrolment = shown(client, id).await?;
    let address = format!("{}/enrolments/{}", client.base(), encoded(id));
    let document = json!({ "enrolment": enrolment, "approve_at": address });
    output.answer(&document, || {
        format!(
            "{}\n\ncompare the fingerprint with what {} reads to you, then open {address} and sign there",
            card(&enrolment),
            enrolment.person
        )
    })
}

async fn deny(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    reason: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/enrolments/{}/deny", encoded(id));
    let denied: EnrolmentView = client.post(&path, &ReasonBody { reason }).await?;
    output.answer(&denied, || format!("{} is {}", denied.id, denied.state))
}

async fn revoke(
    client: &Connection<'_>,
    output: &Output,
    authenticator: &str,
    reason: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/authenticators/{}/revoke", encoded(authenticator));
    let revoked: AuthenticatorView = client.post(&path, &ReasonBody { reason }).await?;
    output.answer(&revoked, || {
        format!("{} of {} signs nothing more", revoked.id, revoked.person)
    })
}
