package obs

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"

	"safelight/internal/fault"
)

// Config says how much is logged, how, and where metrics are offered.
type Config struct {
	Level   string // debug, info, warn or error; empty is info
	Format  string // text or json; empty is text
	Metrics string // address of the metrics, such as 127.0.0.1:9090; empty is nowhere
	Public  bool   // the metrics' address may be other than loopback
}

// The errors of a Config.
var (
	ErrLevel   = fault.New(fault.Invalid, "obs.level", "The log level is one of debug, info, warn and error.")
	ErrFormat  = fault.New(fault.Invalid, "obs.format", "The log format is text or json.")
	ErrMetrics = fault.New(fault.Invalid, "obs.metrics", "Metrics are offered on a loopback address unless they are declared public.")
)

// Validate reports a value that cannot be used, and its field.
func (c Config) Validate() error {
	if _, err := c.level(); err != nil {
		return ErrLevel.On("Level").Because(err)
	}
	switch c.Format {
	case "", "text", "json":
	default:
		return ErrFormat.On("Format")
	}
	if c.Metrics != "" && !c.Public && !loopback(c.Metrics) {
		return ErrMetrics.On("Metrics")
	}
	return nil
}

func (c Config) level() (l slog.Level, err error) {
	if c.Level == "" {
		return slog.LevelInfo, nil
	}
	return l, l.UnmarshalText([]byte(strings.ToUpper(c.Level)))
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewLog returns a log that writes to w as c says. C must be valid.
func NewLog(w io.Writer, c Config) *slog.Logger {
	level, _ := c.level()
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(tagged{slog.NewJSONHandler(w, options)})
	}
	return slog.New(tagged{slog.NewTextHandler(w, options)})
}

// tagged adds the request id of the context to each line.
type tagged struct{ slog.Handler }

func (h tagged) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h tagged) WithAttrs(a []slog.Attr) slog.Handler { return tagged{h.Handler.WithAttrs(a)} }

func (h tagged) WithGroup(name string) slog.Handler { return tagged{h.Handler.WithGroup(name)} }

type requestID struct{}

// WithRequestID returns a context whose log lines carry the id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestID{}).(string)
	return id
}
