//! The certificate of destruction as a PDF to file: generated from what was signed, which is embedded in it, and signed
//! itself (R155).

use crate::{Nothing, certified::Certified, sheet};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::purpose::Purpose;
use evidence::{Kind, merkle::Digest};
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "export_certificate",
    "/dispositions/{disposition_id}/certificate/pdf",
    Action::ExportCertificate,
    Kind::CertificateExported,
)
.purpose(Purpose::RecordsManagement)
.summary("Export the certificate of destruction as a signed PDF (R155)");

/// A file in an answer. The same certificate gives the same bytes every time.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CertificateFile")]
pub struct Output {
    pub file_name: String,
    pub media_type: String,
    pub content_base64: String,
    /// Hexadecimal SHA-256 of the file.
    pub sha256: Digest,
    /// On the bytes of the file: ECDSA over P-256 and SHA-256, ASN.1 DER in Base64. `openssl dgst -sha256 -verify
    /// key.pem -signature signature.der certificate.pdf` checks it.
    pub signature: String,
    pub key_id: String,
    pub public_key_pem: String,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let Certified { permit, disposition, document, .. } = Certified::find(&call).await?;
    let file = sheet::pdf(&document);
    let sha256 = Digest::of(&file);
    let vault = &call.system.vault;
    let (signature, key) = tokio::try_join!(
        vault.sign_document(&permit, &file).err_into::<Problem>(),
        vault.custody_key().err_into::<Problem>()
    )?;
    let fact = Fact::new().disposition(disposition.id).detail("sha256", sha256);
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output {
        file_name: format!("certificate-of-destruction-{}.pdf", disposition.id),
        media_type: "application/pdf".to_owned(),
        content_base64: STANDARD.encode(&file),
        sha256,
        signature: signature.text,
        key_id: signature.key_id,
        public_key_pem: key.pem,
    }))
}
