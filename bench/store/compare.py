"""Fifty clients that each wait for their durable commit, beside pgbench: bar P14, in wall time, in turn.

    python3 bench/store/compare.py [ROUNDS]

Needs PostgreSQL's server programs and pgbench; run by root, the server runs as the user postgres. The server keeps its
data beside ours, in ALLUSE_BENCH_DIR or the system's temporary folder, with its own defaults: fsync and
synchronous_commit on. Each of its clients inserts one row of 400 bytes a transaction. Prints the median, lowest and
highest of both and of the ratio of each round.
"""

import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 11
SECONDS = 3
CLIENTS = 50


def program(name):
    """A program of PostgreSQL's, newest version first."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = found[-1] if found else shutil.which(name)
    if not path:
        sys.exit(f"{name} is not installed: it comes with PostgreSQL")
    return str(path)


class Server:
    """A server of its own in a new folder, stopped and removed at the end."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data = str(self.folder / "data")
        self.run([program("initdb"), "-A", "trust", "-D", self.data])
        options = f"-k {self.folder} -c listen_addresses= -c max_connections={CLIENTS + 10}"
        log = str(self.folder / "log")
        self.run([program("pg_ctl"), "-w", "-D", self.data, "-l", log, "-o", options, "start"])
        table = "CREATE TABLE journal (id bigserial PRIMARY KEY, bytes bytea NOT NULL)"
        self.run([program("psql"), "-h", str(self.folder), "-d", "postgres", "-c", table])
        self.script = self.folder / "insert.sql"
        self.script.write_text("INSERT INTO journal (bytes) VALUES (decode(repeat('5a', 400), 'hex'));\n")

    def run(self, command):
        user = {"user": "postgres"} if os.getuid() == 0 else {}
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **user)
        if done.returncode:
            sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def commits(self):
        command = [program("pgbench"), "-n", "-h", str(self.folder), "-c", str(CLIENTS), "-j", "2"]
        said = self.run([*command, "-T", str(SECONDS), "-f", str(self.script), "postgres"])
        return float(re.search(r"tps = ([0-9.]+)", said).group(1))

    def stop(self):
        self.run([program("pg_ctl"), "-D", self.data, "-m", "immediate", "stop"])


def ours():
    command = ["cargo", "bench", "-q", "-p", "adapters", "--bench", "store", "--", "P14"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"([0-9]+) commits/s", said).group(1))


def main():
    ours()  # builds
    with tempfile.TemporaryDirectory(dir=os.environ.get("ALLUSE_BENCH_DIR")) as folder:
        server = Server(folder)
        try:
            pairs = [(ours(), server.commits()) for _ in range(ROUNDS)]
        finally:
            server.stop()
    columns = {
        "this journal, commits/s": [ours for ours, _ in pairs],
        "PostgreSQL, commits/s": [theirs for _, theirs in pairs],
        "ours / PostgreSQL": [ours / theirs for ours, theirs in pairs],
    }
    for name, values in columns.items():
        digits = 2 if "/ P" in name else 0
        middle, low, high = statistics.median(values), min(values), max(values)
        print(f"{name:<26} {middle:>10.{digits}f}  ({low:.{digits}f} to {high:.{digits}f} in {ROUNDS} rounds)")


main()
