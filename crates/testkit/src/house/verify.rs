//! The world re-verified: what must be true whatever a test did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use locum_control::ledger::verify_ledger;
use locum_control::ports::{Query, Store as _};
use locum_domain::{Aggregate, RequestState, Session, SessionId, Stream};
use locum_evidence::decide_again;

use super::House;

impl House {
    /// The state of one stream, whoever looks.
    pub async fn state(&self, stream: &Stream) -> Option<Aggregate> {
        self.store.load(stream).await.unwrap().state
    }

    /// Every state of one kind with these keys.
    pub async fn states(&self, kind: &'static str, keys: &[(&str, &str)]) -> Vec<Aggregate> {
        let keys: Vec<(String, String)> = keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let mut states = Vec::new();
        let mut before = None;
        loop {
            let query = Query {
                keys: keys.clone(),
                before,
                limit: 200,
            };
            let page = self.store.list(kind, query).await.unwrap();
            states.extend(page.states);
            match page.next {
                Some(next) => before = Some(next),
                None => return states,
            }
        }
    }

    /// Every live session, whoever looks.
    pub async fn live_sessions(&self) -> Vec<Session> {
        let live = |state| match state {
            Aggregate::Session(session) => Some(*session),
            _ => None,
        };
        let states = self.states("session", &[("state", "live")]).await;
        states.into_iter().filter_map(live).collect()
    }

    /// Every fault of the world, in sentences.
    pub async fn faults(&self) -> Vec<String> {
        let verifier = self.control.ledger_verifier();
        let mut faults = match verify_ledger(&*self.store, verifier).await {
            Ok(findings) => findings.faults,
            Err(error) => vec![format!("the ledger cannot be read: {error}")],
        };
        let live = self.live_sessions().await;
        faults.extend(self.unapproved(&live).await);
        faults.extend(shared(&live));
        faults.extend(self.outlived(&live));
        faults.extend(self.unreviewed().await);
        faults
    }

    /// Re-verifies the world. Every test ends with it.
    ///
    /// # Panics
    /// When anything is wrong.
    pub async fn verify(&self) {
        self.is_verified.store(true, Ordering::SeqCst);
        let faults = self.faults().await;
        assert!(faults.is_empty(), "the world is not in order: {faults:#?}");
        self.decided_again().await;
    }

    /// Decides again what was decided, from the record alone.
    async fn decided_again(&self) {
        let again = decide_again(&self.history().await);
        let differences = again.differences;
        assert!(
            differences.is_empty(),
            "decided otherwise: {differences:#?}"
        );
        let silent = again.without_facts;
        assert!(silent.is_empty(), "decisions without facts: {silent:?}");
    }

    /// The test broke this world on purpose and said what should be wrong with it.
    pub fn leave_unverified(&self) {
        self.is_verified.store(true, Ordering::SeqCst);
    }

    /// Live sessions that no complete set of approvals stands behind.
    async fn unapproved(&self, live: &[Session]) -> Vec<String> {
        let mut faults = Vec::new();
        for session in live {
            let id = &session.id;
            let Some(Aggregate::Request(request)) =
                self.state(&Stream::Request(session.request.clone())).await
            else {
                faults.push(format!("{id} is live without a request"));
                continue;
            };
            let is_activated = matches!(&request.state,
                RequestState::Activated { session, .. } if session == id);
            if !is_activated {
                faults.push(format!(
                    "{id} is live and its request is {:?}",
                    request.state
                ));
            }
            if request.grant.as_ref() != Some(&session.grant) || !request.is_covered() {
                faults.push(format!("{id} is live without every approval"));
            }
            let is_signed = request.route.approvals().all(|it| it.signature.is_some());
            if request.route.signature_demanded && !is_signed {
                faults.push(format!("{id} is live on an approval that nobody signed"));
            }
            let deciders: BTreeSet<_> = request.route.approvals().map(|it| &it.by).collect();
            if deciders.contains(&request.requester) || deciders.contains(&request.actor) {
                faults.push(format!("{id} is live on an approval of its own"));
            }
        }
        faults
    }

    /// Sessions that an enforcement point holds and the record does not, or the other way round.
    fn outlived(&self, live: &[Session]) -> Vec<String> {
        let recorded: BTreeSet<SessionId> = live.iter().map(|it| it.id.clone()).collect();
        let views = self.control.data_plane().live().into_iter();
        let held: BTreeSet<SessionId> = views.map(|view| view.session).collect();
        let mut faults = Vec::new();
        if !self.plane.keeps_ended() {
            let dead = held.difference(&recorded);
            faults.extend(dead.map(|id| format!("{id} has ended and is live in memory")));
        }
        // What the record does not know yet may be cut already: never the other way round.
        let cut: BTreeSet<SessionId> = self.plane.ends().into_iter().map(|(id, _)| id).collect();
        let lost = recorded.difference(&held).filter(|id| !cut.contains(*id));
        faults.extend(lost.map(|id| format!("{id} is live and not in memory")));
        faults
    }

    /// Ended sessions without exactly one review, or with an activated request.
    async fn unreviewed(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for state in self.states("session", &[("state", "ended")]).await {
            let Aggregate::Session(session) = state else {
                continue;
            };
            let reviews = self.reviews_of(&session.id).await.len();
            if reviews != 1 {
                faults.push(format!("{} ended and has {reviews} reviews", session.id));
            }
            let request = self.request(&session.request).await;
            if !matches!(request.state, RequestState::Ended { .. }) {
                let id = &session.id;
                faults.push(format!("{id} ended and its request is {:?}", request.state));
            }
        }
        faults
    }
}

/// Two live sessions of one case and subject.
fn shared(live: &[Session]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut faults = Vec::new();
    for session in live {
        let place = (&session.case, &session.subject);
        if let Some(other) = seen.insert(place, &session.id) {
            faults.push(format!(
                "{other} and {} share a case and subject",
                session.id
            ));
        }
    }
    faults
}

impl Drop for House {
    fn drop(&mut self) {
        if !self.is_verified.load(Ordering::SeqCst) && !std::thread::panicking() {
            panic!("a house was left without `verify().await`");
        }
    }
}
