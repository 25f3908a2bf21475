//! What was asked and what came of it, as a document.

use std::time::Duration;

use locum_policy::abstraction::{Examined, Guarantee, promises};
use locum_prover::{Comparison, Finding, Loosening, Proof, Verdict, properties};
use serde::Serialize;

/// Everything that was asked, and how.
#[derive(Serialize)]
pub(super) struct Report {
    /// Whether all that was asked is as it should be: what the exit status says.
    pub(super) kept: bool,
    /// Whether every promise was asked, by both methods, and is proved.
    pub(super) proved: bool,
    pub(super) methods: Vec<&'static str>,
    pub(super) guarantees: Vec<Summary>,
    /// What the solver proved or refuted.
    #[serde(flatten)]
    pub(super) symbolic: Option<Symbolic>,
    /// What was examined over every combination.
    pub(super) routes: Vec<OfRoutes>,
    /// What is permitted that was denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) loosening: Option<Compared>,
}

/// The solver's part, without its own verdict over all.
#[derive(Serialize)]
pub(super) struct Symbolic {
    pub(super) locums_rules: usize,
    pub(super) operators_rules: usize,
    pub(super) findings: Vec<Finding>,
}

/// One promise about routes.
#[derive(Serialize)]
pub(super) struct OfRoutes {
    method: &'static str,
    pub(super) verdict: Held,
    #[serde(flatten)]
    pub(super) examined: Examined,
}

/// How a promise about routes fared. That it holds for every combination is less than a proof for every request, and
/// is another word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Held {
    Holds,
    Refuted,
    /// The rules leave nothing to look at.
    Undecided,
}

/// Two versions beside each other.
#[derive(Serialize)]
pub(super) struct Compared {
    method: &'static str,
    /// The folder of the earlier rules.
    pub(super) against: String,
    #[serde(flatten)]
    pub(super) found: Loosening,
    #[serde(skip)]
    pub(super) took: Duration,
}

/// One guarantee over all its promises.
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) guarantee: Guarantee,
    says: &'static str,
    pub(super) verdict: Standing,
    /// The promises of each method, and how many of them were asked.
    pub(super) symbolic: Count,
    pub(super) exhaustive: Count,
    /// The solver's time; what is examined is examined together.
    #[serde(skip)]
    pub(super) took: Duration,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct Count {
    pub(super) asked: usize,
    pub(super) of: usize,
}

/// How a guarantee fared.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// Each promise of it is proved, or holds for every combination.
    Proved,
    Refuted,
    Undecided,
    /// Not all of it was asked, and what was asked is kept.
    NotAsked,
}

impl OfRoutes {
    fn of(examined: Examined) -> Self {
        let verdict = match (&examined.failure, examined.routed) {
            (Some(_), _) => Held::Refuted,
            // Rules that leave nothing to look at keep nothing.
            (None, 0) => Held::Undecided,
            (None, _) => Held::Holds,
        };
        Self {
            method: "exhaustive",
            verdict,
            examined,
        }
    }

    fn standing(&self) -> Standing {
        match self.verdict {
            Held::Holds => Standing::Proved,
            Held::Refuted => Standing::Refuted,
            Held::Undecided => Standing::Undecided,
        }
    }
}

impl Compared {
    pub(super) fn of(against: String, found: Loosening, took: Duration) -> Self {
        Self {
            method: "symbolic",
            against,
            found,
            took,
        }
    }

    fn standing(&self) -> Standing {
        match self.found.verdict {
            Comparison::NotLoosened => Standing::Proved,
            Comparison::Loosened => Standing::Refuted,
            Comparison::Undecided => Standing::Undecided,
        }
    }
}

impl Standing {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Proved => Self::Proved,
            Verdict::Refuted => Self::Refuted,
            Verdict::Undecided => Self::Undecided,
        }
    }
}

impl Report {
    /// # Errors
    /// When the promises themselves cannot be read, which the tests of their rooms exclude.
    pub(super) fn of(
        proof: Option<Proof>,
        examined: Vec<Examined>,
        loosening: Option<Compared>,
    ) -> Result<Self, String> {
        let routes: Vec<OfRoutes> = examined.into_iter().map(OfRoutes::of).collect();
        let methods = [
            (proof.is_some() || loosening.is_some()).then_some("symbolic"),
            (!routes.is_empty()).then_some("exhaustive"),
        ];
        let mut report = Self {
            kept: false,
            proved: false,
            methods: methods.into_iter().flatten().collect(),
            guarantees: Vec::new(),
            symbolic: proof.map(|proof| Symbolic {
                locums_rules: proof.locums_rules,
                operators_rules: proof.operators_rules,
                findings: proof.findings,
            }),
            routes,
            loosening,
        };
        let of_formulas: Vec<Guarantee> = properties()?.iter().map(|it| it.guarantee).collect();
        let of_routes: Vec<Guarantee> = promises().iter().map(|it| it.guarantee).collect();
        report.guarantees = Guarantee::ALL
            .into_iter()
            .map(|guarantee| {
                let count = |all: &[Guarantee]| all.iter().filter(|it| **it == guarantee).count();
                report.summary(guarantee, count(&of_formulas), count(&of_routes))
            })
            .collect();
        let standings = || report.guarantees.iter().map(|it| it.verdict);
        let is_bad = |it| matches!(it, Standing::Refuted | Standing::Undecided);
        report.kept = !standings().any(is_bad);
        let promised = report.guarantees.iter();
        let mut promised = promised.filter(|it| it.guarantee != Guarantee::Loosening);
        report.proved = promised.all(|it| it.verdict == Standing::Proved);
        Ok(report)
    }

    pub(super) fn findings(&self, guarantee: Guarantee) -> impl Iterator<Item = &Finding> {
        let findings = self.symbolic.iter().flat_map(|it| &it.findings);
        findings.filter(move |it| it.guarantee == guarantee)
    }

    pub(super) fn routes(&self, guarantee: Guarantee) -> impl Iterator<Item = &OfRoutes> {
        let routes = self.routes.iter();
        routes.filter(move |it| it.examined.promise.guarantee == guarantee)
    }

    /// The promises that were asked, and how many of them are not kept.
    pub(super) fn open(&self) -> (usize, usize) {
        let findings = self.symbolic.iter().flat_map(|it| &it.findings);
        let findings = findings.map(|it| it.verdict == Verdict::Proved);
        let routes = self.routes.iter().map(|it| it.verdict == Held::Holds);
        let kept: Vec<bool> = findings.chain(routes).collect();
        (kept.len(), kept.iter().filter(|it| !**it).count())
    }

    fn summary(&self, guarantee: Guarantee, formulas: usize, routes: usize) -> Summary {
        let compared = self.loosening.iter();
        let compared = compared.filter(|_| guarantee == Guarantee::Loosening);
        // Two versions are compared once, and are no promise of a file.
        let formulas = match guarantee {
            Guarantee::Loosening => 1,
            _ => formulas,
        };
        let symbolic = Count {
            asked: self.findings(guarantee).count() + compared.clone().count(),
            of: formulas,
        };
        let exhaustive = Count {
            asked: self.routes(guarantee).count(),
            of: routes,
        };
        let findings = self.findings(guarantee).map(|it| Standing::of(it.verdict));
        let standings: Vec<Standing> = findings
            .chain(self.routes(guarantee).map(OfRoutes::standing))
            .chain(compared.clone().map(Compared::standing))
            .collect();
        let is_whole = symbolic.asked == symbolic.of && exhaustive.asked == exhaustive.of;
        let worst = [Standing::Refuted, Standing::Undecided];
        let worst = worst.into_iter().find(|it| standings.contains(it));
        let took = self.findings(guarantee).map(|it| it.took);
        Summary {
            guarantee,
            says: guarantee.says(),
            verdict: worst.unwrap_or(match is_whole {
                true => Standing::Proved,
                false => Standing::NotAsked,
            }),
            symbolic,
            exhaustive,
            took: took.chain(compared.map(|it| it.took)).sum(),
        }
    }
}
