-- Being looked at more closely tells of care: who may know of her care reads it.
SELECT access_lock('vigilance_reinforcedfollowup',
    $$people_reader_knows(person_id, 'coordination') AND people_reader_knows(person_id, 'care')$$);
