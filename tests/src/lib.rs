//! End-to-end tests of the house; the shared rigs live here, the tests in `tests/`.
