//! Passkeys: signing in with one, proving oneself again, making one. What is signed is verified by the same code that
//! verifies evidence ([`locum_evidence::webauthn`]).

mod challenges;
mod offered;
mod options;
mod refused;
mod response;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use locum_domain::authenticator::Authenticator;
use locum_domain::{AuthenticatorId, PrincipalId};
use locum_evidence::webauthn::{
    Assertion, Ceremony, NewCredential, Registration, verify_assertion, verify_registration,
};
use serde_json::Value;

pub use refused::PasskeyRefused;
pub use response::{AuthenticationResponse, RegistrationResponse};

use crate::cookie::SIGN_IN;
use crate::login::LoginId;
use crate::ports::Ports;
use crate::used_once::UsedOnce;
use challenges::Challenges;

/// The ceremonies, so that no challenge serves two.
const STEP_UP_CEREMONY: &str = "locum-passkey-step-up/v1";
const REGISTRATION_CEREMONY: &str = "locum-passkey-registration/v1";
const INVITED_CEREMONY: &str = "locum-passkey-invited/v1";

/// Most sign-ins with one passkey within the time of a challenge.
const MOST_SIGN_INS: usize = 1_000;

/// The relying party.
#[derive(Debug, Clone)]
pub struct PasskeySettings {
    /// The domain that passkeys are scoped to.
    pub rp_id: String,
    /// What the browser calls us when it asks.
    pub rp_name: String,
    /// The one origin whose pages may hold a ceremony: that of `public_url`.
    pub origin: String,
    /// Whether `public_url` is `https`.
    pub is_secure: bool,
}

/// Finds the live authenticator of a credential id, and the highest count it was seen with. A revoked one is none.
pub trait FindAuthenticator: Sync {
    fn by_credential(&self, credential_id: &str) -> Option<(Authenticator, Option<u32>)>;
}

impl<F> FindAuthenticator for F
where
    F: Fn(&str) -> Option<(Authenticator, Option<u32>)> + Sync,
{
    fn by_credential(&self, credential_id: &str) -> Option<(Authenticator, Option<u32>)> {
        self(credential_id)
    }
}

/// Somebody proved themselves with a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    pub principal: PrincipalId,
    pub authenticator: AuthenticatorId,
    pub sign_count: u32,
}

/// Where a passkey is made: what its challenge is bound to.
#[derive(Debug, Clone, Copy)]
pub enum MadeIn<'a> {
    Login(&'a LoginId),
    /// By whoever holds the code of an invitation, and is not signed in.
    Invitation(&'a str),
}

impl<'a> MadeIn<'a> {
    fn ceremony(self) -> (&'static str, &'a str) {
        match self {
            MadeIn::Login(login) => (REGISTRATION_CEREMONY, login.as_str()),
            MadeIn::Invitation(code) => (INVITED_CEREMONY, code),
        }
    }
}

/// The ceremonies that are under way.
pub struct Passkeys {
    settings: PasskeySettings,
    ports: Ports,
    challenges: Challenges,
    /// The challenges that signed somebody in.
    signed_in: UsedOnce,
    /// The highest count each authenticator signed in with: a lower one later is a copied key's.
    counts: Mutex<BTreeMap<AuthenticatorId, u32>>,
}

impl Passkeys {
    /// No ceremony is under way.
    pub fn new(settings: PasskeySettings, ports: Ports) -> Self {
        Self {
            settings,
            ports,
            challenges: Challenges::default(),
            signed_in: UsedOnce::new(MOST_SIGN_INS),
            counts: Mutex::default(),
        }
    }

    /// Options for signing in, and the `Set-Cookie` that binds them to this browser. They are the same for everybody.
    /// `None` without randomness.
    pub fn sign_in_options(&self) -> Option<(Value, String)> {
        let (kept, challenge) = offered::offer(&self.ports)?;
        let options = options::request(&self.settings.rp_id, &challenge, &[]);
        Some((options, SIGN_IN.begun(&kept, self.settings.is_secure)))
    }

    /// Who signs in. Nobody is before: the authenticator names its person by the user handle, and the credential must
    /// be theirs (WebAuthn Level 3, §7.2, step 6).
    ///
    /// # Errors
    /// Without an open challenge of this browser, for an unknown credential, or when the assertion does not verify.
    pub fn sign_in(
        &self,
        headers: &HeaderMap,
        response: &AuthenticationResponse,
        authenticators: &dyn FindAuthenticator,
    ) -> Result<Proved, PasskeyRefused> {
        let kept = SIGN_IN.read(headers, self.settings.is_secure);
        let kept = kept.ok_or(PasskeyRefused::NoChallenge)?;
        let now = self.ports.now();
        let offered = offered::offered(kept, &self.ports).ok_or(PasskeyRefused::NoChallenge)?;
        if self.signed_in.is_used(kept, now) {
            return Err(PasskeyRefused::NoChallenge);
        }
        let found = authenticators.by_credential(&response.credential_id);
        let (authenticator, last_count) = found.ok_or(PasskeyRefused::Unknown)?;
        let handle = options::user_handle(&self.settings.rp_id, &authenticator.person);
        if response.user_handle.as_deref() != Some(&handle[..]) {
            return Err(PasskeyRefused::Unknown);
        }
        let proved = self.proved(response, authenticator, last_count, &offered.challenge)?;
        let owner = proved.authenticator.as_str();
        // Of two answers to one challenge the first signs in.
        let is_first = self.signed_in.take(owner, kept, offered.expires_at, now);
        is_first
            .then_some(proved)
            .ok_or(PasskeyRefused::NoChallenge)
    }

    /// The value of `Set-Cookie` that takes the sign-in's cookie away.
    pub fn signed_in_cookie(&self) -> String {
        SIGN_IN.ended(self.settings.is_secure)
    }

    /// Options for proving oneself again within a login, with one's own live passkeys. `None` without randomness.
    pub fn step_up_options(&self, login: &LoginId, own: &[Authenticator]) -> Option<Value> {
        let challenge = self
            .challenges
            .open(STEP_UP_CEREMONY, login.as_str(), &self.ports)?;
        Some(options::request(&self.settings.rp_id, &challenge, own))
    }

    /// Proves the person of a login again. Whose passkey it is `Logins::step_up` compares with the login.
    ///
    /// # Errors
    /// Without an open challenge of this login, for an unknown credential, or when the assertion does not verify.
    pub fn step_up(
        &self,
        login: &LoginId,
        response: &AuthenticationResponse,
        authenticators: &dyn FindAuthenticator,
    ) -> Result<Proved, PasskeyRefused> {
        let challenge = self
            .challenges
            .take(STEP_UP_CEREMONY, login.as_str(), &self.ports)
            .ok_or(PasskeyRefused::NoChallenge)?;
        let found = authenticators.by_credential(&response.credential_id);
        let (authenticator, last_count) = found.ok_or(PasskeyRefused::Unknown)?;
        let handle = options::user_handle(&self.settings.rp_id, &authenticator.person);
        // Here an authenticator may leave it out (§7.2, step 6).
        let is_theirs = |it: &[u8]| it == &handle[..];
        if !response.user_handle.as_deref().is_none_or(is_theirs) {
            return Err(PasskeyRefused::Unknown);
        }
        self.proved(response, authenticator, last_count, &challenge)
    }

    fn proved(
        &self,
        response: &AuthenticationResponse,
        authenticator: Authenticator,
        last_count: Option<u32>,
        challenge: &[u8; 32],
    ) -> Result<Proved, PasskeyRefused> {
        let assertion = Assertion {
            authenticator_data: &response.authenticator_data,
            client_data_json: &response.client_data_json,
            signature: &response.signature,
        };
        let ceremony = self.ceremony(challenge);
        // Held over the check, so that of two answers with one count only the first is believed.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = counts.get(&authenticator.id).copied();
        let asserted =
            verify_assertion(&assertion, &authenticator, &ceremony, last_count.max(seen))?;
        counts.insert(authenticator.id.clone(), asserted.sign_count);
        Ok(Proved {
            principal: authenticator.person,
            authenticator: authenticator.id,
            sign_count: asserted.sign_count,
        })
    }

    /// Options for making a passkey. `None` without randomness.
    pub fn registration_options(
        &self,
        made_in: MadeIn<'_>,
        person: &PrincipalId,
        display_name: &str,
        existing: &[Authenticator],
    ) -> Option<Value> {
        let (ceremony, bound_to) = made_in.ceremony();
        let challenge = self.challenges.open(ceremony, bound_to, &self.ports)?;
        let PasskeySettings { rp_id, rp_name, .. } = &self.settings;
        Some(options::creation(
            rp_id,
            rp_name,
            &challenge,
            person,
            display_name,
            existing,
        ))
    }

    /// A passkey that was made. That nobody has it already is the caller's to look up.
    ///
    /// # Errors
    /// Without a challenge that is open there, or when the registration does not verify.
    pub fn register(
        &self,
        made_in: MadeIn<'_>,
        response: &RegistrationResponse,
    ) -> Result<NewCredential, PasskeyRefused> {
        let (ceremony, bound_to) = made_in.ceremony();
        let challenge = self.challenges.take(ceremony, bound_to, &self.ports);
        let challenge = challenge.ok_or(PasskeyRefused::NoChallenge)?;
        let registration = Registration {
            client_data_json: &response.client_data_json,
            attestation_object: &response.attestation_object,
        };
        let credential = verify_registration(&registration, &self.ceremony(&challenge))?;
        if URL_SAFE_NO_PAD.encode(&credential.credential_id) != response.credential_id {
            return Err(PasskeyRefused::CredentialId);
        }
        Ok(credential)
    }

    fn ceremony<'c>(&'c self, challenge: &'c [u8; 32]) -> Ceremony<'c> {
        Ceremony {
            rp_id: &self.settings.rp_id,
            origin: &self.settings.origin,
            challenge,
        }
    }
}
