//! `[approvals]`: whether an approval needs its approver's own signature.

use super::{Environment, SignatureRule};
use crate::read::Fields;

/// What `signature = "optional"` switches off. Said at every check and every start of a production server.
pub const WITHOUT_SIGNATURES: &str = "approvals need NO signature in production: whoever holds somebody's login approves as \
     them; activating `regulated` applications, lifting holds, revoking authenticators and rotating keys ask for no fresh \
     proof; and evidence cannot show whose key decided";

pub(super) fn signature(root: &Fields<'_>, environment: Option<Environment>) -> SignatureRule {
    let section = root.table_or_empty("approvals", "[approvals]", &["signature"]);
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
