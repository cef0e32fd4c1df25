-- A pathway and its ruptures are read as the organisation of her care; its clock with it.
SELECT access_lock('protocols_pathway', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('protocols_clock',
    'EXISTS (SELECT FROM protocols_pathway pathway WHERE pathway.id = pathway_id)');
SELECT access_lock('protocols_rupture',
    'EXISTS (SELECT FROM protocols_pathway pathway WHERE pathway.id = pathway_id)');
