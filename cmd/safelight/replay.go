package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"safelight/internal/clock"
	"safelight/internal/diff"
	"safelight/internal/edition"
	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/policy"
	"safelight/internal/refund"
	"safelight/internal/shop"
)

type policySampleCmd struct {
	Count int    `help:"How many." default:"1000"`
	Seed  uint64 `help:"Another number gives other cases." default:"1"`
}

// Run prints made-up cases, one a line.
func (c policySampleCmd) Run(s streams, set *settings) error {
	policies, err := readPolicies(s, set.Shop)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(s.out)
	for made := range policies[policy.Refund].Sample(c.Count, c.Seed) {
		data, err := made.MarshalJSON()
		if err != nil {
			return err
		}
		_, _ = out.Write(append(data, '\n'))
	}
	return out.Flush()
}

type policyReplayCmd struct {
	New   string `help:"The draft: a refund policy's Markdown file." required:"" placeholder:"FILE" type:"existingfile"`
	Since string `help:"Only decisions recorded since this day, 2026-02-20." placeholder:"DATE"`
	Cases string `help:"Cases that were never decided, one a line, instead of the recorded ones; - is the standard input." placeholder:"FILE"`
	Show  int    `help:"How many of the changed cases to list." default:"20"`
	JSON  bool   `help:"Print JSON." name:"json"`
}

// Run prints what the draft would change.
func (c policyReplayCmd) Run(ctx context.Context, s streams, set *settings) error {
	start := clock.System{}.Now()
	sh, err := readShop(set.Shop)
	if err != nil {
		return err
	}
	draft, doubts, err := policy.LoadDraft(sh, policy.Refund, c.New)
	if err != nil {
		return faults(s, c.New, err)
	}
	if doubts != nil {
		fmt.Fprintf(s.err, "The draft could not be published as it is:\n%v\n\n", doubts)
	}
	subjects, now, done, err := c.subjects(ctx, set, sh)
	if err != nil {
		return err
	}
	defer done()
	report, err := refund.Replay(ctx, subjects, now, draft, max(c.Show, 0))
	var bad *fact.Error
	if errors.As(err, &bad) {
		return plain{err}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(reportJSON(report))
	}
	return printReport(s.out, draft, report, clock.System{}.Now().Sub(start))
}

// subjects are the cases, and the policy that decided those that were never
// decided.
func (c policyReplayCmd) subjects(ctx context.Context, set *settings, sh *shop.Shop) (iter.Seq2[refund.Subject, error], *policy.Document, func(), error) {
	none := func() {}
	if c.Cases != "" {
		now, err := policy.Load(sh)
		if err != nil {
			return nil, nil, none, err
		}
		in, err := input(c.Cases)
		if err != nil {
			return nil, nil, none, err
		}
		return refund.Made(fact.Read(in)), now[policy.Refund], func() { _ = in.Close() }, nil
	}
	since := time.Time{}
	if c.Since != "" {
		var err error
		if since, err = time.Parse(time.DateOnly, c.Since); err != nil {
			return nil, nil, none, usage{fmt.Errorf("--since %q: a day, like 2026-02-20", c.Since)}
		}
	}
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return nil, nil, none, err
	}
	return refund.Stored(ctx, d, since), nil, closeDB, nil
}

// input opens a file; - is the standard input.
func input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage{err}
	}
	return f, nil
}

var outcomes = []policy.Outcome{policy.Grant, policy.Review, policy.Incomplete, policy.Deny}

func printReport(out io.Writer, draft *policy.Document, r *refund.Report, took time.Duration) error {
	p := i18n.For(i18n.English)
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "%s cases decided once more under %s %s, in %.1f s\n", p.Number(int64(r.Cases)), draft.Name, draft.Version, took.Seconds())
	if r.Cases == 0 {
		_, err := fmt.Fprintln(out, "There is nothing to compare with: record decisions with `policy decide --record`, or give cases with --cases.")
		return err
	}
	fmt.Fprintf(out, "%s have another outcome, %s another amount or remedy, %s the same answer by another clause\n\n",
		p.Number(int64(r.Flipped)), p.Number(int64(r.Otherwise)), p.Number(int64(r.Reworded)))
	fmt.Fprint(w, "before \\ after\t")
	for _, o := range outcomes {
		fmt.Fprintf(w, "%s\t", o)
	}
	fmt.Fprintln(w)
	for _, before := range outcomes {
		fmt.Fprintf(w, "%s\t", before)
		for _, after := range outcomes {
			fmt.Fprintf(w, "%s\t", p.Number(int64(r.Outcomes[[2]policy.Outcome{before, after}])))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\n\tbefore\tafter\tdifference\t\n")
	for _, c := range currencies(r) {
		m := r.Money[c]
		row := func(what string, before, after int64) {
			fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t\n", c, what, money.Of(before, c).Decimal(), money.Of(after, c).Decimal(), signed(money.Of(after-before, c)))
		}
		row("refunded", m.Granted, m.GrantedAfter)
		row("at most, if a person agrees", m.Possible, m.PossibleAfter)
	}
	fmt.Fprintf(w, "credits\t%d\t%d\t%+d\t\n", r.Credits, r.CreditsAfter, r.CreditsAfter-r.Credits)
	if err := w.Flush(); err != nil {
		return err
	}
	for i, c := range r.Changes {
		if i == 0 {
			fmt.Fprintf(out, "\nThe first %d changed cases:\n", len(r.Changes))
		}
		fmt.Fprintf(out, "%s  %s: %s → %s\n", c.ID, c.Ground, told(c.Before, c.Currency), told(c.After, c.Currency))
	}
	return nil
}

func currencies(r *refund.Report) (all []money.Currency) {
	for c := range r.Money {
		if c != "" {
			all = append(all, c)
		}
	}
	slices.Sort(all)
	return all
}

func signed(a money.Amount) string {
	if a.Minor > 0 {
		return "+" + a.Decimal()
	}
	return a.Decimal()
}

// told is a verdict in a few words: "grant refund 19.00 USD (3.1)".
func told(v refund.Verdict, c money.Currency) string {
	words := []string{string(v.Outcome)}
	for _, m := range v.Remedies {
		words = append(words, string(m))
	}
	if v.Amount > 0 {
		words = append(words, money.Of(v.Amount, c).String())
	}
	return strings.Join(words, " ") + " (" + strings.Join(v.Clauses, ", ") + ")"
}

type sumsJSON struct {
	Granted       string `json:"granted"`
	GrantedAfter  string `json:"granted_after"`
	Possible      string `json:"possible"`
	PossibleAfter string `json:"possible_after"`
}

type changeJSON struct {
	ID     string         `json:"id"`
	Ground string         `json:"ground"`
	Before refund.Verdict `json:"before"`
	After  refund.Verdict `json:"after"`
}

func reportJSON(r *refund.Report) any {
	flows := map[string]int{}
	for k, n := range r.Outcomes {
		flows[string(k[0])+">"+string(k[1])] = n
	}
	sums := map[money.Currency]sumsJSON{}
	for _, c := range currencies(r) {
		m := r.Money[c]
		decimal := func(n int64) string { return money.Of(n, c).Decimal() }
		sums[c] = sumsJSON{decimal(m.Granted), decimal(m.GrantedAfter), decimal(m.Possible), decimal(m.PossibleAfter)}
	}
	changes := []changeJSON{}
	for _, c := range r.Changes {
		changes = append(changes, changeJSON{c.ID, c.Ground, c.Before, c.After})
	}
	return map[string]any{"cases": r.Cases, "flipped": r.Flipped, "otherwise": r.Otherwise, "other_clause": r.Reworded, "outcomes": flows,
		"money": sums, "credits": r.Credits, "credits_after": r.CreditsAfter, "changes": changes}
}

type policyDiffCmd struct {
	Old      string `arg:"" help:"A published version, 2026-02-20, or a file."`
	New      string `arg:"" optional:"" help:"Another; without it, the text in the shop's folder."`
	Document string `help:"Which document." enum:"refund,privacy,terms" default:"refund"`
	Lang     string `help:"In which language." enum:"en,es,ru" default:"en"`
}

// Run prints the differences in words.
func (c policyDiffCmd) Run(ctx context.Context, s streams, set *settings) error {
	sh, err := readShop(set.Shop)
	if err != nil {
		return err
	}
	before, err := c.find(ctx, set, sh, c.Old)
	if err != nil {
		return err
	}
	after, err := c.find(ctx, set, sh, c.New)
	if err != nil {
		return err
	}
	p := i18n.For(i18n.Lang(c.Lang))
	changes := diff.Versions(before, after, p.Lang)
	for _, change := range changes {
		for _, line := range change.Words(p) {
			fmt.Fprintln(s.out, line)
		}
	}
	if len(changes) == 0 {
		fmt.Fprintf(s.out, "%s %s and %s say the same.\n", c.Document, before.Version, after.Version)
	}
	return nil
}

// find reads a document by what names it.
func (c policyDiffCmd) find(ctx context.Context, set *settings, sh *shop.Shop, name string) (*policy.Document, error) {
	if name == "" {
		all, err := policy.Load(sh)
		return all[c.Document], err
	}
	if _, err := time.Parse(time.DateOnly, name); err != nil {
		d, _, err := policy.LoadDraft(sh, c.Document, name)
		return d, err
	}
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return nil, err
	}
	defer closeDB()
	shelf, err := edition.Open(ctx, edition.Config{DB: d, Files: policyFiles(sh), Load: loader(sh), Log: set.logger(streams{io.Discard, io.Discard})})
	if err != nil {
		return nil, err
	}
	return shelf.Version(ctx, c.Document, name)
}
