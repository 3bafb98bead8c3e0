//! The headers a client stores with an object.

use std::collections::{BTreeMap, HashMap};

use s3s::s3_error;

use super::error::Result;

/// All user metadata together may have this many bytes.
const MAX_METADATA_LEN: usize = 2 * 1024;

/// The stored headers that several operations' inputs have.
macro_rules! object_headers {
    ($input:expr) => {
        $crate::aws::s3::headers::metadata($input.metadata.take()).and_then(|metadata| {
            Ok($crate::aws::s3::model::Headers {
                content_type: $input.content_type.take(),
                cache_control: $input.cache_control.take(),
                content_disposition: $input.content_disposition.take(),
                content_encoding: $crate::aws::s3::headers::stored_encoding($input.content_encoding.take()),
                content_language: $input.content_language.take(),
                expires: $input.expires.as_ref().map($crate::aws::s3::time::parse).transpose()?,
                website_redirect: $input.website_redirect_location.take(),
                storage_class: $input.storage_class.take().map(|class| class.as_str().to_owned()),
                metadata,
            })
        })
    };
}

pub(super) use object_headers;

pub(super) fn metadata(given: Option<HashMap<String, String>>) -> Result<BTreeMap<String, String>> {
    let metadata: BTreeMap<String, String> = given.unwrap_or_default().into_iter().collect();
    let len: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if len > MAX_METADATA_LEN {
        let told = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(s3_error!(MetadataTooLarge, "{told}").into());
    }
    Ok(metadata)
}

/// The encoding of the content itself: how the request carried it is not part of that.
pub(super) fn stored_encoding(header: Option<String>) -> Option<String> {
    let header = header?;
    let kept: Vec<&str> = header.split(',').map(str::trim).filter(|name| *name != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_encoding_is_not_stored() {
        assert_eq!(stored_encoding(Some("aws-chunked".into())), None);
        assert_eq!(stored_encoding(Some("gzip, aws-chunked".into())).as_deref(), Some("gzip"));
        assert_eq!(stored_encoding(Some("gzip".into())).as_deref(), Some("gzip"));
    }

    #[test]
    fn metadata_has_a_limit() {
        let given = |len| Some(HashMap::from([("note".to_owned(), "x".repeat(len))]));
        assert!(metadata(given(2044)).is_ok());
        assert!(metadata(given(2045)).is_err());
    }
}
