-- The sandbox processor's objects (sessions, payments, charges, refunds,
-- disputes, events) in the processor's own JSON. What is due by itself has a
-- moment.
CREATE TABLE sandbox_object (
	id         TEXT   NOT NULL PRIMARY KEY,
	kind       TEXT   NOT NULL,
	type       TEXT   NOT NULL,
	parent     TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	due_at     BIGINT,
	version    BIGINT NOT NULL DEFAULT 0,
	data       TEXT   NOT NULL
) /*STRICT*/;

CREATE INDEX sandbox_object_newest ON sandbox_object (kind, created_at, id);

CREATE INDEX sandbox_object_parent ON sandbox_object (parent, kind);

CREATE INDEX sandbox_object_due ON sandbox_object (due_at) WHERE due_at IS NOT NULL;

-- Each sending of an event to the shop.
CREATE TABLE sandbox_delivery (
	id         TEXT   NOT NULL PRIMARY KEY,
	event      TEXT   NOT NULL REFERENCES sandbox_object (id),
	state      TEXT   NOT NULL CHECK (state IN ('waiting', 'held', 'dropped', 'delivered', 'failed')),
	rank       BIGINT NOT NULL,
	made_at    BIGINT NOT NULL,
	due_at     BIGINT NOT NULL,
	attempts   BIGINT NOT NULL DEFAULT 0,
	status     BIGINT NOT NULL DEFAULT 0,
	error      TEXT   NOT NULL DEFAULT ''
) /*STRICT*/;

CREATE INDEX sandbox_delivery_waiting ON sandbox_delivery (due_at) WHERE state = 'waiting';

CREATE INDEX sandbox_delivery_event ON sandbox_delivery (event);

-- Answers kept under an idempotency key.
CREATE TABLE sandbox_answer (
	key     TEXT   NOT NULL PRIMARY KEY,
	request TEXT   NOT NULL,
	body    TEXT   NOT NULL,
	at      BIGINT NOT NULL
) /*STRICT*/;

-- The sandbox's keys and its way of delivering.
CREATE TABLE sandbox_setting (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) /*STRICT*/;
