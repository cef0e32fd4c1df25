-- The files of exports, and whom they told of, are read by the house alone: a client is given its
-- own once the door has found its export.
SELECT access_lock('fhir_exportpart', $$false$$);
SELECT access_lock('fhir_exportedperson', $$false$$);
