-- A national world, by statements over whole sets; bench/world.py gives the parameters and runs it part by part.
-- Keys: partnerships 1-152, municipalities from 1001, boards from 2001, attendance offices from 3001, other care
-- partners from 4001, sites from 10001, schools from 30001 (that of the first of their sites, plus 20000).

-- == tools

-- Random enough and always the same: a number below `size` that follows from a key and a salt.
CREATE FUNCTION pg_temp.pick(key bigint, salt int, size int) RETURNS int
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN mod(abs(hashint8extended(key, salt) / 2), size)::int;
-- From when what a register file brings of a day counts as known.
CREATE FUNCTION pg_temp.midnight(day date) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN day::timestamp AT TIME ZONE 'Europe/Amsterdam';

-- == partnerships

CREATE TEMP TABLE weight ON COMMIT DROP AS
    SELECT p, CASE WHEN mod(p, 13) = 1 THEN 10 WHEN mod(p, 4) = 0 THEN 3 ELSE 1 END AS weight
    FROM generate_series(1, 152) p;
CREATE TEMP TABLE place ON COMMIT DROP AS
    WITH upto AS (
        SELECT p, weight, sum(weight) OVER (ORDER BY p) AS last, sum(weight) OVER () AS total FROM weight
    )
    SELECT 10000 + s AS site, p AS partnership,
           30000 + CASE WHEN mod(s, 4) = 0 AND lag(p) OVER (ORDER BY s) = p THEN s - 1 ELSE s END AS school,
           (ARRAY['bo', 'bo', 'bo', 'vo', 'bo', 'so', 'vo', 'sbo', 'vso', 'pro'])[1 + mod(s, 10)] AS sector,
           (ARRAY['noord', 'midden', 'zuid'])[1 + mod(p, 3)] AS region,
           1001 + mod(p * 2 + mod(s, 3), 342) AS municipality
    FROM generate_series(1, 9000) s
    JOIN upto ON s * total > (last - weight) * 9000 AND s * total <= last * 9000;
ALTER TABLE place ADD PRIMARY KEY (site);

INSERT INTO schools_organisation (id, kind, number, name, email, added_on)
    SELECT p, 'swv', 'SWV' || to_char(p, 'FM0000'), 'Samenwerkingsverband ' || p, '', DATE '2015-01-01'
    FROM weight
    UNION ALL
    SELECT 1000 + n, 'gemeente', to_char(n, 'FM0000'), 'Gemeente ' || n, '', DATE '2015-01-01'
    FROM generate_series(1, 342) n
    UNION ALL
    SELECT 2000 + n, 'bestuur', to_char(n, 'FM00000'), 'Bestuur ' || n, '', DATE '2015-01-01'
    FROM generate_series(1, 900) n
    UNION ALL
    SELECT 3000 + n, 'zorgpartner', 'L' || n, 'Leerplicht ' || n, '', DATE '2015-01-01'
    FROM generate_series(1, 342) n
    UNION ALL
    SELECT 4000 + n, 'zorgpartner', 'Z' || n, 'Zorgpartner ' || n, '', DATE '2015-01-01'
    FROM generate_series(1, 456) n
    UNION ALL
    SELECT DISTINCT school, 'school', 'S' || school, 'School ' || school, '', DATE '2015-01-01' FROM place
    UNION ALL
    SELECT site, 'vestiging', 'S' || school || 'V' || site, 'Vestiging ' || site, '', DATE '2015-01-01'
    FROM place;
INSERT INTO schools_partnership (organisation_id, threshold_days, threshold_inclusive, region,
                                 sustained_percentage, sustained_weeks)
    SELECT p, 28, false, (ARRAY['noord', 'midden', 'zuid'])[1 + mod(p, 3)], 90, 4 FROM weight;
INSERT INTO schools_municipality (organisation_id) SELECT 1000 + n FROM generate_series(1, 342) n;
INSERT INTO schools_schoolboard (organisation_id) SELECT 2000 + n FROM generate_series(1, 900) n;
INSERT INTO schools_school (organisation_id, board_id)
    SELECT DISTINCT school, 2001 + mod(school, 900) FROM place;

-- == sites and care partners

INSERT INTO schools_schoolsite (organisation_id, school_id, sector, region, municipality_id)
    SELECT site, school, sector, region, municipality FROM place;
INSERT INTO schools_schoolsite_partnerships (schoolsite_id, partnership_id)
    SELECT site, partnership FROM place;
INSERT INTO schools_carepartner (organisation_id, kind, municipality_id)
    SELECT 3000 + n, 'leerplicht', 1000 + n FROM generate_series(1, 342) n
    UNION ALL
    SELECT 4000 + n, (ARRAY['jeugdhulp', 'jeugdarts', 'ggz'])[1 + mod(n, 3)], NULL
    FROM generate_series(1, 456) n;
INSERT INTO schools_carepartner_partnerships (carepartner_id, partnership_id)
    SELECT 4000 + n, 1 + mod(n - 1, 152) FROM generate_series(1, 456) n;

-- == people

-- Two case managers for each partnership and one more for each part of its size; a coordinator for each
-- school and for every fifth site; one person for each care partner.
CREATE TEMP TABLE person ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY organisation, role, nth) AS id, organisation, role
    FROM (
        SELECT p AS organisation, 'case_manager' AS role, nth
        FROM weight, generate_series(1, 2 + weight) nth
        UNION ALL
        SELECT DISTINCT school, 'coordinator', 1 FROM place
        UNION ALL
        SELECT site, 'coordinator', 1 FROM place WHERE mod(site, 5) = 0
        UNION ALL
        SELECT organisation_id, CASE kind WHEN 'leerplicht' THEN 'attendance_officer' ELSE 'care_worker' END, 1
        FROM schools_carepartner
    ) wanted;
INSERT INTO accounts_user (id, password, is_superuser, email, name, language, notification_email,
                           notification_email_asked, is_active, is_staff, date_joined)
    SELECT id, '!', false, 'p' || id || '@bench.invalid', 'Persoon ' || id, 'nl', '', '', true, false,
           TIMESTAMPTZ '2020-01-01'
    FROM person;
INSERT INTO accounts_membership (user_id, organisation_id, role, since)
    SELECT id, organisation, role, TIMESTAMPTZ '2020-01-01' FROM person;
-- Groups are made when the first case needs them, for sites without a coordinator of their own too.
INSERT INTO auth_group (name)
    SELECT role || ' of organisation ' || organisation
    FROM (
        SELECT p AS organisation, 'case_manager' AS role FROM weight
        UNION ALL SELECT DISTINCT school, 'coordinator' FROM place
        UNION ALL SELECT site, 'coordinator' FROM place
        UNION ALL SELECT organisation_id, CASE kind WHEN 'leerplicht' THEN 'attendance_officer'
                                                    ELSE 'care_worker' END
        FROM schools_carepartner
    ) wanted;
INSERT INTO accounts_rolegroup (group_id, organisation_id, role)
    SELECT id, split_part(name, ' ', 4)::bigint, split_part(name, ' ', 1) FROM auth_group;
INSERT INTO escalations_escalationcontact (partnership_id, user_id)
    SELECT organisation, min(id) FROM person
    WHERE role = 'case_manager' AND mod(organisation, 3) > 0 GROUP BY organisation;
-- Nine of ten schools answered for the last quarterly date.
INSERT INTO escalations_attestation (partnership_id, school_id, round, open_cases, answered_at, answered_by_id)
    SELECT DISTINCT partnership, school, %(round)s::date, 1, %(round)s::timestamptz, person.id
    FROM place JOIN person ON organisation = school WHERE mod(school, 10) > 0;

-- == pupils

-- Of each hundred cases eight are open, spread over all: for the database the least favourable way to lie. The
-- others were closed on a day of the ten years before; who they are about was of school age then.
CREATE FUNCTION pg_temp.is_open(key bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN mod(key * 37, 100) < 8;
CREATE FUNCTION pg_temp.closed(key bigint, "on" date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN NOT pg_temp.is_open(key) THEN "on" - 1 - pg_temp.pick(key, 13, 3652) END;
INSERT INTO cases_pupil (id, first_name, last_name, birth_date, year_group, municipality_id)
    SELECT c, 'Voornaam' || pg_temp.pick(c, 1, 900), 'Achternaam' || pg_temp.pick(c, 2, 20000),
           coalesce(pg_temp.closed(c, %(on)s), %(on)s) - 1500 - pg_temp.pick(c, 3, 4800), 1 + pg_temp.pick(c, 4, 8),
           1001 + pg_temp.pick(c, 5, 342)
    FROM generate_series(1, %(cases)s) c;

-- == cases

INSERT INTO cases_case (id, number, state, destination, sector, pupil_id, pupil_identity, spell, signalled_on,
        first_day_absent, back_on, closed_on, state_since, enrolled, extent, authorised, ill,
        can_attend_partly, offer, offer_since, reasons, last_progress_on, entered_at, entered_by_id, lead_id, partnership_id, school_id, site_id)
    WITH known AS (
        SELECT c, pg_temp.is_open(c) AS open, pg_temp.closed(c, %(on)s) AS closed, place.*,
               pg_temp.pick(c, 11, 50) > 0 AS enrolled,
               -- A quarter of the open ones began in the last month, the oldest more than a year ago.
               CASE WHEN pg_temp.is_open(c) THEN %(on)s::date - 1 - (pg_temp.pick(c, 12, 1000) ^ 2 / 2500)::int
                    ELSE pg_temp.closed(c, %(on)s) - 50 - pg_temp.pick(c, 17, 200) END AS first_day
        FROM generate_series(1, %(cases)s) c JOIN place ON site = 10001 + pg_temp.pick(c, 14, 9000)
    ), dated AS (
        SELECT known.*, least(%(on)s::date, first_day + pg_temp.pick(c, 15, 21)) AS signalled,
               CASE WHEN open THEN
                   (ARRAY['signalled', 'signalled', 'signalled', 'signalled', 'arrangement', 'arrangement',
                          'arrangement', 'remote_education', 'return', 'return'])[1 + pg_temp.pick(c, 16, 10)]
               ELSE 'closed' END AS state
        FROM known
    )
    SELECT c, 'TZ-2026-' || to_char(c, 'FM0000000'), state,
           CASE WHEN open THEN '' ELSE (ARRAY['eigen-school', 'andere-school', 'vso', 'eigen-school', 'oza',
               'eigen-school-arrangement', 'verhuisd-nl', '5a', 'onterecht', 'eigen-school'])[1 + mod(c, 10)] END,
           -- Three of a hundred are at home for the second time.
           sector, c, 'achternaam|voornaam' || c || '|2012-01-01', 1 + (pg_temp.pick(c, 27, 100) < 3)::int,
           signalled, first_day,
           CASE WHEN state = 'return' AND mod(c, 3) = 0 THEN greatest(first_day, %(on)s::date - mod(c, 14))
                WHEN NOT open AND mod(c, 10) < 3 AND mod(c, 4) = 0 THEN closed - 14 END,
           closed,
           CASE state WHEN 'closed' THEN closed WHEN 'signalled' THEN signalled
                      ELSE least(%(on)s::date, signalled + pg_temp.pick(c, 18, 60)) END,
           enrolled, (ARRAY['volledig', 'gedeeltelijk'])[1 + pg_temp.pick(c, 19, 2)],
           (ARRAY['ja', 'nee', 'deels', 'onbekend'])[1 + pg_temp.pick(c, 20, 4)],
           CASE WHEN pg_temp.pick(c, 20, 4) = 0 THEN mod(c, 2) = 0 END,
           CASE WHEN pg_temp.pick(c, 20, 4) = 0 THEN mod(c, 4) = 0 END,
           offered.offer, CASE WHEN offered.offer IN ('opbouw', 'oza', 'afstand', 'onderwijs')
                               THEN least(%(on)s::date, signalled + 20) END,
           (ARRAY['KIND-INT', 'PLEK ZORG', 'GEZIN', 'ONB'])[1 + pg_temp.pick(c, 21, 4)],
           CASE WHEN pg_temp.pick(c, 22, 10) > 2
                THEN greatest(signalled, %(on)s::date - pg_temp.pick(c, 23, 70)) END,
           signalled::timestamptz, manager.id,
           CASE WHEN pg_temp.pick(c, 24, 4) > 0 OR state <> 'signalled' THEN manager.id END,
           partnership, CASE WHEN enrolled THEN school END, CASE WHEN enrolled THEN site END
    FROM dated
    JOIN (SELECT organisation, min(id) AS first, count(*)::int AS number FROM person
          WHERE role = 'case_manager' GROUP BY organisation) managers ON managers.organisation = partnership
    JOIN person manager ON manager.id = managers.first + pg_temp.pick(c, 25, managers.number)
    CROSS JOIN LATERAL (SELECT (ARRAY['', 'geen', 'geen', 'gedaan', 'opbouw', 'oza', 'afstand', 'onderwijs',
                                      'zorg', 'geweigerd'])[1 + pg_temp.pick(c, 26, 10)] AS offer) offered
    ORDER BY c;
-- What is at home for the second time was so for the first time until some months before.
INSERT INTO cases_spell (id, case_id, number)
    SELECT id + (nth - 1) * %(cases)s, id, nth FROM cases_case, generate_series(1, spell) nth;

-- == plans

INSERT INTO cases_plan (id, case_id, spell, kind, start, "end", evaluate_on, ended_on, ended_reason, created_at,
                        created_by_id)
    SELECT id, id, spell,
           CASE state WHEN 'remote_education' THEN 'remote_education' WHEN 'return' THEN 'return'
                      ELSE 'arrangement' END,
           signalled_on + 5,
           CASE WHEN pg_temp.pick(id, 31, 10) < 7 THEN signalled_on + 65 + pg_temp.pick(id, 32, 365) END,
           CASE WHEN pg_temp.pick(id, 33, 10) < 7 THEN signalled_on + 30 + pg_temp.pick(id, 34, 90) END,
           closed_on, '', entered_at, entered_by_id
    FROM cases_case WHERE state IN ('arrangement', 'remote_education', 'return')
                       OR (state = 'closed' AND mod(id, 3) > 0);
INSERT INTO cases_arrangement (plan_ptr_id, arrangement_kind, goal, agreed_on, responsible_id)
    SELECT plan.id, 'maatwerk', '', start, partnership_id
    FROM cases_plan plan JOIN cases_case ON cases_case.id = case_id WHERE kind = 'arrangement';
INSERT INTO cases_remoteeducationplan (plan_ptr_id, form, hours_a_week, teacher)
    SELECT id, 'hybride', 10, '' FROM cases_plan WHERE kind = 'remote_education';
INSERT INTO cases_returnplan (plan_ptr_id, receiving_school_id)
    SELECT plan.id, coalesce(site_id, 10001)
    FROM cases_plan plan JOIN cases_case ON cases_case.id = case_id WHERE kind = 'return';
INSERT INTO cases_evaluation (plan_id, "on", result, note, recorded_at, recorded_by_id)
    SELECT id, start + 40, 'doorgaan', '', start + 40, created_by_id
    FROM cases_plan WHERE mod(id, 2) = 0 AND start + 40 <= %(on)s;

-- == actions, exemptions and invitations

INSERT INTO cases_action (case_id, what, owner_id, deadline, state, result, created_at, created_by_id, ended_at,
                          ended_by_id)
    SELECT id, 'Bellen', entered_by_id,
           CASE WHEN closed_on IS NULL AND nth = 1 THEN %(on)s::date - 20 + pg_temp.pick(id, 41, 60)
                ELSE signalled_on + 14 END,
           CASE WHEN closed_on IS NULL AND nth = 1 THEN 'open' ELSE 'gedaan' END, '', entered_at, entered_by_id,
           CASE WHEN closed_on IS NULL AND nth = 1 THEN NULL ELSE entered_at + INTERVAL '10 days' END,
           CASE WHEN closed_on IS NULL AND nth = 1 THEN NULL ELSE entered_by_id END
    FROM cases_case, generate_series(1, 2) nth WHERE pg_temp.pick(id, 40 + nth, 5) < 3;
INSERT INTO cases_exemption (case_id, spell_id, known_from, recorded_at, source, article, valid_from, valid_to,
                             recorded_by_id)
    SELECT id, id + (spell - 1) * %(cases)s, entered_at, entered_at, 'app', '5a', first_day_absent,
           CASE WHEN mod(id, 3) > 0 THEN signalled_on + 30 + pg_temp.pick(id, 52, 330) END, entered_by_id
    FROM cases_case WHERE pg_temp.pick(id, 51, 12) = 0;
INSERT INTO cases_participation (case_id, partner_id, purpose, ends_on, state, invited_at, invited_on,
                                 invited_by_id, answer_note)
    SELECT id,
           CASE WHEN mod(id, 2) = 0 THEN 3001 + pg_temp.pick(id, 61, 342)
                ELSE 4000 + partnership_id + 152 * pg_temp.pick(id, 62, 3) END,
           'Meedenken', signalled_on + 400,
           CASE WHEN closed_on IS NOT NULL THEN 'beëindigd' WHEN mod(id, 3) = 0 THEN 'uitgenodigd'
                ELSE 'geaccepteerd' END,
           entered_at, signalled_on, entered_by_id, ''
    FROM cases_case WHERE pg_temp.pick(id, 63, 8) = 0;

-- == facts in two times

-- As cases/services/intake.py writes them for an import: the signal, a return, the closing, each known from its
-- day. Three of a hundred were corrected later, in one of four ways; a first time at home was short and plain.
CREATE TEMP TABLE known ON COMMIT DROP AS
    SELECT cases_case.*, id + (spell - 1) * %(cases)s AS spell_id, pg_temp.midnight(signalled_on) AS from_signal,
           CASE WHEN signalled_on + 10 < %(on)s AND pg_temp.pick(id, 71, 100) < 3
                THEN (ARRAY['first day', 'authorised', 'municipality', 'destination'])[1 + pg_temp.pick(id, 72, 4)]
                ELSE '' END AS corrected
    FROM cases_case;
CREATE TEMP TABLE earlier ON COMMIT DROP AS
    SELECT known.*, known.id AS earlier_spell, first_day_absent - 160 - pg_temp.pick(id, 73, 200) AS first_day,
           first_day_absent - 30 - pg_temp.pick(id, 74, 60) AS closing
    FROM known WHERE spell = 2;

INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              back_on, closed_on, destination)
    SELECT id, earlier_spell, pg_temp.midnight(first_day + 7), pg_temp.midnight(first_day + 7), 'import',
           first_day, first_day + 7, NULL::date, NULL::date, ''
    FROM earlier
    UNION ALL
    SELECT id, earlier_spell, pg_temp.midnight(closing), pg_temp.midnight(closing), 'import',
           first_day, first_day + 7, NULL, closing, 'eigen-school'
    FROM earlier;
INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              destination)
    SELECT id, spell_id, from_signal, entered_at, 'import',
           first_day_absent - CASE corrected WHEN 'first day' THEN 7 ELSE 0 END, signalled_on, ''
    FROM known;
INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              destination)
    SELECT id, spell_id, pg_temp.midnight(signalled_on + 10), entered_at, 'app', first_day_absent, signalled_on, ''
    FROM known WHERE corrected = 'first day';
INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              back_on, destination)
    SELECT id, spell_id, greatest(from_signal, pg_temp.midnight(back_on)), entered_at, 'import', first_day_absent,
           signalled_on, back_on, ''
    FROM known WHERE back_on IS NOT NULL;
INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              back_on, closed_on, destination)
    SELECT id, spell_id, pg_temp.midnight(closed_on), entered_at, 'import', first_day_absent, signalled_on,
           back_on, closed_on,
           CASE WHEN corrected = 'destination' AND closed_on + 60 < %(on)s THEN 'mbo' ELSE destination END
    FROM known WHERE closed_on IS NOT NULL;
INSERT INTO cases_spelldates (case_id, spell_id, known_from, recorded_at, source, first_day_absent, signalled_on,
                              back_on, closed_on, destination)
    SELECT id, spell_id, pg_temp.midnight(closed_on + 60), entered_at, 'app', first_day_absent, signalled_on,
           back_on, closed_on, destination
    FROM known WHERE corrected = 'destination' AND closed_on + 60 < %(on)s;

-- == other facts

INSERT INTO cases_absenceperiod (case_id, spell_id, known_from, recorded_at, source, holds_from, extent,
                                 authorised, ill, can_attend_partly, enrolled)
    SELECT id, earlier_spell, pg_temp.midnight(first_day + 7), pg_temp.midnight(first_day + 7), 'import',
           first_day, 'volledig', 'nee', NULL::boolean, NULL::boolean, enrolled
    FROM earlier
    UNION ALL
    SELECT id, spell_id, from_signal, entered_at, 'import',
           first_day_absent - CASE corrected WHEN 'first day' THEN 7 ELSE 0 END, extent,
           CASE corrected WHEN 'authorised' THEN 'onbekend' ELSE authorised END, ill, can_attend_partly, enrolled
    FROM known;
INSERT INTO cases_absenceperiod (case_id, spell_id, known_from, recorded_at, source, holds_from, extent,
                                 authorised, ill, can_attend_partly, enrolled)
    SELECT id, spell_id, pg_temp.midnight(signalled_on + 10), entered_at, 'app',
           CASE corrected WHEN 'first day' THEN first_day_absent ELSE signalled_on + 10 END, extent, authorised,
           ill, can_attend_partly, enrolled
    FROM known WHERE corrected IN ('first day', 'authorised');

INSERT INTO cases_particulars (case_id, spell_id, known_from, recorded_at, source, holds_from, first_name,
                               last_name, birth_date, municipality_id, year_group, school_id, site_id, sector)
    SELECT known.id, spell_id, from_signal, entered_at, 'import',
           first_day_absent - CASE corrected WHEN 'first day' THEN 7 ELSE 0 END, first_name, last_name, birth_date,
           CASE corrected WHEN 'municipality' THEN 1001 + mod(municipality_id - 1000, 342)
                          ELSE municipality_id END,
           year_group, school_id, site_id, sector
    FROM known JOIN cases_pupil ON cases_pupil.id = pupil_id;
INSERT INTO cases_particulars (case_id, spell_id, known_from, recorded_at, source, holds_from, first_name,
                               last_name, birth_date, municipality_id, year_group, school_id, site_id, sector)
    SELECT earlier.id, earlier_spell, pg_temp.midnight(first_day + 7), pg_temp.midnight(first_day + 7), 'import',
           first_day, first_name, last_name, birth_date, municipality_id, year_group, school_id, site_id, sector
    FROM earlier JOIN cases_pupil ON cases_pupil.id = pupil_id
    UNION ALL
    SELECT known.id, spell_id, pg_temp.midnight(signalled_on + 10), entered_at, 'app', first_day_absent,
           first_name, last_name, birth_date, municipality_id, year_group, school_id, site_id, sector
    FROM known JOIN cases_pupil ON cases_pupil.id = pupil_id
    WHERE corrected IN ('first day', 'municipality');

INSERT INTO cases_fittingoffer (case_id, spell_id, known_from, recorded_at, source, holds_from, offer, since)
    SELECT id, spell_id, from_signal, entered_at, 'import', coalesce(offer_since, first_day_absent), offer,
           offer_since
    FROM known WHERE offer <> '';

INSERT INTO cases_reasoncodes (case_id, spell_id, known_from, recorded_at, source, holds_from, codes)
    SELECT id, spell_id, from_signal, entered_at, 'import',
           first_day_absent - CASE corrected WHEN 'first day' THEN 7 ELSE 0 END, reasons
    FROM known;
INSERT INTO cases_reasoncodes (case_id, spell_id, known_from, recorded_at, source, holds_from, codes)
    SELECT id, earlier_spell, pg_temp.midnight(first_day + 7), pg_temp.midnight(first_day + 7), 'import',
           first_day, reasons
    FROM earlier
    UNION ALL
    SELECT id, spell_id, pg_temp.midnight(signalled_on + 10), entered_at, 'app', first_day_absent, reasons
    FROM known WHERE corrected = 'first day';

-- == changes of state

INSERT INTO cases_statechange (case_id, spell_id, known_from, recorded_at, source, transition, from_state,
                               to_state, "on", reason)
    SELECT id, earlier_spell, pg_temp.midnight(first_day + 7), pg_temp.midnight(first_day + 7), 'import', 'signal',
           '', 'signalled', first_day + 7, ''
    FROM earlier
    UNION ALL
    SELECT id, earlier_spell, pg_temp.midnight(closing), pg_temp.midnight(closing), 'import', 'close',
           'signalled', 'closed', closing, ''
    FROM earlier
    UNION ALL
    SELECT id, spell_id, from_signal, entered_at, 'import', CASE spell WHEN 1 THEN 'signal' ELSE 'reopen' END,
           CASE spell WHEN 1 THEN '' ELSE 'closed' END, 'signalled', signalled_on, ''
    FROM known;
-- Two of three closed cases had an arrangement first.
INSERT INTO cases_statechange (case_id, spell_id, known_from, recorded_at, source, transition, from_state,
                               to_state, "on", reason)
    SELECT id, spell_id, pg_temp.midnight(signalled_on + 5), entered_at, 'import', 'agree_arrangement',
           'signalled', 'arrangement', signalled_on + 5, ''
    FROM known WHERE state = 'closed' AND mod(id, 3) > 0;
INSERT INTO cases_statechange (case_id, spell_id, known_from, recorded_at, source, transition, from_state,
                               to_state, "on", reason)
    SELECT id, spell_id, pg_temp.midnight(state_since), entered_at, 'import',
           CASE state WHEN 'arrangement' THEN 'agree_arrangement'
                      WHEN 'remote_education' THEN 'start_remote_education' WHEN 'return' THEN 'start_return'
                      ELSE CASE destination WHEN 'onterecht' THEN 'withdraw' ELSE 'close' END END,
           CASE WHEN state = 'closed' AND mod(id, 3) > 0 THEN 'arrangement' ELSE 'signalled' END, state,
           state_since, ''
    FROM known WHERE state <> 'signalled';

-- == grants

-- As cases/access.py gives them: the case managers, the coordinators of school and site, and who takes part.
INSERT INTO cases_casegrant (permission_id, group_id, content_object_id, case_open, until)
    SELECT permission.id, role_group.group_id, cases_case.id, cases_case.closed_on IS NULL, wanted.until
    FROM cases_case
    CROSS JOIN LATERAL (
        VALUES (partnership_id, 'case_manager', NULL::date), (school_id, 'coordinator', NULL),
               (site_id, 'coordinator', NULL)
    ) wanted (organisation, role, until)
    JOIN accounts_rolegroup role_group
        ON role_group.organisation_id = wanted.organisation AND role_group.role = wanted.role
    CROSS JOIN (SELECT auth_permission.id FROM auth_permission
                JOIN django_content_type content ON content.id = content_type_id
                WHERE content.app_label = 'cases' AND content.model = 'case' AND codename = 'view_case'
               ) permission;
INSERT INTO cases_casegrant (permission_id, group_id, content_object_id, case_open, until)
    SELECT permission.permission_id, role_group.group_id, case_id, true, ends_on
    FROM cases_participation
    JOIN accounts_rolegroup role_group ON role_group.organisation_id = partner_id
    CROSS JOIN (SELECT permission_id FROM cases_casegrant LIMIT 1) permission
    WHERE state = 'geaccepteerd';
