package main

import (
	"context"
	"fmt"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/edition"
	"safelight/internal/payment/sandbox"
	"safelight/internal/policy"
)

// publishing is the part of policyCmd about what is published.
type publishing struct {
	Publish  policyPublishCmd  `cmd:"" help:"Post the shop's policies as they stand in its folder."`
	Versions policyVersionsCmd `cmd:"" help:"List what was ever published."`
	Proofs   struct {
		Verify policyProofsVerifyCmd `cmd:"" help:"Compare every published text with its hash, and walk the chain of acceptances."`
	} `cmd:"" help:"Who accepted what."`
}

type policyPublishCmd struct {
	Material bool   `help:"The change matters: tell every active account by letter, and by a notice until it is dismissed."`
	Note     string `help:"What has changed, in a sentence or two, for the letter and the list of versions." placeholder:"TEXT"`
	By       string `help:"Who publishes." default:"command line" placeholder:"NAME"`
}

// Run prints one line a document. Serve and work processes follow within a
// second.
func (c policyPublishCmd) Run(ctx context.Context, s streams, set *settings) error {
	sh, err := readShop(set.Shop)
	if err != nil {
		return usage{err}
	}
	if err := policy.Check(sh, policyFiles(sh)); err != nil {
		return faults(s, set.Shop, err)
	}
	draft, err := edition.Read(policyFiles(sh), loader(sh))
	if err != nil {
		return faults(s, set.Shop, err)
	}
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	how := edition.How{Material: c.Material, Note: c.Note, By: c.By}
	all, err := db.Do(ctx, d, func(tx *db.Tx) ([]edition.Edition, error) { return edition.Publish(ctx, tx, draft, how) })
	if err != nil {
		return err
	}
	published := map[string]edition.Edition{}
	for _, e := range all {
		published[e.Name] = e
	}
	for _, name := range policy.Names {
		line := "as published before"
		if e, ok := published[name]; ok {
			line = "published, in force from " + e.InForce.Format(time.RFC3339)
		}
		fmt.Fprintf(s.out, "%s %s: %s\n", name, draft.Set[name].Version, line)
	}
	return nil
}

// openKept opens a database that is there, with the shop's clock: the one on
// the sandbox may have been moved forward.
func (s *settings) openKept(ctx context.Context) (*db.DB, func(), error) {
	if err := s.existing(); err != nil {
		return nil, nil, err
	}
	c := &clock.Shifted{}
	d, closeDB, err := s.openDatabaseAt(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	ahead, err := db.Ask(ctx, d, func(tx *db.Tx) (time.Duration, error) { return sandbox.LoadClock(ctx, tx) })
	if err != nil {
		closeDB()
		return nil, nil, err
	}
	c.SetOffset(ahead)
	return d, closeDB, nil
}

type policyVersionsCmd struct{}

// Run prints one line an edition, the newest of each document first.
func (policyVersionsCmd) Run(ctx context.Context, s streams, set *settings) error {
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	all, err := db.Ask(ctx, d, func(tx *db.Tx) ([]edition.Edition, error) { return edition.List(ctx, tx) })
	if err != nil {
		return err
	}
	for _, e := range all {
		weight := "small"
		if e.Material {
			weight = "material"
		}
		fmt.Fprintf(s.out, "%-8s %s  in force from %s  posted %s by %s  %-8s  %s  %s\n", e.Name, e.Version,
			e.InForce.Format(time.RFC3339), e.Published.Format(time.RFC3339), e.By, weight, e.Hash, e.Note)
	}
	return nil
}

type policyProofsVerifyCmd struct{}

// Run prints what was compared, or the first contradiction.
func (policyProofsVerifyCmd) Run(ctx context.Context, s streams, set *settings) error {
	d, closeDB, err := set.openKept(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	report, err := edition.Verify(ctx, d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, report)
	return err
}
