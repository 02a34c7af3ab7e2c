package payment

import (
	"context"
	"net/http"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/money"
)

// Ids of this package's rows.
type (
	SessionID string // pay_…: one attempt to have an order paid
	ChargeID  string // chg_…: money that was taken
	InboxID   string // inb_…: one event that the processor told us
)

// Faults that a person may read.
var (
	ErrNotFound    = fault.New(fault.NotFound, "payment.not_found", "There is no such payment.")
	ErrClosed      = fault.New(fault.Conflict, "payment.closed", "This payment is finished and cannot be opened again.")
	ErrUnavailable = fault.New(fault.Unavailable, "payment.unavailable", "The payment service does not answer right now.")
	ErrRefused     = fault.New(fault.Internal, "payment.refused", "The payment service refused to open the payment page.")
	ErrSignature   = fault.New(fault.Malformed, "payment.signature", "This notice is not signed by the payment service.")
	ErrUnreadable  = fault.New(fault.Malformed, "payment.unreadable", "This notice cannot be read.")
	ErrTooLarge    = fault.New(fault.TooLarge, "payment.too_large", "This notice is larger than the payment service sends.")
)

// Identity is who takes the money: a processor's name, and whether it takes
// real money.
type Identity struct {
	Name string // "stripe"
	Live bool
}

// Intent is what a customer is about to pay.
type Intent struct {
	By      Identity // of the processor that will be asked
	Order   string   // the order's id, our reference at the processor
	Number  string   // the order's number, which the customer sees
	Item    string   // what is bought, in the customer's language
	Amount  money.Amount
	Email   string // of the payer
	Lang    i18n.Lang
	Success string // absolute addresses that the hosted page returns to
	Cancel  string
	Expires time.Time // when the page closes; zero for [DefaultExpiry] from now
}

// SessionState is how far a session is.
type SessionState string

// The states. begun → open → paid or expired; begun → failed. Paid is final:
// an expired or failed session becomes paid when the processor took the money
// nevertheless.
const (
	Begun   SessionState = "begun"   // our intention is written, the processor may not know
	Opened  SessionState = "open"    // the hosted page can be paid
	Settled SessionState = "paid"    // the money was taken and recorded
	Expired SessionState = "expired" // the page is closed, unpaid
	Failed  SessionState = "failed"  // the processor refused to open a page
)

// Session is one attempt to have an order paid on a hosted page.
type Session struct {
	ID SessionID
	Intent
	State    SessionState
	Ref      string // the processor's id of the session, once open
	URL      string // the hosted page, once open
	BegunAt  time.Time
	OpenedAt time.Time
	ClosedAt time.Time
	Attempts int64  // of opening
	Error    string // of the last attempt, for the operator
}

// Card is what the processor tells of the card: never its number.
type Card struct {
	Brand   string
	Last4   string
	Country string // of the issuer, ISO 3166 alpha-2
}

// Charge is money that the processor took. There is one row for each.
type Charge struct {
	ID        ChargeID
	Session   SessionID
	Order     string
	Processor string
	Payment   string // the processor's id of the payment (pi_…), unique
	Ref       string // the processor's id of the charge (ch_…)
	Amount    money.Amount
	Live      bool
	Duplicate bool // the order had been paid before: the customer is owed this
	Email     string
	Card      Card
	At        time.Time // when the processor took it
	Recorded  time.Time
}

// Paid is the news of a recorded charge. When Duplicate is true the order was
// paid before: whoever settles must not deliver again.
type Paid struct {
	Session   Session
	Charge    Charge
	Duplicate bool
}

// Settle delivers what was paid for. It runs inside the transaction that
// records the charge, exactly once for each charge; an error undoes both, and
// the work is tried again later.
type Settle func(ctx context.Context, tx *db.Tx, p Paid) error

// Wake asks the queue, inside tx, to call [Work] for an inbox row.
type Wake func(ctx context.Context, tx *db.Tx, inbox InboxID) error

// Checkout is what a [Processor] needs for a hosted page.
type Checkout struct {
	Key     string // idempotency key: the same key opens one page only
	Session SessionID
	Intent
}

// Page is an opened hosted page.
type Page struct {
	Ref string // the processor's id of the session
	URL string
}

// FactState is what the processor says of a payment.
type FactState string

// The states. Anything that an adapter does not know is Unknown, never a guess.
const (
	FactOpen    FactState = "open"    // nobody has paid yet
	FactPending FactState = "pending" // paid by a slow method, not yet certain
	FactPaid    FactState = "paid"
	FactClosed  FactState = "closed" // expired or cancelled, unpaid
	FactUnknown FactState = "unknown"
)

// Facts are what the processor says of one session or payment, fetched now.
type Facts struct {
	State    FactState
	Raw      string    // the processor's own words for the state
	Session  SessionID // our reference, empty when the object carries none
	Order    string    // our reference
	Ref      string    // the processor's id of the session, empty when unknown
	Payment  string    // the processor's id of the payment, empty before one exists
	Charge   string
	Amount   money.Amount // taken when paid, else asked
	Live     bool
	Captured bool // the money was taken, not only authorised
	Email    string
	Card     Card
	At       time.Time // when it was taken
}

// Topic is what an event is about.
type Topic string

// The topics.
const (
	TopicPayment Topic = "payment" // worked: fetch the object, compare, record
	TopicRefund  Topic = "refund"  // parked until a flow asks for it
	TopicDispute Topic = "dispute" // parked until a flow asks for it
	TopicOther   Topic = "other"   // kept and ignored
)

// Event is a notice of the processor. Only Object is used, and only to fetch:
// what the notice says about money is never believed.
type Event struct {
	ID      string
	Type    string // the processor's own name
	Topic   Topic
	Object  string // id of what it is about
	Live    bool
	At      time.Time
	Payload []byte
}

// A Processor takes money on a hosted page of its own.
//
// Open MUST open one page only for one Checkout.Key. Facts takes the
// processor's id of a session, payment or charge. Verify MUST refuse a notice
// that was not signed by the processor within five minutes of now, with
// [ErrSignature]. Events returns notices made at or after since, oldest first.
// A processor that cannot be reached is [ErrUnavailable]; an object that it
// does not know is fault.NotFound; a request that it will always refuse is
// [ErrRefused].
type Processor interface {
	Identity() Identity
	Open(ctx context.Context, c Checkout) (Page, error)
	Facts(ctx context.Context, ref string) (Facts, error)
	Expire(ctx context.Context, ref string) error
	Verify(body []byte, h http.Header, now time.Time) (Event, error)
	Events(ctx context.Context, since time.Time) ([]Event, error)
}

// Limits.
const (
	DefaultExpiry = 2 * time.Hour
	MaxNotice     = 1 << 20 // bytes of a notice
	Tolerance     = 5 * time.Minute
)
