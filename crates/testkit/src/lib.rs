//! Fakes with faults, the store's conformance suite, and a harness that re-verifies the world.
