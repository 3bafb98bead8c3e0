//! Inspection: every uploaded file is looked into before anybody can open it (R005, R006, R017, R193).
//!
//! An event says that an object was created; the object is copied to scratch space while it is measured, judged
//! by its bytes, and what was found is committed to whatever stands on the upload by then.
//!
//! ```text
//! inspect_object   the order of it all
//! notice           the event, read tolerantly
//! standing         what stands on the upload: nothing yet, a record, a contribution, an item of a space
//! scratch          the copy, its size and its SHA-256
//! judging          what the file is, whose it is, and what may happen with it
//! judgement        what was found, and what is kept and shown of it
//! duplicates       whether the chart has a file of the same bytes
//! settling         the outcome is committed, whoever else changes the same things meanwhile
//! ```

mod duplicates;
mod inspect_object;
mod judgement;
mod judging;
mod notice;
mod scratch;
mod settling;
mod standing;

use api::{EventHandler, Function, Grant};

/// The name under which the function acts, in permits and in evidence.
const NAME: &str = "inspection";

/// The function with its event.
pub fn function() -> Function {
    Function {
        name: NAME,
        endpoints: Vec::new(),
        events: vec![EventHandler::new("inspect_object", inspect_object::handle)],
        grants: &[
            Grant::ReadItems,
            Grant::WriteItems,
            Grant::ReadKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
            Grant::ReadUploads,
            Grant::WritePreviews,
        ],
    }
}
