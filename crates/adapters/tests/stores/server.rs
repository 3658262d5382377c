//! A PostgreSQL server of the test's own: in a temporary folder, on a socket in it, gone with the test.

#![expect(clippy::disallowed_methods, reason = "the programs lie where PATH says")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// What a server says once it can be connected to.
const READY: [&str; 2] = ["ready to accept connections", "ready to accept read-only connections"];

/// A running server.
pub(crate) struct Server {
    programs: PathBuf,
    data: PathBuf,
    child: Child,
    settings: Vec<String>,
    // The socket's folder, removed last.
    folder: TempDir,
}

impl Server {
    /// Starts one, or says that `test` is skipped because there is none to start.
    pub(crate) fn start(test: &str) -> Option<Server> {
        let Some(programs) = programs() else {
            println!("SKIPPED {test}: PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or PATH)");
            return None;
        };
        let folder = folder();
        let data = folder.path().join("data");
        let mut init = as_nobody(&programs.join("initdb"));
        init.arg("-D").arg(&data).args(["-U", "alluse", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        succeed(&mut init);
        let child = run(&programs, &data, folder.path());
        Some(Server { programs, data, child, settings: Vec::new(), folder })
    }

    /// Starts it again, reached through `port` of this machine besides, by encrypted connections alone.
    pub(crate) fn encrypted(mut self, port: u16, certificate: &str, key: &str) -> Server {
        let hba = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        let mut set = |setting: &str, name: &str, text: &str| {
            let file = self.folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            succeed(Command::new("chmod").arg("600").arg(&file));
            if let Some(user) = unprivileged() {
                succeed(Command::new("chown").arg(user).arg(&file));
            }
            self.settings.push(format!("{setting}={}", file.display()));
        };
        set("ssl_cert_file", "server.crt", certificate);
        set("ssl_key_file", "server.key", key);
        set("hba_file", "hba.conf", hba);
        self.settings.extend(["ssl=on".to_owned(), "listen_addresses=127.0.0.1".to_owned(), format!("port={port}")]);
        self.crash();
        self
    }

    /// Another server that follows this one.
    pub(crate) fn standby(&self) -> Server {
        let folder = folder();
        let data = folder.path().join("data");
        let mut copy = as_nobody(&self.programs.join("pg_basebackup"));
        copy.arg("-D").arg(&data).args(["-R", "-X", "stream", "--no-sync", "-c", "fast", "-U", "alluse", "-h"]);
        succeed(copy.arg(self.folder.path()));
        let child = run(&self.programs, &data, folder.path());
        Server { programs: self.programs.clone(), data, child, settings: Vec::new(), folder }
    }

    /// The address of a schema in its database.
    pub(crate) fn address(&self, database: &str, schema: &str) -> String {
        format!("postgres://alluse@/{database}?host={}&schema={schema}", self.folder.path().display())
    }

    /// A session as another program has it.
    pub(crate) fn session(&self, database: &str) -> postgres::Client {
        let host = self.folder.path().to_str().expect("a name in UTF-8");
        let mut config = postgres::Config::new();
        config.host(host).user("alluse").dbname(database).connect(postgres::NoTls).unwrap()
    }

    /// The socket that clients connect to.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// Ends it as a power cut would, as far as a process can, and starts it again over the same files.
    pub(crate) fn crash(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.again();
    }

    /// The children of a killed server let go of its memory a moment later: it is asked until they have.
    fn again(&mut self) {
        loop {
            let mut child = spawn(&self.programs, &self.data, self.folder.path(), &self.settings);
            if is_ready(&mut child) {
                self.child = child;
                return;
            }
            child.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Immediate shutdown: its files are not needed any more.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Where `initdb` and `postgres` lie: the newest of Debian's, or on PATH.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number =
        |path: &Path| path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok());
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| number(path));
    let debian = versions.into_iter().rev().map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = debian.chain(std::env::split_paths(&path)).find(|bin| bin.join("initdb").is_file());
    found.filter(|bin| bin.join("postgres").is_file())
}

/// The user that a program of PostgreSQL runs as where root runs the tests: it refuses root.
fn unprivileged() -> Option<&'static str> {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output().ok().filter(|said| said.status.success());
    let root = id(&["-u"]).is_some_and(|said| said.stdout.trim_ascii() == b"0");
    root.then(|| ["postgres", "nobody"].into_iter().find(|user| id(&["-u", user]).is_some()))?
}

/// A folder that the server's user may use.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("alluse-pg").tempdir().unwrap();
    if let Some(user) = unprivileged() {
        succeed(Command::new("chown").arg(user).arg(folder.path()));
    }
    folder
}

fn as_nobody(program: &Path) -> Command {
    let Some(user) = unprivileged() else { return Command::new(program) };
    let group = Command::new("id").args(["-gn", user]).output().unwrap().stdout;
    let group = String::from_utf8(group).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", group.trim(), "--clear-groups", "--pdeathsig", "INT"]).arg(program);
    command
}

fn succeed(command: &mut Command) {
    let said = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
}

fn spawn(programs: &Path, data: &Path, socket: &Path, settings: &[String]) -> Child {
    let mut command = as_nobody(&programs.join("postgres"));
    command.arg("-D").arg(data).arg("-k").arg(socket);
    // What is durable stays so; nothing listens but the socket, and little memory is taken.
    for setting in ["listen_addresses=", "max_connections=40", "shared_buffers=16MB", "wal_level=replica"] {
        command.args(["-c", setting]);
    }
    command.args(settings.iter().flat_map(|setting| ["-c", setting]));
    command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Reads what the server says until it is ready, and goes on reading so that it never waits; whether it became ready.
fn is_ready(child: &mut Child) -> bool {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let ready = lines.any(|line| READY.iter().any(|ready| line.contains(ready)));
    std::thread::spawn(move || lines.for_each(drop));
    ready
}

fn run(programs: &Path, data: &Path, socket: &Path) -> Child {
    let mut child = spawn(programs, data, socket, &[]);
    assert!(is_ready(&mut child), "the server did not start");
    child
}
