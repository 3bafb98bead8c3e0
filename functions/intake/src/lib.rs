//! Intake: files on their way in, from members and from patients without an account (R005, R007, R121, X-9).
//!
//! Bytes never come through here. An upload is started, its bytes go straight to object storage by presigned
//! requests, and it is completed when they are there; inspection then says what they are. What a patient sends
//! over an intake link becomes a contribution, which is a record of the chart only once it is accepted.
//!
//! ```text
//! announced   what a sender says of a file, made safe
//! beginning   an upload comes to be: its plan, its place, its first presigned request
//! signing     presigned requests for parts
//! progress    what has come of an upload, so that it can be resumed
//! arrival     whether the bytes are there, whole, before anything stands on them
//! ending      an upload is given up
//! filing      a file becomes a record of a chart
//! renewals    who waits for another link, theirs having expired
//! sender      the member who sends a file;  bearer: the patient with an intake link;  companion: the member of a
//!             collaborative space
//! ```

mod announced;
mod arrival;
mod bearer;
mod beginning;
mod companion;
mod ending;
mod filing;
mod inbox;
mod progress;
mod renewals;
mod sender;
mod signing;

mod abandon_intake_upload;
mod abandon_space_upload;
mod abandon_upload;
mod accept_contribution;
mod complete_intake_upload;
mod complete_space_upload;
mod complete_upload;
mod create_intake_link;
mod decline_contribution;
mod list_contributions;
mod list_intake_links;
mod open_intake_link;
mod read_intake_upload;
mod read_space_upload;
mod read_upload;
mod request_intake_renewal;
mod revoke_intake_link;
mod sign_intake_parts;
mod sign_parts;
mod sign_space_parts;
mod start_intake_upload;
mod start_space_upload;
mod start_upload;

use api::{Endpoint, Function, Grant, Nothing};

/// The function with all its operations.
pub fn function() -> Function {
    Function {
        name: "intake",
        endpoints: vec![
            Endpoint::new(&start_upload::OPERATION, start_upload::handle),
            Endpoint::new(&read_upload::OPERATION, read_upload::handle),
            Endpoint::new(&sign_parts::OPERATION, sign_parts::handle),
            Endpoint::new(&complete_upload::OPERATION, complete_upload::handle),
            Endpoint::new(&abandon_upload::OPERATION, abandon_upload::handle),
            Endpoint::new(&start_space_upload::OPERATION, start_space_upload::handle),
            Endpoint::new(&read_space_upload::OPERATION, read_space_upload::handle),
            Endpoint::new(&sign_space_parts::OPERATION, sign_space_parts::handle),
            Endpoint::new(&complete_space_upload::OPERATION, complete_space_upload::handle),
            Endpoint::new(&abandon_space_upload::OPERATION, abandon_space_upload::handle),
            Endpoint::new(&create_intake_link::OPERATION, create_intake_link::handle),
            Endpoint::new(&list_intake_links::OPERATION, list_intake_links::handle),
            Endpoint::new(&revoke_intake_link::OPERATION, revoke_intake_link::handle),
            Endpoint::new(&list_contributions::OPERATION, list_contributions::handle),
            Endpoint::new(&accept_contribution::OPERATION, accept_contribution::handle),
            Endpoint::new(&decline_contribution::OPERATION, decline_contribution::handle),
            Endpoint::new(&open_intake_link::OPERATION, open_intake_link::handle),
            Endpoint::new(&request_intake_renewal::OPERATION, request_intake_renewal::handle),
            Endpoint::new(&start_intake_upload::OPERATION, start_intake_upload::handle),
            Endpoint::new(&read_intake_upload::OPERATION, read_intake_upload::handle),
            Endpoint::new(&sign_intake_parts::OPERATION, sign_intake_parts::handle),
            Endpoint::new(&complete_intake_upload::OPERATION, complete_intake_upload::handle),
            Endpoint::new(&abandon_intake_upload::OPERATION, abandon_intake_upload::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::ReadKeys,
            Grant::WriteKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
            Grant::SendUploads,
            Grant::SeeUploads,
            Grant::KeepUploads,
        ],
    }
}
