package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

func TestChoosingWhatHappenedShowsTheDecisionAtOnce(t *testing.T) {
	g := openRig(t, dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start)), "opendream")
	b := browseAt(t, g.people.Identify(g.pages.Site)(g.pages))
	var url, focus, said string
	choose := func(name, value string) chromedp.Action {
		return chromedp.Evaluate(`{ const s = document.getElementById("`+name+`"); s.focus(); s.value = "`+value+`"; s.dispatchEvent(new Event("change", {bubbles: true})); }`, nil)
	}
	err := chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/decide"), still(), choose("ground", "duplicate_charge"), chromedp.WaitVisible("#charges"),
		chromedp.WaitVisible("#verdict .headline"), chromedp.Location(&url), chromedp.Evaluate(`document.activeElement.id`, &focus),
		chromedp.Click(`label[for="given.transaction_id"]`), chromedp.Click(`#decide button.main`), chromedp.WaitVisible(`#verdict .state.warn`),
		chromedp.Text("#verdict .headline", &said))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(url, "ground=duplicate_charge") || focus != "ground" {
		t.Errorf("the address is %s, the focus on %q", url, focus)
	}
	if !strings.Contains(said, "$4.90") {
		t.Errorf("it says %q", said)
	}
}
