package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/db/postgres"
	"safelight/internal/ledger"
)

const postgresClients = 32

//go:embed functions.sql
var functions string

// script is one pair, in two transactions.
const script = `\set n random(0, %d)
\set amount random(1, 8)
SELECT bench_hold((SELECT owner FROM bench_owner WHERE n = :n), :amount) AS hold \gset
SELECT bench_capture(:hold, :amount);
`

func onPostgres(ctx context.Context, o options) error {
	url, stop, err := dbtest.StartServer(ctx, true)
	if err != nil {
		return err
	}
	defer stop()
	pool := strings.Replace(url, "?", fmt.Sprintf("?pool_max_conns=%d&", postgresClients), 1)
	b, err := postgres.Open(ctx, pool)
	if err != nil {
		return err
	}
	d := db.New(b, clock.System{})
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	owners, err := ledger.BenchOwners(ctx, d, 16*postgresClients)
	if err != nil {
		return err
	}
	if err := prepare(ctx, url, owners); err != nil {
		return err
	}
	var ours, theirs, ratios []float64
	for round := range o.rounds + 1 { // the first warms up
		r, err := ledger.BenchOn(ctx, d, owners, postgresClients, time.Duration(o.seconds)*time.Second)
		if err != nil {
			return err
		}
		tps, err := pgbench(ctx, url, len(owners), o.seconds)
		if err != nil {
			return err
		}
		if round == 0 {
			continue
		}
		say("round %d: ledger %.0f pairs/s (p99 %.1f ms), pgbench %.0f pairs/s, ratio %.2f\n", round, r.PerSecond, r.P99, tps, r.PerSecond/tps)
		ours, theirs, ratios = append(ours, r.PerSecond), append(theirs, tps), append(ratios, r.PerSecond/tps)
	}
	if len(ratios) > 0 {
		say("postgresql, %d clients, median: ledger %.0f pairs/s, pgbench %.0f pairs/s, ratio %.2f\n",
			postgresClients, median(ours), median(theirs), median(ratios))
	}
	return verify(ctx, d) // the functions' rows too
}

// prepare makes the functions, and numbers the owners for pgbench.
func prepare(ctx context.Context, url string, owners []ledger.Owner) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, functions); err != nil {
		return err
	}
	rows := make([][]any, len(owners))
	for i, o := range owners {
		rows[i] = []any{int64(i), string(o)}
	}
	_, err = c.CopyFrom(ctx, pgx.Identifier{"bench_owner"}, []string{"n", "owner"}, pgx.CopyFromRows(rows))
	return err
}

var tpsLine = regexp.MustCompile(`tps = ([0-9.]+)`)

func pgbench(ctx context.Context, url string, owners, seconds int) (float64, error) {
	program, err := findPgbench()
	if err != nil {
		return 0, err
	}
	file, err := os.CreateTemp("", "pair-*.sql")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	if _, err := fmt.Fprintf(file, script, owners-1); err != nil {
		return 0, err
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	c := exec.CommandContext(ctx, program, "-n", "-M", "prepared", "-c", strconv.Itoa(postgresClients), "-j", "2",
		"-T", strconv.Itoa(seconds), "-f", file.Name(), url)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	found := tpsLine.FindSubmatch(out)
	if err != nil || found == nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, stderr.String())
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

func findPgbench() (string, error) {
	if p, err := exec.LookPath("pgbench"); err == nil {
		return p, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return "", errors.New("there is no pgbench: install Debian's postgresql")
	}
	return found[len(found)-1], nil
}
