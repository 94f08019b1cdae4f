//! Reports and evidence: PDF, CSV, EPCIS, and the verifier of all of them.
