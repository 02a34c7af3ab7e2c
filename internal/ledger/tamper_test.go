package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	. "safelight/internal/ledger"
)

// Each row says what somebody with the database's password does.
var tamperings = []struct{ sentence, query string }{
	{"an entry's amount changed", `UPDATE ledger_entry SET amount = amount + 1 WHERE to_account = 'consumed'`},
	{"an entry moved to another account", `UPDATE ledger_entry SET to_account = 'revoked' WHERE to_account = 'consumed'`},
	{"an entry moved to another lot", `UPDATE ledger_entry SET lot = (SELECT max(lot) FROM ledger_lot) WHERE to_account = 'consumed'`},
	{"an entry removed", `DELETE FROM ledger_entry WHERE to_account = 'consumed'`},
	{"an entry inserted", `INSERT INTO ledger_entry SELECT txn, n + 50, lot, from_account, to_account, 1 FROM ledger_entry WHERE to_account = 'consumed'`},
	{"an entry of no transaction", `INSERT INTO ledger_entry SELECT 'txn_x', 1, lot, from_account, to_account, 1 FROM ledger_entry WHERE to_account = 'consumed'`},
	{"a transaction's source changed", `UPDATE ledger_txn SET source = 'job:other' WHERE kind = 'capture'`},
	{"a transaction's time changed", `UPDATE ledger_txn SET at = at - 1 WHERE kind = 'capture'`},
	{"a transaction's amount changed", `UPDATE ledger_txn SET amount = amount - 1 WHERE kind = 'capture'`},
	{"a transaction's kind changed", `UPDATE ledger_txn SET kind = 'release' WHERE kind = 'capture'`},
	{"a transaction's key changed", `UPDATE ledger_txn SET key = 'other' WHERE kind = 'issue' AND owner = 'acc_ana'`},
	{"a transaction's balance changed", `UPDATE ledger_txn SET available = available + 1 WHERE kind = 'issue' AND owner = 'acc_ana'`},
	{"a transaction given to another owner", `UPDATE ledger_txn SET owner = 'acc_ben', seq = 99 WHERE kind = 'hold' AND amount = 2`},
	{"a transaction removed with its entries", `DELETE FROM ledger_txn WHERE kind = 'capture'; DELETE FROM ledger_entry WHERE to_account = 'consumed'`},
	{"the last transaction removed", `DELETE FROM ledger_txn WHERE seq = (SELECT max(seq) FROM ledger_txn)`},
	{"a transaction inserted", `INSERT INTO ledger_txn SELECT 'txn_x', owner, seq + 100, previous, kind, 'x', request, source, hold, detail, amount, at, available, held, 0 FROM ledger_txn WHERE kind = 'issue' AND owner = 'acc_ana'`},
	{"a freeze inserted", `INSERT INTO ledger_txn SELECT 'txn_x', owner, seq + 1, txn, 'freeze', 'x', '', '', '', '', 0, at, available, held, 0 FROM ledger_txn WHERE seq = (SELECT max(seq) FROM ledger_txn)`},
	{"a transaction taken out of its block", `UPDATE ledger_txn SET block = 0 WHERE kind = 'capture'`},
	{"a transaction put into a block that is not", `UPDATE ledger_txn SET block = 77 WHERE kind = 'capture'`},
	{"a lot with more remaining", `UPDATE ledger_lot SET remaining = remaining + 1, spent = spent - 1 WHERE spent > 0`},
	{"a lot with more held", `UPDATE ledger_lot SET held = held + 1 WHERE held = 0`},
	{"a lot with less spent", `UPDATE ledger_lot SET spent = 0 WHERE spent > 0`},
	{"a lot thawed", `UPDATE ledger_lot SET frozen = 0 WHERE frozen > 0`},
	{"a lot that expires later", `UPDATE ledger_lot SET expires = expires - 1 WHERE owner = 'acc_ana'`},
	{"a lot of another class", `UPDATE ledger_lot SET class = 'goodwill' WHERE class = 'bonus'`},
	{"a lot for another price", `UPDATE ledger_lot SET price_minor = 1 WHERE class = 'paid'`},
	{"a lot granted more", `UPDATE ledger_lot SET granted = granted + 1 WHERE class = 'paid'`},
	{"a lot spent sooner", `UPDATE ledger_lot SET rank = 0 WHERE class = 'paid'`},
	{"a lot given to another owner", `UPDATE ledger_lot SET owner = 'acc_ben' WHERE class = 'bonus'`},
	{"a lot of another transaction", `UPDATE ledger_lot SET txn = (SELECT txn FROM ledger_txn WHERE kind = 'issue' AND owner = 'acc_ben') WHERE class = 'bonus'`},
	{"a lot removed", `DELETE FROM ledger_lot WHERE class = 'bonus'`},
	{"a lot inserted", `INSERT INTO ledger_lot SELECT 'lot_x', owner, txn, class, rank, granted, price_minor, currency, order_ref, parent, effective, expires, priority, at, remaining, held, spent, frozen, live FROM ledger_lot WHERE class = 'bonus'`},
	{"an open hold's amount changed", `UPDATE ledger_txn SET amount = 1 WHERE kind = 'hold' AND amount = 2`},
	{"an open hold removed", `DELETE FROM ledger_txn WHERE kind = 'hold' AND amount = 2; DELETE FROM ledger_entry WHERE to_account = 'held' AND amount = 2`},
	{"a settled hold opened", `UPDATE ledger_txn SET hold = '' WHERE kind = 'capture'`},
	{"a hold settled twice", `INSERT INTO ledger_txn SELECT 'txn_x', owner, 100, txn, kind, 'x', request, source, hold, detail, amount, at, available, held, 0 FROM ledger_txn WHERE kind = 'capture'`},
	{"more restored than captured", `UPDATE ledger_txn SET hold = 'hold_x' WHERE kind = 'restore'`},
	{"an owner with more", `UPDATE ledger_owner SET available = available + 1 WHERE owner = 'acc_ana'`},
	{"an owner with less held", `UPDATE ledger_owner SET held = 0 WHERE held > 0`},
	{"an owner thawed", `UPDATE ledger_owner SET frozen = frozen + 1 WHERE owner = 'acc_ana'`},
	{"an owner removed", `DELETE FROM ledger_owner WHERE owner = 'acc_ben'`},
	{"an owner inserted", `INSERT INTO ledger_owner (owner, last, previous, seq, available, held, frozen) VALUES ('acc_x', '', '', 0, 5, 0, 0)`},
	{"an owner's list that ends earlier", `UPDATE ledger_owner SET last = previous WHERE owner = 'acc_ana'`},
	{"an owner's list that ends earlier, with its number", `UPDATE ledger_owner SET last = previous, seq = seq - 1 WHERE owner = 'acc_ana'`},
	{"an owner's list that ends later", `UPDATE ledger_owner SET seq = seq + 1 WHERE owner = 'acc_ana'`},
	{"an owner's list that ends with another's", `UPDATE ledger_owner SET last = (SELECT o.last FROM ledger_owner o WHERE o.owner = 'acc_ben') WHERE owner = 'acc_ana'`},
	{"an owner without a list", `UPDATE ledger_owner SET last = '' WHERE owner = 'acc_ben'`},
	{"an owner's last but one", `UPDATE ledger_owner SET previous = '' WHERE owner = 'acc_ana'`},
	{"a list that is cut", `UPDATE ledger_txn SET previous = '' WHERE kind = 'capture'`},
	{"a list that leads nowhere", `UPDATE ledger_txn SET previous = 'txn_x' WHERE kind = 'capture'`},
	{"a list that goes on before its first", `UPDATE ledger_txn SET previous = (SELECT o.last FROM ledger_owner o WHERE o.owner = 'acc_ben') WHERE kind = 'issue' AND owner = 'acc_ana'`},
	{"a list that leaves one out", `UPDATE ledger_txn SET previous = (SELECT h.previous FROM ledger_txn h WHERE h.kind = 'capture') WHERE kind = 'restore'`},
	{"a list that leaves one out, with its number", `UPDATE ledger_txn SET previous = (SELECT h.previous FROM ledger_txn h WHERE h.kind = 'capture') WHERE kind = 'restore';
		UPDATE ledger_txn SET seq = seq - 1 WHERE owner = 'acc_ana' AND seq > 3; UPDATE ledger_owner SET seq = seq - 1 WHERE owner = 'acc_ana'`},
	{"a list that goes round", `UPDATE ledger_txn SET previous = (SELECT o.last FROM ledger_owner o WHERE o.owner = 'acc_ana') WHERE kind = 'capture'`},
	{"a list that names itself", `UPDATE ledger_txn SET previous = txn WHERE kind = 'capture'`},
	{"a list that forks", `INSERT INTO ledger_txn SELECT 'txn_x', owner, seq, previous, kind, '', request, source, hold, detail, amount, at, available, held, 0 FROM ledger_txn WHERE kind = 'freeze'`},
	{"a list that forks at its end", `INSERT INTO ledger_txn SELECT 'txn_x', owner, seq + 1, txn, 'freeze', '', '', '', '', 'lot_x', 0, at, available, held, 0 FROM ledger_txn WHERE seq = (SELECT max(seq) FROM ledger_txn)`},
	{"a ring apart from the list", `INSERT INTO ledger_txn SELECT 'txn_x', owner, seq + 1, 'txn_y', 'freeze', '', '', '', '', 'lot_x', 0, at, available, held, 0 FROM ledger_txn WHERE seq = (SELECT max(seq) FROM ledger_txn);
		INSERT INTO ledger_txn SELECT 'txn_y', owner, seq, 'txn_x', 'freeze', '', '', '', '', 'lot_x', 0, at, available, held, 0 FROM ledger_txn WHERE txn = 'txn_x'`},
	{"two of a list changed over", `UPDATE ledger_txn SET seq = 9 - seq WHERE owner = 'acc_ana' AND seq IN (4, 5)`},
	{"a block's hash changed", `UPDATE ledger_block SET hash = 'ab' || hash WHERE block = 1`},
	{"a block's count changed", `UPDATE ledger_block SET txns = txns + 1 WHERE block = 1`},
	{"a block removed", `DELETE FROM ledger_block WHERE block = 1`},
	{"the last block removed", `DELETE FROM ledger_block WHERE block = 2`},
	{"the last block removed with its transactions' seals", `DELETE FROM ledger_block WHERE block = 2; UPDATE ledger_txn SET block = 0 WHERE block = 2`},
	{"a block inserted", `INSERT INTO ledger_block SELECT 3, txns, hash, at FROM ledger_block WHERE block = 2`},
	{"the end of the chain changed", `UPDATE ledger_chain SET block = 1`},
	{"the end of the chain removed", `DELETE FROM ledger_chain`},
}

func TestTamperingIsFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := &desk{t: t, d: d}
		lots := k.issue(ana, Grant{Class: Bonus, Credits: 5, Expires: in(1e12)}, Grant{Class: Paid, Credits: 10})
		k.issue(ben, Grant{Class: Promotional, Credits: 5})
		k.seal()
		r := k.mustHold(ana, 7)
		if _, err := k.capture(r.ID, 3); err != nil {
			t.Fatal(err)
		}
		if _, err := k.restore(ana, r.ID, 1); err != nil {
			t.Fatal(err)
		}
		k.must(func(tx *db.Tx) error { return Freeze(t.Context(), tx, Cause{ana, "f", "x"}, lots[1].ID) })
		k.mustHold(ana, 2)
		k.seal()
		k.verify()
		undo := errors.New("undo")
		for _, c := range tamperings {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				n, err := execAll(t, tx, c.query)
				if err != nil || n == 0 {
					t.Errorf("%s: %d rows, %v", c.sentence, n, err)
					return undo
				}
				if _, err := VerifyIn(t.Context(), tx); !errors.Is(err, ErrBroken) {
					t.Errorf("%s: not found: %v", c.sentence, err)
				} else if testing.Verbose() {
					t.Logf("%s: %v", c.sentence, err)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		}
		k.verify()
	})
}

func execAll(t *testing.T, tx *db.Tx, queries string) (n int64, err error) {
	for _, q := range strings.Split(queries, ";") {
		changed, err := tx.Exec(t.Context(), q)
		if err != nil {
			return 0, err
		}
		n += changed
	}
	return n, nil
}
