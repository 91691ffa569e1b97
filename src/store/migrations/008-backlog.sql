-- Differences up to this number are handed on to nobody: they do not tell all that has changed for whoever has the zone.
ALTER TABLE base ADD COLUMN backlog_number INTEGER NOT NULL DEFAULT 0;
-- Of what lies behind it is not known whether a zone has changed hands on the way.
UPDATE base SET backlog_number =
  max(difference_number, coalesce((SELECT max(number) FROM difference WHERE base_id = base.id), 0));
