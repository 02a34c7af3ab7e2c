package serve

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"safelight/internal/obs"
)

func TestAnAddressThatIsNoTextIsRefused(t *testing.T) {
	s, err := New(Config{BaseURL: "http://localhost"}, slog.New(slog.DiscardHandler), obs.NewMetrics(), ProblemJSON)
	if err != nil {
		t.Fatal(err)
	}
	h := s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for path, want := range map[string]int{
		"/images/%00": 400, "/images/%ff/file": 400, "/lab?before=%00": 400, "/lab?before=a%ffb&x=1": 400, "/?a=%zz&b=%00": 400,
		"/images/%C3%91": 204, "/lab?before=%F0%9F%8C%85&x=100%25": 204, "/?a=%zz": 204, "/": 204,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
