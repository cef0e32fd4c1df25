-- Who looked, for an application that was opened for one person: at that person alone, whatever the
-- one who opened it may know, and of what they did themselves.
SELECT access_lock('access_trace', $$
    ((SELECT access_reader()) = 'dpo' OR account_id = (SELECT access_reader_account())
        OR persons && (SELECT people_family(people_reader_voices())))
    AND ((SELECT coalesce(current_setting('cordee.reader_only', true), '')) = ''
        OR persons && (SELECT people_family(ARRAY[
            nullif(current_setting('cordee.reader_only', true), '')::uuid])))$$);
