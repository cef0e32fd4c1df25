-- A meeting is read as the organisation of her care; its lines and decisions by what they tell.
SELECT access_lock('meetings_meeting', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('meetings_seat',
    'EXISTS (SELECT FROM meetings_meeting meeting WHERE meeting.id = meeting_id)');
SELECT access_lock('meetings_topic', $$
    EXISTS (SELECT FROM meetings_meeting meeting WHERE meeting.id = meeting_id
        AND plans_reader_is_told(meeting.person_id, category, author_id))$$);
SELECT access_lock('meetings_decision', $$
    EXISTS (SELECT FROM meetings_meeting meeting WHERE meeting.id = meeting_id
        AND plans_reader_is_told(meeting.person_id, category, author_id))$$);

-- A dilemma: its author and who took part, while they know her, never through the emergency door.
-- Each of its two tables asks the other: the function of the owner reads both.
CREATE FUNCTION meetings_reader_takes_part(the_dilemma uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'
        AND EXISTS (SELECT FROM meetings_dilemma dilemma WHERE dilemma.id = the_dilemma
            AND (dilemma.author_id = access_reader_account() OR EXISTS (
                SELECT FROM meetings_dilemmaseat seat
                WHERE seat.dilemma_id = the_dilemma AND seat.account_id = access_reader_account()))
            AND people_reader_knows(dilemma.person_id, 'coordination'));
END $$;
SELECT access_lock('meetings_dilemma', 'meetings_reader_takes_part(id)');
SELECT access_lock('meetings_dilemmaseat', 'meetings_reader_takes_part(dilemma_id)');
