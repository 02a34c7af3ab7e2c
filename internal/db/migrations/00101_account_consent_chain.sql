-- What an acceptance is proven by besides: the hash of the prevailing text, the
-- order or the like that it was given for, the digest of its own row, and the
-- block of the chain that seals it (0: none yet).
ALTER TABLE account_consent ADD COLUMN prevailing_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE account_consent ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE account_consent ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE account_consent ADD COLUMN block BIGINT NOT NULL DEFAULT 0;
CREATE INDEX account_consent_sealed ON account_consent (block, id);
CREATE INDEX account_consent_hash ON account_consent (account, hash);

CREATE TABLE account_consent_block (
	block BIGINT NOT NULL PRIMARY KEY CHECK (block > 0),
	consents BIGINT NOT NULL CHECK (consents > 0),
	hash  TEXT   NOT NULL,
	at    BIGINT NOT NULL
) /*STRICT*/;

CREATE TABLE account_consent_chain (
	chain TEXT   NOT NULL PRIMARY KEY,
	block BIGINT NOT NULL,
	hash  TEXT   NOT NULL
) /*STRICT*/;
