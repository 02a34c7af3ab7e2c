package obs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the program's own figures. Slices register theirs in Registry.
type Metrics struct {
	Registry *prometheus.Registry

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	written  *prometheus.CounterVec
	inFlight prometheus.Gauge
}

// NewMetrics returns metrics with those of the Go runtime, the process, the
// build and HTTP.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "safelight_http_requests_total", Help: "Requests answered, by route, method and status."},
			[]string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "safelight_http_request_seconds", Help: "Time from a request's headers to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}},
			[]string{"route"}),
		written: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "safelight_http_response_bytes_total", Help: "Bytes of answers' bodies, by route."},
			[]string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "safelight_http_in_flight", Help: "Requests under way."}),
	}
	m.Registry.MustRegister(m.requests, m.seconds, m.written, m.inFlight, build(),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Started counts a request as under way and returns what ends it. Route is
// the pattern that answered, never the path, so that the series stay few.
func (m *Metrics) Started() (ended func(route, method string, status int, bytes int64, took time.Duration)) {
	m.inFlight.Inc()
	return func(route, method string, status int, bytes int64, took time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(route, known(method), strconv.Itoa(status)).Inc()
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
		m.written.WithLabelValues(route).Add(float64(bytes))
	}
}

// known keeps a client from making a series per invented method.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// Handler offers the metrics in Prometheus's format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
}

// A Build says which program this is.
type Build struct {
	Version  string // of the module, or "(devel)"
	Revision string // of the source, with "+" when it was changed
	Go       string
}

// ReadBuild returns what the linker noted about this program.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Build{}
	}
	b := Build{Version: info.Main.Version, Go: info.GoVersion}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	b.Revision += changed
	return b
}

func build() prometheus.Collector {
	b := ReadBuild()
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "safelight_build_info", Help: "Always 1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go": b.Go}})
	g.Set(1)
	return g
}

// Run offers the metrics at /metrics on l until ctx ends.
func (m *Metrics) Run(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("obs: metrics: %w", err)
	}
	return nil
}
