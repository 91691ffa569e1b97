-- What is answered in place of records that were transferred, all of a zone in one object.
CREATE TABLE overrides (zone_id TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
