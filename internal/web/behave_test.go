package web

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"safelight/internal/i18n"
)

func TestPagesObeyTheirOwnPolicy(t *testing.T) {
	b := browse(t)
	var mu sync.Mutex
	complaints := []string{}
	complain := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, s)
	}
	chromedp.ListenTarget(b.ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			complain(e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if !strings.Contains(e.Entry.URL, "/live") { // the samples have no stream
				complain(e.Entry.Text + " " + e.Entry.URL)
			}
		}
	})
	for _, s := range samples(i18n.English, "dark") {
		if err := chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/en/dark/"+s.name), still()); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, c := range complaints {
		t.Error(c)
	}
}

func TestPagesFitTheScreen(t *testing.T) {
	b := browse(t)
	for _, lang := range []i18n.Lang{i18n.Spanish, i18n.Russian} { // the long words
		for _, s := range samples(lang, "dark") {
			over := make([]string, 3)
			err := chromedp.Run(b.ctx, size(360, 800), chromedp.Navigate(b.url+"/"+string(lang)+"/dark/"+s.name), still(), chromedp.Evaluate(widest, &over[0]),
				size(768, 800), chromedp.Evaluate(widest, &over[1]), size(1920, 800), chromedp.Evaluate(widest, &over[2]))
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(over, ""); all != "" {
				t.Errorf("%s/%s: %s", lang, s.name, all)
			}
		}
	}
}

// widest names the first element that sticks out of a page that scrolls sideways.
const widest = `(() => { const w = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= w) return "";
	for (const e of document.querySelectorAll("body *")) { const r = e.getBoundingClientRect(); if (r.right > w + 1 && !e.closest(".unseen")) return e.outerHTML.slice(0, 160) + " reaches " + r.right; }
	return "scrolls to " + document.documentElement.scrollWidth; })()`

func TestTheEdgeBetweenBeforeAndAfterMovesByKeyboardAndPointer(t *testing.T) {
	b := browse(t)
	split := func(into *string) chromedp.Action {
		return chromedp.Evaluate(`document.querySelector("safelight-compare").style.getPropertyValue("--split")`, into)
	}
	var key, pointer string
	var left, width, top float64
	err := chromedp.Run(b.ctx, size(1280, 900), chromedp.Navigate(b.url+"/en/dark/job-done"), still(),
		chromedp.Focus("safelight-compare .range"), chromedp.KeyEvent(kb.ArrowRight+kb.ArrowRight), split(&key),
		chromedp.Evaluate(`document.querySelector("safelight-compare").getBoundingClientRect().left`, &left),
		chromedp.Evaluate(`document.querySelector("safelight-compare").getBoundingClientRect().width`, &width),
		chromedp.Evaluate(`document.querySelector("safelight-compare").getBoundingClientRect().top`, &top))
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Run(b.ctx, chromedp.MouseClickXY(left+width/4, top+100), split(&pointer)); err != nil {
		t.Fatal(err)
	}
	if key != "52%" || !strings.HasPrefix(pointer, "25") && !strings.HasPrefix(pointer, "24.9") {
		t.Errorf("after two arrows the edge is at %s, after a press at a quarter at %s", key, pointer)
	}
}

func TestZoomShowsOnePixelOfTheResultPerPixelOfTheScreen(t *testing.T) {
	b := browse(t)
	var shown float64
	err := chromedp.Run(b.ctx, size(1280, 900), chromedp.Navigate(b.url+"/en/dark/job-done"), still(),
		chromedp.Click(`.zooms button[value="2"]`),
		chromedp.Evaluate(`document.querySelector("safelight-compare .after img").getBoundingClientRect().width * devicePixelRatio`, &shown))
	if err != nil {
		t.Fatal(err)
	}
	if shown < 2559 || shown > 2561 {
		t.Errorf("at 200 %% a result 1280 pixels wide is %v pixels wide on the screen", shown)
	}
}

func TestLivePartsAreSwappedAndOthersLeftAlone(t *testing.T) {
	b := browse(t)
	var after, bar, said, stray string
	err := chromedp.Run(b.ctx, size(1280, 900), chromedp.Navigate(b.url+"/en/dark/job-running"), still(),
		chromedp.Evaluate(`document.querySelector("safelight-live").swap('<span id="balance">94 credits</span><div id="job-other">x</div>')`, nil),
		chromedp.Text("#balance", &after),
		chromedp.Evaluate(`fetch("/en/dark/job-done").then(r => r.text()).then(h => { document.querySelector("safelight-live").swap(h, "#job-j1"); return document.querySelector("safelight-compare[ready]") ? "there" : "missing" })`, &bar, awaited),
		chromedp.Text(`safelight-live [role="status"]`, &said, chromedp.NodeReady),
		chromedp.Evaluate(`document.getElementById("job-other") ? "there" : "gone"`, &stray))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(after, "; ", bar, "; ", said, "; ", stray); got != "94 credits; there; Done; gone" {
		t.Error(got)
	}
}

func TestChoosingAnotherWorkShowsItsOwnChoices(t *testing.T) {
	b := browse(t)
	var scale, strength bool
	visible := func(sel string, into *bool) chromedp.Action {
		return chromedp.Evaluate(`document.querySelector("`+sel+`").checkVisibility()`, into)
	}
	err := chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/en/dark/image"), still(),
		chromedp.Evaluate(`document.querySelector('[name="operation"][value="denoise"]').click()`, nil),
		visible(".if-upscale", &scale), visible(".if-denoise", &strength))
	if err != nil {
		t.Fatal(err)
	}
	if scale || !strength {
		t.Errorf("for denoising the size is shown: %v, the strength: %v", scale, strength)
	}
}
