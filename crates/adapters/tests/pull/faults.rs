//! Hosts that fail: what is tried again and when, what is given up, and that the folder stays as it is.

use std::time::Duration;

use super::server::{Reply, Server, ok, status, with_headers};
use super::vendor;
use super::{Bench, bars};

type Script = fn(usize, &str) -> Reply;

/// A host that does `script` with the sound answer; how it ended, and the seconds that were waited.
fn pulled(script: Script) -> (Result<(), String>, Vec<u64>, usize) {
    let server = Server::start(move |request, before| {
        script(before, &vendor::answer(&request.path).expect("the vendor knows it"))
    });
    let bench = Bench::new();
    let mut sources = vendor::sources(&server.address);
    sources.manners.timeout = Duration::from_millis(300);
    sources.manners.largest = 100_000;
    let ended = bench.pull(&sources, &bars(&["SPY"])).map(drop).map_err(|error| error.to_string());
    assert!(bench.snapshot().is_empty(), "nothing is in the folder");
    (ended, bench.clock.seconds_waited(), server.asked().len())
}

fn cut(body: &str) -> Reply {
    let length = body.len() + 10;
    Reply::Bytes(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into())
}

#[test]
fn what_passes_is_tried_again_by_a_fixed_schedule() {
    let scripts: [(&str, Script, &[u64]); 8] = [
        ("500, then good", |n, body| if n == 0 { status(500, "") } else { ok(body) }, &[1]),
        ("503 three times", |n, body| if n < 3 { status(503, "") } else { ok(body) }, &[1, 2, 4]),
        ("429 in seconds", |n, body| if n == 0 { status(429, "retry-after: 7\r\n") } else { ok(body) }, &[7]),
        (
            "503 until a date",
            |n, body| if n == 0 { status(503, "retry-after: Sun, 09 Jun 2024 12:00:30 GMT\r\n") } else { ok(body) },
            &[30],
        ),
        ("cut off", |n, body| if n == 0 { cut(&body[..500]) } else { ok(body) }, &[1]),
        ("the line broke", |n, body| if n == 0 { Reply::Bytes(Vec::new()) } else { ok(body) }, &[1]),
        (
            "a trickle",
            |n, body| {
                if n == 0 { Reply::Hang(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{".into()) } else { ok(body) }
            },
            &[1],
        ),
        ("no status at all", |n, body| if n == 0 { Reply::Bytes(b"hello\r\n\r\n".into()) } else { ok(body) }, &[1]),
    ];
    for (what, script, waits) in scripts {
        let (ended, waited, asked) = pulled(script);
        assert_eq!(ended, Ok(()), "{what}");
        // Between two requests the host's gap is kept, too; it is no longer than any wait.
        assert_eq!(waited, waits, "{what}");
        assert_eq!(asked, waits.len() + 1, "{what}");
    }
}

#[test]
fn what_stays_is_given_up_with_the_reason() {
    let scripts: [(&str, Script, usize, &str); 8] = [
        ("gone", |_, _| status(404, ""), 1, "the host answered 404; expected 200"),
        ("forbidden", |_, _| status(403, ""), 1, "the host answered 403"),
        ("500 for ever", |_, _| status(500, ""), 4, "4 tries failed; the last: the host answered 500"),
        ("later", |_, _| status(429, "retry-after: 86400\r\n"), 1, "asks to wait 86400 seconds"),
        ("packed", |_, body| with_headers(body, "content-encoding: gzip\r\n"), 1, "the answer is packed (gzip)"),
        ("too much", |_, body| ok(&body.repeat(40)), 1, "more than 100000 bytes"),
        ("in a circle", |_, _| status(302, "location: /chart/SPY?x\r\n"), 6, "redirect"),
        (
            "cut off without a length",
            |_, body| Reply::Bytes(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", &body[..501]).into()),
            4,
            "the last: the answer was cut off",
        ),
    ];
    for (what, script, asked, said) in scripts {
        let (ended, _, times) = pulled(script);
        let error = ended.expect_err(what);
        assert!(error.contains("http://127.0.0.1:") && error.contains(said), "{what}: {error}");
        assert_eq!(times, asked, "{what}");
    }
}

#[test]
fn one_that_sends_on_is_followed_and_named() {
    let (ended, _, asked) =
        pulled(|n, body| if n == 0 { status(301, "location: /chart/SPY?moved\r\n") } else { ok(body) });
    assert_eq!((ended, asked), (Ok(()), 2));
}

#[test]
fn no_host_that_is_not_secure_is_asked() {
    let bench = Bench::new();
    let sources = vendor::sources("http://data.example");
    let error = bench.pull(&sources, &bars(&["SPY"])).unwrap_err().to_string();
    assert!(error.contains("expected an address that begins with https://"), "{error}");
}

/// Whatever the machine trusts, a host that does not speak TLS is refused, and nothing is asked of it in the clear.
#[test]
fn a_host_that_cannot_prove_who_it_is_is_refused() {
    let server = Server::start(|_, _| ok("never"));
    let bench = Bench::new();
    let mut sources = vendor::sources(&server.address.replace("http://", "https://"));
    (sources.manners.timeout, sources.manners.tries) = (Duration::from_millis(300), 1);
    let error = bench.pull(&sources, &bars(&["SPY"])).unwrap_err().to_string();
    assert!(error.starts_with("https://127.0.0.1"), "{error}");
    assert!(server.asked().iter().all(|request| request.path.is_empty() || !request.path.contains("SPY")));
}

#[test]
fn a_refused_answer_is_not_kept_so_that_the_next_pull_asks_again() {
    let server = Server::start(|request, before| match vendor::answer(&request.path) {
        Some(body) if before > 0 => ok(&body),
        _ => ok("<html><body>We are moving house</body></html>\n"),
    });
    let bench = Bench::new();
    let sources = vendor::sources(&server.address);
    let error = bench.pull(&sources, &bars(&["SPY"])).unwrap_err().to_string();
    assert!(error.contains("/chart/SPY") && error.contains("We are") && error.contains("expected a chart"), "{error}");
    assert!(bench.pull(&sources, &bars(&["SPY"])).is_ok());
}
