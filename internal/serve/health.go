package serve

import (
	"context"
	"net/http"
	"time"
)

// A Check says whether something that the site needs works.
type Check struct {
	Name string
	Try  func(ctx context.Context) error
}

// Healthz says that the process lives.
func (s *Site) Healthz() http.Handler {
	return s.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		return JSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}

// Readyz says whether requests can be served: every check passes within two
// seconds and the process is not ending. What failed is named, and why is
// logged.
func (s *Site) Readyz(checks ...Check) http.Handler {
	return s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		failing := []string{}
		for _, c := range checks {
			if err := c.Try(ctx); err != nil {
				s.log.ErrorContext(r.Context(), "not ready", "check", c.Name, "error", err)
				failing = append(failing, c.Name)
			}
		}
		select {
		case <-Closing(r.Context()):
			failing = append(failing, "closing")
		default:
		}
		if len(failing) > 0 {
			return JSON(w, http.StatusServiceUnavailable, map[string]any{"status": "unavailable", "failing": failing})
		}
		return JSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}
