//! What closed operations are called: words that stand beside each other, in the singular and in small letters.

use std::collections::HashMap;
use std::sync::LazyLock;

/// When a sign counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Reading it is as bad: it shows a secret, begins a sign-in or takes everything along.
    Always,
    /// Only where something is changed.
    Change,
}

/// A class, and one of the ways in which something looks like it.
#[derive(Debug)]
pub(super) struct Sign {
    pub(super) class: &'static str,
    pub(super) when: When,
    /// Separated by commas, each of one or several words.
    phrases: &'static str,
}

const fn always(class: &'static str, phrases: &'static str) -> Sign {
    Sign {
        class,
        when: When::Always,
        phrases,
    }
}

const fn change(class: &'static str, phrases: &'static str) -> Sign {
    Sign {
        class,
        when: When::Change,
        phrases,
    }
}

/// In the order in which they are looked for: of several classes the more telling one names it.
const SIGNS: [Sign; 24] = [
    always(
        "impersonation",
        "impersonate, impersonation, masquerade, act as, acta, login as, log in as, sign in as, \
         sudo, assume role, assume identity, switch user, switch account, become, on behalf, view as",
    ),
    always(
        "recovery",
        "recovery, recover, reset password, password reset, forgot, forgotten, lost password, backup \
         code, security question, magic link, unlock account, account unlock",
    ),
    always(
        "factors",
        "mfa, 2fa, tfa, otp, totp, hotp, two factor, twofactor, second factor, multi factor, \
         multifactor, authenticator, passkey, webauthn, fido, fido2, u2f, security key, one time, \
         verification code, trusted device, yubikey, biometric",
    ),
    change("factors", "factor, challenge"),
    always(
        "api-keys",
        "api key, apikey, api token, apitoken, access token, accesstoken, access key, token, client \
         secret, client credential, service account, presign, presigned, signed url, signed uri, \
         upload url, upload ticket, deploy key, license key, jwt, app key, webhook secret",
    ),
    always(
        "consent",
        "oauth, oauth2, openid, oidc, saml, saml2, sso, consent, connected app, linked account, \
         authorized app, authorised app, third party, oauth app",
    ),
    change(
        "consent",
        "authorize, authorise, authorization, integration, connect, installation, app",
    ),
    always(
        "credentials",
        "password, passwd, passphrase, credential, secret, private key, ssh key, gpg key, signing \
         key, keypair, key pair, client certificate, pin code, pincode",
    ),
    change(
        "api-keys",
        "share link, public link, shareable, shared link, file link, account link, api client, key",
    ),
    change("credentials", "username, login name, certificate, pgp key"),
    always(
        "sessions",
        "login, logout, signin, signout, log in, log out, log off, logoff, sign in, sign out, sign \
         off, signoff, end session",
    ),
    change(
        "sessions",
        "session, authentication, authenticate, auth, revoke",
    ),
    change(
        "money",
        "payout, payment, pay, transfer, refund, withdrawal, withdraw, charge, disbursement, \
         disburse, beneficiary, recipient, payee, bank, bank account, iban, wire, wallet, balance, \
         topup, top up, checkout, purchase, buy, donation, donate, credit card, debit card, bank \
         card, payment card, card, mandate, direct debit, payroll, salary, subscription, billing, \
         credit note, cash, remittance, deposit, loan, gift card, settlement, capture, funding, \
         external account, setup intent, financial account, reversal, treasury",
    ),
    always(
        "bulk-export",
        "export, bulk download, download all, dump, takeout, data request, backup, full report, bulk \
         read, extract all, archive download, download archive, tarball, zipball, migration archive",
    ),
    change(
        "bulk-export",
        "webhook, hook, forwarding, forward, data feed",
    ),
    change(
        "legal",
        "term, tos, agreement, contract, signature, esign, esignature, docusign, legal, eula, \
         waiver, privacy policy, license, licence, power of attorney, disclaimer, declaration, sign, \
         attest, attestation",
    ),
    change(
        "roles",
        "role, permission, privilege, invite, invitation, invitee, member, membership, collaborator, \
         access control, acl, owner, ownership, promote, demote, seat, delegate, delegation, access \
         level, access request, share, sharing, group member, admin user, user create, create user, \
         add user, entitlement",
    ),
    change(
        "contact-change",
        "email change, change email, email address, phone, mobile, telephone, msisdn, contact \
         detail, contact info, verify email, email verify, email verification, verify phone, confirm \
         email, email confirm, email confirmation, update email",
    ),
    change(
        "speech",
        "message, comment, reply, post, tweet, chat, conversation, feedback, send, mail, sms, \
         announcement, publish, discussion, reaction, forum, thread, answer, testimonial, broadcast, \
         newsletter, campaign, fax, letter, review, rating, vote, follow, like, survey response, \
         notify, dm, status update",
    ),
    // An address that nothing says is written to: somebody's own.
    change("contact-change", "email, e mail"),
    always(
        "deletion",
        "delete account, close account, account deletion, account closure",
    ),
    change(
        "deletion",
        "delete, deletion, destroy, purge, erase, erasure, wipe, remove, deactivate, deactivation, \
         terminate, drop, trash, anonymize, anonymise, forget, truncate, unpublish, clear",
    ),
    // What an application calls its own second door.
    change("impersonation", "as user, user switch"),
    change("legal", "consent form, accept"),
];

/// What a field of a body says, whatever it is sent to.
const IN_ANY_BODY: [(&str, &str); 7] = [
    (
        "credentials",
        "password, passwd, passphrase, new password, secret, private key",
    ),
    ("factors", "otp, totp, mfa, 2fa, two factor"),
    ("api-keys", "api key, access token, client secret"),
    (
        "money",
        "iban, bic, account number, routing number, sort code, card number, cvc, cvv, bank account, \
         payee, beneficiary, payout, payment method, recipient account",
    ),
    (
        "roles",
        "role, permission, privilege, is admin, admin, is superuser, is staff",
    ),
    (
        "legal",
        "accept term, term accepted, accepted term, tos acceptance, agree",
    ),
    ("impersonation", "impersonate, act as, on behalf of"),
];

/// What a field of a body says where one thing that is there is changed.
const IN_CHANGED: [(&str, &str); 1] = [(
    "contact-change",
    "email, e mail, phone, mobile, telephone, msisdn",
)];

/// Every phrase by its first word, with the place of its sign.
static BY_FIRST_WORD: LazyLock<HashMap<&str, Vec<(usize, &'static str)>>> = LazyLock::new(|| {
    let mut found: HashMap<&str, Vec<(usize, &'static str)>> = HashMap::new();
    for (place, sign) in SIGNS.iter().enumerate() {
        for phrase in sign.phrases.split(", ") {
            let first = phrase.split(' ').next().unwrap_or_default();
            found.entry(first).or_default().push((place, phrase));
        }
    }
    found
});

/// The first sign that these words show and that `fits`, with its phrase. An anti-forgery token is nobody's key.
pub(super) fn in_words(
    words: &[String],
    fits: impl Fn(&Sign) -> bool,
) -> Option<(&'static Sign, &'static str)> {
    /// How long a look is worth: a summary may be an essay.
    const MOST_WORDS: usize = 64;
    let words = words.get(..MOST_WORDS).unwrap_or(words);
    let is_forgery_guard = words
        .iter()
        .any(|word| matches!(word.as_str(), "csrf" | "xsrf"));
    let mut first: Option<(usize, &'static str)> = None;
    for (at, word) in words.iter().enumerate() {
        for (place, phrase) in BY_FIRST_WORD.get(word.as_str()).into_iter().flatten() {
            let is_earlier = first.is_none_or(|(before, _)| *place < before);
            if is_earlier && begins(words.get(at..).unwrap_or_default(), phrase) {
                let sign = SIGNS.get(*place);
                let counts = sign.is_some_and(|sign| {
                    fits(sign) && !(is_forgery_guard && sign.class == "api-keys")
                });
                first = if counts {
                    Some((*place, phrase))
                } else {
                    first
                };
            }
        }
    }
    let (place, phrase) = first?;
    Some((SIGNS.get(place)?, phrase))
}

fn begins(words: &[String], phrase: &str) -> bool {
    let mut words = words.iter();
    phrase
        .split(' ')
        .all(|said| words.next().is_some_and(|word| word == said))
}

/// The first class that a body's fields show.
pub(super) fn in_body(
    fields: impl Iterator<Item = Vec<String>>,
    is_update: bool,
) -> Option<(&'static str, &'static str)> {
    let fields: Vec<Vec<String>> = fields.collect();
    let changed = IN_CHANGED.iter().filter(|_| is_update);
    IN_ANY_BODY
        .iter()
        .chain(changed)
        .find_map(|(class, phrases)| {
            let phrase = fields.iter().find_map(|words| said(words, phrases))?;
            Some((*class, phrase))
        })
}

/// The first of the phrases that stands in these words.
fn said(words: &[String], phrases: &'static str) -> Option<&'static str> {
    phrases.split(", ").find(|phrase| {
        (0..words.len()).any(|at| begins(words.get(at..).unwrap_or_default(), phrase))
    })
}
