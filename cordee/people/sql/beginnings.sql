-- What one asks for a word (`people_word_query`), the beginning said otherwise: the word itself, or
-- the word and one more letter as a beginning. A folded name holds a to z and 0 to 9, nothing else
-- (`cordee_fold`), so both meet the same names. But the index reads all whom a beginning meets, as
-- the 28,000 « monique » of a region, and of a whole word only those that the other words meet too.
-- Of one or two letters, few names are the whole: it stays a beginning.
CREATE FUNCTION people_word_apart(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT CASE WHEN length(word) < 3 THEN people_word_query(word) ELSE
        (replace(people_word_query(word)::text, ''':*', '''') || ' | '
        || (SELECT string_agg('''' || word || letter || ''':*', ' | ')
            FROM regexp_split_to_table('abcdefghijklmnopqrstuvwxyz0123456789', '') AS letter)
        )::tsquery END
$$;
