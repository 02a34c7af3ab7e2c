-- Published texts. Nothing here is ever changed but how far a mailing is; an
-- edition is one version of one document, number counts those of a name, and
-- seal is the hash of all that is known of it behind the seal of the one before.
CREATE TABLE edition_publication (
	id           TEXT   NOT NULL PRIMARY KEY,
	material     BIGINT NOT NULL CHECK (material IN (0, 1)),
	note         TEXT   NOT NULL,
	published_by TEXT   NOT NULL,
	published_at BIGINT NOT NULL
) /*STRICT*/;

CREATE TABLE edition (
	hash         TEXT   NOT NULL PRIMARY KEY,
	name         TEXT   NOT NULL,
	number       BIGINT NOT NULL CHECK (number > 0),
	version      TEXT   NOT NULL CHECK (version <> ''),
	prevailing   TEXT   NOT NULL,
	effective_at BIGINT NOT NULL,
	in_force_at  BIGINT NOT NULL,
	publication  TEXT   NOT NULL REFERENCES edition_publication (id),
	seal         TEXT   NOT NULL,
	UNIQUE (name, number),
	UNIQUE (name, version)
) /*STRICT*/;

-- The bytes as they stood in the shop's folder.
CREATE TABLE edition_file (
	edition TEXT NOT NULL REFERENCES edition (hash),
	file    TEXT NOT NULL,
	lang    TEXT NOT NULL,
	bytes   TEXT NOT NULL,
	hash    TEXT NOT NULL,
	PRIMARY KEY (edition, file)
) /*STRICT*/;

-- The pages as they were rendered on the day, each with its hash.
CREATE TABLE edition_page (
	edition   TEXT NOT NULL REFERENCES edition (hash),
	lang      TEXT NOT NULL,
	title     TEXT NOT NULL,
	statement TEXT NOT NULL,
	html      TEXT NOT NULL,
	hash      TEXT NOT NULL,
	PRIMARY KEY (edition, lang)
) /*STRICT*/;

-- The newest edition of each document: who publishes holds its row.
CREATE TABLE edition_head (
	name    TEXT   NOT NULL PRIMARY KEY,
	number  BIGINT NOT NULL,
	version TEXT   NOT NULL,
	hash    TEXT   NOT NULL,
	seal    TEXT   NOT NULL
) /*STRICT*/;

-- How far the letters about a publication are: up to which account.
CREATE TABLE edition_mailing (
	publication TEXT   NOT NULL PRIMARY KEY REFERENCES edition_publication (id),
	reached     TEXT   NOT NULL,
	told        BIGINT NOT NULL,
	done_at     BIGINT
) /*STRICT*/;

-- Up to which edition of a document an account has dismissed the notices.
CREATE TABLE edition_seen (
	account TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	number  BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (account, name)
) /*STRICT*/;

-- Who went on using the service under which edition, once.
CREATE TABLE edition_use (
	account TEXT   NOT NULL,
	edition TEXT   NOT NULL REFERENCES edition (hash),
	at      BIGINT NOT NULL,
	PRIMARY KEY (account, edition)
) /*STRICT*/;
