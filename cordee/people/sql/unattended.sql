-- A merge moves what hangs from a person, whoever decided it; undoing it moves it back.
CREATE OR REPLACE FUNCTION people_is_merging() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.gesture', true), '')::jsonb->>'verb', '')
        IN ('people.merge', 'people.merge_unattended', 'people.undo_merge')
$$;

-- How many records were brought together by nobody under a setting, and how many were parted again:
-- two figures for who sets it, who may see none of these records.
CREATE FUNCTION people_unattended_merges(the_setting uuid, OUT done integer, OUT undone integer)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*)::int, count(undone_at)::int FROM people_merge WHERE unattended_id = the_setting
$$;
