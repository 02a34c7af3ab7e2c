package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

// Limits that a shop which was killed keeps.
const (
	openAgain = 10 * time.Second // until it answers
	allEnded  = 2 * time.Minute  // until no job is under way that a kill cut
	eachTakes = time.Second / 2  // at most, of what waits its turn behind them
)

// killRounds is how often the shop is killed: SAFELIGHT_KILL_ROUNDS, or 20; a
// fifth of it beside PostgreSQL.
func killRounds(t *testing.T, kind db.Kind) int {
	t.Helper()
	n := 20
	if s := os.Getenv("SAFELIGHT_KILL_ROUNDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1 {
			t.Fatalf("SAFELIGHT_KILL_ROUNDS=%s", s)
		}
	}
	if kind == db.Postgres {
		n = max(2, n/5)
	}
	return n
}

func TestKillDuringJobs(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			killDuringJobs(t, kind)
		})
	}
}

const given = 2000 // credits that the customer of the test begins with

func killDuringJobs(t *testing.T, kind db.Kind) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SAFELIGHT_KILL_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	chance := rand.New(rand.NewPCG(seed, 1))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("SAFELIGHT_KILL_SEED=%d", seed)
		}
	})
	address := freeAddress(t)
	h := newHouse(t, "SAFELIGHT_ADDR="+address, "SAFELIGHT_RENDERS=2")
	if kind == db.Postgres {
		h.env = append(h.env, "SAFELIGHT_DATABASE="+dbtest.URL(t, kind))
	}
	c := &customer{caller: caller{url: "http://" + address, token: h.user("ana", "--credits", strconv.Itoa(given))}}
	p := h.start(nil, "serve")
	p.ready(c.url)
	for range 3 {
		c.images = append(c.images, c.upload(t, photo(t, 24+8*chance.IntN(8), 24+8*chance.IntN(8))))
	}
	var slowest time.Duration
	var complaints []string
	rounds := killRounds(t, kind)
	for n := range rounds {
		c.busy(t, n, rand.New(rand.NewPCG(seed, uint64(n))), time.Duration(50+chance.IntN(1100))*time.Millisecond, p.kill)
		complaints = append(complaints, p.complaints()...)
		h.verify()
		if chance.IntN(4) == 0 { // sometimes it does not even get up
			p = h.start(nil, "serve")
			time.Sleep(time.Duration(chance.IntN(800)) * time.Millisecond)
			p.kill()
			h.verify()
		}
		p = h.start(nil, "serve")
		took := p.ready(c.url)
		slowest = max(slowest, took)
		if took > openAgain {
			t.Errorf("round %d: open again after %v", n, took)
		}
		h.verify()
	}
	c.settle(t)
	t.Logf("%d rounds: %s; open again after %v at most; %s", rounds, c.count(t), slowest.Round(time.Millisecond), h.verify())
	for _, line := range append(complaints, p.complaints()...) {
		t.Errorf("the shop complained: %.600s", line)
	}
	p.kill()
	h.verify()
}

// complaints are what a process logged that nobody should have to read.
func (p *process) complaints() []string {
	return append(append(p.out.holding("panic"), p.out.holding("level=ERROR")...), p.out.holding("DATA RACE")...)
}

// A customer asks for much at a time, and remembers what was asked.
type customer struct {
	caller
	images []string
	room   atomic.Int64 // for how many more jobs, so that what waits in the end can be done in time

	mu     sync.Mutex
	wishes []wish
}

// A wish is a request with a key, and its answer when one came.
type wish struct {
	path, content, key string
	answer             answer
}

// mostWaiting jobs wait when a round begins to ask for more.
const mostWaiting = 30

const (
	jobsPath     = "/api/v1/jobs"
	checkoutPath = "/api/v1/checkout"
)

// busy keeps the shop busy until it is killed after a while.
func (c *customer) busy(t *testing.T, round int, chance *rand.Rand, while time.Duration, kill func()) {
	c.room.Store(mostWaiting)
	for _, j := range allJobs(t, &c.caller) {
		if j.Status == "queued" {
			c.room.Add(-1)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for hand := range 4 {
		own := rand.New(rand.NewPCG(chance.Uint64(), chance.Uint64()))
		all.Go(func() {
			for n := 0; ctx.Err() == nil && n < 12; n++ {
				c.act(ctx, own, fmt.Sprintf("%d-%d-%d", round, hand, n))
				pause(ctx, time.Duration(own.IntN(120))*time.Millisecond)
			}
		})
	}
	time.Sleep(while)
	kill()
	stop()
	all.Wait()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// act has a job done, or cancels one, or buys, or looks.
func (c *customer) act(ctx context.Context, chance *rand.Rand, key string) {
	w := wish{path: jobsPath, key: key}
	if chance.IntN(10) == 0 {
		w.path, w.content = checkoutPath, `{"item":"pack-25","statement_accepted":true}`
	} else {
		w.content = fmt.Sprintf(`{"image_id":%q,"operation":"upscale","scale":%d,"model":"fast"}`, c.images[chance.IntN(len(c.images))], 2+chance.IntN(2))
	}
	a := c.ask(ctx, w)
	switch id := a.text("id"); {
	case w.path == checkoutPath && a.status == http.StatusCreated:
		c.pay(ctx, a.text("provider_ref"))
	case a.status == http.StatusAccepted && chance.IntN(6) == 0:
		_, _ = c.try(ctx, http.MethodDelete, jobsPath+"/"+id, nil) // it may have ended
	}
}

// ask makes a wish and remembers it.
func (c *customer) ask(ctx context.Context, w wish) answer {
	a, err := c.try(ctx, http.MethodPost, w.path, strings.NewReader(w.content), "Idempotency-Key: "+w.key)
	if err == nil {
		w.answer = a
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wishes = append(c.wishes, w)
	return a
}

func (c *customer) pay(ctx context.Context, session string) {
	_, _ = c.try(ctx, http.MethodPost, "/sandbox/control/pay", strings.NewReader(`{"session":"`+session+`","card":"4242424242424242"}`),
		"Authorization: ")
}

// settle waits until no job is under way, then repeats what was not answered:
// its key must have had one effect, or have one now.
func (c *customer) settle(t *testing.T) {
	t.Helper()
	c.rest(t)
	c.call(t, http.StatusOK, http.MethodPost, "/sandbox/control/clock", `{"advance":"3m"}`, "Authorization: ") // requests cut short are over
	for i, w := range c.wishes {
		if w.answer.status/100 == 2 {
			continue
		}
		err := until(30*time.Second, 200*time.Millisecond, func() error {
			a, err := c.try(t.Context(), http.MethodPost, w.path, strings.NewReader(w.content), "Idempotency-Key: "+w.key)
			if err == nil && a.status/100 != 2 {
				err = fmt.Errorf("%d %.200s", a.status, a.body)
			}
			c.wishes[i].answer = a
			return err
		})
		if err != nil {
			t.Errorf("repeated %s %s: %v", w.path, w.key, err)
		}
	}
	c.rest(t)
}

// rest waits until no job is under way and says for how long it did.
func (c *customer) rest(t *testing.T) {
	t.Helper()
	begun, most := time.Now(), len(c.open(t))
	patience := allEnded + time.Duration(most)*eachTakes
	err := until(patience, 250*time.Millisecond, func() error {
		if open := c.open(t); len(open) > 0 {
			return fmt.Errorf("%d jobs are under way, the oldest is %+v", len(open), open[len(open)-1])
		}
		return nil
	})
	if err != nil {
		t.Fatalf("after %v, of %d at first, %v", patience, most, err)
	}
	t.Logf("%d jobs that were under way ended in %v", most, time.Since(begun).Round(time.Second))
}

// open are the jobs that have not ended.
func (c *customer) open(t *testing.T) (open []jobRow) {
	t.Helper()
	for _, j := range allJobs(t, &c.caller) {
		if j.Status == "queued" || j.Status == "running" {
			open = append(open, j)
		}
	}
	return open
}

// count checks that every credit, every payment and every result is where it
// belongs, once.
func (c *customer) count(t *testing.T) string {
	t.Helper()
	jobs, charged, succeeded := c.countJobs(t)
	delivered, bought := c.countOrders(t)
	now := c.call(t, http.StatusOK, http.MethodGet, "/api/v1/credits", "")
	if balance := now.number("balance"); now.number("held") != 0 || balance+charged != given+delivered {
		t.Errorf("balance %d + held %d + charged %d is not given %d + bought %d", balance, now.number("held"), charged, given, delivered)
	}
	return fmt.Sprintf("%d jobs, %d succeeded; %d orders paid", jobs, succeeded, bought)
}

func (c *customer) countJobs(t *testing.T) (all int, charged int64, succeeded int) {
	t.Helper()
	jobs := allJobs(t, &c.caller)
	made := map[string]bool{}
	for _, i := range c.results(t) {
		made[i] = true
	}
	for _, j := range jobs {
		switch {
		case j.Status == "success":
			succeeded++
			charged += j.Charged
			if j.Charged != j.Cost || !made[j.Result] {
				t.Errorf("%+v: charged wrongly, or its result is not there once", j)
			}
			delete(made, j.Result)
			c.download(t, j)
		case j.Charged != 0 || j.Result != "":
			t.Errorf("a job that did not succeed: %+v", j)
		}
	}
	if len(made) > 0 {
		t.Errorf("results of no job: %v", made)
	}
	if wanted := c.wished(t, jobsPath, "id"); wanted != len(jobs) {
		t.Errorf("%d jobs for %d keys", len(jobs), wanted)
	}
	return len(jobs), charged, succeeded
}

// wished counts the keys of a kind that were answered, each with its own id.
func (c *customer) wished(t *testing.T, path, field string) int {
	t.Helper()
	ids := map[string]string{}
	n := 0
	for _, w := range c.wishes {
		if w.path != path {
			continue
		}
		n++
		if other := ids[w.answer.text(field)]; other != "" {
			t.Errorf("the keys %s and %s have one answer", other, w.key)
		}
		ids[w.answer.text(field)] = w.key
	}
	return n
}

// results are the ids of the images that jobs made.
func (c *customer) results(t *testing.T) (ids []string) {
	t.Helper()
	type row struct{ ID, Role string }
	for _, i := range listed(t, &c.caller, "images", func(r row) string { return r.ID }) {
		if i.Role == "result" {
			ids = append(ids, i.ID)
		}
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("a result is listed twice")
	}
	return ids
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (c *customer) download(t *testing.T, j jobRow) {
	t.Helper()
	a := c.call(t, http.StatusOK, http.MethodGet, "/api/v1/images/"+j.Result+"/file", "")
	if _, err := jpeg.Decode(strings.NewReader(string(a.body))); err != nil || digest(a.body) != j.SHA256 {
		t.Errorf("the result of %s: %v", j.ID, err)
	}
}

// countOrders compares the orders with the processor's own records.
func (c *customer) countOrders(t *testing.T) (credits int64, paid int) {
	t.Helper()
	taken := c.taken(t)
	err := until(time.Minute, 250*time.Millisecond, func() error {
		credits, paid = 0, 0
		for _, o := range allOrders(t, &c.caller) {
			if o.Status == "paid" {
				paid++
				credits += o.Credits + o.Bonus
			}
		}
		if paid != taken {
			return fmt.Errorf("%d orders are paid; the processor took money for %d", paid, taken)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if orders, wanted := len(allOrders(t, &c.caller)), c.wished(t, checkoutPath, "order_id"); orders != wanted {
		t.Errorf("%d orders for %d keys", orders, wanted)
	}
	return credits, paid
}

// taken counts the payments in the processor's own records.
func (c *customer) taken(t *testing.T) (n int) {
	t.Helper()
	var events []struct{ Type string }
	a := c.call(t, http.StatusOK, http.MethodGet, "/sandbox/control/events", "", "Authorization: ")
	if err := json.Unmarshal(a.body, &events); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == "checkout.session.completed" {
			n++
		}
	}
	return n
}
