//! The map held against the tree: the rules of the house that a reader relies on and no compiler checks.
//!
//! `layers` who may stand on whom · `sources` what no file may hold · `operations` one name for one use case ·
//! `policies` somebody may do everything, and nobody too much · `forbids` what each of them leaves · `events` a sample
//! for each operation · `maps` the READMEs · `deployment` the template's names · `golden` the generated files.

#![cfg(test)]

mod deployment;
mod events;
mod forbids;
mod golden;
mod layers;
mod maps;
mod operations;
mod policies;
mod sources;
mod tree;
