//! The operator's own lies: entries, proofs and derived files are those of an honest server that records a lie.

use locum_domain::{Event, Minutes, Stream};

use crate::house::{Lie, SIGNED, tell};
use crate::ledger::Ledger;
use crate::ledger::scenario::Script;
use crate::ledger::world::Story;
use crate::{Row, row};

fn two() -> Script {
    Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    }
}

/// A story recorded as it is told.
fn told(did: &str, script: &Script, story: Story) -> Row {
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[story], 0);
    row(did, ledger.pack(&script.streams()).build().unwrap())
}

fn played(did: &str, script: Script) -> Row {
    told(did, &script, script.play())
}

fn bent(did: &str, bend: impl FnOnce(&mut Story)) -> Row {
    let mut story = two().play();
    bend(&mut story);
    told(did, &two(), story)
}

/// Leaves out the first event for which this holds.
fn without(story: &mut Story, is_it: impl Fn(&Event) -> bool) {
    let at = story.iter().position(|(_, event)| is_it(event)).unwrap();
    story.remove(at);
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = stories();
    rows.extend(withheld());
    rows.extend(rules());
    rows
}

fn stories() -> Vec<Row> {
    vec![
        played(
            "recorded that somebody approved their own request",
            Script {
                approvers: vec!["ann", "prya"],
                ..two()
            },
        ),
        played(
            "recorded one person in the place of two",
            Script {
                approvers: vec!["oscar", "oscar"],
                ..two()
            },
        ),
        played(
            "recorded a review by somebody who approved",
            Script {
                reviewer: "oscar",
                ..two()
            },
        ),
        bent(
            "recorded approvals of something else than was asked",
            |story| {
                let mut wider = two().request();
                wider.duration = Minutes(600);
                for (_, event) in story {
                    if let Event::RequestApproved { approval, .. } = event {
                        approval.scope_digest = wider.scope_digest();
                    }
                }
            },
        ),
        bent("recorded a session wider than what was approved", |story| {
            for (_, event) in story {
                if let Event::SessionStarted { session } = event {
                    let billing = session.applications.values_mut().next().unwrap();
                    billing.operations.insert("invoice.void".parse().unwrap());
                }
            }
        }),
        bent("recorded a session without one of its approvals", |story| {
            without(story, |it| matches!(it, Event::RequestApproved { .. }));
        }),
    ]
}

/// Rows that whoever makes the pack would rather not show.
fn withheld() -> Vec<Row> {
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[two().play()], 0);
    let mut some = ledger.pack(&two().streams()).rows;
    let refused = some.len() / 2;
    some.remove(refused);
    let withheld = ledger.pack_of(some).build().unwrap();
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[two().play()], 0);
    ledger.withhold();
    let unsaid = ledger.pack(&two().streams()).build().unwrap();
    vec![
        row("left one entry of the event out of the pack", withheld),
        row("passed withheld personal data off as erased", unsaid),
    ]
}

fn rules() -> Vec<Row> {
    let lie = |did: &str, lie: Lie| row(did, tell(&lie));
    vec![
        lie(
            "recorded a route with one approver fewer",
            Lie::about_the_filing(|request, _| {
                request.route.steps.pop();
            }),
        ),
        lie(
            "put a friend in the owner's place",
            Lie::about_the_filing(|request, _| {
                request.route.steps[0].approvers = vec!["mallory".parse().unwrap()];
            }),
        ),
        lie(
            "let somebody without the authority approve",
            Lie {
                approver: |step| (step == 0).then_some("mallory"),
                ..Lie::default()
            },
        ),
        lie(
            "recorded a longer session than the rules allow",
            Lie::about_the_filing(|request, _| {
                request.duration = Minutes(480);
            }),
        ),
        lie(
            "recorded that no signature was demanded",
            Lie {
                rules: SIGNED,
                ..Lie::about_the_filing(|request, _| request.route.signature_demanded = false)
            },
        ),
        lie(
            "exchanged the text of a policy for a weaker one",
            Lie {
                rules: |rules| {
                    let text = rules.policies.get_mut("policies/house.cedar").unwrap();
                    text.push_str("// and nothing else");
                },
                ..Lie::default()
            },
        ),
    ]
}

/// Not of the event: for other lists.
pub(crate) fn ended_early(script: &Script) -> Story {
    let is_review = |stream: &Stream| matches!(stream, Stream::Review(_));
    let mut story = script.play();
    story.retain(|(stream, event)| {
        !is_review(stream) || matches!(event, Event::ReviewOpened { .. })
    });
    story
}
