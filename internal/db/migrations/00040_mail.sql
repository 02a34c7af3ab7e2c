-- Messages are written with what they tell of, and sent after.
CREATE TABLE mail_message (
	id          TEXT   NOT NULL PRIMARY KEY,
	key         TEXT   NOT NULL UNIQUE,
	recipient   TEXT   NOT NULL,
	class       TEXT   NOT NULL CHECK (class IN ('transactional', 'promotional')),
	lang        TEXT   NOT NULL,
	subject     TEXT   NOT NULL,
	text        TEXT   NOT NULL,
	html        TEXT   NOT NULL,
	headers     TEXT   NOT NULL,
	attachments TEXT   NOT NULL,
	secret      BIGINT NOT NULL CHECK (secret IN (0, 1)),
	unsubscribe TEXT   NOT NULL,
	created_at  BIGINT NOT NULL,
	sent_at     BIGINT,
	given_up_at BIGINT,
	attempts    BIGINT NOT NULL,
	last_error  TEXT   NOT NULL,
	CHECK (sent_at IS NULL OR given_up_at IS NULL),
	CHECK ((class = 'promotional') = (unsubscribe <> ''))
) /*STRICT*/;

CREATE INDEX mail_message_recipient ON mail_message (recipient, id);

-- Who asked for promotional messages; the token unsubscribes.
CREATE TABLE mail_subscriber (
	address TEXT   NOT NULL PRIMARY KEY,
	token   TEXT   NOT NULL UNIQUE,
	since   BIGINT NOT NULL
) /*STRICT*/;

-- Who gets none, whatever they once asked for.
CREATE TABLE mail_suppression (
	address TEXT   NOT NULL PRIMARY KEY,
	reason  TEXT   NOT NULL CHECK (reason IN ('unsubscribed', 'complained', 'bounced')),
	since   BIGINT NOT NULL
) /*STRICT*/;
