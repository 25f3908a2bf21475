//! Subject directories: an application names its own user, or nobody is acted as.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test harness"
)]

mod desk;

use std::collections::{BTreeMap, BTreeSet};

use desk::{Asked, Desk, answer, web};
use locum_connectors::Subjects;
use locum_control::ports::{SubjectDirectory, SubjectLookupError};
use locum_domain::SubjectId;
use locum_domain::catalog::{
    Application, IdentityHeader, ListedSubject, RecordTiming, SigningAlgorithm, SubjectSource, Tier,
};
use locum_domain::request::SubjectThere;
use serde_json::{Value, json};

fn application(subjects: Option<SubjectSource>) -> Application {
    Application {
        id: "billing".parse().unwrap(),
        name: "Billing".into(),
        tier: Tier::Standard,
        data: BTreeSet::new(),
        owner: "olga".parse().unwrap(),
        product_owner: None,
        data_owner: None,
        reviewer: None,
        delegates: Vec::new(),
        reason_prompt: None,
        upstream: "http://127.0.0.1:1".into(),
        address: None,
        identity: IdentityHeader {
            assertion_header: "Locum-Assertion".into(),
            algorithm: SigningAlgorithm::EdDSA,
            audience: "app:billing".into(),
            trusted_header: None,
        },
        secret_header: None,
        strip_headers: Vec::new(),
        harmless_cookies: BTreeSet::new(),
        record: RecordTiming::Before,
        subjects,
        graphql_endpoints: Vec::new(),
        protected_subjects: Vec::new(),
        operations: BTreeMap::new(),
    }
}

async fn asking(body: Value) -> (Desk, Application) {
    let desk = Desk::answering(move |asked: &Asked| match asked.target.as_str() {
        "/users/gone" => answer(404, "{}"),
        _ => answer(200, body.to_string()),
    })
    .await;
    let attribute = |name: &str| (name.to_owned(), format!("/{name}"));
    let source = SubjectSource::Http {
        url: desk.url("/users/{subject}"),
        id: "/id".into(),
        tenant: Some("/tenant".into()),
        attributes: ["role", "is_admin", "groups"].map(attribute).into(),
    };
    (desk, application(Some(source)))
}

async fn find(
    application: &Application,
    subject: &str,
) -> Result<SubjectThere, SubjectLookupError> {
    let subject: SubjectId = subject.parse().unwrap();
    Subjects::new(web()).look_up(application, &subject).await
}

#[tokio::test]
async fn without_subjects_the_cases_subject_is_used_as_it_is() {
    let there = find(&application(None), "c-42").await.unwrap();
    assert_eq!(
        (there.id.as_str(), there.tenant, there.attributes.len()),
        ("c-42", None, 0)
    );
}

#[tokio::test]
async fn r20_a_listed_subject_is_found_and_any_other_is_unknown() {
    let listed = ListedSubject {
        case_subject: "c-42".parse().unwrap(),
        id: "4711".into(),
        tenant: "acme".parse().ok(),
        attributes: [("role".to_owned(), "member".to_owned())].into(),
    };
    let billing = application(Some(SubjectSource::File {
        subjects: vec![listed],
    }));
    let there = find(&billing, "c-42").await.unwrap();
    assert_eq!(
        (there.id.as_str(), there.attributes["role"].as_str()),
        ("4711", "member")
    );
    assert_eq!(
        find(&billing, "c-43").await,
        Err(SubjectLookupError::Unknown)
    );
    assert_eq!(
        find(&billing, "C-42").await,
        Err(SubjectLookupError::Unknown)
    );
}

#[tokio::test]
async fn r20_the_application_itself_says_who_the_subject_is() {
    let body = json!({"id": 4711, "tenant": "acme", "role": "member", "is_admin": false, "groups": ["a", "b"]});
    let (desk, billing) = asking(body).await;
    let there = find(&billing, "mia@acme.example").await.unwrap();
    assert_eq!(there.id, "4711");
    assert_eq!(there.tenant.unwrap().as_str(), "acme");
    assert_eq!(there.attributes["is_admin"], "false");
    assert_eq!(desk.asked()[0].target, "/users/mia%40acme.example");
    // Not one value: nobody supplied it, and what nobody supplies counts as protected.
    assert!(!there.attributes.contains_key("groups"));
    assert_eq!(
        find(&billing, "gone").await,
        Err(SubjectLookupError::Unknown)
    );
}

#[tokio::test]
async fn r20_an_answer_without_id_or_tenant_names_nobody() {
    for body in [
        json!({"tenant": "acme"}),
        json!({"id": null, "tenant": "acme"}),
        json!({"id": "a\r\nb", "tenant": "acme"}),
        json!({"id": "4711"}),
        json!([]),
    ] {
        let (_desk, billing) = asking(body).await;
        let found = find(&billing, "c-42").await;
        assert!(
            matches!(found, Err(SubjectLookupError::Unreachable(_))),
            "{found:?}"
        );
    }
    let (_desk, billing) = asking(json!({"id": "4711", "tenant": null})).await;
    assert_eq!(find(&billing, "c-42").await.unwrap().tenant, None);
}

#[tokio::test]
async fn r20_a_subject_with_path_tricks_never_reaches_another_address() {
    let (desk, billing) = asking(json!({"id": "1", "tenant": null})).await;
    for subject in ["..", "."] {
        assert_eq!(
            find(&billing, subject).await,
            Err(SubjectLookupError::Unknown)
        );
    }
    assert!(desk.asked().is_empty());
    find(&billing, "../admin?x=1#y").await.unwrap();
    assert_eq!(desk.asked()[0].target, "/users/..%2Fadmin%3Fx%3D1%23y");
}
