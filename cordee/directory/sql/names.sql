-- Names of communes as people type them: « St », « Ste » written in full.
CREATE FUNCTION directory_place_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT regexp_replace(regexp_replace(cordee_fold(name),
        '\mst\M', 'saint', 'g'), '\mste\M', 'sainte', 'g')
$$;

-- The same without its article: one looks for « Abergement », « Fare », « Ciotat ».
CREATE FUNCTION directory_bare_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT regexp_replace(directory_place_key(name), '^(l|la|le|les) ', '')
$$;

-- A range of one identifier: lets an exclusion constraint say « the same one » without any
-- extension (the embedded server has no btree_gist).
CREATE TYPE uuidrange AS RANGE (SUBTYPE = uuid);
CREATE TYPE textrange AS RANGE (SUBTYPE = text);
