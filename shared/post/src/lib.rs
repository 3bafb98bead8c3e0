//! The post office: work that is sent to a queue, and e-mail. Only functions that stand on it carry its clients.
//!
//! ```no_run
//! # async fn sends(system: &api::System) -> Result<(), api::Problem> {
//! let queue = post::Queue::new(system)?;
//! queue.send_all(["one", "two"]).await?;
//! let mail = post::Mail::new(system)?;
//! mail.send(post::Outgoing {
//!     to: "amara@north.example".into(),
//!     subject: "North Clinic: a chart was shared with you".into(),
//!     text: "A chart was shared with you.".into(),
//!     html: None,
//!     reference: "0199a000-0000-7000-8000-000000000001".into(),
//! })
//! .await?;
//! # Ok(())
//! # }
//! ```

mod mail;
mod queue;

pub use mail::{Mail, MailError, Outgoing};
pub use queue::{Queue, QueueError};
