//! Claims, actor chains, assertions: made and verified with keys the caller hands in.
