//! The same text gives the same restoration: twice, from several threads, from several restorers.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "common/data.rs"]
mod data;

#[cfg(test)]
mod tests {
    use unspin::restore::Restoration;

    use crate::corpus::texts;
    use crate::data::restorer;

    const THREADS: usize = 4;

    /// A few articles of each kind.
    fn some() -> Vec<String> {
        let families = [("in-the-wild-style", "spun.txt", 4), ("synthetic", "spun.txt", 4), ("clean", "clean.txt", 6)];
        let some = families.into_iter().flat_map(|(family, name, number)| texts(family, name).into_iter().take(number));
        let texts: Vec<String> = some.map(|(_, text)| text).collect();
        assert_eq!(texts.len(), 14);
        texts
    }

    #[test]
    fn twice_and_from_several_threads() {
        let texts = some();
        let shared = restorer();
        let first: Vec<Restoration> = texts.iter().map(|text| shared.restore(text)).collect();
        std::thread::scope(|scope| {
            let run = |thread: usize| {
                let (texts, shared) = (&texts, &shared);
                scope.spawn(move || {
                    // every thread goes through the texts in another order
                    let order = (0..texts.len()).map(|step| (step + thread * 3) % texts.len());
                    order.map(|index| (index, shared.restore(&texts[index]))).collect::<Vec<_>>()
                })
            };
            let threads: Vec<_> = (0..THREADS).map(run).collect();
            for (index, restoration) in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
                assert_eq!(restoration, first[index], "{}", texts[index]);
            }
        });
    }

    #[test]
    fn another_restorer_says_the_same() {
        let texts = some();
        let (one, other) = (restorer(), restorer());
        for text in &texts {
            assert_eq!(one.restore(text), other.restore(text), "{text}");
        }
    }
}
