-- Why a record was opened in an emergency is care: a relative is told of it with care alone, or when
-- they hold the voice of whom it is about. (Who coordinates and who orients is to tell her: they see
-- when and by whom; the first lock keeps the words.)
SELECT access_lock('people_emergencygrant', $$
    account_id = (SELECT access_reader_account()) OR (SELECT access_reader()) = 'dpo'
    OR ((SELECT access_reader()) = 'coordinator'
        AND examiner_id = ANY (access_reader_organizations()))
    OR ((SELECT access_reader()) IN ('coordinator', 'orienteuse', 'person')
        AND people_reader_knows(person_id, 'coordination'))
    OR ((SELECT access_reader()) = 'relative'
        AND (people_reader_knows(person_id, 'care')
            OR (person_id = ANY ((SELECT people_reader_voices())::uuid[])
                AND people_reader_knows(person_id, 'coordination'))))$$);
