//! Tables: whatever a file says of itself, it is read in bounded memory or refused.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;

use unspin::batch::{Event, Failure, Fate, Reading, Spare, Task, stream};
use unspin::read::field::Field;
use unspin::read::{Kind, Source};

use super::stand_in;
use super::text::kept;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// Parquet, or Arrow of either kind: the content tells.
pub fn read(bytes: &[u8]) {
    let kind = match Kind::of_head(bytes) {
        Kind::Parquet => Kind::Parquet,
        _ => Kind::Arrow,
    };
    let path: PathBuf = FOLDER.path().join("table");
    std::fs::write(&path, bytes).unwrap();
    let fields = (Field::new("text"), Field::new("id"));
    let spare = Spare::default();
    let task = Task { field: &fields.0, id: &fields.1, spare: &spare, restore: &stand_in::restore, survey: None };
    let reading = Reading { kind: Some(kind), column: "text".to_owned(), ..Reading::default() };
    let mut rows = 0;
    let one = NonZeroUsize::MIN;
    let _ = stream(one, [Source::file(&path)], reading, &task, |event| {
        if let Event::Entry(entry) = event {
            match &entry.fate {
                Fate::Restored(document, restoration) => {
                    assert_eq!(entry.after(), kept(&restoration.plan, document.text().unwrap()).as_bytes());
                }
                Fate::Failed(_, why @ (Failure::Panic(_) | Failure::Plan(_))) => panic!("{why}"),
                Fate::Failed(..) | Fate::Carried | Fate::Elsewhere => assert_eq!(entry.before(), entry.after()),
            }
            rows += 1;
        }
        // a table may say that it has billions of rows of nothing
        if rows < 10_000 { Ok(()) } else { Err(()) }
    });
}
