-- When each subject acted, within the period of its limit: microseconds in
-- base 36, oldest first. The subject is a digest.
CREATE TABLE serve_window (
	name     TEXT   NOT NULL,
	subject  TEXT   NOT NULL,
	times    TEXT   NOT NULL,
	until_at BIGINT NOT NULL,
	PRIMARY KEY (name, subject)
) /*STRICT*/;

-- Requests with an idempotency key and what became of them; status 0 is in
-- flight until lease_until.
CREATE TABLE serve_idempotency (
	scope       TEXT   NOT NULL,
	key         TEXT   NOT NULL,
	request     TEXT   NOT NULL,
	owner       TEXT   NOT NULL,
	lease_until BIGINT NOT NULL,
	status      BIGINT NOT NULL CHECK (status = 0 OR status BETWEEN 200 AND 599),
	header      TEXT   NOT NULL,
	body        TEXT   NOT NULL,
	created_at  BIGINT NOT NULL,
	PRIMARY KEY (scope, key)
) /*STRICT*/;

CREATE INDEX serve_window_until ON serve_window (until_at);

CREATE INDEX serve_idempotency_created ON serve_idempotency (created_at);
