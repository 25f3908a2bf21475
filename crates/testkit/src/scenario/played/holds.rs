//! What must be so.

use std::collections::BTreeSet;

use locum_domain::Minutes;

use super::Played;
use crate::scenario::Step;

impl Played {
    /// What must be so. `None` when the step is something else.
    pub(super) async fn holds(&mut self, step: &Step) -> Option<Result<(), String>> {
        let house = &self.house;
        Some(match step {
            Step::ItIsDone => self.last.clone().map_err(|refusal| refusal.to_string()),
            Step::ItIsRefused(code) => match &self.last {
                Err(refusal) => same(code, refusal.denial.code()),
                Ok(()) => Err("it went through".to_owned()),
            },
            Step::RequestIs(state) => same(state, self.now().await.state.as_str()),
            Step::RouteIs(authorities) => {
                let steps = self.now().await.route.steps;
                let route: Vec<&str> = steps.iter().map(|it| it.authority.as_str()).collect();
                same(&authorities.join(", "), &route.join(", "))
            }
            Step::StillMissing(count) => {
                let steps = self.now().await.route.steps;
                let missing = steps.iter().filter(|it| it.approval.is_none()).count();
                same(&count.to_string(), &missing.to_string())
            }
            Step::CardWarns(what) => {
                let warnings = self.now().await.warnings;
                let is_said = warnings.iter().any(|it| it.contains(what));
                if is_said {
                    Ok(())
                } else {
                    Err(format!("it says {warnings:?}"))
                }
            }
            Step::SessionIsLive => {
                let session = self.session().await;
                let is_held = house.plane.holds(&session.id);
                same(
                    "live, held",
                    if session.is_live() && is_held {
                        "live, held"
                    } else {
                        "over"
                    },
                )
            }
            Step::SessionLastsAtMost(minutes) => {
                let session = self.session().await;
                let lasts = session.end_by.duration_since(session.started_at);
                if lasts <= Minutes(*minutes).duration() {
                    Ok(())
                } else {
                    Err(format!("{lasts}"))
                }
            }
            Step::SessionEndedBecause(why) => match self.session().await.ended {
                Some(ended) => same(why, ended.because.as_str()),
                None => Err("it is live".to_owned()),
            },
            Step::NobodyHasAccess => {
                let live = house.live_sessions().await;
                let held = house.control.data_plane().live();
                same("0 0", &format!("{} {}", live.len(), held.len()))
            }
            Step::RecordHas(kind) => {
                let history = house.history().await;
                let is_there = history.iter().any(|it| it.event.kind() == kind);
                if is_there {
                    Ok(())
                } else {
                    Err("it does not".to_owned())
                }
            }
            Step::ReviewIsOpen => {
                let reviews = house.reviews_of(&self.session().await.id).await;
                let open = reviews.iter().filter(|it| it.completed.is_none()).count();
                same("1", &open.to_string())
            }
            Step::ReviewIsNotFor(names) => {
                let review = house
                    .reviews_of(&self.session().await.id)
                    .await
                    .pop()
                    .unwrap();
                let barred: BTreeSet<String> = names.iter().map(|it| self.id(it)).collect();
                match review.reviewer {
                    Some(reviewer) if !barred.contains(reviewer.as_str()) => Ok(()),
                    other => Err(format!("it is for {other:?}")),
                }
            }
            Step::EscalatedTo(who) => {
                let escalated = self.now().await.escalated.map(|it| it.to_string());
                same(&self.id(who), &escalated.unwrap_or_default())
            }
            _ => return None,
        })
    }
}

pub(super) fn same(wanted: &str, found: &str) -> Result<(), String> {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("it is `{found}`, not `{wanted}`"))
    }
}
