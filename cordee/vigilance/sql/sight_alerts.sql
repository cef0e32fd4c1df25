-- An alert is read by who may know of her care, and by the structure that answers for it, while it
-- follows her. What the detector remembers is read by the house alone.
SELECT access_lock('vigilance_alert', $$vigilance_reader_is_told(person_id, organization_id, NULL)$$);
SELECT access_lock('vigilance_watch', $$false$$);
