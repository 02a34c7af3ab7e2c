package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	duplicate = `{"at":"2026-03-04T09:00:00Z","ground":"duplicate_charge","given":{"transaction_id":"ch_1"},"order":{"kind":"pack","currency":"USD","amount":"19.00","paid_at":"2026-03-01T10:00:00Z","delivered":true,"captured":[{"id":"ch_0","amount":"19.00","at":"2026-03-01T10:00:00Z"},{"id":"ch_1","amount":"19.00","at":"2026-03-01T10:02:00Z"}]}}`
	regret    = `{"at":"2026-03-04T09:00:00Z","ground":"change_of_mind","order":{"kind":"pack","currency":"USD","amount":"19.00","paid_at":"2026-03-01T10:00:00Z"}}`
)

// call runs the program in a shop of the repository.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const repository = "../../shops/"

func TestDecideAnswersEveryLine(t *testing.T) {
	code, out, errs := call(t, "policy", "decide", "--shop", repository+"opendream", "--facts", file(t, duplicate+"\n"+regret+"\n"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != done || errs != "" || len(lines) != 2 {
		t.Fatalf("%d, %s, %s", code, out, errs)
	}
	var d struct {
		Shop, Outcome, Amount, Currency, Letter string
		Clauses, Remedies                       []string
		Steps                                   []struct{ Text, Value string }
		Window                                  struct{ Opens, Closes string }
	}
	if err := json.Unmarshal([]byte(lines[0]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Shop != "opendream" || d.Outcome != "review" || d.Amount != "19.00" || d.Currency != "USD" || fmt.Sprint(d.Clauses, d.Remedies) != "[3.1] [refund credit]" ||
		d.Window.Closes != "2026-03-08T10:02:00Z" || len(d.Steps) == 0 || len(d.Letter) < 400 {
		t.Errorf("decided %+v", d)
	}
	again, second, _ := call(t, "policy", "decide", "--shop", repository+"opendream", "--facts", file(t, duplicate+"\n"+regret+"\n"))
	if again != done || second != out {
		t.Error("the same bytes in give other bytes out")
	}
}

func TestDecideNamesWhatIsWrongWithTheFacts(t *testing.T) {
	for _, c := range []struct{ name, facts, want string }{
		{"an ill-typed field", strings.Replace(regret, "2026-03-01T10:00:00Z", "yesterday", 1), "order.paid_at: not an RFC 3339 time"},
		{"an unknown field", strings.Replace(regret, `"kind"`, `"kin"`, 1), "order.kin: not a known fact"},
		{"a contradiction", strings.Replace(regret, `"order"`, `"pack":{"tokens":10,"used":11},"order"`, 1), "pack.used: more tokens than the pack has"},
		{"an empty text", " \n", "the facts are empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := call(t, "policy", "decide", "--shop", repository+"opendream", "--facts", file(t, c.facts))
			if code != misuse || out != "" || strings.TrimSpace(errs) != c.want {
				t.Errorf("%d, %q, %q", code, out, errs)
			}
		})
	}
	code, out, errs := call(t, "policy", "decide", "--shop", repository+"opendream", "--facts", file(t, regret+"\n{\"at\":1}\n"+regret))
	if code != misuse || strings.Count(out, "\n") != 1 || !strings.HasPrefix(errs, "2: at: ") {
		t.Errorf("a faulty second line: %d, %d lines, %q", code, strings.Count(out, "\n"), errs)
	}
}

func TestCheckIsSilentOrNamesFileAndLine(t *testing.T) {
	for _, shop := range []string{"opendream", "winno", "aijet", "neiroset"} {
		if code, out, errs := call(t, "policy", "check", "--shop", repository+shop); code != done || out+errs != "" {
			t.Errorf("%s: %d, %s%s", shop, code, out, errs)
		}
		if code, out, errs := call(t, "policy", "test", "--shop", repository+shop); code != done || !strings.HasSuffix(out, " examples ok\n") {
			t.Errorf("%s: %d, %s%s", shop, code, out, errs)
		}
	}
	shop := spoiled(t, "opendream", "refund_window: 7 days", "refund_window: 7 dollars")
	code, out, errs := call(t, "policy", "check", "--shop", shop)
	if code != failed || !strings.HasPrefix(out, shop+"/policy/refund.md:") || !strings.Contains(errs, "a fault") {
		t.Errorf("%d, %s, %s", code, out, errs)
	}
	code, _, errs = call(t, "serve", "--shop", shop, "--data", t.TempDir(), "--addr", "127.0.0.1:0")
	if code == done || !strings.Contains(errs, "refund.md:") || !strings.Contains(errs, "7 dollars") {
		t.Errorf("a shop with a faulty policy starts: %d, %s", code, errs)
	}
}

// spoiled is a copy of a shop with one text in its refund policy replaced.
func spoiled(t *testing.T, name, old, new string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(repository+name)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "policy", "refund.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the policy", old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestADraftIsReplayedOverMadeUpAndRecordedCases(t *testing.T) {
	shop := spoiled(t, "neiroset", "founded: excess > 0\ndecide: grant", "founded: excess > 0\ndecide: review")
	draft := filepath.Join(shop, "policy", "refund.md")
	text, err := os.ReadFile(draft)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "expect:") {
			lines = append(lines, line)
		}
	}
	if err := os.WriteFile(draft, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, sample, errs := call(t, "policy", "sample", "--shop", repository+"neiroset", "--count", "600")
	if code != done || strings.Count(sample, "\n") != 600 {
		t.Fatal(code, errs)
	}
	cases := file(t, sample)
	code, made, errs := call(t, "policy", "replay", "--shop", repository+"neiroset", "--new", draft, "--cases", cases)
	if code != done || !strings.Contains(made, "600 cases decided once more") || !strings.Contains(made, "duplicate_charge: grant refund") {
		t.Fatalf("%d %s %s", code, made, errs)
	}
	data := t.TempDir()
	if code, _, errs := call(t, "user", "create", "--shop", repository+"neiroset", "--data", data, "--email", "ana@example.com"); code != done {
		t.Fatal(errs)
	}
	if code, _, errs := call(t, "policy", "decide", "--record", "--shop", repository+"neiroset", "--data", data, "--facts", cases); code != done {
		t.Fatal(errs)
	}
	code, stored, errs := call(t, "policy", "replay", "--shop", repository+"neiroset", "--data", data, "--new", draft, "--json")
	var report struct{ Cases, Flipped int }
	if err := json.Unmarshal([]byte(stored), &report); err != nil || code != done {
		t.Fatal(code, err, errs)
	}
	if report.Cases != 600 || report.Flipped == 0 || !strings.Contains(made, fmt.Sprintf("\n%d have another outcome", report.Flipped)) {
		t.Errorf("recorded %+v, made up:\n%s", report, made)
	}
	if code, _, errs := call(t, "policy", "replay", "--shop", repository+"neiroset", "--data", data, "--new", draft, "--since", "soon"); code != misuse || !strings.Contains(errs, "--since") {
		t.Errorf("%d %s", code, errs)
	}
	code, differs, errs := call(t, "policy", "diff", "--shop", repository+"neiroset", repository+"neiroset/policy/refund.md", draft)
	if code != done || strings.TrimSpace(differs) == "" {
		t.Errorf("%d %q %s", code, differs, errs)
	}
}
