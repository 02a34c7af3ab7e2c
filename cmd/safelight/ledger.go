package main

import (
	"cmp"
	"context"
	"fmt"

	"safelight/internal/ledger"
	"safelight/internal/obs"
)

type ledgerVerifyCmd struct{}

// Run prints the ledger's own report.
func (ledgerVerifyCmd) Run(ctx context.Context, s streams, set *settings) error {
	if err := set.existing(); err != nil {
		return err
	}
	d, closeDB, err := set.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	report, err := ledger.Verify(ctx, d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, report)
	return err
}

type versionCmd struct{}

// Run prints the version that the program was built from.
func (versionCmd) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "safelight", cmp.Or(obs.ReadBuild().Version, "unknown"))
	return err
}
