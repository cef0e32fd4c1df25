-- Hold the heads of threads, for who writes rows before it says them there: whoever writes in one of
-- these threads waits meanwhile. In one order for all, as kernel_append_set takes them. A thread in
-- which nothing was said yet has no head to hold. For the application alone: `arm` gives it the right.
CREATE FUNCTION kernel_hold_heads(chains uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM kernel_thread_head WHERE chain_id = ANY (chains) ORDER BY chain_id FOR UPDATE;
END $$;
REVOKE EXECUTE ON FUNCTION kernel_hold_heads FROM PUBLIC;
