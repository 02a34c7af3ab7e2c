-- Credits by double entry. The rows of ledger_txn and ledger_entry are facts:
-- never changed and never removed, but for the number of the block that seals
-- a transaction. An entry moves an amount from one account to another, so that
-- every transaction sums to zero by its form. ledger_owner and the last five
-- columns of ledger_lot are projections that the entries rebuild.
--
-- An owner's transactions are a list: the owner's row names the last one and
-- the one before it, and each names the one before itself. No index has to be
-- kept for it, which would be spread over all owners.
CREATE TABLE ledger_owner (
	owner     TEXT   NOT NULL PRIMARY KEY,
	seq       BIGINT NOT NULL CHECK (seq >= 0),
	last      TEXT   NOT NULL,
	previous  TEXT   NOT NULL,
	available BIGINT NOT NULL CHECK (available >= 0),
	held      BIGINT NOT NULL CHECK (held >= 0),
	frozen    BIGINT NOT NULL CHECK (frozen >= 0)
) /*STRICT, WITHOUT ROWID*/;

-- "expires" is 9223372036854775807 for a lot that never does. "live" says that
-- something remains: the indexes that spending reads hold live lots alone.
CREATE TABLE ledger_lot (
	lot         TEXT   NOT NULL PRIMARY KEY,
	owner       TEXT   NOT NULL,
	txn         TEXT   NOT NULL,
	class       TEXT   NOT NULL CHECK (class IN ('paid', 'bonus', 'promotional', 'goodwill')),
	rank        BIGINT NOT NULL,
	granted     BIGINT NOT NULL CHECK (granted > 0),
	price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
	currency    TEXT   NOT NULL,
	order_ref   TEXT   NOT NULL,
	parent      TEXT   NOT NULL,
	effective   BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	priority    BIGINT NOT NULL,
	at          BIGINT NOT NULL,
	remaining   BIGINT NOT NULL,
	held        BIGINT NOT NULL,
	spent       BIGINT NOT NULL,
	frozen      BIGINT NOT NULL CHECK (frozen >= 0),
	live        BIGINT NOT NULL CHECK (live = CASE WHEN remaining > 0 THEN 1 ELSE 0 END),
	CHECK (0 <= held AND held <= remaining AND 0 <= spent AND remaining + spent <= granted)
) /*STRICT, WITHOUT ROWID*/;
CREATE INDEX ledger_lot_live ON ledger_lot (owner, priority, expires, rank, at, lot) WHERE live = 1;
CREATE INDEX ledger_lot_due ON ledger_lot (expires) WHERE live = 1;
CREATE INDEX ledger_lot_owner ON ledger_lot (owner, lot);
CREATE INDEX ledger_lot_order ON ledger_lot (order_ref) WHERE order_ref <> '';

-- What can happen to a transaction once, as a hold is settled, has an id made
-- of that transaction's. "key" is the caller's; without one it is ''.
CREATE TABLE ledger_txn (
	txn       TEXT   NOT NULL PRIMARY KEY,
	owner     TEXT   NOT NULL,
	seq       BIGINT NOT NULL,
	previous  TEXT   NOT NULL,
	kind      TEXT   NOT NULL,
	key       TEXT   NOT NULL,
	request   TEXT   NOT NULL,
	source    TEXT   NOT NULL,
	hold      TEXT   NOT NULL,
	detail    TEXT   NOT NULL,
	amount    BIGINT NOT NULL,
	at        BIGINT NOT NULL,
	available BIGINT NOT NULL,
	held      BIGINT NOT NULL,
	block     BIGINT NOT NULL
) /*STRICT, WITHOUT ROWID*/;
CREATE UNIQUE INDEX ledger_txn_key ON ledger_txn (key, owner) WHERE key <> '';
CREATE INDEX ledger_txn_block ON ledger_txn (block, txn);
CREATE INDEX ledger_txn_restore ON ledger_txn (hold) WHERE kind = 'restore';

CREATE TABLE ledger_entry (
	txn          TEXT   NOT NULL,
	n            BIGINT NOT NULL,
	lot          TEXT   NOT NULL,
	from_account TEXT   NOT NULL,
	to_account   TEXT   NOT NULL,
	amount       BIGINT NOT NULL CHECK (amount > 0),
	PRIMARY KEY (txn, n)
) /*STRICT, WITHOUT ROWID*/;

-- A block seals the transactions that carry its number, in the order of their
-- ids. ledger_chain has one row: the last block.
CREATE TABLE ledger_block (
	block BIGINT NOT NULL PRIMARY KEY,
	txns  BIGINT NOT NULL,
	hash  TEXT   NOT NULL,
	at    BIGINT NOT NULL
) /*STRICT*/;
CREATE TABLE ledger_chain (
	chain TEXT   NOT NULL PRIMARY KEY,
	block BIGINT NOT NULL,
	hash  TEXT   NOT NULL
) /*STRICT*/;
