package fact

import (
	"math/big"
	"time"

	"safelight/internal/money"
)

// A Ground is what a customer claims.
type Ground string

// Grounds are all of them, in the order in which forms show them.
var Grounds = []Ground{
	"duplicate_charge", "erroneous_charge", "non_delivery", "system_failure", "outage", "glitch", "scheduled_work",
	"quality", "brief_not_met", "change_of_mind", "unused", "user_error", "unauthorised_use", "return_credits", "cash_exchange",
	"account_closed", "account_terminated", "expired_tokens", "free_tokens", "cancel_commission", "cancel_subscription",
	"prorate_subscription", "print_return", "print_change", "print_defect", "other",
}

// A Case is all that is known of one request. Nil is unknown. Money is in
// Order.Currency.
type Case struct {
	At     *time.Time
	Ground *string
	Lang   *string // of the letter

	Given        Given
	Order        Order
	Pack         Pack
	Pass         Pass
	Task         Task
	Subscription Subscription
	Commission   Commission
	Print        Print
	Outage       Outage
	Account      Account
	Dispute      Dispute
}

// Given is what the customer supplied; ids were verified as theirs.
type Given struct {
	TransactionID, ReceiptNumber, InvoiceNumber, OrderNumber, UserID, Email, Reason *string

	PaymentDate                     *time.Time
	PaymentAmount                   *money.Amount
	Screenshot, ReceiptFile, Photos *bool
	AccessAttempts                  *int64
}

// Order is what was bought.
type Order struct {
	Number, Kind, Currency                     *string
	Amount, Refunded, RefundedExcess           *money.Amount
	PaidAt                                     *time.Time
	Captured                                   []Capture
	Delivered, CanRedeliver, AcceptedStatement *bool
}

// A Capture is money taken for the order.
type Capture struct {
	ID     string
	Amount money.Amount
	At     time.Time
}

// Pack counts tokens: Used holds what running jobs hold, too.
type Pack struct{ Tokens, Used, Expired, FreeTokens, FreeUsed *int64 }

// Pass is unlimited use for a time. TokenPriceNow has up to 6 decimals.
type Pass struct {
	Generations   *int64
	TokenPriceNow *big.Rat
}

// Task is the one job or publication in question, if Exists.
type Task struct {
	Exists                    bool
	Status                    *string
	CanReprocess, BugVerified *bool
}

// Subscription is a plan that may renew.
type Subscription struct {
	PeriodEnd *time.Time
	Renews    *bool
}

// Commission is custom work. Progress is 0 to 1.
type Commission struct {
	Stage                   *string
	Progress                *big.Rat
	DeliveredAt, ApprovedAt *time.Time
	RevisionsDelivered      *int64
	CanMeetBrief            *bool
}

// Print is a printed product.
type Print struct{ State, Fault *string }

// Outage is the longest unbroken complete outage after the payment. To is nil
// while it lasts.
type Outage struct {
	From, To    *time.Time
	Complete    *bool
	Maintenance []Maintenance
}

// Maintenance is scheduled work. AnnouncedAt is nil where it is not known.
type Maintenance struct {
	From, To    time.Time
	AnnouncedAt *time.Time
}

// Account is the customer's account.
type Account struct {
	State                  *string
	Violations, FraudFlags *int64
}

// Dispute is a chargeback on the order.
type Dispute struct {
	OpenedAt *time.Time
	Reason   *string
}
