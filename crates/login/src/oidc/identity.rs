//! Whom the provider means: the account, its groups, and the person of the catalog.

use std::collections::BTreeSet;

use locum_domain::{Catalog, PrincipalId};
use locum_token::IdToken;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::failure::ProviderFailure;
use super::settings::ProviderSettings;
use super::web::IdentityProviderWeb;
use crate::how::OidcSignIn;

/// No account's name is longer.
const LONGEST_ACCOUNT: usize = 255;
/// A person in more groups than this is a list gone wrong.
const MOST_GROUPS: usize = 1_000;

/// The account, and what the provider says of the sign-in. What the ID token does not say is asked for at the
/// userinfo endpoint, when it has one.
pub(super) async fn identity(
    web: &dyn IdentityProviderWeb,
    settings: &ProviderSettings,
    userinfo: Option<&str>,
    token: IdToken,
    access_token: &SecretString,
) -> Result<(String, OidcSignIn), ProviderFailure> {
    let mut claims = token.claims;
    let is_missing = |name: &str| !claims.contains_key(name);
    let is_incomplete = is_missing(&settings.account_claim)
        || settings.groups_claim.as_deref().is_some_and(is_missing);
    if let Some(userinfo) = userinfo.filter(|_| is_incomplete) {
        let bearer = SecretString::from(format!("Bearer {}", access_token.expose_secret()));
        let answer = web.get_json(userinfo, Some(&bearer)).await?;
        let Value::Object(more) = answer else {
            return Err(ProviderFailure::Malformed("userinfo is no JSON object"));
        };
        // Core §5.3.2: otherwise it is about somebody else.
        if more.get("sub").and_then(Value::as_str) != Some(&token.subject) {
            return Err(ProviderFailure::Malformed(
                "userinfo is about somebody else",
            ));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
    let account = account(&claims, &settings.account_claim)?;
    let sign_in = OidcSignIn {
        issuer: settings.issuer.clone(),
        subject: token.subject,
        session: token.session,
        acr: token.acr,
        amr: token.amr,
        authenticated_at: token.authenticated_at,
        groups: match &settings.groups_claim {
            Some(name) => groups(&claims, name)?,
            None => BTreeSet::new(),
        },
    };
    Ok((account, sign_in))
}

fn account(claims: &Map<String, Value>, name: &str) -> Result<String, ProviderFailure> {
    // At many providers anybody can write any address into their profile.
    if name == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(ProviderFailure::NoAccount);
    }
    let account = claims.get(name).and_then(Value::as_str);
    account
        .filter(|it| !it.is_empty() && it.len() <= LONGEST_ACCOUNT)
        .map(str::to_owned)
        .ok_or(ProviderFailure::NoAccount)
}

fn groups(claims: &Map<String, Value>, name: &str) -> Result<BTreeSet<String>, ProviderFailure> {
    let odd = ProviderFailure::Malformed("the groups are no list of texts");
    match claims.get(name) {
        None | Some(Value::Null) => Ok(BTreeSet::new()),
        Some(Value::String(one)) => Ok(BTreeSet::from([one.clone()])),
        Some(Value::Array(several)) if several.len() <= MOST_GROUPS => several
            .iter()
            .map(|group| group.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or(odd),
        Some(_) => Err(odd),
    }
}

/// Why an account of the provider is nobody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPerson {
    #[error("nobody in the catalog has this account")]
    Unknown,
    #[error("whose account this is works here no more")]
    Inactive,
    /// One human has one person; what could be two is nobody.
    #[error("the account could be more than one person's")]
    Ambiguous,
    #[error("the account is an agent's, and agents do not sign in at the provider")]
    Agent,
}

/// The one active person whose account in `system`, or whose id, this is.
///
/// # Errors
/// When it is nobody's, an agent's, or could be more than one's.
pub fn person_of(catalog: &Catalog, system: &str, account: &str) -> Result<PrincipalId, NoPerson> {
    let is_theirs = |id: &&PrincipalId| catalog.is_account_of(id, system, account);
    if catalog.agents.keys().any(|id| is_theirs(&id)) {
        return Err(NoPerson::Agent);
    }
    let mut people = catalog.people.keys().filter(is_theirs);
    let id = people.next().ok_or(NoPerson::Unknown)?;
    if people.next().is_some() {
        return Err(NoPerson::Ambiguous);
    }
    let is_active = catalog
        .people
        .get(id)
        .is_some_and(|person| person.is_active);
    is_active.then(|| id.clone()).ok_or(NoPerson::Inactive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use locum_domain::catalog::{Account, Agent, AgentKind, Person};
    use serde_json::json;

    fn catalog(people: &[(&str, bool, &[&str])]) -> Catalog {
        let mut catalog = Catalog::default();
        for (id, is_active, accounts) in people {
            let id: PrincipalId = id.parse().unwrap();
            let accounts = accounts.iter().map(|account| Account {
                system: "idp".to_owned(),
                id: (*account).to_owned(),
            });
            let person = Person {
                id: id.clone(),
                name: id.to_string(),
                employer: None,
                manager: None,
                roles: BTreeSet::new(),
                is_active: *is_active,
                accounts: accounts.collect(),
            };
            catalog.people.insert(id, person);
        }
        catalog
    }

    #[test]
    fn r06_an_account_is_one_active_persons_or_nobodys() {
        let (alice, bob) = ("alice@corp.example", "bob@corp.example");
        let mut catalog = catalog(&[
            (alice, true, &["u-1", "shared"]),
            (bob, true, &["u-2", "shared", alice]),
            ("carl@corp.example", false, &["u-3"]),
        ]);
        let robot: PrincipalId = "robot".parse().unwrap();
        let agent = Agent {
            id: robot.clone(),
            name: "Robot".to_owned(),
            kind: AgentKind::Service,
            sponsor: bob.parse().unwrap(),
            public_key: None,
            operations_per_session: None,
            is_active: true,
            accounts: Vec::new(),
        };
        catalog.agents.insert(robot, agent);
        for (system, account, expected) in [
            ("idp", "u-1", Ok(alice)),
            ("idp", bob, Ok(bob)),
            ("desk", "u-1", Err(NoPerson::Unknown)),
            ("idp", "u-4", Err(NoPerson::Unknown)),
            ("idp", "U-1", Err(NoPerson::Unknown)),
            ("idp", "shared", Err(NoPerson::Ambiguous)),
            ("idp", alice, Err(NoPerson::Ambiguous)),
            ("idp", "u-3", Err(NoPerson::Inactive)),
            ("idp", "robot", Err(NoPerson::Agent)),
        ] {
            let found = person_of(&catalog, system, account);
            let expected = expected.map(|id| id.parse().unwrap());
            assert_eq!(found, expected, "{system} {account}");
        }
    }

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn r06_an_address_that_nobody_verified_names_no_account() {
        for (said, expected) in [
            (
                json!({"email": "a@corp.example", "email_verified": true}),
                true,
            ),
            (
                json!({"email": "a@corp.example", "email_verified": "true"}),
                false,
            ),
            (
                json!({"email": "a@corp.example", "email_verified": false}),
                false,
            ),
            (json!({"email": "a@corp.example"}), false),
            (json!({"email": "", "email_verified": true}), false),
            (
                json!({"email": ["a@corp.example"], "email_verified": true}),
                false,
            ),
        ] {
            let account = account(&claims(said.clone()), "email");
            assert_eq!(account.is_ok(), expected, "{said}");
        }
        assert!(account(&claims(json!({"sub": "a"})), "sub").is_ok());
    }

    #[test]
    fn r06_groups_that_cannot_be_read_are_not_taken_for_none() {
        let read = |said: Value| groups(&claims(json!({ "groups": said })), "groups");
        assert_eq!(read(json!(["a", "b"])).unwrap().len(), 2);
        assert_eq!(read(json!("a")).unwrap().len(), 1);
        assert!(read(Value::Null).unwrap().is_empty());
        for odd in [json!([1]), json!({"a": true}), json!(vec!["x"; 1_001])] {
            assert!(read(odd).is_err());
        }
    }
}
