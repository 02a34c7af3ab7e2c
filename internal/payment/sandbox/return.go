package sandbox

import (
	"context"
	"slices"
	"time"

	"safelight/internal/db"
)

// refundFailsAfter is how long the test card's refund looks well.
const refundFailsAfter = time.Minute

var refundReasons = []string{"", "duplicate", "fraudulent", "requested_by_customer"}

// giveBack refunds a charge, wholly when amount is 0.
func giveBack(ctx context.Context, tx *db.Tx, chargeID string, amount int64, reason string, m meta) (refund, error) {
	ch, err := lock[charge](ctx, tx, chargeID)
	if err != nil {
		return refund{}, err
	}
	left := ch.AmountCaptured - ch.AmountRefunded
	if amount == 0 {
		amount = left
	}
	switch {
	case !slices.Contains(refundReasons, reason):
		return refund{}, invalid("reason", "", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer")
	case left == 0 && ch.Captured:
		return refund{}, invalid("", "charge_already_refunded", "Charge "+ch.ID+" has already been refunded.")
	case ch.Disputed:
		return refund{}, invalid("", "charge_disputed", "Charge "+ch.ID+" has been charged back; cannot issue a refund.")
	case amount < 0 || amount > left:
		return refund{}, invalid("amount", "", "Refund amount is greater than unrefunded amount on charge.")
	}
	re := refund{ID: newID("re_"), Object: kindRefund, Amount: amount, Charge: ch.ID, Created: tx.Now().Unix(), Currency: ch.Currency,
		Metadata: m, PaymentIntent: ch.PaymentIntent, Reason: text(reason), Status: "succeeded"}
	if cardOf(ch.PaymentMethodDetails.Card.Last4).refundFails {
		re.FailsAt = tx.Now().Add(refundFailsAfter).Unix()
	}
	ch.AmountRefunded += amount
	ch.Refunded = ch.AmountRefunded == ch.AmountCaptured
	return re, saveRefund(ctx, tx, ch, re, "refund.created", "charge.refunded")
}

// failRefund takes back a refund that looked well.
func failRefund(ctx context.Context, tx *db.Tx, id string) error {
	re, err := lock[refund](ctx, tx, id)
	if err != nil || re.Status != "succeeded" {
		return err
	}
	ch, err := lock[charge](ctx, tx, re.Charge)
	if err != nil {
		return err
	}
	re.Status, re.FailureReason, re.FailsAt = "failed", "expired_or_canceled_card", 0
	ch.AmountRefunded -= re.Amount
	ch.Refunded = false
	if err := saveRefund(ctx, tx, ch, re, "refund.failed", ""); err != nil {
		return err
	}
	if err := emit(ctx, tx, "refund.updated", re); err != nil {
		return err
	}
	return emit(ctx, tx, "charge.refund.updated", re)
}

func saveRefund(ctx context.Context, tx *db.Tx, ch charge, re refund, ofRefund, ofCharge string) error {
	if err := save(ctx, tx, ch); err != nil {
		return err
	}
	if err := save(ctx, tx, re); err != nil {
		return err
	}
	if err := emit(ctx, tx, ofRefund, re); err != nil || ofCharge == "" {
		return err
	}
	return emit(ctx, tx, ofCharge, ch)
}

// Card networks' codes of the reasons that the controls offer.
var networkReasons = map[string]string{
	"bank_cannot_process": "11", "check_returned": "R01", "credit_not_processed": "13.6", "customer_initiated": "MD06",
	"debit_not_authorized": "R10", "duplicate": "12.6", "fraudulent": "10.4", "general": "00", "incorrect_account_details": "12.4",
	"insufficient_funds": "R01", "noncompliant": "NC", "product_not_received": "13.1", "product_unacceptable": "13.3",
	"subscription_canceled": "13.2", "unrecognized": "10.5",
}

// evidenceTime is how long evidence is taken.
const evidenceTime = 9 * 24 * time.Hour

// open opens a dispute about a charge; the money is withdrawn at once.
func open(ctx context.Context, tx *db.Tx, ch charge, reason string) (dispute, error) {
	code, ok := networkReasons[reason]
	switch {
	case !ok:
		return dispute{}, invalid("reason", "", "Invalid reason: "+reason)
	case ch.Disputed || !ch.Captured || ch.Refunded:
		return dispute{}, invalid("charge", "", "Charge "+ch.ID+" cannot be disputed.")
	}
	dp := dispute{ID: newID("dp_"), Object: kindDispute, Amount: ch.Amount, BalanceTransactions: []any{}, Charge: ch.ID,
		Created: tx.Now().Unix(), Currency: ch.Currency, Evidence: meta{}, Metadata: meta{}, NetworkReasonCode: code,
		EvidenceDetails: evidenceDetails{DueBy: tx.Now().Add(evidenceTime).Unix()}, PaymentIntent: ch.PaymentIntent,
		PaymentMethodDetails: methodOfDispute{Type: "card", Card: cardOfDispute{Brand: ch.PaymentMethodDetails.Card.Brand,
			CaseType: "chargeback", NetworkReasonCode: code}},
		Reason: reason, Status: "needs_response"}
	ch.Disputed = true
	if err := save(ctx, tx, ch); err != nil {
		return dp, err
	}
	return dp, saveDispute(ctx, tx, dp, "charge.dispute.created", "charge.dispute.funds_withdrawn")
}

// closeDispute ends a dispute as won or lost.
func closeDispute(ctx context.Context, tx *db.Tx, id, status string) (dispute, error) {
	dp, err := lock[dispute](ctx, tx, id)
	if err != nil {
		return dp, err
	}
	if status != "won" && status != "lost" {
		return dp, invalid("status", "", "Invalid status: must be won or lost")
	}
	if dp.Status == "won" || dp.Status == "lost" {
		return dp, invalid("dispute", "", "This dispute is already closed.")
	}
	dp.Status = status
	if status == "lost" {
		return dp, saveDispute(ctx, tx, dp, "charge.dispute.closed")
	}
	return dp, saveDispute(ctx, tx, dp, "charge.dispute.closed", "charge.dispute.funds_reinstated")
}

// answerDispute adds evidence; submitting it starts the bank's review, which
// the documented test texts decide at once.
func answerDispute(ctx context.Context, tx *db.Tx, id string, evidence meta, submit bool) (dispute, error) {
	dp, err := lock[dispute](ctx, tx, id)
	if err != nil {
		return dp, err
	}
	if dp.Status != "needs_response" {
		return dp, invalid("", "", "This dispute no longer takes evidence.")
	}
	for k, v := range evidence {
		dp.Evidence[k] = v
		dp.EvidenceDetails.HasEvidence = true
	}
	if submit {
		dp.Status = "under_review"
		dp.EvidenceDetails.SubmissionCount++
	}
	if err := saveDispute(ctx, tx, dp, "charge.dispute.updated"); err != nil || !submit {
		return dp, err
	}
	switch evidence["uncategorized_text"] {
	case "winning_evidence":
		return closeDispute(ctx, tx, id, "won")
	case "losing_evidence":
		return closeDispute(ctx, tx, id, "lost")
	}
	return dp, nil
}

func saveDispute(ctx context.Context, tx *db.Tx, dp dispute, events ...string) error {
	if err := save(ctx, tx, dp); err != nil {
		return err
	}
	for _, e := range events {
		if err := emit(ctx, tx, e, dp); err != nil {
			return err
		}
	}
	return nil
}
