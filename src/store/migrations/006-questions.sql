-- How often what was asked of a zone, one row per hour. The rows of the hour are packed like contents of zones.
CREATE TABLE question_hour (
  id INTEGER PRIMARY KEY,
  zone_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  contents BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX question_hour_zone ON question_hour (zone_id, at);
CREATE INDEX question_hour_at ON question_hour (at);
