package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"safelight/internal/db"
	"safelight/internal/explain"
	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
	"safelight/internal/refund"
	"safelight/internal/shop"
)

// policyCmd is everything about the published texts and what they decide.
type policyCmd struct {
	Check  policyCheckCmd  `cmd:"" help:"Prove what can be proved about the shop's policies."`
	Decide policyDecideCmd `cmd:"" help:"Decide cases: JSON in, JSON out."`
	Test   policyTestCmd   `cmd:"" help:"Run the worked examples that stand in the policies."`
	Render policyRenderCmd `cmd:"" help:"Write the pages as the site serves them."`
	Facts  policyFactsCmd  `cmd:"" help:"List the facts of a case with their types."`
	Sample policySampleCmd `cmd:"" help:"Make up cases that the rules can tell apart, for a replay or a trial."`
	Diff   policyDiffCmd   `cmd:"" help:"Tell in words what is different between two versions."`
	Replay policyReplayCmd `cmd:"" help:"Decide recorded cases once more under a draft, and tell what would change."`
	publishing
}

// faults prints what is wrong with a policy, a line each.
func faults(s streams, dir string, err error) error {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var f *policy.Fault
	if !errors.As(err, &f) {
		return err
	}
	for _, one := range all {
		if _, err := fmt.Fprintln(s.out, one); err != nil {
			return err
		}
	}
	if len(all) == 1 {
		return fmt.Errorf("the policies of %s have a fault", dir)
	}
	return fmt.Errorf("the policies of %s have %d faults", dir, len(all))
}

// readShop reads a shop's folder; from then on people read of its credits by
// the name that it gives them.
func readShop(dir string) (*shop.Shop, error) {
	sh, err := shop.Load(dir)
	if err != nil {
		return nil, err
	}
	return sh, i18n.CallCredits(sh.Unit)
}

// readPolicies reads a shop's policies, or prints what is wrong with them.
func readPolicies(s streams, dir string) (policy.Set, error) {
	sh, err := readShop(dir)
	if err != nil {
		return nil, err
	}
	policies, err := policy.Load(sh)
	if err != nil {
		return nil, faults(s, dir, err)
	}
	return policies, nil
}

type policyCheckCmd struct{}

// Run prints one line a fault, FILE:LINE: what is wrong.
func (policyCheckCmd) Run(s streams, set *settings) error {
	sh, err := readShop(set.Shop)
	if err != nil {
		return err
	}
	if err := policy.Check(sh, os.DirFS(filepath.Join(sh.Dir, "policy"))); err != nil {
		return faults(s, set.Shop, err)
	}
	return nil
}

type policyDecideCmd struct {
	Record bool   `help:"Keep each decision with its facts in the shop's database, for replay."`
	Facts  string `help:"A file with the facts, or - for the standard input: one JSON object, or several, one a line." required:"" placeholder:"FILE"`
	Lang   string `help:"The letters' language where the facts name none." enum:"en,es,ru," default:""`
}

// Run prints one decision a case. Facts that cannot be read end it, after the
// decisions before them.
func (c policyDecideCmd) Run(ctx context.Context, s streams, set *settings) error {
	policies, err := readPolicies(s, set.Shop)
	if err != nil {
		return err
	}
	in, err := input(c.Facts)
	if err != nil {
		return err
	}
	defer in.Close()
	keep, done, err := c.recorder(ctx, set)
	if err != nil {
		return err
	}
	defer done()
	out := bufio.NewWriter(s.out)
	some := make([]*fact.Case, 0, decideTogether)
	for facts, err := range fact.Read(in) {
		if err != nil {
			return errors.Join(c.answer(policies[policy.Refund], some, keep, out), keep(nil), out.Flush(), plain{err})
		}
		if some = append(some, facts); len(some) == decideTogether {
			if err := c.answer(policies[policy.Refund], some, keep, out); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return errors.Join(c.answer(policies[policy.Refund], some, keep, out), keep(nil), out.Flush())
}

// decideTogether is how many cases are shared out among the processors.
const decideTogether = 256

// answer writes the decisions of some cases in their order.
func (c policyDecideCmd) answer(d *policy.Document, some []*fact.Case, keep func(*policy.Decision) error, out io.Writer) error {
	decisions, texts, errs := make([]*policy.Decision, len(some)), make([]bytes.Buffer, len(some)), make([]error, len(some))
	next := atomic.Int64{}
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(some)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(some)); i = next.Add(1) - 1 {
				if some[i].Lang == nil && c.Lang != "" {
					some[i].Lang = &c.Lang
				}
				decisions[i] = d.Decide(some[i])
				write := json.NewEncoder(&texts[i])
				write.SetEscapeHTML(false)
				errs[i] = write.Encode(explain.Answer{Decision: decisions[i]})
			}
		})
	}
	all.Wait()
	for i := range some {
		_, err := texts[i].WriteTo(out)
		if err := errors.Join(errs[i], err, keep(decisions[i])); err != nil {
			return err
		}
	}
	return nil
}

// recordTogether is how many decisions are recorded in one transaction.
const recordTogether = 500

// recorder keeps decisions, some at a time; nil keeps the rest.
func (c policyDecideCmd) recorder(ctx context.Context, set *settings) (keep func(*policy.Decision) error, done func(), err error) {
	if !c.Record {
		return func(*policy.Decision) error { return nil }, func() {}, nil
	}
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return nil, nil, err
	}
	var some []*policy.Decision
	return func(one *policy.Decision) error {
		if one != nil {
			some = append(some, one)
		}
		if len(some) == 0 || one != nil && len(some) < recordTogether {
			return nil
		}
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for _, one := range some {
				if _, err := refund.Record(ctx, tx, one); err != nil {
					return err
				}
			}
			return nil
		})
		some = some[:0]
		return err
	}, closeDB, nil
}

type policyTestCmd struct{}

// Run prints one line an example.
func (policyTestCmd) Run(s streams, set *settings) error {
	policies, err := readPolicies(s, set.Shop)
	if err != nil {
		return err
	}
	n, failed := 0, 0
	for _, name := range policy.Names {
		d := policies[name]
		for _, e := range d.Examples() {
			verdict := "ok  "
			err := e.Check(d.Decide(e.Facts))
			if err != nil {
				verdict, failed = "FAIL", failed+1
			}
			n++
			fmt.Fprintf(s.out, "%s %s %s: %s\n", verdict, name, e.Clause, e.Title(d.Prevailing, d.Prevailing))
			if err != nil {
				fmt.Fprintf(s.out, "     %s\n", strings.ReplaceAll(err.Error(), "\n", "\n     "))
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d examples fail", failed, n)
	}
	_, err = fmt.Fprintf(s.out, "%d examples ok\n", n)
	return err
}

type policyFactsCmd struct{}

// Run prints the vocabulary of rules and of decide's input.
func (policyFactsCmd) Run(_ context.Context, s streams) error {
	for _, f := range fact.Fields {
		line := fmt.Sprintf("%-34s %s", f.Name, f.Type)
		if f.Choices != nil {
			line = fmt.Sprintf("%-34s one of %s", f.Name, strings.Join(f.Choices, ", "))
		}
		if _, err := fmt.Fprintln(s.out, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.out, "%-34s list of {id text, amount money, at time}\n%-34s list of {from time, to time, announced_at time}\n",
		"order.captured", "outage.maintenance")
	return err
}
