package sandbox

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v86"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
)

const (
	apiVersion = api.APIVersion
	maxBody    = 1 << 20
	keepKeys   = 24 * time.Hour // as long as the processor promises to
)

// apiError is the processor's error object.
type apiError struct {
	status  int
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
}

func (e *apiError) Error() string { return e.Message }

func invalid(param, code, message string) error {
	return &apiError{http.StatusBadRequest, "invalid_request_error", code, param, message}
}

func missing(id string) error {
	return &apiError{http.StatusNotFound, "invalid_request_error", "resource_missing", "id", "No such object: '" + id + "'"}
}

// call is a request to the API.
type call struct {
	method, path string
	ids          []string // the parts of the path that are ids
	form         url.Values
}

// An endpoint answers with an object, inside a transaction that can write for
// a POST and only read otherwise.
type endpoint func(s *Server, ctx context.Context, tx *db.Tx, c call) (any, error)

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	request := newID("req_")
	w.Header().Set("Request-Id", request)
	w.Header().Set("Stripe-Version", apiVersion)
	body, replayed, err := s.answer(w, r)
	status := http.StatusOK
	if err != nil {
		status, body = s.failure(r, request, err)
	}
	if replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is its own affair
	if r.Method == http.MethodPost && err == nil {
		s.nudge()
	}
}

// failure is the answer to a request that failed.
func (s *Server) failure(r *http.Request, request string, err error) (int, []byte) {
	var e *apiError
	if errors.Is(err, fault.NotFound) {
		err = missing(strings.TrimPrefix(r.URL.Path, "/v1/"))
	}
	if !errors.As(err, &e) {
		s.config.Log.ErrorContext(r.Context(), "sandbox: api", "request", request, "path", r.URL.Path, "error", err)
		e = &apiError{http.StatusInternalServerError, "api_error", "", "", "Something went wrong in the sandbox."}
	}
	body, err := json.Marshal(map[string]any{"error": e})
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	return e.status, body
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) (body []byte, replayed bool, err error) {
	if !s.authorised(r) {
		return nil, false, &apiError{http.StatusUnauthorized, "invalid_request_error", "", "", "Invalid API Key provided."}
	}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	if err := r.ParseForm(); err != nil {
		return nil, false, invalid("", "parameter_invalid", "The request's form cannot be read.")
	}
	c := call{method: r.Method, path: r.URL.Path, form: r.Form}
	do, ok := route(&c)
	if !ok {
		return nil, false, &apiError{http.StatusNotFound, "invalid_request_error", "", "",
			fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)}
	}
	if r.Method == http.MethodPost {
		return s.post(r.Context(), c, do, r.Header.Get("Idempotency-Key"))
	}
	body, err = db.Ask(r.Context(), s.d, func(tx *db.Tx) ([]byte, error) { return s.rendered(r.Context(), tx, c, do) })
	return body, false, err
}

func (s *Server) authorised(r *http.Request) bool {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if user, _, ok := r.BasicAuth(); ok {
		key = user
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) == 1
}

// post runs an endpoint under an idempotency key: the change and its answer
// are kept together or not at all.
func (s *Server) post(ctx context.Context, c call, do endpoint, key string) (body []byte, replayed bool, err error) {
	if len(key) > 255 {
		return nil, false, invalid("", "", "An idempotency key has at most 255 characters.")
	}
	if key == "" {
		key = "none:" + id.Secret()
	} else {
		key = "key:" + key
	}
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		body, replayed = nil, false // the closure may run again
		asked, kept, err := keepAnswer(ctx, tx, key, c.fingerprint(), tx.Now().Add(-keepKeys))
		if err != nil {
			return err
		}
		if asked != "" && asked != c.fingerprint() {
			return &apiError{http.StatusBadRequest, "idempotency_error", "", "",
				"Keys for idempotent requests can only be used with the same parameters they were first used with."}
		}
		if asked != "" {
			body, replayed = []byte(kept), true
			return nil
		}
		if body, err = s.rendered(ctx, tx, c, do); err != nil {
			return err
		}
		return setAnswer(ctx, tx, key, string(body))
	})
	return body, replayed, err
}

func (c call) fingerprint() string {
	sum := sha256.Sum256([]byte(c.method + " " + c.path + "?" + c.form.Encode()))
	return hex.EncodeToString(sum[:])
}

// rendered is the endpoint's answer with what was asked to be expanded.
func (s *Server) rendered(ctx context.Context, tx *db.Tx, c call, do endpoint) ([]byte, error) {
	o, err := do(s, ctx, tx, c)
	if err != nil {
		return nil, err
	}
	return expanded(ctx, tx, o, c.list("expand"))
}
