-- What a primary keeps beside its zones.
CREATE TABLE outgoing (zone_id TEXT PRIMARY KEY, name TEXT NOT NULL, object TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE zone_dns_settings (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE account_dns_settings (account_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE hold (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  zone_id TEXT,
  object TEXT NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit (account_id, id);
CREATE INDEX audit_zone ON audit (zone_id, id);
CREATE INDEX audit_at ON audit (at);
