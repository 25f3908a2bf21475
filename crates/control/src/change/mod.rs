//! Changing what counts (R33): somebody proposes files and settings, and what loosens anything waits for a second person
//! who held that authority before and gains nothing by it.

mod confirm;
mod judge;
mod lock_out;
mod party;
mod propose;
mod refuse;
mod restart;
mod seen;
mod text;

pub use confirm::{change_statement, confirm_change};
pub use propose::{ProposedChange, preview_change, propose_change};
pub use refuse::{deny_change, withdraw_change};
pub use seen::{ChangeSeen, change, changes};
