//! Why someone acts: the FHIR R4 purpose-of-use codes that evidence carries (R131).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// HL7 v3 PurposeOfUse, as FHIR R4 names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Purpose {
    /// Treatment.
    #[default]
    #[serde(rename = "TREAT")]
    Treatment,
    /// Emergency treatment.
    #[serde(rename = "ETREAT")]
    EmergencyTreatment,
    /// Payment.
    #[serde(rename = "HPAYMT")]
    Payment,
    /// Health care operations.
    #[serde(rename = "HOPERAT")]
    Operations,
    /// At the request of the patient.
    #[serde(rename = "PATRQT")]
    PatientRequest,
    /// At the request of the family.
    #[serde(rename = "FAMRQT")]
    FamilyRequest,
    /// Legal.
    #[serde(rename = "HLEGAL")]
    Legal,
    /// Public health.
    #[serde(rename = "PUBHLTH")]
    PublicHealth,
    /// Coordination of care.
    #[serde(rename = "COC")]
    Coordination,
    /// Care management.
    #[serde(rename = "CAREMGT")]
    CareManagement,
    /// Quality improvement.
    #[serde(rename = "HQUALIMP")]
    Quality,
    /// Records management.
    #[serde(rename = "RECORDMGT")]
    RecordsManagement,
    /// System administration.
    #[serde(rename = "HSYSADMIN")]
    Administration,
}

impl Purpose {
    /// The purpose a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Purpose;

    #[test]
    fn codes_are_those_of_fhir() {
        assert_eq!(Purpose::from_code("HOPERAT"), Some(Purpose::Operations));
        assert_eq!(Purpose::from_code("treat"), None);
    }
}
