//! What a change would change, and which way each difference goes.
//!
//! The one implementation that both sides share: whoever plans offline, and the server before it applies (R33). What can
//! be computed over everybody is computed by policy (`locum_policy::plan`); every other field of catalog and settings is
//! compared here, each with a verdict. What nobody gave a verdict does not compile.
//!
//! It stands in a room of its own because it needs what neither `locum-policy` nor `locum-catalog` may import from the
//! other: the catalog, the policies and the governed settings of one version together.

mod changed;
mod field;
mod fields;
mod kin;
mod loosening;
mod planned;
mod second_person;
mod unweighed;
mod version;

pub use changed::{FileChange, Plan};
pub use field::{FieldChange, Kind};
pub use kin::{Gain, Tie, is_same_human};
pub use locum_policy::plan::{
    AccessChange, DeciderChange, Named, Need, Office, Reach, RuleChange, RuleChanged, Urgency,
    Verdict,
};
pub use loosening::Loosening;
pub use planned::Planned;
pub use version::Version;
