package sandbox

import (
	"encoding/json"
	"time"

	"safelight/internal/id"
)

// text is null in JSON when it is empty, as Stripe has it.
type text string

func (t text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// An object of Stripe's, as it is stored and sent.
type object interface{ row() row }

// row is where an object is kept.
type row struct {
	id, kind, kindOfEvent, parent string
	due                           time.Time
}

// The kinds, by Stripe's names.
const (
	kindSession = "checkout.session"
	kindIntent  = "payment_intent"
	kindCharge  = "charge"
	kindRefund  = "refund"
	kindDispute = "dispute"
	kindEvent   = "event"
)

type meta map[string]string

type session struct {
	ID                 string   `json:"id"`
	Object             string   `json:"object"`
	AdaptivePricing    enabled  `json:"adaptive_pricing"`
	AmountSubtotal     int64    `json:"amount_subtotal"`
	AmountTotal        int64    `json:"amount_total"`
	AutomaticTax       enabled  `json:"automatic_tax"`
	CancelURL          text     `json:"cancel_url"`
	ClientReferenceID  text     `json:"client_reference_id"`
	Created            int64    `json:"created"`
	Currency           string   `json:"currency"`
	Customer           text     `json:"customer"`
	CustomerCreation   string   `json:"customer_creation"`
	CustomerDetails    *payer   `json:"customer_details"`
	CustomerEmail      text     `json:"customer_email"`
	ExpiresAt          int64    `json:"expires_at"`
	LineItems          *list    `json:"line_items,omitempty"`
	Livemode           bool     `json:"livemode"`
	Locale             text     `json:"locale"`
	Metadata           meta     `json:"metadata"`
	Mode               string   `json:"mode"`
	PaymentIntent      text     `json:"payment_intent"`
	PaymentIntentData  *intent  `json:"sandbox_payment_intent_data,omitempty"`
	PaymentMethodTypes []string `json:"payment_method_types"`
	PaymentStatus      string   `json:"payment_status"`
	Status             string   `json:"status"`
	SuccessURL         string   `json:"success_url"`
	UIMode             string   `json:"ui_mode"`
	URL                text     `json:"url"`
}

type enabled struct {
	Enabled bool `json:"enabled"`
}

type payer struct {
	Email     text `json:"email"`
	Name      text `json:"name"`
	Phone     text `json:"phone"`
	TaxExempt text `json:"tax_exempt"`
}

type lineItem struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Quantity       int64  `json:"quantity"`
}

func (cs session) row() row {
	r := row{id: cs.ID, kind: kindSession, parent: string(cs.PaymentIntent)}
	if cs.Status == "open" {
		r.due = time.Unix(cs.ExpiresAt, 0)
	}
	return r
}

type intent struct {
	ID                 string     `json:"id"`
	Object             string     `json:"object"`
	Amount             int64      `json:"amount"`
	AmountCapturable   int64      `json:"amount_capturable"`
	AmountReceived     int64      `json:"amount_received"`
	CanceledAt         *int64     `json:"canceled_at"`
	CaptureMethod      string     `json:"capture_method"`
	ClientSecret       string     `json:"client_secret"`
	ConfirmationMethod string     `json:"confirmation_method"`
	Created            int64      `json:"created"`
	Currency           string     `json:"currency"`
	Customer           text       `json:"customer"`
	Description        text       `json:"description"`
	LastPaymentError   *cardError `json:"last_payment_error"`
	LatestCharge       text       `json:"latest_charge"`
	Livemode           bool       `json:"livemode"`
	Metadata           meta       `json:"metadata"`
	PaymentMethod      text       `json:"payment_method"`
	PaymentMethodTypes []string   `json:"payment_method_types"`
	ReceiptEmail       text       `json:"receipt_email"`
	Status             string     `json:"status"`
}

type cardError struct {
	Charge      string `json:"charge"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message"`
	Type        string `json:"type"`
}

func (i intent) row() row { return row{id: i.ID, kind: kindIntent} }

type charge struct {
	ID                   string         `json:"id"`
	Object               string         `json:"object"`
	Amount               int64          `json:"amount"`
	AmountCaptured       int64          `json:"amount_captured"`
	AmountRefunded       int64          `json:"amount_refunded"`
	BalanceTransaction   text           `json:"balance_transaction"`
	BillingDetails       billing        `json:"billing_details"`
	Captured             bool           `json:"captured"`
	Created              int64          `json:"created"`
	Currency             string         `json:"currency"`
	Customer             text           `json:"customer"`
	Description          text           `json:"description"`
	Disputed             bool           `json:"disputed"`
	FailureCode          text           `json:"failure_code"`
	FailureMessage       text           `json:"failure_message"`
	Livemode             bool           `json:"livemode"`
	Metadata             meta           `json:"metadata"`
	Outcome              outcome        `json:"outcome"`
	Paid                 bool           `json:"paid"`
	PaymentIntent        text           `json:"payment_intent"`
	PaymentMethod        string         `json:"payment_method"`
	PaymentMethodDetails methodOfCharge `json:"payment_method_details"`
	ReceiptEmail         text           `json:"receipt_email"`
	Refunded             bool           `json:"refunded"`
	Status               string         `json:"status"`
}

type billing struct {
	Email text `json:"email"`
	Name  text `json:"name"`
	Phone text `json:"phone"`
}

type outcome struct {
	NetworkStatus string `json:"network_status"`
	Reason        text   `json:"reason"`
	RiskLevel     string `json:"risk_level"`
	SellerMessage string `json:"seller_message"`
	Type          string `json:"type"`
}

type methodOfCharge struct {
	Type string       `json:"type"`
	Card cardOfCharge `json:"card"`
}

type cardOfCharge struct {
	Brand    string `json:"brand"`
	Country  string `json:"country"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	Funding  string `json:"funding"`
	Last4    string `json:"last4"`
	Network  string `json:"network"`
}

func (c charge) row() row { return row{id: c.ID, kind: kindCharge, parent: string(c.PaymentIntent)} }

type refund struct {
	ID            string `json:"id"`
	Object        string `json:"object"`
	Amount        int64  `json:"amount"`
	Charge        string `json:"charge"`
	Created       int64  `json:"created"`
	Currency      string `json:"currency"`
	FailureReason string `json:"failure_reason,omitempty"`
	Metadata      meta   `json:"metadata"`
	PaymentIntent text   `json:"payment_intent"`
	Reason        text   `json:"reason"`
	ReceiptNumber text   `json:"receipt_number"`
	Status        string `json:"status"`
	FailsAt       int64  `json:"sandbox_fails_at,omitempty"` // the test card's refund that fails later
}

func (r refund) row() row {
	o := row{id: r.ID, kind: kindRefund, parent: r.Charge}
	if r.FailsAt != 0 {
		o.due = time.Unix(r.FailsAt, 0)
	}
	return o
}

type dispute struct {
	ID                   string          `json:"id"`
	Object               string          `json:"object"`
	Amount               int64           `json:"amount"`
	BalanceTransactions  []any           `json:"balance_transactions"`
	Charge               string          `json:"charge"`
	Created              int64           `json:"created"`
	Currency             string          `json:"currency"`
	Evidence             meta            `json:"evidence"`
	EvidenceDetails      evidenceDetails `json:"evidence_details"`
	IsChargeRefundable   bool            `json:"is_charge_refundable"`
	Livemode             bool            `json:"livemode"`
	Metadata             meta            `json:"metadata"`
	NetworkReasonCode    string          `json:"network_reason_code"`
	PaymentIntent        text            `json:"payment_intent"`
	PaymentMethodDetails methodOfDispute `json:"payment_method_details"`
	Reason               string          `json:"reason"`
	Status               string          `json:"status"`
}

type evidenceDetails struct {
	DueBy           int64 `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int64 `json:"submission_count"`
}

type methodOfDispute struct {
	Type string        `json:"type"`
	Card cardOfDispute `json:"card"`
}

type cardOfDispute struct {
	Brand             string `json:"brand"`
	CaseType          string `json:"case_type"`
	NetworkReasonCode string `json:"network_reason_code"`
}

func (d dispute) row() row { return row{id: d.ID, kind: kindDispute, parent: d.Charge} }

type event struct {
	ID              string    `json:"id"`
	Object          string    `json:"object"`
	APIVersion      string    `json:"api_version"`
	Created         int64     `json:"created"`
	Data            eventData `json:"data"`
	Livemode        bool      `json:"livemode"`
	PendingWebhooks int       `json:"pending_webhooks"`
	Request         eventFrom `json:"request"`
	Type            string    `json:"type"`
}

type eventData struct {
	Object json.RawMessage `json:"object"`
}

type eventFrom struct {
	ID             text `json:"id"`
	IdempotencyKey text `json:"idempotency_key"`
}

func (e event) row() row { return row{id: e.ID, kind: kindEvent, kindOfEvent: e.Type} }

type list struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// newID makes an id of Stripe's shape; later ones sort later.
func newID(prefix string) string { return prefix + id.New[string]("x")[2:] }
