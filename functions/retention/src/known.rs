//! What people have entered of a client for the sake of retention (R153).

use crate::keeping::Named;
use api::{Call, Loaded, Problem};
use domain::{
    ClientId,
    retention::{Jurisdiction, Payer, RetentionFacts},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Debug, Serialize, JsonSchema)]
pub struct FactsView {
    pub client_id: ClientId,
    /// The last day on which they were seen, as somebody has entered it.
    pub last_encounter_on: Option<Date>,
    /// The last discharge.
    pub discharged_on: Option<Date>,
    pub case_closed_on: Option<Date>,
    /// The end of the mandate or contract under which they were a client.
    pub mandate_ended_on: Option<Date>,
    /// Where they live: the rules there count beside those where they were served.
    pub residence: Option<Jurisdiction>,
    pub payers: BTreeSet<Payer>,
    pub incapacitated: bool,
    pub unpaid_claim: bool,
    /// Whether somebody waits for access to their records, or for an amendment of them.
    pub open_request: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Timestamp>,
    /// To be sent back with the next edit; 0 while nothing was entered.
    pub revision: u64,
}

impl FactsView {
    pub(crate) async fn of(call: &Call, loaded: &Loaded, facts: &RetentionFacts) -> Result<Self, Problem> {
        let names = call.names(loaded, [facts.set_by], []).await?;
        Ok(Self {
            client_id: facts.client_id,
            last_encounter_on: facts.last_encounter_on,
            discharged_on: facts.discharged_on,
            case_closed_on: facts.case_closed_on,
            mandate_ended_on: facts.mandate_ended_on,
            residence: facts.residence.clone(),
            payers: facts.payers.clone(),
            incapacitated: facts.incapacitated,
            unpaid_claim: facts.unpaid_claim,
            open_request: facts.open_request,
            set_by: Some(Named::new(facts.set_by, &names)),
            set_at: Some(facts.set_at),
            revision: facts.revision,
        })
    }

    pub(crate) const fn nothing(client_id: ClientId) -> Self {
        Self {
            client_id,
            last_encounter_on: None,
            discharged_on: None,
            case_closed_on: None,
            mandate_ended_on: None,
            residence: None,
            payers: BTreeSet::new(),
            incapacitated: false,
            unpaid_claim: false,
            open_request: false,
            set_by: None,
            set_at: None,
            revision: 0,
        }
    }
}
