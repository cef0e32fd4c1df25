-- What a partner asked to be told is read by the account in whose name it asked. What it is to be told names
-- persons: the house alone reads it, and judges each line before it leaves.
SELECT access_lock('partners_subscription', $$account_id = (SELECT access_reader_account())$$);
SELECT access_lock('partners_tally', $$false$$);
SELECT access_lock('partners_delivery', $$false$$);
