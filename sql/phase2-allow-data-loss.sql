-- Tells the rollback files, for this transaction only, that tables and columns may be dropped with what they hold.
SELECT set_config('leora.allow_data_loss', 'true', true);
