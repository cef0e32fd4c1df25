-- Identifiers of rows brought in by the million: a UUID of version 7 (RFC 9562, method 1) whose
-- counter is the row's rank, so that one import fills its indexes in order instead of at random.
CREATE FUNCTION directory_uuid7(moment timestamptz, rank bigint) RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || lpad(to_hex(rank >> 12 & 4095), 3, '0')
        || '8' || lpad(to_hex(rank & 4095), 3, '0')
        || lpad(to_hex((random() * 281474976710655)::bigint), 12, '0'))::uuid
$$
