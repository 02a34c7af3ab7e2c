package web

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"safelight/internal/i18n"
)

func axeSource(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/axe.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	js, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(js)
}

type finding struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
	({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html, FailureSummary: n.failureSummary}))}))))`

func TestAxeFindsNothingSerious(t *testing.T) {
	b := browse(t)
	axe := axeSource(t)
	for _, s := range samples(i18n.English, "dark") {
		if !strings.HasPrefix(s.name, *only) {
			continue
		}
		err := chromedp.Run(b.ctx, bypassPolicy(), chromedp.Navigate(b.url+"/en/dark/"+s.name), still(), chromedp.Evaluate(axe+";true", nil))
		if err != nil {
			t.Fatal(s.name, err)
		}
		for _, theme := range []string{"dark", "light"} {
			for _, width := range []int64{1280, 360} {
				for _, f := range b.audit(t, theme, width) {
					t.Errorf("%s, %s, %d: %s (%s): %s\n%s", s.name, theme, width, f.ID, f.Impact, f.Nodes[0].HTML, f.Nodes[0].FailureSummary)
				}
			}
		}
	}
}

// audit returns what is serious about the page that is open.
func (b browser) audit(t *testing.T, theme string, width int64) []finding {
	t.Helper()
	var out string
	err := chromedp.Run(b.ctx, size(width, 800), chromedp.Evaluate(`document.documentElement.dataset.theme = "`+theme+`"`, nil),
		chromedp.Evaluate(runAxe, &out, awaited))
	if err != nil {
		t.Fatal(err)
	}
	var found []finding
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(f finding) bool { return f.Impact != "serious" && f.Impact != "critical" })
}

func TestTheAuditItselfFindsWhatIsWrong(t *testing.T) {
	b := browse(t)
	err := chromedp.Run(b.ctx, bypassPolicy(), chromedp.Navigate(b.url+"/en/dark/sign-in"), still(), chromedp.Evaluate(axeSource(t)+";true", nil),
		chromedp.Evaluate(`document.querySelector("label[for=email]").remove(); document.querySelector("h1").style.color = "#333"; true`, nil))
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, f := range b.audit(t, "dark", 1280) {
		ids = append(ids, f.ID)
	}
	if !slices.Contains(ids, "label") || !slices.Contains(ids, "color-contrast") {
		t.Errorf("a missing label and a faint heading gave %v", ids)
	}
}

// bypassPolicy lets the audit itself run; the pages are checked under their
// policy in TestPagesObeyTheirOwnPolicy.
func bypassPolicy() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error { return page.SetBypassCSP(true).Do(ctx) })
}
