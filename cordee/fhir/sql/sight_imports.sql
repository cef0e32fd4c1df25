-- What imports bring, what was refused of them and what they call resources are read by the house
-- alone: a client is given its own refusals once the door has found its import.
SELECT access_lock('fhir_importfile', $$false$$);
SELECT access_lock('fhir_importpart', $$false$$);
SELECT access_lock('fhir_importedkey', $$false$$);
