//! The nouns of support impersonation, their life cycles, and the permit: every transition is a pure function.
