//! What loosens something, category by category (R33): each waits, and nothing of it counts before.

use locum_control::change::preview_change;
use locum_domain::Denial;
use locum_testkit::house::{FOUNDERS, House};
use serde_json::json;

use super::draft::{
    BILLING, CRM, Draft, ELIGIBILITY, FOR_ARNO, PEOPLE, POLICY, WIKI, draft, propose,
};
use crate::{MIA, PETRA, PRYA, SAM, SVEN};

type Change = fn(&mut Draft);

/// What, and one change of it that lets somebody do more or checks less.
const LOOSENS: [(&str, Change); 20] = [
    ("a policy", |draft| {
        let night = "context.local_hour >= 20";
        draft.replace(POLICY, night, "context.local_hour >= 23");
    }),
    ("a policy that is gone", |draft| {
        draft.files.remove(POLICY);
    }),
    ("who is eligible", |draft| {
        draft.append(ELIGIBILITY, FOR_ARNO);
    }),
    ("how long", |draft| {
        draft.replace(ELIGIBILITY, "longest_minutes = 60", "longest_minutes = 90");
    }),
    ("who answers emergencies", |draft| {
        let petra = format!("\n[[break_glass]]\nperson = \"{PETRA}\"\napplications = [\"crm\"]\n");
        draft.append(ELIGIBILITY, &petra);
    }),
    ("an owner", |draft| {
        draft.replace(
            WIKI,
            &format!("owner = \"{PETRA}\""),
            &format!("owner = \"{PRYA}\""),
        );
        let by = format!("by = \"{PETRA}\"");
        draft.replace(WIKI, &by, &format!("by = \"{PRYA}\""));
    }),
    ("a role", |draft| {
        draft.replace(
            PEOPLE,
            "name = \"Olga Orr\"\n",
            "name = \"Olga Orr\"\nroles = [\"compliance\"]\n",
        );
    }),
    ("a manager", |draft| {
        draft.replace(
            PEOPLE,
            "name = \"Arno Ames\"\nmanager = \"mia@corp.example\"",
            "name = \"Arno Ames\"\nmanager = \"petra@corp.example\"",
        );
    }),
    ("a tier", |draft| {
        draft.replace(CRM, "tier = \"standard\"", "tier = \"low\"");
    }),
    ("a data class", |draft| {
        draft.replace(BILLING, "[\"finance\", \"personal\"]", "[\"personal\"]");
    }),
    ("a delegation", |draft| {
        draft.replace(CRM, "until = \"2026-08-28\"", "until = \"2026-09-01\"");
    }),
    ("an effect", |draft| {
        draft.replace(
            CRM,
            "id = \"contact.update\"\neffect = \"write\"",
            "id = \"contact.update\"\neffect = \"read\"",
        );
    }),
    ("a closed operation", |draft| {
        draft.replace(BILLING, "closed = \"money\"\n", "");
    }),
    ("a protected subject", |draft| {
        draft.replace(
            BILLING,
            "[\"administrator\", \"staff\"]",
            "[\"administrator\"]",
        );
    }),
    ("a connector's open states", |draft| {
        draft.set(
            "/connectors/desk/map",
            json!({ "open_when": ["open", "solved"] }),
        );
    }),
    ("a connector's address", |draft| {
        draft.set("/connectors/desk/url", "http://127.0.0.1:9399/cases/{id}");
    }),
    ("a connector's grace", |draft| {
        draft.set("/connectors/desk/grace_seconds", 3_600);
    }),
    ("the login", |draft| {
        draft.set(
            "/login/oidc",
            json!({
                "issuer": "https://login.corp.example", "client_id": "locum", "account_claim": "sub",
                "system": "corp", "groups_claim": "groups", "roles": {}, "stepped_up_acr": [],
                "scopes": ["openid"],
            }),
        );
    }),
    ("approvals", |draft| {
        draft.set("/approvals_signature", "optional");
    }),
    ("a budget", |draft| {
        draft.set("/budgets/subjects_per_day", 500);
    }),
];

/// One more rule, which only forbids.
const NOBODY_AT_NIGHT: &str = r#"
@id("nobody-at-night")
@because("nobody is there to be asked")
@remedy("ask in the morning")
forbid (principal, action == Locum::Action::"file", resource) when { context.local_hour >= 22 };
"#;

#[tokio::test]
async fn r33_each_kind_of_loosening_waits_for_a_second_person() {
    let house = House::builder().signature_demanded().open().await;
    let sam = house.sure(SAM);
    let before = house.control.in_force();
    for (what, change) in LOOSENS {
        let proposed = draft(&house, change);
        let seen = preview_change(&house.control, &sam, &proposed).await;
        let seen = seen.unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        assert!(!seen.change.loosens.is_empty(), "{what} loosens nothing");
        assert_eq!(seen.change.state.as_str(), "waiting", "{what}");
        assert!(
            seen.could_confirm.contains(&SVEN.parse().unwrap()),
            "{what}"
        );
    }
    let applied = &house.control.in_force().applied;
    assert_eq!(*applied, before.applied, "a look changes nothing");
    house.verify().await;
}

#[tokio::test]
async fn r33_the_other_way_round_each_kind_counts_at_once() {
    let house = House::new().await;
    let tightens: [(&str, Change); 7] = [
        ("a rule that forbids", |draft| {
            draft.append(POLICY, NOBODY_AT_NIGHT);
        }),
        ("how long", |draft| {
            draft.replace(ELIGIBILITY, "longest_minutes = 60", "longest_minutes = 30");
        }),
        ("a role", |draft| {
            draft.replace(PEOPLE, "roles = [\"privacy\"]\n", "");
        }),
        ("a data class", |draft| {
            draft.replace(CRM, "[\"personal\"]", "[\"personal\", \"finance\"]");
        }),
        ("an effect", |draft| {
            let read = "id = \"contact.read\"\neffect = \"read\"";
            draft.replace(CRM, read, &read.replace("\"read\"", "\"write\""));
        }),
        ("a connector's grace", |draft| {
            draft.set("/connectors/desk/grace_seconds", 30);
        }),
        ("approvals", |draft| {
            draft.set("/approvals_signature", "required");
        }),
    ];
    for (what, change) in tightens {
        let seen = propose(&house, SAM, change).await;
        let seen = seen.unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        assert_eq!(
            seen.change.state.as_str(),
            "applied",
            "{what} loosens {:?}",
            seen.change.loosens
        );
        assert_eq!(house.control.in_force().applied.digest, seen.change.digest);
    }
    house.verify().await;
}

#[tokio::test]
async fn r33_the_founders_and_the_ledgers_name_are_settled_and_not_changed_by_one() {
    let house = House::builder().founders().open().await;
    house.founded().await;
    let [one, _] = FOUNDERS;
    let seen = propose(&house, SAM, |draft| {
        draft.set("/login/founders", json!([one, MIA]));
    });
    assert_eq!(seen.await.unwrap().change.state.as_str(), "waiting");
    for (pointer, value) in [
        ("/origin", "locum.elsewhere.example.development"),
        ("/login/rp_id", "elsewhere.example"),
    ] {
        let seen = propose(&house, SAM, |draft| {
            draft.set(pointer, value);
        });
        let refusal = seen.await.unwrap_err();
        assert_eq!(refusal.denial, Denial::Conflict, "{pointer}: {refusal}");
        assert!(
            refusal.detail.contains("fixed at the founding"),
            "{refusal}"
        );
    }
    house.verify().await;
}
