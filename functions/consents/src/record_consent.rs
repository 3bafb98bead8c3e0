//! Records what a client, or who speaks for them, has permitted (R060, R066; 45 CFR 164.508(c)).

use crate::{known, view::ConsentView};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ClientId, ConsentId,
    consent::{Consent, ConsentMethod, ConsentPurpose, Giver, Said, Terms},
    limits::{NAME_CHARS, REASON_CHARS},
    text::{Line, Prose},
};
use evidence::Kind;
use futures_util::TryFutureExt;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "record_consent",
    "/clients/{client_id}/consents",
    Action::RecordConsent,
    Kind::ConsentRecorded,
)
.summary("Record a permission of a client (R060, R066, 45 CFR 164.508(c))");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub purpose: ConsentPurpose,
    pub given_by: Giver,
    /// Access for somebody else is permitted with a signature.
    pub method: ConsentMethod,
    /// The day it was signed, or said.
    pub signed_on: Date,
    /// The last day on which it holds; access for somebody else needs one.
    #[serde(default)]
    pub expires_on: Option<Date>,
    /// What may be shared, by whom, with whom and what for.
    pub note: Prose<REASON_CHARS>,
    /// By what right a guardian or representative speaks for the client; they need one.
    #[serde(default)]
    pub authority: Option<Line<NAME_CHARS>>,
}

impl Input {
    fn split(self) -> (Terms, Said) {
        let Self { purpose, given_by, method, signed_on, expires_on, note, authority } = self;
        (Terms { purpose, given_by, method, signed_on, expires_on }, Said { note, authority })
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<ConsentView> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let charts = call.system.store.charts(client_id).err_into::<Problem>();
    let (loaded, charts) = tokio::try_join!(call.load([key.any()]), charts)?;
    let client = loaded.require(&key)?;
    let permit = known::permit(&call, &loaded, &client, &charts)?;
    known::must_not_be_merged(&client)?;
    let client_key = known::client_key(&call, &client).await?;
    let (terms, said) = input.split();
    let today = call.today(&loaded.organization);
    terms.check(&said, known::majority(&client, &client_key, &permit)?, today)?;
    let id: ConsentId = call.new_id();
    let consent = Consent {
        id,
        organization_id: client.organization_id,
        client_id,
        terms,
        said: client_key.seal(&call.system.vault, "consent/said", &id, &said)?,
        recorded_by: loaded.member.id,
        recorded_at: call.now,
        withdrawn: None,
        revision: 1,
    };
    let change = Change::new().insert("consent", &keys::consent(client_id, id), &consent);
    let fact = Fact::new()
        .client(client_id)
        .consent(id)
        .detail("purpose", terms.purpose.name())
        .detail("given_by", terms.given_by.name())
        .detail("method", terms.method.name());
    let view = ConsentView::new(&consent, said, &loaded.organization, today);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
