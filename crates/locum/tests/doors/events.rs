//! Which event each act leaves when it is done.

/// By the act's name in `locum_control::privileged`. Whatever the table drives is held to it.
pub(crate) const RECORDED: &[(&str, &[&str])] = &[
    ("file", &["request-filed"]),
    ("preview", &["request-previewed"]),
    ("approve", &["request-approved"]),
    ("deny", &["request-denied"]),
    ("ask", &["question-asked"]),
    ("answer", &["question-answered"]),
    ("offer", &["offer-made"]),
    ("accept", &["offer-accepted"]),
    ("withdraw", &["request-withdrawn", "session-ended"]),
    ("extend", &["request-filed"]),
    ("activate", &["session-started"]),
    ("open", &["session-opened"]),
    ("end", &["session-ended"]),
    ("review", &["review-completed"]),
    ("stop", &["hold-placed"]),
    ("lift", &["hold-lifted"]),
    ("export", &["evidence-read"]),
    ("export-period", &["evidence-read"]),
    ("reconcile", &["evidence-read"]),
    ("countersign", &["request-countersigned"]),
    ("ask-erasure", &["erasure-asked"]),
    ("confirm-erasure", &["erasure-confirmed"]),
    ("deny-erasure", &["erasure-denied"]),
    ("ask-exception", &["exception-asked"]),
    ("confirm-exception", &["exception-confirmed"]),
    ("deny-exception", &["exception-denied"]),
    ("end-exception", &["exception-ended"]),
    ("apply", &["change-proposed"]),
    ("confirm-change", &["change-applied", "applied"]),
    ("deny-change", &["change-denied"]),
    ("withdraw-change", &["change-withdrawn"]),
    ("confirm-delegation", &["delegation-confirmed"]),
    ("announce-absence", &["absence-announced"]),
    ("end-absence", &["absence-ended"]),
    ("enrol-founder", &["founder-enrolled"]),
    ("sign-founding", &["founding-signed"]),
    ("invite-to-enrol", &["enrolment-invited"]),
    ("ask-enrolment", &["enrolment-asked"]),
    ("approve-enrolment", &["enrolment-approved"]),
    ("deny-enrolment", &["enrolment-denied"]),
    ("revoke-authenticator", &["authenticator-revoked"]),
    ("rotate-key", &["key-rotated"]),
    ("sign-in", &["login-began"]),
    ("sign-out", &["login-ended"]),
    ("end-login", &["login-ended"]),
    ("exchange", &["session-opened"]),
    ("case-signal", &["case-changed", "session-ended"]),
];

/// Acts that leave no event, and why. This list may only shrink.
pub(crate) const UNRECORDED: &[(&str, &str)] = &[
    ("draft", "a form is filled in again, and nothing is asked"),
    (
        "plan",
        "what a change would do, for whoever could propose it: nothing counts by it",
    ),
    (
        "ask-what-to-sign",
        "words to sign: what counts is the signature, which is recorded",
    ),
    (
        "confirm",
        "a login proves itself again: what it then does says how sure it was",
    ),
    (
        "let-in-device",
        "the device's login is recorded when its token is handed out",
    ),
];

/// The events of an act.
pub(crate) fn of(act: &str) -> &'static [&'static str] {
    let found = RECORDED.iter().find(|(name, _)| *name == act);
    found.map_or(&[], |(_, kinds)| *kinds)
}
