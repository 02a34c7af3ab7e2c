package api

import (
	"net/http"
)

// docs serves the description. The page for people is web's.
func (a *API) docs() {
	a.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		text, err := a.Description()
		if err != nil {
			panic(err) // the description is made at start and tested
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(text) // a client that left asks again
	})
}
