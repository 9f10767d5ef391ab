-- What leora-run remembers of its runs, in a schema of its own: to Prisma, another schema is no drift.
-- Created by the first run, in the run's own transaction. Only its functions write it, for those who are not its owner:
-- they write a run for the role that started it, and journal only columns that this role may change.

CREATE SCHEMA leora_run;
COMMENT ON SCHEMA leora_run IS 'History and undo journal of leora-run, format 2';

CREATE TABLE leora_run.run (
  id           uuid        PRIMARY KEY,
  number       bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,   -- a later run has a larger one
  folder       text        NOT NULL,
  title        text        NOT NULL,
  checksums    jsonb       NOT NULL,     -- SHA-256 of every file, by path
  meanings     jsonb       NOT NULL,     -- the same without comments, white space and line endings
  settings     jsonb       NOT NULL,     -- the settings as they were in force
  as_of        date        NOT NULL,     -- the business date
  started_by   text        NOT NULL,     -- database role
  started_from text        NOT NULL,     -- operating system user and machine
  tool         text        NOT NULL,     -- version of leora-run
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  outcome      text        NOT NULL,     -- done, failed, refused, interrupted
  error        text,
  undoes       uuid        REFERENCES leora_run.run (id),   -- the run that this one put back
  -- Its steps, by their number, as the view below shows them.
  steps        jsonb       NOT NULL DEFAULT '{}',
  -- The rules that it writes in batches, each a transaction of its own, by their place in the run. "began" is the
  -- transaction id from which on rows are newer than the rule's beginning, "kept" the rows that it leaves alone, and why,
  -- "planned" the rows that it was to change when it began.
  batched      jsonb       NOT NULL DEFAULT '{}',
  -- What its folder may set, as "Table.column", and the digest of the run and its journal once it is done. A run of
  -- format 1 has neither.
  writes       jsonb,
  digest       bytea
);

-- The journal: for each rule, which rows went from which old value to which new one.
CREATE TABLE leora_run.journal (
  run          uuid    NOT NULL REFERENCES leora_run.run (id) ON DELETE CASCADE,
  step         integer NOT NULL,
  rule         integer NOT NULL,         -- place of the rule in the run
  table_schema text    NOT NULL,
  table_name   text    NOT NULL,
  column_name  text    NOT NULL,
  old_value    text,
  new_value    text,
  rows         bigint  NOT NULL,
  key_columns  text[]  NOT NULL,
  keys_uuid    uuid[],                   -- the keys of the rows, in the one array that fits their type:
  keys_bigint  bigint[],
  keys_text    text[],                   -- text, or a JSON array for a key of several columns
  digest       bytea,                    -- SHA-256 of all the others
  table_oid    oid                       -- the table itself, whatever it is called later; a run of format 1 does not know it
);
ALTER TABLE leora_run.journal
  REPLICA IDENTITY FULL,                             -- old journals are deleted; where every table is published, that needs one
  ALTER COLUMN keys_uuid SET STORAGE EXTERNAL;       -- random uuids do not compress: trying would only cost time
CREATE INDEX journal_run_idx ON leora_run.journal (run, rule);

CREATE TABLE leora_run.migration (
  name           varchar(255) PRIMARY KEY,   -- as long as Prisma's
  run            uuid         NOT NULL,
  recorded_at    timestamptz  NOT NULL,
  rolled_back_at timestamptz
);
