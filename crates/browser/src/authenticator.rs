//! An authenticator without a finger: WebAuthn's own automation (WebAuthn Level 3, section 11).

use chromiumoxide::cdp::browser_protocol::web_authn::{
    AddCredentialParams, AddVirtualAuthenticatorParams, AuthenticatorId, AuthenticatorProtocol,
    AuthenticatorTransport, Credential, Ctap2Version, EnableParams, GetCredentialsParams,
    RemoveVirtualAuthenticatorParams, SetUserVerifiedParams, VirtualAuthenticatorOptions,
};

use crate::page::Page;

/// An authenticator plugged into one page: CTAP2, internal, with resident keys, verifying its user.
pub struct VirtualAuthenticator {
    id: AuthenticatorId,
}

/// A credential taken out of an authenticator, private key and counter included. Only a virtual one gives it away.
#[derive(Debug, Clone)]
pub struct ExportedCredential(Credential);

impl ExportedCredential {
    /// The credential's id, base64.
    pub fn id(&self) -> String {
        let id: &str = self.0.credential_id.as_ref();
        id.to_owned()
    }

    /// How often it signed.
    pub fn sign_count(&self) -> i64 {
        self.0.sign_count
    }
}

impl VirtualAuthenticator {
    /// Plugs an empty one into a page. It stays while the page goes from address to address.
    pub async fn plug_into(page: &Page) -> Self {
        page.tell(EnableParams::default()).await;
        let mut options = VirtualAuthenticatorOptions::new(
            AuthenticatorProtocol::Ctap2,
            AuthenticatorTransport::Internal,
        );
        options.ctap2_version = Some(Ctap2Version::Ctap21);
        options.has_resident_key = Some(true);
        options.has_user_verification = Some(true);
        options.is_user_verified = Some(true);
        options.automatic_presence_simulation = Some(true);
        let added = page.tell(AddVirtualAuthenticatorParams::new(options)).await;
        Self {
            id: added.authenticator_id,
        }
    }

    /// Another page's authenticator with the same keys in it: the same finger on the next tab.
    pub async fn with(page: &Page, credentials: &[ExportedCredential]) -> Self {
        let plugged = Self::plug_into(page).await;
        for ExportedCredential(credential) in credentials {
            let add = AddCredentialParams::new(plugged.id.clone(), credential.clone());
            page.tell(add).await;
        }
        plugged
    }

    /// Everything that was enrolled with it.
    pub async fn credentials(&self, page: &Page) -> Vec<ExportedCredential> {
        let asked = GetCredentialsParams::new(self.id.clone());
        let credentials = page.tell(asked).await.credentials;
        credentials.into_iter().map(ExportedCredential).collect()
    }

    /// Whether its user is verified from now on; a finger it does not know is not.
    pub async fn verifies_its_user(&self, page: &Page, is_verified: bool) {
        page.tell(SetUserVerifiedParams::new(self.id.clone(), is_verified))
            .await;
    }

    /// Takes it away: a lost device.
    pub async fn unplug(self, page: &Page) {
        page.tell(RemoveVirtualAuthenticatorParams::new(self.id))
            .await;
    }
}
