-- What was passed is read with the pathway.
SELECT access_lock('protocols_passage',
    'EXISTS (SELECT FROM protocols_pathway pathway WHERE pathway.id = pathway_id)');
