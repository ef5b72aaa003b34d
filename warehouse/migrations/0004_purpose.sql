-- What an answer was asked for; before, there was one purpose only.
ALTER TABLE answer ADD COLUMN purpose VARCHAR DEFAULT 'considerations';
ALTER TABLE answer ADD COLUMN subject VARCHAR DEFAULT '';
