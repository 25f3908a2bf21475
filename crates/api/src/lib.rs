//! Wire types and the typed client.
