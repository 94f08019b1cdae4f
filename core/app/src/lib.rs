//! The use cases of Firn against a host of ports.
