//! R24: one table of tamperings with the database, each with the sentence of `locum ledger verify`, as
//! `docs/tamperings.md` has it. A row is added to the list below, and to the page: the test prints what belongs there.

use std::collections::BTreeMap;

use locum_control::ledger::verify_ledger;
use locum_domain::Event;
use locum_domain::route::Approval;
use locum_testkit::house::House;
use locum_tlog::LedgerKey;
use rusqlite::{Connection, Params};

use crate::tampering::{database, row};
use crate::{ALICE, OSCAR, PRYA};

const PAGE: &str = include_str!("../../../../docs/tamperings.md");

/// What somebody who can write the database does to it.
type Tampers = fn(&Found, &Connection);

/// The database that they find.
struct Found {
    /// Where the first entry of each kind stands.
    places: BTreeMap<&'static str, i64>,
    size: i64,
    /// An approval that nobody gave, as an entry and a payload.
    forged: (Vec<u8>, [u8; 32], Vec<u8>),
    /// What another key would sign over these very entries.
    by_another_key: String,
    older_checkpoint: String,
}

impl Found {
    fn at(&self, kind: &str) -> i64 {
        self.places[kind]
    }
}

fn alter(database: &Connection, sql: &str, parameters: impl Params) {
    let changed = database.execute(sql, parameters).unwrap();
    assert!(changed > 0, "nothing was tampered with: {sql}");
}

const TAMPERINGS: &[(&str, Tampers)] = &[
    ("edited what a request asked for", |found, database| {
        let sql = "UPDATE payload SET body = CAST(replace(CAST(body AS TEXT), 'invoice.read', 'invoice.void') AS BLOB)
                   WHERE position = ?1";
        alter(database, sql, [found.at("request-filed")]);
    }),
    ("exchanged the salt of a payload", |found, database| {
        let sql = "UPDATE payload SET salt = zeroblob(32) WHERE position = ?1";
        alter(database, sql, [found.at("request-filed")]);
    }),
    ("edited sealed personal data", |found, database| {
        let sql = "UPDATE payload SET personal = zeroblob(length(personal)) WHERE position = ?1";
        alter(database, sql, [found.at("request-filed")]);
    }),
    ("passed personal data off as erased", |found, database| {
        let sql = "UPDATE payload SET personal = NULL, subject_key = NULL WHERE position = ?1";
        alter(database, sql, [found.at("request-filed")]);
    }),
    ("edited an entry's time", |found, database| {
        let sql = "UPDATE entry SET entry = CAST(replace(CAST(entry AS TEXT), '\"at\":\"2', '\"at\":\"3') AS BLOB)
                   WHERE position = ?1";
        alter(database, sql, [found.at("request-approved")]);
    }),
    (
        "wrote a forged approval behind the last entry",
        |found, database| {
            write(found, database, found.size);
        },
    ),
    (
        "wrote a forged approval over another entry",
        |found, database| {
            let at = found.at("session-ended");
            alter(database, "DELETE FROM payload WHERE position = ?1", [at]);
            alter(database, "DELETE FROM entry WHERE position = ?1", [at]);
            write(found, database, at);
        },
    ),
    ("moved an approval to another request", |found, database| {
        let sql = "UPDATE entry SET stream_id = 'req_00000000000000000000000000000000' WHERE position = ?1";
        alter(database, sql, [found.at("request-approved")]);
    }),
    (
        "exchanged two entries with their payloads",
        |found, database| {
            let (one, two) = (found.at("request-approved"), found.at("session-started"));
            database.execute("PRAGMA foreign_keys = OFF", []).unwrap();
            for table in ["entry", "payload"] {
                for (from, to) in [(one, -1), (two, one), (-1, two)] {
                    let sql = format!("UPDATE {table} SET position = ?2 WHERE position = ?1");
                    alter(database, &sql, [from, to]);
                }
            }
        },
    ),
    ("deleted an entry in the middle", |found, database| {
        let at = found.at("session-ended");
        alter(database, "DELETE FROM payload WHERE position = ?1", [at]);
        alter(database, "DELETE FROM entry WHERE position = ?1", [at]);
    }),
    ("cut the last three entries off", |found, database| {
        let from = found.size - 3;
        alter(database, "DELETE FROM payload WHERE position >= ?1", [from]);
        alter(database, "DELETE FROM entry WHERE position >= ?1", [from]);
    }),
    (
        "put an older checkpoint back, and cut what was behind it",
        |found, database| {
            let size: i64 = found
                .older_checkpoint
                .lines()
                .nth(1)
                .unwrap()
                .parse()
                .unwrap();
            let sql = "UPDATE checkpoint SET note = ?1, size = ?2";
            alter(database, sql, (&found.older_checkpoint, size));
            alter(database, "DELETE FROM payload WHERE position >= ?1", [size]);
            alter(database, "DELETE FROM entry WHERE position >= ?1", [size]);
        },
    ),
    (
        "signed the checkpoint with another key",
        |found, database| {
            alter(
                database,
                "UPDATE checkpoint SET note = ?1",
                [&found.by_another_key],
            );
        },
    ),
    ("took the checkpoint away", |_, database| {
        alter(database, "DELETE FROM checkpoint", []);
    }),
    ("edited a session in the tables", |_, database| {
        let sql = "UPDATE projection SET version = version + 1 WHERE kind = 'session'";
        alter(database, sql, []);
    }),
    ("made the tables forget a request", |_, database| {
        alter(
            database,
            "DELETE FROM projection WHERE kind = 'request'",
            [],
        );
    }),
    ("made the tables name another owner", |_, database| {
        let sql = "UPDATE projection SET state = replace(state, 'oscar@corp.example', 'alice@corp.example')
                   WHERE kind = 'governance'";
        alter(database, sql, []);
    }),
];

/// The forged approval, at this position.
fn write(found: &Found, database: &Connection, at: i64) {
    let (entry, salt, body) = &found.forged;
    let sql = "INSERT INTO entry (position, entry, stream_kind, stream_id)
               SELECT ?1, ?2, stream_kind, stream_id FROM entry WHERE position = ?3";
    alter(database, sql, (at, entry, found.at("request-filed")));
    let sql = "INSERT INTO payload (position, salt, body) VALUES (?1, ?2, ?3)";
    alter(database, sql, (at, salt, body));
}

async fn played() -> (House, Found) {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let older_checkpoint = checkpoint(&house).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(PRYA, &request.id).await.unwrap();
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    house.end(ALICE, &session.id).await.unwrap();
    let approval = Approval {
        by: PRYA.parse().unwrap(),
        at: house.clock.says(),
        scope_digest: request.scope_digest(),
        rules: vec!["forged".to_owned()],
        note: None,
        unavoidable_because: None,
        compensating_controls: Vec::new(),
        covers_narrower: false,
        signature: None,
    };
    let event = Event::RequestApproved {
        request: request.id.clone(),
        step: 1,
        approval,
        granted: None,
    };
    let (entry, payload) = row(&house, &event);
    let mut places = BTreeMap::new();
    let history = house.history().await;
    for recorded in &history {
        let position = i64::try_from(recorded.position).unwrap();
        places.entry(recorded.event.kind()).or_insert(position);
    }
    let found = Found {
        places,
        size: i64::try_from(history.len()).unwrap(),
        forged: (entry, payload.salt, payload.body),
        by_another_key: resigned(&checkpoint(&house).await),
        older_checkpoint,
    };
    (house, found)
}

async fn checkpoint(house: &House) -> String {
    locum_control::ports::Store::checkpoint(&*house.store)
        .await
        .unwrap()
        .unwrap()
}

/// The same tree, signed by somebody else under the ledger's name.
fn resigned(note: &str) -> String {
    let claim = locum_tlog::Checkpoint::parse_unverified(note).unwrap();
    let key = LedgerKey::from_seed(&claim.origin, &[77; 32]).unwrap();
    key.sign_checkpoint(claim.size, claim.root)
}

/// What the program prints, its first line and how many more there are.
async fn said(house: &House) -> String {
    let key = house.control.ledger_verifier();
    let faults = match verify_ledger(&*house.store, key).await {
        Ok(findings) => findings.faults,
        Err(error) => vec![error.to_string()],
    };
    let Some(first) = faults.first() else {
        return "nobody found it".to_owned();
    };
    match faults.len() {
        1 => elided(first),
        _ => format!("{} (and more)", elided(first)),
    }
}

/// Ids and keys are as long as they are; the page shows whose they are.
fn elided(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let cut = match word.find('+') {
            Some(key) => Some(key),
            None => word.find('_').filter(|place| word.len() - place > 20),
        };
        match cut {
            Some(place) => format!(
                "{}…{}",
                &word[..=place],
                if word.ends_with('`') { "`" } else { "" }
            ),
            None => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn r24_every_tampering_with_the_database_is_found_with_the_sentence_on_the_page() {
    let mut wrong = Vec::new();
    for (did, tampers) in TAMPERINGS {
        let (house, found) = played().await;
        tampers(&found, &database(&house));
        house.leave_unverified();
        let line = format!("| {did} | {} |", said(&house).await);
        if !PAGE.lines().any(|it| it == line) {
            wrong.push(line);
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/tamperings.md lacks or has otherwise:\n{}",
        wrong.join("\n")
    );
}
