//! The sentences that scenarios are made of.

use super::asking::{self, Asking};
use super::pattern::blanks;

/// One sentence. People go by their first names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    // The desk and the applications.
    CaseIsClosed(String),
    CaseIsAssigned {
        case: String,
        to: String,
    },
    CaseWasOpenedBy {
        case: String,
        who: String,
    },
    CaseIsAbout {
        case: String,
        subject: String,
    },
    NobodyCanTellWhoOpened(String),
    CaseCloses(String),
    CaseClosesUnheard(String),
    DeskIsSilent,
    DeskAnswers,
    SubjectIs {
        application: String,
        subject: String,
        role: String,
    },
    SubjectIsUnknown {
        application: String,
        subject: String,
    },
    SubjectBelongsTo {
        application: String,
        subject: String,
        tenant: String,
    },
    // The house itself.
    NothingCanBeRecorded,
    /// The gateway's recorder alone is silent.
    NoAccessCanBeRecorded,
    ClockIsBehind,
    // Keys.
    /// Prya and Sam have founded, and every approval needs its approver's signature.
    ApprovalsAreSigned,
    /// The key counts since now, by somebody's signature.
    HasKey {
        who: String,
        by: String,
    },
    AsksForKey(String),
    LetsCount {
        who: String,
        whose: String,
    },
    Signs(String),
    SignsWith {
        who: String,
        whose: String,
    },
    TakesOutOfUse {
        who: String,
        whose: String,
    },
    ActivatesWithProof(String),
    // What people do.
    Asks(Asking),
    Previews(Asking),
    Approves(String),
    ApprovesWithoutGrounds(String),
    ApprovesWhatWasShownBefore(String),
    EverybodyNeededApproves,
    Denies(String),
    DeniesWithoutReason(String),
    /// An approver asks the requester.
    Questions(String),
    Offers {
        who: String,
        minutes: u32,
    },
    Accepts(String),
    Withdraws(String),
    Activates(String),
    Extends {
        who: String,
        minutes: u32,
    },
    Opens {
        who: String,
        application: String,
    },
    /// In a session: one request to an application.
    Calls {
        who: String,
        method: String,
        path: String,
        application: String,
        /// Which application's way in is shown, where that is another's.
        by_way_of: Option<String>,
    },
    Ends(String),
    Stops {
        who: String,
        what: String,
    },
    Lifts(String),
    Reviews(String),
    // Changes of what counts.
    Proposes {
        who: String,
        what: String,
    },
    Confirms(String),
    DeniesChange(String),
    TakesChangeBack(String),
    // Time.
    MinutesPass(u32),
    NobodyUsesTheSession,
    // What must be so.
    ItIsDone,
    ItIsRefused(String),
    RequestIs(String),
    RouteIs(Vec<String>),
    StillMissing(u32),
    CardWarns(String),
    SessionIsLive,
    SessionLastsAtMost(u32),
    SessionEndedBecause(String),
    NobodyHasAccess,
    RecordHas(String),
    ChangeIs(String),
    ChangeCanBeConfirmedBy(Vec<String>),
    ChangeSays(String),
    ReviewIsOpen,
    ReviewIsNotFor(Vec<String>),
    EscalatedTo(String),
}

impl Step {
    /// What a sentence means; `None` when it means nothing here.
    pub fn of(sentence: &str) -> Option<Step> {
        let filled = |pattern: &str| blanks(pattern, sentence);
        let own = |text: &str| text.to_owned();
        let number = |text: &str| text.parse::<u32>().ok();
        let list = |text: &str| text.split(", ").map(own).collect::<Vec<_>>();
        if let Some(asking) = asking::of(sentence, "asks for") {
            return Some(Step::Asks(asking));
        }
        if let Some(asking) = asking::of(sentence, "looks what it takes to get") {
            return Some(Step::Previews(asking));
        }
        macro_rules! sentences {
            ($($pattern:literal => |$blanks:ident| $step:expr;)*) => {
                $(if let Some($blanks) = filled($pattern) { return $step; })*
            };
        }
        sentences! {
            "the case _ is closed" => |it| Some(Step::CaseIsClosed(own(it[0])));
            "the case _ is assigned to _" => |it| Some(Step::CaseIsAssigned { case: own(it[0]), to: own(it[1]) });
            "the case _ was opened by _" => |it| Some(Step::CaseWasOpenedBy { case: own(it[0]), who: own(it[1]) });
            "the case _ is about _" => |it| Some(Step::CaseIsAbout { case: own(it[0]), subject: own(it[1]) });
            "the desk cannot tell who opened _" => |it| Some(Step::NobodyCanTellWhoOpened(own(it[0])));
            "the case _ closes and nobody tells us" => |it| Some(Step::CaseClosesUnheard(own(it[0])));
            "the case _ closes" => |it| Some(Step::CaseCloses(own(it[0])));
            "the desk does not answer" => |_it| Some(Step::DeskIsSilent);
            "the desk answers again" => |_it| Some(Step::DeskAnswers);
            "in _ nobody knows the customer _" => |it| Some(Step::SubjectIsUnknown {
                application: own(it[0]), subject: own(it[1]),
            });
            "in _ the customer _ belongs to _" => |it| Some(Step::SubjectBelongsTo {
                application: own(it[0]), subject: own(it[1]), tenant: own(it[2]),
            });
            "in _ the customer _ is _" => |it| Some(Step::SubjectIs {
                application: own(it[0]), subject: own(it[1]), role: own(it[2]),
            });
            "no access can be recorded" => |_it| Some(Step::NoAccessCanBeRecorded);
            "nothing can be recorded" => |_it| Some(Step::NothingCanBeRecorded);
            "the clock stands behind the record" => |_it| Some(Step::ClockIsBehind);
            "approvals are signed here" => |_it| Some(Step::ApprovalsAreSigned);
            "_ has a key that _ let count" => |it| Some(Step::HasKey { who: own(it[0]), by: own(it[1]) });
            "_ asks that their key count" => |it| Some(Step::AsksForKey(own(it[0])));
            "_ lets the key of _ count" => |it| Some(Step::LetsCount { who: own(it[0]), whose: own(it[1]) });
            "_ signs with the key of _" => |it| Some(Step::SignsWith { who: own(it[0]), whose: own(it[1]) });
            "_ signs" => |it| Some(Step::Signs(own(it[0])));
            "_ takes the key of _ out of use" => |it| Some(Step::TakesOutOfUse {
                who: own(it[0]), whose: own(it[1]),
            });
            "_ activates with proof of who they are" => |it| Some(Step::ActivatesWithProof(own(it[0])));
            "everybody who must approves" => |_it| Some(Step::EverybodyNeededApproves);
            "_ approves without saying why" => |it| Some(Step::ApprovesWithoutGrounds(own(it[0])));
            "_ approves what was shown before" => |it| Some(Step::ApprovesWhatWasShownBefore(own(it[0])));
            "_ approves" => |it| Some(Step::Approves(own(it[0])));
            "_ proposes that _" => |it| Some(Step::Proposes { who: own(it[0]), what: own(it[1]) });
            "_ confirms the change" => |it| Some(Step::Confirms(own(it[0])));
            "_ denies the change" => |it| Some(Step::DeniesChange(own(it[0])));
            "_ takes the change back" => |it| Some(Step::TakesChangeBack(own(it[0])));
            "the change can be confirmed by _" => |it| Some(Step::ChangeCanBeConfirmedBy(list(it[0])));
            "the change says: _" => |it| Some(Step::ChangeSays(own(it[0])));
            "the change is _" => |it| Some(Step::ChangeIs(own(it[0])));
            "_ denies without saying why" => |it| Some(Step::DeniesWithoutReason(own(it[0])));
            "_ asks the requester what for" => |it| Some(Step::Questions(own(it[0])));
            "_ calls _ _ in _ by way of _" => |it| Some(Step::Calls {
                who: own(it[0]), method: own(it[1]), path: own(it[2]), application: own(it[3]), by_way_of: Some(own(it[4])),
            });
            "_ calls _ _ in _" => |it| Some(Step::Calls {
                who: own(it[0]), method: own(it[1]), path: own(it[2]), application: own(it[3]), by_way_of: None,
            });
            "_ denies" => |it| Some(Step::Denies(own(it[0])));
            "_ offers _ minutes instead" => |it| Some(Step::Offers { who: own(it[0]), minutes: number(it[1])? });
            "_ accepts the offer" => |it| Some(Step::Accepts(own(it[0])));
            "_ withdraws" => |it| Some(Step::Withdraws(own(it[0])));
            "_ activates" => |it| Some(Step::Activates(own(it[0])));
            "_ asks for _ minutes more" => |it| Some(Step::Extends { who: own(it[0]), minutes: number(it[1])? });
            "_ opens _" => |it| Some(Step::Opens { who: own(it[0]), application: own(it[1]) });
            "_ ends the session" => |it| Some(Step::Ends(own(it[0])));
            "_ stops _" => |it| Some(Step::Stops { who: own(it[0]), what: own(it[1]) });
            "_ lifts the stop" => |it| Some(Step::Lifts(own(it[0])));
            "_ reviews the session" => |it| Some(Step::Reviews(own(it[0])));
            "_ minutes pass" => |it| Some(Step::MinutesPass(number(it[0])?));
            "nobody uses the session for its idle time" => |_it| Some(Step::NobodyUsesTheSession);
            "it is done" => |_it| Some(Step::ItIsDone);
            "it is refused: _" => |it| Some(Step::ItIsRefused(own(it[0])));
            "the request is escalated to _" => |it| Some(Step::EscalatedTo(own(it[0])));
            "the request is _" => |it| Some(Step::RequestIs(own(it[0])));
            "the route is: _" => |it| Some(Step::RouteIs(list(it[0])));
            "_ approvals are still missing" => |it| Some(Step::StillMissing(number(it[0])?));
            "the card warns: _" => |it| Some(Step::CardWarns(own(it[0])));
            "the session is live" => |_it| Some(Step::SessionIsLive);
            "the session lasts at most _ minutes" => |it| Some(Step::SessionLastsAtMost(number(it[0])?));
            "the session has ended: _" => |it| Some(Step::SessionEndedBecause(own(it[0])));
            "nobody has access" => |_it| Some(Step::NobodyHasAccess);
            "the record has _" => |it| Some(Step::RecordHas(own(it[0])));
            "a review is open" => |_it| Some(Step::ReviewIsOpen);
            "the review is for none of _" => |it| Some(Step::ReviewIsNotFor(list(it[0])));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_outside_the_words_means_nothing() {
        for sentence in [
            "",
            "oscar thinks about it",
            "the request is",
            "soon minutes pass",
        ] {
            assert_eq!(Step::of(sentence), None, "{sentence}");
        }
        let more = Step::of("alice asks for 15 minutes more");
        assert_eq!(
            more,
            Some(Step::Extends {
                who: "alice".to_owned(),
                minutes: 15
            })
        );
    }
}
