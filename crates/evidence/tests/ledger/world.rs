//! A founded ledger, an enrolled approver and a signed story, and what the verifier says when any of it is bent.

use locum_domain::{Event, Stream};
use locum_evidence::{Founders, Verified, VerifyFailure, VerifyOptions, verify};

use super::looks::reviewers;
use super::scenario::{Script, person};
use super::signing::{LONG_AGO, People};
use super::{Ledger, time};

pub type Story = Vec<(Stream, Event)>;

pub fn demanding() -> Script {
    Script {
        is_signature_demanded: true,
        ..Script::new(1)
    }
}

/// Sam and Prya found; Sam signs for Rita's and Oscar's keys a week before the request. Ann and Mallory have passkeys too.
pub struct World {
    pub people: People,
    pub founding: Story,
    pub oscar: Story,
    pub script: Script,
}

impl World {
    pub fn new(script: Script) -> Self {
        let names = ["sam", "prya", "oscar", "ann", "mallory", "tess"];
        let mut people = People::new(&names);
        people.devices.insert("rita", reviewers());
        let mut founding = people.founding(["sam", "prya"]);
        founding.extend(people.enrol("rita", "sam", time(LONG_AGO + 30)));
        let oscar = people.enrol("oscar", "sam", time(LONG_AGO + 60));
        Self {
            people,
            founding,
            oscar,
            script,
        }
    }

    /// The story with every approval signed.
    pub fn signed(&mut self) -> Story {
        let mut play = self.script.play();
        self.people.sign_approvals(&mut play);
        play
    }

    pub fn judged(&self, parts: &[&Story]) -> Result<Verified, VerifyFailure> {
        self.judged_with(parts, None)
    }

    pub fn judged_with(
        &self,
        parts: &[&Story],
        founders: Option<Founders>,
    ) -> Result<Verified, VerifyFailure> {
        let options = VerifyOptions {
            founders,
            ..VerifyOptions::default()
        };
        verify(&self.pack(parts), &options)
    }

    pub fn pack(&self, parts: &[&Story]) -> Vec<u8> {
        self.pack_of(&self.script.streams(), parts)
    }

    pub fn pack_of(&self, streams: &[Stream], parts: &[&Story]) -> Vec<u8> {
        let whole: Story = parts.iter().copied().flatten().cloned().collect();
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[whole], 1);
        ledger.signed_pack(streams).build().unwrap()
    }

    /// The same pack, made after the request's data was erased.
    pub fn erased(&self, parts: &[&Story]) -> Vec<u8> {
        let whole: Story = parts.iter().copied().flatten().cloned().collect();
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[whole], 1);
        ledger.erase(&Stream::Request(self.script.request_id()));
        let pack = ledger.signed_pack(&self.script.streams());
        pack.build().unwrap()
    }

    /// What the verifier says of the founding, Oscar's enrolment and the signed story, each bent.
    pub fn bent(&mut self, bend: impl FnOnce(&mut Story, &mut Story, &mut Story)) -> String {
        let mut play = self.signed();
        let (mut founding, mut oscar) = (self.founding.clone(), self.oscar.clone());
        bend(&mut founding, &mut oscar, &mut play);
        let judged = self.judged(&[&founding, &oscar, &play]);
        judged.unwrap_err().to_string()
    }
}

pub fn approvals(story: &mut Story) -> impl Iterator<Item = &mut locum_domain::route::Approval> {
    story.iter_mut().filter_map(|(_, event)| match event {
        Event::RequestApproved { approval, .. } => Some(approval),
        _ => None,
    })
}

/// Another person's name over the approvals of a story that is otherwise the same.
pub fn renamed(story: &mut Story, name: &str) {
    approvals(story).for_each(|approval| approval.by = person(name));
    for (_, event) in story {
        if let Event::SessionStarted { session } = event {
            session.approvers = vec![person(name)];
        }
    }
}

#[track_caller]
pub fn says(text: &str, rule: &str) {
    assert!(text.contains(rule), "{text}");
}
