//! Every key of `locum.toml`: its shape and what it says.

/// What a value looks like.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text,
    Texts,
    Count,
    Words(&'static [&'static str]),
    Listener,
    Web,
    Secret,
    Pointer,
    /// Addresses and networks.
    Networks,
    /// Two different texts.
    Pair,
    /// Names of the operator's choice, each with one of these words.
    WordsByName(&'static [&'static str]),
}

use Shape::{
    Count, Listener, Networks, Pair, Pointer, Secret, Text, Texts, Web, Words, WordsByName,
};

/// One key.
pub(super) struct Key {
    /// Tables and the key, with dots between.
    pub(super) path: &'static str,
    /// Whether the key and the tables above it must be there.
    pub(super) is_needed: bool,
    pub(super) shape: Shape,
    pub(super) says: &'static str,
}

const fn needed(path: &'static str, shape: Shape, says: &'static str) -> Key {
    Key {
        path,
        is_needed: true,
        shape,
        says,
    }
}

const fn optional(path: &'static str, shape: Shape, says: &'static str) -> Key {
    Key {
        path,
        is_needed: false,
        shape,
        says,
    }
}

const SIGNATURES: Shape = Words(&["standard", "zendesk", "github", "jira"]);

pub(super) const SETTINGS: &[Key] = &[
    needed(
        "environment",
        Words(&["production", "development"]),
        "Fixed by the first start. Development stays on this machine.",
    ),
    optional(
        "server.listen",
        Listener,
        "Where API and console listen; 127.0.0.1:8470 when absent.",
    ),
    needed(
        "server.public_url",
        Web,
        "What browsers and applications call the server: scheme, host and port.",
    ),
    optional(
        "server.trusted_proxies",
        Networks,
        "The proxies' own addresses or networks, whose X-Forwarded-For is believed; none when absent.",
    ),
    optional(
        "gateway.listen",
        Listener,
        "Where the gateway listens; 127.0.0.1:8471 when absent.",
    ),
    needed(
        "gateway.domain",
        Text,
        "Each application answers at APPLICATION.DOMAIN.",
    ),
    optional(
        "gateway.public_url",
        Web,
        "How browsers reach the gateway when a proxy stands before it.",
    ),
    optional(
        "store.url",
        Text,
        "sqlite:PATH; sqlite:locum.db when absent.",
    ),
    optional(
        "catalog.directory",
        Text,
        "The folder of the catalog; `catalog` when absent.",
    ),
    optional(
        "policies.directory",
        Text,
        "The folder of the Cedar policies; `policies` when absent.",
    ),
    optional(
        "policies.time_zone",
        Text,
        "What local_hour means: an IANA name; UTC when absent.",
    ),
    needed(
        "ledger.origin",
        Text,
        "The ledger's name for ever; ends in .development in development.",
    ),
    optional(
        "ledger.key",
        Secret,
        "The ledger's Ed25519 key (PKCS#8); file:keys/ledger.key when absent.",
    ),
    optional(
        "ledger.witnesses",
        Text,
        "Who cosigns its checkpoints, and how many of them make one final: a trust policy (C2SP tlog-policy) with addresses.",
    ),
    optional(
        "ledger.when_unwitnessed",
        Words(&["continue", "stop"]),
        "Whether sessions begin while too few witnesses cosign; continue when absent.",
    ),
    optional(
        "ledger.unwitnessed_after_seconds",
        Count,
        "For how long no checkpoint need have become final before that; 600 when absent.",
    ),
    optional(
        "login.development.tokens",
        Secret,
        "Bearer tokens and whose they are; refused in production.",
    ),
    optional(
        "login.founders",
        Pair,
        "The two people who enrol the first passkeys and sign each other's; every later one descends from theirs.",
    ),
    optional(
        "login.passkeys.rp_id",
        Text,
        "The name passkeys are bound to; the host of public_url when absent.",
    ),
    optional(
        "approvals.signature",
        Words(&["required", "optional"]),
        "Whether every approval is signed with a passkey; required in production when absent.",
    ),
    optional(
        "approvals.overdue_reviews",
        Words(&["block", "warn"]),
        "Whether whoever owes an overdue review may file a request; block when absent.",
    ),
    optional(
        "budgets.open_requests",
        Count,
        "Open requests of one person; 5 when absent.",
    ),
    optional(
        "budgets.live_sessions",
        Count,
        "Live sessions of one person; 2 when absent.",
    ),
    optional(
        "budgets.subjects_per_day",
        Count,
        "Different subjects of one person in 24 hours; 25 when absent.",
    ),
];

const ROLES: Shape = WordsByName(&[
    "support",
    "manager",
    "security",
    "security-control-owner",
    "privacy",
    "compliance",
    "auditor",
]);

pub(super) const OIDC: &[Key] = &[
    needed(
        "issuer",
        Web,
        "The provider, written exactly as its discovery document does; https, except on this machine.",
    ),
    needed("client_id", Text, "What the provider calls this server."),
    optional(
        "client_secret",
        Secret,
        "Its secret there; without one a public client (PKCE is used either way).",
    ),
    optional(
        "scopes",
        Texts,
        "What is asked for; [\"openid\"] when absent.",
    ),
    optional(
        "account_claim",
        Text,
        "The claim that names the account; `sub` when absent.",
    ),
    optional(
        "system",
        Text,
        "The system of the accounts in people.toml that are the provider's; `idp` when absent.",
    ),
    optional(
        "groups_claim",
        Text,
        "The claim that lists the groups; `groups` when absent.",
    ),
    optional(
        "roles",
        ROLES,
        "Group to role: a role that stands here counts only in a login with its group, and only if the catalog gives it.",
    ),
    optional(
        "stepped_up_acr",
        Texts,
        "The values of `acr` that count as stepped up; none when absent.",
    ),
];

pub(super) const GENERIC: &[Key] = &[
    needed("kind", Words(&["generic"]), "One GET and JSON Pointers."),
    needed(
        "url",
        Web,
        "Where a case is read; {id} is its number, percent-encoded.",
    ),
    optional(
        "auth_header",
        Text,
        "The header that proves us to the desk; Authorization when absent.",
    ),
    optional("auth_value", Secret, "Its value."),
    optional(
        "id_pattern",
        Text,
        "A regular expression that the whole number matches.",
    ),
    optional(
        "webhook_secret",
        Secret,
        "The key by which the desk signs what it posts to /hooks/NAME.",
    ),
    optional(
        "signature",
        SIGNATURES,
        "How it signs; standard when absent.",
    ),
    optional(
        "webhook_id",
        Pointer,
        "Which case a webhook is about; /data/id when absent.",
    ),
    optional(
        "webhook_state",
        Pointer,
        "The state it says; /data/state when absent.",
    ),
    optional(
        "poll_seconds",
        Count,
        "How often live cases are looked up; 15 when absent.",
    ),
    optional(
        "grace_seconds",
        Count,
        "A case unreachable for longer ends its sessions; 60 when absent.",
    ),
    needed("map.state", Pointer, "The case's state."),
    needed("map.open", Texts, "The states that count as open."),
    needed(
        "map.assignee",
        Pointer,
        "Whose case it is: an account at the desk, or a person's id.",
    ),
    needed("map.subject", Pointer, "The attested requester."),
    optional("map.tenant", Pointer, "The customer's organisation."),
    optional("map.id", Pointer, "The case's number."),
    optional("map.title", Pointer, "The case's title."),
    optional("map.text", Pointer, "The case's text."),
    optional("map.opened_at", Pointer, "When it was opened."),
    optional(
        "map.opened_by",
        Pointer,
        "Who opened it; without it the desk cannot tell.",
    ),
    optional(
        "map.subject_set_by",
        Pointer,
        "Who set its subject; without it, whoever opened it.",
    ),
    optional("map.priority", Pointer, "Its priority."),
    optional("map.queue", Pointer, "Its queue."),
    optional("live.case", Text, "A case that exists, for `check --live`."),
    optional(
        "live.write_method",
        Text,
        "The write that `check --live` tries and must see refused; PATCH when absent.",
    ),
    optional(
        "live.write_url",
        Web,
        "Where writes go, when that is another address.",
    ),
];

pub(super) const ROUNDUP: &[Key] = &[
    needed(
        "kind",
        Words(&["roundup"]),
        "The Roundup issue tracker's REST API.",
    ),
    needed("url", Web, "The tracker's web address."),
    needed("user", Text, "The account that reads issues."),
    needed("password", Secret, "Its password."),
    optional(
        "webhook_secret",
        Secret,
        "The key by which the detector signs what it posts to /hooks/NAME.",
    ),
    optional(
        "signature",
        SIGNATURES,
        "How it signs; standard when absent.",
    ),
    optional(
        "webhook_id",
        Pointer,
        "Which issue a webhook is about; /data/id when absent.",
    ),
    optional(
        "webhook_state",
        Pointer,
        "The status it says; /data/state when absent.",
    ),
    optional(
        "poll_seconds",
        Count,
        "How often live cases are looked up; 15 when absent.",
    ),
    optional(
        "grace_seconds",
        Count,
        "A case unreachable for longer ends its sessions; 60 when absent.",
    ),
    optional(
        "map.state",
        Text,
        "The property with the status; `status` when absent.",
    ),
    optional(
        "map.open",
        Texts,
        "The statuses that count as open; those of the classic template when absent.",
    ),
    optional(
        "map.assignee",
        Text,
        "The property with the assignee; `assignedto` when absent.",
    ),
    optional(
        "map.subject",
        Text,
        "The property with the attested requester; `creator` when absent.",
    ),
    optional(
        "map.title",
        Text,
        "The property with the title; `title` when absent.",
    ),
    optional(
        "map.opened_at",
        Text,
        "The property with the day of creation; `creation` when absent.",
    ),
    optional(
        "map.opened_by",
        Text,
        "The property with the creator; `creator` when absent.",
    ),
    optional(
        "map.priority",
        Text,
        "The property with the priority; `priority` when absent.",
    ),
    optional(
        "map.tenant",
        Text,
        "The property with the customer's organisation.",
    ),
    optional("map.queue", Text, "The property with the queue."),
];
