package policy_test

import (
	"encoding/json"
	"testing"

	"safelight/internal/explain"
	"safelight/internal/fact"
	"safelight/internal/policy"
)

// loaded are the presets, each read once.
var loaded = map[string]policy.Set{}

func preset(t testing.TB, shop string) policy.Set {
	t.Helper()
	if loaded[shop] == nil {
		set, err := policy.LoadShop("../../shops/" + shop)
		if err != nil {
			t.Fatal(err)
		}
		loaded[shop] = set
	}
	return loaded[shop]
}

// decideJSON is what `policy decide` prints for these facts.
func decideJSON(t *testing.T, shop, facts string) map[string]any {
	t.Helper()
	c, err := fact.Parse([]byte(facts))
	if err != nil {
		t.Fatalf("%v in %s", err, facts)
	}
	data, err := json.Marshal(explain.Answer{Decision: preset(t, shop)[policy.Refund].Decide(c)})
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(data, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
