-- From format 1, where every role that ran folders wrote the tables itself. What was recorded stays; it has no digest.

COMMENT ON SCHEMA leora_run IS 'History and undo journal of leora-run, format 2';
DROP VIEW leora_run.step;
ALTER TABLE leora_run.run ADD COLUMN writes jsonb, ADD COLUMN digest bytea;
ALTER TABLE leora_run.transition ADD COLUMN digest bytea, ADD COLUMN table_oid oid;
ALTER TABLE leora_run.transition RENAME TO journal;
ALTER INDEX leora_run.transition_run_idx RENAME TO journal_run_idx;
ALTER TABLE leora_run.journal RENAME CONSTRAINT transition_run_fkey TO journal_run_fkey;
