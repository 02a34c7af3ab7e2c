package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/db"
	"safelight/internal/order"
	"safelight/internal/payment"
)

var update = flag.Bool("update", false, "write the description")

func TestTheCommittedDescriptionIsTrue(t *testing.T) {
	text, err := describe().Description()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.FromSlash("../../api/openapi.json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(committed, text) {
		t.Errorf("api/openapi.json is not what the code emits (%v): run go generate ./internal/api", err)
	}
}

// An op is one operation of the description.
type op struct {
	method, path string
	*huma.Operation
}

func operations(a *API) (all []op) {
	for _, path := range slices.Sorted(maps.Keys(a.huma.OpenAPI().Paths)) {
		item := a.huma.OpenAPI().Paths[path]
		for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "DELETE": item.Delete, "PUT": item.Put, "PATCH": item.Patch} {
			if o != nil {
				all = append(all, op{method, path, o})
			}
		}
	}
	return all
}

func TestEveryExampleIsAsDescribed(t *testing.T) {
	a := describe()
	schemas := a.huma.OpenAPI().Components.Schemas
	check := func(what string, m *huma.MediaType) {
		if m == nil {
			return
		}
		var v any
		text, err := json.Marshal(m.Example)
		if err != nil || json.Unmarshal(text, &v) != nil || v == nil {
			t.Errorf("%s has no example (%v)", what, err)
			return
		}
		res := &huma.ValidateResult{}
		huma.Validate(schemas, m.Schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeWriteToServer, v, res)
		for _, err := range res.Errors {
			t.Errorf("%s: the example is not as described: %v", what, err)
		}
	}
	for _, o := range operations(a) {
		if o.Summary == "" || o.OperationID == "" {
			t.Errorf("%s %s says nothing of itself", o.method, o.path)
		}
		if o.RequestBody != nil {
			check(o.OperationID+" in", o.RequestBody.Content["application/json"])
		}
		for status, r := range o.Responses {
			check(o.OperationID+" "+status, r.Content["application/json"])
		}
	}
}

func TestEveryCallNeedsAToken(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		nobody, wrong := g.nobody(), &caller{rig: g, token: "slt_wrong"}
		all := operations(g.api)
		if len(all) < 15 {
			t.Fatalf("only %d operations are described", len(all))
		}
		for _, o := range all {
			path := strings.ReplaceAll(o.path, "{id}", "img_06exq3r8nwy2b4k0v7m1c9s5tg")
			for _, body := range []string{"", "{}"} {
				nobody.refused(401, "sign_in", o.method, path, body)
				wrong.refused(401, "token", o.method, path, body)
			}
		}
		for _, method := range []string{"POST", "HEAD", "PATCH", "DELETE"} {
			if w := nobody.send(method, "/api/v1/uploads/upl_x", ""); w.Code != 401 {
				t.Errorf("%s of an upload by nobody: %d", method, w.Code)
			}
		}
	})
}

func TestAnothersIdsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana, mallory := g.customer("ana@example.com", 10), g.customer("mallory@example.com", 10)
		image := ana.upload()
		job := ana.want(202, "POST", "/api/v1/jobs", wish(image))["id"].(string)
		bought := ana.want(201, "POST", "/api/v1/checkout", `{"item":"pack-100","statement_accepted":true}`)["order_id"].(string)
		ids := map[string]string{"images": image, "jobs": job, "orders": bought}
		walked := 0
		for _, o := range operations(g.api) {
			if !strings.Contains(o.path, "{id}") {
				continue
			}
			walked++
			for kind, id := range ids {
				if strings.Contains(o.path, "/"+kind+"/") {
					path := strings.ReplaceAll(o.path, "{id}", id)
					theirs := mallory.send(o.method, path, "")
					none := mallory.send(o.method, strings.ReplaceAll(o.path, "{id}", id[:len(id)-4]+"0000"), "")
					if theirs.Code != 404 || none.Code != 404 || problemIn(t, path, theirs)["code"] != problemIn(t, path, none)["code"] {
						t.Errorf("%s %s by another: %d, of nothing: %d", o.method, path, theirs.Code, none.Code)
					}
				}
			}
		}
		if walked < 7 {
			t.Errorf("only %d paths with an id are described", walked)
		}
		mallory.refused(404, "no_image", "POST", "/api/v1/jobs", wish(image))
		mallory.refused(404, "no_image", "GET", "/api/v1/quote?operation=upscale&image_id="+image, "")
		ana.want(200, "GET", "/api/v1/images/"+image, "")
		if got := ana.want(200, "GET", "/api/v1/jobs/"+job, ""); got["status"] != "queued" || got["queue_position"] != 0.0 {
			t.Errorf("ana's job after mallory's attempts: %v", got)
		}
		for _, list := range []string{"images", "jobs", "orders"} {
			if got := mallory.want(200, "GET", "/api/v1/"+list, "")[list].([]any); len(got) != 0 {
				t.Errorf("mallory lists %v", got)
			}
		}
	})
}

func TestAnswersHaveTheShapesOfTheContract(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 10)
		image := ana.upload()
		has := func(what string, got map[string]any, names ...string) {
			t.Helper()
			for _, n := range names {
				if _, ok := got[n]; !ok {
					t.Errorf("%s has no %s: %v", what, n, got)
				}
			}
		}
		has("me", ana.want(200, "GET", "/api/v1/me", ""), "id", "uid", "email", "locale", "state", "created_at")
		has("the image", ana.want(200, "GET", "/api/v1/images/"+image, ""), "id", "width", "height", "bytes", "format", "sha256")
		quote := ana.want(200, "GET", "/api/v1/quote?operation=upscale&scale=2&image_id="+image, "")
		has("the quote", quote, "cost", "engine", "output")
		if size := quote["output"].(map[string]any); size["width"] != 24.0 || size["height"] != 16.0 {
			t.Errorf("the output is %v", size)
		}
		job := ana.want(202, "POST", "/api/v1/jobs", wish(image))
		has("the job", job, "id", "status", "operation", "cost", "created_at")
		credits := ana.want(200, "GET", "/api/v1/credits", "")
		has("the credits", credits, "balance", "held", "lots")
		if credits["balance"].(float64)+credits["held"].(float64) != 10 || credits["held"] != job["cost"] {
			t.Errorf("a job that costs %v: %v", job["cost"], credits)
		}
		has("the lot", credits["lots"].([]any)[0].(map[string]any), "id", "kind", "remaining", "expires_at")
		if got := ana.want(200, "DELETE", "/api/v1/jobs/"+job["id"].(string), ""); got["status"] != "cancelled" {
			t.Errorf("after cancelling: %v", got)
		}
		ana.want(204, "DELETE", "/api/v1/images/"+image, "")
		ana.upload()
		ana.want(204, "DELETE", "/api/v1/images", "")
		if got := ana.want(200, "GET", "/api/v1/images", "")["images"].([]any); len(got) != 0 {
			t.Errorf("after deleting all: %v", got)
		}
	})
}

func TestAnOrderIsCheckedOutAndInvoiced(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 0)
		ana.refused(422, "statement_required", "POST", "/api/v1/checkout", `{"item":"pack-100"}`)
		ana.refused(404, "not_sold", "POST", "/api/v1/checkout", `{"item":"pack\u0000","statement_accepted":true}`)
		ana.refused(422, "locale", "POST", "/api/v1/checkout", `{"item":"pack-100","statement_accepted":true,"locale":"xx"}`)
		placed := ana.want(201, "POST", "/api/v1/checkout", `{"item":"pack-100","quantity":2,"currency":"MXN","statement_accepted":true,"locale":"es"}`)
		if placed["amount"] != 53800.0 || placed["currency"] != "MXN" || !strings.HasPrefix(placed["provider_ref"].(string), "cs_") ||
			!strings.HasPrefix(placed["redirect_url"].(string), base+"/sandbox/pay/") {
			t.Errorf("the order is %v", placed)
		}
		path := "/api/v1/orders/" + placed["order_id"].(string)
		ana.refused(404, "not_found", "GET", path+"/invoice.pdf", "")
		o := must(db.Ask(t.Context(), g.d, func(tx *db.Tx) (order.Order, error) {
			return order.Find(t.Context(), tx, ana.account.ID, order.ID(placed["order_id"].(string)))
		}))(t)
		g.do(func(tx *db.Tx) error {
			return order.Settle(g.api.Desk)(t.Context(), tx, payment.Paid{Session: payment.Session{ID: o.Session, Intent: payment.Intent{Order: string(o.ID)}},
				Charge: payment.Charge{ID: "chg_1", Payment: "pi_1", Amount: o.Amount}})
		})
		if got := ana.want(200, "GET", path, ""); got["status"] != "paid" || got["statement"] == "" {
			t.Errorf("the paid order is %v", got)
		}
		w := ana.send("GET", path+"/invoice.pdf", "")
		if w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) || w.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("the invoice: %d %s", w.Code, w.Header())
		}
	})
}

func TestRefusalsAreProblems(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana := g.customer("ana@example.com", 1)
		image := ana.upload()
		ana.refused(404, "no_call", "GET", "/api/v1/nothing", "")
		ana.refused(404, "no_call", "GET", "/api/", "")
		ana.refused(405, "method", "PUT", "/api/v1/jobs", "{}")
		if w := ana.send("PATCH", "/api/v1/me", ""); w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("405 allows %q", w.Header().Get("Allow"))
		}
		if w := ana.send("OPTIONS", "/api/v1/images", ""); w.Code != 204 || w.Header().Get("Allow") != "DELETE, GET, HEAD, POST" {
			t.Errorf("OPTIONS: %d, allows %q", w.Code, w.Header().Get("Allow"))
		}
		if w := ana.send("HEAD", "/api/v1/images/"+image, ""); w.Code != 200 {
			t.Errorf("HEAD: %d", w.Code)
		}
		ana.refused(415, "media", "POST", "/api/v1/jobs", "image_id=1", "Content-Type", "application/x-www-form-urlencoded")
		ana.refused(400, "syntax", "POST", "/api/v1/jobs", `{"image_id":`)
		ana.refused(400, "syntax", "POST", "/api/v1/jobs", "")
		ana.refused(413, "too_large", "POST", "/api/v1/jobs", `{"prompt":"`+strings.Repeat("a", 1<<20)+`"}`)
		ana.refused(413, "too_large", "POST", "/api/v1/images/from-url", `{"url":"`+strings.Repeat("a", 1<<20)+`"}`)
		if p := ana.refused(422, "request", "POST", "/api/v1/jobs", `{"image_id":"x","operation":"melt","admin":true}`); true {
			fields, _ := p["fields"].(map[string]any)
			if fields["admin"] != "This field does not exist." || !strings.Contains(fields["operation"].(string), "upscale") {
				t.Errorf("the fields are %v", fields)
			}
		}
		if p := ana.refused(422, "request", "POST", "/api/v1/jobs", `{"image_id":"x"}`); p["fields"].(map[string]any)["operation"] != "This is required." {
			t.Errorf("a missing field: %v", p["fields"])
		}
		ana.refused(422, "request", "GET", "/api/v1/quote", "")
		ana.refused(422, "request", "GET", "/api/v1/jobs?limit=many", "")
		ana.refused(400, "form_text", "GET", "/api/v1/jobs?before=%00", "")
		ana.refused(422, "page", "GET", "/api/v1/jobs?before=job_1", "")
		ana.refused(415, "file_form", "POST", "/api/v1/images", "{}")
		body, media := form("photo", picture(t))
		ana.refused(422, "file", "POST", "/api/v1/images", body, "Content-Type", media)
		body, media = form("file", []byte("<svg/>"))
		ana.refused(415, "unsupported", "POST", "/api/v1/images", body, "Content-Type", media)
		body, media = form("file", make([]byte, 1_000_001))
		ana.refused(413, "too_large", "POST", "/api/v1/images", body, "Content-Type", media)
		ana.refused(402, "shortfall", "POST", "/api/v1/jobs", `{"image_id":"`+image+`","operation":"upscale","scale":4,"model":"quality"}`)
		ana.refused(400, "key_invalid", "POST", "/api/v1/jobs", wish(image), "Idempotency-Key", "a b")
		ana.refused(416, "range", "GET", "/api/v1/images/"+image+"/file", "", "Range", "bytes=99999999-")
		for _, address := range []string{"http://127.0.0.1/", "http://169.254.169.254/latest", "http://[::1]:8080/", "https://10.0.0.1/a.png", "file:///etc/passwd", "", "\x00"} {
			text, _ := json.Marshal(map[string]string{"url": address})
			if w := ana.send("POST", "/api/v1/images/from-url", string(text)); w.Code != 422 {
				t.Errorf("from %q: %d %s", address, w.Code, w.Body)
			}
		}
		status := 0
		for range fetchesAtOnce {
			w := ana.send("POST", "/api/v1/images/from-url", `{"url":"http://127.0.0.1/"}`)
			if status = w.Code; status == 429 && w.Header().Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
		}
		if status != 429 {
			t.Errorf("after many fetches: %d", status)
		}
	})
}

func TestAnUploadInPiecesBecomesAPicture(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana, mallory := g.customer("ana@example.com", 0), g.customer("mallory@example.com", 0)
		data := picture(t)
		tus := []string{"Tus-Resumable", "1.0.0", "Upload-Length", itoa(len(data)), "Upload-Metadata", "filename " + base64.StdEncoding.EncodeToString([]byte("a.png"))}
		w := ana.send("POST", "/api/v1/uploads", "", tus...)
		place, ok := strings.CutPrefix(w.Header().Get("Location"), base)
		if w.Code != 201 || !ok || !strings.HasPrefix(place, "/api/v1/uploads/upl_") {
			t.Fatalf("a new upload: %d %v %s", w.Code, w.Header(), w.Body)
		}
		patch := func(c *caller, from int, piece []byte) int {
			w = c.send("PATCH", place, string(piece), "Tus-Resumable", "1.0.0", "Upload-Offset", itoa(from), "Content-Type", "application/offset+octet-stream")
			return w.Code
		}
		if got := patch(mallory, 0, data); got != 404 || problemIn(t, "mallory's piece", w)["code"] != "no_upload" {
			t.Errorf("mallory's piece: %d", got)
		}
		if patch(ana, 0, data[:20]) != 204 || patch(ana, 5, data[20:]) != 409 {
			t.Errorf("a piece and a misplaced one: %d %s", w.Code, w.Body)
		}
		problemIn(t, "a misplaced piece", w)
		if patch(ana, 20, data[20:]) != 204 {
			t.Fatalf("the last piece: %d %s", w.Code, w.Body)
		}
		ana.want(200, "GET", "/api/v1/images/"+w.Header().Get("Safelight-Image"), "")
		problemIn(t, "another version", ana.send("POST", "/api/v1/uploads/", "", "Tus-Resumable", "9.0.0", "Upload-Length", "3"))
		problemIn(t, "a download", ana.send("GET", place, "", "Tus-Resumable", "1.0.0"))
		problemIn(t, "a strange id", ana.send("PATCH", "/api/v1/uploads/a\x00b", "x", "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"))
		if w := ana.send("POST", "/api/v1/uploads", "", "Tus-Resumable", "1.0.0", "Upload-Length", "1000001"); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("an upload over the limit: %d", w.Code)
		}
	})
}
