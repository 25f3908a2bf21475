//! The public ledger: what somebody who trusts nobody needs.

use axum::http::Method;
use locum_tlog::{decode_bundle, leaf_hash, verify_checkpoint};
use serde_json::json;

use crate::site::{Answer, Site};

async fn public(site: &Site, path: &str) -> Answer {
    site.call(Method::GET, &format!("/ledger/{path}"))
        .send()
        .await
}

#[tokio::test]
async fn r24_checkpoint_tiles_and_entries_agree_and_need_nobody() {
    let site = Site::new().await;
    let mut thin = site.asked();
    thin["reason"] = json!("help");
    while site.house.history().await.len() < 258 {
        site.post("alice", "/api/v1/requests", thin.clone()).await;
    }
    let note = public(&site, "checkpoint").await;
    assert_eq!(note.header("content-type"), "text/plain; charset=utf-8");
    let signed = verify_checkpoint(note.text(), site.house.control.ledger_verifier()).unwrap();
    let size = signed.size();
    let mut tree = locum_tlog::Tree::new();
    for (path, width) in [
        ("tile/entries/000".to_owned(), 256),
        (format!("tile/entries/001.p/{}", size - 256), size - 256),
    ] {
        let bundle = public(&site, &path).await;
        assert_eq!(bundle.status, 200, "{path}");
        let entries = decode_bundle(&bundle.body).unwrap();
        assert_eq!(entries.len() as u64, width);
        let hashes = public(&site, &path.replace("entries", "0")).await;
        let expected: Vec<u8> = entries
            .iter()
            .flat_map(|it| *leaf_hash(it).as_bytes())
            .collect();
        assert_eq!(hashes.body, expected, "{path}");
        for entry in &entries {
            let _full = tree.append(leaf_hash(entry));
            let text = std::str::from_utf8(entry).unwrap();
            assert!(!text.contains("corp.example"), "personal data: {text}");
        }
    }
    assert_eq!(tree.root(), signed.root());
    assert_eq!(public(&site, "tile/1/000.p/1").await.body.len(), 32);
    site.close().await;
}

#[tokio::test]
async fn tiles_are_kept_for_ever_and_nothing_lies_beyond_the_end() {
    let site = Site::new().await;
    site.filed().await;
    let size = site.house.history().await.len();
    let part = public(&site, &format!("tile/entries/000.p/{size}")).await;
    assert_eq!(part.status, 200);
    assert!(part.header("cache-control").contains("immutable"));
    assert_eq!(part.header("vary"), "accept-encoding");
    for path in [
        &format!("tile/entries/000.p/{}", size + 1),
        &format!("tile/0/000.p/{}", size + 1),
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/entries/x001/000",
        "tile/0/00",
        "tile/0/000.p/0",
        "tile/0/%30%30%30.p/1",
        "tile/64/000",
        "tile/",
        "other",
    ] {
        public(&site, path).await.refused(404, "not-found");
    }
    site.close().await;
}
