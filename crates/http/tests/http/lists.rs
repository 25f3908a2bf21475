//! Pages, filters and the catalog.

use locum_control::Budgets;
use locum_testkit::house::House;
use serde_json::Value;

use crate::site::Site;

fn ids(listing: &Value) -> Vec<String> {
    let items = listing["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_comes_in_pages_that_lead_to_each_other() {
    let budgets = Budgets {
        open_requests: 20,
        live_sessions: 2,
        subjects_per_day: 25,
    };
    let site = Site::of(House::builder().budgets(budgets)).await;
    let mut filed = Vec::new();
    for _ in 0..5 {
        filed.push(site.filed().await["id"].as_str().unwrap().to_owned());
        site.house.clock.advance_minutes(1);
    }
    filed.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/requests?state=pending&limit=2".to_owned();
    for _ in 0..3 {
        let page = site.get("alice", &path).await;
        seen.extend(ids(&page.json()));
        let link = page.header("link");
        if link.is_empty() {
            assert!(page.json()["next"].is_null());
            break;
        }
        assert!(link.ends_with("; rel=\"next\""), "{link}");
        path = link
            .trim_start_matches('<')
            .split('>')
            .next()
            .unwrap()
            .to_owned();
        assert!(path.contains("state=pending"), "{path}");
    }
    assert_eq!(seen, filed);
    site.close().await;
}

#[tokio::test]
async fn a_list_is_narrowed_by_state_approver_requester_and_case() {
    let site = Site::new().await;
    let request = site.filed().await;
    let id = request["id"].as_str().unwrap();
    for (person, query, expected) in [
        ("oscar", "approver=me", 1),
        ("oscar", "approver=me&state=approved", 0),
        ("oscar", "requester=me", 0),
        ("alice", "requester=me&case=desk:7", 1),
        ("alice", "case=desk:8", 0),
        ("alice", "state=&approver=oscar@corp.example", 1),
        ("arno", "", 0),
        ("sam", "", 1),
    ] {
        let found = site
            .get(person, &format!("/api/v1/requests?{query}"))
            .await
            .json();
        assert_eq!(ids(&found), vec![id; expected], "{person} {query}");
    }
    for query in [
        "state=open",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=%2e",
        "state=a&state=b",
    ] {
        let path = format!("/api/v1/requests?{query}");
        site.get("alice", &path).await.refused(400, "malformed");
    }
    site.close().await;
}

#[tokio::test]
async fn the_catalog_says_what_can_be_asked_for_and_me_who_asks() {
    let site = Site::new().await;
    let found = site
        .get("alice", "/api/v1/catalog/applications")
        .await
        .json();
    assert_eq!(ids(&found), ["billing", "crm", "wiki"]);
    let billing = &found["items"][0];
    assert_eq!(billing["tier"], "regulated");
    assert_eq!(billing["owner"], "oscar@corp.example");
    let operations = billing["operations"].as_array().unwrap();
    let payout = operations
        .iter()
        .find(|it| it["id"] == "payout.create")
        .unwrap();
    assert_eq!(
        (&payout["effect"], &payout["closed"]),
        (&"write".into(), &"money".into())
    );
    let me = site.get("sam", "/api/v1/me").await.json();
    assert_eq!(me["name"], "Sam Stone");
    assert_eq!(
        me["roles"],
        serde_json::json!(["security", "security-control-owner"])
    );
    site.close().await;
}
