//! Plain data and pure rules of the cold chain: units, time, profiles, assessment, record bodies.
