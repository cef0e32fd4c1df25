-- A plan is read as the organisation of her care. Each of its lines by what it tells, and by who wrote it;
-- what is written under a line that is read, by what it tells, and by who wrote that, not the line.
CREATE FUNCTION plans_reader_is_told(the_person uuid, the_category text, the_author uuid)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        the_category = 'coordination'
        OR public.people_reader_knows(the_person, the_category)
        OR (the_author = public.access_reader_account()
            AND coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'));
END $$;

SELECT access_lock('plans_careplan', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('plans_alertstep',
    'EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id)');
SELECT access_lock('plans_planversion',
    'EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id)');
SELECT access_lock('plans_review',
    'EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id)');
SELECT access_lock('plans_agreement',
    'EXISTS (SELECT FROM plans_planversion frozen WHERE frozen.id = frozen_id)');
SELECT access_lock('plans_need', $$
    EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id
        AND plans_reader_is_told(plan.person_id, category, author_id))$$);
SELECT access_lock('plans_goal', $$
    EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id
        AND plans_reader_is_told(plan.person_id, category, author_id))$$);
SELECT access_lock('plans_activity', $$
    EXISTS (SELECT FROM plans_careplan plan WHERE plan.id = plan_id
        AND plans_reader_is_told(plan.person_id, category, author_id))$$);
SELECT access_lock('plans_actionanswer', $$
    EXISTS (SELECT FROM plans_activity activity
        JOIN plans_careplan plan ON plan.id = activity.plan_id
        WHERE activity.id = activity_id
            AND plans_reader_is_told(plan.person_id, activity.category, answered_by_id))$$);
SELECT access_lock('plans_goalreview', $$
    EXISTS (SELECT FROM plans_goal goal, plans_review review
        JOIN plans_careplan plan ON plan.id = review.plan_id
        WHERE goal.id = goal_id AND review.id = review_id
            AND plans_reader_is_told(plan.person_id, goal.category, review.recorded_by_id))$$);
SELECT access_lock('plans_versionpart', $$
    EXISTS (SELECT FROM plans_planversion frozen
        JOIN plans_careplan plan ON plan.id = frozen.plan_id
        WHERE frozen.id = frozen_id
            AND plans_reader_is_told(plan.person_id, category, author_id))$$);
