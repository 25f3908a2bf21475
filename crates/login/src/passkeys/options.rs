//! What a page hands to the browser (WebAuthn Level 3, §5.1.8 and §5.1.9, in JSON).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::PrincipalId;
use locum_domain::authenticator::Authenticator;
use locum_evidence::webauthn::ALGORITHMS;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::challenges::LONGEST;

/// Names a person to their authenticator without saying who they are (§14.6.1). The same for as long as the person and
/// the relying party have their names, since the authenticator keeps it.
pub(super) fn user_handle(rp_id: &str, person: &PrincipalId) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"locum-user-handle/v1\n");
    hasher.update(rp_id.as_bytes());
    hasher.update(b"\n");
    hasher.update(person.as_str().as_bytes());
    hasher.finalize().into()
}

/// `PublicKeyCredentialRequestOptionsJSON`. Without `allowed`, whoever is at the browser chooses among their own
/// passkeys, and we name none: the answer would tell strangers who has one.
pub(super) fn request(rp_id: &str, challenge: &[u8; 32], allowed: &[Authenticator]) -> Value {
    json!({
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "timeout": LONGEST.as_millis() as u64,
        "rpId": rp_id,
        "allowCredentials": descriptors(allowed),
        "userVerification": "required",
    })
}

/// `PublicKeyCredentialCreationOptionsJSON`. The authenticators that the person has already are excluded.
pub(super) fn creation(
    rp_id: &str,
    rp_name: &str,
    challenge: &[u8; 32],
    person: &PrincipalId,
    display_name: &str,
    existing: &[Authenticator],
) -> Value {
    let algorithms = ALGORITHMS.map(|algorithm| json!({"type": "public-key", "alg": algorithm}));
    json!({
        "rp": {"id": rp_id, "name": rp_name},
        "user": {
            "id": URL_SAFE_NO_PAD.encode(user_handle(rp_id, person)),
            "name": person.as_str(),
            "displayName": display_name,
        },
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "pubKeyCredParams": algorithms,
        "timeout": LONGEST.as_millis() as u64,
        "excludeCredentials": descriptors(existing),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
    })
}

fn descriptors(authenticators: &[Authenticator]) -> Vec<Value> {
    authenticators
        .iter()
        .filter_map(Authenticator::credential_id)
        .map(|id| json!({"type": "public-key", "id": id}))
        .collect()
}
