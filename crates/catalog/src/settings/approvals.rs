//! `[approvals]`: whether an approval needs its approver's own signature, and what an overdue review keeps from.

use serde::{Deserialize, Serialize};

use super::{Environment, SignatureRule};
use crate::read::Fields;

/// What `signature = "optional"` switches off. Said at every check and every start of a production server.
pub const WITHOUT_SIGNATURES: &str = "approvals need NO signature in production: whoever holds somebody's login approves as \
     them; activating `regulated` applications, lifting holds, revoking authenticators and rotating keys ask for no fresh \
     proof; and evidence cannot show whose key decided";

/// What whoever owes an overdue review may still do (R27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverdueReviews {
    /// They file nothing before it is done.
    #[default]
    Block,
    /// They file, and the card says so.
    Warn,
}

impl OverdueReviews {
    pub(crate) fn is_block(&self) -> bool {
        *self == OverdueReviews::Block
    }
}

/// `[approvals]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Approvals {
    pub(super) signature: SignatureRule,
    pub(super) overdue_reviews: OverdueReviews,
}

pub(super) fn approvals(root: &Fields<'_>, environment: Option<Environment>) -> Approvals {
    let section = root.table_or_empty(
        "approvals",
        "[approvals]",
        &["signature", "overdue_reviews"],
    );
    let words = [
        ("block", OverdueReviews::Block),
        ("warn", OverdueReviews::Warn),
    ];
    let overdue_reviews = section.word("overdue_reviews", &words);
    Approvals {
        signature: signature(&section, environment),
        overdue_reviews: overdue_reviews.map(|it| it.value).unwrap_or_default(),
    }
}

fn signature(section: &Fields<'_>, environment: Option<Environment>) -> SignatureRule {
    let stated = section.word(
        "signature",
        &[
            ("required", SignatureRule::Required),
            ("optional", SignatureRule::Optional),
        ],
    );
    let Some(stated) = stated else {
        return match environment {
            Some(Environment::Development) => SignatureRule::Optional,
            _ => SignatureRule::Required,
        };
    };
    if environment == Some(Environment::Production) && stated.value == SignatureRule::Optional {
        section.problems.warning(
            &stated.place,
            WITHOUT_SIGNATURES,
            "take `signature` out: in production it is \"required\" unless told",
        );
    }
    stated.value
}
