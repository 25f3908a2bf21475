//! The provider's answer, as the browser carries it back (RFC 6749, §4.1.2; RFC 9207).

use url::form_urlencoded;

use super::failure::ProviderFailure;

/// More than this of somebody else's words says nothing more.
const LONGEST_ERROR: usize = 64;
/// No code or state comes near this.
const LONGEST_QUERY: usize = 8 * 1024;

/// What the callback's query says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) state: Option<String>,
    pub(super) code: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) error: Option<String>,
}

impl Answer {
    /// Reads a query. A parameter that comes twice could be read in two ways and is refused (RFC 6749, §3.1).
    pub(super) fn read(query: &str) -> Result<Self, ProviderFailure> {
        if query.len() > LONGEST_QUERY {
            return Err(ProviderFailure::Malformed("it is too long"));
        }
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "state" => &mut answer.state,
                "code" => &mut answer.code,
                "iss" => &mut answer.issuer,
                "error" => &mut answer.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(ProviderFailure::Malformed("a parameter comes twice"));
            }
        }
        Ok(answer)
    }

    /// The code, unless the answer is another provider's or a no.
    pub(super) fn code(
        self,
        issuer: &str,
        is_issuer_required: bool,
    ) -> Result<String, ProviderFailure> {
        match &self.issuer {
            Some(said) if said == issuer => {}
            None if !is_issuer_required => {}
            _ => return Err(ProviderFailure::Issuer),
        }
        if let Some(error) = self.error {
            return Err(ProviderFailure::Refused(plain(&error)));
        }
        self.code
            .filter(|code| !code.is_empty())
            .ok_or(ProviderFailure::Malformed("it has no code"))
    }
}

/// An error code as RFC 6749 spells them; anything else in it is left out.
pub(super) fn plain(error: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    error.chars().filter(is_plain).take(LONGEST_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://idp.corp.example";

    #[test]
    fn r33_an_answer_of_a_mixed_up_provider_yields_no_code() {
        let ours = "state=s&code=c&iss=https%3A%2F%2Fidp.corp.example";
        let code = |query: &str, is_required| Answer::read(query)?.code(ISSUER, is_required);
        assert_eq!(code(ours, true).unwrap(), "c");
        assert_eq!(code("state=s&code=c", false).unwrap(), "c");
        for (query, is_required) in [
            ("state=s&code=c", true),
            ("state=s&code=c&iss=https%3A%2F%2Fevil.example", true),
            ("state=s&code=c&iss=https%3A%2F%2Fevil.example", false),
            (
                "state=s&code=c&iss=https%3A%2F%2Fidp.corp.example%2F",
                false,
            ),
            ("state=s&code=c&iss=", false),
        ] {
            let refused = code(query, is_required);
            assert!(matches!(refused, Err(ProviderFailure::Issuer)), "{query}");
        }
    }

    #[test]
    fn r33_what_could_be_read_in_two_ways_is_not_read() {
        for query in [
            "state=s&state=t",
            "code=c&code=d",
            "iss=a&iss=b",
            "error=a&error=b",
        ] {
            assert!(Answer::read(query).is_err(), "{query}");
        }
        assert!(Answer::read(&"x".repeat(9_000)).is_err());
    }

    #[test]
    fn the_providers_no_is_told_in_its_own_code_and_nothing_else_of_it() {
        let answer = Answer::read("state=s&error=access_denied%0D%0A%3Cscript%3E").unwrap();
        let Err(ProviderFailure::Refused(error)) = answer.code(ISSUER, false) else {
            panic!("it was no refusal");
        };
        assert_eq!(error, "access_deniedscript");
    }
}
