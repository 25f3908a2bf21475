//! A house with a GraphQL endpoint, for the tests beside it.

use std::collections::BTreeMap;

use locum_domain::access::{Admitted, RefusedInSession};
use locum_domain::catalog::{Effect, Operation, RecordTiming};
use locum_domain::{Catalog, Event};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Reply, parse, raw, request};
use crate::world::{World, entry, id, session};

/// Under a route that is open by itself: what comes here passes by its document or not at all.
pub(crate) const ENDPOINT: &str = "/echo/graphql";

/// A document that is listed whole.
pub(crate) const LISTED: &str = "mutation { rebuildIndex archiveOld }";

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) cookie: String,
}

fn operation(name: &str, effect: Effect, graphql: &[&str]) -> Operation {
    Operation {
        id: id(name),
        effect,
        routes: Vec::new(),
        graphql: graphql.iter().map(|it| (*it).to_owned()).collect(),
        graphql_hashes: Vec::new(),
        closed: None,
        object: None,
        max_per_session: None,
    }
}

pub(crate) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl House {
    pub(crate) async fn new() -> Self {
        let mut world = World::new().await;
        let mut billing = entry("billing", world.application.address, RecordTiming::Before);
        billing.graphql_endpoints = vec![format!("POST {ENDPOINT}"), format!("GET {ENDPOINT}")];
        let mut read = operation(
            "bill.read",
            Effect::Read,
            &["query invoices", "query invoice"],
        );
        read.object = Some("invoice:{id}".to_owned());
        let mut index = operation("index.rebuild", Effect::Write, &[]);
        index.graphql_hashes = vec![sha256(LISTED)];
        let mut listed = operation("bill.listed", Effect::Read, &[]);
        listed.graphql_hashes = vec![sha256("{ secretReport }"), sha256("mutation { wipe }")];
        let mut payout = operation("bill.payout", Effect::Write, &["mutation createPayout"]);
        payout.closed = Some("money".to_owned());
        let mut capped = operation("bill.capped", Effect::Read, &["query capped"]);
        capped.max_per_session = Some(2);
        for operation in [
            read,
            index,
            listed,
            payout,
            capped,
            operation("note.add", Effect::Write, &["mutation addNote"]),
            operation("bill.resend", Effect::Write, &["mutation resendInvoice"]),
        ] {
            billing.operations.insert(operation.id.clone(), operation);
        }
        let secrets = BTreeMap::from([(billing.id.clone(), "hunter2".to_owned())]);
        let mut catalog = Catalog::default();
        catalog.applications.insert(billing.id.clone(), billing);
        world.gateway.install(&catalog, &secrets).unwrap();
        let mut acting = session(2, &["billing"]);
        for application in acting.applications.values_mut() {
            let granted = [
                "bill.read",
                "index.rebuild",
                "bill.listed",
                "bill.payout",
                "bill.capped",
                "note.add",
            ];
            application.operations.extend(granted.map(id));
        }
        world.gateway.begin(&acting);
        world.session = acting;
        let cookie = world.cookie("billing").await;
        Self { world, cookie }
    }

    /// A request with this head and body.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut all = vec![("Cookie", self.cookie.as_str())];
        all.extend_from_slice(headers);
        let host = self.world.host("billing");
        let text = request(method, path, &host, &all, body);
        parse(&raw(self.world.door, text.as_bytes()).await.unwrap())
    }

    /// A body as clients send it.
    pub(crate) async fn post(&self, body: &str) -> Reply {
        let headers = [("Content-Type", "application/json")];
        self.send("POST", ENDPOINT, &headers, body).await
    }

    /// A document by itself.
    pub(crate) async fn ask(&self, text: &str) -> Reply {
        self.post(&json!({ "query": text }).to_string()).await
    }

    /// Status and code of what came, `200` and nothing where it passed.
    pub(crate) fn verdict(reply: &Reply) -> (u16, String) {
        let code = if reply.status == 200 {
            String::new()
        } else {
            reply.code()
        };
        (reply.status, code)
    }

    /// Refused as nobody's operation, before the application saw any of it.
    pub(crate) async fn is_unclassified(&self, body: &str) {
        let seen = self.world.application.seen();
        let reply = self.post(body).await;
        let verdict = Self::verdict(&reply);
        assert_eq!(verdict, (403, "unclassified-route".to_owned()), "{body}");
        assert_eq!(self.world.application.seen(), seen, "{body}");
    }

    pub(crate) fn admitted(&self) -> Vec<Admitted> {
        let all = self.world.records("access-admitted").into_iter();
        all.map(|it| match it {
            Event::AccessAdmitted(admitted) => admitted,
            other => panic!("{other:?}"),
        })
        .collect()
    }

    pub(crate) fn refused(&self) -> Vec<RefusedInSession> {
        let all = self.world.records("access-refused").into_iter();
        all.map(|it| match it {
            Event::AccessRefused(refused) => refused,
            other => panic!("{other:?}"),
        })
        .collect()
    }
}

/// What the application got.
pub(crate) fn body_of(reply: &Reply) -> String {
    match &reply.json()["body"] {
        Value::String(body) => body.clone(),
        other => panic!("{other}"),
    }
}
