//! Proof that the binaries which are deployed serve the events which are sent to them.
