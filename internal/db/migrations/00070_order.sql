-- An order cannot exist without the statement that its buyer ticked.
CREATE TABLE order_purchase (
	id           TEXT   NOT NULL PRIMARY KEY,
	number       TEXT   NOT NULL UNIQUE,
	account      TEXT   NOT NULL,
	email        TEXT   NOT NULL,
	item         TEXT   NOT NULL,
	name         TEXT   NOT NULL,
	quantity     BIGINT NOT NULL CHECK (quantity > 0),
	credits      BIGINT NOT NULL CHECK (credits > 0),
	bonus        BIGINT NOT NULL CHECK (bonus >= 0),
	lasts        BIGINT NOT NULL CHECK (lasts >= 0),
	amount       BIGINT NOT NULL CHECK (amount > 0),
	currency     TEXT   NOT NULL,
	lang         TEXT   NOT NULL,
	state        TEXT   NOT NULL CHECK (state IN ('placed', 'paid', 'expired')),
	statement    TEXT   NOT NULL CHECK (statement <> ''),
	statement_lang TEXT NOT NULL,
	policy_version TEXT NOT NULL CHECK (policy_version <> ''),
	policy_hash  TEXT   NOT NULL CHECK (policy_hash <> ''),
	prevailing   TEXT   NOT NULL,
	control      TEXT   NOT NULL CHECK (control <> ''),
	ip           TEXT   NOT NULL,
	user_agent   TEXT   NOT NULL,
	session      TEXT   NOT NULL,
	payment      TEXT   NOT NULL,
	extra        BIGINT NOT NULL CHECK (extra >= 0),
	placed_at    BIGINT NOT NULL,
	paid_at      BIGINT,
	CHECK ((state = 'paid') = (paid_at IS NOT NULL))
) /*STRICT*/;

CREATE INDEX order_purchase_account ON order_purchase (account, id);
