//! The whole story, played over real HTTP: ask, approve, act, case closes, cut, prove.

mod act;
mod approve;
mod browser;
mod prove;

use std::fmt::Display;
use std::time::Duration;

use locum_api::{Client, ClientError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::world::World;

/// No step takes longer, or the story has failed.
const LONGEST_STEP: Duration = Duration::from_secs(30);

/// Checks an evidence pack offline against a verifier key, and says in a sentence what it found.
pub type VerifyPack<'v> = &'v (dyn Fn(&[u8], &str) -> Result<String, String> + Sync);

/// What the story leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The access event.
    pub event: String,
    /// The pack, as exported.
    pub pack: Vec<u8>,
}

/// The step that did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {why}")]
pub struct StoryFailed {
    /// What was to happen.
    pub step: String,
    /// What happened instead.
    pub why: String,
}

/// Tells each step as it is done.
pub(crate) struct Teller<'t> {
    say: &'t (dyn Fn(&str) + Sync),
    step: String,
    number: usize,
}

impl<'t> Teller<'t> {
    /// A step begins.
    fn step(&mut self, what: &str) {
        self.number += 1;
        what.clone_into(&mut self.step);
    }

    /// The step did what it should.
    fn done(&self, detail: impl Display) {
        (self.say)(&format!(
            "{:>2}. {}\n      {detail}",
            self.number, self.step
        ));
    }

    /// The step did something else.
    fn failed<T>(&self, why: impl Display) -> Result<T, StoryFailed> {
        Err(StoryFailed {
            step: self.step.clone(),
            why: why.to_string(),
        })
    }

    /// The step did something else if `outcome` is an error.
    fn must<T, E: Display>(&self, outcome: Result<T, E>) -> Result<T, StoryFailed> {
        outcome.or_else(|error| self.failed(error))
    }

    /// The step must be refused with this code.
    fn must_refuse<T>(
        &self,
        outcome: Result<T, ClientError>,
        code: &str,
    ) -> Result<String, StoryFailed> {
        match outcome {
            Err(ClientError::Refused(problem)) if problem.code == code => {
                Ok(problem.detail.clone())
            }
            Err(other) => self.failed(format!("expected the refusal `{code}`, got: {other}")),
            Ok(_) => self.failed(format!("expected the refusal `{code}`, and it was allowed")),
        }
    }
}

/// Somebody at their own desk.
pub(crate) struct Person<'w> {
    client: Client,
    world: &'w World,
}

impl<'w> Person<'w> {
    fn new(world: &'w World, id: &str) -> Result<Self, ClientError> {
        let base = format!("http://127.0.0.1:{}", world.ports.control);
        Ok(Self {
            client: Client::new(&base, Some(world.token(id)))?,
            world,
        })
    }

    async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        self.client.post(path, body).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.client.get(path).await
    }
}

/// Plays the story against the running world and tells each step through `say`.
///
/// # Errors
/// The first step that did something else than it should.
pub async fn play(
    world: &World,
    verify: VerifyPack<'_>,
    ledger_key: &str,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Evidence, StoryFailed> {
    let mut teller = Teller {
        say,
        step: String::new(),
        number: 0,
    };
    let request = within(approve::asked_and_approved(world, &mut teller)).await?;
    let event = within(act::acted_and_cut(world, &request, &mut teller)).await?;
    within(prove::reviewed_and_proven(
        world,
        &event,
        verify,
        ledger_key,
        &mut teller,
    ))
    .await
}

async fn within<T>(part: impl Future<Output = Result<T, StoryFailed>>) -> Result<T, StoryFailed> {
    match tokio::time::timeout(LONGEST_STEP, part).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoryFailed {
            step: "the story goes on".to_owned(),
            why: format!("nothing happened for {} seconds", LONGEST_STEP.as_secs()),
        }),
    }
}
