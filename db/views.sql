-- What readers of the log ask, and the indexes that make it quick. Apart from schema.sql because every file is given
-- them anew when they have changed here: they hold nothing of their own, and an older program works with them too.

DROP VIEW IF EXISTS study_days;
DROP VIEW IF EXISTS effective_reviews;
DROP VIEW IF EXISTS effective_events;

-- What counts. An undo takes back its target, and nothing takes back an undo; every reader of the log asks here.
-- `item` is the id that the item has today, `logged_as` the one it was written with (and the one with an index).
CREATE VIEW effective_events AS
SELECT e.id, e.uid, e.at, e.zone, e.day, e.kind, coalesce(r.new, e.item) AS item, e.item AS logged_as,
       e.target, e.grade, e.took_ms, e.typed, e.verdict, e.mistake, e.seed, e.due_day, e.data
FROM events AS e LEFT JOIN renames AS r ON r.old = e.item
WHERE e.kind <> 'undo'
  AND NOT EXISTS (SELECT 1 FROM events AS u WHERE u.target = e.uid AND u.kind = 'undo');

-- Reviews that were not undone, with the grade and due day of their latest amendment that was not undone.
CREATE VIEW effective_reviews AS
SELECT r.id, r.uid, r.at, r.zone, r.day, r.item,
       coalesce(a.grade, r.grade) AS grade,
       coalesce(a.due_day, r.due_day) AS due_day,
       r.took_ms, r.typed, r.verdict, r.mistake, r.seed
FROM effective_events AS r
LEFT JOIN events AS a ON a.id = (
    SELECT e.id FROM effective_events AS e
    WHERE e.target = r.uid AND e.kind = 'amendment'
    ORDER BY e.at DESC, e.id DESC LIMIT 1)
WHERE r.kind = 'review';

-- Each day with reviews that count: how many, and how long they took. All reviews less those that were undone, because
-- asking of each of a hundred thousand whether it was undone takes four times as long.
CREATE VIEW study_days AS
WITH parts AS (
    SELECT day, count(*) AS reviews, sum(took_ms) AS took_ms FROM events WHERE kind = 'review' GROUP BY day
    UNION ALL
    SELECT day, -count(*), -sum(took_ms) FROM events
    WHERE kind = 'review' AND uid IN (SELECT target FROM events WHERE kind = 'undo' AND target IS NOT NULL)
    GROUP BY day
)
SELECT day, sum(reviews) AS reviews, sum(took_ms) AS took_ms FROM parts GROUP BY day HAVING sum(reviews) > 0;

DROP INDEX IF EXISTS reviews_of_day;
CREATE INDEX IF NOT EXISTS reviews_by_day ON events (day, took_ms) WHERE kind = 'review';
CREATE INDEX IF NOT EXISTS mistakes_by_name ON events (mistake, item) WHERE mistake IS NOT NULL;
CREATE INDEX IF NOT EXISTS items_by_week ON items (topic, week, id);
