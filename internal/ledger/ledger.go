package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"safelight/internal/fault"
	"safelight/internal/money"
)

// What a verb can answer besides its result.
var (
	// ErrShortfall has the arguments need and have, in credits.
	ErrShortfall = fault.New(fault.Payment, "ledger.shortfall", "There are not enough credits.")
	ErrFrozen    = fault.New(fault.Forbidden, "ledger.frozen", "The credits of this account are frozen.")
	ErrKeyReused = fault.New(fault.Conflict, "ledger.key_reused", "This key was used for another request.")
	ErrAmount    = fault.New(fault.Invalid, "ledger.amount", "This is not a possible number of credits.")
	ErrRequest   = fault.New(fault.Invalid, "ledger.request", "The request to the ledger is not complete.")
	ErrNoHold    = fault.New(fault.NotFound, "ledger.no_hold", "There is no such hold.")
	ErrNoLot     = fault.New(fault.NotFound, "ledger.no_lot", "There are no such credits.")
	ErrNoMove    = fault.New(fault.NotFound, "ledger.no_movement", "There is no such movement of credits.")
	// ErrResolved: the hold was captured or released before, otherwise than asked for now.
	ErrResolved = fault.New(fault.Conflict, "ledger.hold_resolved", "This hold is settled already.")
	// ErrRestore: more would be given back than was captured.
	ErrRestore = fault.New(fault.Conflict, "ledger.restore_exceeds", "More would be given back than was used.")
)

// Max is the most credits that one lot or one request can have, and that an
// owner can have unspent; sums stay far within 64 bits.
const Max = math.MaxInt64 / 1_000_000

// Owner is the id of the account that owns credits.
type Owner string

// LotID names a lot ("lot_…").
type LotID string

// TxnID names a transaction.
type TxnID string

// HoldID names a hold ("hold_…"); it is the id of the transaction that took it.
type HoldID string

// once is the id of what can happen to a transaction once: there cannot be
// another.
func once(what string, t TxnID) TxnID {
	_, unique, _ := strings.Cut(string(t), "_")
	return TxnID(what + "_" + unique)
}

func settlementOf(h HoldID) TxnID { return once("end", TxnID(h)) }

// Class says where credits come from.
type Class string

// The classes.
const (
	Paid        Class = "paid"
	Bonus       Class = "bonus"       // came with a purchase
	Promotional Class = "promotional" // given to attract
	Goodwill    Class = "goodwill"    // given to make something good
)

// rank is the place of a class in spending, the first spent first. What is lost
// most easily goes first: promotions, then the bonus that a refund of its
// purchase would take, then goodwill, and last what was paid for.
var rank = map[Class]int64{Promotional: 0, Bonus: 1, Goodwill: 2, Paid: 3}

// Kind says what a transaction did.
type Kind string

// The kinds.
const (
	Issued     Kind = "issue"
	Held       Kind = "hold"
	Captured   Kind = "capture"
	Released   Kind = "release"
	Restored   Kind = "restore"
	Revoked    Kind = "revoke"
	Forfeited  Kind = "forfeit"
	Reinstated Kind = "reinstate"
	Expired    Kind = "expire"
	Frozen     Kind = "freeze"
	Unfrozen   Kind = "unfreeze"
)

// An Account is one side of an entry. Available and OnHold exist for each
// owner; the others stand for where credits come from and go to.
type Account string

// The accounts. Credits are issued from "issued:" and their class.
const (
	Available     Account = "available"
	OnHold        Account = "held"
	Consumed      Account = "consumed"
	ToExpiry      Account = "expired"
	ToRevocation  Account = "revoked"
	ToForfeiture  Account = "forfeited"
	issuedAccount         = "issued:"
)

// A Lot is credits issued together: facts that never change, and what is left.
type Lot struct {
	ID        LotID
	Owner     Owner
	Class     Class
	Granted   int64
	Price     money.Amount // for the whole lot
	Order     string       // what it was bought with; "" for none
	Parent    LotID        // of a bonus: the purchase that it came with
	Effective time.Time    // spendable from
	Expires   time.Time    // not spendable from; zero for never
	Priority  int64        // a lower one is spent first
	At        time.Time    // issued

	Remaining int64 // neither spent nor taken away; Held is part of it
	Held      int64
	Spent     int64 // captured, less what was restored
	Frozen    bool  // by itself; the owner may be frozen besides
}

// Free is what is neither gone nor held.
func (l Lot) Free() int64 { return l.Remaining - l.Held }

// Spendable is what can be held at the moment now, if the owner is not frozen.
func (l Lot) Spendable(now time.Time) int64 {
	if l.Frozen || l.Effective.After(now) || l.ExpiredAt(now) {
		return 0
	}
	return l.Free()
}

// ExpiredAt reports whether the lot is over at the moment now.
func (l Lot) ExpiredAt(now time.Time) bool { return !l.Expires.IsZero() && !l.Expires.After(now) }

// UnitPrice is the exact price of one credit, in minor units of Price.Currency.
func (l Lot) UnitPrice() *big.Rat { return big.NewRat(l.Price.Minor, l.Granted) }

// A Part is a share of one lot.
type Part struct {
	Lot    LotID
	Amount int64
}

func total(parts []Part) (sum int64) {
	for _, p := range parts {
		sum += p.Amount
	}
	return sum
}

// HoldState is where a hold stands: open, then captured or released for good.
type HoldState string

// The states of a hold.
const (
	Open         HoldState = "open"
	WasCaptured  HoldState = "captured" // Captured of Amount; the rest was released with it
	WasReleased  HoldState = "released"
	maxKeyLength           = 300
)

// A Reservation is a hold: credits set aside for a job, lot by lot in the order of
// spending.
type Reservation struct {
	ID       HoldID
	Owner    Owner
	Amount   int64
	Source   string
	At       time.Time
	Parts    []Part
	State    HoldState
	Captured int64 // of Amount, when State is WasCaptured
}

// Released is what went back when the hold was settled.
func (r Reservation) Released() int64 {
	if r.State == Open {
		return 0
	}
	return r.Amount - r.Captured
}

func checkAmount(n int64) error {
	if n <= 0 || n > Max {
		return fmt.Errorf("ledger: %d credits: %w", n, ErrAmount)
	}
	return nil
}

// A Cause says for whose credits, under which key and because of what a verb
// acts. The same key with the same request acts once and answers the same; the
// key belongs to the owner. Source is the job, order or case, as "job:…".
type Cause struct {
	Owner  Owner
	Key    string
	Source string
}

func (c Cause) check() error {
	if c.Owner == "" || c.Key == "" || len(c.Key) > maxKeyLength {
		return fmt.Errorf("ledger: owner %q, key %q: %w", c.Owner, c.Key, ErrRequest)
	}
	return nil
}

// fingerprint is what two requests must share to be the same one.
func (c Cause) fingerprint(k Kind, parts ...any) string {
	h := sha256.New()
	for _, p := range append([]any{k, c.Source}, parts...) {
		s := fmt.Sprint(p)
		h.Write(fmt.Appendf(nil, "%d:%s,", len(s), s))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
