//! Inbound HTTP: the API, OAuth, webhooks and the ledger's tiles.
