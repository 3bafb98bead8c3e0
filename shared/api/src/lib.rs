//! What every function is served by: operations, calls, problems, pages, Lambda and OpenAPI.
//!
//! A handler parses, loads, permits, decides, commits and replies, in this order; this crate gives it the
//! pieces and does what is the same everywhere: limits, idempotency, evidence of denials, errors.

mod call;
mod caller;
pub mod catalogue;
mod commit;
pub mod environment;
mod event;
mod events;
mod function;
mod idempotency;
mod json;
mod lambda;
pub mod meter;
mod names;
pub mod openapi;
mod operation;
mod page;
mod pass;
mod problem;
mod reply;
mod revision;
mod route;
pub mod view;

pub use call::{Call, Fact, Loaded};
pub use caller::{Caller, INTAKE_TOKEN_HEADER, Identity, ORGANIZATION_HEADER, PURPOSE_HEADER};
pub use environment::{Settings, System};
pub use events::{QueueEvent, QueueMessage, ScheduledEvent, StreamChange, StreamEvent, StreamRecord};
pub use function::{Endpoint, EventHandler, Function, Grant, Nothing, Trigger, Watched};
pub use lambda::{respond, serve};
pub use names::Names;
pub use operation::{Access, Method, Operation};
pub use page::{Cursor, Paging, number};
pub use problem::Problem;
pub use reply::Reply;
pub use revision::Revision;

/// What a handler comes back with.
pub type Outcome<T> = Result<Reply<T>, Problem>;
