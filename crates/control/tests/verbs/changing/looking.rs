//! What is in force, to look at.

use locum_control::Difference;
use locum_control::governance::governance;
use locum_domain::{Event, Stream};
use locum_testkit::house::House;

use super::production;
use crate::{ALICE, AUDREY, OSCAR, SAM, SVEN};

#[tokio::test]
async fn r33_everybody_sees_which_version_counts_and_security_and_auditors_every_word_of_it() {
    let house = House::new().await;
    let applied = house.control.in_force().applied.clone();
    for who in [ALICE, OSCAR] {
        let seen = governance(&house.control, &house.caller(who))
            .await
            .unwrap();
        assert_eq!(
            (seen.digest, seen.version),
            (applied.digest.clone(), 1),
            "{who}"
        );
        assert_eq!((seen.at, seen.whole), (applied.at, None), "{who}");
    }
    for who in [SAM, SVEN, AUDREY] {
        let seen = governance(&house.control, &house.caller(who))
            .await
            .unwrap();
        let whole = seen.whole.unwrap();
        assert_eq!(whole.applied, applied, "{who}");
        assert_eq!(whole.difference, Difference::None, "{who}");
    }
    let looks = house.history().await.into_iter().filter_map(|it| {
        let Event::EvidenceRead { by, what, .. } = it.event else {
            return None;
        };
        assert_eq!(it.stream, Stream::Principal(by.clone()));
        Some((by.to_string(), what))
    });
    let looks: Vec<_> = looks.collect();
    assert_eq!(looks, [(AUDREY.to_owned(), "governance".to_owned())]);
    house.verify().await;
}

#[tokio::test]
async fn r33_files_that_differ_on_the_disk_are_said_to_differ_and_do_not_count() {
    let house = production().open().await;
    let before = house.control.in_force().applied.digest.clone();
    let shut = house.shut().await;
    let shut = shut.changed(|builder| {
        builder.files(|files| {
            files.append("policies/house.cedar", "// A word of somebody's own.\n");
        })
    });
    let house = shut.reopen().await.unwrap();
    let seen = governance(&house.control, &house.caller(SAM))
        .await
        .unwrap();
    assert_eq!((&seen.digest, seen.version), (&before, 1));
    let whole = seen.whole.unwrap();
    assert_eq!(whole.difference, Difference::Pending);
    assert!(!whole.applied.files["policies/house.cedar"].contains("somebody's own"));
    house.verify().await;
}
