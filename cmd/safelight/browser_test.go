package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	browserEmail    = "lena@example.com"
	browserPassword = "a lamp over the tray"
	browserPhoto    = "../../internal/web/static/hero-before.jpg"
)

// The five-minute story as a person meets it: one binary, one database, one
// browser, and nothing else on the network.
func TestTheFiveMinuteStoryInABrowser(t *testing.T) {
	v := visit(t)
	v.see("a stranger lands", v.open("/"), v.titled("en", "OpenDream"))
	for _, path := range []string{"/refund", "/privacy", "/terms", "/contact", "/colophon", "/api"} {
		v.see("the foot leads to "+path, v.open("/"), v.click(`.foot a[href="`+path+`"]`), v.at(path), chromedp.WaitVisible("main h1"))
	}
	v.see("an account is wanted", v.open("/"), v.click(`.hero a[href^="/sign-up"]`))
	v.signUp("en")
	v.see("the free credits are there", v.at("/lab"), v.reads("#balance", "3 credits"))
	elsewhere := v.tab("/credits", chromedp.WaitVisible("#balance"), markPage)
	v.buy()
	v.see("the other tab has moved without being read again", v.reads("#balance", "108 credits"))
	elsewhere.see("so has the first", elsewhere.reads("#balance", "108 credits"), elsewhere.marked())
	v.develop()
	v.compare()
	v.download(2 * 640)
	v.accounts("107")
	elsewhere.see("the books moved in the other tab too", elsewhere.reads("#balance", "107 credits"), elsewhere.marked())
	v.deleteAll()
	v.see("signed out", v.open("/account"), v.click(`form[action="/sign-out"] button`), v.at("/"), v.open("/lab"), v.at("/sign-in"))
}

// The same by forms alone, on a phone and in Spanish.
func TestTheStoryNeedsNoScripts(t *testing.T) {
	v := visit(t)
	v.see("a phone without scripts", emulation.SetScriptExecutionDisabled(true), chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile),
		v.open("/"), v.click(`button[name="lang"][value="es"]`), v.titled("es", "OpenDream"), v.narrow(), v.open("/sign-up"))
	v.signUp("es")
	v.see("a photo is sent by its form", v.at("/lab"), v.narrow(), chromedp.SetUploadFiles("#files", []string{v.photo}), v.click(".send"),
		v.at("/images/"), v.narrow(), v.titled("es", "hero-before.jpg"))
	v.see("the price of another choice is asked for", v.click(`input[name="model"][value="fast"]`), v.click(`button[formmethod="get"]`),
		v.reads(".cost", "1 crédito"))
	v.see("the work is begun, and the page reads itself again until it is done", v.click("#quote button.main"), v.at("/jobs/"), v.narrow(),
		chromedp.WaitVisible("a[download]"), v.narrow(), v.reads("#balance", "2 créditos"))
	v.download(2 * 640)
}

// A visitor is one tab of a browser in a shop, and what it complained of.
type visitor struct {
	t     *testing.T
	ctx   context.Context
	url   string
	photo string
	files string // where downloads land
	wrong *complaints
}

// complaints is what browsers found fault with, over all tabs.
type complaints struct {
	sync.Mutex
	all []string
}

func (c *complaints) add(format string, a ...any) {
	c.Lock()
	defer c.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, a...))
}

// visit opens a shop of its own, and a browser in front of it.
func visit(t *testing.T) *visitor {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("needs chromium, and a minute")
	}
	v := &visitor{t: t, url: openShop(t), files: t.TempDir(), wrong: &complaints{}}
	v.photo, err = filepath.Abs(browserPhoto)
	must(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, late := context.WithTimeout(alloc, 2*time.Minute)
	t.Cleanup(late)
	ctx, quit := chromedp.NewContext(ctx)
	t.Cleanup(quit)
	v.ctx = ctx
	v.see("the browser opens", chromedp.EmulateViewport(1280, 900))
	v.listen()
	t.Cleanup(v.judge)
	return v
}

// openShop serves the shop from the real binary until the test ends.
func openShop(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("safelight")
	must(t, err)
	preset, err := filepath.Abs("../../shops/opendream")
	must(t, err)
	env := append(os.Environ(), "SAFELIGHT_SHOP="+preset, "SAFELIGHT_DATA="+t.TempDir(), "SAFELIGHT_DATABASE=", "SAFELIGHT_BLOBS=")
	at, shop, err := serveShop(program, env, nil)
	must(t, err)
	t.Cleanup(func() {
		_ = shop.Process.Signal(syscall.SIGTERM)
		if err := shop.Wait(); err != nil {
			t.Errorf("the shop did not close in peace: %v", err)
		}
	})
	return at
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tab opens another tab of the same browser.
func (v *visitor) tab(path string, a ...chromedp.Action) *visitor {
	v.t.Helper()
	ctx, shut := chromedp.NewContext(v.ctx)
	v.t.Cleanup(shut)
	other := *v
	other.ctx = ctx
	other.see("another tab opens", chromedp.EmulateViewport(1280, 900))
	other.listen()
	other.see("another tab", append([]chromedp.Action{other.open(path)}, a...)...)
	return &other
}

// listen hears what a developer would see in red, and every address asked for.
func (v *visitor) listen() {
	home, _ := url.Parse(v.url)
	chromedp.ListenTarget(v.ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				v.wrong.add("console: %s %v", e.Type, e.Args)
			}
		case *runtime.EventExceptionThrown:
			v.wrong.add("exception: %v", e.ExceptionDetails)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError && !meant(e.Entry) {
				v.wrong.add("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Host != home.Host && u.Scheme != "data" && u.Scheme != "blob" {
				v.wrong.add("asked another host: %s", e.Request.URL)
			}
		}
	})
	v.see("listening", network.Enable(), log.Enable(), runtime.Enable())
}

// meant is an answer that the story asks for on purpose and browsers log as an
// error: a form that came back with what is wrong in it, a deleted picture.
func meant(e *log.Entry) bool {
	form := strings.Contains(e.URL, "/sign-up") || strings.Contains(e.URL, "/checkout/")
	return e.Source == log.SourceNetwork && (form && strings.Contains(e.Text, "422") || strings.HasSuffix(e.URL, "/thumb") && strings.Contains(e.Text, "404"))
}

func (v *visitor) judge() {
	v.wrong.Lock()
	defer v.wrong.Unlock()
	for _, w := range v.wrong.all {
		v.t.Errorf("the browser complains: %s", w)
	}
}

// see does one step of the story; what does not come within 40 seconds does
// not come.
func (v *visitor) see(step string, a ...chromedp.Action) {
	v.t.Helper()
	ctx, late := context.WithTimeout(v.ctx, 40*time.Second)
	defer late()
	if chromedp.FromContext(v.ctx).Target == nil { // the first run's context is the tab's
		ctx = v.ctx
	}
	for n, one := range a {
		if err := chromedp.Run(ctx, one); err != nil {
			var at, text string
			_ = chromedp.Run(v.ctx, chromedp.Location(&at), chromedp.Text("main", &text, chromedp.AtLeast(0)))
			v.t.Fatalf("%s, act %d: %v\nat %s\n%.1500s", step, n+1, err, at, text)
		}
	}
}

func (v *visitor) open(path string) chromedp.Action { return chromedp.Navigate(v.url + path) }

func (v *visitor) click(selector string) chromedp.Action {
	return chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible)
}

// comes waits for a condition in the page, across navigations and without
// asking the page to run scripts of its own.
func comes(condition, what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		var last error
		for {
			var yes bool
			if last = chromedp.Evaluate("Boolean("+condition+")", &yes).Do(ctx); last == nil && yes {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s never came: %w", what, errors.Join(ctx.Err(), last))
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// at is a page whose path begins so; "/" is that page alone.
func (v *visitor) at(path string) chromedp.Action {
	if path == "/" {
		return comes(`location.pathname === "/" && document.readyState === "complete"`, "the front page")
	}
	return comes(fmt.Sprintf(`location.pathname.startsWith(%q) && document.readyState === "complete"`, path), path)
}

func (v *visitor) reads(selector, text string) chromedp.Action {
	return comes(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q)`, selector, text), selector+" with "+text)
}

// titled checks the page's language and that its title names it.
func (v *visitor) titled(lang, title string) chromedp.Action {
	return comes(fmt.Sprintf(`document.documentElement.lang === %q && document.title.includes(%q)`, lang, title), lang+" page titled "+title)
}

// narrow checks that nothing hangs out of the screen.
func (v *visitor) narrow() chromedp.Action {
	return comes(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`, "a page within the screen")
}

// markPage leaves something in the page that only reading it again takes away.
var markPage = chromedp.Evaluate(`window.sameAsBefore = true`, nil)

func (v *visitor) marked() chromedp.Action {
	return comes(`window.sameAsBefore`, "a page that was not read again")
}

// signUp makes an account, first without the boxes, and confirms the address
// by the letter in the sandbox's mailbox.
func (v *visitor) signUp(lang string) {
	v.t.Helper()
	v.see("without the boxes", v.at("/sign-up"), chromedp.SendKeys("#email", browserEmail), chromedp.SendKeys("#password", browserPassword),
		chromedp.Evaluate(`document.querySelector('form[action="/sign-up"]').noValidate = true`, nil), v.click(`form[action="/sign-up"] button.main`),
		comes(`document.querySelectorAll("main .tick .wrong").length >= 2`, "a sentence under each box that is needed"),
		comes(`document.querySelector("#email").value === "`+browserEmail+`"`, "the address that was typed"))
	v.see("with the boxes", chromedp.SendKeys("#password", browserPassword),
		chromedp.Evaluate(`for (const box of document.querySelectorAll("main .tick input[required]")) box.click()`, nil),
		v.click(`form[action="/sign-up"] button.main`), v.at("/verify"), v.titled(lang, "OpenDream"))
	v.see("the letter", v.click(`main a[href="/sandbox/mail"]`), v.at("/sandbox/mail"), v.titled(lang, "OpenDream"),
		v.click(`.letter-text a[href*="/verify?"]`), v.at("/verify"))
	v.see("confirmed", v.click(`form[action="/verify"] button.main`), comes(`location.search.includes("done")`, "the confirmation"))
	v.see("signs in", v.click(`main a[href^="/sign-in"]`), v.at("/sign-in"),
		comes(`document.querySelector("#email").value === "`+browserEmail+`"`, "the address, known already"),
		chromedp.SendKeys("#password", browserPassword), v.click(`form[action="/sign-in"] button.main`))
}

// buy buys 100 credits on the sandbox, first without accepting the statement.
func (v *visitor) buy() {
	v.t.Helper()
	v.see("prices", v.open("/pricing"), v.titled("en", "OpenDream"), v.click(`.pack a[href*="pack-100"]`), v.at("/checkout/pack-100"))
	v.see("the statement is not accepted by itself", comes(`!document.querySelector("#statement").checked`, "an empty box"),
		chromedp.Evaluate(`document.querySelector("main form").noValidate = true`, nil), v.click("main form button.main"),
		chromedp.WaitVisible("#statement-wrong"), v.at("/checkout/pack-100"))
	v.see("accepted", v.click("#statement"), v.click("main form button.main"), v.at("/sandbox/"), v.reads(".amount", "14.90"))
	v.see("paid", chromedp.SendKeys("#number", "4242 4242 4242 4242"), v.click(`button[type="submit"]`), v.at("/orders/"),
		chromedp.WaitVisible(".state.good"))
}

// develop drops a photo on the page and watches it being developed.
func (v *visitor) develop() {
	v.t.Helper()
	v.see("a photo is dropped", v.open("/lab"), chromedp.WaitVisible("safelight-drop[ready]"), v.drop(), v.at("/images/"), v.titled("en", "hero-before.jpg"))
	v.see("the price follows the choice", v.reads(".cost", "2 credits"), v.pick("model", "fast"), v.reads(".cost", "1 credit"))
	v.see("watching", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(recorder).Do(ctx)
		return err
	}), v.click("#quote button.main"), v.at("/jobs/"), markPage, chromedp.WaitVisible("a[download]"), v.marked())
	var seen []float64
	v.see("the progress moved", chromedp.Evaluate("window.progressSeen", &seen))
	if len(seen) < 2 || !slices.IsSorted(seen) {
		v.t.Errorf("progress seen: %v", seen)
	}
}

// recorder keeps each value that the page's progress had.
const recorder = `window.progressSeen = [];
new MutationObserver(() => {
	const value = document.querySelector("main progress")?.value;
	if (value !== undefined && value !== window.progressSeen.at(-1)) window.progressSeen.push(value);
}).observe(document, { subtree: true, childList: true, attributes: true });`

// pick chooses in a strip as a pointer does: on the label.
func (v *visitor) pick(name, value string) chromedp.Action {
	return v.click(fmt.Sprintf(`label:has(input[name=%q][value=%q])`, name, value))
}

// drop lets go of the photo over the page.
func (v *visitor) drop() chromedp.Action {
	content, err := os.ReadFile(v.photo)
	must(v.t, err)
	return chromedp.Evaluate(fmt.Sprintf(`(() => {
		const files = new DataTransfer();
		files.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q, { type: "image/jpeg" }));
		for (const type of ["dragenter", "dragover", "drop"])
			document.querySelector(".drop").dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
	})()`, base64.StdEncoding.EncodeToString(content), filepath.Base(v.photo)), nil)
}

// compare moves the edge between before and after by the keyboard.
func (v *visitor) compare() {
	v.t.Helper()
	split := func(percent string) chromedp.Action {
		return comes(fmt.Sprintf(`document.querySelector("safelight-compare").style.getPropertyValue("--split") === %q`, percent), "the edge at "+percent)
	}
	v.see("the edge moves by the keyboard", chromedp.WaitVisible("safelight-compare[ready]"),
		comes(`[...document.querySelectorAll("safelight-compare img")].every((i) => i.complete && i.naturalWidth > 0)`, "both pictures"),
		chromedp.Focus("safelight-compare .range"), chromedp.KeyEvent(kb.ArrowRight), split("51%"),
		chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft), split("49%"))
	v.see("pixels can be looked at", v.click(`button[value="4"]`), chromedp.WaitVisible("safelight-compare[pixels]"), v.click(`button[value="fit"]`))
}

// download takes the result home, and looks at it there.
func (v *visitor) download(width int) {
	v.t.Helper()
	done := make(chan string, 1)
	ctx, stop := context.WithCancel(v.ctx)
	defer stop()
	chromedp.ListenTarget(ctx, func(e any) {
		if p, ok := e.(*browser.EventDownloadProgress); ok && p.State == browser.DownloadProgressStateCompleted {
			done <- p.GUID
		}
	})
	v.see("the result is downloaded", browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllowAndName).WithDownloadPath(v.files).WithEventsEnabled(true),
		v.click("a[download]"), chromedp.ActionFunc(func(ctx context.Context) error {
			select {
			case name := <-done:
				return twiceAsLarge(filepath.Join(v.files, name), width)
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
}

func twiceAsLarge(name string, width int) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	config, format, err := image.DecodeConfig(f)
	if err != nil {
		return err
	}
	if config.Width != width {
		return fmt.Errorf("the result is a %s of %d × %d px, want %d wide", format, config.Width, config.Height, width)
	}
	return nil
}

// accounts reads the credits page: each line's balance follows from the line
// below it, and the first is the balance at the top.
func (v *visitor) accounts(balance string) {
	v.t.Helper()
	var rows [][]string
	v.see("the credits page", v.open("/credits"), v.reads(".figure", balance), chromedp.Evaluate(
		`[...document.querySelectorAll("main section:last-of-type tbody tr")].map((r) => [...r.children].map((c) => c.textContent.trim()))`, &rows))
	if len(rows) < 4 {
		v.t.Fatalf("%d movements, want the welcome, the pack, the bonus and the work: %q", len(rows), rows)
	}
	sum := 0
	for n := len(rows) - 1; n >= 0; n-- {
		change, err := strconv.Atoi(strings.NewReplacer("−", "-", "+", "").Replace(rows[n][2]))
		must(v.t, err)
		if sum += change; strconv.Itoa(sum) != rows[n][3] {
			v.t.Errorf("after %q the page says %s, the lines add up to %d", rows[n][0], rows[n][3], sum)
		}
	}
	if strconv.Itoa(sum) != balance {
		v.t.Errorf("the movements add up to %d, the balance is %s", sum, balance)
	}
}

// deleteAll leaves nothing behind, not even at the addresses it had.
func (v *visitor) deleteAll() {
	v.t.Helper()
	var thumbnail string
	v.see("all is deleted", v.open("/lab"), chromedp.WaitVisible(".bench li"),
		chromedp.Evaluate(`document.querySelector(".bench img").src`, &thumbnail),
		v.click(`a[href="/lab/delete"]`), v.at("/lab/delete"), v.click("main form button.main"),
		comes(`location.pathname === "/lab" && !document.querySelector(".bench li")`, "an empty bench"))
	v.see("its address too", chromedp.Navigate(thumbnail), v.reads("main h1", "Nothing here"))
}
