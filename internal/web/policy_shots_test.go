package web

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPolicyShots writes pictures of the policy pages of every shop: go test
// ./internal/web -run PolicyShots -shots DIR.
func TestPolicyShots(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots folder")
	}
	cases := map[string]string{
		"opendream": "?item=pack-100&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=duplicate_charge&charges=2&given.transaction_id=yes",
		"winno":     "?item=portrait&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=cancel_commission&commission.stage=in_progress",
		"aijet":     "?item=pack-500&paid=2026-03-04T01:00&at=2026-03-04T09:00&ground=system_failure&order.delivered=no",
		"neiroset":  "?item=pack-200&paid=2026-03-01T10:00&at=2026-03-04T09:00&ground=outage&outage.from=2026-03-02T00:00&outage.to=2026-03-03T06:00&outage.complete=yes&given.access_attempts=3&pack.used=80&pack.expired=0",
	}
	for _, name := range presets(t) {
		if *only != "" && *only != name {
			continue
		}
		g := ofShop(t, name)
		b := browseAt(t, g.people.Identify(g.pages.Site)(g.pages))
		if err := chromedp.Run(b.ctx, network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": *shotLang})); err != nil {
			t.Fatal(err)
		}
		for title, path := range map[string]string{"refund": "/refund", "both": "/refund?text=both", "decide": "/decide" + cases[name]} {
			for width, label := range map[int64]string{1280: "wide", 390: "phone"} {
				if title == "both" && (label == "phone" || len(g.pages.Shop.Languages) == 1) {
					continue
				}
				b.shoot(t, filepath.Join(*shots, name+"-"+title+"-"+label+".png"), path, width)
			}
		}
		var png []byte
		err := chromedp.Run(b.ctx, size(1280, 900), chromedp.Navigate(b.url+"/decide"+cases[name]), still(),
			chromedp.Evaluate(`document.querySelector(".verdict details").open = true`, nil), chromedp.FullScreenshot(&png, 100))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(*shots, name+"-decide-letter.png"), png)
		err = chromedp.Run(b.ctx, size(1280, 900), chromedp.Navigate(b.url+"/refund#c-3"), still(),
			chromedp.Evaluate(`document.querySelectorAll("details").forEach((d) => d.open = true)`, nil), chromedp.FullScreenshot(&png, 100))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(*shots, name+"-refund-open.png"), png)
		err = chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/refund"), still(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
			png, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(*shots, name+"-refund-print.pdf"), png)
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
