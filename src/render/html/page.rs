//! The fixed parts of the page: its frame, style and script.
//!
//! In: nothing. Out: what stands before and behind the data. The policy in the head names the style and the script by their
//! fingerprints, so a browser runs no other one, wherever it came from.

use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const BODY: &str = include_str!("body.html");

/// Everything before the data.
pub(super) fn head() -> String {
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{}'; script-src '{}'",
        fingerprint(STYLE),
        fingerprint(SCRIPT)
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>What unspin changed</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{BODY}"
    )
}

/// Everything behind the data.
pub(super) fn tail() -> String {
    format!("<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// As a policy names a text: SHA-256 in base 64.
fn fingerprint(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = "sha256-".to_owned();
    for three in Sha256::digest(text.as_bytes()).chunks(3) {
        let number = three.iter().fold(0u32, |number, &byte| number << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let index = (number >> (18 - 6 * digit)) & 63;
            out.push(if digit > three.len() { '=' } else { char::from(DIGITS[index as usize]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_browsers() {
        assert_eq!(fingerprint("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }

    #[test]
    fn the_fixed_parts_load_nothing_and_end_where_they_should() {
        for part in [STYLE, SCRIPT, BODY] {
            assert!(!part.contains("http:") && !part.contains("https:") && !part.contains("url(") && !part.contains("innerHTML"));
        }
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }
}
