"""A second reader of Firn's format, written from docs/format.md and docs/firn.cddl alone."""
