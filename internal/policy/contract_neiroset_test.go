package policy_test

import (
	"strings"
	"testing"
)

// Pieces of neiroset's cases. The order costs 500.00, paid on 1 March at ten;
// the service was down from 2 March at midnight for 30 hours; the request comes
// on 4 March.
const (
	nsAt      = "2026-03-04T09:00:00Z"
	nsPrice   = `"currency":"RUB","amount":"500.00","paid_at":"2026-03-01T10:00:00Z"`
	nsOnce    = `"captured":[{"id":"ch_1","amount":"500.00","at":"2026-03-01T10:00:00Z"}]`
	nsTwice   = `"captured":[{"id":"ch_1","amount":"500.00","at":"2026-03-01T10:00:00Z"},{"id":"ch_2","amount":"500.00","at":"2026-03-01T10:02:00Z"}]`
	nsForty   = `"pack":{"tokens":100,"used":40,"expired":0}`
	nsFew     = `"pass":{"generations":100,"token_price_now":"1.50"}`
	nsDown    = `"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-03T06:00:00Z","complete":true}`
	nsTried   = `"given":{"access_attempts":1}`
	nsDispute = `"dispute":{"opened_at":"2026-03-03T12:00:00Z","reason":"fraudulent"}`
)

// nsOrder is an order's object of a kind, with more members.
func nsOrder(kind string, members ...string) string {
	return `"order":{"kind":"` + kind + `",` + strings.Join(append([]string{nsPrice}, members...), ",") + `}`
}

// nsOutage is a complete outage from one time to another, with announced or
// other work.
func nsOutage(from, to string, work ...string) string {
	maintenance := ""
	if len(work) > 0 {
		maintenance = `,"maintenance":[` + strings.Join(work, ",") + `]`
	}
	return `"outage":{"from":"` + from + `","to":"` + to + `","complete":true` + maintenance + `}`
}

// nsWork is scheduled work; announced is empty where nobody knows when.
func nsWork(from, to, announced string) string {
	if announced != "" {
		announced = `,"announced_at":"` + announced + `"`
	}
	return `{"from":"` + from + `","to":"` + to + `"` + announced + `}`
}

// nsClaims is a claim for an outage, by who tried to reach the service.
func nsClaims(at string, members ...string) string {
	return claim(at, "outage", append([]string{nsTried}, members...)...)
}

func nsDeny(clause string) expected { return expected{outcome: "deny", clauses: clause} }

func nsPack(amount string) expected {
	return expected{outcome: "grant", clauses: "2.1a 4.1", remedies: "refund", amount: amount}
}

func nsPass(amount string) expected {
	return expected{outcome: "grant", clauses: "2.1a 4.2", remedies: "refund", amount: amount}
}

var (
	nsExcess = expected{outcome: "grant", clauses: "2.1b", remedies: "refund", amount: "500.00"}
	nsReview = expected{outcome: "review", clauses: "2.1a", remedies: "refund"}
	nsBank   = expected{outcome: "review", clauses: "6"}
)

func TestNeirosetRefusesBreachesBeforeAll(t *testing.T) {
	pack, twice := nsOrder("pack", nsOnce), nsOrder("pack", nsTwice)
	runContract(t, "neiroset", []contractCase{
		{"one sign of fraud is enough", nsClaims(nsAt, pack, nsForty, nsDown, `"account":{"fraud_flags":1}`), nsDeny("6")},
		{"one violation is enough", claim(nsAt, "duplicate_charge", twice, `"account":{"violations":1}`), nsDeny("6")},
		{"a suspended account", claim(nsAt, "duplicate_charge", twice, `"account":{"state":"suspended"}`), nsDeny("6")},
		{"an ended account", nsClaims(nsAt, pack, nsForty, nsDown, `"account":{"state":"terminated"}`), nsDeny("6")},
		{"a deleted account", nsClaims(nsAt, pack, nsForty, nsDown, `"account":{"state":"deleted"}`), nsDeny("2.2.10")},
		{"a deleted account that was charged twice", claim(nsAt, "duplicate_charge", twice, `"account":{"state":"deleted"}`), nsDeny("2.2.10")},
		{"a deleted account with a violation", claim(nsAt, "other", `"account":{"state":"deleted","violations":1}`), nsDeny("6")},
		{"a breach comes before a dispute", claim(nsAt, "other", `"account":{"fraud_flags":2}`, nsDispute), nsDeny("6")},
		{"a deleted account comes before a dispute", claim(nsAt, "other", `"account":{"state":"deleted"}`, nsDispute), nsDeny("2.2.10")},
		{"an active account without marks is heard", claim(nsAt, "duplicate_charge", twice, `"account":{"state":"active","violations":0,"fraud_flags":0}`), nsExcess},
		{"a dispute stops a double charge", claim(nsAt, "duplicate_charge", twice, nsDispute), nsBank},
		{"a dispute stops an outage", nsClaims(nsAt, pack, nsForty, nsDown, nsDispute), nsBank},
		{"a dispute stops a denial", claim(nsAt, "quality", nsDispute), nsBank},
		{"a dispute that opens later is not open", claim(nsAt, "duplicate_charge", twice, `"dispute":{"opened_at":"2026-03-04T09:00:01Z"}`), nsExcess},
		{"about the end of an account that has not ended", claim(nsAt, "account_terminated"), nsDeny("6")},
	})
}

func TestNeirosetGivesBackWhatWasChargedTooMuch(t *testing.T) {
	excess := func(amount string) expected {
		return expected{outcome: "grant", clauses: "2.1b", remedies: "refund", amount: amount}
	}
	twice := nsOrder("pack", nsTwice)
	tooMuch := nsOrder("pass", `"captured":[{"id":"ch_1","amount":"500.01","at":"2026-03-01T10:00:00Z"}]`)
	tooLittle := nsOrder("pack", `"captured":[{"id":"ch_1","amount":"450.00","at":"2026-03-01T10:00:00Z"}]`)
	runContract(t, "neiroset", []contractCase{
		{"charged twice", claim(nsAt, "duplicate_charge", twice), nsExcess},
		{"charged twice, a year ago, without papers", claim("2027-03-04T09:00:00Z", "duplicate_charge", twice), nsExcess},
		{"charged twice, and a part given back", claim(nsAt, "duplicate_charge", nsOrder("pack", nsTwice, `"refunded":"120.50"`)), excess("379.50")},
		{"charged twice, and the order itself given back", claim(nsAt, "duplicate_charge", nsOrder("pack", nsTwice, `"refunded":"500.00","refunded_excess":"0.00"`)), nsExcess},
		{"charged twice, and little is left", claim(nsAt, "duplicate_charge", nsOrder("pack", nsTwice, `"refunded":"999.99","refunded_excess":"0.00"`)), excess("0.01")},
		{"charged twice, and nothing is left", claim(nsAt, "duplicate_charge", nsOrder("pack", nsTwice, `"refunded":"1000.00","refunded_excess":"0.00"`)), nsDeny("2.1b")},
		{"charged twice, and given back once", claim(nsAt, "duplicate_charge", nsOrder("pack", nsTwice, `"refunded":"500.00"`)), nsDeny("2.1b")},
		{"charged once", claim(nsAt, "duplicate_charge", nsOrder("pack", nsOnce)), nsDeny("2.1b")},
		{"never charged", claim(nsAt, "duplicate_charge", nsOrder("pack")), nsDeny("2.1b")},
		{"a kopeck too much", claim(nsAt, "erroneous_charge", tooMuch), excess("0.01")},
		{"too little", claim(nsAt, "erroneous_charge", tooLittle), nsDeny("2.1b")},
		{"what the order costs is not known", claim(nsAt, "erroneous_charge", `"order":{"kind":"pack","currency":"RUB",`+nsTwice+`}`), expected{outcome: "review", clauses: "2.1b", remedies: "refund"}},
	})
}

func TestNeirosetCountsAnOutageAsItSays(t *testing.T) {
	const day, next = "2026-03-02T00:00:00Z", "2026-03-03T06:00:00Z"
	pack := nsOrder("pack", nsOnce)
	down := func(outage string) string { return nsClaims(nsAt, pack, nsForty, outage) }
	half := func(announced string) string {
		return down(nsOutage(day, next, nsWork("2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z", announced)))
	}
	runContract(t, "neiroset", []contractCase{
		{"thirty hours", down(nsDown), nsPack("300.00")},
		{"24:00:00", down(nsOutage(day, "2026-03-03T00:00:00Z")), nsPack("300.00")},
		{"23:59:59", down(nsOutage(day, "2026-03-02T23:59:59Z")), nsDeny("5.2")},
		{"a fraction short of 24 hours", down(nsOutage(day, "2026-03-02T23:59:59.999999Z")), nsDeny("5.2")},
		{"no outage on record", nsClaims(nsAt, pack, nsForty), nsDeny("2.1a")},
		{"no outage on record, and nobody tried", claim(nsAt, "outage", pack, nsForty), nsDeny("2.1a")},
		{"whether all of it failed is not known", down(`"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-03T06:00:00Z"}`), nsReview},
		{"a part of it worked", down(`"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-03T06:00:00Z","complete":false}`), nsDeny("5.1")},
		{"a part of it worked, and it was short", down(`"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-02T01:00:00Z","complete":false}`), nsDeny("5.1")},
		{"24 hours from a payment in its midst", nsClaims(nsAt, `"order":{"kind":"pack","currency":"RUB","amount":"500.00","paid_at":"2026-03-02T06:00:00Z",`+nsOnce+`}`, nsForty, nsDown), nsPack("300.00")},
		{"a second less from a payment in its midst", nsClaims(nsAt, `"order":{"kind":"pack","currency":"RUB","amount":"500.00","paid_at":"2026-03-02T06:00:01Z",`+nsOnce+`}`, nsForty, nsDown), nsDeny("5.2")},
		{"over before the payment", nsClaims(nsAt, `"order":{"kind":"pack","currency":"RUB","amount":"500.00","paid_at":"2026-03-03T07:00:00Z",`+nsOnce+`}`, nsForty, nsDown), nsDeny("5.2")},
		{"not over, and 24 hours old", nsClaims("2026-03-03T00:00:00Z", pack, nsForty, `"outage":{"from":"2026-03-02T00:00:00Z","complete":true}`), nsPack("300.00")},
		{"not over, and a second younger", nsClaims("2026-03-02T23:59:59Z", pack, nsForty, `"outage":{"from":"2026-03-02T00:00:00Z","complete":true}`), nsDeny("5.2")},
		{"its end lies after the request", nsClaims("2026-03-02T20:00:00Z", pack, nsForty, nsDown), nsDeny("5.2")},
		{"when it was paid is not known", nsClaims(nsAt, `"order":{"kind":"pack","currency":"RUB","amount":"500.00",`+nsOnce+`}`, nsForty, nsDown), expected{outcome: "review", clauses: "2.1a 4.1", remedies: "refund"}},

		{"announced work in its midst", half("2026-03-01T12:00:00Z"), nsDeny("5.3")},
		{"the same work, announced a moment before", half("2026-03-02T11:59:59.999999Z"), nsDeny("5.3")},
		{"the same work, announced at its start", half("2026-03-02T12:00:00Z"), nsPack("300.00")},
		{"the same work, announced afterwards", half("2026-03-02T16:00:00Z"), nsPack("300.00")},
		{"the same work, announced nobody knows when", half(""), nsPack("300.00")},
		{"announced during the outage, before the work", half("2026-03-02T03:00:00Z"), nsDeny("5.3")},
		{"announced work at its beginning leaves 24 hours", down(nsOutage(day, next, nsWork(day, "2026-03-02T06:00:00Z", "2026-03-01T00:00:00Z"))), nsPack("300.00")},
		{"announced work at its end leaves a second less", down(nsOutage(day, next, nsWork("2026-03-02T23:59:59Z", next, "2026-03-01T00:00:00Z"))), nsDeny("5.3")},
		{"announced work before it changes nothing", down(nsOutage(day, next, nsWork("2026-03-01T20:00:00Z", day, "2026-03-01T00:00:00Z"))), nsPack("300.00")},
		{"announced work around it leaves nothing", down(nsOutage(day, next, nsWork("2026-03-01T20:00:00Z", "2026-03-03T08:00:00Z", "2026-03-01T00:00:00Z"))), nsDeny("5.3")},
		{"two works that overlap are cut out once", down(nsOutage(day, "2026-03-03T20:00:00Z", nsWork("2026-03-03T01:00:00Z", "2026-03-03T05:00:00Z", "2026-03-01T00:00:00Z"), nsWork("2026-03-03T00:00:00Z", "2026-03-03T02:00:00Z", "2026-03-01T00:00:00Z"))), nsPack("300.00")},
		{"short by itself is short, work or not", down(nsOutage(day, "2026-03-02T20:00:00Z", nsWork("2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z", "2026-03-01T00:00:00Z"))), nsDeny("5.2")},

		{"the last instant of day three", nsClaims("2026-03-06T06:00:00Z", pack, nsForty, nsDown), nsPack("300.00")},
		{"a fraction after day three", nsClaims("2026-03-06T06:00:00.000001Z", pack, nsForty, nsDown), nsDeny("5.1")},
		{"late comes before attempts that are missing", claim("2026-03-07T06:00:00Z", "outage", pack, nsForty, nsDown), nsDeny("5.1")},
		{"late comes before tokens that are all used", nsClaims("2026-03-07T06:00:00Z", pack, `"pack":{"tokens":100,"used":100,"expired":0}`, nsDown), nsDeny("5.1")},
		{"short comes before late", nsClaims("2026-04-07T06:00:00Z", pack, nsForty, nsOutage(day, "2026-03-02T20:00:00Z")), nsDeny("5.2")},
		{"no attempts", claim(nsAt, "outage", `"given":{"access_attempts":0}`, pack, nsForty, nsDown), expected{outcome: "incomplete", clauses: "5.1", missing: "given.access_attempts"}},
		{"attempts are not known", claim(nsAt, "outage", pack, nsForty, nsDown), expected{outcome: "incomplete", clauses: "5.1", missing: "given.access_attempts"}},
		{"attempts that are missing come before what was used", claim(nsAt, "outage", pack, `"pack":{"tokens":100}`, nsDown), expected{outcome: "incomplete", clauses: "5.1", missing: "given.access_attempts"}},
	})
}

func TestNeirosetWorksOutWhatAPackIsWorth(t *testing.T) {
	pack := func(price, tokens string, members ...string) string {
		order := `"order":{"kind":"pack","currency":"RUB","amount":"` + price + `","paid_at":"2026-03-01T10:00:00Z","captured":[{"id":"ch_1","amount":"` + price + `","at":"2026-03-01T10:00:00Z"}]` + strings.Join(append([]string{""}, members...), ",") + `}`
		return nsClaims(nsAt, order, `"pack":`+tokens, nsDown)
	}
	runContract(t, "neiroset", []contractCase{
		{"nothing was used", pack("500.00", `{"tokens":100,"used":0,"expired":0}`), nsPack("500.00")},
		{"one token is left", pack("500.00", `{"tokens":100,"used":99,"expired":0}`), nsPack("5.00")},
		{"free tokens count for nothing", pack("500.00", `{"tokens":100,"used":40,"expired":0,"free_tokens":50,"free_used":0}`), nsPack("300.00")},
		{"expired tokens count for nothing", pack("500.00", `{"tokens":100,"used":40,"expired":10}`), nsPack("250.00")},
		{"a third is rounded once", pack("100.00", `{"tokens":3,"used":1,"expired":0}`), nsPack("66.67")},
		{"half a kopeck is rounded up", pack("0.05", `{"tokens":2,"used":1,"expired":0}`), nsPack("0.03")},
		{"less than half a kopeck is nothing", pack("0.01", `{"tokens":100,"used":60,"expired":0}`), nsDeny("4.1")},
		{"no more than is left of the payment", pack("500.00", `{"tokens":100,"used":40,"expired":0}`, `"refunded":"450.00"`), nsPack("50.00")},
		{"a part given back leaves enough", pack("500.00", `{"tokens":100,"used":40,"expired":0}`, `"refunded":"100.00"`), nsPack("300.00")},
		{"all was given back", pack("500.00", `{"tokens":100,"used":40,"expired":0}`, `"refunded":"500.00"`), nsDeny("4.1")},
		{"all tokens are used", pack("500.00", `{"tokens":100,"used":100,"expired":0}`), nsDeny("6")},
		{"all tokens are used, and nobody tried", claim(nsAt, "outage", nsOrder("pack", nsOnce), `"pack":{"tokens":100,"used":100,"expired":0}`, nsDown), nsDeny("6")},
		{"what is left has expired", pack("500.00", `{"tokens":100,"used":40,"expired":60}`), nsDeny("2.2.3")},
		{"all has expired", pack("500.00", `{"tokens":100,"used":0,"expired":100}`), nsDeny("2.2.3")},
		{"how many are used is not known", pack("500.00", `{"tokens":100,"expired":0}`), expected{outcome: "review", clauses: "2.1a 4.1", remedies: "refund"}},
		{"how many expired is not known", pack("500.00", `{"tokens":100,"used":40}`), expected{outcome: "review", clauses: "2.1a 4.1", remedies: "refund"}},
		{"all are used, and how many expired needs no asking", pack("500.00", `{"tokens":100,"used":100}`), nsDeny("6")},
	})
}

func TestNeirosetWorksOutWhatAPassIsWorth(t *testing.T) {
	pass := func(at, use string, members ...string) string {
		return nsClaims(at, nsOrder("pass", append([]string{nsOnce}, members...)...), `"pass":`+use,
			nsOutage("2026-03-29T00:00:00Z", "2026-03-30T06:00:00Z"))
	}
	const at = "2026-03-30T09:00:00Z"
	runContract(t, "neiroset", []contractCase{
		{"a hundred generations", nsClaims(nsAt, nsOrder("pass", nsOnce), nsFew, nsDown), nsPass("350.00")},
		{"none at all", pass(at, `{"generations":0,"token_price_now":"1.50"}`), nsPass("500.00")},
		{"one kopeck is left", pass(at, `{"generations":1,"token_price_now":"499.99"}`), nsPass("0.01")},
		{"exactly as much as was paid", pass(at, `{"generations":100,"token_price_now":"5.00"}`), nsDeny("4.2")},
		{"more than was paid", pass(at, `{"generations":1000,"token_price_now":"5.00"}`), nsDeny("4.2")},
		{"a token costs a fraction of a kopeck", pass(at, `{"generations":3,"token_price_now":"0.331667"}`), nsPass("499.00")},
		{"half a kopeck is rounded up", pass(at, `{"generations":1,"token_price_now":"0.005"}`), nsPass("500.00")},
		{"no more than is left of the payment", pass(at, `{"generations":100,"token_price_now":"1.50"}`, `"refunded":"400.00"`), nsPass("100.00")},
		{"all was given back", pass(at, `{"generations":100,"token_price_now":"1.50"}`, `"refunded":"500.00"`), nsDeny("4.2")},
		{"the last instant of its period", pass("2026-03-31T10:00:00Z", `{"generations":100,"token_price_now":"1.50"}`), nsPass("350.00")},
		{"a fraction after its period", pass("2026-03-31T10:00:00.000001Z", `{"generations":100,"token_price_now":"1.50"}`), nsDeny("6")},
		{"late notice comes before its period", pass("2026-04-20T10:00:00Z", `{"generations":100,"token_price_now":"1.50"}`), nsDeny("5.1")},
		{"its period comes before what was used", pass("2026-03-31T10:00:01Z", `{"generations":1000,"token_price_now":"5.00"}`), nsDeny("6")},
		{"the price of a token is not known", pass(at, `{"generations":100}`), expected{outcome: "review", clauses: "2.1a 4.2", remedies: "refund"}},
		{"nobody tried", claim(at, "outage", nsOrder("pass", nsOnce), nsFew, nsOutage("2026-03-29T00:00:00Z", "2026-03-30T06:00:00Z")), expected{outcome: "incomplete", clauses: "5.1", missing: "given.access_attempts"}},
		{"no pass and no pack", nsClaims(nsAt, nsOrder("subscription", nsOnce), nsDown), nsReview},
		{"what was bought is not known", nsClaims(nsAt, `"order":{`+nsPrice+`,`+nsOnce+`}`, nsForty, nsDown), nsReview},
		{"no pass and no pack, and late", nsClaims("2026-03-07T06:00:00Z", nsOrder("print", nsOnce), nsDown), nsDeny("5.1")},
	})
}

func TestNeirosetGivesEachGroundItsOwnClause(t *testing.T) {
	for ground, clause := range map[string]string{
		"glitch": "5.2", "scheduled_work": "5.3", "quality": "2.2.4", "brief_not_met": "2.2.7", "change_of_mind": "2.2.6", "unused": "2.2.8",
		"user_error": "2.2.1", "expired_tokens": "2.2.3", "free_tokens": "2.2.2", "account_closed": "2.2.10", "return_credits": "2.2.8",
		"cash_exchange": "2.2.8", "unauthorised_use": "2.2.1", "prorate_subscription": "2.2.8",
		"non_delivery": "2.1", "system_failure": "2.1", "cancel_commission": "2.1", "cancel_subscription": "2.1",
		"print_return": "2.1", "print_change": "2.1", "print_defect": "2.1", "other": "2.1",
	} {
		t.Run(ground, func(t *testing.T) {
			wantDecision(t, "neiroset", nsAsks(ground), nsDeny(clause))
		})
	}
}

// nsAsks is a claim on a ground by somebody whose outage would be refunded.
func nsAsks(ground string) string {
	return claim(nsAt, ground, nsTried, nsOrder("pack", nsOnce), nsForty, nsDown)
}
