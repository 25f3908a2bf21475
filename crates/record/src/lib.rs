//! Canonical bytes, commitments, and the recorder's segments: append, seal, read.
