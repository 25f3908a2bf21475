//! Everything somebody can do here, with the addresses behind it; and of that, what is a privileged act of Locum's own,
//! with its rule and who may do it (R33).
//!
//! There is no administrator. No role opens every act, and whatever lets somebody see, decide or open more than before
//! takes a second person. An act that is not in this list has no address: tests hold the routers to it.

use locum_domain::catalog::Role;

use crate::sight::SECURITY;

/// One thing that somebody can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// As a refusal of it is called on the record.
    pub name: &'static str,
    /// `METHOD /path` of everything behind it: the API's, OAuth's and the console's.
    pub endpoints: &'static [&'static str],
    /// `None` for what people do with requests, sessions and logins of their own, or as the route's named approvers.
    pub privileged: Option<Privileged>,
}

/// What holds for a privileged act of Locum's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileged {
    /// The rule in a sentence.
    pub rule: &'static str,
    /// The roles that are enough by themselves. Others may act by what they are to the person or the thing concerned.
    pub roles: &'static [Role],
    /// Who else may, by what they are.
    pub others: &'static str,
    /// Whether it takes another person than whoever it serves, or than whoever did what it undoes.
    pub needs_second_person: bool,
}

/// The privileged acts, in the order of a deployment's life.
const PRIVILEGED: &[Act] = &[
    Act {
        name: "enrol-founder",
        endpoints: &["POST /founding/enrol"],
        privileged: Some(Privileged {
            rule: "each of the two founders enrols one passkey that verifies them, before anybody has signed",
            roles: &[],
            others: "the two people whom the recorded configuration names as founders",
            needs_second_person: true,
        }),
    },
    Act {
        name: "sign-founding",
        endpoints: &["POST /founding/sign"],
        privileged: Some(Privileged {
            rule: "both founders sign both keys, and no key counts before the second signature",
            roles: &[],
            others: "the two founders",
            needs_second_person: true,
        }),
    },
    Act {
        name: "invite-to-enrol",
        endpoints: &[
            "POST /api/v1/enrolments/invitations",
            "POST /enrolments/invite",
        ],
        privileged: Some(Privileged {
            rule: "whoever holds a passkey and answers for somebody without any authenticator invites them to ask for \
                   one, by a link that is good once, for a day and for nothing else; another person signs for it",
            roles: SECURITY,
            others: "the person's manager, and the founders",
            needs_second_person: true,
        }),
    },
    Act {
        name: "ask-enrolment",
        endpoints: &[
            "POST /api/v1/enrolments",
            "POST /account/authenticators/register",
            "POST /invitation",
        ],
        privileged: Some(Privileged {
            rule: "a person asks for a key of their own, and it counts for nothing until somebody else signs",
            roles: &[],
            others: "the person themselves, signed in or by an invitation's link",
            needs_second_person: true,
        }),
    },
    Act {
        name: "approve-enrolment",
        endpoints: &[
            "POST /api/v1/enrolments/{id}/approve",
            "POST /enrolments/{id}/approve",
        ],
        privileged: Some(Privileged {
            rule: "somebody else, who did not invite them, signs with their own passkey that the key is its person's; \
                   both are told, it signs nothing regulated for a day, and neither whoever signed nor whoever invited \
                   takes part in what it signs",
            roles: SECURITY,
            others: "the person's manager, and the founders",
            needs_second_person: true,
        }),
    },
    Act {
        name: "deny-enrolment",
        endpoints: &[
            "POST /api/v1/enrolments/{id}/deny",
            "POST /enrolments/{id}/deny",
        ],
        privileged: Some(Privileged {
            rule: "whoever might sign an enrolment may refuse it, and its person may take it back",
            roles: SECURITY,
            others: "the person themselves, their manager, and the founders",
            needs_second_person: false,
        }),
    },
    Act {
        name: "revoke-authenticator",
        endpoints: &[
            "POST /api/v1/authenticators/{id}/revoke",
            "POST /account/authenticators/{id}/revoke",
        ],
        privileged: Some(Privileged {
            rule: "a key is taken out of use at once and by one person, who just proved who they are if it is somebody \
                   else's; the last one that can let others in stays; its successor goes through enrolment",
            roles: SECURITY,
            others: "the person themselves, and their manager",
            needs_second_person: false,
        }),
    },
    Act {
        name: "rotate-key",
        endpoints: &["POST /api/v1/keys/{purpose}/rotate"],
        privileged: Some(Privileged {
            rule: "a signing key of Locum's own gives way to a new one, on the record first; nobody sees either",
            roles: SECURITY,
            others: "nobody",
            needs_second_person: false,
        }),
    },
    Act {
        name: "ask-exception",
        endpoints: &["POST /api/v1/exceptions", "POST /exceptions"],
        privileged: Some(Privileged {
            rule: "whoever speaks for an application or for security asks for one closed operation to be open, with a \
                   reason and an end within 30 days; nothing is open before the other side confirms",
            roles: &[Role::Security, Role::Privacy, Role::Compliance],
            others: "the application's owner, product owner and data owner",
            needs_second_person: true,
        }),
    },
    Act {
        name: "confirm-exception",
        endpoints: &[
            "POST /api/v1/exceptions/{id}/confirm",
            "POST /exceptions/{id}/confirm",
        ],
        privileged: Some(Privileged {
            rule: "somebody else of the other authority opens it, with their own signature; no session on it outlives it",
            roles: &[Role::Security, Role::Privacy, Role::Compliance],
            others: "the application's owner, product owner and data owner",
            needs_second_person: true,
        }),
    },
    Act {
        name: "deny-exception",
        endpoints: &[
            "POST /api/v1/exceptions/{id}/deny",
            "POST /exceptions/{id}/deny",
        ],
        privileged: Some(Privileged {
            rule: "whoever might open it may refuse it, and whoever asked may take it back",
            roles: &[Role::Security, Role::Privacy, Role::Compliance],
            others: "the application's owner, product owner and data owner",
            needs_second_person: false,
        }),
    },
    Act {
        name: "end-exception",
        endpoints: &[
            "POST /api/v1/exceptions/{id}/end",
            "POST /exceptions/{id}/end",
        ],
        privileged: Some(Privileged {
            rule: "one person of either side closes the operation again, and whatever session stands on it ends",
            roles: &[Role::Security, Role::Privacy, Role::Compliance],
            others: "the application's owner, product owner and data owner",
            needs_second_person: false,
        }),
    },
    Act {
        name: "apply",
        endpoints: &["POST /api/v1/changes"],
        privileged: Some(Privileged {
            rule: "whoever is responsible proposes files and settings; what loosens anything counts only once a second \
                   person confirms it, and what loosens nothing counts at once",
            roles: SECURITY,
            others: "an application's owner, product owner and data owner, for what is in that application's file alone",
            needs_second_person: true,
        }),
    },
    Act {
        name: "confirm-change",
        endpoints: &[
            "POST /api/v1/changes/{id}/confirm",
            "POST /changes/{id}/confirm",
        ],
        privileged: Some(Privileged {
            rule: "a change that loosens anything counts once somebody else confirms it, who held the authority it \
                   concerns before it and gains nothing by it, with their own signature",
            roles: SECURITY,
            others: "an application's owner, product owner and data owner, for what concerns that application alone",
            needs_second_person: true,
        }),
    },
    Act {
        name: "deny-change",
        endpoints: &["POST /api/v1/changes/{id}/deny", "POST /changes/{id}/deny"],
        privileged: Some(Privileged {
            rule: "somebody whose authority a change concerns refuses it, with a reason; what is in force stays",
            roles: SECURITY,
            others: "an application's owner, product owner and data owner, for a change of their application",
            needs_second_person: true,
        }),
    },
    Act {
        name: "withdraw-change",
        endpoints: &[
            "POST /api/v1/changes/{id}/withdraw",
            "POST /changes/{id}/withdraw",
        ],
        privileged: Some(Privileged {
            rule: "whoever proposed a change takes it back while it waits",
            roles: &[],
            others: "whoever proposed it",
            needs_second_person: false,
        }),
    },
    Act {
        name: "confirm-delegation",
        endpoints: &[
            "POST /api/v1/delegations/confirm",
            "POST /delegations/confirm",
        ],
        privileged: Some(Privileged {
            rule: "authority that an applied change lends, which a second person confirmed, counts once whoever lends it \
                   confirms it, for at most 30 days",
            roles: &[],
            others: "the application's owner, product owner or data owner whom the delegation names as its lender",
            needs_second_person: true,
        }),
    },
    Act {
        name: "stop",
        endpoints: &["POST /api/v1/stop", "POST /stop"],
        privileged: Some(Privileged {
            rule: "one person ends everything in a scope and holds it",
            roles: SECURITY,
            others: "an owner, for their application",
            needs_second_person: false,
        }),
    },
    Act {
        name: "lift",
        endpoints: &["POST /api/v1/holds/{id}/lift", "POST /holds/{id}/lift"],
        privileged: Some(Privileged {
            rule: "a hold is lifted by somebody else than whoever placed it, whom it does not stop",
            roles: SECURITY,
            others: "an owner, for their application",
            needs_second_person: true,
        }),
    },
    Act {
        name: "export",
        endpoints: &[
            "GET /api/v1/events/{id}/evidence",
            "GET /events/{id}/evidence",
        ],
        privileged: Some(Privileged {
            rule: "whoever may see an access event may take its evidence out of the house, and that is on the record",
            roles: &[Role::Security, Role::Auditor],
            others: "whoever asked, acts, decides, owns or reviews, for their own",
            needs_second_person: false,
        }),
    },
    Act {
        name: "export-period",
        endpoints: &["GET /api/v1/evidence"],
        privileged: Some(Privileged {
            rule: "auditors take the evidence of every access event of a period at once, and that is on the record",
            roles: &[Role::Auditor],
            others: "nobody",
            needs_second_person: false,
        }),
    },
    Act {
        name: "ask-erasure",
        endpoints: &["POST /api/v1/erasures", "POST /erasures"],
        privileged: Some(Privileged {
            rule: "privacy or compliance asks for what the record holds of one subject to be erased, with a reason, once \
                   nothing of it is open or held; nothing is erased before somebody else confirms",
            roles: &[Role::Privacy, Role::Compliance],
            others: "nobody, and nobody who had a part in what would be erased",
            needs_second_person: true,
        }),
    },
    Act {
        name: "confirm-erasure",
        endpoints: &[
            "POST /api/v1/erasures/{id}/confirm",
            "POST /erasures/{id}/confirm",
        ],
        privileged: Some(Privileged {
            rule: "somebody else without any part confirms, with their own signature where signatures are demanded, and \
                   the keys are gone with the same commit; who did what and when stays",
            roles: &[Role::Privacy, Role::Compliance, Role::Security],
            others: "nobody, and nobody who had a part in what would be erased",
            needs_second_person: true,
        }),
    },
    Act {
        name: "deny-erasure",
        endpoints: &[
            "POST /api/v1/erasures/{id}/deny",
            "POST /erasures/{id}/deny",
        ],
        privileged: Some(Privileged {
            rule: "whoever might confirm an erasure may refuse it, and whoever asked may take it back",
            roles: &[Role::Privacy, Role::Compliance, Role::Security],
            others: "nobody",
            needs_second_person: false,
        }),
    },
    Act {
        name: "reconcile",
        endpoints: &["POST /api/v1/applications/{id}/reconcile"],
        privileged: Some(Privileged {
            rule: "whoever answers for an application compares its own log of accepted sessions with the ledger, and \
                   that is on the record",
            roles: &[Role::Security, Role::SecurityControlOwner, Role::Auditor],
            others: "the application's owner, product owner and data owner",
            needs_second_person: false,
        }),
    },
];

/// What people do with requests, sessions and logins.
const ORDINARY: &[Act] = &[
    ordinary("file", &["POST /api/v1/requests", "POST /requests"]),
    ordinary(
        "preview",
        &["POST /api/v1/requests/preview", "POST /requests/preview"],
    ),
    ordinary("draft", &["POST /requests/change"]),
    ordinary("plan", &["POST /api/v1/changes/preview"]),
    ordinary(
        "approve",
        &[
            "POST /api/v1/requests/{id}/approve",
            "POST /requests/{id}/approve",
        ],
    ),
    ordinary(
        "countersign",
        &[
            "POST /api/v1/requests/{id}/countersign",
            "POST /requests/{id}/countersign",
        ],
    ),
    ordinary(
        "announce-absence",
        &["POST /api/v1/absences", "POST /account/absence"],
    ),
    ordinary(
        "end-absence",
        &[
            "POST /api/v1/absences/{person}/end",
            "POST /account/absence/end",
        ],
    ),
    ordinary(
        "ask-what-to-sign",
        &[
            "POST /api/v1/requests/{id}/countersign/statement",
            "POST /requests/{id}/countersign/statement",
            "POST /api/v1/exceptions/{id}/statement",
            "POST /exceptions/{id}/statement",
            "POST /api/v1/erasures/{id}/statement",
            "POST /erasures/{id}/statement",
            "POST /api/v1/changes/{id}/statement",
            "POST /changes/{id}/statement",
            "POST /api/v1/requests/{id}/statement",
            "POST /requests/{id}/statement",
            "POST /api/v1/reviews/{id}/statement",
            "POST /reviews/{id}/statement",
            "POST /enrolments/{id}/statement",
            "POST /founding/statement",
            "POST /founding/options",
            "POST /account/authenticators/options",
            "POST /invitation/options",
            "POST /login/passkey/options",
            "POST /confirm/options",
        ],
    ),
    ordinary(
        "deny",
        &[
            "POST /api/v1/requests/{id}/deny",
            "POST /requests/{id}/deny",
        ],
    ),
    ordinary(
        "ask",
        &["POST /api/v1/requests/{id}/ask", "POST /requests/{id}/ask"],
    ),
    ordinary(
        "offer",
        &[
            "POST /api/v1/requests/{id}/offer",
            "POST /requests/{id}/offer",
        ],
    ),
    ordinary(
        "answer",
        &[
            "POST /api/v1/requests/{id}/answer",
            "POST /requests/{id}/answer",
        ],
    ),
    ordinary(
        "accept",
        &[
            "POST /api/v1/requests/{id}/accept",
            "POST /requests/{id}/accept",
        ],
    ),
    ordinary(
        "withdraw",
        &[
            "POST /api/v1/requests/{id}/withdraw",
            "POST /requests/{id}/withdraw",
        ],
    ),
    ordinary(
        "extend",
        &[
            "POST /api/v1/requests/{id}/extend",
            "POST /requests/{id}/extend",
        ],
    ),
    ordinary(
        "activate",
        &[
            "POST /api/v1/requests/{id}/activate",
            "POST /requests/{id}/activate",
        ],
    ),
    ordinary(
        "open",
        &[
            "POST /api/v1/sessions/{id}/open",
            "POST /sessions/{id}/open",
        ],
    ),
    ordinary(
        "end",
        &["POST /api/v1/sessions/{id}/end", "POST /sessions/{id}/end"],
    ),
    ordinary(
        "review",
        &[
            "POST /api/v1/reviews/{id}/complete",
            "POST /reviews/{id}/complete",
        ],
    ),
    ordinary(
        "sign-in",
        &[
            "POST /login",
            "POST /login/passkey/verify",
            // The way back from the identity provider is a navigation.
            "GET /login/oidc/callback",
            "POST /founding/begin",
        ],
    ),
    ordinary("confirm", &["POST /confirm"]),
    ordinary(
        "sign-out",
        &["POST /logout", "POST /login/oidc/back-channel-logout"],
    ),
    ordinary(
        "end-login",
        &[
            "POST /api/v1/me/logins/{id}/end",
            "POST /account/logins/{id}/end",
            "POST /account/logins/end-others",
        ],
    ),
    ordinary(
        "let-in-device",
        &[
            "POST /oauth2/device_authorization",
            "POST /device",
            "POST /device/allow",
            "POST /device/deny",
        ],
    ),
    ordinary("exchange", &["POST /oauth2/token", "POST /oauth2/revoke"]),
    ordinary("case-signal", &["POST /hooks/{connector}"]),
];

const fn ordinary(name: &'static str, endpoints: &'static [&'static str]) -> Act {
    Act {
        name,
        endpoints,
        privileged: None,
    }
}

/// Every act, the privileged ones first.
pub fn acts() -> impl Iterator<Item = &'static Act> {
    PRIVILEGED.iter().chain(ORDINARY)
}

/// The act behind an address, written `METHOD /path`.
pub fn behind(endpoint: &str) -> Option<&'static Act> {
    acts().find(|act| act.endpoints.contains(&endpoint))
}
