//! A long text looked at section by section, without keeping it: nearly all texts are clean, and of those nothing is needed but that they are.
//!
//! In: a reader of bytes. Out: the restoration, if every section is clean; it is the one that the whole text would have.

use std::io::{self, Read};

use super::pieces::{MAX_SECTION, section_end};
use super::{Restoration, Restorer};
use crate::detect::Verdict;

impl Restorer<'_> {
    /// Surveys a text through one buffer of bounded size. `None` as soon as a section is not held to be clean, is not UTF-8 or is one that
    /// `passes` says no to: then the text must be looked at as a whole.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn survey(&self, reader: &mut dyn Read, passes: &dyn Fn(&str) -> bool) -> io::Result<Option<Restoration>> {
        let mut buffer = vec![0; 2 * MAX_SECTION];
        let (mut held, mut gone, mut ended) = (0, 0, false);
        let mut whole = Restoration::clean(0);
        while !ended || held > 0 {
            while held < buffer.len() && !ended {
                let read = reader.read(&mut buffer[held..])?;
                held += read;
                ended = read == 0;
            }
            let mut start = 0;
            // a section ends by what stands before its end, if more than the longest one is at hand
            while held - start > MAX_SECTION || ended && held > start {
                let bytes = &buffer[start..held];
                let end = section_end(bytes);
                let Some(section) = std::str::from_utf8(&bytes[..end]).ok().filter(|section| passes(section)) else { return Ok(None) };
                let part = self.restore_section(section, gone + start, &|_| false);
                if part.verdict != Verdict::Clean {
                    return Ok(None);
                }
                whole.join(part);
                start += end;
            }
            buffer.copy_within(start..held, 0);
            held -= start;
            gone += start;
        }
        Ok(Some(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use crate::restore::RestoreOptions;

    const CLEAN: &str = "The bridge was opened on Monday, after £3m of repairs. People can cross it on foot, and it will be lit at night. ";
    const SPUN: &str = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected \
                        onslaught implicit plans to instrumentality a antheral disconnected each lorry. ";

    /// Gives a few bytes at a time.
    struct Drops<'t>(&'t [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let some = self.1.min(self.0.len()).min(room.len());
            room[..some].copy_from_slice(&self.0[..some]);
            self.0 = &self.0[some..];
            Ok(some)
        }
    }

    fn with_restorer(test: impl FnOnce(&Restorer<'_>)) {
        let (thesaurus, profiles) = (embedded::thesaurus().unwrap(), embedded::profiles().unwrap());
        test(&Restorer::new(embedded::model().unwrap(), &thesaurus, &profiles, RestoreOptions::default()));
    }

    #[test]
    fn a_clean_text_comes_out_as_if_it_had_been_read_as_a_whole() {
        with_restorer(|restorer| {
            let unbroken = "ü".repeat(MAX_SECTION);
            for text in ["", " ", CLEAN, &CLEAN.repeat(3_000), &CLEAN.replace(". ", ".\n\n").repeat(2_500), &unbroken] {
                for at_once in [997, 3 * MAX_SECTION] {
                    let found = restorer.survey(&mut Drops(text.as_bytes(), at_once), &|_| true).unwrap();
                    assert_eq!(found, Some(restorer.restore(text)), "{} bytes", text.len());
                }
            }
        });
    }

    #[test]
    fn what_is_not_surely_clean_is_left_for_a_closer_look() {
        with_restorer(|restorer| {
            let long = CLEAN.repeat(3_000);
            let spun = format!("{long}\n\n{}", SPUN.repeat(3));
            let broken = [long.as_bytes(), b"\xff", long.as_bytes()].concat();
            let survey = |text: &[u8]| restorer.survey(&mut Drops(text, usize::MAX), &|part| !part.contains("stop")).unwrap();
            assert!(survey(long.as_bytes()).is_some());
            assert!(survey(spun.as_bytes()).is_none());
            assert!(survey(&broken).is_none());
            assert!(survey(format!("{long} stop").as_bytes()).is_none());
        });
    }

    #[test]
    fn an_error_of_reading_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        with_restorer(|restorer| assert!(restorer.survey(&mut Broken, &|_| true).is_err()));
    }
}
