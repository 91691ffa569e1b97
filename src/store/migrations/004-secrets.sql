-- Secrets of the server itself, by name: `sealed` opens with the key that `key_id` names.
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
