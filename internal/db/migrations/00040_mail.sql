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
	secret      BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	sent_at     BIGINT,
	attempts    BIGINT NOT NULL,
	last_error  TEXT   NOT NULL
) /*STRICT*/;

CREATE INDEX mail_message_created ON mail_message (created_at);
