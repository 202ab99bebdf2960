//! Streams of records from outside: no record is lost, moved or touched without need, whatever happens on the way.

#[cfg(test)]
#[path = "common/program.rs"]
mod program;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::process::Stdio;

    use serde_json::{Value, json};

    use crate::program::{done, fed, folder, read, text, tree, typed, unspin};

    /// The profile lists all of its words for sure, and one word is enough of a sample to be seen.
    const SPUN: &str = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected \
                        onslaught implicit plans to instrumentality a antheral disconnected each lorry.";
    const CLEAN: &str = "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.";

    /// Records, of which every `nth` is spun, written in different ways.
    fn records(number: usize, nth: usize) -> Vec<String> {
        let one = |index: usize| {
            let body = if index % nth == nth - 1 { SPUN } else { CLEAN };
            match index % 3 {
                0 => format!("{{\"id\": \"r{index}\", \"text\": {}, \"n\": 1.0e2}}", json!(body)),
                1 => format!(
                    "{{\"meta\":{{\"text\":\"in\"}},\"text\":{},\"id\":\"r{index}\"}}",
                    json!(body).to_string().replace('o', "\\u006f")
                ),
                _ => format!(" {{ \"id\" : \"r{index}\" , \"text\" : {} }}\r", json!(format!("{body}\n\u{e9}\t\"in\""))),
            }
        };
        (0..number).map(one).collect()
    }

    fn joined(lines: &[String]) -> String {
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn gzip(members: &[&str]) -> Vec<u8> {
        members.iter().flat_map(|member| gzip_bytes(member.as_bytes())).collect()
    }

    fn gzip_bytes(bytes: &[u8]) -> Vec<u8> {
        let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        pack.write_all(bytes).unwrap();
        pack.finish().unwrap()
    }

    fn gunzip(bytes: &[u8]) -> String {
        let mut out = String::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn records_keep_their_order_and_every_byte_but_the_words() {
        let lines = records(60, 20);
        let (front, back) = lines.split_at(31);
        let some = folder(&[("in.jsonl.gz", &gzip(&[&joined(front), "", &joined(back)]))]);
        done(&some, "restore in.jsonl.gz --output out.jsonl.zst --edits edits.jsonl --jobs 2", 0);
        let out = String::from_utf8(zstd::decode_all(fs::File::open(some.path().join("out.jsonl.zst")).unwrap()).unwrap()).unwrap();
        let out: Vec<&str> = out.split_terminator('\n').collect();
        assert_eq!(out.len(), lines.len());
        for (index, (before, after)) in lines.iter().zip(&out).enumerate() {
            if index % 20 != 19 {
                assert_eq!(before, after);
                continue;
            }
            let (before, after): (Value, Value) = (serde_json::from_str(before).unwrap(), serde_json::from_str(after).unwrap());
            assert_eq!(before["id"], after["id"]);
            assert!(after["text"].as_str().unwrap().starts_with("Rubbish could be left in the streets"), "{after}");
            assert_eq!(after["text"].as_str().unwrap().contains("\n\u{e9}\t\"in\""), index % 3 == 2);
        }
        // escapes elsewhere in the string are those of the input
        assert!(out[19].contains("Rubbish c\\u006fuld be left in"), "{}", out[19]);
        let first: Value = serde_json::from_str(read(&some, "edits.jsonl").lines().next().unwrap()).unwrap();
        assert_eq!((&first["document"], &first["from"]), (&json!("r19"), &json!("beryllium")));
        // the same bytes for any number of threads
        done(&some, "restore in.jsonl.gz --output one.jsonl.zst --edits one.jsonl --jobs 1", 0);
        let bytes = |name: &str| fs::read(some.path().join(name)).unwrap();
        assert_eq!((bytes("out.jsonl.zst"), bytes("edits.jsonl")), (bytes("one.jsonl.zst"), bytes("one.jsonl")));
    }

    #[test]
    fn standard_input_is_known_by_its_content() {
        let lines = joined(&records(3, 3));
        let plain = fed("restore", lines.as_bytes());
        assert!(plain.contains("Rubbish could be left in") && plain.lines().count() == 3, "{plain}");
        assert_eq!(fed("restore -", &gzip(&[&lines])), plain);
        assert_eq!(fed("restore", &zstd::encode_all(lines.as_bytes(), 1).unwrap()), plain);
        assert_eq!(fed("restore --input-format text", b"{\"text\":1}\n"), "{\"text\":1}\n");
    }

    #[test]
    fn a_nested_field_is_named_by_its_path() {
        let line = format!("{{\"text\":\"beryllium\",\"page\":{{\"body\":{}}}}}\n", json!(SPUN));
        let out = fed("restore --field page.body --input-format jsonl", line.as_bytes());
        assert!(out.starts_with("{\"text\":\"beryllium\",\"page\":{\"body\":\"Rubbish could be left in"), "{out}");
    }

    #[test]
    fn a_bad_record_passes_and_is_told() {
        let lines =
            format!("{{\"id\":\"a\",\"text\":{}}}\nnot json\n{{\"id\":\"b\"}}\n\n{{\"text\":\"{}\"}}\n", json!(CLEAN), "x".repeat(3000));
        let some = folder(&[("in.jsonl", lines.as_bytes())]);
        let args = "restore in.jsonl --out-dir out --quarantine bad.jsonl --summary sum.json --max-record 2K";
        let told = text(&done(&some, args, 3).stderr);
        assert!(told.contains("in.jsonl:2: passed through unchanged: this record is not a JSON object"), "{told}");
        assert_eq!(read(&some, "out/in.jsonl"), lines);
        let bad: Vec<Value> = read(&some, "bad.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(bad.iter().map(|line| line["record"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(bad[0]["raw"], "not json\n");
        let summary: Value = serde_json::from_str(&read(&some, "sum.json")).unwrap();
        assert_eq!((&summary["documents"], &summary["failed"], &summary["lost"]), (&json!(1), &json!(3), &json!(0)));
        assert_eq!(summary["failures"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_record_that_fails_keeps_its_id() {
        let some = folder(&[("documents/x.jsonl", b"{\"id\":\"a\"}\nnot json\n{\"id\":\"b\",\"text\":7}\n")]);
        let told = text(&done(&some, "restore documents --out-dir out --quarantine bad.jsonl", 3).stderr);
        // by its place for a person, who looks for it in the file
        assert!(told.contains("documents/x.jsonl:1 (a): passed through unchanged: this record has no field `text`"), "{told}");
        assert!(told.contains("documents/x.jsonl:2: passed through unchanged"), "{told}");
        done(&some, "restore documents --attributes unspin", 3);
        for (path, key) in [("bad.jsonl", "document"), ("attributes/unspin/x.jsonl", "id")] {
            let ids: Vec<Value> = read(&some, path).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()[key].clone()).collect();
            assert_eq!(ids, ["a", "documents/x.jsonl:2", "b"], "{path}");
        }
    }

    #[test]
    fn a_broken_input_leaves_nothing_half_done() {
        let whole = gzip(&[&joined(&records(40, 5))]);
        let some = folder(&[("a.jsonl.gz", &whole[..whole.len() - 9]), ("b.jsonl", joined(&records(2, 2)).as_bytes())]);
        let told = text(&done(&some, "restore a.jsonl.gz b.jsonl --out-dir out --edits log.jsonl", 3).stderr);
        assert!(told.starts_with("unspin: a.jsonl.gz: cannot be read: "), "{told}");
        assert_eq!(tree(&some.path().join("out")), ["b.jsonl"]);
        // no edit is told of what was not delivered
        assert!(read(&some, "log.jsonl").lines().all(|line| line.starts_with("{\"document\":\"r1\"")));
        let bomb = zstd::encode_all(" ".repeat(40 << 20).as_bytes(), 1).unwrap();
        let some = folder(&[("bomb.txt.zst", &bomb)]);
        let told = text(&done(&some, "restore bomb.txt.zst --output out.txt", 2).stderr);
        assert!(told.contains("as in a decompression bomb; raise --max-ratio"), "{told}");
        assert_eq!(tree(some.path()), ["bomb.txt.zst"]);
    }

    #[test]
    fn an_interrupted_run_is_gone_on_with() {
        let lines = joined(&records(120, 10));
        let some = folder(&[("in/a.txt", SPUN.as_bytes()), ("in/b.jsonl.gz", &gzip(&[&lines])), ("in/c.txt", CLEAN.as_bytes())]);
        let whole = "restore in --out-dir whole --edits whole.jsonl --step 2K --jobs 1";
        done(&some, whole, 0);
        let run = "restore in --out-dir out --edits log.jsonl --quarantine bad.jsonl --step 2K --resume --jobs 2";
        for wait in [120, 200, 300, 400, 500, 600, 800] {
            let mut child = unspin(&some, run).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(wait));
            let _ = child.kill();
            child.wait().unwrap();
            if some.path().join("log.jsonl").exists() {
                break;
            }
        }
        done(&some, run, 0);
        assert_eq!(tree(&some.path().join("out")), ["a.txt", "b.jsonl.gz", "c.txt"]);
        for (one, other) in [("whole/a.txt", "out/a.txt"), ("whole/b.jsonl.gz", "out/b.jsonl.gz"), ("whole.jsonl", "log.jsonl")] {
            assert!(fs::read(some.path().join(one)).unwrap() == fs::read(some.path().join(other)).unwrap(), "{one} {other}");
        }
    }

    #[test]
    fn resume_wants_files() {
        let some = folder(&[("a.txt", b"a")]);
        assert!(text(&done(&some, "restore a.txt --resume", 2).stderr).contains("name a place for the results"));
        assert!(text(&done(&some, "restore - --resume --output b.txt", 2).stderr).contains("standard input cannot be gone on with"));
    }

    #[test]
    fn streams_are_restored_in_place() {
        let lines = joined(&records(6, 3));
        let some = folder(&[("a.jsonl.gz", &gzip(&[&lines])), ("clean.jsonl", joined(&records(2, 9)).as_bytes())]);
        done(&some, "restore --in-place --backup .orig . --resume", 0);
        assert_eq!(tree(some.path()), ["a.jsonl.gz", "a.jsonl.gz.orig", "clean.jsonl"]);
        let after = gunzip(&fs::read(some.path().join("a.jsonl.gz")).unwrap());
        assert_eq!(after.matches("could be left in").count() + after.matches("c\\u006fuld be left in").count(), 2, "{after}");
        assert_eq!(gunzip(&fs::read(some.path().join("a.jsonl.gz.orig")).unwrap()), lines);
    }

    #[test]
    fn archives_are_sealed_anew() {
        let conversion = |text: &str| {
            format!(
                "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:{}>\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n",
                text.len(),
                text.len()
            )
        };
        let info = "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 9\r\n\r\nbe: in\r\n\r\r\n\r\n";
        let (spun, clean) = (conversion(SPUN), conversion(CLEAN));
        let some = folder(&[("a.warc.wet.gz", &gzip(&[info, &spun, &clean]))]);
        done(&some, "restore a.warc.wet.gz --output b.warc.wet.gz", 0);
        let bytes = fs::read(some.path().join("b.warc.wet.gz")).unwrap();
        let out = gunzip(&bytes);
        assert!(out.starts_with(info) && out.ends_with(&clean), "{out}");
        let text = out.split("\r\n\r\n").find(|part| part.starts_with("Rubbish")).unwrap();
        assert!(text.starts_with("Rubbish could be left in") && out.contains(&format!("Content-Length: {}\r\n", text.len())), "{out}");
        // a member for each record, as web archives have it
        assert_eq!(bytes.windows(4).filter(|window| *window == [0x1f, 0x8b, 0x08, 0x00]).count(), 3);
    }

    #[test]
    fn pages_and_markdown_are_restored_between_their_tags() {
        let page = format!("<html><style>p {{ in: on }}</style><p title=\"beryllium\">{SPUN}</p><pre>{SPUN}</pre></html>");
        let notes = format!("# Notes\n\n{SPUN}\n\n```\n{SPUN}\n```\n");
        let some = folder(&[("a.html", page.as_bytes()), ("b.md", notes.as_bytes())]);
        done(&some, "restore a.html b.md --out-dir out --edits log.jsonl", 0);
        let after = read(&some, "out/a.html");
        assert!(after.contains("<p title=\"beryllium\">Rubbish could be left in"), "{after}");
        assert!(after.ends_with(&format!("<pre>{SPUN}</pre></html>")), "{after}");
        let after = read(&some, "out/b.md");
        assert!(after.starts_with("# Notes\n\nRubbish could be left in") && after.ends_with(&format!("```\n{SPUN}\n```\n")), "{after}");
        // offsets of the log are those of the file
        let first: Value = serde_json::from_str(read(&some, "log.jsonl").lines().next().unwrap()).unwrap();
        let start = usize::try_from(first["start"].as_u64().unwrap()).unwrap();
        assert!(page.get(start..).unwrap().starts_with("beryllium"));
    }

    #[test]
    fn what_is_protected_stays() {
        let marked = format!("{SPUN}\n\nunspin:off\n\n{SPUN}\n\nunspin:on\n\n{SPUN}\n");
        let some = folder(&[("a.txt", marked.as_bytes()), ("words.txt", b"# keep\nBeryllium\nnear successful\n")]);
        let plain = text(&done(&some, "restore a.txt", 0).stdout);
        assert!(plain.contains(&format!("unspin:off\n\n{SPUN}\n\nunspin:on")) && plain.matches("be left in").count() == 2, "{plain}");
        let kept = text(&done(&some, "restore a.txt --protect words.txt", 0).stdout);
        assert_eq!(kept.matches("could beryllium near successful the").count(), 3, "{kept}");
        let kept = text(&done(&some, "restore a.txt --protect-pattern succ[a-z]+", 0).stdout);
        assert_eq!(kept.matches("successful the").count(), 3, "{kept}");
        assert!(text(&done(&some, "restore a.txt --protect-pattern (", 2).stderr).contains("--protect-pattern"));
    }

    #[test]
    fn attributes_stand_beside_the_documents() {
        let lines = format!("{{\"id\":\"a\",\"text\":{}}}\n{{\"id\":\"b\",\"text\":null}}\nbad\n", json!(format!("\u{e9} {SPUN}")));
        let some = folder(&[("documents/x.jsonl", lines.as_bytes())]);
        done(&some, "restore documents --attributes unspin", 3);
        assert_eq!(tree(some.path()), ["attributes/unspin/x.jsonl", "documents/x.jsonl"]);
        let rows: Vec<Value> = read(&some, "attributes/unspin/x.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 3);
        let edit = &rows[0]["attributes"]["unspin__edits"][0];
        let number = |at: usize| usize::try_from(edit[at].as_u64().unwrap()).unwrap();
        let (start, end) = (number(0), number(1));
        let swapped: String = format!("\u{e9} {SPUN}").chars().skip(start).take(end - start).collect();
        assert_eq!(swapped, "beryllium");
        assert_eq!(rows[1]["attributes"]["unspin__edits"], json!([]));
        assert_eq!(read(&some, "documents/x.jsonl"), lines);
        let told = text(&done(&some, "restore documents --attributes a/b", 2).stderr);
        assert!(told.contains("--attributes takes a name that can be a folder, such as `unspin`; `a/b` cannot"), "{told}");
    }

    #[test]
    fn a_dry_run_and_shards() {
        let files: Vec<(String, String)> = (0..5).map(|index| (format!("in/{index}.txt"), SPUN.to_owned())).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        let some = folder(&files);
        let told = text(&done(&some, "restore in --out-dir out --dry-run --stats --edits log.jsonl", 0).stderr);
        assert!(told.starts_with("5 documents: 5 spun, 0 unsure, 5 changed\n"), "{told}");
        assert_eq!(tree(some.path()).len(), 5);
        done(&some, "restore in --out-dir out --shard 1/2", 0);
        done(&some, "restore in --out-dir two --shard 2/2", 0);
        assert_eq!(tree(&some.path().join("out")), ["0.txt", "2.txt", "4.txt"]);
        assert_eq!(tree(&some.path().join("two")), ["1.txt", "3.txt"]);
    }

    #[test]
    fn a_stream_is_done_in_parts() {
        let lines = records(7, 3);
        let some = folder(&[("in.jsonl", joined(&lines).as_bytes()), ("a.txt", SPUN.as_bytes())]);
        done(&some, "restore in.jsonl --output whole.jsonl", 0);
        let whole = read(&some, "whole.jsonl");
        for part in 1..=3 {
            let parted = format!("in.jsonl --shard {part}/3");
            done(&some, &format!("restore {parted} --output {part}.jsonl --summary {part}.json --resume --step 100"), 0);
            let wanted: String = whole.split_inclusive('\n').skip(part - 1).step_by(3).collect();
            assert_eq!(read(&some, &format!("{part}.jsonl")), wanted);
            let summary: Value = serde_json::from_str(&read(&some, &format!("{part}.json"))).unwrap();
            assert_eq!(summary["documents"], if part == 1 { 3 } else { 2 });
            assert_eq!(text(&done(&some, &format!("detect {parted}"), 0).stdout).lines().count(), if part == 1 { 3 } else { 2 });
        }
        assert_eq!(fed("restore --shard 3/3", joined(&lines).as_bytes()), read(&some, "3.jsonl"));
        let told = text(&done(&some, "restore in.jsonl --shard 1/3 --in-place", 2).stderr);
        assert!(told.contains("would lose the others"), "{told}");
        // a text is not cut in parts
        assert!(text(&done(&some, "restore a.txt --shard 1/3", 0).stdout).contains("could be left in"));
        assert_eq!(done(&some, "restore a.txt --shard 2/3", 0).stdout, b"");
    }

    #[test]
    fn packed_pages_of_an_archive_are_restored() {
        let page = format!("<html><p>{SPUN}</p></html>");
        let response = |headers: &str, body: &[u8]| {
            let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n");
            let length = http.len() + body.len();
            let head =
                format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {length}\r\n\r\n{http}");
            [head.as_bytes(), body, b"\r\n\r\n"].concat()
        };
        let spun = response("Content-Encoding: gzip\r\n", &gzip(&[&page]));
        let clean = response("Content-Encoding: gzip\r\n", &gzip(&["<p>The bridge was opened.</p>"]));
        let odd = response("Content-Encoding: compress\r\n", b"\x1f\x9d\x90");
        let some = folder(&[("a.warc", &[clean.clone(), spun, odd.clone()].concat())]);
        let told = text(&done(&some, "restore a.warc --output b.warc --edits log.jsonl --summary sum.json", 3).stderr);
        assert!(told.contains("a.warc:3: passed through unchanged: the page of this record is stored in the coding `compress`"), "{told}");
        let after = fs::read(some.path().join("b.warc")).unwrap();
        assert!(after.starts_with(&clean) && after.ends_with(&odd), "what is not edited stays packed");
        let middle = String::from_utf8(after[clean.len()..after.len() - odd.len()].to_vec()).unwrap();
        assert!(middle.contains("X-Crawler-Content-Encoding: gzip\r\n\r\n<html><p>Rubbish could be left in the streets"), "{middle}");
        let summary: Value = serde_json::from_str(&read(&some, "sum.json")).unwrap();
        assert_eq!((&summary["documents"], &summary["changed"], &summary["failed"]), (&json!(2), &json!(1), &json!(1)));
        // its text could be put back, but the compressed bytes could not
        let told = text(&done(&some, "undo --edits log.jsonl b.warc", 2).stderr);
        assert!(told.contains("record 2: its text could be put back, but not its bytes"), "{told}");
        assert_eq!(fs::read(some.path().join("b.warc")).unwrap(), after);
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn tables_pass_through_pipes() {
        use std::sync::Arc;

        use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
        use arrow_ipc::reader::StreamReader;
        use arrow_ipc::writer::StreamWriter;
        use parquet::arrow::ArrowWriter;
        use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

        use crate::program::typed;

        let texts: Vec<&str> = (0..600).map(|row| if row == 400 { SPUN } else { CLEAN }).collect();
        let columns: [(&str, ArrayRef); 2] =
            [("text", Arc::new(StringArray::from(texts))), ("n", Arc::new(Int64Array::from_iter_values(0..600)))];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let mut parquet = ArrowWriter::try_new(Vec::new(), rows.schema(), None).unwrap();
        parquet.write(&rows).unwrap();
        let parquet = parquet.into_inner().unwrap();
        let mut stream = StreamWriter::try_new(Vec::new(), &rows.schema()).unwrap();
        stream.write(&rows).unwrap();
        let stream = stream.into_inner().unwrap();
        let some = folder(&[("t.parquet", &parquet), ("p.parquet.zst", &zstd::encode_all(&parquet[..], 1).unwrap())]);
        let numbers = |bytes: Vec<u8>, is_parquet: bool| -> Vec<i64> {
            let batches: Vec<RecordBatch> = if is_parquet {
                let file = some.path().join("seen.parquet");
                fs::write(&file, bytes).unwrap();
                let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).unwrap()).unwrap();
                builder.build().unwrap().map(Result::unwrap).collect()
            } else {
                StreamReader::try_new(&bytes[..], None).unwrap().map(Result::unwrap).collect()
            };
            let mut out = Vec::new();
            for batch in batches {
                let texts = batch.column(0).as_any().downcast_ref::<StringArray>().unwrap();
                let numbers = batch.column(1).as_any().downcast_ref::<Int64Array>().unwrap();
                for row in 0..batch.num_rows() {
                    let restored = texts.value(row).starts_with("Rubbish could be left in");
                    assert!(if numbers.value(row) == 400 { restored } else { texts.value(row) == CLEAN });
                }
                out.extend(numbers.values().iter());
            }
            out
        };
        let all: Vec<i64> = (0..600).collect();
        assert_eq!(numbers(done(&some, "restore t.parquet", 0).stdout, true), all);
        assert_eq!(numbers(typed(&some, "restore", &parquet, 0).stdout, true), all);
        assert_eq!(numbers(typed(&some, "restore -", &gzip_bytes(&parquet), 0).stdout, true), all);
        assert_eq!(numbers(typed(&some, "restore", &stream, 0).stdout, false), all);
        done(&some, "restore p.parquet.zst --out-dir out", 0);
        let packed = fs::File::open(some.path().join("out/p.parquet.zst")).unwrap();
        assert_eq!(numbers(zstd::decode_all(packed).unwrap(), true), all);
        // batches of 256 rows
        let second = numbers(typed(&some, "restore --shard 2/2", &parquet, 0).stdout, true);
        assert_eq!(second, (256..512).collect::<Vec<i64>>());
        done(&some, "restore t.parquet --output again.parquet --resume", 0);
        assert_eq!(numbers(fs::read(some.path().join("again.parquet")).unwrap(), true), all);
        // the log tells the rows, and they cannot be put back
        done(&some, "restore t.parquet --output new.parquet --edits log.jsonl", 0);
        let told = text(&done(&some, "undo --edits log.jsonl new.parquet", 2).stderr);
        assert!(told.contains("the rows of a table cannot be put back"), "{told}");
    }

    #[test]
    fn detection_reads_streams_too() {
        let some = folder(&[("in.jsonl", joined(&records(2, 2)).as_bytes())]);
        let out = text(&done(&some, "detect in.jsonl --format json", 0).stdout);
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&rows[0]["id"], &rows[0]["verdict"]), (&json!("r0"), &json!("clean")));
        assert_eq!((&rows[1]["id"], &rows[1]["verdict"]), (&json!("r1"), &json!("spun")));
    }

    #[test]
    fn long_files_are_told_as_if_they_were_read_at_once() {
        let long = format!("{CLEAN}\n\n").repeat(4_000);
        let spun = format!("{SPUN} {SPUN}");
        let cases: [(&str, Vec<u8>); 7] = [
            ("clean", long.clone().into_bytes()),
            ("marked", format!("\u{feff}{long}").into_bytes()),
            ("windows", long.replace('\n', "\r\n").into_bytes()),
            ("spun", format!("{long}{spun}").into_bytes()),
            ("spared", format!("{long}unspin:off {spun} unspin:on").into_bytes()),
            ("binary", [long.as_bytes(), b"\0\0", long.as_bytes()].concat()),
            ("latin", [long.as_bytes(), b"caf\xe9", long.as_bytes()].concat()),
        ];
        let row = |told: std::process::Output| {
            let mut row: Value = serde_json::from_slice(&told.stdout).unwrap_or_default();
            row.as_object_mut().map(|row| row.remove("id"));
            row
        };
        for (name, bytes) in cases {
            let some = folder(&[("long.txt", &bytes)]);
            // what is no text in UTF-8 is told, and not looked at
            let code = if matches!(name, "binary" | "latin") { 3 } else { 0 };
            let of_file = row(done(&some, "detect --format json long.txt", code));
            assert_eq!(of_file, row(typed(&some, "detect --format json -", &bytes, code)), "{name}");
            let verdict = if name == "spun" { "spun" } else { "clean" };
            assert!(code > 0 || of_file["verdict"] == verdict, "{name}: {of_file}");
        }
    }
}
