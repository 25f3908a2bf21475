//! The evidence pack and its offline verifier.
