//! The key of a file, as somebody asks for its enrolment: of the one kind that is supported, and theirs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_api::{EnrolBody, possession_message};
use locum_domain::authenticator::PublicKey;
use locum_domain::{Denial, Refusal};
use ring::signature::{ED25519, UnparsedPublicKey};

/// The public key, once its private half has proved that whoever asks holds it.
pub(super) fn public_key(body: &EnrolBody) -> Result<PublicKey, Refusal> {
    let wrong = |pointer: &str, detail: &str| Err(Denial::Malformed.because(detail).at(pointer));
    let key = &body.public_key;
    if key.kty != "OKP" {
        return wrong("/public_key/kty", "a key file has an `OKP` key");
    }
    if key.crv != "Ed25519" {
        return wrong("/public_key/crv", "a key file has an `Ed25519` key");
    }
    let x = URL_SAFE_NO_PAD.decode(&key.x).ok();
    let Some(x) = x.and_then(|x| <[u8; 32]>::try_from(x).ok()) else {
        return wrong("/public_key/x", "32 bytes in base64url belong here");
    };
    let public_key = PublicKey::ed25519(&x);
    let message = possession_message(&public_key.thumbprint());
    let proof = URL_SAFE_NO_PAD.decode(&body.possession).unwrap_or_default();
    match UnparsedPublicKey::new(&ED25519, x).verify(&message, &proof) {
        Ok(()) => Ok(public_key),
        Err(_) => wrong("/possession", "it is no signature of this key"),
    }
}

#[cfg(test)]
mod tests {
    use locum_api::PublicKeyBody;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    fn body(pair: &Ed25519KeyPair, signer: &Ed25519KeyPair) -> EnrolBody {
        let x = pair.public_key().as_ref();
        let thumbprint = PublicKey::ed25519(x.try_into().unwrap()).thumbprint();
        let proof = signer.sign(&possession_message(&thumbprint));
        EnrolBody {
            name: "laptop".to_owned(),
            public_key: PublicKeyBody {
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                x: URL_SAFE_NO_PAD.encode(x),
            },
            possession: URL_SAFE_NO_PAD.encode(proof),
            replaces: None,
        }
    }

    #[test]
    fn r33_nobody_asks_for_a_key_they_do_not_hold() {
        let pair = |seed: u8| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let (own, other) = (pair(1), pair(2));
        assert!(public_key(&body(&own, &own)).is_ok());
        let at = |body: &EnrolBody| public_key(body).unwrap_err().pointer.unwrap();
        assert_eq!(at(&body(&own, &other)), "/possession");
        let good = body(&own, &own);
        let with = |change: &dyn Fn(&mut EnrolBody)| {
            let mut body = good.clone();
            change(&mut body);
            at(&body)
        };
        assert_eq!(
            with(&|it| it.public_key.kty = "EC".to_owned()),
            "/public_key/kty"
        );
        assert_eq!(
            with(&|it| it.public_key.crv = "X25519".to_owned()),
            "/public_key/crv"
        );
        assert_eq!(
            with(&|it| it.public_key.x = "AA".to_owned()),
            "/public_key/x"
        );
        assert_eq!(with(&|it| it.possession = String::new()), "/possession");
    }
}
