package fact

import "strings"

// A Type says how a field is written and what may be done with it.
type Type string

// The types of fields.
const (
	Bool   Type = "bool"
	Count  Type = "count"  // whole, not negative
	Share  Type = "share"  // a decimal of 0 to 1
	Money  Type = "money"  // a decimal of the order's currency
	Price  Type = "price"  // money with up to 6 decimals
	Time   Type = "time"   // RFC 3339
	Text   Type = "text"   //
	Choice Type = "choice" // one of a few texts
)

// A Field is one fact by its name.
type Field struct {
	Name    string
	Type    Type
	Choices []string
	at      func(*Case) any // a pointer to the field
}

// Customer reports whether the fact is the customer's to give.
func (f Field) Customer() bool { return strings.HasPrefix(f.Name, "given.") }

// At is a pointer to the field in the case: **bool, **int64, **string,
// **time.Time, **money.Amount or **big.Rat, by its type.
func (f Field) At(c *Case) any { return f.at(c) }

// Fields are all single facts, by group; lists (order.captured,
// outage.maintenance) are not among them.
var Fields = []Field{
	{"at", Time, nil, func(c *Case) any { return &c.At }},
	{"ground", Choice, grounds(), func(c *Case) any { return &c.Ground }},
	{"lang", Choice, []string{"en", "es", "ru"}, func(c *Case) any { return &c.Lang }},

	{"given.transaction_id", Text, nil, func(c *Case) any { return &c.Given.TransactionID }},
	{"given.receipt_number", Text, nil, func(c *Case) any { return &c.Given.ReceiptNumber }},
	{"given.invoice_number", Text, nil, func(c *Case) any { return &c.Given.InvoiceNumber }},
	{"given.order_number", Text, nil, func(c *Case) any { return &c.Given.OrderNumber }},
	{"given.user_id", Text, nil, func(c *Case) any { return &c.Given.UserID }},
	{"given.email", Text, nil, func(c *Case) any { return &c.Given.Email }},
	{"given.reason", Text, nil, func(c *Case) any { return &c.Given.Reason }},
	{"given.payment_date", Time, nil, func(c *Case) any { return &c.Given.PaymentDate }},
	{"given.payment_amount", Money, nil, func(c *Case) any { return &c.Given.PaymentAmount }},
	{"given.screenshot", Bool, nil, func(c *Case) any { return &c.Given.Screenshot }},
	{"given.receipt_file", Bool, nil, func(c *Case) any { return &c.Given.ReceiptFile }},
	{"given.photos", Bool, nil, func(c *Case) any { return &c.Given.Photos }},
	{"given.access_attempts", Count, nil, func(c *Case) any { return &c.Given.AccessAttempts }},

	{"order.number", Text, nil, func(c *Case) any { return &c.Order.Number }},
	{"order.kind", Choice, []string{"pack", "pass", "subscription", "commission", "print", "task"}, func(c *Case) any { return &c.Order.Kind }},
	{"order.currency", Text, nil, func(c *Case) any { return &c.Order.Currency }},
	{"order.amount", Money, nil, func(c *Case) any { return &c.Order.Amount }},
	{"order.paid_at", Time, nil, func(c *Case) any { return &c.Order.PaidAt }},
	{"order.refunded", Money, nil, func(c *Case) any { return &c.Order.Refunded }},
	{"order.refunded_excess", Money, nil, func(c *Case) any { return &c.Order.RefundedExcess }},
	{"order.delivered", Bool, nil, func(c *Case) any { return &c.Order.Delivered }},
	{"order.can_redeliver", Bool, nil, func(c *Case) any { return &c.Order.CanRedeliver }},
	{"order.accepted_statement", Bool, nil, func(c *Case) any { return &c.Order.AcceptedStatement }},

	{"pack.tokens", Count, nil, func(c *Case) any { return &c.Pack.Tokens }},
	{"pack.used", Count, nil, func(c *Case) any { return &c.Pack.Used }},
	{"pack.expired", Count, nil, func(c *Case) any { return &c.Pack.Expired }},
	{"pack.free_tokens", Count, nil, func(c *Case) any { return &c.Pack.FreeTokens }},
	{"pack.free_used", Count, nil, func(c *Case) any { return &c.Pack.FreeUsed }},

	{"pass.generations", Count, nil, func(c *Case) any { return &c.Pass.Generations }},
	{"pass.token_price_now", Price, nil, func(c *Case) any { return &c.Pass.TokenPriceNow }},

	{"task.status", Choice, []string{"queued", "running", "success", "failed"}, func(c *Case) any { return &c.Task.Status }},
	{"task.can_reprocess", Bool, nil, func(c *Case) any { return &c.Task.CanReprocess }},
	{"task.bug_verified", Bool, nil, func(c *Case) any { return &c.Task.BugVerified }},

	{"subscription.period_end", Time, nil, func(c *Case) any { return &c.Subscription.PeriodEnd }},
	{"subscription.renews", Bool, nil, func(c *Case) any { return &c.Subscription.Renews }},

	{"commission.stage", Choice, []string{"ordered", "accepted", "in_progress", "first_delivery", "revising", "final_delivery", "approved"},
		func(c *Case) any { return &c.Commission.Stage }},
	{"commission.progress", Share, nil, func(c *Case) any { return &c.Commission.Progress }},
	{"commission.delivered_at", Time, nil, func(c *Case) any { return &c.Commission.DeliveredAt }},
	{"commission.approved_at", Time, nil, func(c *Case) any { return &c.Commission.ApprovedAt }},
	{"commission.revisions_delivered", Count, nil, func(c *Case) any { return &c.Commission.RevisionsDelivered }},
	{"commission.can_meet_brief", Bool, nil, func(c *Case) any { return &c.Commission.CanMeetBrief }},

	{"print.state", Choice, []string{"draft", "proof", "approved", "printing", "shipped", "delivered"}, func(c *Case) any { return &c.Print.State }},
	{"print.fault", Choice, []string{"none", "printing", "packaging", "carrier"}, func(c *Case) any { return &c.Print.Fault }},

	{"outage.from", Time, nil, func(c *Case) any { return &c.Outage.From }},
	{"outage.to", Time, nil, func(c *Case) any { return &c.Outage.To }},
	{"outage.complete", Bool, nil, func(c *Case) any { return &c.Outage.Complete }},

	{"account.state", Choice, []string{"active", "suspended", "terminated", "deleted"}, func(c *Case) any { return &c.Account.State }},
	{"account.violations", Count, nil, func(c *Case) any { return &c.Account.Violations }},
	{"account.fraud_flags", Count, nil, func(c *Case) any { return &c.Account.FraudFlags }},

	{"dispute.opened_at", Time, nil, func(c *Case) any { return &c.Dispute.OpenedAt }},
	{"dispute.reason", Text, nil, func(c *Case) any { return &c.Dispute.Reason }},
}

func grounds() (names []string) {
	for _, g := range Grounds {
		names = append(names, string(g))
	}
	return names
}

// tree finds a field by its group, "" for none, and its name in that.
var tree = func() map[string]map[string]*Field {
	groups := map[string]map[string]*Field{}
	for i := range Fields {
		group, name, nested := strings.Cut(Fields[i].Name, ".")
		if !nested {
			group, name = "", group
		}
		if groups[group] == nil {
			groups[group] = map[string]*Field{}
		}
		groups[group][name] = &Fields[i]
	}
	return groups
}()

// Lookup finds a field by its name.
func Lookup(name string) (Field, bool) {
	group, rest, nested := strings.Cut(name, ".")
	if !nested {
		group, rest = "", group
	}
	f, ok := tree[group][rest]
	if !ok {
		return Field{}, false
	}
	return *f, true
}
