-- Persons follow their commune: when it joins another, they are there from then on, in the transaction
-- that says so. An absorbed record changes no more.
CREATE FUNCTION people_follow_commune() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE people_person AS person SET commune_id = arrived.commune_id, updated_at = clock_timestamp()
    FROM arrived JOIN directory_commune AS past ON past.code = arrived.code AND NOT past.is_current
    WHERE person.commune_id = arrived.code AND person.merged_into_id IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER takes_persons_along AFTER INSERT ON directory_othercode
    REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION people_follow_commune();
