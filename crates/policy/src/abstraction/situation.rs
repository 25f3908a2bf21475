//! One combination of everything a route depends on.

use std::fmt;

use serde::Serialize;

use super::kind::Kind;

/// Who asks, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// Own staff, for themselves.
    Staff,
    /// Somebody of a vendor, for themselves.
    Vendor,
    /// An agent, for itself.
    Agent,
    /// An agent's sponsor, for the agent.
    SponsorForAgent,
    /// Own staff, for a colleague who is to act.
    StaffForColleague,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    Read,
    Write,
}

/// Who vouches for the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseOrigin {
    /// Somebody who gains nothing opened it.
    Confirmed,
    /// Whoever is to act opened it.
    SelfMade,
    /// The desk cannot tell who did.
    Unknown,
}

/// What happened before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Past {
    /// Another application was asked for on this case.
    pub crossed: bool,
    /// The day's minutes are used up.
    pub chained: bool,
    /// The case is 15 days old.
    pub old_case: bool,
    /// Two emergencies within 30 days.
    pub two_emergencies: bool,
    /// The same was denied within 24 hours.
    pub denied: bool,
}

/// Who is there to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum People {
    /// Enough for every authority, and none of them has a part in it.
    Plenty,
    /// Everybody with a part in it holds every authority too, as does somebody who has left, and one person without a
    /// part each.
    Entangled,
    /// Two people hold every authority between them.
    Two,
}

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Situation {
    /// One or two.
    pub applications: Vec<Kind>,
    pub is_emergency: bool,
    pub asker: Asker,
    pub does: Does,
    pub case: CaseOrigin,
    pub past: Past,
    pub people: People,
}

impl Asker {
    pub const ALL: [Self; 5] = [
        Self::Staff,
        Self::Vendor,
        Self::Agent,
        Self::SponsorForAgent,
        Self::StaffForColleague,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Staff => "one of our own staff",
            Self::Vendor => "somebody of a vendor",
            Self::Agent => "an agent",
            Self::SponsorForAgent => "an agent's sponsor, for the agent,",
            Self::StaffForColleague => "one of our own staff, for a colleague,",
        }
    }
}

impl Does {
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// As one says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl CaseOrigin {
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::SelfMade, Self::Unknown];
}

impl People {
    pub const ALL: [Self; 3] = [Self::Plenty, Self::Entangled, Self::Two];
}

impl Past {
    /// Every set of these facts.
    pub fn all() -> Vec<Self> {
        let bit = |chosen: u32, at: u32| chosen >> at & 1 == 1;
        let past = |chosen| Self {
            crossed: bit(chosen, 0),
            chained: bit(chosen, 1),
            old_case: bit(chosen, 2),
            two_emergencies: bit(chosen, 3),
            denied: bit(chosen, 4),
        };
        (0..32).map(past).collect()
    }

    fn facts(&self) -> Vec<&'static str> {
        let facts = [
            (
                self.crossed,
                "another application was asked for on this case",
            ),
            (self.chained, "the day's minutes are used up"),
            (self.old_case, "the case is 15 days old"),
            (
                self.two_emergencies,
                "these were two emergencies in 30 days",
            ),
            (self.denied, "the same was denied within 24 hours"),
        ];
        let so = facts.into_iter().filter(|(is_so, _)| *is_so);
        so.map(|(_, words)| words).collect()
    }

    /// How many of these facts are so.
    pub fn happenings(&self) -> usize {
        self.facts().len()
    }

    /// Whether everything that happened here happened there too.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let there = other.facts();
        self.facts().iter().all(|fact| there.contains(fact))
    }
}

impl Situation {
    /// Own staff ordinarily reading in one application of this kind, with everything as it should be.
    pub fn ordinary(kind: Kind) -> Self {
        Self {
            applications: vec![kind],
            is_emergency: false,
            asker: Asker::Staff,
            does: Does::Read,
            case: CaseOrigin::Confirmed,
            past: Past::default(),
            people: People::Plenty,
        }
    }

    /// Every combination that is examined, each once: every kind, and every pair of kinds with at most one class of
    /// data; and for one kind of each treatment, all that can have happened before, and who is asked with all who can
    /// ask and be asked.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        let one = |kinds: Vec<Kind>| kinds.into_iter().map(|kind| vec![kind]).collect::<Vec<_>>();
        let nothing = [Past::default()];
        let sure = [CaseOrigin::Confirmed];
        let staff = [Asker::Staff];
        let plenty = [People::Plenty];
        for (applications, askers, origins, pasts, people) in [
            (
                one(Kind::all()),
                &staff[..],
                &sure[..],
                &nothing[..],
                &plenty[..],
            ),
            (pairs(&Kind::plain()), &staff, &sure, &nothing, &plenty),
            (
                pairs(&Kind::each_once()),
                &Asker::ALL[..3],
                &sure,
                &nothing,
                &People::ALL[..2],
            ),
            (one(Kind::each_once()), &staff, &sure, &Past::all(), &plenty),
            (
                one(Kind::each_once()),
                &Asker::ALL,
                &CaseOrigin::ALL,
                &nothing,
                &People::ALL,
            ),
        ] {
            for applications in applications {
                for asker in askers {
                    for case in origins {
                        for past in pasts {
                            for people in people {
                                for does in Does::ALL {
                                    for is_emergency in [false, true] {
                                        all.push(Self {
                                            applications: applications.clone(),
                                            is_emergency,
                                            asker: *asker,
                                            does,
                                            case: *case,
                                            past: *past,
                                            people: *people,
                                        });
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// Whether applications are crossed, now or by what was asked for before.
    pub fn crosses(&self) -> bool {
        self.applications.len() > 1 || self.past.crossed
    }

    /// Whether two people of different authority must agree.
    pub fn is_sensitive(&self) -> bool {
        self.applications.iter().any(Kind::is_sensitive)
    }

    /// What is so in this combination besides its sentence.
    pub fn facts(&self) -> Vec<String> {
        let mut facts: Vec<String> = match self.case {
            CaseOrigin::Confirmed => Vec::new(),
            CaseOrigin::SelfMade => vec!["whoever is to act opened the case".to_owned()],
            CaseOrigin::Unknown => vec!["the desk cannot tell who opened the case".to_owned()],
        };
        facts.extend(self.past.facts().into_iter().map(str::to_owned));
        facts.push(match self.people {
            People::Plenty => "enough people hold every authority".to_owned(),
            People::Entangled => {
                "everybody with a part in it holds every authority, as does somebody who has left, and one other person each"
                    .to_owned()
            }
            People::Two => "two people hold every authority between them".to_owned(),
        });
        facts
    }
}

/// Every two of these, the same one twice included.
fn pairs(kinds: &[Kind]) -> Vec<Vec<Kind>> {
    let mut pairs = Vec::new();
    for (index, first) in kinds.iter().enumerate() {
        for second in kinds.iter().skip(index) {
            pairs.push(vec![first.clone(), second.clone()]);
        }
    }
    pairs
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.applications.iter().map(Kind::to_string).collect();
        write!(
            f,
            "{} asks to {} in {}{}",
            self.asker.words(),
            self.does.as_str(),
            match kinds.len() {
                1 => format!("an application that is {}", kinds.join("")),
                _ => format!("two applications that are {}", kinds.join(" and ")),
            },
            if self.is_emergency {
                ", as an emergency"
            } else {
                ""
            }
        )
    }
}
