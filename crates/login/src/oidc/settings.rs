//! What the operator says about the identity provider.

use secrecy::SecretString;

/// The identity provider, and this client of it.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Compared byte by byte with what the provider says of itself.
    pub issuer: String,
    pub client_id: String,
    /// Without it we are a public client, and PKCE alone binds the code to us.
    pub client_secret: Option<SecretString>,
    /// `openid` among them.
    pub scopes: Vec<String>,
    /// The claim that names the account.
    pub account_claim: String,
    /// The claim that lists the groups, when any role hangs on one.
    pub groups_claim: Option<String>,
    /// Asked for when somebody steps up.
    pub stepped_up_acr: Vec<String>,
    /// Where the provider sends the browser back to, as registered there.
    pub redirect_uri: String,
    /// Where it sends the browser after a logout.
    pub post_logout_redirect_uri: String,
    /// Whether `public_url` is `https`.
    pub is_secure: bool,
}
