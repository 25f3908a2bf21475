//! The ledger is the system of record: everything else can be dropped and folded again.

use locum_control::Budgets;
use locum_control::ports::Store as _;
use locum_testkit::house::{House, SeededEntropy};
use rusqlite::Connection;

use crate::ALICE;
use crate::acts::{act, file};

type Rows = Vec<(String, String, String, serde_json::Value)>;

/// Everything that the tables say.
fn tables(connection: &Connection) -> (Rows, Rows) {
    let rows = |sql: &str| {
        let mut statement = connection.prepare(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let last: String = row.get(3)?;
            // A document says the same in whatever order its members stand.
            let last = serde_json::from_str(&last).unwrap_or(last.into());
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, last))
        };
        statement
            .query_map([], row)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    };
    (
        rows("SELECT kind, id, CAST(version AS TEXT), state FROM projection ORDER BY kind, id"),
        rows("SELECT kind, key, value, id FROM projection_key ORDER BY kind, key, value, id"),
    )
}

fn only_in(these: &Rows, those: &Rows) -> Rows {
    these
        .iter()
        .filter(|row| !those.contains(row))
        .cloned()
        .collect()
}

#[tokio::test]
async fn r22_r24_every_table_dropped_and_folded_again_from_the_ledger_says_what_it_said() {
    let budgets = Budgets {
        open_requests: 1_000,
        live_sessions: 1_000,
        subjects_per_day: 1_000,
    };
    for seed in 0..3 {
        let house = House::builder()
            .seed(seed)
            .budgets(budgets)
            .on_disk()
            .open()
            .await;
        let dice = SeededEntropy::new(seed + 77);
        for case in 0..12 {
            let number = format!("w{case}");
            let id = file(&house, &dice, &number).await;
            for _ in 0..10 {
                house.clock.advance(jiff::SignedDuration::from_secs(7));
                act(&house, &dice, &id, &number).await;
            }
        }
        let connection = Connection::open(house.database()).unwrap();
        let before = tables(&connection);
        assert!(before.0.len() > 20, "the walk was no walk");
        connection
            .execute_batch("DELETE FROM projection; DELETE FROM projection_key;")
            .unwrap();
        let differing = house.store.rebuild().await.unwrap();
        assert_eq!(differing.len(), before.0.len());
        let after = tables(&connection);
        assert_eq!(
            only_in(&before.0, &after.0),
            Rows::new(),
            "seed {seed}: lost"
        );
        assert_eq!(
            only_in(&after.0, &before.0),
            Rows::new(),
            "seed {seed}: new"
        );
        assert_eq!(after.1, before.1, "seed {seed}: keys");
        drop(connection);
        house.verify().await;

        // And what is rebuilt at a start goes on where it stopped.
        let shut = house.shut().await;
        let house = shut.reopen().await.unwrap();
        house.desk.open("99", "alice", "zoe@acme.example", "acme");
        let reading: &[(&str, &[&str])] = &[("crm", &["contact.read"])];
        house
            .activated(ALICE, &house.asking("desk:99", reading, 20))
            .await;
        house.verify().await;
    }
}
