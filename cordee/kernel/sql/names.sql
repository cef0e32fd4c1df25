-- Names as people type them: no case, no accent, œ as oe, one space between words.
CREATE FUNCTION cordee_fold(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT btrim(regexp_replace(
        replace(replace(lower(regexp_replace(
            normalize(name, NFD), '[\u0300-\u036f]', '', 'g')), 'œ', 'oe'), 'æ', 'ae'),
        '[^a-z0-9]+', ' ', 'g'))
$$;
