//! A ledger that lost entries and goes on as another epoch, truthfully and not.

use locum_domain::restoration::{LongerHistory, NewEpoch, Restoration};
use locum_domain::{Event, Stream};
use locum_tlog::{VerifierKey, epoch_of};

use super::Ledger;
use super::scenario::Script;

pub const BECAUSE: &str = "the disk failed at night, and no newer copy was made";

/// Restores the record, of which `lost` entries are gone, and goes on under the next epoch's key where any are.
pub fn restore(ledger: &mut Ledger, lost: u64, lie: impl FnOnce(&mut Restoration)) {
    let size = ledger.rows.len() as u64;
    let number = epoch_of(ledger.key.origin()).1 + 1;
    let key = ledger.key.of_epoch(number).unwrap();
    let tree = ledger.tiles.tree();
    let longer = ledger
        .key
        .sign_checkpoint(size + lost, locum_tlog::leaf_hash(b"what is gone"));
    let epoch = NewEpoch {
        number,
        origin: key.origin().to_owned(),
        kept: size,
        lost: vec![LongerHistory {
            known_by: "the file beside the store".to_owned(),
            origin: ledger.key.origin().to_owned(),
            entries: size + lost,
            checkpoint: Some(longer),
        }],
    };
    let mut restoration = Restoration {
        by: Some("sol@corp.example".to_owned()),
        reason: Some(BECAUSE.to_owned()),
        backup: "ab".repeat(32),
        checkpoint: ledger.key.sign_checkpoint(tree.size(), tree.root()),
        epoch: (lost > 0).then_some(epoch),
        at: ledger.now(),
    };
    lie(&mut restoration);
    let event = Event::Restored {
        restoration: Box::new(restoration),
    };
    ledger.record(&Stream::Restores, &event);
    if lost > 0 {
        ledger.key = key;
    }
}

/// A pack of each such ledger, with its key, and why it is refused.
pub struct Restored {
    pub name: &'static str,
    pub key: VerifierKey,
    pub bytes: Vec<u8>,
    pub why: Option<&'static str>,
}

/// An event that was open when the record was restored, in every way that it can be told.
pub fn restores() -> Vec<Restored> {
    const ELSEWHERE: &str = "restores the record of another ledger, or of another moment";
    const UNFOLLOWING: &str = "begins an epoch that does not follow, or that lost nothing";
    const UNBEGUN: &str = "no entry in the pack says how that epoch of the ledger began";
    type Change = fn(&mut Restoration);
    let lies: [(&'static str, Change, Option<&'static str>); 9] = [
        ("told as it was", |_| (), None),
        (
            "without words",
            |it| (it.by, it.reason) = (None, None),
            None,
        ),
        (
            "of another moment",
            |it| it.checkpoint = it.checkpoint.replacen("\n9\n", "\n8\n", 1),
            Some(ELSEWHERE),
        ),
        (
            "of another ledger",
            |it| it.checkpoint = it.checkpoint.replacen("ledger.", "ledger2.", 1),
            Some(ELSEWHERE),
        ),
        ("no epoch begun", |it| it.epoch = None, Some(UNBEGUN)),
        (
            "a number that is taken",
            |it| it.epoch.as_mut().unwrap().number = 1,
            Some(UNFOLLOWING),
        ),
        (
            "another origin",
            |it| it.epoch.as_mut().unwrap().origin.push('1'),
            Some(UNFOLLOWING),
        ),
        (
            "nothing lost",
            |it| it.epoch.as_mut().unwrap().lost.clear(),
            Some(UNFOLLOWING),
        ),
        (
            "a loss of what was kept",
            |it| it.epoch.as_mut().unwrap().lost[0].entries = 1,
            Some(UNFOLLOWING),
        ),
    ];
    let script = Script::new(1);
    let play = script.play();
    let of_event = [script.streams(), vec![Stream::Restores]].concat();
    let pack = |ledger: &Ledger, streams: &[Stream]| ledger.pack(streams).build().unwrap();
    let mut all = Vec::new();
    let halfway = |lost, lie: Change| {
        let mut ledger = Ledger::new(1);
        // Nine entries stand before it.
        ledger.interleave(&[play[..3].to_vec()], 2);
        restore(&mut ledger, lost, lie);
        ledger.interleave(&[play[3..].to_vec()], 2);
        ledger
    };
    for (name, lie, why) in lies {
        let ledger = halfway(5, lie);
        all.push(Restored {
            name,
            key: ledger.key.verifier_key().clone(),
            bytes: pack(&ledger, &of_event),
            why,
        });
    }
    let ledger = halfway(5, |_| ());
    all.push(Restored {
        name: "left out of the pack",
        key: ledger.key.verifier_key().clone(),
        bytes: pack(&ledger, &script.streams()),
        why: Some(UNBEGUN),
    });
    let ledger = halfway(0, |_| ());
    all.push(Restored {
        name: "without any loss",
        key: ledger.key.verifier_key().clone(),
        bytes: pack(&ledger, &of_event),
        why: None,
    });
    let mut ledger = Ledger::new(1);
    ledger.fill(9);
    restore(&mut ledger, 1, |_| ());
    ledger.interleave(std::slice::from_ref(&play), 1);
    restore(&mut ledger, 1, |_| ());
    all.push(Restored {
        name: "before it and behind it",
        key: ledger.key.verifier_key().clone(),
        bytes: pack(&ledger, &of_event),
        why: None,
    });
    all
}
