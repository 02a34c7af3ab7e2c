-- What was decided, and on which facts: never changed and never removed.
CREATE TABLE refund_decision (
	id       TEXT   NOT NULL PRIMARY KEY,
	ground   TEXT   NOT NULL,
	outcome  TEXT   NOT NULL CHECK (outcome IN ('grant', 'deny', 'review', 'incomplete')),
	currency TEXT   NOT NULL,
	version  TEXT   NOT NULL,
	hash     TEXT   NOT NULL,
	verdict  TEXT   NOT NULL,
	facts    TEXT   NOT NULL,
	at       BIGINT NOT NULL
) /*STRICT, WITHOUT ROWID*/;
