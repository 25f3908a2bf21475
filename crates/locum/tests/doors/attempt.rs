//! What somebody attempts, in words that are the same at every door.

use locum_domain::RequestState;
use locum_testkit::scenario::{Asking, Step};

use crate::street::Street;

/// One attempt, with everything named that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Their id.
    pub(crate) who: String,
    pub(crate) deed: Deed,
}

#[derive(Debug, Clone)]
pub(crate) enum Deed {
    File(Words),
    Preview(Words),
    Approve {
        request: String,
        digest: String,
        grounds: Option<Grounds>,
    },
    Deny {
        request: String,
        reason: &'static str,
    },
    Ask {
        request: String,
        question: &'static str,
    },
    Offer {
        request: String,
        scope: Vec<(String, Vec<String>)>,
        minutes: u32,
        note: &'static str,
    },
    Accept {
        request: String,
        digest: String,
    },
    Withdraw {
        request: String,
    },
    Extend {
        request: String,
        minutes: u32,
        reason: &'static str,
    },
    Activate {
        request: String,
    },
    Open {
        session: String,
        application: String,
    },
    End {
        session: String,
    },
    /// Everything, or one application.
    Stop {
        application: Option<String>,
    },
    Lift {
        hold: String,
    },
    Review {
        review: String,
        note: &'static str,
    },
}

/// A request as it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) case: String,
    pub(crate) reason: String,
    pub(crate) subject: Option<String>,
    pub(crate) scope: Vec<(String, Vec<String>)>,
    pub(crate) minutes: u32,
    pub(crate) is_emergency: bool,
    pub(crate) actor: Option<String>,
}

/// Why a crossing cannot be avoided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds {
    pub(crate) because: &'static str,
    pub(crate) control: &'static str,
}

const GROUNDS: Grounds = Grounds {
    because: "the contact and the invoice disagree",
    control: "read-only, half an hour",
};

impl Deed {
    /// As its refusal is called on the record.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Deed::File(_) => "file",
            Deed::Preview(_) => "preview",
            Deed::Approve { .. } => "approve",
            Deed::Deny { .. } => "deny",
            Deed::Ask { .. } => "ask",
            Deed::Offer { .. } => "offer",
            Deed::Accept { .. } => "accept",
            Deed::Withdraw { .. } => "withdraw",
            Deed::Extend { .. } => "extend",
            Deed::Activate { .. } => "activate",
            Deed::Open { .. } => "open",
            Deed::End { .. } => "end",
            Deed::Stop { .. } => "stop",
            Deed::Lift { .. } => "lift",
            Deed::Review { .. } => "review",
        }
    }
}

impl Attempt {
    /// What this sentence attempts, as the story of this street stands.
    pub(crate) async fn of(street: &Street, sentence: &str) -> Self {
        let step = Step::of(sentence).unwrap_or_else(|| panic!("`{sentence}` means nothing"));
        let played = &street.played;
        let house = &played.house;
        let request = || played.request().to_string();
        let approve = async |grounds: Option<Grounds>| {
            let digest = house
                .request(&played.request())
                .await
                .scope_digest()
                .as_str()
                .to_owned();
            Deed::Approve {
                request: request(),
                digest,
                grounds,
            }
        };
        let (who, deed) = match step {
            Step::Asks(asking) => (asking.who.clone(), Deed::File(words(street, asking))),
            Step::Previews(asking) => (asking.who.clone(), Deed::Preview(words(street, asking))),
            Step::Approves(who) => {
                let crosses = house
                    .request(&played.request())
                    .await
                    .scope
                    .applications()
                    .count()
                    > 1;
                (who, approve(crosses.then_some(GROUNDS)).await)
            }
            Step::ApprovesWithoutGrounds(who) => (who, approve(None).await),
            Step::ApprovesWhatWasShownBefore(who) => {
                let digest = played.shown_before().to_owned();
                (
                    who,
                    Deed::Approve {
                        request: request(),
                        digest,
                        grounds: None,
                    },
                )
            }
            Step::Denies(who) => (
                who,
                Deed::Deny {
                    request: request(),
                    reason: "the case says nothing about this",
                },
            ),
            Step::DeniesWithoutReason(who) => (
                who,
                Deed::Deny {
                    request: request(),
                    reason: "",
                },
            ),
            Step::Questions(who) => (
                who,
                Deed::Ask {
                    request: request(),
                    question: "which invoice is it?",
                },
            ),
            Step::Offers { who, minutes } => {
                let scope = house.request(&played.request()).await.scope;
                let scope = scope.0.iter().map(|(id, operations)| {
                    (
                        id.to_string(),
                        operations.iter().map(ToString::to_string).collect(),
                    )
                });
                let scope = scope.collect();
                (
                    who,
                    Deed::Offer {
                        request: request(),
                        scope,
                        minutes,
                        note: "this will do",
                    },
                )
            }
            Step::Accepts(who) => {
                let state = house.request(&played.request()).await.state;
                let RequestState::Offered { offer, .. } = state else {
                    panic!("no offer stands")
                };
                let digest = offer.scope_digest.as_str().to_owned();
                (
                    who,
                    Deed::Accept {
                        request: request(),
                        digest,
                    },
                )
            }
            Step::Withdraws(who) => (who, Deed::Withdraw { request: request() }),
            Step::Extends { who, minutes } => {
                let reason = "the second invoice has the same fault";
                (
                    who,
                    Deed::Extend {
                        request: request(),
                        minutes,
                        reason,
                    },
                )
            }
            Step::Activates(who) => (who, Deed::Activate { request: request() }),
            Step::Opens { who, application } => {
                let session = played.session().await.id.to_string();
                (
                    who,
                    Deed::Open {
                        session,
                        application,
                    },
                )
            }
            Step::Ends(who) => (
                who,
                Deed::End {
                    session: played.session().await.id.to_string(),
                },
            ),
            Step::Stops { who, what } => {
                let application = (what != "everything").then_some(what);
                (who, Deed::Stop { application })
            }
            Step::Lifts(who) => (
                who,
                Deed::Lift {
                    hold: played.hold().to_string(),
                },
            ),
            Step::Reviews(who) => {
                let session = played.session().await.id;
                let review = house
                    .reviews_of(&session)
                    .await
                    .pop()
                    .unwrap()
                    .id
                    .to_string();
                (
                    who,
                    Deed::Review {
                        review,
                        note: "what was read is what was asked for",
                    },
                )
            }
            other => panic!("nobody attempts {other:?}"),
        };
        Self {
            who: played.id(&who),
            deed,
        }
    }
}

fn words(street: &Street, asking: Asking) -> Words {
    Words {
        case: asking.case,
        reason: asking
            .reason
            .unwrap_or_else(|| "Carla cannot open her August invoice".to_owned()),
        subject: asking.subject,
        scope: asking.scope,
        minutes: asking.minutes,
        is_emergency: asking.is_emergency,
        actor: asking.actor.map(|it| street.played.id(&it)),
    }
}
