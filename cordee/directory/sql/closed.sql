-- Nothing new hangs from what is closed. Who comes while it is being closed waits, then is refused.
CREATE FUNCTION directory_refuse_the_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent uuid := to_jsonb(NEW) ->> TG_ARGV[1];
    closed date;
BEGIN
    EXECUTE format('SELECT closed_on FROM %I WHERE id = $1 FOR SHARE', TG_ARGV[0])
        INTO closed USING parent;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION '% is closed', TG_ARGV[0]
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[2];
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hangs_from_what_is_open BEFORE INSERT OR UPDATE OF pole_id ON directory_shift
    FOR EACH ROW EXECUTE FUNCTION directory_refuse_the_closed(
        'directory_pole', 'pole_id', 'directory_shift_is_of_an_open_pole');
CREATE TRIGGER hangs_from_what_is_open BEFORE INSERT ON directory_handover
    FOR EACH ROW EXECUTE FUNCTION directory_refuse_the_closed(
        'directory_pole', 'pole_id', 'directory_handover_is_of_an_open_pole');
CREATE TRIGGER hangs_from_what_is_open BEFORE INSERT OR UPDATE OF sector_id ON directory_sectorcommune
    FOR EACH ROW EXECUTE FUNCTION directory_refuse_the_closed(
        'directory_sector', 'sector_id', 'directory_sector_commune_is_of_an_open_sector');
CREATE TRIGGER hangs_from_what_is_open BEFORE INSERT ON directory_territorycommune
    FOR EACH ROW EXECUTE FUNCTION directory_refuse_the_closed(
        'directory_territory', 'territory_id', 'directory_territory_commune_is_of_an_open_territory');
CREATE TRIGGER hangs_from_what_is_open BEFORE INSERT OR UPDATE OF territory_id ON directory_organization
    FOR EACH ROW WHEN (NEW.territory_id IS NOT NULL) EXECUTE FUNCTION directory_refuse_the_closed(
        'directory_territory', 'territory_id', 'directory_organization_is_of_an_open_territory');
