//! The data plane: reverse proxy and recorder's front; admits only with a permit.
