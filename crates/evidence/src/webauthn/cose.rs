//! A credential's public key as authenticators write it (§5.8.5, §6.5.1.1; RFC 9052, RFC 9053, RFC 8230).

use ciborium::Value;
use coset::iana::{Ec2KeyParameter, EllipticCurve, EnumI64 as _, OkpKeyParameter, RsaKeyParameter};
use coset::{AsCborValue as _, CoseKey, KeyType, Label, RegisteredLabelWithPrivate, iana};

use super::cbor;
use super::key::{KeyError, VerifyingKey};

/// Why a key is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CoseKeyError {
    #[error("not a COSE key")]
    Form,
    #[error("the key names no algorithm")]
    NoAlgorithm,
    #[error("the key is for an algorithm that was not offered")]
    Algorithm,
    #[error("key type or curve do not go with the key's algorithm")]
    KeyType,
    #[error("the key has a member that its algorithm does not have, or lacks one")]
    Members,
    #[error("the key itself is not accepted")]
    Key(#[from] KeyError),
}

/// The COSE key at the front of `bytes`, and what stands behind it.
pub(super) fn first(bytes: &[u8]) -> Result<(VerifyingKey, &[u8]), CoseKeyError> {
    let (item, rest) = cbor::first(bytes).ok_or(CoseKeyError::Form)?;
    let key = CoseKey::from_cbor_value(item).map_err(|_| CoseKeyError::Form)?;
    Ok((read(key)?, rest))
}

/// Only ES256, EdDSA and RS256, and of each only the one form that §5.8.5 and §6.5.1.1 leave.
fn read(key: CoseKey) -> Result<VerifyingKey, CoseKeyError> {
    let has_options = !key.key_id.is_empty() || !key.key_ops.is_empty() || !key.base_iv.is_empty();
    if has_options {
        return Err(CoseKeyError::Members);
    }
    let Some(RegisteredLabelWithPrivate::Assigned(algorithm)) = key.alg else {
        return Err(match key.alg {
            None => CoseKeyError::NoAlgorithm,
            Some(_) => CoseKeyError::Algorithm,
        });
    };
    let kind = |expected: iana::KeyType| {
        if key.kty == KeyType::Assigned(expected) {
            Ok(())
        } else {
            Err(CoseKeyError::KeyType)
        }
    };
    match algorithm {
        iana::Algorithm::ES256 => {
            kind(iana::KeyType::EC2)?;
            let [curve, x, y] = exactly(
                key.params,
                [Ec2KeyParameter::Crv, Ec2KeyParameter::X, Ec2KeyParameter::Y]
                    .map(|it| it.to_i64()),
            )?;
            on(&curve, EllipticCurve::P_256)?;
            // A sign bit in place of `y` is the compressed form, which §5.8.5 forbids.
            Ok(VerifyingKey::p256(&bytes(x)?, &bytes(y)?)?)
        }
        iana::Algorithm::EdDSA => {
            kind(iana::KeyType::OKP)?;
            let [curve, x] = exactly(
                key.params,
                [OkpKeyParameter::Crv, OkpKeyParameter::X].map(|it| it.to_i64()),
            )?;
            on(&curve, EllipticCurve::Ed25519)?;
            Ok(VerifyingKey::ed25519(&bytes(x)?)?)
        }
        iana::Algorithm::RS256 => {
            kind(iana::KeyType::RSA)?;
            let [n, e] = exactly(
                key.params,
                [RsaKeyParameter::N, RsaKeyParameter::E].map(|it| it.to_i64()),
            )?;
            Ok(VerifyingKey::rsa(&bytes(n)?, &bytes(e)?)?)
        }
        _ => Err(CoseKeyError::Algorithm),
    }
}

/// The parameters with these labels, when there are no others.
fn exactly<const N: usize>(
    params: Vec<(Label, Value)>,
    labels: [i64; N],
) -> Result<[Value; N], CoseKeyError> {
    if params.len() != N {
        return Err(CoseKeyError::Members);
    }
    let mut found = [const { Value::Null }; N];
    for (place, label) in found.iter_mut().zip(labels) {
        let value = params.iter().find(|(it, _)| *it == Label::Int(label));
        *place = value.ok_or(CoseKeyError::Members)?.1.clone();
    }
    Ok(found)
}

fn on(curve: &Value, expected: EllipticCurve) -> Result<(), CoseKeyError> {
    if *curve == Value::from(expected.to_i64()) {
        Ok(())
    } else {
        Err(CoseKeyError::KeyType)
    }
}

fn bytes(value: Value) -> Result<Vec<u8>, CoseKeyError> {
    value.into_bytes().map_err(|_| CoseKeyError::Members)
}
