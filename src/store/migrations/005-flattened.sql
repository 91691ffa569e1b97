-- Addresses that stand for CNAME records which are not served as such, by the name they were looked up for.
CREATE TABLE flattened (target TEXT PRIMARY KEY, object TEXT NOT NULL) STRICT, WITHOUT ROWID;
