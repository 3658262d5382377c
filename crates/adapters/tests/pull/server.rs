//! A host on this machine that answers from a script, and counts what it was asked.

#![allow(dead_code, reason = "each test uses its part")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked: the path with its query, and the headers.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: String,
}

/// What is answered.
pub(crate) enum Reply {
    /// These bytes, and then the end.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing until the other side leaves.
    Hang(Vec<u8>),
}

/// A sound answer with a body.
pub(crate) fn ok(body: &str) -> Reply {
    with_headers(body, "")
}

/// The same with further headers, each ended by `\r\n`.
pub(crate) fn with_headers(body: &str, headers: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}").into(),
    )
}

/// An answer without a body.
pub(crate) fn status(status: u16, headers: &str) -> Reply {
    Reply::Bytes(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n{headers}\r\n").into())
}

pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request as `answer` says, which is told how many came before.
    pub(crate) fn start(answer: impl Fn(&Request, usize) -> Reply + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read(&stream);
                let before = {
                    let mut seen = seen.lock().expect("nobody panics with it");
                    seen.push(request.clone());
                    seen.len() - 1
                };
                write(stream, answer(&request, before));
            }
        });
        Server { address, asked }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

fn read(mut stream: &TcpStream) -> Request {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        text.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    Request { path, headers: text.to_ascii_lowercase() }
}

fn write(mut stream: TcpStream, reply: Reply) {
    // A client that has left is one of the things tested.
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Reply::Hang(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.read(&mut [0]);
        }
    }
}
