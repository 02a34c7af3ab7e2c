package api

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"safelight/internal/db"
	"safelight/internal/lab"
	"safelight/internal/ledger"
	"safelight/internal/order"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (g *rig) verify() {
	g.t.Helper()
	if _, err := ledger.Verify(g.t.Context(), g.d); err != nil {
		g.t.Errorf("the ledger: %v", err)
	}
}

func TestAKeyIsCarriedOutOnce(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 100)
		image := ana.upload()
		for _, c := range []struct{ path, body, other, table string }{
			{"/api/v1/jobs", wish(image), `{"image_id":"` + image + `","operation":"upscale","scale":3,"model":"fast"}`, "lab_job"},
			{"/api/v1/checkout", `{"item":"pack-100","statement_accepted":true}`, `{"item":"pack-100","statement_accepted":true,"quantity":2}`, "order_purchase"},
		} {
			var mu sync.Mutex
			var wg sync.WaitGroup
			answers, replayed := map[string]int{}, 0
			for range 50 {
				wg.Go(func() {
					w := ana.send("POST", c.path, c.body, "Idempotency-Key", "key-1")
					for w.Code == http.StatusConflict {
						w = ana.send("POST", c.path, c.body, "Idempotency-Key", "key-1")
					}
					mu.Lock()
					defer mu.Unlock()
					answers[itoa(w.Code)+w.Body.String()]++
					if w.Header().Get("Idempotency-Replayed") == "true" {
						replayed++
					}
				})
			}
			wg.Wait()
			if n := g.count(`SELECT count(*) FROM ` + c.table); n != 1 || len(answers) != 1 || replayed != 49 {
				t.Errorf("%s: one key 50 times made %d, %d answers, %d replayed: %v", c.path, n, len(answers), replayed, answers)
			}
			ana.refused(422, "key_reused", "POST", c.path, c.other, "Idempotency-Key", "key-1")
			mallory := g.customer("mallory"+c.table+"@example.com", 0)
			if w := mallory.send("POST", c.path, c.body, "Idempotency-Key", "key-1"); w.Header().Get("Idempotency-Replayed") != "" {
				t.Errorf("%s: another's key was answered: %s", c.path, w.Body)
			}
		}
		g.verify()
	})
}

// The process dies after the verb committed, before the outcome was kept.
func TestAKeyIsCarriedOutOnceAlthoughTheOutcomeWasLost(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 100)
		for path, body := range map[string]string{"/api/v1/jobs": wish(ana.upload()), "/api/v1/checkout": `{"item":"pack-100","statement_accepted":true}`} {
			first := ana.send("POST", path, body, "Idempotency-Key", "key-2")
			g.do(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE serve_idempotency SET status = 0, header = '', body = '', lease_until = 0`)
				return err
			})
			again := ana.send("POST", path, body, "Idempotency-Key", "key-2")
			if first.Code >= 300 || again.Code != first.Code || again.Body.String() != first.Body.String() {
				t.Errorf("%s: first %d %s, then %d %s", path, first.Code, first.Body, again.Code, again.Body)
			}
		}
		if jobs, orders := g.count(`SELECT count(*) FROM lab_job`), g.count(`SELECT count(*) FROM order_purchase`); jobs != 1 || orders != 1 {
			t.Errorf("%d jobs and %d orders", jobs, orders)
		}
		g.verify()
	})
}

// Two processes carry out the same key at the same moment.
func TestOfTwoAtTheSameMomentOneIsCarriedOut(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 100)
		image := lab.ImageID(ana.upload())
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_ = g.d.InTx(t.Context(), func(tx *db.Tx) error { // ErrTwice is as good
					_, err := g.api.Lab.Start(t.Context(), tx, ana.account.ID, lab.Request{Image: image, Wish: lab.Wish{Operation: "upscale"}, Key: "k"})
					return err
				})
				_ = g.d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := order.Place(t.Context(), tx, g.api.Desk, order.Request{Buyer: ana.account, Item: "pack-100", Currency: "USD", Lang: "en",
						StatementAccepted: true, Control: "api", Key: "k"})
					return err
				})
			})
		}
		wg.Wait()
		if jobs, orders := g.count(`SELECT count(*) FROM lab_job`), g.count(`SELECT count(*) FROM order_purchase`); jobs != 1 || orders != 1 {
			t.Errorf("%d jobs and %d orders", jobs, orders)
		}
		g.verify()
	})
}

func TestNoMoreJobsThanCreditsBuy(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 0)
		image := ana.upload()
		cost := int64(ana.want(200, "GET", "/api/v1/quote?operation=upscale&scale=2&model=fast&image_id="+image, "")["cost"].(float64))
		g.do(func(tx *db.Tx) error {
			_, err := ledger.Issue(t.Context(), tx, ledger.Cause{Owner: ledger.Owner(ana.account.ID), Key: "grant"},
				ledger.Grant{Class: ledger.Goodwill, Credits: 100*cost + cost - 1})
			return err
		})
		var mu sync.Mutex
		var wg sync.WaitGroup
		answers := map[int]int{}
		work := make(chan int)
		for range 200 {
			wg.Go(func() {
				for range work {
					w := ana.send("POST", "/api/v1/jobs", wish(image))
					mu.Lock()
					answers[w.Code]++
					mu.Unlock()
				}
			})
		}
		for i := range 2000 {
			work <- i
		}
		close(work)
		wg.Wait()
		if answers[202] != 100 || answers[402] != 1900 || g.count(`SELECT count(*) FROM lab_job`) != 100 {
			t.Errorf("2,000 jobs where 100 can be paid: %v", answers)
		}
		g.verify()
	})
}

// hostile are values that have broken other programs.
var hostile = []string{"", "null", "0", "-1", "1e400", "NaN", "99999999999999999999", "true", "[]", "{}", "\x00", "\xff\xfe", "a\u202eb", "' OR 1=1 --",
	"../../etc/passwd", "%00", "${7*7}", "<script>", strings.Repeat("A", 5000), "img_00000000000000000000000000", "\r\nSet-Cookie: a=b", "💥"}

func TestHostileInputIsRefusedWithAProblem(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 1000)
		image := ana.upload()
		rnd := rand.New(rand.NewPCG(1, 2))
		pick := func() string { return hostile[rnd.IntN(len(hostile))] }
		for _, o := range operations(g.api) {
			for range 30 {
				path := strings.ReplaceAll(o.path, "{id}", pathValue(pick()))
				query := ""
				for _, p := range o.Parameters {
					if p.In == "query" && rnd.IntN(2) == 0 {
						query += "&" + p.Name + "=" + escape(pick())
					}
				}
				w := ana.send(o.method, path+"?"+strings.TrimPrefix(query, "&"), hostileBody(rnd, o, image, pick), "Content-Type", media(rnd, o))
				_, described := o.Responses[itoa(w.Code)]
				switch {
				case w.Code >= 500:
					t.Errorf("%s %q?%s: %d %s", o.method, path, query, w.Code, w.Body)
				case w.Code >= 400:
					problemIn(t, o.method+" "+path, w)
				}
				if !described && w.Code != 404 && w.Code != 405 && w.Code != 301 && w.Code != 307 {
					t.Errorf("%s %s answers %d, which is not described", o.method, o.path, w.Code)
				}
			}
		}
		g.verify()
	})
}

func hostileBody(rnd *rand.Rand, o op, image string, pick func() string) string {
	if o.RequestBody == nil {
		return ""
	}
	raw := func() string {
		v := pick()
		switch rnd.IntN(3) {
		case 0:
			return v
		case 1:
			return `["` + v + `"]`
		}
		return strconv.Quote(v)
	}
	switch rnd.IntN(4) {
	case 0:
		return raw()
	case 1:
		return `{"image_id":"` + image + `","operation":"upscale","scale":` + raw() + `,"strength":` + raw() + `}`
	case 2:
		return `{"item":"pack-100","statement_accepted":true,"quantity":` + raw() + `,"currency":` + raw() + `,"url":` + raw() + `}`
	}
	return `{"` + pick() + `":` + raw() + `,"image_id":` + raw() + `,"operation":"upscale","url":` + raw() + `,"item":` + raw() + `}`
}

func media(rnd *rand.Rand, o op) string {
	all := []string{"application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/xml", ";;", ""}
	if o.RequestBody == nil || rnd.IntN(2) == 0 {
		return all[0]
	}
	return all[rnd.IntN(len(all))]
}

// escape writes a query's value; some come as they are.
func escape(s string) string {
	return strings.NewReplacer("&", "%26", "#", "%23", "\r", "%0d", "\n", "%0a", " ", "%20").Replace(s)
}

// pathValue has no slash, or the path would be another.
func pathValue(s string) string {
	s = strings.NewReplacer("/", "", "?", "", ".", "").Replace(s)
	if s == "" {
		return "x"
	}
	return s
}
