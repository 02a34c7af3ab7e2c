package policy_test

import (
	"fmt"
	"strings"
	"testing"
)

// expected is what a decision must say. Remedies and clauses are joined with
// spaces; amount and fee are empty where there is none.
type expected struct{ outcome, clauses, remedies, amount, fee, missing string }

// joined is a list of the decision's JSON in one string.
func joined(v any) string {
	list, _ := v.([]any)
	words := make([]string, len(list))
	for i, one := range list {
		words[i] = fmt.Sprint(one)
	}
	return strings.Join(words, " ")
}

// wantDecision has the shop decide about the facts.
func wantDecision(t *testing.T, shop, facts string, want expected) {
	t.Helper()
	d := decideJSON(t, shop, facts)
	text := func(key string) string { s, _ := d[key].(string); return s }
	got := expected{text("outcome"), joined(d["clauses"]), joined(d["remedies"]), text("amount"), text("fee"), joined(d["missing"])}
	if got != want {
		t.Errorf("got  %+v\nwant %+v\nfor %s", got, want, facts)
	}
}

// Pieces of opendream's cases. The order costs 14.90, paid on 1 March at ten.
const (
	odPrice   = `"kind":"pack","currency":"USD","amount":"14.90","paid_at":"2026-03-01T10:00:00Z"`
	odOnce    = `"captured":[{"id":"ch_1","amount":"14.90","at":"2026-03-01T10:00:00Z"}]`
	odTwice   = `"captured":[{"id":"ch_1","amount":"14.90","at":"2026-03-01T10:00:00Z"},{"id":"ch_2","amount":"14.90","at":"2026-03-01T10:02:00Z"}]`
	odThrice  = `"captured":[{"id":"ch_3","amount":"14.90","at":"2026-03-02T12:00:00Z"},{"id":"ch_1","amount":"14.90","at":"2026-03-01T10:00:00Z"},{"id":"ch_2","amount":"14.90","at":"2026-03-01T10:02:00Z"}]`
	odTooMuch = `"captured":[{"id":"ch_1","amount":"20.00","at":"2026-03-01T10:00:00Z"}]`
	odProof   = `"given":{"transaction_id":"ch_1"}`
	odThree   = "given.transaction_id given.receipt_number given.invoice_number"
)

// odOrder is an order's object with more members.
func odOrder(members ...string) string {
	return `"order":{` + strings.Join(append([]string{odPrice}, members...), ",") + `}`
}

// claim is a request's facts.
func claim(at, ground string, members ...string) string {
	head := fmt.Sprintf(`"at":%q,"ground":%q`, at, ground)
	return "{" + strings.Join(append([]string{head}, members...), ",") + "}"
}

const odSoon = "2026-03-03T09:00:00Z" // within the seven days

func TestOpendreamAnswersAsItsContractSays(t *testing.T) {
	const no, yes = `"delivered":false`, `"delivered":true`
	const can, cannot = `"can_redeliver":true`, `"can_redeliver":false`
	review := func(amount, clause string) expected {
		return expected{outcome: "review", clauses: clause, remedies: "refund credit", amount: amount}
	}
	deny := func(clause string) expected { return expected{outcome: "deny", clauses: clause} }
	redeliver := expected{outcome: "grant", clauses: "3.2", remedies: "redeliver"}
	refund := expected{outcome: "review", clauses: "3.2", remedies: "refund", amount: "14.90"}
	incomplete := func(clause string) expected {
		return expected{outcome: "incomplete", clauses: clause, missing: odThree}
	}
	for _, c := range []struct {
		name, facts string
		want        expected
	}{
		// Chargebacks and ended accounts come before everything.
		{"a chargeback for fraud denies even what was never delivered", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, can), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"fraudulent"}`), deny("4.2")},
		{"a chargeback of a payment that nobody recognises denies", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"unrecognized"}`), deny("4.2")},
		{"a chargeback of an unauthorised debit denies", claim(odSoon, "other", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"debit_not_authorized"}`), deny("4.2")},
		{"a chargeback of an unacceptable product denies", claim(odSoon, "quality", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"product_unacceptable"}`), deny("4.2")},
		{"a chargeback opened at this very moment is open", claim(odSoon, "unused", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-03T09:00:00Z","reason":"fraudulent"}`), deny("4.2")},
		{"a chargeback opened a moment later is not open yet", claim(odSoon, "unused", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-03T09:00:00.000001Z","reason":"fraudulent"}`), deny("2.2")},
		{"a chargeback for fraud comes before the end of the account", claim(odSoon, "other", odOrder(odOnce), `"account":{"state":"terminated"}`, `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"fraudulent"}`), deny("4.2")},
		{"an ended account gets nothing for a duplicate charge", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice), `"account":{"state":"terminated"}`), deny("5")},
		{"an ended account gets nothing for what was not delivered", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, can), `"account":{"state":"terminated"}`), deny("5")},
		{"the end of the account comes before another dispute", claim(odSoon, "other", odOrder(odOnce), `"account":{"state":"terminated"}`, `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"duplicate"}`), deny("5")},
		{"a suspended account is heard", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, can), `"account":{"state":"suspended"}`), redeliver},
		{"a closed account is heard about a duplicate charge", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice), `"account":{"state":"deleted"}`), review("14.90", "3.1")},
		{"another open dispute stops a duplicate charge", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"duplicate"}`), expected{outcome: "review", clauses: "4.1"}},
		{"another open dispute stops a denial too", claim(odSoon, "quality", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"general"}`), expected{outcome: "review", clauses: "4.1"}},
		{"a dispute without a reason is another dispute", claim(odSoon, "unused", odOrder(odOnce), `"dispute":{"opened_at":"2026-03-02T00:00:00Z"}`), expected{outcome: "review", clauses: "4.1"}},
		{"a reason alone opens no dispute", claim(odSoon, "unused", odOrder(odOnce), `"dispute":{"reason":"fraudulent"}`), deny("2.2")},

		// Duplicate and erroneous charges.
		{"charged twice", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, yes)), review("14.90", "3.1")},
		{"charged three times", claim(odSoon, "duplicate_charge", odProof, odOrder(odThrice)), review("29.80", "3.1")},
		{"charged three times and given back once", claim(odSoon, "duplicate_charge", odProof, odOrder(odThrice, `"refunded":"14.90"`)), review("14.90", "3.1")},
		{"charged twice and the excess given back", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, `"refunded":"14.90"`)), deny("3.1")},
		{"charged twice and another sum given back than the excess", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, `"refunded":"14.90","refunded_excess":"0.00"`)), review("14.90", "3.1")},
		{"charged twice and a part of the excess given back", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, `"refunded":"4.90"`)), review("10.00", "3.1")},
		{"the excess is paid no further than money is left", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, `"refunded":"20.00","refunded_excess":"0.00"`)), review("9.80", "3.1")},
		{"nothing is left of the excess", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice, `"refunded":"29.80","refunded_excess":"0.00"`)), deny("3.1")},
		{"charged once, said to be twice", claim(odSoon, "duplicate_charge", odProof, odOrder(odOnce, yes)), deny("3.1")},
		{"never charged, said to be twice", claim(odSoon, "duplicate_charge", odProof, odOrder()), deny("3.1")},
		{"never charged, and the price is not known either", claim(odSoon, "duplicate_charge"), deny("3.1")},
		{"an unfounded duplicate is denied without asking for papers", claim(odSoon, "duplicate_charge", odOrder(odOnce)), deny("3.1")},
		{"an unfounded duplicate is denied as unfounded also when it is late", claim("2026-05-01T00:00:00Z", "duplicate_charge", odProof, odOrder(odOnce)), deny("3.1")},
		{"a receipt proves a payment", claim(odSoon, "duplicate_charge", `"given":{"receipt_number":"R-1"}`, odOrder(odTwice)), review("14.90", "3.1")},
		{"an invoice proves a payment", claim(odSoon, "duplicate_charge", `"given":{"invoice_number":"I-1"}`, odOrder(odTwice)), review("14.90", "3.1")},
		{"an order number and an address prove no payment", claim(odSoon, "duplicate_charge", `"given":{"order_number":"1","email":"a@example.com","user_id":"u"}`, odOrder(odTwice)), incomplete("3.1")},
		{"a duplicate without any paper", claim(odSoon, "duplicate_charge", odOrder(odTwice)), incomplete("3.1")},
		{"the last instant of day seven counts from the second charge", claim("2026-03-08T10:02:00Z", "duplicate_charge", odProof, odOrder(odTwice)), review("14.90", "3.1")},
		{"a fraction after day seven is late", claim("2026-03-08T10:02:00.000001Z", "duplicate_charge", odProof, odOrder(odTwice)), deny("3-req")},
		{"with three charges the latest begins the window", claim("2026-03-09T12:00:00Z", "duplicate_charge", odProof, odOrder(odThrice)), review("29.80", "3.1")},
		{"with three charges a second after it is late", claim("2026-03-09T12:00:01Z", "duplicate_charge", odProof, odOrder(odThrice)), deny("3-req")},
		{"a late duplicate is denied without asking for papers", claim("2026-04-01T00:00:00Z", "duplicate_charge", odOrder(odTwice)), deny("3-req")},
		{"an offset moves nothing", claim("2026-03-08T04:02:00-06:00", "duplicate_charge", odProof, odOrder(odTwice)), review("14.90", "3.1")},
		{"too much was taken in one charge", claim(odSoon, "erroneous_charge", odProof, odOrder(odTooMuch)), review("5.10", "3")},
		{"the right sum was taken", claim(odSoon, "erroneous_charge", odProof, odOrder(odOnce)), deny("3")},
		{"too little was taken", claim(odSoon, "erroneous_charge", odProof, odOrder(`"captured":[{"id":"ch_1","amount":"1.00","at":"2026-03-01T10:00:00Z"}]`)), deny("3")},
		{"an erroneous charge counts from the payment", claim("2026-03-08T10:00:00Z", "erroneous_charge", odProof, odOrder(odTooMuch)), review("5.10", "3")},
		{"an erroneous charge is late a second after", claim("2026-03-08T10:00:01Z", "erroneous_charge", odProof, odOrder(odTooMuch)), deny("3-req")},
		{"an erroneous charge without papers", claim(odSoon, "erroneous_charge", odOrder(odTooMuch)), incomplete("3")},
		{"the price is not known", claim(odSoon, "duplicate_charge", odProof, `"order":{"currency":"USD","paid_at":"2026-03-01T10:00:00Z",`+odTwice+`}`), review("", "3.1")},
		{"the price is not known and the papers are missing", claim(odSoon, "erroneous_charge", `"order":{"currency":"USD","paid_at":"2026-03-01T10:00:00Z",`+odOnce+`}`), incomplete("3")},
		{"when it was paid is not known", claim(odSoon, "erroneous_charge", odProof, `"order":{"currency":"USD","amount":"14.90",`+odTooMuch+`}`), review("", "3")},
		{"yen have no decimals", claim(odSoon, "duplicate_charge", odProof, `"order":{"currency":"JPY","amount":"1500","paid_at":"2026-03-01T10:00:00Z","captured":[{"id":"a","amount":"1500","at":"2026-03-01T10:00:00Z"},{"id":"b","amount":"1500","at":"2026-03-01T10:00:00Z"}]}`), review("1500", "3.1")},
		{"dinars have three", claim(odSoon, "duplicate_charge", odProof, `"order":{"currency":"KWD","amount":"4.500","paid_at":"2026-03-01T10:00:00Z","captured":[{"id":"a","amount":"4.500","at":"2026-03-01T10:00:00Z"},{"id":"b","amount":"4.500","at":"2026-03-01T10:00:00Z"}]}`), review("4.500", "3.1")},

		// Non-delivery and system failure.
		{"not delivered, and it can be", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, can)), redeliver},
		{"not delivered, and it cannot be", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, cannot)), refund},
		{"a failure before the delivery, and it can be delivered", claim(odSoon, "system_failure", odProof, odOrder(odOnce, no, can)), redeliver},
		{"a failure before the delivery, and it cannot be delivered", claim(odSoon, "system_failure", odProof, odOrder(odOnce, no, cannot)), refund},
		{"what was given back already is left out", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, cannot, `"refunded":"4.90"`)), expected{outcome: "review", clauses: "3.2", remedies: "refund", amount: "10.00"}},
		{"said not to be delivered, and it was", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, yes)), deny("3.2")},
		{"said not to be delivered, and it was, long ago and without papers", claim("2026-06-01T00:00:00Z", "non_delivery", odOrder(odOnce, yes)), deny("3.2")},
		{"a failure after the delivery", claim(odSoon, "system_failure", odProof, odOrder(odOnce, yes)), deny("3")},
		{"not delivered and never paid", claim(odSoon, "non_delivery", odProof, odOrder(no, can)), deny("3.2")},
		{"not delivered and given back in full", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no, can, `"refunded":"14.90"`)), deny("3.2")},
		{"not delivered, on the last instant of day seven", claim("2026-03-08T10:00:00Z", "non_delivery", odProof, odOrder(odOnce, no, can)), redeliver},
		{"not delivered, a second after day seven", claim("2026-03-08T10:00:01Z", "non_delivery", odProof, odOrder(odOnce, no, can)), deny("3-req")},
		{"a failure, a second after day seven", claim("2026-03-08T10:00:01Z", "system_failure", odProof, odOrder(odOnce, no, cannot)), deny("3-req")},
		{"not delivered, and no papers", claim(odSoon, "non_delivery", odOrder(odOnce, no, can)), incomplete("3.2")},
		{"whether it was delivered is not known", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, can)), expected{outcome: "review", clauses: "3.2", remedies: "redeliver"}},
		{"whether it was delivered is not known, and no papers", claim(odSoon, "non_delivery", odOrder(odOnce, can)), incomplete("3.2")},
		{"whether it was delivered is not known, and it is late", claim("2026-04-01T00:00:00Z", "non_delivery", odProof, odOrder(odOnce, can)), deny("3-req")},
		{"whether it was delivered is not known, and nothing was paid", claim(odSoon, "system_failure", odProof, odOrder()), deny("3.2")},
		{"whether a failure came before the delivery is not known", claim(odSoon, "system_failure", odProof, odOrder(odOnce, can)), expected{outcome: "review", clauses: "3.2", remedies: "redeliver"}},
		{"whether it can be delivered is not known", claim(odSoon, "non_delivery", odProof, odOrder(odOnce, no)), expected{outcome: "review", clauses: "3.2", remedies: "redeliver"}},
		{"nothing is known at all", claim(odSoon, "non_delivery"), deny("3.2")},

		// What this shop does not give back.
		{"a face came out differently", claim(odSoon, "quality", odOrder(odOnce)), deny("2.1")},
		{"it is not what was described", claim(odSoon, "brief_not_met", odOrder(odOnce)), deny("2.1")},
		{"a change of mind after a minute", claim("2026-03-01T10:01:00Z", "change_of_mind", odOrder(odOnce)), deny("2")},
		{"the wrong pack", claim(odSoon, "user_error", odOrder(odOnce)), deny("2")},
		{"credits that were not used", claim(odSoon, "unused", odOrder(odOnce), `"pack":{"tokens":100,"used":0}`), deny("2.2")},
		{"credits for cash", claim(odSoon, "cash_exchange", odOrder(odOnce)), deny("2.2")},
		{"the account was closed", claim(odSoon, "account_closed", odOrder(odOnce), `"account":{"state":"deleted"}`), deny("2.2")},
		{"credits that expired", claim(odSoon, "expired_tokens", odOrder(odOnce)), deny("2.2")},
		{"credits that were a gift", claim(odSoon, "free_tokens"), deny("2.2")},
		{"credits offered back", claim(odSoon, "return_credits", odOrder(odOnce)), deny("1.2")},
		{"a child with the tablet", claim(odSoon, "unauthorised_use", odOrder(odOnce)), deny("4.3")},
		{"about the end of an account that has not ended", claim(odSoon, "account_terminated", odOrder(odOnce)), deny("5")},
	} {
		t.Run(c.name, func(t *testing.T) { wantDecision(t, "opendream", c.facts, c.want) })
	}
	for _, ground := range []string{"outage", "glitch", "scheduled_work", "cancel_commission", "cancel_subscription", "prorate_subscription", "print_return", "print_change", "print_defect", "other"} {
		t.Run("the general rule denies "+ground, func(t *testing.T) {
			wantDecision(t, "opendream", claim(odSoon, ground, odProof, odOrder(odOnce)), deny("2"))
		})
	}
}

func TestOpendreamsWindowIsTold(t *testing.T) {
	d := decideJSON(t, "opendream", claim(odSoon, "duplicate_charge", odProof, odOrder(odTwice)))
	window, _ := d["window"].(map[string]any)
	if window["opens"] != "2026-03-01T10:02:00Z" || window["closes"] != "2026-03-08T10:02:00Z" {
		t.Errorf("the window is %v", window)
	}
	if by := d["review_by"]; by != "2026-03-06T09:00:00Z" { // Tuesday, and three business days
		t.Errorf("a person decides by %v", by)
	}
}
