package web

import (
	"context"
	"strings"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/explain"
	"safelight/internal/i18n"
	"safelight/internal/order"
	"safelight/internal/policy"
)

// A RefundLine is what the policy answers on one ground, for one order.
type RefundLine struct {
	Ground string
	State  State
	Until  string
	Clause Link
}

// refundLines decides the order now on the grounds that matter for what was
// bought, by the function that decides every case. Nothing is stored.
func (s *Server) refundLines(ctx context.Context, p *i18n.Printer, who account.Account, o order.Order) (all []RefundLine, version string, err error) {
	if o.State != order.Paid {
		return nil, "", nil
	}
	records, err := db.Ask(ctx, s.DB, func(tx *db.Tx) (order.Records, error) { return order.ReadRecords(ctx, tx, s.Desk, who, o) })
	if err != nil {
		return nil, "", err
	}
	for _, g := range told[string(records.Kind)] {
		d, err := s.refunds.Decide(ctx, records.Facts(g))
		if err != nil {
			return nil, "", err
		}
		version = d.Version
		line := RefundLine{Ground: explain.GroundName(p, g), State: inShort(p, d), Until: until(p, d)}
		if c, ok := d.Document().In(p.Lang).Clause(d.Clauses[0]); ok {
			line.Clause = Link{c.Number(), clausePath(d.Document(), c)}
		}
		all = append(all, line)
	}
	return all, version, nil
}

// inShort is a decision in a few words.
func inShort(p *i18n.Printer, d *policy.Decision) State {
	switch {
	case d.Outcome == policy.Grant && d.Remedies[0] == policy.Money && d.Amount != nil:
		return State{Good, p.T("decide.order_refund", args("amount", p.Money(*d.Amount)))}
	case d.Outcome == policy.Grant:
		return State{Good, explain.RemedyName(p, d.Remedies[0])}
	case d.Outcome == policy.Incomplete:
		return State{Warn, p.T("decide.order_incomplete", args("what", strings.Join(explain.Wanted(d, p.Lang), ", ")))}
	case d.Outcome == policy.Review && d.Amount != nil:
		return State{Warn, p.T("decide.order_review_most", args("amount", p.Money(*d.Amount)))}
	case d.Outcome == policy.Review:
		return State{Warn, p.T("decide.order_review")}
	case d.Reason == policy.NotFounded:
		return State{Plain, p.T("decide.order_none")}
	case d.Reason == policy.TooLate:
		return State{Plain, p.T("decide.order_late")}
	}
	return State{Plain, p.T("decide.order_never")}
}

// until is how long the ground can be claimed; nothing where it is denied
// anyway.
func until(p *i18n.Printer, d *policy.Decision) string {
	switch {
	case d.Window != nil && (d.Outcome != policy.Deny || d.Reason == policy.NotFounded || d.Reason == policy.TooLate):
		return p.DateTime(d.Window.Closes)
	case d.Outcome == policy.Deny:
		return ""
	}
	return p.T("decide.order_any")
}
