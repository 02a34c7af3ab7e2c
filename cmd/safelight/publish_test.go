package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

// folder is a copy of the preset shop, to be changed.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	if err := os.CopyFS(dir, os.DirFS("../../shops/opendream")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rewrite changes every file of the refund policy.
func rewrite(t *testing.T, dir, expression, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "policy", "refund*.md"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		data = regexp.MustCompile(expression).ReplaceAll(data, []byte(text))
		if err := os.WriteFile(f, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// letters are the messages with a word in their subject.
func letters(t *testing.T, c *caller, word string) int {
	t.Helper()
	a := c.call(t, http.StatusOK, http.MethodGet, "/sandbox/mail", "", "Accept: application/json")
	return strings.Count(string(a.body), word)
}

// A change is posted while two processes serve: both follow, everybody is told
// once, and who goes on using the service is on record, once.
func TestOD_R_6_AChangeIsPostedWhileTheShopIsOpen(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			dir := folder(t)
			settings := []string{"SAFELIGHT_SHOP=" + dir}
			if kind == db.Postgres {
				settings = append(settings, "SAFELIGHT_DATABASE="+dbtest.URL(t, kind))
			}
			h := newHouse(t, settings...)
			var all []*caller
			for range 2 {
				addr := freeAddress(t)
				h.start(nil, "serve", "--addr", addr).ready("http://" + addr)
				all = append(all, &caller{url: "http://" + addr})
				if kind == db.SQLite {
					break // one process is the whole shop
				}
			}
			token := h.user("ana", "--lang", "es")
			use := func() {
				for _, c := range all {
					person := caller{url: c.url, token: token}
					person.call(t, http.StatusOK, http.MethodGet, "/api/v1/credits", "")
				}
			}
			use()
			h.proofs("3 acceptances")
			use()
			h.proofs("3 acceptances")

			rewrite(t, dir, `\A---\ntitle: (.*)`, "---\ntitle: $1 (neu)")
			if out, err := h.run("policy", "publish"); err == nil || !strings.Contains(out, "Give the change a version of its own") {
				t.Errorf("another text under a version that was published: %v %s", err, out)
			}
			rewrite(t, dir, `(?m)^version: .*$`, `version: "2026-02-21"`)
			rewrite(t, dir, `(?m)^effective: .*$`, "effective: 2026-02-21")
			rewrite(t, dir, `(?m)^updated: .*\n`, "")
			out, err := h.run("policy", "publish", "--material", "--note", "The title is another one.")
			if err != nil || !strings.Contains(out, "refund 2026-02-21: published, in force from") || !strings.Contains(out, "terms 2026-02-20: as published before") {
				t.Fatalf("publish: %v %s", err, out)
			}
			if out, err := h.run("policy", "publish"); err != nil || strings.Contains(out, "in force from") {
				t.Errorf("publish again: %v %s", err, out)
			}
			err = until(20*time.Second, 100*time.Millisecond, func() error {
				use()
				if out, err := h.run("policy", "proofs", "verify"); err != nil || !strings.Contains(out, " 4 acceptances") {
					return fmt.Errorf("%w %s", err, out)
				}
				if letters(t, all[0], "(neu)") == 0 {
					return fmt.Errorf("no letter")
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			use()
			h.proofs("4 acceptances")
			buyer := caller{url: all[0].url, token: token}
			o := buyer.call(t, http.StatusCreated, http.MethodPost, "/api/v1/checkout", `{"item":"pack-100","currency":"USD","statement_accepted":true}`)
			if o = buyer.call(t, http.StatusOK, http.MethodGet, "/api/v1/orders/"+o.text("order_id"), ""); o.text("policy_version") != "2026-02-21" {
				t.Errorf("an order under another text: %s", o.body)
			}
			h.proofs("5 acceptances")
			out, err = h.run("policy", "versions")
			if err != nil || strings.Count(out, "\n") != 3 || !strings.Contains(out, "The title is another one.") || !strings.Contains(out, "material") {
				t.Errorf("versions: %v\n%s", err, out)
			}
		})
	}
}

// proofs fails the test unless the chain of acceptances holds and says so.
func (h *house) proofs(want string) {
	h.t.Helper()
	out, err := h.run("policy", "proofs", "verify")
	if err != nil || !strings.HasPrefix(out, "proofs ok: "+want) {
		h.t.Fatalf("the proofs: %v %s", err, out)
	}
}
