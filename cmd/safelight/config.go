package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"safelight/internal/blob"
	"safelight/internal/blob/disk"
	"safelight/internal/blob/s3"
	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/postgres"
	"safelight/internal/db/sqlite"
	"safelight/internal/engine/onboard"
	"safelight/internal/obs"
	"safelight/internal/queue"
)

// settings are what every command can be told, by flag or by variable.
type settings struct {
	Shop     string `help:"The shop's folder." default:"shops/opendream" env:"SAFELIGHT_SHOP" placeholder:"DIR"`
	Data     string `help:"Folder for the database and the images of a single machine." default:"data" env:"SAFELIGHT_DATA" placeholder:"DIR"`
	Database string `help:"postgres://… for many machines; empty is SQLite in the data folder." env:"SAFELIGHT_DATABASE" secret:"password"`
	Blobs    string `help:"s3://bucket/prefix?endpoint=… for many machines; empty is the data folder." env:"SAFELIGHT_BLOBS"`
	LogJSON  bool   `help:"Log in JSON." env:"SAFELIGHT_LOG_JSON" name:"log-json"`
	Debug    bool   `help:"Log more." env:"SAFELIGHT_DEBUG"`
}

// siteSettings are what serve can be told besides.
type siteSettings struct {
	Addr           string   `help:"Where to listen." default:"127.0.0.1:8080" env:"SAFELIGHT_ADDR"`
	URL            string   `help:"The public address; empty is http:// and where it listens." env:"SAFELIGHT_URL"`
	Plain          bool     `help:"Allow a public address that is not https." env:"SAFELIGHT_PLAIN"`
	TrustedProxies []string `help:"Addresses or networks of proxies whose X-Forwarded-For is believed." env:"SAFELIGHT_TRUSTED_PROXIES"`
	MetricsAddr    string   `help:"Where to serve metrics; empty serves none." env:"SAFELIGHT_METRICS_ADDR"`
	SandboxToken   string   `help:"Lets the sandbox's controls be used from another machine." env:"SAFELIGHT_SANDBOX_TOKEN" secret:"all"`
}

// workSettings are what a process with workers can be told besides.
type workSettings struct {
	Renders       int    `help:"How many pictures to process at a time." default:"1" env:"SAFELIGHT_RENDERS"`
	Threads       int    `help:"Processor cores for the engine; 0 means all." default:"0" env:"SAFELIGHT_THREADS"`
	SIMD          string `help:"Kernels of the engine: avx512, avx2 or scalar; empty is the best there is." env:"SAFELIGHT_SIMD" name:"simd"`
	MemoryMB      int    `help:"Memory for decoding pictures, in MB." default:"2048" env:"SAFELIGHT_MEMORY_MB" name:"memory-mb"`
	StripeKey     string `help:"The processor's secret key; without it the shop is on the sandbox." env:"SAFELIGHT_STRIPE_KEY" secret:"all"`
	StripeWebhook string `help:"The secret that signs the processor's webhooks." env:"SAFELIGHT_STRIPE_WEBHOOK_SECRET" secret:"all"`
	SMTP          string `help:"smtp://user:password@host:587?from=shop@example.com; empty keeps mail in the sandbox's mailbox." env:"SAFELIGHT_SMTP" name:"smtp" secret:"password"`
}

// serveSettings are what serve alone can be told.
type serveSettings struct {
	NoWorkers bool `help:"Leave the jobs to work processes." env:"SAFELIGHT_NO_WORKERS"`
}

// Validate names every wrong value.
func (s siteSettings) Validate() error {
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return usage{fmt.Errorf("SAFELIGHT_ADDR %q: a host and a port, like 127.0.0.1:8080", s.Addr)}
	}
	return nil
}

// baseURL is the public address without a slash at the end.
func (s siteSettings) baseURL(listening net.Addr) string {
	if s.URL != "" {
		return strings.TrimSuffix(s.URL, "/")
	}
	host, _, _ := net.SplitHostPort(s.Addr)
	_, port, _ := net.SplitHostPort(listening.String())
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Validate names every wrong value.
func (w workSettings) Validate() error {
	var errs []error
	if w.Renders < 1 {
		errs = append(errs, errors.New("SAFELIGHT_RENDERS: 1 or more"))
	}
	if w.Threads < 0 {
		errs = append(errs, errors.New("SAFELIGHT_THREADS: 0 or more"))
	}
	if (onboard.Config{SIMD: w.SIMD}).Validate() != nil {
		errs = append(errs, fmt.Errorf("SAFELIGHT_SIMD: this processor cannot run %q", w.SIMD))
	}
	if w.MemoryMB < 256 {
		errs = append(errs, errors.New("SAFELIGHT_MEMORY_MB: 256 or more"))
	}
	if (w.StripeKey == "") != (w.StripeWebhook == "") {
		errs = append(errs, errors.New("SAFELIGHT_STRIPE_KEY and SAFELIGHT_STRIPE_WEBHOOK_SECRET go together"))
	}
	if err := errors.Join(errs...); err != nil {
		return usage{err}
	}
	return nil
}

func (s *settings) logger(w streams) *slog.Logger {
	c := obs.Config{}
	if s.Debug {
		c.Level = "debug"
	}
	if s.LogJSON {
		c.Format = "json"
	}
	return obs.NewLog(w.err, c)
}

// openDatabase opens and migrates the database with the machine's clock.
func (s *settings) openDatabase(ctx context.Context) (*db.DB, func(), error) {
	return s.openDatabaseAt(ctx, clock.System{})
}

func (s *settings) openDatabaseAt(ctx context.Context, c clock.Clock) (*db.DB, func(), error) {
	b, err := s.backend(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := db.New(b, c)
	if err := errors.Join(d.Migrate(ctx), queue.Migrate(ctx, d)); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return d, func() { _ = d.Close() }, nil
}

func (s *settings) backend(ctx context.Context) (db.Backend, error) {
	switch {
	case s.Database == "":
		return sqlite.Open(ctx, filepath.Join(s.Data, "safelight.db"))
	case strings.HasPrefix(s.Database, "postgres://"), strings.HasPrefix(s.Database, "postgresql://"):
		return postgres.Open(ctx, s.Database)
	case strings.HasPrefix(s.Database, "sqlite:"):
		return sqlite.Open(ctx, strings.TrimPrefix(s.Database, "sqlite:"))
	}
	return nil, usage{errors.New("SAFELIGHT_DATABASE: postgres://…, sqlite:FILE, or nothing")}
}

// existing refuses a SQLite database that is not there, for commands that
// judge what is: an empty one, made for a mistyped folder, would be in order.
func (s *settings) existing() error {
	file := filepath.Join(s.Data, "safelight.db")
	if s.Database != "" {
		var ok bool
		if file, ok = strings.CutPrefix(s.Database, "sqlite:"); !ok {
			return nil
		}
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("there is no database: %w", err)
	}
	return nil
}

// openSpool gives the folder for files on their way: beside the images, since
// the system's may be memory; the system's where images are elsewhere.
func (s *settings) openSpool() (string, error) {
	if s.Blobs != "" {
		return "", nil
	}
	dir := filepath.Join(s.Data, "tmp")
	return dir, os.MkdirAll(dir, 0o700)
}

func (s *settings) openBlobs(ctx context.Context) (blob.Store, error) {
	switch {
	case s.Blobs == "":
		return disk.Open(filepath.Join(s.Data, "images"))
	case strings.HasPrefix(s.Blobs, "s3://"):
		return s3.Open(ctx, s.Blobs)
	}
	return nil, usage{errors.New("SAFELIGHT_BLOBS: s3://bucket/prefix?endpoint=…, or nothing")}
}

type configCmd struct {
	siteSettings
	workSettings
	serveSettings
}

// Run prints each setting as its variable.
func (c *configCmd) Run(s streams, set *settings) error { //nolint:unparam // the command line asks for an error
	for _, group := range []any{*set, c.siteSettings, c.workSettings, c.serveSettings} {
		v := reflect.ValueOf(group)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			fmt.Fprintf(s.out, "%s=%s\n", f.Tag.Get("env"), shown(f.Tag.Get("secret"), fmt.Sprint(v.Field(i).Interface())))
		}
	}
	return nil
}
