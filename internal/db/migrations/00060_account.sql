-- People. email_key is the address in its comparable form; password is a PHC
-- string of argon2id.
CREATE TABLE account (
	id           TEXT   NOT NULL PRIMARY KEY,
	uid          TEXT   NOT NULL UNIQUE,
	email        TEXT   NOT NULL,
	email_key    TEXT   NOT NULL UNIQUE,
	password     TEXT   NOT NULL,
	locale       TEXT   NOT NULL,
	role         TEXT   NOT NULL CHECK (role IN ('customer', 'reviewer', 'operator')),
	state        TEXT   NOT NULL CHECK (state IN ('active', 'suspended', 'terminated', 'deleted')),
	reason       TEXT   NOT NULL,
	newsletter   BIGINT NOT NULL CHECK (newsletter IN (0, 1)),
	created_at   BIGINT NOT NULL,
	verified_at  BIGINT,
	signed_in_at BIGINT
) /*STRICT*/;

-- Links sent by mail: the digest of the token, what it is good for, once.
CREATE TABLE account_link (
	digest     TEXT   NOT NULL PRIMARY KEY,
	account    TEXT   NOT NULL REFERENCES account (id),
	purpose    TEXT   NOT NULL CHECK (purpose IN ('verify', 'reset')),
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT
) /*STRICT*/;

CREATE INDEX account_link_account ON account_link (account, purpose);

CREATE TABLE account_session (
	id         TEXT   NOT NULL PRIMARY KEY,
	digest     TEXT   NOT NULL UNIQUE,
	account    TEXT   NOT NULL REFERENCES account (id),
	ip         TEXT   NOT NULL,
	user_agent TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL
) /*STRICT*/;

CREATE INDEX account_session_account ON account_session (account);

CREATE TABLE account_token (
	id         TEXT   NOT NULL PRIMARY KEY,
	digest     TEXT   NOT NULL UNIQUE,
	account    TEXT   NOT NULL REFERENCES account (id),
	name       TEXT   NOT NULL,
	prefix     TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	used_at    BIGINT
) /*STRICT*/;

CREATE INDEX account_token_account ON account_token (account);

-- What a person agreed to: one row per document of each ticked statement,
-- never changed.
CREATE TABLE account_consent (
	id         TEXT   NOT NULL PRIMARY KEY,
	account    TEXT   NOT NULL REFERENCES account (id),
	control    TEXT   NOT NULL,
	document   TEXT   NOT NULL,
	version    TEXT   NOT NULL,
	hash       TEXT   NOT NULL,
	prevailing TEXT   NOT NULL,
	lang       TEXT   NOT NULL,
	text       TEXT   NOT NULL,
	ip         TEXT   NOT NULL,
	user_agent TEXT   NOT NULL,
	at         BIGINT NOT NULL
) /*STRICT*/;

CREATE INDEX account_consent_account ON account_consent (account, at);

-- From where an account was used. A failed sign-in for an unknown address has
-- no account.
CREATE TABLE account_event (
	id         TEXT   NOT NULL PRIMARY KEY,
	account    TEXT,
	what       TEXT   NOT NULL,
	ip         TEXT   NOT NULL,
	user_agent TEXT   NOT NULL,
	at         BIGINT NOT NULL
) /*STRICT*/;

CREATE INDEX account_event_account ON account_event (account, at);
