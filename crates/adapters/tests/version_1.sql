-- The tables of a journal file of version 1, as programs before wrote them.
PRAGMA page_size = 8192;
PRAGMA application_id = 1095521619;
PRAGMA user_version = 1;

CREATE TABLE journal_row (
  portfolio   INTEGER NOT NULL CHECK (portfolio BETWEEN 0 AND 4294967295),
  row         INTEGER NOT NULL CHECK (row >= 1),
  first_event INTEGER NOT NULL CHECK (first_event >= 1),
  events      INTEGER NOT NULL CHECK (events BETWEEN 1 AND 4294967295),
  bytes       BLOB    NOT NULL,
  digest      BLOB    NOT NULL CHECK (length(digest) = 32),
  chain       BLOB    NOT NULL CHECK (length(chain) = 32),
  PRIMARY KEY (portfolio, row)
) STRICT;

CREATE TRIGGER journal_row_never_changes BEFORE UPDATE ON journal_row
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER journal_row_never_goes BEFORE DELETE ON journal_row
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;
