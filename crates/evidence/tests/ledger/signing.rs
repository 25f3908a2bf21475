//! People with passkeys: the founding, enrolments, and approvals that are really signed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::authenticator::{
    Authenticator, Enrolment, Founding, Means, Signature, Statement as _, StatementDigest,
};
use locum_domain::request::ApprovalWords;
use locum_domain::{EnrolmentId, Event, PrincipalId, Request, Stream, Timestamp};
use locum_evidence::key_file_message;

use super::looks::to_be_signed;
use super::scenario::person;
use super::time;
use crate::device::{Device, Key};

pub const ORIGIN: &str = "ledger.example/locum";
/// A week before the story.
pub const LONG_AGO: i64 = -604_800;

/// Everybody's passkeys, by name.
pub struct People {
    pub devices: BTreeMap<&'static str, Device>,
    enrolments: u8,
}

impl People {
    /// ES256 and Ed25519 in turn, and RS256 for the third, so that a story has some of each.
    pub fn new(names: &[&'static str]) -> Self {
        let device = |(index, name): (usize, &&'static str)| {
            let key = match index {
                2 => Key::rs256(),
                _ if index % 2 == 0 => Key::es256(),
                _ => Key::ed25519(),
            };
            (*name, Device::new(key))
        };
        Self {
            devices: names.iter().enumerate().map(device).collect(),
            enrolments: 0,
        }
    }

    pub fn add(&mut self, name: &'static str) {
        self.devices.insert(name, Device::new(Key::es256()));
    }

    pub fn key(&self, name: &str) -> Authenticator {
        self.devices[name].authenticator(&person(name))
    }

    pub fn sign(&mut self, name: &str, digest: StatementDigest) -> Signature {
        self.devices.get_mut(name).unwrap().sign(&digest.0)
    }

    /// `PERSON THUMBPRINT` of each.
    pub fn fingerprints(&self, names: &[&str]) -> String {
        let line = |name: &&str| format!("{name} {}\n", self.key(name).thumbprint());
        names.iter().map(line).collect()
    }

    /// Two people found, a week before anything else.
    pub fn founding(&mut self, founders: [&'static str; 2]) -> Vec<(Stream, Event)> {
        let mut names = founders;
        names.sort_unstable();
        let begun = Founding {
            origin: ORIGIN.to_owned(),
            founders: names.map(person).to_vec(),
            nonce: "11".repeat(16),
            begun_at: time(LONG_AGO),
            enrolled: BTreeMap::new(),
            signed: BTreeMap::new(),
            completed_at: None,
        };
        let begun = Event::FoundingBegun {
            founding: Box::new(begun),
        };
        let mut founding = Founding::evolve(None, &begun);
        let mut events = vec![begun];
        for name in founders {
            let authenticator = Box::new(self.key(name));
            let at = time(LONG_AGO);
            let event = Event::FounderEnrolled { authenticator, at };
            founding = Founding::evolve(founding, &event);
            events.push(event);
        }
        let digest = founding.unwrap().statement().unwrap().digest();
        for name in founders {
            events.push(Event::FoundingSigned {
                by: person(name),
                signature: self.sign(name, digest),
                at: time(LONG_AGO),
            });
        }
        let stream = |event| (Stream::Founding, event);
        events.into_iter().map(stream).collect()
    }

    /// Somebody's key is enrolled by another's signature.
    pub fn enrol(&mut self, name: &str, by: &str, at: Timestamp) -> Vec<(Stream, Event)> {
        let key = self.key(name);
        self.enrol_key(key, by, at)
    }

    pub fn enrol_key(
        &mut self,
        key: Authenticator,
        by: &str,
        at: Timestamp,
    ) -> Vec<(Stream, Event)> {
        self.enrolled(key, None, by, at)
    }

    /// The same for somebody whom `host` invited at that moment.
    pub fn invite(
        &mut self,
        name: &str,
        host: &str,
        by: &str,
        at: Timestamp,
    ) -> Vec<(Stream, Event)> {
        let (key, host) = (self.key(name), person(host));
        let invited = Event::EnrolmentInvited {
            person: key.person.clone(),
            by: host.clone(),
            at,
        };
        let stream = Stream::Enrolment(key.person.clone());
        let mut events = vec![(stream, invited)];
        events.extend(self.enrolled(key, Some(host), by, at));
        events
    }

    fn enrolled(
        &mut self,
        key: Authenticator,
        invited_by: Option<PrincipalId>,
        by: &str,
        at: Timestamp,
    ) -> Vec<(Stream, Event)> {
        self.enrolments += 1;
        let enrolment = Enrolment {
            id: EnrolmentId::from_bytes([self.enrolments; 16]),
            authenticator: key,
            replaces: None,
            invited_by,
            nonce: "22".repeat(16),
            at,
        };
        let person = enrolment.authenticator.person.clone();
        let approver: PrincipalId = by.parse().unwrap();
        let digest = enrolment.statement(&approver).digest();
        let approved = Event::EnrolmentApproved {
            enrolment: enrolment.id.clone(),
            person: person.clone(),
            by: approver,
            signature: self.sign(by, digest),
            announced_to: vec![person.clone()],
            at,
        };
        let asked = Event::EnrolmentAsked {
            enrolment: Box::new(enrolment),
        };
        let stream = Stream::Enrolment(person);
        vec![(stream.clone(), asked), (stream, approved)]
    }

    /// Everybody who approves, countersigns or reviews in the story signs, in order, what they say there.
    pub fn sign_approvals(&mut self, story: &mut [(Stream, Event)]) {
        let mut requests: BTreeMap<Stream, Request> = BTreeMap::new();
        for (stream, event) in story {
            let before = requests.remove(stream);
            if let (Event::RequestApproved { step, approval, .. }, Some(request)) =
                (&mut *event, &before)
            {
                let words = ApprovalWords::of(approval);
                let step = &request.route.steps[*step];
                let digest = words.statement(request, &approval.by, step).digest();
                let name = approval.by.to_string();
                approval.signature = Some(self.sign(&name, digest));
            }
            if let (Event::RequestCountersigned { step, approval, .. }, Some(request)) =
                (&mut *event, &before)
            {
                let (by, note) = (approval.by.clone(), approval.note.clone());
                let step = &request.route.afterwards[*step];
                let digest = step
                    .countersignature(request, &by, note.as_deref())
                    .digest();
                approval.signature = Some(self.sign(&by.to_string(), digest));
            }
            if let Event::ReviewCompleted { completion, .. } = &mut *event {
                completion.signature = Some(to_be_signed());
            }
            if let Some(after) = Request::evolve(before, event) {
                requests.insert(stream.clone(), after);
            }
        }
    }
}

/// A key in a file, and its signature.
pub fn key_file(key: &Key, name: &str) -> Authenticator {
    Authenticator::new(
        person(name),
        "file".into(),
        key.public_key(),
        Means::KeyFile,
    )
}

pub fn signed_by_file(key: &Key, digest: StatementDigest) -> Signature {
    Signature::KeyFile {
        authenticator: key.public_key().thumbprint().authenticator_id(),
        signature: URL_SAFE_NO_PAD.encode(key.sign(&key_file_message(&digest.0))),
    }
}
