//! The operator's files, with spans, to and from the domain.
