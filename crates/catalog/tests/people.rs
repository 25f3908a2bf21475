//! People and chains: every rule broken once, and the problem stands at the line and column where it must be mended.

mod common;

use common::rows::{CHAINS, CRM, ELIGIBILITY, PEOPLE, WIKI, assert_rows};

#[test]
fn r05_r31_people_are_named_and_one_human_is_one_person() {
    assert_rows(&[
        (
            "an unknown key",
            &[(
                PEOPLE,
                r#"employer = "bpo"                          #"#,
                r#"employr = "bpo" #"#,
            )],
            &[
                "catalog/people.toml:11:1: unknown key `employr` in [[person]] (did you mean `employer`?)",
            ],
        ),
        (
            "a wrong type",
            &[(PEOPLE, r#"name = "Alice Archer""#, "name = 5")],
            &["catalog/people.toml:3:8: `name`: expected text, found an integer"],
        ),
        (
            "a missing name",
            &[(
                PEOPLE,
                r#"name = "Oscar Owens"
"#,
                "",
            )],
            &["catalog/people.toml:14:1: [[person]] needs `name`"],
        ),
        (
            "an unknown role",
            &[(PEOPLE, r#"roles = ["manager"]"#, r#"roles = ["manger"]"#)],
            &[
                "catalog/people.toml:29:10: `roles`: `manger` is not known (did you mean `manager`?)",
            ],
        ),
        (
            "a person twice",
            &[
                (
                    PEOPLE,
                    r#"id = "paul@corp.example""#,
                    r#"id = "petra@corp.example""#,
                ),
                (
                    CRM,
                    r#"person = "paul@corp.example""#,
                    r#"person = "mia@corp.example""#,
                ),
                (
                    WIKI,
                    r#"person = "paul@corp.example""#,
                    r#"person = "mia@corp.example""#,
                ),
            ],
            &[
                "catalog/people.toml:23:6: person `petra@corp.example` is declared twice (first in catalog/people.toml, line 19)",
            ],
        ),
        (
            "an agent that is a person",
            &[
                (PEOPLE, r#"id = "aida""#, r#"id = "olga@corp.example""#),
                (ELIGIBILITY, r#"agent = "aida""#, r#"role = "support""#),
            ],
            &["catalog/people.toml:51:6: `olga@corp.example` is a person already"],
        ),
        (
            "a kind of agent nobody knows",
            &[(PEOPLE, r#"kind = "ai_agent" "#, r#"kind = "robot" "#)],
            &["catalog/people.toml:53:8: `kind`: `robot` is not known (one of ai_agent, service)"],
        ),
        (
            "R05: one human by two accounts",
            &[(
                PEOPLE,
                r#"name = "Oscar Owens""#,
                r#"name = "Oscar Owens"
accounts = [{ system = "desk", id = "alice" }]"#,
            )],
            &[
                "catalog/people.toml:17:37: `alice@corp.example` and `oscar@corp.example` are both `alice` at `desk` (one human, one person: give each their own account)",
            ],
        ),
        (
            "R05: an account that is somebody else's id",
            &[(
                PEOPLE,
                r#"name = "Oscar Owens""#,
                r#"name = "Oscar Owens"
accounts = [{ system = "idp", id = "petra@corp.example" }]"#,
            )],
            &[
                "catalog/people.toml:17:36: `oscar@corp.example` would also be `petra@corp.example`, who is somebody else here (one human, one person)",
            ],
        ),
        (
            "R06: an account at the identity provider that two people share",
            &[
                (
                    PEOPLE,
                    r#"accounts = [{ system = "desk", id = "alice" }]"#,
                    r#"accounts = [{ system = "idp", id = "approvals@corp.example" }]"#,
                ),
                (
                    PEOPLE,
                    r#"name = "Oscar Owens""#,
                    r#"name = "Oscar Owens"
accounts = [{ system = "idp", id = "approvals@corp.example" }]"#,
                ),
            ],
            &[
                "catalog/people.toml:17:36: `alice@corp.example` and `oscar@corp.example` are both `approvals@corp.example` at `idp` (one human, one person: give each their own account)",
            ],
        ),
        (
            "R06: an account that a person shares with an agent",
            &[
                (
                    PEOPLE,
                    r#"name = "Oscar Owens""#,
                    r#"name = "Oscar Owens"
accounts = [{ system = "idp", id = "o-1" }]"#,
                ),
                (
                    PEOPLE,
                    "operations_per_session = 50",
                    r#"operations_per_session = 50
accounts = [{ system = "idp", id = "o-1" }]"#,
                ),
            ],
            &[
                "catalog/people.toml:58:36: `oscar@corp.example` and `aida` are both `o-1` at `idp` (one human, one person: give each their own account)",
            ],
        ),
        (
            "R06: a mailbox that several people read",
            &[(
                PEOPLE,
                r#"accounts = [{ system = "desk", id = "alice" }]"#,
                r#"accounts = [{ system = "idp", id = "it-support@corp.example" }]"#,
            )],
            &[
                "catalog/people.toml:2:6: warning: `it-support@corp.example` reads like a mailbox that several people share (whoever decides must be one named human: give each person their own entry and account)",
            ],
        ),
        (
            "somebody who manages themselves",
            &[(
                PEOPLE,
                r#"manager = "mia@corp.example""#,
                r#"manager = "alice@corp.example""#,
            )],
            &["catalog/people.toml:4:11: `alice@corp.example` cannot be their own manager"],
        ),
        (
            "R31: an agent sponsored by an agent",
            &[(
                PEOPLE,
                r#"sponsor = "olga@corp.example""#,
                r#"sponsor = "aida""#,
            )],
            &[
                "catalog/people.toml:54:11: `aida` is an agent and cannot be sponsor (name a person)",
            ],
        ),
        (
            "a sponsor who does not work for the vendor",
            &[(
                PEOPLE,
                r#"sponsor = "bea@bpo.example""#,
                r#"sponsor = "olga@corp.example""#,
            )],
            &[
                r#"catalog/people.toml:61:11: `olga@corp.example` does not work for `bpo` (a vendor's sponsor is one of its people: write employer = "bpo" there)"#,
            ],
        ),
        (
            "an employer nobody declared",
            &[(
                PEOPLE,
                r#"employer = "bpo"                          #"#,
                r#"employer = "bp0" #"#,
            )],
            &["catalog/people.toml:11:12: unknown vendor `bp0` (did you mean `bpo`?)"],
        ),
        (
            "a private key where the public one belongs",
            &[(
                PEOPLE,
                r#""file:keys/aida.pub.jwk""#,
                r#"'{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'"#,
            )],
            &[
                "catalog/people.toml:55:14: `public_key` is a private key (write the public half only; the private one is compromised now)",
            ],
        ),
        (
            "a public key that is none",
            &[(
                PEOPLE,
                r#""file:keys/aida.pub.jwk""#,
                r#""ssh-ed25519 AAAA""#,
            )],
            &[
                r#"catalog/people.toml:55:14: `public_key` is not a JSON Web Key (a JSON Web Key as {"kty":"OKP",…}, or "file:PATH")"#,
            ],
        ),
    ]);
}

#[test]
fn r14_everybody_and_every_queue_belongs_to_exactly_one_chain() {
    assert_rows(&[
        (
            "R14: a queue in two chains",
            &[(
                CHAINS,
                r#"regions = ["emea", "apac"]"#,
                r#"regions = []
staff = true
[[chain]]
id = "second"
accountable_owner = "sam@corp.example"
queues = ["first-line"]"#,
            )],
            &[
                "catalog/chains.toml:12:11: queue `first-line` is in a chain already (every queue belongs to exactly one chain)",
            ],
        ),
        (
            "R14: a vendor in two chains",
            &[(
                CHAINS,
                r#"regions = ["emea", "apac"]"#,
                r#"staff = true
[[chain]]
id = "second"
accountable_owner = "sam@corp.example"
vendors = ["bpo"]"#,
            )],
            &[
                "catalog/chains.toml:11:12: vendor `bpo` is in a chain already (everybody belongs to exactly one chain)",
            ],
        ),
        (
            "R14: a vendor in no chain",
            &[(
                CHAINS,
                r#"vendors = ["bpo"]
"#,
                "",
            )],
            &[
                "catalog/people.toml:59:6: vendor `bpo` is in no chain (name it in `vendors` of a [[chain]] in chains.toml)",
            ],
        ),
        (
            "R14: staff between two chains",
            &[(
                CHAINS,
                r#"regions = ["emea", "apac"]"#,
                r#"[[chain]]
id = "second"
accountable_owner = "sam@corp.example""#,
            )],
            &[
                "catalog/chains.toml:7:1: there are several chains, and none is said to be our own staff's (write `staff = true` in one of them)",
            ],
        ),
        (
            "R14: a chain without its one owner",
            &[(
                CHAINS,
                r#"accountable_owner = "mia@corp.example"    # one named person for the whole chain
"#,
                "",
            )],
            &["catalog/chains.toml:1:1: [[chain]] needs `accountable_owner`"],
        ),
        (
            "R14: an owner who is an agent",
            &[(CHAINS, r#""mia@corp.example" "#, r#""aida" "#)],
            &[
                "catalog/chains.toml:3:21: `aida` is an agent and cannot be accountable owner (name a person)",
            ],
        ),
        (
            "R14: a successor who is the owner",
            &[(
                CHAINS,
                r#"successor = "sam@corp.example""#,
                r#"successor = "mia@corp.example""#,
            )],
            &[
                "catalog/chains.toml:4:13: the successor is somebody else than the accountable owner",
            ],
        ),
    ]);
}
