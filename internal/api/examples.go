package api

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const (
	someone  = "acc_06exq3r8nwy2b4k0v7m1c9s5tg"
	original = "img_06exq3r8nwy2b4k0v7m1c9s5tg"
	result   = "img_06exq3t1a8z5m2h9d0k7w4c3y4"
	someJob  = "job_06exq3s4p6n0r2t8v5b1x7j9m8"
	someBuy  = "ord_06exq2k9d1f3h5j7n9q2s4v6x8"
	morning  = "2026-11-20T09:30:00Z"
)

// illustrate gives each call an example of what goes in and what comes out.
func (a *API) illustrate() {
	examples := examples()
	for _, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Delete} {
			if op != nil {
				illustrate(op, examples[op.OperationID])
			}
		}
	}
}

func illustrate(op *huma.Operation, e example) {
	if op.RequestBody != nil && e.in != nil {
		op.RequestBody.Content["application/json"].Example = e.in
	}
	for status, response := range op.Responses {
		response.Headers = headersOf(op, status)
		if media := response.Content["application/json"]; media != nil && e.out != nil {
			media.Example = e.out
		}
	}
	for _, p := range op.Parameters {
		if p.Name == "id" {
			p.Description, p.Example = "From the list or from the call that made it.", e.id
		}
		if v, ok := e.query[p.Name]; ok {
			p.Example = v
		}
	}
}

// headersOf describes the headers of an answer.
func headersOf(op *huma.Operation, status string) map[string]*huma.Param {
	text := &huma.Schema{Type: "string"}
	switch {
	case status == strconv.Itoa(http.StatusTooManyRequests):
		return map[string]*huma.Param{"Retry-After": {Description: "Seconds to wait.", Schema: &huma.Schema{Type: "integer"}}}
	case moves[op.Path] && op.Method == http.MethodPost && status < "300":
		return map[string]*huma.Param{"Idempotency-Replayed": {Description: "true: this answer was given before.", Schema: text}}
	}
	return nil
}

// An example shows one call.
type example struct {
	id    string
	query map[string]any
	in    any
	out   any
}

func examples() map[string]example {
	picture := Image{ID: original, Role: "original", Name: "harbour.jpg", Width: 1200, Height: 800, Bytes: 412_604, Format: "jpeg",
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", CreatedAt: morning, ExpiresAt: "2026-11-23T09:30:00Z"}
	queued := Job{ID: someJob, Status: "queued", Operation: "upscale", ImageID: original, Model: "quality", Engine: "onboard", Format: "jpeg",
		Cost: 2, CreatedAt: morning}
	done, ended, next := queued, "2026-11-20T09:30:41Z", 3
	done.Status, done.Progress, done.Charged, done.ResultImageID = "success", 100, 2, result
	done.ResultSHA256, done.StartedAt, done.EndedAt = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", &queued.CreatedAt, &ended
	waiting, cancelled := queued, queued
	waiting.QueuePosition = &next
	cancelled.Status, cancelled.EndedAt = "cancelled", &ended
	bought := Order{ID: someBuy, Number: "261120-4F7K2Q", Status: "paid", Item: "pack-100", Quantity: 1, Credits: 100, Bonus: 5, Amount: 1490,
		Currency: "USD", Payment: "pi_3Q1x", Statement: "I understand that …", Policy: "2026-02-20", CreatedAt: morning, PaidAt: &ended}
	return map[string]example{
		"me": {out: Me{ID: someone, UID: "SL-4F7K-2QXM", Email: "ana@example.com", Locale: "es", State: "active", CreatedAt: morning}},
		"credits": {out: Credits{Balance: 103, Held: 2, Lots: []Lot{{ID: "lot_06exq2m8c0e2g4j6m8p0r2t4w8", Kind: "paid", Remaining: 98,
			ExpiresAt: &ended}, {ID: "lot_06exq2m8c0e2g4j6m8p0r2t4wg", Kind: "bonus", Remaining: 5}}}},
		"upload-image": {out: picture},
		"fetch-image":  {in: Source{URL: "https://example.com/harbour.jpg"}, out: picture},
		"list-images":  {query: map[string]any{"limit": 20, "before": original}, out: Images{Images: []Image{picture}}},
		"get-image":    {id: original, out: picture}, "get-image-file": {id: result}, "delete-image": {id: original}, "delete-images": {},
		"quote": {query: map[string]any{"image_id": original, "operation": "upscale", "scale": 2},
			out: Quote{Cost: 2, Engine: "onboard", Model: "quality", Output: Size{2400, 1600}}},
		"start-job":  {in: Wish{ImageID: original, Operation: "upscale", Scale: 2, Model: "quality"}, out: queued},
		"list-jobs":  {query: map[string]any{"limit": 20, "before": someJob}, out: Jobs{Jobs: []Job{done, waiting}}},
		"get-job":    {id: someJob, out: done},
		"cancel-job": {id: someJob, out: cancelled},
		"checkout": {in: Checkout{Item: "pack-100", Quantity: 1, Currency: "USD", StatementAccepted: true, Locale: "en"},
			out: Placed{OrderID: someBuy, OrderNumber: "261120-4F7K2Q", ProviderRef: "cs_test_a1B2c3", Amount: 1490, Currency: "USD",
				RedirectURL: "https://checkout.stripe.com/c/pay/cs_test_a1B2c3"}},
		"list-orders": {query: map[string]any{"limit": 20, "before": someBuy}, out: Orders{Orders: []Order{bought}}},
		"get-order":   {id: someBuy, out: bought},
		"get-invoice": {id: someBuy},
		"preview-case": {query: map[string]any{"order_id": someBuy, "ground": "duplicate_charge"},
			out: Decision{Shop: "opendream", Policy: "refund", Version: "2026-02-20", Outcome: "deny", Remedies: []string{}, Clauses: []string{"3.1"},
				Steps: []Step{{Text: "Charged in all", Value: "$14.90"}}, Letter: "Dear customer, …"}},
	}
}
