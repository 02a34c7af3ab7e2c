package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const preset = "../../shops/opendream"

// Whatever keeps a command from its work is told in one line, with the code
// that the contract gives.
func TestWhatCannotBeDoneIsToldInOneLine(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	broken := t.TempDir()
	for name, text := range map[string]string{file: "", filepath.Join(broken, "shop.yaml"): "name: [\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no such command":            {misuse, "nonsense", []string{"nonsense"}},
		"no command":                 {misuse, "expected one of", nil},
		"an address that is none":    {misuse, "SAFELIGHT_ADDR", []string{"serve", "--addr", "nonsense"}},
		"two wrong settings":         {misuse, "SAFELIGHT_MEMORY_MB", []string{"serve", "--renders", "0", "--memory-mb", "1"}},
		"a port that is taken":       {failed, "SAFELIGHT_ADDR", []string{"serve", "--addr", taken.Addr().String()}},
		"a shop that is not there":   {misuse, "nowhere", []string{"serve", "--addr", "127.0.0.1:0", "--shop", "nowhere"}},
		"a shop that is faulty":      {misuse, "shop.yaml", []string{"serve", "--addr", "127.0.0.1:0", "--shop", broken}},
		"a data folder that is none": {failed, "sqlite", []string{"serve", "--addr", "127.0.0.1:0", "--data", file}},
		"storage that is none":       {misuse, "SAFELIGHT_BLOBS", []string{"serve", "--addr", "127.0.0.1:0", "--blobs", "ftp://x"}},
		"a database that is none":    {misuse, "SAFELIGHT_DATABASE", []string{"serve", "--addr", "127.0.0.1:0", "--database", "mysql://x"}},
		"a database that is away": {failed, "postgres", []string{"serve", "--addr", "127.0.0.1:0",
			"--database", "postgres://nobody@" + unheard(t) + "/x?sslmode=disable&connect_timeout=2"}},
		"a key on the sandbox": {misuse, "SAFELIGHT_STRIPE_KEY", []string{"serve", "--addr", "127.0.0.1:0",
			"--stripe-key", "sk_test_1", "--stripe-webhook", "whsec_1"}},
		"workers of nothing":      {misuse, "SAFELIGHT_DATABASE", []string{"work"}},
		"books that are nowhere":  {failed, "no database", []string{"ledger", "verify", "--data", filepath.Join(t.TempDir(), "typo")}},
		"an account for no one":   {failed, "email", []string{"user", "create", "--email", "nobody"}},
		"a picture that is away":  {misuse, "nowhere.jpg", []string{"enhance", "nowhere.jpg", "out.png"}},
		"a scale that is unknown": {misuse, "--scale", []string{"enhance", "--scale", "7", "in.jpg", "out.png"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, said strings.Builder
			args := append([]string{"--shop", preset, "--data", t.TempDir()}, c.args...)
			if code := run(t.Context(), args, &out, &said); code != c.code {
				t.Errorf("code %d, want %d", code, c.code)
			}
			if s := said.String(); strings.Count(s, "\n") != 1 || !strings.HasPrefix(s, "safelight: ") || !strings.Contains(s, c.says) {
				t.Errorf("said %q, want one line with %q", s, c.says)
			}
		})
	}
}

// unheard is an address where nobody listens any more.
func unheard(t *testing.T) string {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.(*net.TCPListener).SetDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}
