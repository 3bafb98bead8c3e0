//! Collaborative spaces: where members of one organization share notes and documents beside the records
//! (R070-R076, P-20…P-26, X-6).
//!
//! A space is its members', all of them alike: nothing in it is decided apart, and whoever has left has left all
//! of it. Nothing in it is a record, which every answer says; what belongs into a chart is copied there by a
//! member who may add to that chart. Files of a space come by `intake` and go out by `delivery`, like every file.
//!
//! ```text
//! entered   a space and the member in it: what every operation loads, and the key it is opened with
//! view      what people are shown of spaces and of what is in them
//! copy      an item becomes a record of a chart
//! ```

mod copy;
mod entered;
mod view;

mod add_space_note;
mod create_space;
mod invite_to_space;
mod leave_space;
mod list_frozen_spaces;
mod list_space_items;
mod list_spaces;
mod promote_space_item;
mod read_space;
mod read_space_item;
mod strike_space_item;

use api::{Endpoint, Function, Grant, Nothing};

/// The operations of this function, and what it may touch.
pub fn function() -> Function {
    Function {
        name: "spaces",
        endpoints: vec![
            Endpoint::new(&create_space::OPERATION, create_space::handle),
            Endpoint::new(&list_spaces::OPERATION, list_spaces::handle),
            Endpoint::new(&read_space::OPERATION, read_space::handle),
            Endpoint::new(&invite_to_space::OPERATION, invite_to_space::handle),
            Endpoint::new(&leave_space::OPERATION, leave_space::handle),
            Endpoint::new(&add_space_note::OPERATION, add_space_note::handle),
            Endpoint::new(&list_space_items::OPERATION, list_space_items::handle),
            Endpoint::new(&read_space_item::OPERATION, read_space_item::handle),
            Endpoint::new(&promote_space_item::OPERATION, promote_space_item::handle),
            Endpoint::new(&strike_space_item::OPERATION, strike_space_item::handle),
            Endpoint::new(&list_frozen_spaces::OPERATION, list_frozen_spaces::handle),
        ],
        events: Vec::new(),
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::WriteKeys,
            Grant::OpenDirectories,
            Grant::OpenClients,
        ],
    }
}
