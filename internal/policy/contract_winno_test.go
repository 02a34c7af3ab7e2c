package policy_test

import (
	"fmt"
	"strings"
	"testing"
)

// Pieces of winno's cases. A commission costs 200.00, a print 48.00; both were
// paid on 1 March at ten.
const (
	wnCommission = `"order":{"kind":"commission","currency":"USD","amount":"200.00","paid_at":"2026-03-01T10:00:00Z","captured":[{"id":"ch_1","amount":"200.00","at":"2026-03-01T10:00:00Z"}]}`
	wnPrint      = `"order":{"kind":"print","currency":"USD","amount":"48.00","paid_at":"2026-03-01T10:00:00Z","captured":[{"id":"ch_1","amount":"48.00","at":"2026-03-01T10:00:00Z"}]}`
	wnUnpaid     = `"order":{"kind":"commission","currency":"USD","amount":"200.00"}`
	wnPhotos     = `"given":{"photos":true}`
	wnDelivered  = "2026-03-10T09:00:00Z"
	wnSoon       = "2026-03-11T09:00:00Z" // a day after the delivery
)

// wnOrder is a commission with other members beside kind, currency and price.
func wnOrder(members ...string) string {
	head := `"kind":"commission","currency":"USD","amount":"200.00","paid_at":"2026-03-01T10:00:00Z"`
	return `"order":{` + strings.Join(append([]string{head}, members...), ",") + `}`
}

// wnStage is a commission's object with more members.
func wnStage(stage string, members ...string) string {
	return `"commission":{` + strings.Join(append([]string{fmt.Sprintf(`"stage":%q`, stage)}, members...), ",") + `}`
}

func wnState(state string) string { return fmt.Sprintf(`"print":{"state":%q}`, state) }

func wnFault(state, fault string) string {
	return fmt.Sprintf(`"print":{"state":%q,"fault":%q}`, state, fault)
}

type winnoCase struct {
	name, facts string
	want        expected
}

func TestWinnoAnswersAboutCommissionsAsItsContractSays(t *testing.T) {
	const at = `"delivered_at":"` + wnDelivered + `"`
	const two, three = `"revisions_delivered":2`, `"revisions_delivered":3`
	const cannot, can = `"can_meet_brief":false`, `"can_meet_brief":true`
	const paid = `"captured":[{"id":"ch_1","amount":"200.00","at":"2026-03-01T10:00:00Z"}]`
	revise := func(clause string) expected {
		return expected{outcome: "grant", clauses: clause, remedies: "revise"}
	}
	deny := func(clause string) expected { return expected{outcome: "deny", clauses: clause} }
	refund := func(clause, amount, fee string) expected {
		return expected{outcome: "grant", clauses: clause, remedies: "refund", amount: amount, fee: fee}
	}
	half := expected{outcome: "review", clauses: "1c", remedies: "refund", amount: "100.00"}
	either := expected{outcome: "review", clauses: "1c", remedies: "revise refund"}
	person := expected{outcome: "review", clauses: "6"}
	dispute := `"dispute":{"opened_at":"2026-03-02T00:00:00Z","reason":"fraudulent"}`
	for _, c := range []winnoCase{
		{"a dispute about the order stops a cancellation", claim(wnSoon, "cancel_commission", wnCommission, wnStage("ordered"), dispute), person},
		{"a dispute stops a denial too", claim(wnSoon, "quality", wnCommission, wnStage("approved"), dispute), person},
		{"a dispute that opens later stops nothing", claim("2026-03-01T12:00:00Z", "cancel_commission", wnCommission, wnStage("ordered"), dispute), refund("3a", "200.00", "")},

		// Quality and brief.
		{"what was approved is final as to quality", claim(wnSoon, "quality", wnCommission, wnStage("approved", at)), deny("1c")},
		{"what was approved is final as to the brief", claim(wnSoon, "brief_not_met", wnCommission, wnStage("approved", at, two, cannot)), deny("1c")},
		{"quality before anything is delivered", claim(wnSoon, "quality", wnCommission, wnStage("in_progress")), deny("1a")},
		{"quality when work has not begun", claim(wnSoon, "quality", wnCommission, wnStage("ordered")), deny("1a")},
		{"the brief before anything is delivered", claim(wnSoon, "brief_not_met", wnCommission, wnStage("accepted")), deny("1b")},
		{"nothing delivered comes before what can be met", claim(wnSoon, "brief_not_met", wnCommission, wnStage("in_progress", cannot)), deny("1b")},
		{"two revisions, and the brief cannot be met", claim(wnSoon, "brief_not_met", wnCommission, wnStage("revising", at, two, cannot)), half},
		{"two revisions, and the quality cannot be reached", claim(wnSoon, "quality", wnCommission, wnStage("revising", at, two, cannot)), half},
		{"three revisions, long after the quality window", claim("2026-05-01T00:00:00Z", "quality", wnCommission, wnStage("final_delivery", at, three, cannot)), half},
		{"the partial refund is at most what is left", claim(wnSoon, "brief_not_met", wnOrder(paid, `"refunded":"150.00"`), wnStage("revising", at, two, cannot)), expected{outcome: "review", clauses: "1c", remedies: "refund", amount: "50.00"}},
		{"nothing is left for a partial refund", claim(wnSoon, "brief_not_met", wnOrder(paid, `"refunded":"200.00"`), wnStage("revising", at, two, cannot)), deny("1c")},
		{"two revisions, and it is not known whether the brief can be met", claim(wnSoon, "brief_not_met", wnCommission, wnStage("revising", at, two)), either},
		{"the same as to quality, after its window", claim("2026-05-01T00:00:00Z", "quality", wnCommission, wnStage("revising", at, two)), either},
		{"one revision is too few for a partial refund", claim(wnSoon, "brief_not_met", wnCommission, wnStage("revising", at, `"revisions_delivered":1`, cannot)), revise("1b")},
		{"no revision is too few for a partial refund", claim(wnSoon, "quality", wnCommission, wnStage("first_delivery", at, cannot)), revise("1a")},
		{"two revisions, and the brief can be met", claim(wnSoon, "brief_not_met", wnCommission, wnStage("revising", at, two, can)), revise("1b")},
		{"two revisions, and the quality can be reached", claim(wnSoon, "quality", wnCommission, wnStage("revising", at, two, can)), revise("1a")},
		{"quality a day after the delivery", claim(wnSoon, "quality", wnCommission, wnStage("first_delivery", at)), revise("1a")},
		{"quality of the final delivery", claim(wnSoon, "quality", wnCommission, wnStage("final_delivery", at)), revise("1a")},
		{"quality on the last instant of day three", claim("2026-03-13T09:00:00Z", "quality", wnCommission, wnStage("first_delivery", at)), revise("1a")},
		{"quality a fraction after day three", claim("2026-03-13T09:00:00.001Z", "quality", wnCommission, wnStage("first_delivery", at)), deny("1a")},
		{"quality when the delivery's time is not known", claim(wnSoon, "quality", wnCommission, wnStage("first_delivery")), expected{outcome: "review", clauses: "1a", remedies: "revise"}},
		{"quality when the stage is not known", claim(wnSoon, "quality", wnCommission, `"commission":{`+at+`}`), expected{outcome: "review", clauses: "1a", remedies: "revise"}},
		{"the brief a day after the delivery", claim(wnSoon, "brief_not_met", wnCommission, wnStage("first_delivery", at)), revise("1b")},
		{"the brief when quality is no longer heard", claim("2026-03-14T09:00:00Z", "brief_not_met", wnCommission, wnStage("first_delivery", at)), revise("1b")},
		{"the brief when the delivery's time is not known", claim(wnSoon, "brief_not_met", wnCommission, wnStage("first_delivery")), expected{outcome: "review", clauses: "1b", remedies: "revise"}},
		{"the brief a year after the delivery goes to a person", claim("2027-03-11T09:00:00Z", "brief_not_met", wnCommission, wnStage("first_delivery", at)), person},

		// Cancelling.
		{"cancelled at once", claim("2026-03-01T10:00:01Z", "cancel_commission", wnCommission, wnStage("ordered")), refund("3a", "200.00", "")},
		{"cancelled when the order was accepted", claim(wnSoon, "cancel_commission", wnCommission, wnStage("accepted")), refund("3a", "200.00", "")},
		{"a change of mind is a cancellation", claim(wnSoon, "change_of_mind", wnCommission, wnStage("ordered")), refund("3a", "200.00", "")},
		{"cancelled, and a part was given back before", claim(wnSoon, "cancel_commission", wnOrder(paid, `"refunded":"50.00"`), wnStage("ordered")), refund("3a", "150.00", "")},
		{"cancelled, and nothing was paid", claim(wnSoon, "cancel_commission", wnUnpaid, wnStage("ordered")), deny("3a")},
		{"cancelled after the final delivery", claim(wnSoon, "cancel_commission", wnCommission, wnStage("final_delivery", at)), deny("3b")},
		{"cancelled after the approval", claim(wnSoon, "cancel_commission", wnCommission, wnStage("approved", at)), deny("1c")},
		{"a change of mind after the approval", claim(wnSoon, "change_of_mind", wnCommission, wnStage("approved", at)), deny("1c")},
		{"cancelled, and the stage is not known", claim(wnSoon, "cancel_commission", wnCommission), expected{outcome: "review", clauses: "3a", remedies: "refund"}},
		{"a fee takes all that is left", claim(wnSoon, "cancel_commission", wnOrder(paid, `"refunded":"190.00"`), wnStage("revising", at)), deny("3b")},
		{"cancelled during the work, and nothing was paid", claim(wnSoon, "cancel_commission", wnUnpaid, wnStage("in_progress")), deny("3b")},

		// The rest.
		{"anything else about approved work", claim(wnSoon, "other", wnCommission, wnStage("approved", at)), deny("1c")},
		{"a duplicate charge of approved work goes to a person", claim(wnSoon, "duplicate_charge", wnOrder(`"captured":[{"id":"a","amount":"200.00","at":"2026-03-01T10:00:00Z"},{"id":"b","amount":"200.00","at":"2026-03-01T10:05:00Z"}]`), wnStage("approved", at)), expected{outcome: "review", clauses: "6", remedies: "refund", amount: "200.00"}},
		{"a duplicate of approved work that is none", claim(wnSoon, "duplicate_charge", wnCommission, wnStage("approved", at)), deny("1c")},
		{"a duplicate that is none, of work in progress", claim(wnSoon, "duplicate_charge", wnCommission, wnStage("in_progress")), person},
		{"too much was taken", claim(wnSoon, "erroneous_charge", wnOrder(`"captured":[{"id":"a","amount":"220.00","at":"2026-03-01T10:00:00Z"}]`)), expected{outcome: "review", clauses: "6", remedies: "refund", amount: "20.00"}},
		{"the right sum was taken", claim(wnSoon, "erroneous_charge", wnCommission), person},
		{"the price is not known", claim(wnSoon, "duplicate_charge", `"order":{"kind":"commission","currency":"USD",`+paid+`}`), expected{outcome: "review", clauses: "6", remedies: "refund"}},
		{"never charged, and the price is not known either", claim(wnSoon, "duplicate_charge"), person},
		{"paid and not delivered", claim(wnSoon, "non_delivery", wnOrder(paid, `"delivered":false`)), expected{outcome: "review", clauses: "6", remedies: "redeliver refund", amount: "200.00"}},
		{"whether it was delivered is not known", claim(wnSoon, "non_delivery", wnCommission), expected{outcome: "review", clauses: "6", remedies: "redeliver refund"}},
		{"said not to be delivered, and it was", claim(wnSoon, "non_delivery", wnOrder(paid, `"delivered":true`)), person},
		{"not delivered and not paid", claim(wnSoon, "non_delivery", wnOrder(`"delivered":false`)), deny("6")},
		{"an ended account is no reason of its own", claim(wnSoon, "account_terminated", wnCommission, `"account":{"state":"terminated"}`), person},
		{"a change of mind about a pack", claim(wnSoon, "change_of_mind", `"order":{"kind":"pack","currency":"USD","amount":"9.00"}`), person},
		{"nothing is known but the ground", claim(wnSoon, "other"), person},
	} {
		t.Run(c.name, func(t *testing.T) { wantDecision(t, "winno", c.facts, c.want) })
	}
	for _, ground := range []string{"system_failure", "outage", "glitch", "scheduled_work", "unused", "user_error", "unauthorised_use", "return_credits", "cash_exchange",
		"account_closed", "account_terminated", "expired_tokens", "free_tokens", "cancel_subscription", "prorate_subscription", "other"} {
		t.Run("a person looks at "+ground, func(t *testing.T) {
			wantDecision(t, "winno", claim(wnSoon, ground, wnCommission, wnStage("revising", at)), person)
		})
	}
}

func TestWinnoAnswersAboutPrintsAsItsContractSays(t *testing.T) {
	deny := func(clause string) expected { return expected{outcome: "deny", clauses: clause} }
	back := expected{outcome: "grant", clauses: "2b", remedies: "refund", amount: "48.00"}
	revise := expected{outcome: "grant", clauses: "2b", remedies: "revise"}
	ask := expected{outcome: "review", clauses: "2b", remedies: "revise"}
	replace := expected{outcome: "grant", clauses: "2c", remedies: "replace"}
	look := expected{outcome: "review", clauses: "2c", remedies: "replace"}
	photos := expected{outcome: "incomplete", clauses: "2c", missing: "given.photos"}
	carrier := expected{outcome: "review", clauses: "6", remedies: "replace refund"}
	person := expected{outcome: "review", clauses: "6"}
	for _, c := range []winnoCase{
		{"a print that was shipped does not come back", claim(wnSoon, "print_return", wnPrint, wnState("shipped")), deny("2a")},
		{"a print that arrived does not come back", claim(wnSoon, "print_return", wnPrint, wnState("delivered")), deny("2a")},
		{"a change of mind about a shipped print", claim(wnSoon, "change_of_mind", wnPrint, wnState("shipped")), deny("2a")},
		{"a print in the press does not come back", claim(wnSoon, "print_return", wnPrint, wnState("printing")), deny("2b")},
		{"a change of mind while it is printed", claim(wnSoon, "change_of_mind", wnPrint, wnState("printing")), deny("2b")},
		{"a draft is cancelled", claim(wnSoon, "print_return", wnPrint, wnState("draft")), back},
		{"a proof is cancelled", claim(wnSoon, "change_of_mind", wnPrint, wnState("proof")), back},
		{"an approved proof is cancelled", claim(wnSoon, "print_return", wnPrint, wnState("approved")), back},
		{"a print that was not paid is cancelled", claim(wnSoon, "print_return", `"order":{"kind":"print","currency":"USD","amount":"48.00"}`, wnState("draft")), deny("2b")},
		{"a print is cancelled, and its state is not known", claim(wnSoon, "print_return", wnPrint), expected{outcome: "review", clauses: "2b", remedies: "refund"}},
		{"a change to a draft", claim(wnSoon, "print_change", wnPrint, wnState("draft")), revise},
		{"a change to a proof", claim(wnSoon, "print_change", wnPrint, wnState("proof")), revise},
		{"a change to an approved proof", claim(wnSoon, "print_change", wnPrint, wnState("approved")), ask},
		{"a change while it is printed", claim(wnSoon, "print_change", wnPrint, wnState("printing")), deny("2b")},
		{"a change to a shipped print", claim(wnSoon, "print_change", wnPrint, wnState("shipped")), deny("2b")},
		{"a change to a print that arrived", claim(wnSoon, "print_change", wnPrint, wnState("delivered")), deny("2b")},
		{"a change to a print whose state is not known", claim(wnSoon, "print_change", wnPrint), ask},
		{"a fault before shipping goes to a person", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("printing", "printing")), person},
		{"a fault of a draft goes to a person", claim(wnSoon, "print_defect", wnPrint, wnFault("draft", "none")), person},
		{"nothing is wrong with the print", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("delivered", "none")), deny("2c")},
		{"nothing is wrong, and no photos are asked for", claim(wnSoon, "print_defect", wnPrint, wnFault("delivered", "none")), deny("2c")},
		{"the carrier did it", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("delivered", "carrier")), carrier},
		{"the carrier did it, and no photos are asked for", claim(wnSoon, "print_defect", wnPrint, wnFault("shipped", "carrier")), carrier},
		{"a fault of printing", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("delivered", "printing")), replace},
		{"a fault of packaging", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("delivered", "packaging")), replace},
		{"a fault of printing without photos", claim(wnSoon, "print_defect", wnPrint, wnFault("delivered", "printing")), photos},
		{"a fault of printing, and photos that are not there", claim(wnSoon, "print_defect", wnPrint, `"given":{"photos":false}`, wnFault("delivered", "printing")), photos},
		{"a fault that nobody has found yet", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnState("delivered")), look},
		{"a fault that nobody has found yet, without photos", claim(wnSoon, "print_defect", wnPrint, wnState("delivered")), photos},
		{"whether it was shipped is not known", claim(wnSoon, "print_defect", wnPrint, wnPhotos), person},
		{"the quality of a print is a fault of it", claim(wnSoon, "quality", wnPrint, wnPhotos, wnFault("delivered", "printing")), replace},
		{"a print that is not as ordered is a fault of it", claim(wnSoon, "brief_not_met", wnPrint, wnPhotos, wnFault("delivered", "packaging")), replace},
		{"the quality of a print in which nothing is wrong", claim(wnSoon, "quality", wnPrint, wnFault("delivered", "none")), deny("2c")},
		{"the quality of a print before shipping", claim(wnSoon, "quality", wnPrint, wnState("proof")), person},
		{"the quality of a print without photos", claim(wnSoon, "quality", wnPrint, wnFault("delivered", "printing")), photos},
		{"a dispute stops a replacement", claim(wnSoon, "print_defect", wnPrint, wnPhotos, wnFault("delivered", "printing"), `"dispute":{"opened_at":"2026-03-02T00:00:00Z"}`), person},
	} {
		t.Run(c.name, func(t *testing.T) { wantDecision(t, "winno", c.facts, c.want) })
	}
}

// The fee table is the shop's: whatever it says, the sum comes out.
func TestWinnosCancellationFeeGrowsAndAddsUp(t *testing.T) {
	cents := func(v any) (n int) {
		s, _ := v.(string)
		fmt.Sscan(strings.ReplaceAll(s, ".", ""), &n)
		return n
	}
	before := 0
	for _, stage := range []string{"in_progress", "first_delivery", "revising"} {
		for _, ground := range []string{"cancel_commission", "change_of_mind"} {
			d := decideJSON(t, "winno", claim(wnSoon, ground, wnCommission, wnStage(stage)))
			if d["outcome"] != "grant" || joined(d["clauses"]) != "3b" || joined(d["remedies"]) != "refund" {
				t.Errorf("%s at %s: %v %v %v", ground, stage, d["outcome"], d["clauses"], d["remedies"])
			}
			if cents(d["amount"])+cents(d["fee"]) != 20000 {
				t.Errorf("%s: %v and a fee of %v are not 200.00", stage, d["amount"], d["fee"])
			}
		}
		d := decideJSON(t, "winno", claim(wnSoon, "cancel_commission", wnOrder(`"captured":[{"id":"a","amount":"200.00","at":"2026-03-01T10:00:00Z"}],"refunded":"40.00"`), wnStage(stage)))
		if cents(d["amount"])+cents(d["fee"])+4000 != 20000 {
			t.Errorf("%s: %v and a fee of %v and 40.00 are not 200.00", stage, d["amount"], d["fee"])
		}
		if fee := cents(d["fee"]); fee <= before {
			t.Errorf("%s: a fee of %d is not more than %d", stage, fee, before)
		} else {
			before = fee
		}
	}
}

func TestWinnosWindowIsTold(t *testing.T) {
	d := decideJSON(t, "winno", claim(wnSoon, "quality", wnCommission, wnStage("first_delivery", `"delivered_at":"`+wnDelivered+`"`)))
	window, _ := d["window"].(map[string]any)
	if window["opens"] != wnDelivered || window["closes"] != "2026-03-13T09:00:00Z" {
		t.Errorf("the window is %v", window)
	}
}
