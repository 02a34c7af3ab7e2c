-- One attempt to have an order paid on a hosted page.
CREATE TABLE payment_session (
	id           TEXT   NOT NULL PRIMARY KEY,
	processor    TEXT   NOT NULL,
	live         BIGINT NOT NULL CHECK (live IN (0, 1)),
	order_ref    TEXT   NOT NULL,
	order_number TEXT   NOT NULL,
	item         TEXT   NOT NULL,
	amount       BIGINT NOT NULL CHECK (amount > 0),
	currency     TEXT   NOT NULL,
	email        TEXT   NOT NULL,
	lang         TEXT   NOT NULL,
	success_url  TEXT   NOT NULL,
	cancel_url   TEXT   NOT NULL,
	state        TEXT   NOT NULL CHECK (state IN ('begun', 'open', 'paid', 'expired', 'failed')),
	ref          TEXT   UNIQUE,
	url          TEXT   NOT NULL DEFAULT '',
	begun_at     BIGINT NOT NULL,
	opened_at    BIGINT,
	expires_at   BIGINT NOT NULL,
	closed_at    BIGINT,
	asked_at     BIGINT,
	attempts     BIGINT NOT NULL DEFAULT 0,
	error        TEXT   NOT NULL DEFAULT ''
) /*STRICT*/;

CREATE INDEX payment_session_order ON payment_session (order_ref);

CREATE INDEX payment_session_unfinished ON payment_session (begun_at) WHERE state IN ('begun', 'open');

-- Every capture of money.
CREATE TABLE payment_charge (
	id           TEXT   NOT NULL PRIMARY KEY,
	session_id   TEXT   NOT NULL REFERENCES payment_session (id),
	order_ref    TEXT   NOT NULL,
	processor    TEXT   NOT NULL,
	payment      TEXT   NOT NULL,
	ref          TEXT   NOT NULL,
	amount       BIGINT NOT NULL CHECK (amount > 0),
	currency     TEXT   NOT NULL,
	live         BIGINT NOT NULL CHECK (live IN (0, 1)),
	duplicate    BIGINT NOT NULL CHECK (duplicate IN (0, 1)),
	email        TEXT   NOT NULL,
	card_brand   TEXT   NOT NULL,
	card_last4   TEXT   NOT NULL CHECK (length(card_last4) <= 4),
	card_country TEXT   NOT NULL,
	at           BIGINT NOT NULL,
	recorded_at  BIGINT NOT NULL,
	UNIQUE (processor, payment)
) /*STRICT*/;

CREATE UNIQUE INDEX payment_charge_first ON payment_charge (order_ref) WHERE duplicate = 0;

CREATE INDEX payment_charge_order ON payment_charge (order_ref);

-- What the processor told us, as it told us.
CREATE TABLE payment_inbox (
	id          TEXT   NOT NULL PRIMARY KEY,
	processor   TEXT   NOT NULL,
	event       TEXT   NOT NULL,
	type        TEXT   NOT NULL,
	topic       TEXT   NOT NULL,
	object      TEXT   NOT NULL,
	live        BIGINT NOT NULL CHECK (live IN (0, 1)),
	payload     TEXT   NOT NULL,
	event_at    BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	state       TEXT   NOT NULL CHECK (state IN ('received', 'done', 'ignored', 'parked')),
	attempts    BIGINT NOT NULL DEFAULT 0,
	due_at      BIGINT NOT NULL,
	worked_at   BIGINT,
	error       TEXT   NOT NULL DEFAULT '',
	UNIQUE (processor, event)
) /*STRICT*/;

CREATE INDEX payment_inbox_waiting ON payment_inbox (due_at) WHERE state = 'received';

-- What has been done about money, once each, whatever the number of notices.
CREATE TABLE payment_effect (
	key TEXT   NOT NULL PRIMARY KEY,
	at  BIGINT NOT NULL
) /*STRICT*/;

-- What a person has to look at.
CREATE TABLE payment_alert (
	key        TEXT   NOT NULL PRIMARY KEY,
	reason     TEXT   NOT NULL,
	order_ref  TEXT   NOT NULL,
	session_id TEXT   NOT NULL,
	payment    TEXT   NOT NULL,
	detail     TEXT   NOT NULL,
	at         BIGINT NOT NULL
) /*STRICT*/;

-- Up to when the processor's own list of events has been read.
CREATE TABLE payment_cursor (
	processor TEXT   NOT NULL PRIMARY KEY,
	read_to   BIGINT NOT NULL
) /*STRICT*/;
