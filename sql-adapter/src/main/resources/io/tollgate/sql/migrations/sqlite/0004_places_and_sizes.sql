-- Where in a workflow something failed, ["node", "class"], and how large pictures and films are.
ALTER TABLE job ADD COLUMN failure_place TEXT;
ALTER TABLE attempt ADD COLUMN failure_place TEXT;
ALTER TABLE output ADD COLUMN width INTEGER CHECK (width > 0);
ALTER TABLE output ADD COLUMN height INTEGER CHECK (height > 0);

-- //@UNDO
ALTER TABLE output DROP COLUMN height;
ALTER TABLE output DROP COLUMN width;
ALTER TABLE attempt DROP COLUMN failure_place;
ALTER TABLE job DROP COLUMN failure_place;
