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
        "password, passwd, passphrase, passcode, credential, secret, private key, ssh key, gpg key, signing \
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
         external account, setup intent, financial account, reversal, treasury, cardholder, payslip",
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
         add user, entitlement, iam, security manager, moderator, maintainer, allowlist, allow list, whitelist",
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

/// What stands within one word, where a name is written without a break: `deleteaccount`, `setiampolicy`. A `^` holds
/// at the word's beginning only, a `$` at its end.
const WITHIN_WORDS: [Sign; 11] = [
    always("impersonation", "impersonat, assumerole, loginas$"),
    always("factors", "twofactor, multifactor, otp$"),
    always("api-keys", "token, apikey, accesskey, cryptokey"),
    always("consent", "oauth, openid"),
    always(
        "credentials",
        "password, passwd, passcode, passphrase, credential, privatekey, secretkey, clientsecret",
    ),
    always("sessions", "logout, signout, logoff"),
    change(
        "money",
        "refund, payout, payment, transfer, withdraw, cardholder, bankaccount, creditcard",
    ),
    always("bulk-export", "^export, export$"),
    change(
        "roles",
        "iampolicy, permission, rolebinding, rolemapping, invitation, ^invite, addmember, addrole, ^grant",
    ),
    change(
        "contact-change",
        "phoneverif, verifyphone, emailverif, verifyemail, ^changeemail, ^changephone, ^updateemail",
    ),
    change(
        "deletion",
        "^delete, delete$, ^remove, ^destroy, ^purge, ^erase, deactivat",
    ),
];

/// What a field of a body says, whatever it is sent to. After a `=`, it is the whole name that says it.
const IN_ANY_BODY: [(&str, &str); 8] = [
    (
        "credentials",
        "password, passwd, passphrase, passcode, secret, private key",
    ),
    ("factors", "otp, totp, mfa, 2fa, two factor"),
    (
        "api-keys",
        "api key, access token, client secret, access key, api token, auth token, bot token, bearer token, \
         private token, refresh token, =token",
    ),
    (
        "money",
        "iban, bic, account number, routing number, sort code, card number, cvc, cvv, bank account, \
         payee, beneficiary, payout, payment method, recipient account",
    ),
    (
        "roles",
        "role, permission, privilege, is admin, admin, is superuser, is staff, =member, =membership, \
         =collaborator, =invitee",
    ),
    (
        "legal",
        "accept term, term accepted, accepted term, tos acceptance, agree",
    ),
    ("impersonation", "impersonate, act as, on behalf of"),
    ("bulk-export", "webhook"),
];

/// What a field of a body says where one thing that is there is changed.
const IN_CHANGED: [(&str, &str); 1] = [(
    "contact-change",
    "email, e mail, phone, mobile, telephone, msisdn",
)];

/// What a field of a body says where an account is changed: by what somebody signs in.
const IN_ACCOUNT: [(&str, &str); 1] = [("credentials", "username, user name, =login, login name")];

/// What is changed with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// Something that may be new.
    Any,
    /// One thing that is there.
    Thing,
    /// Somebody's account.
    Account,
}

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
    match first {
        Some((place, phrase)) => Some((SIGNS.get(place)?, phrase)),
        None => within_words(words, fits),
    }
}

/// The first sign that stands within a word.
fn within_words(
    words: &[String],
    fits: impl Fn(&Sign) -> bool,
) -> Option<(&'static Sign, &'static str)> {
    /// Letters from which on a word may be several.
    const SHORTEST: usize = 8;
    let long: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| word.len() >= SHORTEST && !word.ends_with("undelete"))
        .collect();
    let holds = |stem: &str| {
        long.iter().any(
            |word| match (stem.strip_prefix('^'), stem.strip_suffix('$')) {
                (Some(stem), _) => word.starts_with(stem),
                (None, Some(stem)) => word.ends_with(stem),
                (None, None) => word.contains(stem),
            },
        )
    };
    WITHIN_WORDS
        .iter()
        .filter(|sign| fits(sign))
        .find_map(|sign| {
            let stem = sign.phrases.split(", ").find(|stem| holds(stem))?;
            Some((sign, stem.trim_matches(['^', '$'])))
        })
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
    changed: Changed,
) -> Option<(&'static str, &'static str)> {
    let fields: Vec<Vec<String>> = fields.collect();
    let in_changed = IN_CHANGED.iter().filter(|_| changed != Changed::Any);
    let in_account = IN_ACCOUNT.iter().filter(|_| changed == Changed::Account);
    IN_ANY_BODY
        .iter()
        .chain(in_changed)
        .chain(in_account)
        .find_map(|(class, phrases)| {
            let phrase = fields.iter().find_map(|words| said(words, phrases))?;
            Some((*class, phrase))
        })
}

/// The first of the phrases that stands in these words.
fn said(words: &[String], phrases: &'static str) -> Option<&'static str> {
    let phrase = phrases
        .split(", ")
        .find(|phrase| match phrase.strip_prefix('=') {
            Some(whole) => words.join(" ") == whole,
            None => (0..words.len()).any(|at| begins(words.get(at..).unwrap_or_default(), phrase)),
        })?;
    Some(phrase.trim_start_matches('='))
}
