package order

import (
	"time"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/money"
	"safelight/internal/payment"
	"safelight/internal/policy"
	"safelight/internal/shop"
)

// ID is an order's id: "ord_…".
type ID string

// Errors of this package.
var (
	ErrStatement = fault.New(fault.Invalid, "order.statement_required", "Please tick the statement before you order.")
	ErrNotFound  = fault.New(fault.NotFound, "order.not_found", "There is no such order.")
	ErrTwice     = fault.New(fault.Conflict, "order.twice", "This order is being placed already.")
	ErrClosed    = fault.New(fault.Conflict, "order.closed", "This order cannot be paid any more.")
)

// State is how far an order is.
type State string

// The states: placed → paid; placed → expired; an expired order becomes paid
// when the money was taken nevertheless.
const (
	Placed  State = "placed"
	Paid    State = "paid"
	Expired State = "expired"
)

// An Order is a pack of credits for money.
type Order struct {
	ID       ID
	Number   string // what people and receipts say: "260301-4F7K2Q"
	Account  account.ID
	Email    string // where the receipt goes
	Item     string // the pack's id in the catalog
	Name     string // the pack's name in the buyer's language
	Quantity int64
	Credits  int64 // paid for
	Bonus    int64 // on top
	Lasts    time.Duration
	Amount   money.Amount
	Lang     i18n.Lang
	State    State
	Proof    Proof
	Session  payment.SessionID
	Payment  string // the processor's id of the payment, once paid
	Extra    int64  // further captures for this order: owed back
	PlacedAt time.Time
	PaidAt   time.Time
}

// Proof is what shows that the statement was ticked.
type Proof struct {
	Text       string
	Lang       i18n.Lang
	Version    string // of the refund policy
	Hash       string // of the refund policy, all languages
	Prevailing i18n.Lang
	Control    string // "checkbox" on the page, "api" by a client
	IP         string
	UserAgent  string
}

// A Desk is what an order needs to know of the shop. It holds no state.
type Desk struct {
	Shop      *shop.Shop
	Catalog   *catalog.Catalog
	Policies  func() policy.Set // in force at this moment
	Processor payment.Identity
	BaseURL   string // the shop's own address, without a slash at the end
	Letters   mail.Shop
}

// Request is what a buyer sends.
type Request struct {
	Buyer             account.Account
	Item              string
	Quantity          int64 // 0 means 1
	Currency          money.Currency
	Lang              i18n.Lang
	StatementAccepted bool
	Control           string
	Key               string // the same one of the same buyer is the same order; empty for none
	Client            account.Client
}

// Statement is the text that a buyer who reads this language must tick.
func (k Desk) Statement(l i18n.Lang) *policy.Text { return k.Policies()[policy.Refund].In(l) }

// URL is the page of an order.
func (k Desk) URL(id ID) string { return k.BaseURL + "/orders/" + string(id) }
