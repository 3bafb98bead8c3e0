//! An operation is declared once; route, action, evidence, IAM route and OpenAPI entry come from here.

use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;

/// One use case of a function, as everybody else sees it.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Verb and noun in snake case; also the name of its file and of its sample event.
    pub id: &'static str,
    pub method: Method,
    /// Template of the path: `/charts/{chart_id}`.
    pub path: &'static str,
    pub action: Action,
    /// What it leaves in the ledger.
    pub evidence: Kind,
    pub access: Access,
    /// Status of its success.
    pub success: u16,
    pub purpose: Purpose,
    /// Whether whoever does it may do it no more, because it is done: only then is a denial of the same request again
    /// answered as the first one was.
    pub ends_own_right: bool,
    /// One line for the documentation, with its R-numbers.
    pub summary: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether its input is the body or the query string.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }
}

/// Who may call it at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A signed-in member of an organization.
    Member,
    /// A signed-in person, member of something or not.
    Identity,
    /// The bearer of an intake link.
    IntakeLink,
    /// The bearer of a pass, who stands for the member it was made for.
    Pass,
}

impl Operation {
    const fn new(
        method: Method,
        id: &'static str,
        path: &'static str,
        action: Action,
        evidence: Kind,
    ) -> Self {
        let success = match method {
            Method::Post => 201,
            Method::Get | Method::Put => 200,
            Method::Delete => 204,
        };
        Self {
            id,
            method,
            path,
            action,
            evidence,
            access: Access::Member,
            success,
            purpose: Purpose::Treatment,
            ends_own_right: false,
            summary: "",
        }
    }

    pub const fn get(id: &'static str, path: &'static str, action: Action, evidence: Kind) -> Self {
        Self::new(Method::Get, id, path, action, evidence)
    }

    /// Something new comes to be (201).
    pub const fn post(id: &'static str, path: &'static str, action: Action, evidence: Kind) -> Self {
        Self::new(Method::Post, id, path, action, evidence)
    }

    pub const fn put(id: &'static str, path: &'static str, action: Action, evidence: Kind) -> Self {
        Self::new(Method::Put, id, path, action, evidence)
    }

    pub const fn delete(id: &'static str, path: &'static str, action: Action, evidence: Kind) -> Self {
        Self::new(Method::Delete, id, path, action, evidence)
    }

    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    pub const fn success(mut self, status: u16) -> Self {
        self.success = status;
        self
    }

    /// Once it is done, whoever did it may not do it again: they have left, or what was theirs to answer is answered.
    pub const fn ends_own_right(mut self) -> Self {
        self.ends_own_right = true;
        self
    }

    /// The purpose it is done for when the caller names none.
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }
}
