//! Authority that is lent in writing counts once whoever lends it has confirmed it (R05, R33).

use locum_testkit::house::House;
use serde_json::{Value, json};

use crate::changing::{CHANGES, confirm, path, replacing};
use crate::site::Site;

const DELEGATIONS: &str = "/api/v1/delegations";
const CONFIRM: &str = "/api/v1/delegations/confirm";
const CRM: &str = "catalog/applications/crm.toml";

/// Petra's authority over the customer records for Mia besides, as Sam wrote it and Sven confirmed it.
pub(crate) async fn lent(site: &Site) -> Value {
    let times = [("2026-08-17", "2026-08-25")];
    lent_for(site, &times).await
}

/// The same for several times.
async fn lent_for(site: &Site, times: &[(&str, &str)]) -> Value {
    let from = "[[delegate]]\n";
    let mias = times.iter().map(|(from, until)| {
        format!(
            "[[delegate]]\nperson = \"mia@corp.example\"\nfrom = \"{from}\"\nuntil = \"{until}\"\n\
             by = \"petra@corp.example\"\n\n"
        )
    });
    let to = format!("{}{from}", mias.collect::<String>());
    let body = replacing(site, CRM, from, &to).await;
    let proposed = site.post("sam", CHANGES, body).await;
    assert_eq!(proposed.status, 202, "{}", proposed.text());
    let change = proposed.json();
    let confirmed = confirm(site, "sven", &change).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    change
}

fn mias() -> Value {
    json!({"application": "crm", "person": "mia@corp.example"})
}

#[tokio::test]
async fn r05_r33_a_delegation_counts_once_whoever_lends_it_confirmed_it() {
    let site = Site::new().await;
    let none = site.get("petra", DELEGATIONS).await.json();
    assert_eq!(none["items"], json!([]));
    let change = lent(&site).await;
    let waiting = json!([{
        "application": "crm", "person": "mia@corp.example", "by": "petra@corp.example",
        "from": "2026-08-17", "until": "2026-08-25",
    }]);
    for (person, seen) in [
        ("petra", true),
        ("mia", true),
        ("sam", true),
        ("audrey", true),
        ("oscar", false),
        ("arno", false),
    ] {
        let listed = site.get(person, DELEGATIONS).await.json();
        let expected = if seen { waiting.clone() } else { json!([]) };
        assert_eq!(listed["items"], expected, "{person}");
    }
    // Neither who is lent it, nor who applied the file, nor anybody else says yes for her.
    for person in ["mia", "sam", "oscar"] {
        let refused = site.post(person, CONFIRM, mias()).await;
        refused.refused(403, "not-an-approver");
    }
    let confirmed = site.post("petra", CONFIRM, mias()).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json(), waiting[0]);
    let none = site.get("petra", DELEGATIONS).await.json();
    assert_eq!(none["items"], json!([]));
    site.post("petra", CONFIRM, mias())
        .await
        .refused(404, "not-found");
    // Nothing else was put in force by it.
    let seen = site.get("sam", "/api/v1/governance").await.json();
    assert_eq!(seen["change"], change["id"]);
    for (body, code, pointer) in [
        (
            json!({"application": "cranes", "person": "mia@corp.example"}),
            "unknown-application",
            "/application",
        ),
        (
            json!({"application": "*", "person": "mia@corp.example"}),
            "wildcard",
            "/application",
        ),
        (
            json!({"application": "crm", "person": ""}),
            "malformed",
            "/person",
        ),
        (json!({"application": "crm"}), "malformed", "/person"),
    ] {
        let refused = site.post("petra", CONFIRM, body).await;
        assert_eq!(refused.refused(422, code)["pointer"], pointer);
    }
    site.close().await;
}

#[tokio::test]
async fn r05_r33_of_several_delegations_to_one_person_the_last_day_says_which() {
    let site = Site::new().await;
    let times = [("2026-08-10", "2026-08-14"), ("2026-08-17", "2026-08-25")];
    lent_for(&site, &times).await;
    let either = site.post("petra", CONFIRM, mias()).await;
    let problem = either.refused(422, "malformed");
    assert_eq!(problem["pointer"], "/until");
    assert!(problem["detail"].as_str().unwrap().contains("2026-08-25"));
    let until = |day: &str| {
        let mut body = mias();
        body["until"] = json!(day);
        body
    };
    for (day, status, code) in [("2026-08-26", 404, "not-found"), ("soon", 422, "malformed")] {
        let answer = site.post("petra", CONFIRM, until(day)).await;
        answer.refused(status, code);
    }
    let confirmed = site.post("petra", CONFIRM, until("2026-08-25")).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json()["from"], "2026-08-17");
    let left = site.get("petra", DELEGATIONS).await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    assert_eq!(left["items"][0]["until"], "2026-08-14");
    site.close().await;
}

#[tokio::test]
async fn r13_r33_a_second_person_signs_exactly_the_change_that_they_saw() {
    let site = Site::of(House::builder().founders().signature_demanded()).await;
    let [prya, _] = site.house.founded().await;
    let sven = site.house.enrolled("sven@corp.example", &prya).await;
    site.house
        .clock
        .advance(jiff::SignedDuration::from_hours(25));
    let change = crate::changing::waiting(&site).await;
    confirm(&site, "sven", &change)
        .await
        .refused(401, "signature-required");
    let statement = format!("{}/statement", path(&change));
    site.post("sam", &statement, json!({}))
        .await
        .refused(403, "second-person-required");
    let to_sign = site.post("sven", &statement, json!({})).await;
    assert_eq!(to_sign.status, 200, "{}", to_sign.text());
    let to_sign = to_sign.json();
    assert_eq!(to_sign["purpose"], "locum-confirmation/v1");
    assert_eq!(to_sign["credentials"].as_array().unwrap().len(), 1);
    let digest = hex::decode(to_sign["digest"].as_str().unwrap()).unwrap();
    let confirming = |digest: &[u8; 32]| {
        let signature = serde_json::to_value(sven.sign_digest(digest)).unwrap();
        json!({"digest": change["digest"], "signature": signature})
    };
    let address = format!("{}/confirm", path(&change));
    site.post("sven", &address, confirming(&[0; 32]))
        .await
        .refused(401, "signature-required");
    let signed = confirming(&digest.try_into().unwrap());
    let confirmed = site.post("sven", &address, signed).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json()["decided_by"], "sven@corp.example");
    site.close().await;
}
