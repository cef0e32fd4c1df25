from django.db import migrations

# Each change of a column is between a state and the next, and names the gesture that made it. What
# a gesture of administration said last of a column is a correction, unless it left it empty, as
# its form then emptied postal codes, or wrote the same number in another way.
MARK = r"""
SELECT set_config('cordee.gesture',
    '{"actor": {"role": "system"}, "verb": "directory.mark_corrections", "origin": "job"}', true);
WITH known AS (
    SELECT record_id, version, gesture->>'verb' AS verb, state
    FROM access_previous_state
    WHERE table_name = 'directory_organization' AND record_id IN (
        SELECT record_id FROM access_previous_state WHERE table_name = 'directory_organization'
            AND gesture->>'verb' = 'directory.change_organization')
), pairs AS (
    SELECT record_id, version, verb, state AS was, coalesce(
        lead(state) OVER (PARTITION BY record_id ORDER BY version),
        (SELECT to_jsonb(held) FROM directory_organization held WHERE held.id = record_id)) AS said
    FROM known
), changed AS (
    SELECT DISTINCT ON (record_id, one) record_id, one, verb, said->>one AS word
    FROM pairs, unnest(
        ARRAY['name', 'kind', 'address', 'postal_code', 'commune_id', 'phone']) AS one
    WHERE CASE WHEN one = 'phone'
        THEN right(regexp_replace(coalesce(was->>one, ''), '\D', '', 'g'), 9)
            <> right(regexp_replace(coalesce(said->>one, ''), '\D', '', 'g'), 9)
        ELSE was->>one IS DISTINCT FROM said->>one END
    ORDER BY record_id, one, version DESC
), corrected AS (
    SELECT record_id, array_agg(one) AS columns FROM changed
    WHERE verb = 'directory.change_organization'
        AND (one <> 'postal_code' OR coalesce(word, '') <> '')
    GROUP BY record_id
)
UPDATE directory_organization held SET corrected = ARRAY(
    SELECT one FROM unnest(
        ARRAY['name', 'kind', 'address', 'postal_code', 'commune_id', 'phone']) AS one
    WHERE one = ANY (held.corrected || corrected.columns))
FROM corrected WHERE corrected.record_id = held.id AND NOT corrected.columns <@ held.corrected;
SELECT set_config('cordee.gesture', '', true);
"""


class Migration(migrations.Migration):
    """What administration corrected before `0009` is marked too, where its states are still kept.

    What was typed when a structure was made here left no state, and is not told from the rest.
    """

    dependencies = [
        ("directory", "0012_stopped_mobiles"),
        ("access", "0012_when_an_account_closed"),
    ]
    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
