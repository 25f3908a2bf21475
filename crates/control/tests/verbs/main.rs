//! The verbs of the control room over the real store: sentences about what Locum must do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod absent;
mod activating;
mod acts;
mod acts_listed;
mod assurance;
mod cases;
mod chaining;
mod changing;
mod countersigning;
mod counting;
mod deadlines;
mod deciding;
mod ending;
mod enrolling;
mod erasing;
mod excepting;
mod explaining;
mod extending;
mod filing;
mod finding;
mod forging;
mod founding;
mod holding;
mod interleaving;
mod inviting;
mod offering;
mod population;
mod races;
mod rebuilding;
mod reconciling;
mod recording;
mod reviewing;
mod revoking;
mod rotating;
mod seeing;
mod sequencing;
mod signing;
mod story;
mod tampering;
mod tamperings;
mod witnessing;

/// Support, and whose case `desk:7` is.
const ALICE: &str = "alice@corp.example";
/// Support, and whose case `desk:9` is.
const ARNO: &str = "arno@corp.example";
/// A vendor's support, and whose case `desk:10` is.
const ANN: &str = "ann@bpo.example";
/// Ann's vendor's sponsor.
const BEA: &str = "bea@bpo.example";
/// Owns billing.
const OSCAR: &str = "oscar@corp.example";
/// Owns customer records and the wiki.
const PETRA: &str = "petra@corp.example";
/// Petra's delegate.
const PAUL: &str = "paul@corp.example";
/// Alice's manager, and accountable for the chain.
const MIA: &str = "mia@corp.example";
/// Security, and security control owner.
const SAM: &str = "sam@corp.example";
/// Security.
const SVEN: &str = "sven@corp.example";
/// Privacy.
const PRYA: &str = "prya@corp.example";
/// Auditor.
const AUDREY: &str = "audrey@corp.example";
/// An AI agent, and whose case `desk:11` is; Olga sponsors it.
const AIDA: &str = "aida";
const OLGA: &str = "olga@corp.example";
