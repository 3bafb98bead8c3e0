//! Presigned requests for parts, each bound to its number, size and SHA-256 (R005).

use api::{Call, Fact, Problem};
use authz::Permit;
use domain::{
    limits::{PARTS_SIGNED, PRESIGNED_SECONDS},
    upload::{Sha256, Upload, UploadError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use vault::PresignedRequest;

/// The parts to be signed: at most 100, each number once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    #[schemars(length(min = 1, max = 100))]
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Counted from 1.
    #[schemars(range(min = 1, max = 10_000))]
    number: u32,
    /// Hexadecimal SHA-256 of the part.
    sha256: Sha256,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SignedParts {
    parts: Vec<SignedPart>,
    /// How long the requests work.
    expires_in_seconds: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SignedPart {
    number: u32,
    size_bytes: u64,
    request: PresignedRequest,
}

impl Parts {
    /// Refuses lists that are empty, too long or name a part twice.
    pub fn check(&self) -> Result<(), Problem> {
        if !(1..=PARTS_SIGNED).contains(&self.parts.len()) {
            let told = format!("1 to {PARTS_SIGNED} parts are signed at a time");
            return Err(Problem::unprocessable("invalid_part", told));
        }
        let numbers: BTreeSet<u32> = self.parts.iter().map(|part| part.number).collect();
        if numbers.len() == self.parts.len() {
            Ok(())
        } else {
            Err(Problem::unprocessable("invalid_part", "a part is named twice"))
        }
    }

    /// What evidence says of them.
    pub fn fact(&self, fact: Fact) -> Fact {
        let numbers = || self.parts.iter().map(|part| part.number);
        fact.detail("parts", self.parts.len())
            .detail("first", numbers().min().unwrap_or(0))
            .detail("last", numbers().max().unwrap_or(0))
    }

    /// Signs the parts of an upload that still takes them. Nothing is asked of object storage.
    pub async fn sign(&self, call: &Call, permit: &Permit, upload: &Upload) -> Result<SignedParts, Problem> {
        upload.must_be_open(call.now)?;
        let multipart_id = upload.multipart_id.as_ref().ok_or(UploadError::NoParts)?;
        let mut parts = Vec::with_capacity(self.parts.len());
        for Part { number, sha256 } in &self.parts {
            let size_bytes = upload.plan.part_size(upload.size_bytes, *number)?;
            let vault = &call.system.vault;
            let request = vault
                .presign_part(permit, &upload.object_key, multipart_id, *number, size_bytes, sha256)
                .await?;
            parts.push(SignedPart { number: *number, size_bytes, request });
        }
        Ok(SignedParts { parts, expires_in_seconds: PRESIGNED_SECONDS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(numbers: impl IntoIterator<Item = u32>) -> Parts {
        let sha256 = Sha256::try_from("ab".repeat(32)).unwrap();
        Parts { parts: numbers.into_iter().map(|number| Part { number, sha256: sha256.clone() }).collect() }
    }

    #[test]
    fn a_call_signs_one_to_a_hundred_different_parts() {
        assert!(parts(1..=100).check().is_ok());
        for wrong in [parts([]), parts(1..=101), parts([7, 7])] {
            assert_eq!(wrong.check().unwrap_err().code(), "invalid_part");
        }
    }
}
