//! The assertions that every verifier must accept or refuse, made with keys published on purpose.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use locum_token::{JwkSet, SigningKey, jws};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

const EDDSA: &str = include_str!("../../../../sdk/vectors/keys/eddsa.pem");
const ES256: &str = include_str!("../../../../sdk/vectors/keys/es256.pem");
const RS256: &str = include_str!("../../../../sdk/vectors/keys/rs256.pem");
const FOREIGN: &str = include_str!("../../../../sdk/vectors/keys/foreign.pem");

const ISSUER: &str = "https://locum.example";
const AUDIENCE: &str = "app:billing";
const TYP: &str = "locum-assertion+jwt";
const NOW: i64 = 1_800_000_000;

/// One file: its name and what it holds.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    pub(crate) content: Value,
}

/// All of them, in the order of their subject.
pub(crate) fn all() -> Vec<Vector> {
    let mut all = accepted();
    all.extend(for_somebody_else());
    all.extend(at_another_time());
    all.extend(incomplete());
    all.extend(badly_signed());
    all.extend(badly_written());
    all
}

fn accepted() -> Vec<Vector> {
    let mut chain = claims();
    chain["act"]["sub"] = json!("aida");
    chain["act"]["sub_profile"] = json!("ai_agent");
    chain["act"]["act"] = json!({"iss": ISSUER, "sub": "olga@corp.example", "sub_profile": "user"});
    let mut newer = claims();
    newer["later"] = json!({"versions": ["may", "say", "more"]});
    let signed =
        |pem: &str| jws::sign(&in_order(&claims()), TYP, &key(pem), &SystemRandom::new()).unwrap();
    vec![
        good("good-eddsa", "signed by EdDSA, the default", signed(EDDSA)),
        good("good-es256", "signed by ES256", signed(ES256)),
        good("good-rs256", "signed by RS256", signed(RS256)),
        Vector {
            name: "good-chain",
            content: content(
                "an AI agent on behalf of a person",
                forge(&header(), &chain),
                json!({"accept": {"actor": "aida", "subject": "cus_42", "case": "desk:7",
                    "session": "ses_1", "access_event": "evt_1", "on_behalf_of": "olga@corp.example"}}),
            ),
        },
        good(
            "good-unknown-claim",
            "a claim that is not known is passed over",
            forge(&header(), &newer),
        ),
    ]
}

fn for_somebody_else() -> Vec<Vector> {
    vec![
        bad_claim(
            "wrong-aud",
            "for another application",
            "audience",
            "aud",
            json!("app:crm"),
        ),
        bad_claim(
            "array-aud",
            "for this application and another",
            "claims",
            "aud",
            json!([AUDIENCE, "app:crm"]),
        ),
        bad_claim(
            "array-aud-of-one",
            "an audience is one string, never an array",
            "claims",
            "aud",
            json!([AUDIENCE]),
        ),
        bad_claim(
            "wrong-iss",
            "another Locum's",
            "issuer",
            "iss",
            json!("https://locum.example.net"),
        ),
        bad_header(
            "wrong-typ",
            "an access token",
            "type",
            "typ",
            json!("at+jwt"),
        ),
        bad_header("no-typ", "of no type", "type", "typ", Value::Null),
    ]
}

fn at_another_time() -> Vec<Vector> {
    let mut expired = claims();
    let mut future = claims();
    for name in ["iat", "nbf", "exp"] {
        let second = expired[name].as_i64().unwrap();
        expired[name] = json!(second - 120);
        future[name] = json!(second + 120);
    }
    vec![
        bad(
            "expired",
            "over for a minute",
            "expired",
            forge(&header(), &expired),
        ),
        bad(
            "future-nbf",
            "begins in two minutes",
            "not-yet-valid",
            forge(&header(), &future),
        ),
        bad_claim(
            "long-life",
            "lives for an hour",
            "life",
            "exp",
            json!(NOW + 3600),
        ),
        bad_claim(
            "exp-text",
            "a time is a number",
            "claims",
            "exp",
            json!("1800000060"),
        ),
    ]
}

fn incomplete() -> Vec<Vector> {
    let mut third = claims();
    let link = third["act"].clone();
    third["act"]["act"] = link.clone();
    third["act"]["act"]["act"] = link;
    let mut nameless = claims();
    nameless["act"].as_object_mut().unwrap().remove("sub");
    vec![
        bad_claim("no-act", "nobody acts", "claims", "act", Value::Null),
        bad(
            "nameless-act",
            "an actor without a name",
            "claims",
            forge(&header(), &nameless),
        ),
        bad(
            "three-actors",
            "a chain of three actors",
            "claims",
            forge(&header(), &third),
        ),
        bad_claim("no-sid", "no session", "claims", "sid", Value::Null),
        bad_claim("no-txn", "no access event", "claims", "txn", Value::Null),
        bad_claim(
            "no-locum-claims",
            "no case and no grant",
            "claims",
            "https://locum.dev/claims",
            Value::Null,
        ),
    ]
}

fn badly_signed() -> Vec<Vector> {
    let good = forge(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let mut other = claims();
    other["sub"] = json!("cus_1");
    let swapped = URL_SAFE_NO_PAD.encode(text(&other));
    let mut none = header();
    none["alg"] = json!("none");
    let unsigned = format!("{}.", forge(&none, &claims()).rsplit_once('.').unwrap().0);
    let mut embedded = header();
    embedded["jwk"] = key(FOREIGN).verifying_key().to_jwk();
    let foreign = |header: &Value| forge_with(FOREIGN, &text(header), &text(&claims()));
    let mut foreign_kid = header();
    foreign_kid["kid"] = json!(key(FOREIGN).kid());
    vec![
        bad("alg-none", "not signed and says so", "algorithm", unsigned),
        bad_header(
            "alg-hs256",
            "a shared secret's algorithm",
            "algorithm",
            "alg",
            json!("HS256"),
        ),
        bad_header(
            "alg-other",
            "another key's algorithm",
            "algorithm",
            "alg",
            json!("ES256"),
        ),
        bad_header(
            "unknown-crit",
            "demands an extension",
            "critical-header",
            "crit",
            json!(["b64"]),
        ),
        bad_header("no-kid", "names no key", "unknown-key", "kid", Value::Null),
        bad(
            "foreign-key",
            "signed by a stranger",
            "unknown-key",
            foreign(&foreign_kid),
        ),
        bad(
            "foreign-key-known-kid",
            "signed by a stranger in our name",
            "signature",
            foreign(&header()),
        ),
        bad(
            "foreign-key-embedded",
            "brings the key that should verify it",
            "signature",
            foreign(&embedded),
        ),
        bad(
            "no-signature",
            "the signature is empty",
            "signature",
            format!("{message}."),
        ),
        bad(
            "other-claims",
            "the subject was exchanged after signing",
            "signature",
            format!("{head}.{swapped}.{signature}"),
        ),
    ]
}

fn badly_written() -> Vec<Vector> {
    let good = forge(&header(), &claims());
    let (head, last) = good.split_at(good.len() - 1);
    let next = char::from(last.bytes().next().unwrap() + 1);
    let twice = text(&claims()).replacen('{', r#"{"sub":"root","#, 1);
    let mut long = claims();
    long["padding"] = json!("x".repeat(8 * 1024));
    vec![
        bad(
            "repeated-claim",
            "two subjects",
            "claims",
            forge_with(EDDSA, &text(&header()), &twice),
        ),
        bad(
            "padded",
            "base64url has no padding here",
            "malformed",
            format!("{good}=="),
        ),
        bad(
            "loose-bits",
            "the last letter carries bits that no byte needs",
            "malformed",
            format!("{head}{next}"),
        ),
        bad(
            "four-parts",
            "a part too many",
            "malformed",
            format!("{good}.e30"),
        ),
        bad(
            "too-long",
            "more than 8 KiB",
            "too-long",
            forge(&header(), &long),
        ),
    ]
}

fn good(name: &'static str, says: &str, token: String) -> Vector {
    let read = json!({"accept": {"actor": "alice@corp.example", "subject": "cus_42",
        "case": "desk:7", "session": "ses_1", "access_event": "evt_1"}});
    Vector {
        name,
        content: content(says, token, read),
    }
}

fn bad(name: &'static str, says: &str, code: &str, token: String) -> Vector {
    Vector {
        name,
        content: content(says, token, json!({"refuse": code})),
    }
}

/// `Null` takes the claim away.
fn bad_claim(name: &'static str, says: &str, code: &str, claim: &str, value: Value) -> Vector {
    bad(
        name,
        says,
        code,
        forge(&header(), &with(claims(), claim, value)),
    )
}

/// `Null` takes the member away.
fn bad_header(name: &'static str, says: &str, code: &str, member: &str, value: Value) -> Vector {
    bad(
        name,
        says,
        code,
        forge(&with(header(), member, value), &claims()),
    )
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    if value.is_null() {
        object.as_object_mut().unwrap().remove(member);
    } else {
        object[member] = value;
    }
    object
}

fn content(says: &str, token: String, expect: Value) -> Value {
    let trusted = [EDDSA, ES256, RS256].map(|pem| key(pem).verifying_key().clone());
    json!({
        "says": says, "token": token, "jwks": JwkSet::of(trusted).to_json(),
        "issuer": ISSUER, "audience": AUDIENCE, "now": NOW, "expect": expect,
    })
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": TYP, "kid": key(EDDSA).kid()})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "cus_42",
        "act": {"iss": ISSUER, "sub": "alice@corp.example", "sub_profile": "user"},
        "client_id": "locum", "scope": "invoice.list invoice.read",
        "sid": "ses_1", "txn": "evt_1", "jti": "jti_1", "iat": NOW, "nbf": NOW, "exp": NOW + 60,
        "https://locum.dev/claims": {"case": "desk:7", "grant": "grt_1", "mode": "read",
            "break_glass": false, "activation": 12},
    })
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pkcs8_pem(pem, &SystemRandom::new()).unwrap()
}

/// The same members in the order of their names. What order `serde_json` keeps depends on what else is built.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: std::collections::BTreeMap<_, _> = members.iter().collect();
            let members = sorted
                .into_iter()
                .map(|(name, value)| (name.clone(), in_order(value)));
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(in_order).collect()),
        other => other.clone(),
    }
}

fn text(value: &Value) -> String {
    in_order(value).to_string()
}

fn forge(header: &Value, claims: &Value) -> String {
    forge_with(EDDSA, &text(header), &text(claims))
}

fn forge_with(pem: &str, header: &str, claims: &str) -> String {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
    let (header, claims) = (
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims),
    );
    let message = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}
