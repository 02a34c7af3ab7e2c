package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// Version of the API's description.
const Version = "1.0.0"

const introduction = `Upload photos, ask what an operation costs, have it done, and see each credit accounted for.

## A job from beginning to end
1. ` + "`POST /api/v1/images`" + ` with the file gives the picture's id.
2. ` + "`GET /api/v1/quote`" + ` says what the job would cost and how large the result would be.
3. ` + "`POST /api/v1/jobs`" + ` sets the credits aside and answers 202 with the job's id.
4. ` + "`GET /api/v1/jobs/{id}`" + ` until ` + "`status`" + ` is success, failed or cancelled. Once a second is plenty.
5. ` + "`GET /api/v1/images/{result_image_id}/file`" + ` is the result.

## Tokens
Each call takes ` + "`Authorization: Bearer TOKEN`" + `. Tokens are made on the account page. A browser that is signed in can call with its session instead.

## Errors
A refused call answers ` + "`application/problem+json`" + ` (RFC 9457). ` + "`code`" + ` is stable and for programs; ` + "`detail`" + ` is a sentence for people in the
language of the account; ` + "`fields`" + ` has a sentence for each input that is wrong. What is not yours is 404, as what does not exist is.
With 429 and some 503 comes ` + "`Retry-After`" + `, in seconds.

## Doing things once
The calls that move credits or money take an ` + "`Idempotency-Key`" + `: 1 to 255 visible ASCII characters of your choice, such as a UUID. For 48 hours the
same key with the same body gives the same answer, with ` + "`Idempotency-Replayed: true`" + `, and nothing is done a second time. The same key with another
body is 422 ` + "`key_reused`" + `; while the first request is still being worked on it is 409 ` + "`key_in_flight`" + `: wait a moment and send it again. Where
nothing was begun (400, 401, 402, 409, 413, 415, 422, 429, 503) the key stays free.

## Resumable uploads
` + "`/api/v1/uploads`" + ` speaks tus 1.0.0 (https://tus.io) with creation, creation-with-upload and termination, for large files on weak links:
` + "`POST`" + ` with ` + "`Upload-Length`" + ` and ` + "`Upload-Metadata: filename BASE64`" + ` answers 201 with ` + "`Location`" + `; ` + "`PATCH`" + ` sends the bytes
from ` + "`Upload-Offset`" + `; ` + "`HEAD`" + ` says how far it is; ` + "`DELETE`" + ` gives it up. The answer to the last ` + "`PATCH`" + ` names the picture in the
header ` + "`Safelight-Image`" + `. An unfinished upload is kept for a day.

## Values
Amounts of money are integers in the currency's smallest unit, credits are integers, times are RFC 3339 in UTC. Lists are newest first: for the page
after, send the last id of this one as ` + "`before`" + `. A field that is not described here is refused.`

// description is all of it but the calls.
func description() huma.Config {
	config := huma.DefaultConfig("Safelight", Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Info.Description = introduction
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An API token from the account page."}}
	config.Security = []map[string][]string{{"token": {}}}
	config.Servers = []*huma.Server{{URL: "/", Description: "The shop that serves this description."}}
	config.Tags = []*huma.Tag{
		{Name: "Account", Description: "Who calls, and what they have to spend."},
		{Name: "Images", Description: "Pictures: uploaded and made."},
		{Name: "Jobs", Description: "Work on pictures, for credits."},
		{Name: "Orders", Description: "Credits for money."},
		{Name: "Cases", Description: "What the refund policy says of an order."},
	}
	return config
}

// everywhere are the refusals that each call can answer with.
var everywhere = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}

// refusalsOf describes them for a call that huma does not register.
func (a *API) refusalsOf(op *huma.Operation) {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, status := range append(op.Errors, everywhere...) {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
}

func onceHeader() []*huma.Param {
	longest, shortest := 255, 1
	return []*huma.Param{{Name: "Idempotency-Key", In: "header",
		Schema:      &huma.Schema{Type: "string", MinLength: &shortest, MaxLength: &longest, Pattern: "^[!-~]+$"},
		Description: "The same key and body give the same answer for 48 hours, and nothing is done twice.", Example: "7f3b1c1e-order-42"}}
}

func idParam() *huma.Param {
	return &huma.Param{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
}

// file describes an answer that is a file.
func file(mediaType string) map[string]*huma.Response {
	return map[string]*huma.Response{
		"200": {Description: "The file", Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}},
	}
}
