package obs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestALineWrittenInARequestCarriesItsID(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := NewLog(&out, Config{Format: format})
		log.With("slice", "lab").InfoContext(WithRequestID(t.Context(), "req_7"), "started")
		if !strings.Contains(out.String(), "req_7") {
			t.Errorf("%s: no id in %q", format, out.String())
		}
		out.Reset()
		log.DebugContext(t.Context(), "detail")
		if out.Len() != 0 {
			t.Errorf("%s: a debug line at level info: %q", format, out.String())
		}
	}
}

func TestALineCannotBeForged(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		NewLog(&out, Config{Format: format}).InfoContext(t.Context(), "request", "path", "/a\nlevel=ERROR msg=forged\r\n\x1b[2J")
		if n := strings.Count(out.String(), "\n"); n != 1 || strings.ContainsAny(out.String(), "\r\x1b") {
			t.Errorf("%s: a quoted value left its line: %q", format, out.String())
		}
	}
}

func TestMetricsStayOnTheMachine(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   error
	}{
		{Config{Metrics: "127.0.0.1:9090"}, nil},
		{Config{Metrics: "[::1]:9090"}, nil},
		{Config{Metrics: "localhost:9090"}, nil},
		{Config{Metrics: ":9090"}, ErrMetrics},
		{Config{Metrics: "0.0.0.0:9090"}, ErrMetrics},
		{Config{Metrics: "10.0.0.4:9090"}, ErrMetrics},
		{Config{Metrics: "10.0.0.4:9090", Public: true}, nil},
		{Config{Level: "loud"}, ErrLevel},
		{Config{Format: "xml"}, ErrFormat},
	} {
		if err := c.config.Validate(); !errors.Is(err, c.want) {
			t.Errorf("%+v gives %v, want %v", c.config, err, c.want)
		}
	}
}

func TestRequestsAreCountedByRouteNotByPath(t *testing.T) {
	m := NewMetrics()
	m.Started()("GET /jobs/{id}", "GET", 200, 12, 3*time.Millisecond)
	m.Started()("GET /jobs/{id}", "BREW", 405, 0, time.Millisecond)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	for _, want := range []string{
		`safelight_http_requests_total{method="GET",route="GET /jobs/{id}",status="200"} 1`,
		`safelight_http_requests_total{method="other",route="GET /jobs/{id}",status="405"} 1`,
		`safelight_http_in_flight 0`, `safelight_build_info{`, `go_goroutines`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the metrics do not say %s", want)
		}
	}
}

func TestMetricsAreOfferedUntilTheEnd(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- NewMetrics().Run(ctx, l) }()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+"/metrics", nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(body), "safelight_build_info") {
		t.Errorf("%.200s", body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
