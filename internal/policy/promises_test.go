package policy_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestPromises shows each clause of the four shops that decides about money,
// under the id that it has among the promises.
func TestPromises(t *testing.T) {
	const paid = `"paid_at":"2026-03-01T10:00:00Z"`
	once := func(kind, currency, price string) string {
		return fmt.Sprintf(`"kind":%q,"currency":%q,"amount":%q,%s,"captured":[{"id":"ch_1","amount":%q,"at":"2026-03-01T10:00:00Z"}]`, kind, currency, price, paid, price)
	}
	twice := func(kind, currency, price string) string {
		return fmt.Sprintf(`"kind":%q,"currency":%q,"amount":%q,%s,"captured":[{"id":"ch_1","amount":%q,"at":"2026-03-01T10:00:00Z"},{"id":"ch_2","amount":%q,"at":"2026-03-01T10:02:00Z"}]`,
			kind, currency, price, paid, price, price)
	}
	usd, rub := once("pack", "USD", "19.00"), once("pack", "RUB", "500.00")
	outage := func(from, to string) string {
		return fmt.Sprintf(`"outage":{"from":%q,"to":%q,"complete":true},"given":{"access_attempts":2}`, from, to)
	}
	day := outage("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
	for _, c := range []struct {
		promise, shop, what, at, ground, facts string
		outcome, clause, amount                string
	}{
		{"OD-R-1.2", "opendream", "allocated credits are not taken back", "2026-03-02T00:00:00Z", "return_credits", `"order":{` + usd + `,"delivered":true}`, "deny", "1.2", ""},
		{"OD-R-2.1", "opendream", "an altered face is no ground", "2026-03-02T00:00:00Z", "quality", `"order":{` + usd + `,"delivered":true}`, "deny", "2.1", ""},
		{"OD-R-2.2", "opendream", "unused credits stay unused", "2026-03-02T00:00:00Z", "unused", `"order":{` + usd + `},"pack":{"tokens":100,"used":0,"expired":0}`, "deny", "2.2", ""},
		{"OD-R-2.2", "opendream", "nor when the account is closed", "2026-03-02T00:00:00Z", "account_closed", `"order":{` + usd + `}`, "deny", "2.2", ""},
		{"OD-R-3", "opendream", "a sum above the price is looked at", "2026-03-02T00:00:00Z", "erroneous_charge",
			`"given":{"receipt_number":"1"},"order":{"kind":"pack","currency":"USD","amount":"19.00",` + paid + `,"captured":[{"id":"ch_1","amount":"29.00","at":"2026-03-01T10:00:00Z"}]}`, "review", "3", "10.00"},
		{"OD-R-3.1", "opendream", "the second charge is looked at", "2026-03-02T00:00:00Z", "duplicate_charge", `"given":{"transaction_id":"ch_2"},"order":{` + twice("pack", "USD", "19.00") + `}`, "review", "3.1", "19.00"},
		{"OD-R-3.2", "opendream", "what was not delivered is delivered", "2026-03-02T00:00:00Z", "non_delivery", `"given":{"transaction_id":"ch_1"},"order":{` + usd + `,"delivered":false,"can_redeliver":true}`, "grant", "3.2", ""},
		{"OD-R-3.2", "opendream", "or paid back where it cannot be", "2026-03-02T00:00:00Z", "non_delivery", `"given":{"transaction_id":"ch_1"},"order":{` + usd + `,"delivered":false,"can_redeliver":false}`, "review", "3.2", "19.00"},
		{"OD-R-3-req", "opendream", "day seven is in", "2026-03-08T10:02:00Z", "duplicate_charge", `"given":{"transaction_id":"ch_2"},"order":{` + twice("pack", "USD", "19.00") + `}`, "review", "3.1", "19.00"},
		{"OD-R-3-req", "opendream", "the second after is out", "2026-03-08T10:02:01Z", "duplicate_charge", `"given":{"transaction_id":"ch_2"},"order":{` + twice("pack", "USD", "19.00") + `}`, "deny", "3-req", ""},
		{"OD-R-3-req", "opendream", "the payment is to be proven", "2026-03-02T00:00:00Z", "duplicate_charge", `"order":{` + twice("pack", "USD", "19.00") + `}`, "incomplete", "3.1", ""},
		{"OD-R-4.1", "opendream", "while the bank asks nothing is paid", "2026-03-02T00:00:00Z", "duplicate_charge", `"given":{"transaction_id":"ch_2"},"order":{` + twice("pack", "USD", "19.00") + `},"dispute":{"opened_at":"2026-03-01T20:00:00Z","reason":"duplicate"}`, "review", "4.1", ""},
		{"OD-R-4.2", "opendream", "a payment called unauthorised", "2026-03-02T00:00:00Z", "other", `"order":{` + usd + `},"dispute":{"opened_at":"2026-03-01T20:00:00Z","reason":"fraudulent"}`, "deny", "4.2", ""},
		{"OD-R-4.3", "opendream", "a child bought", "2026-03-02T00:00:00Z", "unauthorised_use", `"order":{` + usd + `}`, "deny", "4.3", ""},
		{"OD-R-5", "opendream", "an account that was ended", "2026-03-02T00:00:00Z", "duplicate_charge", `"order":{` + twice("pack", "USD", "19.00") + `},"account":{"state":"terminated"}`, "deny", "5", ""},

		{"WN-1a", "winno", "three days to say so", "2026-03-04T10:00:00Z", "quality", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"first_delivery","delivered_at":"2026-03-01T10:00:00Z"}`, "grant", "1a", ""},
		{"WN-1a", "winno", "not a second more", "2026-03-04T10:00:01Z", "quality", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"first_delivery","delivered_at":"2026-03-01T10:00:00Z"}`, "deny", "1a", ""},
		{"WN-1b", "winno", "what does not meet the brief is revised", "2026-03-06T10:00:00Z", "brief_not_met", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"first_delivery","delivered_at":"2026-03-01T10:00:00Z"}`, "grant", "1b", ""},
		{"WN-1c", "winno", "approved is approved", "2026-03-02T10:00:00Z", "quality", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"approved","delivered_at":"2026-03-01T10:00:00Z"}`, "deny", "1c", ""},
		{"WN-2a", "winno", "a shipped print stays", "2026-03-02T10:00:00Z", "print_return", `"order":{` + once("print", "USD", "30.00") + `},"print":{"state":"shipped"}`, "deny", "2a", ""},
		{"WN-2b", "winno", "before printing the money comes back", "2026-03-02T10:00:00Z", "print_return", `"order":{` + once("print", "USD", "30.00") + `},"print":{"state":"proof"}`, "grant", "2b", "30.00"},
		{"WN-2c", "winno", "a fault of printing is replaced", "2026-03-02T10:00:00Z", "print_defect", `"given":{"photos":true},"order":{` + once("print", "USD", "30.00") + `},"print":{"state":"delivered","fault":"printing"}`, "grant", "2c", ""},
		{"WN-3a", "winno", "before the work begins all comes back", "2026-03-02T10:00:00Z", "cancel_commission", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"ordered"}`, "grant", "3a", "80.00"},
		{"WN-6", "winno", "the unusual is looked at", "2026-03-02T10:00:00Z", "other", `"order":{` + once("commission", "USD", "80.00") + `},"commission":{"stage":"in_progress"}`, "review", "6", ""},

		{"AJ-1.1", "aijet", "success is success", "2026-03-01T11:00:00Z", "system_failure", `"order":{` + once("task", "USD", "5.00") + `},"task":{"status":"success"}`, "deny", "1.1", ""},
		{"AJ-1.2", "aijet", "taste is no ground", "2026-03-01T11:00:00Z", "quality", `"order":{` + once("task", "USD", "5.00") + `}`, "deny", "1.2", ""},
		{"AJ-1.3", "aijet", "a slip of one's own", "2026-03-01T11:00:00Z", "user_error", `"order":{` + once("task", "USD", "5.00") + `}`, "deny", "1.3", ""},
		{"AJ-2.1", "aijet", "a failed task runs again", "2026-03-01T11:00:00Z", "system_failure",
			`"given":{"user_id":"u","order_number":"o","screenshot":true},"order":{` + once("task", "USD", "5.00") + `},"task":{"status":"failed","bug_verified":true,"can_reprocess":true}`, "grant", "2.1", ""},
		{"AJ-2.2", "aijet", "the second payment is looked at", "2026-03-01T11:00:00Z", "duplicate_charge", `"given":{"user_id":"u","order_number":"o","receipt_file":true},"order":{` + twice("pack", "USD", "5.00") + `}`, "review", "2.2", "5.00"},
		{"AJ-2.3", "aijet", "24 hours to the second", "2026-03-02T10:02:01Z", "duplicate_charge", `"given":{"user_id":"u","order_number":"o","receipt_file":true},"order":{` + twice("pack", "USD", "5.00") + `}`, "deny", "2.3", ""},
		{"AJ-3.1", "aijet", "a plan ends with its period", "2026-03-10T10:00:00Z", "cancel_subscription", `"order":{` + once("subscription", "USD", "9.00") + `},"subscription":{"renews":true,"period_end":"2026-04-01T10:00:00Z"}`, "grant", "3.1", ""},
		{"AJ-3.2", "aijet", "nothing for the rest of a period", "2026-03-10T10:00:00Z", "prorate_subscription", `"order":{` + once("subscription", "USD", "9.00") + `}`, "deny", "3.2", ""},
		{"AJ-4", "aijet", "nothing after a violation", "2026-03-01T11:00:00Z", "duplicate_charge", `"order":{` + twice("pack", "USD", "5.00") + `},"account":{"state":"suspended"}`, "deny", "4", ""},
		{"AJ-5", "aijet", "who, which and what is said", "2026-03-01T11:00:00Z", "duplicate_charge", `"given":{"user_id":"u"},"order":{` + twice("pack", "USD", "5.00") + `}`, "incomplete", "2.2", ""},

		{"NS-2.1", "neiroset", "no other ground", "2026-03-02T10:00:00Z", "other", `"order":{` + rub + `}`, "deny", "2.1", ""},
		{"NS-2.1a", "neiroset", "a whole dark day", "2026-03-03T10:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":0,"expired":0},` + day, "grant", "2.1a", "500.00"},
		{"NS-2.1b", "neiroset", "the second charge comes back", "2026-03-02T10:00:00Z", "duplicate_charge", `"order":{` + twice("pack", "RUB", "500.00") + `}`, "grant", "2.1b", "500.00"},
		{"NS-2.2", "neiroset", "a change of mind", "2026-03-02T10:00:00Z", "change_of_mind", `"order":{` + rub + `}`, "deny", "2.2", ""},
		{"NS-4.1", "neiroset", "sixty of a hundred tokens", "2026-03-03T10:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":40,"expired":0},` + day, "grant", "2.1a", "300.00"},
		{"NS-4.2", "neiroset", "what a pass is still worth", "2026-03-03T10:00:00Z", "outage", `"order":{` + once("pass", "RUB", "1500.00") + `},"pass":{"generations":40,"token_price_now":"12.5"},` + day, "grant", "2.1a", "1000.00"},
		{"NS-4.2", "neiroset", "a pass that was used up", "2026-03-03T10:00:00Z", "outage", `"order":{` + once("pass", "RUB", "1500.00") + `},"pass":{"generations":120,"token_price_now":"12.5"},` + day, "deny", "4.2", ""},
		{"NS-5.1", "neiroset", "three days to say so", "2026-03-06T00:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":40,"expired":0},` + day, "grant", "2.1a", "300.00"},
		{"NS-5.1", "neiroset", "not a second more", "2026-03-06T00:00:01Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":40,"expired":0},` + day, "deny", "5.1", ""},
		{"NS-5.2", "neiroset", "a second short of a day", "2026-03-03T10:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":40,"expired":0},` + outage("2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z"), "deny", "5.2", ""},
		{"NS-5.3", "neiroset", "announced work is cut out", "2026-03-03T10:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":40,"expired":0},"given":{"access_attempts":2},
			"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-03T00:00:00Z","complete":true,"maintenance":[{"from":"2026-03-02T10:00:00Z","to":"2026-03-02T12:00:00Z","announced_at":"2026-03-01T00:00:00Z"}]}`, "deny", "5.3", ""},
		{"NS-6", "neiroset", "all tokens used", "2026-03-03T10:00:00Z", "outage", `"order":{` + rub + `},"pack":{"tokens":100,"used":100,"expired":0},` + day, "deny", "6", ""},
		{"NS-6", "neiroset", "signs of abuse", "2026-03-02T10:00:00Z", "duplicate_charge", `"order":{` + twice("pack", "RUB", "500.00") + `},"account":{"fraud_flags":1}`, "deny", "6", ""},
	} {
		t.Run(c.promise+" "+c.what, func(t *testing.T) {
			d := decideJSON(t, c.shop, fmt.Sprintf(`{"at":%q,"ground":%q,%s}`, c.at, c.ground, c.facts))
			clauses, _ := d["clauses"].([]any)
			amount, _ := d["amount"].(string)
			first := ""
			if len(clauses) > 0 {
				first, _ = clauses[0].(string) // a clause may be split further: 2.2.6 is of 2.2
			}
			if d["outcome"] != c.outcome || first != c.clause && !strings.HasPrefix(first, c.clause+".") || amount != c.amount {
				t.Errorf("%v by %v, %q; want %s by %s, %q", d["outcome"], clauses, amount, c.outcome, c.clause, c.amount)
			}
		})
	}
}
