//! A signed, append-only log per device, its store, and the machine that syncs it.
