-- The file of what a learner knows.
--
-- `events` is the truth: every row is written once and never changed. `memory`, `items` and `renames` are
-- derived: the first by replaying the events, the others from the decks. The views that readers ask are in views.sql.
-- `bookmarks` says where the learner was and may be lost.
--
-- A time is UTC milliseconds. A day is the learner's study day as a proleptic Gregorian ordinal (Python's
-- date.toordinal), fixed when the event was written: moving to another zone or another rollover hour never rewrites
-- the past.

CREATE TABLE events (
    id       INTEGER PRIMARY KEY,        -- order of writing in this file
    uid      TEXT NOT NULL UNIQUE,       -- the event's name in every file, so that two machines' logs can be joined
    at       INTEGER NOT NULL,
    zone     TEXT NOT NULL,              -- IANA name of the zone the learner was in
    day      INTEGER NOT NULL CHECK (day > 0),
    kind     TEXT NOT NULL CHECK (kind IN (
                 'review', 'amendment', 'undo', 'suspend', 'unsuspend', 'flag', 'reset', 'settings', 'parameters')),
    item     TEXT CHECK (item <> ''),    -- an amendment or undo repeats its target's item
    target   TEXT REFERENCES events (uid) DEFERRABLE INITIALLY DEFERRED,  -- what is amended or undone
    grade    INTEGER CHECK (grade BETWEEN 1 AND 4),                       -- Again, Hard, Good, Easy
    took_ms  INTEGER CHECK (took_ms >= 0),                                -- from question to answer
    typed    TEXT,                                                        -- the answer as it was typed
    verdict  TEXT CHECK (verdict IN ('right', 'wrong')),
    mistake  TEXT,                       -- the name of the mistake, if it was recognised
    seed     TEXT,                       -- of the drill's numbers
    due_day  INTEGER CHECK (due_day > 0),                                 -- chosen then, never recomputed
    data     TEXT CHECK (data IS NULL OR json_valid(data)),               -- a flag's note, settings, parameters

    -- Which columns belong to which kind.
    CHECK ((grade   IS NOT NULL) = (kind IN ('review', 'amendment'))),
    CHECK ((due_day IS NOT NULL) = (kind IN ('review', 'amendment'))),
    CHECK ((took_ms IS NOT NULL) = (kind = 'review')),
    CHECK ((target  IS NOT NULL) = (kind IN ('amendment', 'undo'))),
    CHECK ((data    IS NOT NULL) = (kind IN ('flag', 'settings', 'parameters'))),
    CHECK (CASE WHEN kind IN ('settings', 'parameters') THEN item IS NULL
                WHEN kind = 'undo' THEN 1
                ELSE item IS NOT NULL END),
    CHECK (kind = 'review' OR coalesce(typed, verdict, mistake, seed) IS NULL),
    CHECK (mistake IS NULL OR verdict IS 'wrong')
) STRICT;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END;

-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id OR uid = NEW.uid)
BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END;

CREATE INDEX events_of_item ON events (item, at, id);
CREATE INDEX events_on_target ON events (target, kind) WHERE target IS NOT NULL;
CREATE INDEX events_about_no_item ON events (kind, at, id) WHERE item IS NULL;

-- What db must know of an item, handed over as plain columns when decks load.
CREATE TABLE items (
    id         TEXT PRIMARY KEY CHECK (id <> ''),
    kind       TEXT NOT NULL,            -- card, drill, derivation
    topic      TEXT NOT NULL,
    importance TEXT NOT NULL,            -- must, should, nice
    week       INTEGER NOT NULL,
    position   INTEGER NOT NULL,         -- order of study
    text       TEXT NOT NULL             -- what a search looks through
) STRICT;

CREATE INDEX items_by_topic ON items (topic, id);
CREATE INDEX items_in_order ON items (position, id);

-- Items that were given another id; their events keep the id they were written with. Handed over with the catalogue.
CREATE TABLE renames (
    old TEXT PRIMARY KEY CHECK (old <> ''),
    new TEXT NOT NULL CHECK (new <> old)
) STRICT, WITHOUT ROWID;

CREATE INDEX renames_to ON renames (new);

-- What each item's events add up to. Memory is FSRS's pair; both are null while an item counts as new.
CREATE TABLE memory (
    item       TEXT PRIMARY KEY,
    stability  REAL,
    difficulty REAL,
    first_day  INTEGER,                  -- of the first review since the last reset
    last_day   INTEGER,
    due_day    INTEGER,
    reviews    INTEGER NOT NULL,         -- since the last reset
    lapses     INTEGER NOT NULL,         -- of these, how often it was forgotten after a day or more
    suspended  INTEGER NOT NULL CHECK (suspended IN (0, 1)),
    flagged    INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    last_event INTEGER NOT NULL,         -- highest events.id about this item: has another window answered it?
    CHECK (CASE WHEN reviews = 0 THEN coalesce(stability, difficulty, first_day, last_day, due_day) IS NULL
                ELSE stability + difficulty + first_day + last_day + due_day IS NOT NULL END)
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_by_due_day ON memory (due_day) WHERE suspended = 0;
CREATE INDEX memory_by_first_day ON memory (first_day);

-- Where the learner was.
CREATE TABLE bookmarks (
    name     TEXT PRIMARY KEY,
    day      INTEGER NOT NULL,
    data     TEXT NOT NULL CHECK (json_valid(data)),
    saved_at INTEGER NOT NULL
) STRICT;

-- Small facts about the derived tables, such as the digest of the catalogue that `items` holds.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

PRAGMA application_id = 0x53545544;      -- "STUD"
PRAGMA user_version = 2;
