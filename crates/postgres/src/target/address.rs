//! An address, `postgresql://...`, taken apart into libpq's parameters.

use regex_lite::Regex;
use url::Url;

/// The error says what is wrong with the address, without quoting any of it.
pub(crate) fn parse(address: &str) -> Result<Vec<(String, String)>, String> {
    let (url, host) = match Url::parse(address.trim()) {
        // A role, and no host: the Unix socket, or the host of a parameter.
        Err(url::ParseError::EmptyHost) => {
            let named = address.trim().replacen("@/", "@localhost/", 1);
            (Url::parse(&named).map_err(explain)?, String::new())
        }
        read => {
            let url = read.map_err(explain)?;
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            (url, host)
        }
    };
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err("it does not start with postgresql://".into());
    }
    check_not_cut_short(&url)?;
    let mut found = Vec::new();
    let mut add = |key: &str, value: &str| -> Result<(), String> {
        if !value.is_empty() {
            found.push((key.to_owned(), decode(value)?));
        }
        Ok(())
    };
    add("host", &host)?;
    add("port", &url.port().map_or_else(String::new, |port| port.to_string()))?;
    add("user", url.username())?;
    add("password", url.password().unwrap_or_default())?;
    add("dbname", url.path().trim_start_matches('/'))?;
    // Not by the rules of forms, where + is a space: libpq and Prisma take it as it is.
    for pair in url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or("a parameter after the ? has no value")?;
        found.push((decode(key)?, decode(value)?));
    }
    Ok(found)
}

/// Whether a text is, or has in it, what must not be shown because it may be the address of a database: one of
/// PostgreSQL, one with a password, with or without its scheme, or libpq's `password=...` with further parameters.
pub fn looks_like_address(text: &str) -> bool {
    const ADDRESS: &str = r"(?i)postgres(ql)?:/|://[^/@\s]*:[^@\s]*@|^\s*[^/\s:@]+:[^/\s]*@[^/\s@]+/|\bpassword\s*=.*\s|\s.*\bpassword\s*=";
    Regex::new(ADDRESS).expect("the pattern is right").is_match(text)
}

/// Refuses an address whose first part was ended too early by a character of the password.
fn check_not_cut_short(url: &Url) -> Result<(), String> {
    let query = url.query().unwrap_or_default();
    let in_query = query.split(['&', '=']).next().is_some_and(|first| first.contains('@'));
    let sign = if url.fragment().is_some() {
        Some('#')
    } else if in_query {
        Some('?')
    } else if url.path().contains('@') {
        Some('/')
    } else {
        None
    };
    sign.map_or(Ok(()), |sign| {
        Err(format!(
            "there is a {sign} in it, in the password most likely, which ends its first part"
        ))
    })
}

fn explain(error: url::ParseError) -> String {
    match error {
        url::ParseError::RelativeUrlWithoutBase => "it does not start with postgresql://".into(),
        url::ParseError::InvalidPort => {
            "what should be the port is no number; or the password has a # or / in it, or there are several hosts".into()
        }
        other => other.to_string(),
    }
}

fn decode(text: &str) -> Result<String, String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| "a % in it does not stand for UTF-8 text".into())
}

#[cfg(test)]
mod tests {
    use super::{looks_like_address, parse};

    fn parameters(address: &str) -> Vec<(String, String)> {
        parse(address).expect("an address")
    }

    fn named(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_address_is_taken_apart() {
        let all = parameters("postgresql://ann:p%40ss@h:5433/d?schema=s&a=b+c");
        let expected = [
            ("host", "h"),
            ("port", "5433"),
            ("user", "ann"),
            ("password", "p@ss"),
            ("dbname", "d"),
            ("schema", "s"),
            ("a", "b+c"),
        ];
        assert_eq!(all, named(&expected));
    }

    #[test]
    fn what_may_be_an_address_is_told_from_paths_and_names() {
        for address in [
            "postgres://u:p@h/d",
            "PostgreSQL://h/d",
            "postgresql:/u:p@h/d",
            "mysql://u:p@h/d",
            "u:p@h/d",
            "x=postgres://u:p@h",
            "host=h password=p",
            "password=p host=h",
        ] {
            assert!(looks_like_address(address), "{address}");
        }
        for other in [
            "scripts/phase2",
            "C:/scripts",
            "a:b",
            "ann@example.org",
            "https://example.org/a:b",
            "password=p",
            "postgres",
            "01a229fe-8bda",
            "Smith: a@b",
        ] {
            assert!(!looks_like_address(other), "{other}");
        }
    }

    #[test]
    fn hosts_may_be_addresses_or_left_out() {
        assert_eq!(parameters("postgres://[::1]/d"), named(&[("host", "::1"), ("dbname", "d")]));
        let socket = parameters("postgresql://ann@/d?host=/tmp");
        assert_eq!(socket, named(&[("user", "ann"), ("dbname", "d"), ("host", "/tmp")]));
    }

    #[test]
    fn what_is_wrong_is_said_without_quoting_it() {
        let cases = [
            ("h/d", "does not start with postgresql://"),
            ("mysql://h/d", "does not start with postgresql://"),
            ("postgresql://u:a#b@h/d", "the port is no number"),
            ("postgresql://u:1#b@h/d", "there is a # in it"),
            ("postgresql://u:1?b@h/d", "there is a ? in it"),
            ("postgresql://u:1/b@h/d", "there is a / in it"),
            ("postgresql://u@h/d?schema", "has no value"),
            ("postgresql://u:%ff@h/d", "UTF-8"),
        ];
        for (address, part) in cases {
            let error = parse(address).expect_err(address);
            assert!(error.contains(part), "{address}: {error}");
        }
    }
}
