//! What counts is what was applied and recorded. Files that differ on the disk are a pending change.

mod seen;
mod take_effect;

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_catalog::Bundle;
use locum_catalog::settings::{Environment, GovernedLogin};
use locum_domain::governance::Applied;
use locum_domain::{Aggregate, Catalog, Event, Happened, RulesInForce, Stream, Timestamp};
use locum_policy::{Indexed, Policies};

use crate::control::{ControlSettings, Ports, StartError};
use crate::delegations::{self, WaitingDelegation};
use crate::facts;
use crate::ledger::{Sequencer, fold};
use crate::ports::{Guard, Proposal};

pub use seen::{GovernanceSeen, GovernanceWhole, governance};
pub(crate) use take_effect::Applying;

/// What is on the disk beside what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    None,
    /// Files differ and have no effect until they are applied.
    Pending,
}

/// The catalog, policies and settings that count.
pub struct InForce {
    /// With the delegations that count, and no others.
    pub catalog: Arc<Indexed>,
    pub policies: Arc<Policies>,
    pub applied: Applied,
    /// The founders, the name passkeys are bound to, the identity provider: as recorded.
    pub login: GovernedLogin,
    /// The ledger's origin.
    pub origin: String,
    /// What the record tells of policies and applications to whoever decides again, and its digest.
    pub(crate) rules: Arc<RulesInForce>,
    pub(crate) rules_digest: String,
    /// The version of the governance stream; decisions that stand on it are guarded with it.
    pub version: u64,
    pub difference: Difference,
    pub(crate) settings: Arc<ControlSettings>,
    /// Delegations of the recorded files that their delegators have not confirmed.
    pub(crate) waiting: Vec<WaitingDelegation>,
}

impl InForce {
    /// Reads what was applied, and which of its delegations were confirmed.
    async fn of(
        applied: Applied,
        version: u64,
        ports: &Ports,
        sequencer: &Sequencer,
        stated: &ControlSettings,
        on_disk: &str,
    ) -> Result<Self, StartError> {
        let (catalog, policies, bundle) = read(&applied)?;
        let (catalog, waiting) = delegations::counted(&*ports.store, sequencer, catalog).await?;
        let catalog = Indexed::of(catalog).worked_out();
        let settings = stated.governed_by(&bundle.settings)?;
        let rules = facts::rules(&bundle, &catalog, settings.signature_demanded);
        let governed = bundle.settings;
        let difference = match applied.digest == on_disk {
            true => Difference::None,
            false => Difference::Pending,
        };
        Ok(Self {
            catalog: Arc::new(catalog),
            policies: Arc::new(policies),
            applied,
            rules_digest: rules.digest(),
            rules: Arc::new(rules),
            login: governed.login,
            origin: governed.origin,
            version,
            difference,
            settings: Arc::new(settings),
            waiting,
        })
    }
}

fn applied(bundle: &Bundle, at: Timestamp) -> Applied {
    let (digest, settings) = (bundle.digest(), bundle.settings_value());
    Applied {
        by: None,
        change: None,
        confirmed_by: None,
        at,
        digest,
        files: bundle.files.clone(),
        settings,
    }
}

/// Records the founding at the first start. Later, a development server applies and records a difference; a
/// production server keeps what was recorded in force, but for its first way in.
pub(crate) async fn found_or_compare(
    ports: &Ports,
    sequencer: &Sequencer,
    settings: &ControlSettings,
    proposed: &Bundle,
) -> Result<InForce, StartError> {
    let stream = &Stream::Governance;
    let before = ports.store.load(stream).await?.version;
    let at = locum_record::instant::truncate(ports.clock.now()?);
    let recorded = recorded(ports, sequencer, proposed).await?;
    let before_it = recorded.clone();
    let (event, applied) = match recorded {
        None => {
            let applied = applied(proposed, at);
            let event = Event::Founded {
                applied: Box::new(applied.clone()),
            };
            (Some(event), applied)
        }
        Some(in_force) if in_force.digest == proposed.digest() => (None, in_force),
        Some(in_force) if settings.is_production => match first_way_in(&in_force, proposed, at)? {
            Some(opened) => {
                let event = Event::Applied {
                    applied: Box::new(opened.clone()),
                };
                (Some(event), opened)
            }
            None => (None, in_force),
        },
        Some(_) => {
            let applied = applied(proposed, at);
            let event = Event::Applied {
                applied: Box::new(applied.clone()),
            };
            (Some(event), applied)
        }
    };
    // What cannot be put in force is never recorded as applied.
    let (catalog, _, _) = read(&applied)?;
    // Before the version is counted on: whoever applies by themselves stands for the delegations in the files.
    let store = &*ports.store;
    let mut delegations = match applied.change {
        None => delegations::to_stand_for(store, sequencer, &catalog, at).await?,
        Some(_) => Vec::new(),
    };
    if let (Some(before), true) = (&before_it, event.is_some()) {
        // What an older version recorded may not read any more: then the applications of what is applied are asked.
        let written = read(before).map_or_else(|_| catalog.clone(), |(written, _, _)| written);
        delegations
            .extend(delegations::ended_at_start(store, sequencer, &written, &catalog, at).await?);
    }
    let version = before + u64::from(event.is_some());
    let stream = Stream::Governance;
    let governance = event.map(|event| Happened { stream, at, event });
    let events: Vec<Happened> = governance.into_iter().chain(delegations).collect();
    if !events.is_empty() {
        let guards = vec![Guard::Version {
            stream: Stream::Governance,
            version: before,
        }];
        sequencer
            .commit(Proposal {
                guards,
                events,
                outbox: Vec::new(),
            })
            .await?;
    }
    InForce::of(
        applied,
        version,
        ports,
        sequencer,
        settings,
        &proposed.digest(),
    )
    .await
}

/// What was recorded, with the way in that the files name, where nobody could sign in so far: nobody held an authority
/// that the change could take or give, and without it nobody ever would. Everything else stays as it was recorded.
fn first_way_in(
    in_force: &Applied,
    proposed: &Bundle,
    at: Timestamp,
) -> Result<Option<Applied>, StartError> {
    let mut bundle = Bundle::recorded(in_force.files.clone(), in_force.settings.clone())
        .map_err(|error| StartError::Governance(error.to_string()))?;
    let is_open = |login: &GovernedLogin| login.oidc.is_some() || !login.founders.is_empty();
    if is_open(&bundle.settings.login) || !is_open(&proposed.settings.login) {
        return Ok(None);
    }
    bundle.settings.login = proposed.settings.login.clone();
    let opened = applied(&bundle, at);
    let (catalog, _, bundle) = read(&opened)?;
    let works_here = |id| catalog.people.get(id).is_some_and(|it| it.is_active);
    let is_known = bundle.settings.login.founders.iter().all(works_here);
    Ok(is_known.then_some(opened))
}

/// What was applied last, as the ledger's own entries tell it: the tables are not asked.
async fn recorded(
    ports: &Ports,
    sequencer: &Sequencer,
    proposed: &Bundle,
) -> Result<Option<Applied>, StartError> {
    let wrong = |why: &str| StartError::Governance(why.to_owned());
    let history = sequencer.history(&Stream::Governance);
    let folded = fold(&*ports.store, &history, &Stream::Governance).await?;
    let state = folded.map_err(|fault| StartError::Governance(fault.to_string()))?;
    let Some(Aggregate::Governance(governance)) = state else {
        return Ok(None);
    };
    let in_force = governance.in_force;
    let bundle = Bundle::recorded(in_force.files.clone(), in_force.settings.clone())
        .map_err(|error| wrong(&error.to_string()))?;
    if bundle.digest() != in_force.digest {
        return Err(wrong(
            "the files that were applied do not have their own digest",
        ));
    }
    if bundle.settings.environment != proposed.settings.environment {
        return Err(wrong(&format!(
            "this ledger was founded for {}; the environment is fixed at the founding",
            bundle.settings.environment.as_str()
        )));
    }
    // Connectors are set up before the ledger is read; one that nobody applied must not be asked.
    if bundle.settings.connectors != proposed.settings.connectors
        && bundle.settings.environment == Environment::Production
    {
        return Err(wrong(
            "the connectors in the configuration are not those that were applied",
        ));
    }
    // Passkeys sign for one origin, and the provider sends people back to one; neither follows an edited file.
    let (recorded, named) = (
        &bundle.settings.login.public_origin,
        &proposed.settings.login.public_origin,
    );
    if let (Some(recorded), Some(named), Environment::Production) =
        (recorded, named, bundle.settings.environment)
        && recorded != named
    {
        return Err(wrong(&format!(
            "`[server] public_url` is {named}, and {recorded} was recorded: every passkey is bound to that name, and \
             so is what the identity provider answers to; write {recorded} again"
        )));
    }
    Ok(Some(in_force))
}

/// The catalog and policies of recorded files: the same reading at the founding, at every start, and from the
/// ledger alone.
pub(crate) fn read(applied: &Applied) -> Result<(Catalog, Policies, Bundle), StartError> {
    let wrong = |why: String| StartError::Governance(why);
    let bundle = Bundle::recorded(applied.files.clone(), applied.settings.clone())
        .map_err(|error| wrong(error.to_string()))?;
    let catalog = bundle
        .parse()
        .map_err(|problems| wrong(sentences(problems.iter())))?;
    let operator: BTreeMap<String, String> = bundle
        .policies()
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
    let policies =
        Policies::load(&operator).map_err(|problems| wrong(sentences(problems.iter())))?;
    Ok((catalog, policies, bundle))
}

fn sentences<P: std::fmt::Display>(problems: impl Iterator<Item = P>) -> String {
    problems
        .map(|problem| problem.to_string())
        .collect::<Vec<_>>()
        .join("; ")
}
