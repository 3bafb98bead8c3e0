//! A pass: the right to ask again, without a token, what a member asked a moment ago (R057).
//!
//! The address of a file carries one, as browsers fetch files with nothing but their address. It permits nothing by
//! itself: whoever brings it stands for the member it was made for, and is asked what that member may do now. So an
//! address that was handed out is worth nothing at the next request after its member has lost access. It is one of the
//! portal's origin, so that its pages may read what it leads on to.

use crate::{Call, Fact, Function, Identity, Problem, caller::sha256};
use authz::Permit;
use domain::limits::DOWNLOAD_SECONDS;
use jiff::SignedDuration;
use store::{Change, Pass, keys};

impl Call {
    /// Makes a pass for what this call asks: the version of a file, to be shown in place or saved. Its evidence stands
    /// before its address leaves (R131).
    pub async fn hand_out(
        &self,
        permit: &Permit,
        version: Option<u32>,
        inline: bool,
        fact: Fact,
    ) -> Result<String, Problem> {
        let identity = self.identity()?;
        let token = self.system.vault.new_token()?;
        let life = SignedDuration::from_secs(DOWNLOAD_SECONDS.try_into().map_err(Problem::internal)?);
        let pass = Pass {
            organization_id: self.organization_id()?,
            member_id: self.member_id()?,
            identity: identity.digest.clone(),
            session_id: identity.session_id,
            operation: self.operation.id.to_owned(),
            path: self.path.clone(),
            version,
            inline,
            expires_at: self.now.checked_add(life).map_err(Problem::internal)?,
        };
        let change = Change::new().insert("pass", &keys::pass(&token.sha256), &pass);
        self.system.store.commit(permit, change, &self.evidence(permit, fact), None).await?;
        let origin = self.system.settings.portal_origin.trim_end_matches('/');
        Ok(format!("{origin}/downloads/{}", token.text))
    }

    /// The call as the member would make it whom the pass was made for.
    pub(crate) async fn passed(self, function: &Function) -> Result<Self, Problem> {
        let text: String = self.path("pass")?;
        let key = keys::pass(&sha256(text.as_bytes()));
        let pass = self.system.store.fetch([key.any()]).await?.get(&key)?;
        // DynamoDB may forget late; we do not.
        let pass = pass.filter(|pass| pass.expires_at > self.now).ok_or_else(Problem::not_found)?;
        let operations = function.endpoints.iter().map(|endpoint| endpoint.operation);
        let operation = operations.into_iter().find(|one| one.id == pass.operation);
        let identity = Identity::of_pass(&pass);
        let mut call = Self {
            operation: operation.ok_or_else(Problem::not_found)?,
            member: Some((pass.organization_id, pass.member_id)),
            path: pass.path.clone(),
            pass: Some(pass),
            ..self
        };
        call.caller.identity = Some(identity);
        Ok(call)
    }

    /// The pass by which it is called.
    pub fn pass(&self) -> Result<&Pass, Problem> {
        self.pass.as_ref().ok_or_else(|| Problem::internal("a call without a pass"))
    }
}
