//! What a sender says of a file before its bytes come: compared later, never believed (R005).

use api::Problem;
use content::safe_file_name;
use domain::{
    limits::NAME_CHARS,
    record::Title,
    text::Line,
    upload::{MediaType, Plan, Sha256},
};

/// A file as its sender describes it, with a name that is safe to keep and to hand out.
#[derive(Debug)]
pub struct Announced {
    pub file_name: Line<NAME_CHARS>,
    pub size_bytes: u64,
    pub media_type: MediaType,
    pub sha256: Option<Sha256>,
    pub plan: Plan,
}

impl Announced {
    pub fn new(
        file_name: &str,
        size_bytes: u64,
        media_type: MediaType,
        sha256: Option<Sha256>,
    ) -> Result<Self, Problem> {
        let plan = Plan::new(size_bytes)?;
        let file_name = Line::new(&safe_file_name(file_name).name)
            .map_err(|error| Problem::invalid("invalid_file", format!("the file name: {error}")))?;
        Ok(Self { file_name, size_bytes, media_type, sha256, plan })
    }

    /// A file that nobody has given a title goes by its name.
    pub fn title(&self) -> Title {
        self.file_name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(name: &str, size_bytes: u64) -> Result<Announced, Problem> {
        Announced::new(name, size_bytes, MediaType::try_from("image/png".to_owned()).unwrap(), None)
    }

    #[test]
    fn a_hostile_name_is_made_safe() {
        for (raw, safe) in
            [("../../etc/passwd", "passwd"), ("x\r\ny.png", "xy.png"), ("", "file"), ("NUL", "_NUL")]
        {
            assert_eq!(announced(raw, 1).unwrap().file_name.as_str(), safe);
        }
        let long = format!("{}.dcm", "я".repeat(5_000));
        assert!(announced(&long, 1).unwrap().file_name.as_str().ends_with("я.dcm"));
    }

    #[test]
    fn a_file_has_a_size() {
        assert_eq!(announced("a.png", 0).unwrap_err().code(), "invalid_size");
        assert_eq!(announced("a.png", u64::MAX).unwrap_err().code(), "invalid_size");
        assert_eq!(announced("a.png", 1).unwrap().plan, Plan::Single);
    }
}
