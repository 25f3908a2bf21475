//! A server that answers what it was told to, in order, and is gone afterwards; and a command line that asks it.

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use clap::Parser as _;
use locum_cli::{Cli, Failure, Outcome, Output};
use serde_json::Value;

pub(crate) struct Scripted {
    pub(crate) url: String,
    heard: JoinHandle<Vec<Heard>>,
}

/// One request as it arrived.
#[derive(Debug)]
pub(crate) struct Heard {
    /// Method and target.
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers: Vec<_> = answers.into_iter().collect();
        let heard = std::thread::spawn(move || {
            let answer = |(status, body): (u16, String)| {
                let (mut stream, _) = listener.accept().unwrap();
                let heard = hear(&stream);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all((head + &body).as_bytes()).unwrap();
                heard
            };
            answers.into_iter().map(answer).collect()
        });
        Self { url, heard }
    }

    /// What was asked, once everything was.
    pub(crate) fn heard(self) -> Vec<Heard> {
        self.heard.join().unwrap()
    }
}

fn hear(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Heard {
        line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(),
        authorization,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

/// What a command wrote, and how it ended.
pub(crate) struct Told {
    pub(crate) text: String,
    /// Was every line written out before the next was begun?
    pub(crate) is_flushed: bool,
    pub(crate) end: Result<(), Failure>,
}

impl Told {
    pub(crate) fn failure(&self) -> &Failure {
        self.end.as_ref().unwrap_err()
    }

    pub(crate) fn status(&self) -> u8 {
        self.end.as_ref().err().map_or(0, |it| it.exit() as u8)
    }
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<(String, bool, bool)>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let (text, is_pending, is_late) = &mut *self.0.lock().unwrap();
        let is_next_line = text.ends_with('\n');
        *is_late |= is_next_line && *is_pending;
        *is_pending = true;
        text.push_str(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().1 = false;
        Ok(())
    }
}

/// Runs `locum` with these words.
pub(crate) async fn locum(words: &[&str]) -> Told {
    let page = Page::default();
    let end = into(words, page.clone()).await;
    let (text, is_pending, is_late) = page.0.lock().unwrap().clone();
    Told {
        text,
        is_flushed: !is_pending && !is_late,
        end,
    }
}

/// Runs `locum` with these words for somebody who reads at `out`.
pub(crate) async fn into(words: &[&str], out: impl Write + Send + 'static) -> Result<(), Failure> {
    // It is an error only if another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::try_parse_from([&["locum"], words].concat()).unwrap();
    let output = Output::into_writer(cli.json, out);
    match locum_cli::run(cli, &output).await? {
        Outcome::Done => Ok(()),
        Outcome::ForBinary(command) => panic!("{command:?} is the binary's"),
    }
}
