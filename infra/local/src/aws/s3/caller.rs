//! Who asked, for events: put into a request's extensions where it enters.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;

use super::error::Result;
use crate::aws::ambient;

#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub request_id: String,
    pub source_ip: String,
}

impl Caller {
    /// The caller of a request that just came in.
    pub(super) fn arriving(extensions: &Extensions) -> Result<Self> {
        let from = extensions.get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip().to_string());
        let id: [u8; 8] = ambient::random()?;
        Ok(Self {
            request_id: id.iter().map(|byte| format!("{byte:02X}")).collect(),
            source_ip: from.unwrap_or_else(|| "127.0.0.1".to_owned()),
        })
    }

    /// The caller of a request on its way through.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(Self::service)
    }

    /// The service itself, as when a lifecycle rule acts.
    pub(super) fn service() -> Self {
        Self { request_id: String::new(), source_ip: "s3.amazonaws.com".to_owned() }
    }
}
