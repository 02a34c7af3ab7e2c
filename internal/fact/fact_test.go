package fact_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"safelight/internal/fact"
)

const whole = `{"at":"2026-03-04T09:00:00Z","ground":"duplicate_charge","lang":"es","given":{"transaction_id":"ch_1","access_attempts":3,"photos":true},
	"order":{"kind":"pack","captured":[{"id":"ch_0","amount":"19.00","at":"2026-03-01T10:00:00Z"},{"id":"ch_1","amount":"19.00","at":"2026-03-01T12:02:00+02:00"}],
	"currency":"USD","amount":"19.00","paid_at":"2026-03-01T10:00:00.5Z","delivered":true},
	"pack":{"tokens":100,"used":60,"expired":40},"pass":{"token_price_now":"0.123456"},"commission":{"progress":"0.25"},"task":{},
	"outage":{"from":"2026-03-01T10:00:00Z","maintenance":[{"from":"2026-03-01T10:00:00Z","to":"2026-03-01T11:00:00Z","announced_at":"2026-02-27T00:00:00Z"}]}}`

func TestACaseSurvivesWriting(t *testing.T) {
	c, err := fact.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if c.Order.Amount.Minor != 1900 || len(c.Order.Captured) != 2 || !c.Task.Exists || *c.Pack.Used != 60 || c.Order.CanRedeliver != nil {
		t.Errorf("read %+v", c)
	}
	once, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := fact.Parse(once)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(again)
	if err != nil || string(once) != string(twice) {
		t.Errorf("%v\n%s\n%s", err, once, twice)
	}
}

// with is a good case with some members more.
func with(members string) string {
	return `{"at":"2026-03-04T09:00:00Z","ground":"other"` + members + `}`
}

func TestBadFactsAreRefusedByName(t *testing.T) {
	for _, c := range []struct{ name, facts, want string }{
		{"an empty text", "", "the facts are empty"},
		{"blanks alone", " \n\t ", "the facts are empty"},
		{"no object", `[]`, "not a JSON object"},
		{"an end too early", `{"at":`, "not JSON"},
		{"two objects", with("") + with(""), "something follows"},
		{"no moment", `{"ground":"other"}`, "at: is missing"},
		{"no ground", `{"at":"2026-03-04T09:00:00Z"}`, "ground: is missing"},
		{"a ground of nowhere", `{"at":"2026-03-04T09:00:00Z","ground":"whim"}`, "ground: "},
		{"an unknown key", with(`,"colour":"red"`), "colour: not a known fact"},
		{"an unknown nested key", with(`,"order":{"colour":"red"}`), "order.colour: not a known fact"},
		{"a group that is no object", with(`,"order":"x"`), "order: not an object"},
		{"a key twice", with(`,"ground":"other"`), "ground: given twice"},
		{"a nested key twice", with(`,"order":{"number":"1","number":"1"}`), "order.number: given twice"},
		{"null", with(`,"order":{"delivered":null}`), "order.delivered: null"},
		{"null for a group", with(`,"order":null`), "order: null"},
		{"an empty string", with(`,"given":{"transaction_id":""}`), "given.transaction_id: empty"},
		{"a bad time", `{"at":"2026-03-04","ground":"other"}`, "at: not an RFC 3339 time"},
		{"a time with a comma", `{"at":"2026-03-04T09:00:00,5Z","ground":"other"}`, "at: not an RFC 3339 time"},
		{"a time without offset", `{"at":"2026-03-04T09:00:00","ground":"other"}`, "at: not an RFC 3339 time"},
		{"a bool in quotes", with(`,"order":{"delivered":"true"}`), "order.delivered: neither"},
		{"a negative count", with(`,"pack":{"tokens":-1}`), "pack.tokens: -1 is negative"},
		{"minus zero", with(`,"pack":{"tokens":-0}`), "pack.tokens: -0 is negative"},
		{"a count with an exponent", with(`,"pack":{"tokens":1e2}`), "pack.tokens: 1e2 is not"},
		{"a count with a fraction", with(`,"pack":{"tokens":1.0}`), "pack.tokens: 1.0 is not"},
		{"a count beyond 64 bits", with(`,"pack":{"tokens":9223372036854775808}`), "pack.tokens: 9223372036854775808 does not fit"},
		{"a number for money", with(`,"order":{"currency":"USD","amount":19.00}`), "order.amount: not a decimal in quotes"},
		{"negative money", with(`,"order":{"currency":"USD","amount":"-0.00"}`), "order.amount: -0.00 is negative"},
		{"money with an exponent", with(`,"order":{"currency":"USD","amount":"1e3"}`), "order.amount: "},
		{"too many decimals", with(`,"order":{"currency":"JPY","amount":"1.0"}`), "order.amount: 1.0 has more decimals"},
		{"money without a currency", with(`,"order":{"amount":"19.00"}`), "order.amount: an amount without order.currency"},
		{"a price without a currency", with(`,"pass":{"token_price_now":"1"}`), "pass.token_price_now: an amount without order.currency"},
		{"a price with seven decimals", with(`,"order":{"currency":"USD"},"pass":{"token_price_now":"0.1234567"}`), "pass.token_price_now: "},
		{"no currency of this world", with(`,"order":{"currency":"ZZZ"}`), "order.currency: "},
		{"money beyond 64 bits", with(`,"order":{"currency":"USD","amount":"99999999999999999999"}`), "order.amount: "},
		{"more used than bought", with(`,"pack":{"tokens":10,"used":11}`), "pack.used: "},
		{"more used and expired than bought", with(`,"pack":{"tokens":10,"used":6,"expired":5}`), "pack.expired: "},
		{"sums that wrap", with(`,"pack":{"tokens":10,"used":9,"expired":9223372036854775807}`), "pack.expired: "},
		{"an outage that ends before it begins", with(`,"outage":{"from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z"}`), "outage.to: "},
		{"maintenance that ends before it begins", with(`,"outage":{"maintenance":[{"from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z"}]}`), "outage.maintenance.0.to: "},
		{"a request before the payment", with(`,"order":{"paid_at":"2026-03-05T00:00:00Z"}`), "at: is before order.paid_at"},
		{"progress above one", with(`,"commission":{"progress":"1.01"}`), "commission.progress: "},
		{"a capture without an id", with(`,"order":{"currency":"USD","captured":[{"amount":"1.00","at":"2026-03-01T00:00:00Z"}]}`), "order.captured.0.id: is missing"},
		{"a capture that is no object", with(`,"order":{"captured":[3]}`), "order.captured.0: not an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := fact.Parse([]byte(c.facts))
			var e *fact.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}

func TestLinesAreReadOneByOne(t *testing.T) {
	good := with("")
	for _, c := range []struct {
		name, text, want string
		cases            int
	}{
		{"one object over lines", "{\n\"at\":\"2026-03-04T09:00:00Z\",\n\"ground\":\"other\"\n}\n", "", 1},
		{"two lines", good + "\n" + good + "\n", "", 2},
		{"blank lines between", good + "\n\n" + good, "", 2},
		{"one faulty object", `{"at":1}`, "at: not a text", 0},
		{"one faulty object over lines", "{\n\"at\":\n1}", "at: not a text", 0},
		{"a faulty second line", good + "\n" + `{"at":1}` + "\n" + good, "2: at: not a text", 1},
		{"a line cut off", good + "\n{", "2: not JSON", 1},
		{"a faulty first line", `{"at":1}` + "\n" + good, "1: at: not a text", 0},
		{"a first line that is no JSON", `{"at"}` + "\n" + good, "1: ", 0},
		{"nothing", "\n \n", "the facts are empty", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, said := 0, ""
			for _, err := range fact.Read(strings.NewReader(c.text)) {
				if err != nil {
					said = err.Error()
					continue
				}
				n++
			}
			if n != c.cases || !strings.HasPrefix(said, c.want) || (c.want == "") != (said == "") {
				t.Errorf("%d cases, %q; want %d, %q", n, said, c.cases, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add(with(`,"order":{"amount":"19.00"}`))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := fact.Parse([]byte(s))
		if err != nil {
			return
		}
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fact.Parse(data); err != nil {
			t.Fatalf("%s reads, but %s does not: %v", s, data, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fact.Parse([]byte(whole)); err != nil {
			b.Fatal(err)
		}
	}
}
