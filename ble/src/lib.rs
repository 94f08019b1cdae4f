//! Bluetooth Low Energy temperature loggers: bytes in, readings out.
