//! Opens a home and implements the ports of the app once, for every composition root.
