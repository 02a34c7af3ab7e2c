package api

import (
	"bytes"
	"encoding/json"
	"net/http"
)

//go:generate go test -run TestTheCommittedDescriptionIsTrue -update .

// Description is the OpenAPI 3.1 document, in JSON with lines.
func (a *API) Description() ([]byte, error) {
	text, err := a.huma.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// docs serves the description. The page for people is web's.
func (a *API) docs() {
	a.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		text, err := a.Description()
		if err != nil {
			panic(err) // a test makes it
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(text) // a client that left asks again
	})
}
