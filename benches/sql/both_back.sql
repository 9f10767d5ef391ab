-- What an undo of two rules is compared with: both columns put back by one plain UPDATE, without a journal, on the table as
-- the first UPDATE has left it.
UPDATE "Customer" SET "accountType" = NULL, "website" = NULL WHERE "accountType" IS NOT NULL;
