package policy_test

import (
	"strings"
	"testing"
)

// Pieces of aijet's cases. The order costs 9.00, paid on 10 March at ten; the
// request comes two hours later.
const (
	ajSoon     = "2026-03-10T12:00:00Z"
	ajPrice    = `"currency":"USD","amount":"9.00","paid_at":"2026-03-10T10:00:00Z"`
	ajOnce     = `"captured":[{"id":"ch_1","amount":"9.00","at":"2026-03-10T10:00:00Z"}]`
	ajTwice    = `"captured":[{"id":"ch_1","amount":"9.00","at":"2026-03-10T10:00:00Z"},{"id":"ch_2","amount":"9.00","at":"2026-03-10T11:00:00Z"}]`
	ajThrice   = `"captured":[{"id":"ch_2","amount":"9.00","at":"2026-03-10T10:30:00Z"},{"id":"ch_1","amount":"9.00","at":"2026-03-10T10:00:00Z"},{"id":"ch_3","amount":"9.00","at":"2026-03-10T11:00:00Z"}]`
	ajPapers   = `"given":{"user_id":"u_1","order_number":"A-1","screenshot":true}`
	ajReceipt  = `"given":{"user_id":"u_1","order_number":"A-1","receipt_file":true}`
	ajEvidence = "given.user_id given.order_number given.screenshot given.receipt_file"
	ajDispute  = `"dispute":{"opened_at":"2026-03-10T11:30:00Z","reason":"fraudulent"}`
	ajPlan     = `"subscription":{"period_end":"2026-04-01T10:00:00Z","renews":true}`
	ajBroken   = `"task":{"status":"failed","bug_verified":true,"can_reprocess":true}`
	ajBeyond   = `"task":{"status":"failed","bug_verified":true,"can_reprocess":false}`
)

// ajOrder is an order's object of a kind, with more members.
func ajOrder(kind string, members ...string) string {
	return `"order":{"kind":"` + kind + `",` + strings.Join(append([]string{ajPrice}, members...), ",") + `}`
}

var (
	ajCancelled = expected{outcome: "grant", clauses: "3.1", remedies: "cancel_at_period_end"}
	ajRedeliver = expected{outcome: "grant", clauses: "2.1", remedies: "redeliver"}
	ajCredit    = expected{outcome: "grant", clauses: "2.1", remedies: "credit"}
	ajAll       = expected{outcome: "review", clauses: "2.1", remedies: "redeliver credit refund"}
)

func ajDeny(clause string) expected { return expected{outcome: "deny", clauses: clause} }

func ajRefund(clause, amount string) expected {
	return expected{outcome: "review", clauses: clause, remedies: "refund", amount: amount}
}

func ajMissing(clause, names string) expected {
	return expected{outcome: "incomplete", clauses: clause, missing: names}
}

type contractCase struct {
	name, facts string
	want        expected
}

func runContract(t *testing.T, shop string, cases []contractCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantDecision(t, shop, c.facts, c.want) })
	}
}

func TestAijetLetsASubscriptionBeCancelled(t *testing.T) {
	const cancel = "cancel_subscription"
	plan := ajOrder("subscription", ajOnce)
	runContract(t, "aijet", []contractCase{
		{"a subscription ends with its period", claim(ajSoon, cancel, plan, ajPlan), ajCancelled},
		{"it can be cancelled in the last moment", claim("2026-04-01T09:59:59.999999Z", cancel, plan, ajPlan), ajCancelled},
		{"the period's end is not before itself", claim("2026-04-01T10:00:00Z", cancel, plan, ajPlan), ajDeny("3.1")},
		{"what does not renew needs no cancelling", claim(ajSoon, cancel, plan, `"subscription":{"period_end":"2026-04-01T10:00:00Z","renews":false}`), ajDeny("3.1")},
		{"a pack is no subscription", claim(ajSoon, cancel, ajOrder("pack", ajOnce)), ajDeny("3.1")},
		{"a suspended account can cancel", claim(ajSoon, cancel, plan, ajPlan, `"account":{"state":"suspended"}`), ajCancelled},
		{"an ended account can cancel", claim(ajSoon, cancel, plan, ajPlan, `"account":{"state":"terminated"}`), ajCancelled},
		{"an ended account cannot cancel twice", claim(ajSoon, cancel, plan, `"subscription":{"renews":false}`, `"account":{"state":"terminated"}`), ajDeny("3.1")},
		{"a dispute does not keep a subscription alive", claim(ajSoon, cancel, plan, ajPlan, ajDispute), ajCancelled},
		{"whether it renews is not known", claim(ajSoon, cancel, plan, `"subscription":{"period_end":"2026-04-01T10:00:00Z"}`), expected{outcome: "review", clauses: "3.1", remedies: "cancel_at_period_end"}},
		{"when its period ends is not known", claim(ajSoon, cancel, plan, `"subscription":{"renews":true}`), expected{outcome: "review", clauses: "3.1", remedies: "cancel_at_period_end"}},
		{"a period that is over is over, whether it renews or not", claim("2026-05-01T00:00:00Z", cancel, plan, `"subscription":{"period_end":"2026-04-01T10:00:00Z"}`), ajDeny("3.1")},
		{"the rest of a cycle is not refunded", claim(ajSoon, "prorate_subscription", plan, ajPlan), ajDeny("3.2")},
	})
}

func TestAijetHearsNoViolatorAndPaysNothingInADispute(t *testing.T) {
	const suspended, terminated = `"account":{"state":"suspended"}`, `"account":{"state":"terminated"}`
	broken := ajOrder("task", ajOnce, `"can_redeliver":true`)
	runContract(t, "aijet", []contractCase{
		{"a suspended account gets nothing for a failure", claim(ajSoon, "system_failure", ajPapers, broken, ajBroken, suspended), ajDeny("4")},
		{"an ended account gets nothing for a duplicate", claim(ajSoon, "duplicate_charge", ajPapers, ajOrder("pack", ajTwice), terminated), ajDeny("4")},
		{"an ended account gets this answer for quality too", claim(ajSoon, "quality", terminated), ajDeny("4")},
		{"the end of the account comes before a dispute", claim(ajSoon, "other", terminated, ajDispute), ajDeny("4")},
		{"an account that was closed without a violation is heard", claim(ajSoon, "system_failure", ajPapers, broken, ajBroken, `"account":{"state":"deleted"}`), ajRedeliver},
		{"violations on record alone end nothing", claim(ajSoon, "system_failure", ajPapers, broken, ajBroken, `"account":{"violations":2}`), ajRedeliver},
		{"about an ended account, on one that has not ended", claim(ajSoon, "account_terminated"), ajDeny("4")},
		{"a dispute stops a duplicate", claim(ajSoon, "duplicate_charge", ajPapers, ajOrder("pack", ajTwice), ajDispute), expected{outcome: "review", clauses: "2"}},
		{"a dispute stops a repair", claim(ajSoon, "system_failure", ajPapers, broken, ajBroken, ajDispute), expected{outcome: "review", clauses: "2"}},
		{"a dispute stops a denial", claim(ajSoon, "quality", ajDispute), expected{outcome: "review", clauses: "2"}},
		{"a dispute that opens later is not open", claim(ajSoon, "quality", `"dispute":{"opened_at":"2026-03-10T12:00:00.000001Z"}`), ajDeny("1.2")},
	})
}

func TestAijetConsidersADuplicatePaymentWithin24Hours(t *testing.T) {
	const double, wrong = "duplicate_charge", "erroneous_charge"
	twice := ajOrder("pack", ajTwice)
	runContract(t, "aijet", []contractCase{
		{"charged twice", claim(ajSoon, double, ajReceipt, twice), ajRefund("2.2", "9.00")},
		{"charged three times", claim(ajSoon, double, ajPapers, ajOrder("pack", ajThrice)), ajRefund("2.2", "18.00")},
		{"charged twice, with a finished task", claim(ajSoon, double, ajPapers, ajOrder("task", ajTwice), `"task":{"status":"success"}`), ajRefund("2.2", "9.00")},
		{"charged twice, and a part given back", claim(ajSoon, double, ajPapers, ajOrder("pack", ajTwice, `"refunded":"4.00"`)), ajRefund("2.2", "5.00")},
		{"charged twice, and the order itself given back", claim(ajSoon, double, ajPapers, ajOrder("pack", ajTwice, `"refunded":"9.00","refunded_excess":"0.00"`)), ajRefund("2.2", "9.00")},
		{"charged twice, and no more than a little is left", claim(ajSoon, double, ajPapers, ajOrder("pack", ajTwice, `"refunded":"17.50","refunded_excess":"0.00"`)), ajRefund("2.2", "0.50")},
		{"charged twice, and nothing is left", claim(ajSoon, double, ajPapers, ajOrder("pack", ajTwice, `"refunded":"18.00","refunded_excess":"0.00"`)), ajDeny("2.2")},
		{"charged more than the price", claim(ajSoon, wrong, ajPapers, ajOrder("pack", `"captured":[{"id":"ch_1","amount":"11.50","at":"2026-03-10T10:00:00Z"}]`)), ajRefund("2.2", "2.50")},
		{"charged twice, called an error", claim(ajSoon, wrong, ajPapers, twice), ajRefund("2.2", "9.00")},
		{"charged once", claim(ajSoon, double, ajPapers, ajOrder("pack", ajOnce)), ajDeny("2.2")},
		{"charged the right sum", claim(ajSoon, wrong, ajPapers, ajOrder("pack", ajOnce)), ajDeny("1")},
		{"charged once, and late, and without papers", claim("2026-04-10T12:00:00Z", double, ajOrder("pack", ajOnce)), ajDeny("2.2")},
		{"the second charge was given back", claim(ajSoon, double, ajPapers, ajOrder("pack", ajTwice, `"refunded":"9.00"`)), ajDeny("2.2")},
		{"24 hours to the second from the second charge", claim("2026-03-11T11:00:00Z", double, ajPapers, twice), ajRefund("2.2", "9.00")},
		{"a fraction more", claim("2026-03-11T11:00:00.000001Z", double, ajPapers, twice), ajDeny("2.3")},
		{"24 hours from the last of three", claim("2026-03-11T11:00:00Z", double, ajPapers, ajOrder("pack", ajThrice)), ajRefund("2.2", "18.00")},
		{"one charge of a wrong sum counts from the payment", claim("2026-03-11T10:00:01Z", wrong, ajPapers, ajOrder("pack", `"captured":[{"id":"ch_1","amount":"11.50","at":"2026-03-10T10:00:00Z"}]`)), ajDeny("2.3")},
		{"late and without papers is late", claim("2026-03-12T12:00:00Z", double, twice), ajDeny("2.3")},
		{"no papers at all", claim(ajSoon, double, twice), ajMissing("2.2", ajEvidence)},
		{"no picture and no receipt", claim(ajSoon, double, `"given":{"user_id":"u_1","order_number":"A-1","screenshot":false}`, twice), ajMissing("2.2", "given.screenshot given.receipt_file")},
		{"a transaction number is not what is asked for", claim(ajSoon, wrong, `"given":{"transaction_id":"ch_2","screenshot":true}`, twice), ajMissing("2.2", "given.user_id given.order_number")},
		{"what the order costs is not known", claim(ajSoon, double, ajPapers, `"order":{"currency":"USD","paid_at":"2026-03-10T10:00:00Z",`+ajTwice+`}`), expected{outcome: "review", clauses: "2.2", remedies: "refund"}},
	})
}

func TestAijetRepairsAFailureInItsOrder(t *testing.T) {
	const failure, nothing = "system_failure", "non_delivery"
	const can, cannot = `"can_redeliver":true`, `"can_redeliver":false`
	const yes, no = `"delivered":true`, `"delivered":false`
	runContract(t, "aijet", []contractCase{
		{"a task that can run again runs again", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), ajBroken), ajRedeliver},
		{"it runs again also where no credit is possible", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, cannot), ajBroken), ajRedeliver},
		{"a task that cannot run again is credited", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), ajBeyond), ajCredit},
		{"a person decides about money where neither is possible", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, cannot), ajBeyond), ajRefund("2.1", "9.00")},
		{"what was given back is not given again", claim(ajSoon, nothing, ajPapers, ajOrder("task", ajOnce, cannot, `"refunded":"2.00"`), ajBeyond), ajRefund("2.1", "7.00")},
		{"nothing is left to give back", claim(ajSoon, nothing, ajPapers, ajOrder("task", ajOnce, cannot, `"refunded":"9.00"`), ajBeyond), ajDeny("2.1")},
		{"a purchase without a task is delivered", claim(ajSoon, nothing, ajReceipt, ajOrder("pack", ajOnce, no, can)), ajRedeliver},
		{"a purchase that cannot be delivered goes to a person", claim(ajSoon, nothing, ajReceipt, ajOrder("pack", ajOnce, no, cannot)), ajRefund("2.1", "9.00")},
		{"whether a purchase can be delivered is not known", claim(ajSoon, nothing, ajReceipt, ajOrder("pack", ajOnce, no)), expected{outcome: "review", clauses: "2.1", remedies: "redeliver"}},
		{"whether it was delivered is not known", claim(ajSoon, nothing, ajReceipt, ajOrder("pack", ajOnce, can)), expected{outcome: "review", clauses: "2.1", remedies: "redeliver"}},
		{"a finished task was delivered", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can, no), `"task":{"status":"success","bug_verified":true,"can_reprocess":true}`), ajDeny("1.1")},
		{"a finished task long ago is told that it was finished", claim("2026-05-01T00:00:00Z", failure, ajOrder("task", ajOnce), `"task":{"status":"success"}`), ajDeny("1.1")},
		{"credits that were added were delivered", claim(ajSoon, nothing, ajPapers, ajOrder("pack", ajOnce, yes, can)), ajDeny("1.1")},
		{"a failed task was not delivered, whatever the order says", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, yes, can), ajBroken), ajRedeliver},
		{"nothing was charged", claim(ajSoon, failure, ajPapers, ajOrder("task", can), ajBroken), ajDeny("2.1")},
		{"nothing was charged, long ago", claim("2026-05-01T00:00:00Z", nothing, ajOrder("pack", no, can)), ajDeny("2.1")},
		{"nothing at all is known", claim(ajSoon, nothing), ajDeny("2.1")},
		{"24 hours to the second", claim("2026-03-11T10:00:00Z", failure, ajPapers, ajOrder("task", ajOnce, can), ajBroken), ajRedeliver},
		{"a fraction more", claim("2026-03-11T10:00:00.000001Z", failure, ajPapers, ajOrder("task", ajOnce, can), ajBroken), ajDeny("2.3")},
		{"late comes before a fault that was not found", claim("2026-03-11T10:00:01Z", failure, ajOrder("task", ajOnce, can), `"task":{"status":"failed","bug_verified":false}`), ajDeny("2.3")},
		{"no fault was found", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), `"task":{"status":"failed","bug_verified":false,"can_reprocess":true}`), ajDeny("2.1")},
		{"no fault was found, and no papers are asked for", claim(ajSoon, failure, ajOrder("task", ajOnce, can), `"task":{"status":"running","bug_verified":false}`), ajDeny("2.1")},
		{"papers come before a fault that is not verified", claim(ajSoon, failure, ajOrder("task", ajOnce, can), `"task":{"status":"failed"}`), ajMissing("2.1", ajEvidence)},
		{"papers come before a repair", claim(ajSoon, failure, `"given":{"order_number":"A-1","receipt_file":true}`, ajOrder("task", ajOnce, can), ajBroken), ajMissing("2.1", "given.user_id")},
		{"the fault is not verified yet", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), `"task":{"status":"failed","can_reprocess":true}`), ajAll},
		{"the task is queued", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), `"task":{"status":"queued","bug_verified":true,"can_reprocess":true}`), ajAll},
		{"the task is running", claim(ajSoon, nothing, ajPapers, ajOrder("task", ajOnce, can), `"task":{"status":"running","bug_verified":true,"can_reprocess":true}`), ajAll},
		{"how the task stands is not known", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), `"task":{"bug_verified":true,"can_reprocess":true}`), ajAll},
		{"whether the task can run again is not known", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce, can), `"task":{"status":"failed","bug_verified":true}`), expected{outcome: "review", clauses: "2.1", remedies: "redeliver"}},
		{"whether the account can be credited is not known", claim(ajSoon, failure, ajPapers, ajOrder("task", ajOnce), ajBeyond), expected{outcome: "review", clauses: "2.1", remedies: "credit"}},
		{"when it was paid is not known", claim(ajSoon, failure, ajPapers, `"order":{"kind":"task","currency":"USD","amount":"9.00",`+can+`,`+ajOnce+`}`, ajBroken), expected{outcome: "review", clauses: "2.1", remedies: "redeliver"}},
	})
}

func TestAijetDeniesTheRest(t *testing.T) {
	const success = `"task":{"status":"success"}`
	runContract(t, "aijet", []contractCase{
		{"the style did not please", claim(ajSoon, "quality", ajOrder("task", ajOnce), success), ajDeny("1.2")},
		{"it was meant otherwise", claim(ajSoon, "brief_not_met", ajOrder("task", ajOnce), `"task":{"status":"failed"}`), ajDeny("1.2")},
		{"published by accident", claim(ajSoon, "user_error", ajOrder("task", ajOnce), success), ajDeny("1.3")},
		{"a change of mind after the task was finished", claim(ajSoon, "change_of_mind", ajOrder("task", ajOnce), success), ajDeny("1")},
		{"a change of mind before", claim(ajSoon, "change_of_mind", ajOrder("task", ajOnce), `"task":{"status":"queued"}`), ajDeny("2")},
		{"a change of mind, and no task", claim(ajSoon, "change_of_mind", ajOrder("pack", ajOnce, `"delivered":true`)), ajDeny("2")},
		{"another reason, of a task that is not known well", claim(ajSoon, "other", `"task":{"can_reprocess":true}`), ajDeny("2")},
	})
	for _, ground := range []string{"outage", "glitch", "scheduled_work", "unused", "unauthorised_use", "return_credits", "cash_exchange", "account_closed",
		"expired_tokens", "free_tokens", "cancel_commission", "print_return", "print_change", "print_defect", "other"} {
		t.Run("the general rule denies "+ground, func(t *testing.T) {
			wantDecision(t, "aijet", claim(ajSoon, ground, ajPapers, ajOrder("pack", ajOnce)), ajDeny("2"))
			wantDecision(t, "aijet", claim(ajSoon, ground, ajPapers, ajOrder("task", ajOnce), success), ajDeny("1"))
		})
	}
}
