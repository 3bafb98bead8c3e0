//! The patient who holds an intake link: found by the token's digest, and permitted by the link alone (X-9,
//! R121).

use api::{Call, Fact, Problem};
use authz::Permit;
use domain::{
    LinkId, UploadId,
    chart::Chart,
    intake::{IntakeError, IntakeLink},
    organization::Organization,
    upload::{Destination, Upload},
};
use evidence::Outcome;
use jiff::Timestamp;
use store::{Key, keys};
use vault::{ClientKey, RecordKey};

/// A link with what it stands on.
pub struct Bearer {
    pub organization: Organization,
    pub chart: Chart,
    pub link_key: Key<IntakeLink>,
    pub link: IntakeLink,
    pub permit: Permit,
    pub client_key: ClientKey,
    upload: Option<Upload>,
}

/// What a link must be for what is asked of it.
type Rule = fn(&IntakeLink, Timestamp) -> Result<(), IntakeError>;

/// An upload over the link.
pub struct Sending {
    pub bearer: Bearer,
    pub upload_key: Key<Upload>,
    pub upload: Upload,
    pub key: RecordKey,
}

impl Bearer {
    /// Finds the live link of the token that was sent. A token nobody gave out is 404, a link that has ended
    /// 410.
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        Self::find_with(call, None, IntakeLink::must_be_live).await
    }

    /// Finds the link of the token that was sent, if it has expired. A link that is live is 409.
    pub async fn find_expired(call: &Call) -> Result<Self, Problem> {
        Self::find_with(call, None, IntakeLink::must_have_expired).await
    }

    async fn find_with(call: &Call, upload_id: Option<UploadId>, rule: Rule) -> Result<Self, Problem> {
        let (store, vault) = (&call.system.store, &call.system.vault);
        let token_key = keys::link_token(call.caller.intake_token.as_deref().ok_or_else(Problem::not_found)?);
        let token = store.fetch([token_key.any()]).await?.get(&token_key)?;
        // DynamoDB may forget late; we do not.
        let token = token.filter(|token| call.now < token.forgotten_at).ok_or_else(Problem::not_found)?;
        let (organization_key, chart_key) =
            (keys::organization(token.organization_id), keys::chart(token.chart_id));
        let link_key = keys::link(token.chart_id, token.link_id);
        let upload_key = upload_id.map(|upload_id| keys::upload(token.chart_id, upload_id));
        let wanted = [organization_key.any(), chart_key.any(), link_key.any()];
        let items = store.fetch(wanted.into_iter().chain(upload_key.as_ref().map(Key::any))).await?;
        let organization = items.get(&organization_key)?.ok_or_else(Problem::not_found)?;
        let chart = items.get(&chart_key)?.ok_or_else(Problem::not_found)?;
        let link = items.get(&link_key)?.ok_or_else(Problem::not_found)?;
        let permit = Permit::for_link(&link, call.operation.action);
        // A client who is no longer served is asked for nothing either.
        let open = chart.must_be_open().map_err(|_| IntakeError::Revoked);
        if let Err(refusal) = rule(&link, call.now).and(open) {
            refuse(call, &permit, &link).await?;
            return Err(refusal.into());
        }
        let upload = upload_key.map(|key| items.get(&key)).transpose()?.flatten();
        let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
        Ok(Self { organization, chart, link_key, link, permit, client_key, upload })
    }

    /// What evidence is about.
    pub fn fact(&self) -> Fact {
        Fact::new().client(self.chart.client_id).chart(self.chart.id).link(self.link.id)
    }
}

/// Knocking with a link that does not open is evidence too (R131).
async fn refuse(call: &Call, permit: &Permit, link: &IntakeLink) -> Result<(), Problem> {
    let fact = Fact::new().client(link.client_id).chart(link.chart_id).link(link.id);
    let mut evidence = call.evidence(permit, fact);
    evidence.outcome = Outcome::Denied;
    Ok(call.system.store.witness(&evidence).await?)
}

impl Sending {
    /// Finds the upload that the path names, if it is of this link.
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        let upload_id: UploadId = call.path("upload_id")?;
        let mut bearer = Bearer::find_with(call, Some(upload_id), IntakeLink::must_be_live).await?;
        let upload = bearer.upload.take().filter(|upload| is_of(upload, bearer.link.id));
        let upload = upload.ok_or_else(Problem::not_found)?;
        let key = bearer.client_key.upload_key(&upload)?;
        let upload_key = keys::upload(bearer.chart.id, upload_id);
        Ok(Self { bearer, upload_key, upload, key })
    }

    /// What evidence is about.
    pub fn fact(&self) -> Fact {
        Fact::of_upload(&self.upload)
    }
}

fn is_of(upload: &Upload, link: LinkId) -> bool {
    matches!(upload.destination, Destination::Contribution { link_id, .. } if link_id == link)
}
