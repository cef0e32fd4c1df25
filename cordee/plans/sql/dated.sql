-- The date of a plan is of what is told: moved by what few read, it would tell everybody of the rest.
CREATE OR REPLACE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON plans_careplan
    FOR EACH ROW EXECUTE FUNCTION access_keep_history('dated by its services');
