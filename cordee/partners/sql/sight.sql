-- What somebody allowed is read by them alone: it may name whom an application was opened for.
SELECT access_lock('partners_grant', $$account_id = (SELECT access_reader_account())$$);
-- Keys and codes are read by the house alone, before anybody is known.
SELECT access_lock('partners_token', $$false$$);
SELECT access_lock('partners_code', $$false$$);
