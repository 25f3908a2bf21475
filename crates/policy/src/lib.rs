//! Cedar schema, guardrails, routing and compiled scopes.
