//! The evidence of a whole period, as the server sends it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use clap::Parser as _;

use crate::scripted::{Scripted, Told, locum};

async fn export(url: &str, file: &str, words: &[&str]) -> Told {
    let head = ["--url", url, "--json", "evidence", "export"];
    locum(&[&head[..], words, &["-o", file]].concat()).await
}

#[tokio::test]
async fn r24_a_period_is_asked_for_in_times_or_in_whole_days() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("november.zip");
    let file = file.to_str().unwrap();
    for (words, line) in [
        (
            vec!["--from", "2026-11-01", "--to", "2026-11-30"],
            "from=2026-11-01T00%3A00%3A00Z&to=2026-12-01T00%3A00%3A00Z",
        ),
        (
            vec![
                "--from",
                "2026-11-01T08:00:00+01:00",
                "--to",
                "2026-11-01T08:00:00Z",
                "--application",
                "billing",
                "--actor",
                "ann@corp.example",
            ],
            "from=2026-11-01T07%3A00%3A00Z&to=2026-11-01T08%3A00%3A00Z&application=billing&actor=ann%40corp.example",
        ),
    ] {
        let server = Scripted::new([(200, "bytes of a period".to_owned())]);
        let told = export(&server.url, file, &words).await;
        assert_eq!(told.status(), 0, "{words:?}");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "bytes of a period");
        assert_eq!(
            server.heard()[0].line,
            format!("GET /api/v1/evidence?{line}")
        );
        let written: serde_json::Value = serde_json::from_str(&told.text).unwrap();
        assert_eq!(written["bytes"], 17);
    }
}

#[tokio::test]
async fn r24_what_breaks_off_leaves_no_file_that_could_be_taken_for_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("november.zip");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _read = stream.read(&mut [0; 4_096]).unwrap();
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf of it";
        stream.write_all(half.as_bytes()).unwrap();
    });
    let period = ["--from", "2026-11-01", "--to", "2026-11-30"];
    let told = export(&url, file.to_str().unwrap(), &period).await;
    server.join().unwrap();
    assert_eq!(told.status(), 3);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_neither_an_event_nor_a_period_is_wrong_usage() {
    for words in [
        vec!["--from", "2026-11-02", "--to", "2026-11-01"],
        vec!["--from", "yesterday", "--to", "2026-11-01"],
    ] {
        let told = export("http://127.0.0.1:9", "x.zip", &words).await;
        assert_eq!(told.status(), 2, "{words:?}");
    }
    for words in [
        "",
        "--from 2026-11-01",
        "evt_1 --from 2026-11-01 --to 2026-11-02",
        "evt_1 --application billing",
    ] {
        let words = words.split_whitespace();
        let all = ["locum", "evidence", "export", "-o", "x.zip"];
        let parsed = locum_cli::Cli::try_parse_from(all.into_iter().chain(words));
        assert!(parsed.is_err(), "{parsed:?}");
    }
}
