//! The seeds of the fuzz targets, and the inputs of bugs that were found and mended: each keeps the promises of its target.
//!
//! A file that a fuzzer has found is put into `fuzz/seeds/TARGET/` under a name that tells the bug; so it is tested from then on.

#[cfg(test)]
#[path = "../fuzz/src/lib.rs"]
mod checks;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::checks::{codec, formats, records, text};

    fn all(target: &str, check: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{target}");
        for path in paths {
            let bytes = std::fs::read(&path).unwrap();
            assert!(std::panic::catch_unwind(|| check(&bytes)).is_ok(), "{} breaks a promise, see above", path.display());
        }
    }

    #[test]
    fn texts() {
        all("tokens", text::tokens);
        all("restore", text::restore);
        all("words", text::words);
    }

    #[test]
    fn records_and_documents() {
        all("jsonl", records::jsonl);
        all("warc", records::warc);
        all("html", records::html);
        all("markdown", records::markdown);
        all("codec", codec::unpack);
    }

    #[test]
    fn our_own_formats() {
        all("profile", formats::profile);
        all("model", formats::model);
        all("thesaurus", formats::thesaurus);
        all("snapshot", formats::snapshot);
        all("edits", formats::edits);
        all("config", formats::config);
    }

    /// Small tables of each kind; `UPDATE_SEEDS=1` writes them, for the arrow crates may come to write them in other ways.
    #[cfg(feature = "parquet")]
    fn made() -> [(&'static str, Vec<u8>); 4] {
        use std::sync::Arc;

        use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
        use arrow_ipc::writer::{FileWriter, StreamWriter};
        use parquet::arrow::ArrowWriter;
        use parquet::basic::Compression;
        use parquet::file::properties::WriterProperties;

        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("it beryllium"), None, Some(""), Some("tin caller year")]));
        let number: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
        let rows = RecordBatch::try_from_iter([("id", number), ("text", text)]).unwrap();
        let parquet = |compression| {
            let properties = WriterProperties::builder().set_compression(compression).build();
            let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
            writer.write(&rows).unwrap();
            writer.into_inner().unwrap()
        };
        let mut file = FileWriter::try_new(Vec::new(), &rows.schema()).unwrap();
        file.write(&rows).unwrap();
        let mut stream = StreamWriter::try_new(Vec::new(), &rows.schema()).unwrap();
        stream.write(&rows).unwrap();
        [
            ("plain.parquet", parquet(Compression::UNCOMPRESSED)),
            ("snappy.parquet", parquet(Compression::SNAPPY)),
            ("file.arrow", file.into_inner().unwrap()),
            ("stream.arrows", stream.into_inner().unwrap()),
        ]
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn tables() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/tables");
        for (name, bytes) in made() {
            crate::checks::tables::read(&bytes);
            if std::env::var_os("UPDATE_SEEDS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(name), bytes).unwrap();
            }
        }
        all("tables", crate::checks::tables::read);
    }
}
