//! Reads the certificate of destruction of a disposition, with everything that is needed to check it offline (R155).

use crate::{Nothing, certified::Certified};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::{Kind, certificate::Document};

pub static OPERATION: Operation = Operation::get(
    "read_certificate",
    "/dispositions/{disposition_id}/certificate",
    Action::ReadCertificate,
    Kind::CertificateRead,
)
.purpose(Purpose::RecordsManagement)
.summary("Read the signed certificate of destruction of a disposition (R155)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<Document> {
    let Certified { permit, disposition, document, .. } = Certified::find(&call).await?;
    let fact = Fact::new().disposition(disposition.id).detail("records", document.records.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(document))
}
