-- What is kept under labels, found by their index: row-level security would have it read all that is
-- kept of a type. Numbers only: the rows themselves are read under the lock.
CREATE FUNCTION fhir_bodies_labelled(the_kind text, the_labels text[]) RETURNS SETOF uuid
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM fhir_keptbody WHERE kind = the_kind AND labels @> the_labels
$$;

CREATE FUNCTION fhir_bodies_labelled_by_any(the_kind text, the_labels text[]) RETURNS SETOF uuid
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM fhir_keptbody WHERE kind = the_kind AND labels && the_labels
$$;
