-- What an undo of the UPDATE can't be below: the values put back by one plain UPDATE, without a journal, on the table as
-- the first UPDATE has left it.
UPDATE "Customer" SET "accountType" = NULL WHERE "accountType" IS NOT NULL;
