CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT NOT NULL, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE account_dns_settings (account_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE acl (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  object TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  zone_id TEXT,
  object TEXT NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit (account_id, id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_zone ON audit (zone_id, id);
CREATE TABLE base (
  id INTEGER PRIMARY KEY,
  zone_id TEXT NOT NULL UNIQUE,
  serial INTEGER NOT NULL,
  soa BLOB NOT NULL,
  record_count INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- Differences up to this number are part of the base.
  difference_number INTEGER NOT NULL,
  -- A short zone is one row: its only segment stands here, and base_segment has nothing of it.
  only_owner BLOB,
  only_segment BLOB
, backlog_number INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE base_segment (
  base_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  segment_id INTEGER NOT NULL,
  first_owner BLOB NOT NULL,
  record_count INTEGER NOT NULL,
  PRIMARY KEY (base_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX base_segment_segment ON base_segment (segment_id);
CREATE TABLE difference (
  base_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  from_serial INTEGER NOT NULL,
  to_serial INTEGER NOT NULL,
  record_count INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  -- Sums since the base, this one included.
  count_since INTEGER NOT NULL,
  octets_since INTEGER NOT NULL,
  at INTEGER NOT NULL,
  soa BLOB NOT NULL,
  contents BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX difference_number ON difference (base_id, number);
CREATE TABLE flattened (target TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE hold (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE incoming (zone_id TEXT PRIMARY KEY, name TEXT NOT NULL, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outgoing (zone_id TEXT PRIMARY KEY, name TEXT NOT NULL, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE overrides (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE peer (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  object TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE question_hour (
  id INTEGER PRIMARY KEY,
  zone_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  contents BLOB NOT NULL
) STRICT;
CREATE INDEX question_hour_at ON question_hour (at);
CREATE UNIQUE INDEX question_hour_zone ON question_hour (zone_id, at);
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  octets INTEGER NOT NULL,
  contents BLOB NOT NULL
) STRICT;
CREATE TABLE setting (name TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE timers (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  object TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_hash ON token (hash);
CREATE TABLE transfer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  zone_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  object TEXT NOT NULL
) STRICT;
CREATE INDEX transfer_at ON transfer (at);
CREATE INDEX transfer_zone ON transfer (zone_id, id);
CREATE TABLE tsig (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  object TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE user (id TEXT PRIMARY KEY, email TEXT NOT NULL, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE zone (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  object TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE zone_dns_settings (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX zone_name ON zone (name);
