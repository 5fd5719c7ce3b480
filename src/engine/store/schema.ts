/**
 * Migration i brings a database from `user_version` i to i + 1; one that was released is never edited. Blobs lie in rows of
 * about 1 MB, so that a stretch of a tensor is read without the rest; `used` is when it was last asked for, in
 * milliseconds since 1970.
 */
export const migrations: readonly string[] = [
  /* sql */ `
  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    card TEXT NOT NULL,
    overview BLOB NOT NULL,
    used INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE files (
    identity TEXT PRIMARY KEY, -- device:inode:size:mtime
    hash TEXT NOT NULL
  ) STRICT;

  CREATE TABLE models (
    id TEXT PRIMARY KEY,
    folder TEXT NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    card TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_used ON runs (used);

  CREATE TABLE tensors (
    key INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    tap TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,
    axes TEXT NOT NULL,
    chunk_rows INTEGER NOT NULL,
    UNIQUE (run, tap)
  ) STRICT;

  CREATE TABLE chunks (
    tensor INTEGER NOT NULL REFERENCES tensors ON DELETE CASCADE,
    number INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (tensor, number)
  ) STRICT;
  `,
  /* sql */ `
  CREATE TABLE verdicts (
    model TEXT NOT NULL, -- hash
    provider TEXT NOT NULL,
    device TEXT NOT NULL,
    onnxruntime TEXT NOT NULL,
    otoscope TEXT NOT NULL,
    at TEXT NOT NULL,
    card TEXT NOT NULL,
    PRIMARY KEY (model, provider, device, onnxruntime, otoscope)
  ) STRICT;
  `,
  /* sql */ `
  CREATE TABLE proofs (
    model TEXT NOT NULL, -- hash
    otoscope TEXT NOT NULL,
    card TEXT NOT NULL,
    PRIMARY KEY (model, otoscope)
  ) STRICT;
  `,
  /* sql */ `
  CREATE INDEX runs_model ON runs (card ->> '$.model.hash');
  `,
  /* sql */ `
  CREATE TABLE regions (
    recording TEXT NOT NULL, -- hash: what a person marked outlasts the recording's card
    id TEXT NOT NULL,
    start REAL NOT NULL,
    card TEXT NOT NULL,
    PRIMARY KEY (recording, id)
  ) STRICT;
  `,
  /* sql */ `
  CREATE TABLE coarse ( -- spectrograms of whole recordings (signal/coarse-spectrogram.ts)
    recording TEXT NOT NULL,
    number INTEGER NOT NULL,
    hop INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (recording, number)
  ) STRICT;
  CREATE TRIGGER recordings_coarse AFTER DELETE ON recordings BEGIN
    DELETE FROM coarse WHERE recording = old.id;
  END;
  `,
  /* sql */ `
  CREATE TABLE overviews ( -- parts of a recording's overview, 4 MB at most (audio/overview.ts)
    recording TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (recording, number)
  ) STRICT;
  INSERT INTO overviews
    SELECT recordings.id, part.value, substr(overview, 1 + part.value * (length(overview) / 4), length(overview) / 4)
    FROM recordings, json_each('[0, 1, 2, 3]') AS part;
  ALTER TABLE recordings DROP COLUMN overview;
  CREATE TRIGGER recordings_overviews AFTER DELETE ON recordings BEGIN
    DELETE FROM overviews WHERE recording = old.id;
  END;
  `,
]
