-- The processes that work. Each moves its beat on every few seconds; one whose
-- beat stands still is taken off, and its jobs go to others. The times are the
-- machine's, for people to read: nothing is decided by them.
CREATE TABLE queue_worker (
	holder   TEXT   NOT NULL PRIMARY KEY,
	beat     BIGINT NOT NULL,
	since_us BIGINT NOT NULL,
	seen_us  BIGINT NOT NULL
) /*STRICT*/;

-- Which of them keeps a tick.
CREATE TABLE queue_tick (
	name   TEXT NOT NULL PRIMARY KEY,
	holder TEXT NOT NULL
) /*STRICT*/;
