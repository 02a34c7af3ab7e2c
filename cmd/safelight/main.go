package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who asks a second time does not want to wait
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// cli is the command line. Each setting is also a SAFELIGHT_ variable.
type cli struct {
	settings

	Serve   serveCmd   `cmd:"" help:"Serve the shop: website, API, webhooks and workers in one process."`
	Work    workCmd    `cmd:"" help:"Run workers alone, beside one or more serve processes."`
	Enhance enhanceCmd `cmd:"" help:"Enlarge or restore one picture, or a folder of them, without a shop."`
	User    struct {
		Create userCreateCmd `cmd:"" help:"Make a verified account."`
	} `cmd:"" help:"Accounts."`
	Policy policyCmd `cmd:"" help:"The published texts, and what they decide."`
	Ledger struct {
		Verify ledgerVerifyCmd `cmd:"" help:"Rebuild every balance and walk the hash chain."`
	} `cmd:"" help:"The books."`
	Bench struct {
		Engine benchEngineCmd `cmd:"" help:"Time the on-board engine."`
		Policy benchPolicyCmd `cmd:"" help:"Time decisions, and a replay of recorded ones."`
		Ledger benchLedgerCmd `cmd:"" help:"Time hold and capture on the database."`
	} `cmd:"" help:"Figures of this machine."`
	Config  configCmd  `cmd:"" help:"Print the settings in force, secrets hidden."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// streams are what a command writes to.
type streams struct{ out, err io.Writer }

// run is main without the process: for tests too.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	code := -1
	parser, err := kong.New(&c, kong.Name("safelight"), kong.Description("An AI photo lab that you run yourself."),
		kong.Writers(stdout, stderr), kong.UsageOnError(), kong.Exit(func(n int) { code = n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{stdout, stderr}), kong.Bind(&c.settings))
	if err != nil {
		fmt.Fprintln(stderr, "safelight:", err)
		return misuse
	}
	parsed, err := parser.Parse(args)
	switch {
	case code == done: // --help
		return done
	case err != nil || code > done:
		fmt.Fprintln(stderr, "safelight:", err)
		return misuse
	}
	if err := parsed.Run(); err != nil {
		return tell(stderr, err)
	}
	return done
}

// usage is an error of how the command was called.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// plain is what was wrong with the input, in a line that a program may read:
// nothing stands before it.
type plain struct{ error }

func (p plain) Unwrap() error { return p.error }

// tell writes the one line that says why.
func tell(stderr io.Writer, err error) int {
	var u usage
	var p plain
	var f *fault.Error
	if errors.As(err, &p) {
		fmt.Fprintln(stderr, p)
		return misuse
	}
	line := err.Error()
	if errors.As(err, &f) && f.Kind != fault.Internal {
		line = i18n.For(i18n.English).Error(err)
		if f.Field != "" {
			line = f.Field + ": " + line
		}
	}
	fmt.Fprintln(stderr, "safelight:", strings.ReplaceAll(line, "\n", "; "))
	if errors.As(err, &u) {
		return misuse
	}
	return failed
}
