package web

import (
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/queue/queuetest"
)

func TestAnOpenPageMovesByItself(t *testing.T) {
	on := dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start))
	queuetest.Migrate(t, on)
	d := openDarkroom(t, on)
	d.ana = d.member("ana@example.com", 10)
	i := d.ana.lay("fig.jpg")
	b := browseAt(t, d.People.Identify(d.site)(d.Server))
	var mu sync.Mutex
	complaints := []string{}
	chromedp.ListenTarget(b.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			complaints = append(complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	run := func(actions ...chromedp.Action) {
		t.Helper()
		fine(t, chromedp.Run(b.ctx, actions...))
	}
	run(network.SetCookie("session", d.ana.Token).WithURL(b.url), chromedp.Navigate(b.url+imagePath(i.ID)),
		chromedp.WaitVisible(`//p[@class="cost"][text()="2 credits"]`),
		chromedp.Click(`input[name=model][value=fast] + span`), chromedp.WaitVisible(`//p[@class="cost"][text()="1 credit"]`),
		chromedp.Click(`.quote button.main`), chromedp.WaitVisible(`.job-head progress`), chromedp.WaitReady(`#lamp[data-lit]`),
		chromedp.WaitVisible(`//span[@id="balance"][text()="9 credits"]`))
	d.work()
	var sizes []int
	run(chromedp.WaitVisible(`safelight-compare[ready]`), chromedp.WaitVisible(`a[download]`), chromedp.WaitReady(`#lamp:not([data-lit])`),
		chromedp.Evaluate(`Promise.all([...document.querySelectorAll("safelight-compare img")].map((i) => i.decode().then(() => i.naturalWidth)))`, &sizes, awaited))
	if len(sizes) != 2 || sizes[0] != 24 || sizes[1] != 48 {
		t.Errorf("before and after are %v pixels wide", sizes)
	}
	var url string
	run(chromedp.Location(&url))
	if !strings.Contains(url, "/jobs/job_") {
		t.Errorf("the page is %s", url)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, c := range complaints {
		t.Error(c)
	}
}
