//! For application authors: verify the assertion, read actor and subject.
