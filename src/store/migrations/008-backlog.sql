-- Differences up to this number are handed on to nobody: they do not tell all that has changed for whoever has the zone.
ALTER TABLE base ADD COLUMN backlog_number INTEGER NOT NULL DEFAULT 0;
